"""`sortopt landscape`: tables, the JSON record, the chart, limits, and faults in one line."""

import json
import xml.etree.ElementTree as ET

import pytest

import sortopt
from sortopt.base import ExitCode
from sortopt.cli.app import run

QUICK = ("landscape", "--n", "2", "--slack", "1", "--drawn", "20", "--runs", "4")


@pytest.fixture
def command(capsys):
    def call(*arguments):
        status = run([str(a) for a in arguments])
        return status, *capsys.readouterr()

    return call


def without_seconds(record):
    return {key: value for key, value in record.items() if key != "seconds"}


def test_every_kernel_of_two_keys_is_counted_and_what_edits_make_of_them_is_said(command):
    status, out, _ = command(*QUICK)
    assert status == ExitCode.DONE
    assert "4 instructions: 8 kernels, 6 up to the sequence of independent instructions" in out
    assert "joined by single edits into 2 parts: 4, 4, at most 3 edits across" in out
    assert "  5       280      all" in out
    assert "random programs" in out


def test_the_file_the_object_and_the_value_in_python_say_the_same(command, tmp_path):
    path, chart = tmp_path / "two.json", tmp_path / "two.svg"
    assert command(*QUICK, "-o", path, "--svg", chart)[0] == ExitCode.DONE
    record = without_seconds(json.loads(path.read_text()))
    assert record == without_seconds(json.loads(command(*QUICK, "--json", "--threads", 1)[1]))
    found = sortopt.landscape(2, slack=1, drawn=20, runs=4)
    assert [level.count for level in found.levels] == [level["count"] for level in record["levels"]]
    assert str(found).startswith(f"model: {record['model']}")
    panels = ET.fromstring(chart.read_text()).iterfind("{*}text[@class='h']")
    assert len(list(panels)) == 3


def test_islands_have_a_dot_a_class_and_a_line_a_pair_of_neighbours(command, tmp_path):
    path = tmp_path / "islands.svg"
    record = json.loads(command(*QUICK, "--islands", path, "--json")[1])
    picture, level = ET.fromstring(path.read_text()), record["levels"][0]
    assert len(picture.findall("{*}circle")) == level["orders"] == 6
    assert len(picture.findall("{*}line")) == len(level["parts"]["edges"])
    assert picture.find("{*}title").text == "6 classes of shortest kernels on 2 islands"


def test_without_all_shortest_kernels_there_are_no_islands(command, tmp_path):
    path = tmp_path / "islands.svg"
    _, _, err = command(*QUICK, "--islands", path, "--time-limit", "1e-9")
    assert "nothing to draw" in err
    assert not path.exists()


def test_what_is_drawn_follows_the_seed(command):
    records = [json.loads(command(*QUICK, "--json", "--seed", seed)[1]) for seed in (0, 0, 1)]
    one, same, other = (record["failing"] for record in records)
    assert one == same != other
    assert one[0] == other[0]  # single edits of all kernels: nothing is drawn


def test_out_of_time_what_is_known_is_printed(command):
    status, out, _ = command(*QUICK, "--time-limit", "1e-9")
    assert status == ExitCode.UNKNOWN
    assert "stopped: the time limit" in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--n", "5"), "5 is not in the range 2<=x<=4"),
        (("--n", "2", "--conditions", "l,x"), "unknown condition 'x'"),
        (("--n", "2", "--isa", "aarch64"), "have three operands"),
        (("--n", "2", "--slak", "1"), "did you mean --slack?"),
    ],
)
def test_what_cannot_be_explored_is_named(command, options, said):
    status, out, err = command("landscape", *options)
    assert (status, out) == (ExitCode.BAD_INPUT, "")
    assert said in err
    assert err.count("\n") <= 2
