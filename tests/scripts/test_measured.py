"""scripts/measured.py: commands are measured whole, and a result file says how it came about."""

import argparse
import json

import measured
import pytest

from sortopt.base import InputError
from sortopt.native.process import NativeError
from sortopt.networks import best, lower
from sortopt.verify import verify


def options(*arguments):
    parser = argparse.ArgumentParser()
    measured.add_options(parser)
    return parser.parse_args(arguments)


def test_a_result_says_when_where_and_how_it_was_measured(tmp_path):
    path = tmp_path / "r.json"
    words = ["--results", str(path), "--note", "once"]
    found = measured.result(
        options(*words), [{"n": 3}], ["scripts/x.py", "--only", "n = 3", *words]
    )
    assert json.loads(path.read_text()) == found
    assert found["figures"] == [{"n": 3}]
    assert found["command"] == f"python scripts/x.py --only 'n = 3' --results {path}"
    assert found["note"] == "once"
    assert found["processor"]
    assert found["cores"] >= 1


def test_a_command_is_given_its_input_and_measured():
    done = measured.run(
        ["verify", "-"],
        600,
        given="; inputs: eax ecx\n; outputs: eax ecx\nmov eax, ecx\n",
        quiet=True,
    )
    assert done.status == 1
    assert b"refuted" in done.text
    assert done.wall > 0
    assert done.peak > 10 << 20


def test_a_command_that_prints_no_record_is_an_error(capfd):
    with pytest.raises(InputError, match="sortopt search --n 99 failed with status 2"):
        measured.record(["search", "--n", "99"], 600)


def test_a_verdict_names_its_proofs():
    assert measured.verdict(verify(lower(best(2)))) == "proved by weak orders and z3"


def test_an_error_is_one_line_and_status_2(capsys):
    def script(arguments):
        raise InputError("it is wrong", hint="mend it")

    with pytest.raises(SystemExit) as ended:
        measured.main(script)
    assert ended.value.code == 2
    assert capsys.readouterr().err == "error: it is wrong; mend it\n"


@pytest.mark.parametrize("error", [NativeError("it ended"), ValueError("it ended")])
def test_an_error_is_one_line_that_says_error_once(capsys, error):
    def script(_):
        raise error

    with pytest.raises(SystemExit):
        measured.main(script)
    assert capsys.readouterr().err == "error: it ended\n"
