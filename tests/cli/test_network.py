"""`sortopt network`: what it prints, and its exit status."""

import json

import places
import pytest

from sortopt.cli.app import run
from sortopt.formats import parse
from sortopt.model.rung import Rung
from sortopt.model.verdict import Proved
from sortopt.networks import best, zero_one
from sortopt.networks.lowering import lower
from sortopt.targets import ISAS
from sortopt.verify import verify

GOLDEN = places.GOLDEN / "network"
MEDIAN = ("--goal", "median")


@pytest.fixture
def network(capsys, tmp_path):
    """Run `sortopt network` on a file that holds `text`; return status, stdout and stderr."""

    def call(*arguments, text=None):
        if text is not None:
            path = tmp_path / "net.txt"
            path.write_text(text)
            arguments = (str(path), *arguments)
        status = run(["network", *arguments])
        captured = capsys.readouterr()
        return status, captured.out.replace(f"{tmp_path}/", ""), captured.err

    return call


def test_a_network_that_sorts_is_described_and_drawn(network):
    status, out, err = network(text="0:2, 0:1, 1:2")
    assert (status, err) == (0, "")
    assert out == (GOLDEN / "sorts.txt").read_text()


def test_a_network_that_does_not_sort_is_refuted_with_an_input(network):
    status, out, err = network(text="0:2, 0:1, 0:1")
    assert (status, err) == (1, "")
    assert out == (GOLDEN / "does-not-sort.txt").read_text()


def test_what_takes_too_many_sequences_is_unknown(network, monkeypatch):
    monkeypatch.setattr(zero_one, "MOST_SEQUENCES", 10)
    status, out, _ = network("--best", "6")
    assert status == 3
    assert "unknown whether it sorts: more than 10 sequences of 0 and 1 would have to be" in out


def test_what_takes_too_long_is_unknown(network):
    status, out, _ = network("--best", "6", "--time-limit", "1e-9")
    assert status == 3
    assert "unknown whether it sorts: the time limit of 1e-09 s is reached" in out


def test_a_median_network_is_checked_and_lowered_as_one(network):
    median = "0:1, 3:4, 0:3, 1:4, 1:2, 2:3, 1:2"
    status, out, err = network("--goal", "median", text=median)
    assert (status, err) == (0, "")
    assert out == (GOLDEN / "median.txt").read_text()
    kernel = parse(network("--goal", "median", "--lower", "--isa", "riscv", text=median)[1]).kernel
    assert len(kernel) == 10
    assert verify(kernel).verdict == Proved()
    stored = network("--goal", "median", "--lower", "--in-memory", text=median)[1]
    assert verify(parse(stored).kernel).verdict == Proved()
    assert network("--goal", "median", "--lower", text="0:1, 1:2")[0] == 1


def test_the_best_network_for_a_goal_is_one_for_it_where_it_is_known(network):
    assert "best network known by size: 9 channels, 19" in network("--best", "9", *MEDIAN)[1]
    assert "outputs depend on: 30" in network("--best", "9", *MEDIAN)[1]
    assert "best sorting network known by size: 6" in network("--best", "6", *MEDIAN)[1]
    status, _, err = network("--best", "25", *MEDIAN, "--lower")
    assert status == 2
    assert err.startswith("error: the network has 25 channels; a kernel may have 16 keys; write")


def test_a_goal_that_is_not_served_is_refuted_with_an_input(network):
    status, out, _ = network("--goal", "smallest:2", text="0:1, 1:2")
    assert status == 1
    assert "does not serve the goal smallest:2: input 1 1 0 comes out as 1 0 on channels 0 1" in out
    status, _, err = network("--goal", "kth:5", text="0:1, 1:2")
    assert (status, err) == (2, "error: goal kth:5 asks for key 5 of 3; use 1 to 3\n")


def test_a_merge_is_checked_on_runs_that_ascend(network):
    status, out, _ = network("--goal", "merge:2,2", text="0:2, 1:3, 1:2")
    assert status == 0
    assert "channels 0 1 2 3: all 9 inputs of 0 and 1 come out right" in out


def test_json_is_one_object(network):
    status, out, _ = network("--best", "4", "--lower", "--json")
    record = json.loads(out)
    assert status == 0
    assert [record[key] for key in ("channels", "size", "depth", "verdict")] == [4, 5, 3, "proved"]
    assert len(parse(record["asm"]).kernel) == 20
    failing = json.loads(network("--json", text="0:2, 0:1")[1])
    assert failing["verdict"] == "refuted"
    assert failing["counterexample"]["inputs"] == [0, 1, 0]


@pytest.mark.parametrize("isa", ["x86-cmov", "x86-minmax"])
@pytest.mark.parametrize("sign", [(), ("--unsigned",), ("--key", "uint32")])
def test_a_lowered_network_is_a_kernel_file_that_proves(network, isa, sign):
    status, out, _ = network("--best", "3", "--lower", "--isa", isa, *sign)
    assert status == 0
    assert verify(parse(out).kernel).verdict.name == "proved"


def test_a_network_lowered_for_numbers_keeps_each_nan_too(network):
    status, out, _ = network("--best", "3", "--lower", "--key", "float64")
    kernel = parse(out).kernel
    assert (status, kernel.isa.name, kernel.bits) == (0, "x86-float", 64)
    assert verify(kernel.keeping(Rung.SAFE)).verdict.name == "proved"


@pytest.mark.parametrize("isa", ["x86-cmov", "x86-minmax"])
def test_a_network_lowered_in_memory_is_a_kernel_of_a_buffer_that_proves(network, isa):
    status, out, _ = network("--best", "3", "--lower", "--in-memory", "--isa", isa)
    assert status == 0
    kernel = parse(out).kernel
    assert len(kernel) == len(lower(best(3), ISAS[isa])) + 6
    assert verify(kernel).verdict == Proved()


def test_a_network_that_does_not_sort_is_not_lowered(network):
    status, out, err = network("--lower", text="0:2, 0:1")
    assert (status, out) == (1, "")
    assert err.startswith("does not sort: input 0 1 0")


def test_sixteen_keys_are_lowered_in_every_dialect(network):
    texts = [
        network("--best", "16", "--lower", "--dialect", name) for name in ("intel", "att", "cgo")
    ]
    assert [status for status, _, _ in texts] == [0, 0, 0]
    kernels = [parse(out).kernel for _, out, _ in texts]
    assert len(kernels[0]) == 240
    assert kernels[0] == kernels[1] == kernels[2]
    needing = [f"{mark} needs Intel APX: registers r16 to r31\n" in out
               for mark, (_, out, _) in zip(";#", texts, strict=False)]  # fmt: skip
    assert needing == [True, True]
    assert "APX" not in network("--best", "14", "--lower")[1]


def test_what_a_dialect_has_no_registers_for_is_refused(network):
    status, out, err = network("--best", "16", "--lower", "--isa", "x86-minmax")
    assert (status, out) == (2, "")
    assert "17 cells, but x86-minmax has 16 registers" in err
    assert "use cgo" in err


@pytest.mark.parametrize("form", ["json", "list", "pairs", "diagram", "svg"])
def test_to_prints_the_network_and_nothing_else(network, form):
    assert network("--best", "6", "--to", form)[:2] == (
        0,
        (GOLDEN / f"best-6.{form}").read_text(),
    )


def test_a_file_holds_what_else_is_printed(network, tmp_path):
    path = tmp_path / "out.asm"
    printed = network("--best", "3", "--lower")[1]
    status, out, err = network("--best", "3", "--lower", "-o", str(path))
    assert (status, out) == (0, "")
    said = err.splitlines()
    assert said[0].startswith("sorts: all 8 inputs")
    assert said[1:] == [f"wrote {path}"]
    assert path.read_text() == printed
    assert network("--best", "3", "--lower", "-o", str(path))[0] == 2
    assert network("--best", "3", "--to", "svg", "-o", str(path), "--force")[0] == 0
    assert path.read_text() == network("--best", "3", "--to", "svg")[1]
    path.unlink()
    assert network("--lower", "-o", str(path), text="0:1, 1:2")[:2] == (1, "")
    assert not path.exists()


def test_a_random_network_depends_on_the_seed_only(network):
    first = network("--random", "6", "--seed", "1", "--to", "pairs")
    assert first[0] == 0
    assert first == network("--random", "6", "--seed", "1", "--to", "pairs")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a FILE"),
        (("--best", "3", "--random", "3"), "name a FILE"),
        (("--best", "3", "--to", "svg", "--json"), "--to prints nothing else"),
        (("--best", "33"), "no best-known network of 33 channels"),
        (("--random", "9"), "1 to 8 channels, not 9"),
        (("no-such-file",), "there is no file no-such-file"),
    ],
)
def test_bad_usage_is_one_line_and_status_two(network, arguments, message):
    status, out, err = network(*arguments)
    assert status == 2
    assert ("error" in json.loads(out)) if "--json" in arguments else (out == "")
    assert message in err
    assert len(err.splitlines()) == 1


def test_bad_text_is_shown_with_its_place(network):
    status, _, err = network(text="0:1\n2:1\n")
    assert status == 2
    assert ":2:1: error: comparator 2:1 puts the lesser key on the lower channel" in err
    assert network("--untangle", text="1:0")[0] == 0
    assert network("--from-one", text="1:2")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["--best", "3", "--seed", "1"], "--seed has no effect without --random"),
        (["--random", "3", "--least", "depth"], "--least has no effect without --best"),
        (["--best", "3", "--from-one"], "--from-one has no effect without FILE"),
        (["--best", "3", "--isa", "riscv"], "--isa has no effect without --lower"),
        (["--best", "3", "--in-memory"], "--in-memory has no effect without --lower"),
    ],
)
def test_an_option_that_has_no_effect_is_refused(network, arguments, needed):
    status, out, err = network(*arguments)
    assert (status, out) == (2, "")
    assert needed in err
