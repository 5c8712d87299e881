"""`sortopt optimize`: golden transcripts, files written whole or not at all, typos, JSON.

`SORTOPT_REGENERATE=1 pytest tests/cli/test_optimize.py` writes the transcripts anew.
"""

import json
import os
import re
import signal
import subprocess
import sys

import places
import pytest
from places import ROOT

from sortopt.base.errors import ExitCode
from sortopt.cli import app
from sortopt.formats import parse, print_kernel, read
from sortopt.model.verdict import Proved
from sortopt.networks import best
from sortopt.networks.lowering import lower
from sortopt.verify import verify

GOLDEN = places.GOLDEN / "cli_optimize"
SHOWN = "kernels/claim/shown-if-b-le-c.asm"
PLAIN = "kernels/lowered/sort3-len12-depth6.asm"

TRANSCRIPTS = {
    "help": ["--help"],
    "mov-removed-under-a-precondition": [SHOWN, "--assume", "b<c"],
    "nothing-shorter": ["kernels/lowered/sort2-len4-depth2.asm"],
    "refuted": ["kernels/claim/without-mov.asm"],
    "typo-in-an-option": [PLAIN, "--tiem-limit", "5"],
    "typo-in-a-cost": [PLAIN, "--cost", "latncy"],
    "typo-in-a-cpu": [PLAIN, "--cost", "latency", "--cpu", "zen33"],
    "no-such-file": ["kernels/lowered/sort33.asm"],
    "no-time": [PLAIN, "--time-limit", "0"],
    "output-and-overwrite": [PLAIN, "-o", "new.asm", "--overwrite"],
    "pareto-writes-no-file": [PLAIN, "--pareto", "-o", "new.asm"],
    "output-that-is-the-input": [SHOWN, "-o", SHOWN],
    "output-without-folder": [SHOWN, "-o", "no/such/folder/new.asm"],
}


@pytest.fixture(autouse=True)
def in_the_checkout(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "80")


def optimize(capsys, *arguments):
    """Run the command, with plenty of time where none is given; return status, stdout, stderr."""
    status = app.run(["optimize", "--time-limit", "6000", *map(str, arguments)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_output_is_the_golden_one(capsys, name):
    status, out, err = optimize(capsys, *TRANSCRIPTS[name])
    shown = " ".join(f'"{a}"' if re.search(r"[ <]", a) else a for a in TRANSCRIPTS[name])
    said = f"-- stderr --\n{err}" if err else ""
    text = f"$ sortopt optimize {shown}\n{out}{said}-- exit status {status} --\n"
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("SORTOPT_REGENERATE"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_every_golden_transcript_has_its_command_line():
    assert {path.stem for path in GOLDEN.iterdir()} == TRANSCRIPTS.keys()


def test_json_is_one_object_with_steps_and_kernel(capsys):
    status, out, err = optimize(capsys, SHOWN, "--assume", "b<c", "--json")
    told = json.loads(out)
    assert (status, err) == (ExitCode.DONE, "")
    assert (told["before"]["length"], told["after"]["length"]) == (8, 7)
    assert (told["n"], told["assume"], told["cost"]) == (3, "b < c", "length")
    (step,) = told["steps"]
    assert step["length"] == 7
    assert "- mov    eax, esi" in step["diff"]
    assert told["verdict"] == "proved"
    kernel = parse(told["asm"]).kernel
    assert len(kernel) == 7
    assert verify(kernel).verdict == Proved()


@pytest.fixture
def file(tmp_path):
    """Return the path of a copy of the kernel that may lose a mov."""
    path = tmp_path / "shown.asm"
    path.write_text((ROOT / SHOWN).read_text())
    return path


def test_the_kernel_is_written_to_a_new_file(capsys, file, tmp_path):
    before, new = file.read_text(), tmp_path / "new.asm"
    status, out, _ = optimize(capsys, file, "--assume", "b<c", "-o", new)
    assert status == ExitCode.DONE
    assert f"written to {new}" in out
    assert len(read(new).kernel) == 7
    assert file.read_text() == before


def test_the_file_is_overwritten_only_in_place(capsys, file):
    status, _, _ = optimize(capsys, file, "--assume", "b<c", "--overwrite")
    assert status == ExitCode.DONE
    assert (len(read(file).kernel), str(read(file).kernel.contract.assume)) == (7, "b < c")


def test_a_file_that_cannot_be_shortened_is_left_alone(capsys, tmp_path):
    path = tmp_path / "sort2.asm"
    text = (ROOT / "kernels/lowered/sort2-len4-depth2.asm").read_text() + "\n; my notes\n"
    path.write_text(text)
    status, out, _ = optimize(capsys, path, "--overwrite")
    assert status == ExitCode.DONE
    assert "nothing shorter was found" in out
    assert path.read_text() == text


def test_a_refuted_kernel_writes_nothing(capsys, tmp_path):
    new = tmp_path / "new.asm"
    status, out, err = optimize(capsys, "kernels/claim/without-mov.asm", "-o", new)
    assert (status, out) == (ExitCode.BAD_INPUT, "")
    assert "refuted" in err
    assert list(tmp_path.iterdir()) == []


def test_standard_input_is_not_overwritten(capsys):
    status, out, err = optimize(capsys, "-", "--overwrite")
    assert (status, out) == (ExitCode.BAD_INPUT, "")
    assert "error: " in err


def test_the_front_is_printed_with_its_kernels(capsys):
    arguments = ("kernels/lowered/sort2-len4-depth2.asm", "--pareto", "--time-limit", "600")
    status, out, _ = optimize(capsys, *arguments)
    assert status == ExitCode.DONE
    assert out.splitlines()[1].split() == ["4", "2"]
    assert (
        "complete for kernels of any length: none beats these in both measures, and none is ready "
        "in less than 2 cycles\nkernels: 1 scratch cell, conditions l g le ge\n"
    ) in out
    told = json.loads(optimize(capsys, *arguments, "--json")[1])
    assert (told["complete_for_any_length"], told["least_length"], told["least_cycles"]) == (
        True, 4, 2.0,
    )  # fmt: skip
    assert [(p["length"], p["critical_path"], p["verdict"]) for p in told["points"]] == [
        (4, 2.0, "proved")
    ]


def test_a_front_says_what_is_proved_and_what_more_time_would_give(capsys):
    path = "kernels/lowered/sort4-len20-depth6.asm"
    _, out, _ = optimize(capsys, path, "--pareto", "--time-limit", "1e-9")
    assert (
        "best found, not proved complete (stopped: the time limit of 1e-09 s is reached)\n" in out
    )
    assert "for the front of all shortest kernels allow about 15 minutes: --time-limit 900\n" in out


def test_latency_is_told_in_cycles(capsys):
    path = "kernels/lowered/sort2-len4-depth2.asm"
    status, _, err = optimize(capsys, path, "--cost", "latency", "--time-limit", "5")
    assert status == ExitCode.DONE
    assert "2 cycles, 4 instructions; nothing faster was found" in err


def test_many_keys_are_written_in_the_dialect_they_came_in_and_ctrl_c_keeps_them(tmp_path):
    path, new = tmp_path / "sort9.cgo", tmp_path / "new.cgo"
    path.write_text(print_kernel(lower(best(9)), "cgo"))
    words = ["optimize", str(path), "-o", str(new), "--time-limit", "600"]
    command = subprocess.Popen(
        [sys.executable, "-m", "sortopt", *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    first = command.stdout.readline()
    command.send_signal(signal.SIGINT)
    out = first + command.communicate()[0]
    assert command.returncode == ExitCode.DONE
    assert "stopped: interrupted" in out
    assert "columns of 0-1 inputs" in out
    assert len(read(new).kernel) < 100


@pytest.mark.parametrize("command", ["optimize", "repair"])
def test_another_file_is_replaced_only_by_force(capsys, tmp_path, command):
    output = tmp_path / "made.asm"
    output.write_text("mine")
    words = [command, "kernels/cgo25/sort3-len11-depth6.cgo" if command == "repair" else SHOWN]
    words += ["-o", str(output)]
    assert app.run(words) == ExitCode.BAD_INPUT
    assert capsys.readouterr().err.endswith("or overwrite it: --force\n")
    assert output.read_text() == "mine"
    assert app.run([*words, "--force"]) == ExitCode.DONE
    assert parse(output.read_text()).kernel.n == 3


@pytest.mark.parametrize("command", ["optimize", "repair"])
def test_a_dash_is_standard_output(capsys, tmp_path, monkeypatch, command):
    file = ROOT / ("kernels/cgo25/sort3-len11-depth6.cgo" if command == "repair" else SHOWN)
    monkeypatch.chdir(tmp_path)
    assert app.run([command, str(file), "-o", "-"]) == ExitCode.DONE
    assert parse(capsys.readouterr().out).kernel.n == 3
    assert list(tmp_path.iterdir()) == []
