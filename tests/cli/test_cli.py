"""The command line: golden transcripts, JSON, exit statuses, and errors in one clear line.

`SORTOPT_REGENERATE=1 pytest tests/cli/test_cli.py` writes the transcripts of tests/golden/cli anew.
"""

import json
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import click
import places
import pytest
from places import ROOT

import sortopt
from sortopt import api
from sortopt.base import Progress
from sortopt.base.errors import ExitCode
from sortopt.cli import app, output
from sortopt.report.words import left

GOLDEN = places.GOLDEN / "cli"
SORT3 = "kernels/alphadev/sort3.asm"
MOVELESS = "kernels/claim/without-mov.asm"
TIES = "kernels/cgo25/sort3-len11-depth6.cgo"

TRANSCRIPTS = {
    "verify-proved": ["verify", SORT3],
    "verify-proved-in-bits": ["verify", SORT3, "--bits", "8"],
    "verify-proved-under-a-precondition": ["verify", MOVELESS, "--assume", "b<c"],
    "verify-refuted": ["verify", MOVELESS],
    "verify-refuted-under-a-precondition": ["verify", MOVELESS, "--assume", "b<=c"],
    "verify-refuted-on-ties": ["verify", TIES],
    "verify-refuted-by-scratch": ["verify", "kernels/swap/without-first-mov.asm"],
    "verify-without-flags": ["verify", "kernels/minmax/sort3-len9-depth5.asm", "--outputs",
                             "xmm2 xmm1 xmm0"],
    "verify-lifted": ["verify", "tests/golden/lifted/spilled.s", "--lifted"],
    "verify-not-restored": ["verify", "tests/golden/lifted/not-restored.s"],
    "verify-two-buffers": ["verify", "tests/golden/lifted/two-buffers.s"],
    "verify-buffers-apart": ["verify", "tests/golden/lifted/two-buffers.s", "--distinct-buffers"],
    "verify-unknown": ["verify", SORT3, "--time-limit", "1e-9"],
    "verify-help": ["verify", "--help"],
    "counterexample-of-the-claim": ["counterexample"],
    "counterexample-of-a-file": ["counterexample", TIES],
    "counterexample-of-a-proved-file": ["counterexample", SORT3],
    "counterexample-that-nothing-mends": ["counterexample", "kernels/swap/without-first-mov.asm"],
    "counterexample-help": ["counterexample", "--help"],
    "typo-in-a-command": ["verfiy", SORT3],
    "typo-in-an-option": ["verify", SORT3, "--asume", "b<c"],
    "typo-in-a-dialect": ["verify", SORT3, "--dialect", "intle"],
    "typo-in-a-precondition": ["verify", SORT3, "--assume", "b<<c"],
    "no-such-key": ["verify", SORT3, "--assume", "b<d"],
    "no-such-register": ["verify", SORT3, "--inputs", "eax ecx edz"],
    "numbers-for-cells": ["show", SORT3, "--inputs", "3,1,2"],
    "no-such-file": ["verify", "kernels/alphadev/sort33.asm"],
    "no-file": ["verify"],
    "two-files": ["counterexample", SORT3, MOVELESS],
    "option-without-value": ["verify", SORT3, "--assume"],
    "precondition-that-nothing-satisfies": ["verify", SORT3, "--assume", "a<b and b<a"],
    "bits-out-of-range": ["verify", SORT3, "--bits", "65"],
    "too-few-bits": ["verify", SORT3, "--bits", "1"],
    "timeout-that-is-no-time": ["verify", SORT3, "--time-limit", "nan"],
    "claim-with-options": ["counterexample", "--assume", "b<c"],
}  # fmt: skip
FAULTS = [name for name, a in TRANSCRIPTS.items() if not name.startswith(("verify", "counter"))]


@pytest.fixture(autouse=True)
def in_the_checkout(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "80")


def sortopt_says(capsys, *arguments):
    """Run a command line; return exit status, stdout and stderr."""
    status = app.run(arguments)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def transcript(capsys, arguments):
    status, out, err = sortopt_says(capsys, *arguments)
    out = re.sub(r"\d+\.\d{3} s\b", "0.000 s", out)
    shown = " ".join(f'"{a}"' if re.search(r"[ <]", a) else a for a in arguments)
    said = f"-- stderr --\n{err}" if err else ""
    return f"$ sortopt {shown}\n{out}{said}-- exit status {status} --\n"


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_output_is_the_golden_one(capsys, name):
    golden = GOLDEN / f"{name}.txt"
    text = transcript(capsys, TRANSCRIPTS[name])
    if os.environ.get("SORTOPT_REGENERATE"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_every_golden_transcript_has_its_command_line():
    assert {path.stem for path in GOLDEN.iterdir()} == TRANSCRIPTS.keys()


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("json_option", [[], ["--json"]])
def test_a_fault_is_told_on_stderr_alone(capsys, name, json_option):
    command, *rest = TRANSCRIPTS[name]
    status, out, err = sortopt_says(capsys, command, *json_option, *rest)
    assert status == ExitCode.BAD_INPUT
    assert "error: " in err.splitlines()[0]
    if json_option:
        error = json.loads(out)["error"]
        assert error["exit_status"] == status
        assert error["message"] in " ".join(err.split())
    else:
        assert out == ""


def test_an_old_spelling_works_and_says_the_new_one(capsys):
    status, out, err = sortopt_says(capsys, "verify", SORT3, "--timeout=60")
    assert (status, err) == (ExitCode.DONE, "note: --timeout is now called --time-limit\n")
    assert "proved for all inputs" in out


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("search --n 2", "-o"),
        ("emit kernels/alphadev/sort3.asm --to c", "-o"),
        ("repair kernels/alphadev/sort3.asm", "-o"),
        ("bench kernels/alphadev/sort3.asm", "--csv"),
        ("counterexample", "--report"),
    ],
)
def test_force_without_a_file_to_write_is_refused(capsys, command, option):
    assert app.run([*command.split(), "--force"]) == ExitCode.BAD_INPUT
    said = capsys.readouterr().err
    assert f"--force has no effect without a file to write; give {option} FILE" in said


SORT3 = "kernels/alphadev/sort3.asm"


@pytest.mark.parametrize(
    ("command", "status", "first"),
    [
        (f"optimize {SORT3} --time-limit 5", 0, "; sort3"),
        ("repair kernels/claim/shown.asm --most-added 0", 1, ""),
        (f"emit {SORT3} --to c", 0, "// "),
        ("network --best 3 --lower", 0, "; "),
        ("network --best 3", 0, ""),
        (f"counterexample {SORT3}", 0, ""),
        ("landscape --n 2 --slack 1 --runs 2", 0, ""),
        ("sort-library --n 2", 0, "// "),
    ],
)
def test_a_quiet_command_prints_a_kernel_or_code_or_nothing(capsys, command, status, first):
    assert app.run([*command.split(), "--quiet"]) == status
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out.startswith(first)
    assert first or not printed.out


def test_what_follows_two_dashes_is_no_option(capsys):
    assert "no file --timeout" in sortopt_says(capsys, "verify", "--", "--timeout")[2]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError(), KeyError("x")])
def test_json_holds_one_object_however_a_command_ends(capsys, monkeypatch, error):
    monkeypatch.setattr(api, "verify_file", raising(error), raising=False)
    status, out, _ = sortopt_says(capsys, "verify", SORT3, "--json")
    assert json.loads(out)["error"]["exit_status"] == status != ExitCode.DONE


def record(capsys, *arguments):
    """Return the exit status and the one JSON object that a command prints."""
    status, out, err = sortopt_says(capsys, *arguments, "--json")
    assert err == ""
    return status, json.loads(out)


def test_json_of_a_proof(capsys):
    status, told = record(capsys, "verify", SORT3)
    assert status == ExitCode.DONE
    assert (told["verdict"], told["assume"], told["counterexample"]) == ("proved", None, None)
    assert [(m["name"], m["verdict"]) for m in told["methods"]] == [
        ("weak orders", "proved"), ("z3", "proved"),
    ]  # fmt: skip
    assert all(m["seconds"] >= 0 for m in told["methods"])
    assert (told["file"], told["dialect"], told["n"], told["instructions"], told["goal"]) == (
        SORT3, "intel", 3, 11, "sort",
    )  # fmt: skip


def test_json_of_a_refutation(capsys):
    status, told = record(capsys, "verify", MOVELESS, "--assume", "b<=c")
    assert status == ExitCode.REFUTED
    assert (told["verdict"], told["assume"]) == ("refuted", "b <= c")
    assert told["counterexample"] == {
        "inputs": [2, 1, 1], "outputs": [2, 1, 2], "expected": [1, 1, 2],
        "scratch": [None], "flags": None, "lacks": "values", "elements": [], "answers": [],
    }  # fmt: skip
    assert {rung["verdict"] for rung in told["rungs"].values()} == {"refuted"}


def test_json_of_the_rungs(capsys):
    status, told = record(capsys, "verify", SORT3)
    assert status == ExitCode.DONE
    found = {rung: judged["verdict"] for rung, judged in told["rungs"].items()}
    assert found == dict.fromkeys(found, "refuted") | {"values": "proved"}
    assert list(found) == ["values", "elements", "stable", "safe"]
    witness = told["rungs"]["safe"]["counterexample"]
    assert (witness["lacks"], len(witness["answers"]), len(witness["elements"])) == ("safe", 3, 3)


def test_json_of_a_refutation_by_flags(capsys, tmp_path):
    path = tmp_path / "flags.asm"
    path.write_text("; inputs: eax ecx\n; outputs: eax ecx\ncmovg eax, ecx\n")
    _, told = record(capsys, "verify", str(path), "--assume", "a<b")
    assert told["counterexample"]["flags"] == "greater"
    assert told["counterexample"]["scratch"] == []


def test_json_of_an_unknown_verdict(capsys):
    status, told = record(capsys, "verify", SORT3, "--time-limit", "1e-9")
    assert status == ExitCode.UNKNOWN
    assert (told["verdict"], told["counterexample"]) == ("unknown", None)
    assert told["reason"] == "weak orders: out of time; z3: out of time"


def test_json_of_a_counterexample_names_the_preconditions_that_it_lacks(capsys):
    status, told = record(capsys, "counterexample", MOVELESS)
    assert status == ExitCode.REFUTED
    assert told["mends"] == ["b < c", "a <= c and b <= c"]
    assert told["counterexample"]["inputs"] == [1, 2, 1]


def test_json_of_the_claim(capsys):
    status, told = record(capsys, "counterexample")
    assert status == ExitCode.DONE
    assert (told["verdict"], told["counterexample"]["inputs"]) == ("refuted", [1, 3, 2])
    assert told["separating"]["inputs"] == [3, 2, 1]
    assert told["separating"]["outputs"]["without mov P, S"] == [3, 2, 3]
    assert [v["weakest"] for v in told["versions"]] == [["b <= a", "b <= c"], ["b < c"], ["b <= c"]]
    for version in told["versions"]:
        kernel = sortopt.parse(version["asm"])
        for finding in version["findings"]:
            verdict = sortopt.verify(kernel, assume=finding["assume"] or "none").verdict
            assert verdict.name == finding["verdict"]


def test_a_kernel_is_read_from_standard_input():
    text = (ROOT / MOVELESS).read_bytes()
    ran = subprocess.run(
        [sys.executable, "-m", "sortopt", "verify", "-", "--assume", "b<c"],
        input=text, capture_output=True, check=True,
    )  # fmt: skip
    assert ran.stdout.startswith(b"<stdin>: 3 keys (int32), 7 instructions, intel dialect")


def test_options_say_what_a_file_does_not(capsys, tmp_path):
    path = tmp_path / "bare.asm"
    path.write_text("cmp eax, ecx\ncmovg eax, ecx\n")
    options = ["--inputs", "eax ecx", "--outputs", "eax", "--goal", "min", "--dialect", "intel"]
    status, told = record(capsys, "verify", str(path), *options)
    assert (status, told["goal"]) == (ExitCode.DONE, "min")


def test_help_lists_every_command_once_in_groups(capsys):
    status, out, _ = sortopt_says(capsys, "--help")
    assert status == ExitCode.DONE
    for title, commands in app.GROUPS.items():
        section = out.partition(f"{title}:\n")[2].partition("\n\n")[0]
        assert [line.split()[0] for line in section.splitlines()] == list(commands)
    modules = {path.stem.replace("_", "-") for path in (ROOT / "sortopt" / "cli").glob("*.py")}
    assert app.COMMANDS.keys() == modules & app.COMMANDS.keys()


@pytest.mark.parametrize("name", app.LazyGroup().list_commands(click.Context(app.group)))
def test_help_of_every_command_holds_an_example(capsys, name):
    status, out, _ = sortopt_says(capsys, name, "--help")
    assert status == ExitCode.DONE
    assert f"  sortopt {name}" in out


def test_without_a_command_the_help_is_shown_as_an_error(capsys):
    status, out, err = sortopt_says(capsys)
    assert (status, out) == (ExitCode.BAD_INPUT, "")
    assert err.startswith("Usage: sortopt")


def test_an_unknown_command_that_is_like_none_lists_all(capsys):
    status, _, err = sortopt_says(capsys, "xyzzy")
    assert status == ExitCode.BAD_INPUT
    assert err.startswith("error: unknown command 'xyzzy'; use ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify", SORT3, "--bogus"], "unknown option --bogus; see sortopt verify --help"),
        (["sort-library", "--sizes", "3"], "unknown option --sizes; see sortopt sort-library"),
        (["verify", ""], "the name of the file is empty; name a file, or - for stdin"),
        (["search", "--n", "2", "--all", "-"], "--all takes a file, not standard output"),
        (["optimize", SORT3, "--cpu", "zen3"], "--cpu has no effect without --cost latency or"),
        (["show", SORT3, "--svg", "-"], "--svg takes a file, not standard output"),
        (["search", "--n", "2", "-o", "x", "--svg", "./x"], "--svg and --output write the same"),
    ],
)
def test_what_is_meant_is_not_guessed_from_afar(capsys, arguments, said):
    status, out, err = sortopt_says(capsys, *arguments)
    assert (status, out) == (ExitCode.BAD_INPUT, "")
    assert err.startswith(f"error: {said}")


def test_a_closed_standard_input_is_named(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    status, _, err = sortopt_says(capsys, "verify", "-")
    assert (status, err) == (
        ExitCode.BAD_INPUT, "error: standard input is closed; name a file\n"
    )  # fmt: skip


def test_version_is_that_of_the_package(capsys):
    assert sortopt_says(capsys, "--version")[1] == f"sortopt {sortopt.__version__}\n"
    assert metadata.version("sortopt") == sortopt.__version__


def raising(error):
    def verify_file(*args, **options):
        raise error

    return verify_file


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (KeyboardInterrupt(), ExitCode.UNKNOWN, "interrupted\n"),
        (MemoryError(), ExitCode.UNKNOWN, "error: out of memory\n"),
    ],
)
def test_whatever_ends_a_command_is_told_in_one_line(capsys, monkeypatch, error, status, said):
    monkeypatch.setattr(api, "verify_file", raising(error), raising=False)
    assert sortopt_says(capsys, "verify", SORT3) == (status, "", said)


def with_stdout(stdout):
    """Run `sortopt counterexample` in a process of its own; return exit status and stderr."""
    ran = subprocess.run(
        [sys.executable, "-m", "sortopt", "counterexample"],
        stdout=stdout, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    return ran.returncode, ran.stderr


def test_a_reader_that_leaves_is_not_complained_about():
    reader, writer = os.pipe()
    os.close(reader)
    assert with_stdout(writer) == (app.BROKEN_PIPE, "")
    os.close(writer)


def test_a_full_disk_is_told_in_one_line():
    with Path("/dev/full").open("w") as full:
        told = with_stdout(full)
    assert told == (ExitCode.BAD_INPUT, "error: cannot write: No space left on device\n")


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        (["--help"], {"click"}),
        (["verify", "--help"], {"click"}),
        (["search", "--help"], {"click"}),
        (["verify", SORT3], {"click", "z3", "rich"}),
    ],
)
def test_no_heavy_library_is_loaded_that_is_not_needed(words, needed):
    code = (
        f"import sys\nfrom sortopt.cli.app import run\nrun({words!r})\n"
        "print('loaded:', *sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.partition("loaded:")[2].split())
    heavy = {"z3", "numba", "numpy", "networkx", "rich", "llvmlite", "concurrent.futures.process"}
    assert needed <= loaded
    assert loaded & heavy <= needed


def test_progress_says_what_was_found_before(capsys):
    news = output.News()
    news(Progress("found a kernel", best=32, seconds=1))
    news(Progress("none of 26", bound=27, states=5))
    news(Progress("tables", done=1, total=9))
    assert capsys.readouterr().err.splitlines() == [
        "32 instructions after 1.0 s",
        "none of 26 (5 states); so far best 32",
        "1 of 9 tables; so far best 32, at least 27",
    ]


def test_progress_says_how_long_the_rest_takes_as_it_went_so_far(capsys):
    news = output.News()
    for done, total, seconds in ((10, 100, 5), (40, 100, 8), (100, 100, 20), (5, 900, 30),
                                 (6, 900, 40), (7, None, 41)):  # fmt: skip
        news(Progress("searching", limit=9, level=1, level_states=1, states=done,
                      done=done, total=total, seconds=seconds))  # fmt: skip
    ends = [line.partition(" s, ")[2] for line in capsys.readouterr().err.splitlines()]
    assert ends == ["", "about 6 s left", "", "", "about 2 h left", ""]
    assert [left(s) for s in (99, 100, 5999, 6000)] == [
        ", about 99 s left", ", about 2 minutes left", ", about 2 h left", ", about 2 h left",
    ]  # fmt: skip


def test_a_quiet_command_reports_no_progress(capsys, monkeypatch):
    monkeypatch.setattr(output, "is_quiet", lambda: True)
    output.News()(Progress("tables", done=1, total=9))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", app.COMMANDS)
def test_the_options_in_a_help_text_fit_80_columns_and_say_what_they_are(capsys, command):
    app.run([command, "--help"])
    options, _, _ = capsys.readouterr().out.partition("Examples:")
    assert max(map(len, options.splitlines())) <= 80
    assert not re.search(r"INTEGER|FLOAT|TEXT", options)
    for parameter in app.group.get_command(None, command).params:
        assert parameter.param_type_name == "argument" or parameter.help


def test_all_that_may_take_long_has_a_time_limit_and_can_be_quiet():
    taken = {name: {option for parameter in app.group.get_command(None, name).params
                    for option in parameter.opts} for name in app.COMMANDS}  # fmt: skip
    assert {name for name, known in taken.items() if "--time-limit" not in known} == {
        "compile", "doctor",
    }  # fmt: skip
    assert {name for name, known in taken.items() if "--quiet" not in known} == {"doctor"}


@pytest.mark.parametrize(
    ("words", "coloured"),
    [(["--color", "always", "verify", SORT3], True),
     (["verify", SORT3, "--color", "always"], True),
     (["--color", "always", "verify", SORT3, "--color", "never"], False),
     (["verify", SORT3], False)],
)  # fmt: skip
def test_colours_are_asked_for_before_the_command_or_behind_it(capsys, words, coloured):
    assert app.run(words) == 0
    assert ("\x1b[32mproved" in capsys.readouterr().out) == coloured


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands_options_and_what_they_take(capsys, monkeypatch, shell):
    monkeypatch.setenv("_SORTOPT_COMPLETE", f"{shell}_source")
    with pytest.raises(SystemExit, match="0"):
        app.main([])
    assert "_SORTOPT_COMPLETE" in capsys.readouterr().out
    monkeypatch.setenv("_SORTOPT_COMPLETE", f"{shell}_complete")
    for words, wanted in (
        ("sortopt ver", "verify"), ("sortopt verify --exp", "--expect"),
        ("sortopt verify ker", "file"), ("sortopt search -o ker", "file"),
        ("sortopt search --spill ker", "dir"), ("sortopt search --isa x86-c", "x86-cmov"),
        ("sortopt verify --goal med", "median"), ("sortopt verify --keep sta", "stable"),
        ("sortopt show a.asm --cpu zen", "zen3"), ("sortopt verify --dialect in", "intel"),
        ("sortopt optimize --key uint", "uint16"), ("sortopt show --color al", "always"),
    ):  # fmt: skip
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv(
            "COMP_CWORD", words.split()[-1] if shell == "fish" else str(words.count(" "))
        )
        with pytest.raises(SystemExit, match="0"):
            app.main([])
        assert wanted in capsys.readouterr().out
