"""`sortopt show` and `sortopt doctor`: a kernel at work, and what this machine has."""

import json

import pytest
from places import ROOT

import sortopt
from sortopt.base import ExitCode
from sortopt.cli.app import run
from sortopt.targets import ISAS

SORT3 = "kernels/alphadev/sort3.asm"
SHOWN = "kernels/claim/shown.asm"


@pytest.fixture
def command(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)

    def call(*arguments):
        status = run([str(a) for a in arguments])
        return status, *capsys.readouterr()

    return call


def test_show_traces_any_input(command):
    status, out, _ = command("show", SORT3, "--input", "3,1,2")
    assert status == ExitCode.DONE
    assert out.startswith("11 instructions: 3 1 2 comes out as 1 2 3\n")
    assert out.count("\n") == 1 + 2 + 11 + 2
    assert command("show", SHOWN, "--input", "1 2 1")[0] == ExitCode.REFUTED
    record = json.loads(command("show", SORT3, "--json")[1])
    assert (record["inputs"], record["outputs"], record["right"]) == ([3, 2, 1], [1, 2, 3], True)
    assert len(record["trace"]) == 12


@pytest.mark.parametrize("isa", ISAS)
def test_show_and_a_notebook_draw_kernels_of_every_instruction_set(isa):
    kernel = sortopt.network(2).lower(isa)
    shown = sortopt.show(kernel)
    assert shown.outputs == (1, 2)
    known = "counted once" not in str(shown).splitlines()[-1]
    assert known == (isa not in ("aarch64-cssc", "aarch64-float", "aarch64-float-nm"))
    assert kernel._repr_svg_() == shown._repr_svg_()


@pytest.mark.parametrize(
    ("given", "said"), [("3,1", "takes 3 keys, not 2"), ("a,b,c", "'a,b,c' is no list of keys")]
)
def test_show_names_what_is_no_input(command, given, said):
    status, out, err = command("show", SORT3, "--input", given)
    assert (status, out) == (ExitCode.BAD_INPUT, "")
    assert said in err


def test_doctor_says_what_is_here_and_how_to_get_what_is_not(command, monkeypatch):
    assert "C compiler" in command("doctor")[1]
    monkeypatch.setenv("PATH", "")
    for name in ("CC", "CXX"):
        monkeypatch.delenv(name, raising=False)
    found = {t["tool"]: t for t in json.loads(command("doctor", "--json")[1])["tools"]}
    assert found["C compiler"]["found"] is None
    assert found["llvm-mca"]["advice"].startswith("it is in the package llvm")
    assert found["jinja2"]["gives"] == "report, search --report"
