"""`sortopt search`: golden transcripts, JSON, lists on disk, limits, and faults in one line.

`SORTOPT_REGENERATE=1 pytest tests/cli/test_search.py` writes tests/golden/cli_search anew.
"""

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import places
import pytest

import sortopt
from sortopt import base
from sortopt.base import Budget, Progress
from sortopt.base.errors import ExitCode
from sortopt.cli import app, progress, search
from sortopt.report.search import fine_print
from sortopt.search.exhaustive import load
from sortopt.search.space import Problem
from sortopt.tasks.find import find

GOLDEN = places.GOLDEN / "cli_search"

FOUND = {
    "three-keys": ["--n", "3"],
    "given-b-less-c": ["--n", "3", "--assume", "b<c"],
    "two-keys-counted": ["--n", "2", "--count", "--conditions", "l,g"],
    "distinct-keys": ["--n", "2", "--distinct", "--outputs", "anywhere", "--conditions", "g"],
    "unsigned": ["--n", "2", "--unsigned", "--scratch", "2", "--count"],
    "minmax": ["--n", "3", "--isa", "x86-minmax", "--count"],
    "minmax-unsigned": ["--n", "2", "--isa", "x86-minmax", "--unsigned"],
    "numbers-all-kept": ["--n", "2", "--key", "float64", "--isa", "x86-minmax", "--keep", "safe"],
    "the-least": ["--n", "3", "--goal", "min", "--scratch", "0"],
    "merge": ["--n", "4", "--goal", "merge:2,2", "--isa", "x86-minmax"],
    "already-sorted": ["--n", "3", "--assume", "a<=b<=c"],
    "one-key": ["--n", "1"],
}
ABSENT = {
    "ten-are-too-few": ["--n", "3", "--max-length", "10"],
    "no-kernel-at-all": ["--n", "2", "--scratch", "0"],
}
STOPPED = {
    "out-of-time": ["--n", "3", "--time-limit", "1e-9"],
    "out-of-memory": ["--n", "3", "--memory-limit", "0.001"],
}
FAULTS = {
    "no-n": [],
    "n-is-no-number": ["--n", "three"],
    "too-many-keys": ["--n", "9"],
    "typo-in-an-option": ["--n", "3", "--condition", "l,g"],
    "typo-in-a-condition": ["--n", "3", "--conditions", "l,gt"],
    "no-conditions": ["--n", "3", "--conditions", ""],
    "mixed-signs": ["--n", "3", "--conditions", "l,a"],
    "unsigned-with-signed-conditions": ["--n", "3", "--unsigned", "--conditions", "l,g"],
    "conditions-of-minmax": ["--n", "3", "--isa", "x86-minmax", "--conditions", "l,g"],
    "typo-in-an-isa": ["--n", "3", "--isa", "x86-cmv"],
    "floats-of-integer-instructions": ["--n", "3", "--key", "float32", "--isa", "x86-cmov"],
    "integers-of-float-instructions": ["--n", "3", "--key", "int32", "--isa", "x86-float"],
    "wide-keys-of-general-registers": ["--n", "3", "--key", "int64"],
    "unsigned-and-not": ["--n", "3", "--key", "int32", "--unsigned"],
    "typo-in-outputs": ["--n", "3", "--outputs", "inplace"],
    "typo-in-a-precondition": ["--n", "3", "--assume", "b<<c"],
    "no-such-key": ["--n", "3", "--assume", "b<d"],
    "precondition-that-nothing-satisfies": ["--n", "3", "--assume", "a<b and b<a"],
    "precondition-that-no-distinct-keys-satisfy": ["--n", "3", "--assume", "a=b", "--distinct"],
    "typo-in-a-goal": ["--n", "3", "--goal", "medain"],
    "goal-beyond-the-keys": ["--n", "3", "--goal", "kth:4"],
    "merge-of-other-keys": ["--n", "3", "--goal", "merge:1,1"],
    "too-many-cells": ["--n", "8", "--goal", "min"],
    "too-many-assignments": ["--n", "7", "--goal", "min"],
    "negative-length": ["--n", "3", "--max-length", "-1"],
    "time-limit-that-is-no-time": ["--n", "3", "--time-limit", "nan"],
    "memory-limit-without-end": ["--n", "3", "--memory-limit", "inf"],
    "no-threads": ["--n", "3", "--threads", "0"],
    "beam-of-an-exhaustive-search": ["--n", "3", "--beam", "5"],
    "seed-of-a-search-that-draws-nothing": ["--n", "3", "--seed", "5"],
    "canonical-without-all": ["--n", "3", "--canonical"],
    "count-of-what-is-not-proved": ["--n", "5", "--count"],
    "folder-that-is-not-there": ["--n", "2", "--all", "nowhere/all.asm"],
}
STATUS = {
    **dict.fromkeys(FOUND, ExitCode.DONE),
    **dict.fromkeys(ABSENT, ExitCode.REFUTED),
    **dict.fromkeys(STOPPED, ExitCode.UNKNOWN),
    **dict.fromkeys(FAULTS, ExitCode.BAD_INPUT),
}
TRANSCRIPTS = FOUND | ABSENT | STOPPED | FAULTS


@pytest.fixture(autouse=True)
def somewhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture(scope="module", autouse=True)
def loaded():
    """Compile first, so that no transcript says that it does."""
    load()


def says(capsys, *arguments):
    """Run `sortopt search`; return exit status, stdout and stderr."""
    status = app.run(["search", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def masked(text):
    text = re.sub(r"\d[\d,]* states, \d+\.\d\d s\b", "0 states, 0.00 s", text)
    return re.sub(r"\d+\.\d{3} s\b", "0.000 s", text)


def quiet(text):
    """Drop lines of progress, which a slow machine shows."""
    progress = r"(no kernel of \d|compiling|triple table|limit \d|.* states$|.* listed$).*"
    return "".join(x for x in text.splitlines(keepends=True) if not re.match(progress, x))


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_output_is_the_golden_one(capsys, name):
    arguments, golden = TRANSCRIPTS[name], GOLDEN / f"{name}.txt"
    status, out, err = says(capsys, *arguments)
    shown = " ".join(f'"{a}"' if re.search(r"[ <=]|^$", a) else a for a in arguments)
    said = f"-- stderr --\n{masked(quiet(err))}" if quiet(err) else ""
    text = f"$ sortopt search {shown}\n{masked(out)}{said}-- exit status {status} --\n"
    if os.environ.get("SORTOPT_REGENERATE"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
    assert status == STATUS[name]


def test_every_golden_transcript_has_its_command_line():
    assert {path.stem for path in GOLDEN.iterdir()} == TRANSCRIPTS.keys()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_on_stderr_alone_and_writes_nothing(capsys, tmp_path, name):
    status, out, err = says(capsys, "--json", *FAULTS[name])
    assert (status, json.loads(out)["error"]["exit_status"]) == (ExitCode.BAD_INPUT, 2)
    assert err.startswith("error: ") or "--assume:1:" in err
    assert list(tmp_path.iterdir()) == []


def record(capsys, *arguments):
    """Return the exit status and the one JSON object that a search prints."""
    status, out, err = says(capsys, *arguments, "--json")
    assert quiet(err) == ""
    assert out.count("\n") == 1
    return status, json.loads(out)


def test_json_holds_what_scripts_rely_on(capsys):
    status, told = record(capsys, "--n", "3")
    assert status == ExitCode.DONE
    assert {k: told[k] for k in ("n", "isa", "outputs", "length", "lower_bound", "proved_minimal",
                                 "verified", "count")} == {
        "n": 3, "isa": "x86-cmov", "outputs": "in-order", "length": 11, "lower_bound": 11,
        "proved_minimal": True, "verified": True, "count": None,
    }  # fmt: skip
    assert 0 < told["states"] <= 1000
    assert told["seconds"] > 0
    (kernel,) = told["kernels"]
    assert kernel.keys() == {"asm", "inputs", "outputs"}
    assert kernel["inputs"] == kernel["outputs"] == ["eax", "ecx", "edx"]
    parsed = sortopt.parse(kernel["asm"])
    assert len(parsed) == 11
    assert sortopt.verify(parsed).verdict.name == "proved"


def test_json_of_what_does_not_exist(capsys):
    status, told = record(capsys, "--n", "3", "--max-length", "10", "--all")
    assert status == ExitCode.REFUTED
    assert (told["length"], told["lower_bound"], told["kernels"]) == (None, 11, [])
    assert (told["proved_minimal"], told["verified"], told["stopped"]) == (False, False, None)


def test_json_of_a_stopped_search(capsys):
    status, told = record(capsys, "--n", "3", "--time-limit", "1e-9")
    assert status == ExitCode.UNKNOWN
    assert (told["length"], told["kernels"]) == (None, [])
    assert told["stopped"] == "the time limit of 1e-09 s is reached"


def test_json_of_all_kernels_holds_each_once_and_each_verifies(capsys):
    _, told = record(capsys, "--n", "3", "--assume", "b<c", "--conditions", "l,g", "--all")
    assert told["count"] == len(told["kernels"]) == len({k["asm"] for k in told["kernels"]}) == 62
    for kernel in told["kernels"]:
        parsed = sortopt.parse(kernel["asm"])
        assert str(parsed.contract.assume) == "b < c"
        assert sortopt.verify(parsed).verdict.name == "proved"


def test_json_of_a_count_lists_one_kernel(capsys):
    _, told = record(capsys, "--n", "3", "--conditions", "l,g", "--count")
    assert (told["count"], len(told["kernels"])) == (2026, 1)


def test_distinct_keys_are_named_in_output_and_in_each_kernel(capsys):
    status, told = record(capsys, "--n", "3", "--conditions", "l,g", "--count", "--distinct")
    assert (status, told["count"], told["distinct"]) == (ExitCode.DONE, 5600, True)
    assert "distinct keys only" in told["model"]
    assert "; assume:  a != b and a != c and b != c\n" in told["kernels"][0]["asm"]
    assert told["verified"]


def test_all_goes_to_one_file_that_is_named(capsys, tmp_path):
    status, _, err = says(capsys, "--n", "2", "--conditions", "l,g", "--all", "all.asm")
    assert status == ExitCode.DONE
    assert err.splitlines()[1] == (
        "8 kernels of this length, outputs in the order of the inputs; "
        "none compares or tests anything undefined"
    )
    assert err.endswith("8 kernels written to all.asm\n")
    assert (tmp_path / "all.asm").read_text().count("; sort2, 4 instructions\n") == 8
    assert [path.name for path in tmp_path.iterdir()] == ["all.asm"]


def test_all_without_a_path_names_a_file_of_its_own(capsys, tmp_path):
    says(capsys, "--n", "2", "--all", "--conditions", "l,g")
    assert [path.name for path in tmp_path.iterdir()] == ["sort2-x86-cmov-all.asm"]


def test_all_goes_to_a_folder_whose_files_verify(capsys, tmp_path):
    _, _, err = says(capsys, "--n", "2", "--conditions", "l,g", "--all", "found/")
    assert err.endswith("8 kernels written to found/\n")
    files = sorted((tmp_path / "found").iterdir())
    assert [path.name for path in files] == [f"kernel-{k:06}.asm" for k in range(1, 9)]
    for path in files:
        assert app.run(["verify", str(path)]) == ExitCode.DONE


def test_canonical_lists_one_kernel_of_each_class(capsys, tmp_path):
    arguments = ["--n", "3", "--conditions", "l,g", "--all", "classes.asm", "--canonical"]
    _, _, err = says(capsys, *arguments)
    assert err.endswith("428 classes, one kernel of each, written to classes.asm\n")
    assert (tmp_path / "classes.asm").read_text().count("; sort3") == 428


@pytest.mark.parametrize("why", ["interrupted", "the time limit of 1000 s is reached"])
def test_where_a_list_ends_early_it_says_where_the_kernels_that_came_are(
    capsys, tmp_path, monkeypatch, why
):
    def early(kernels):
        if why != "interrupted":
            monkeypatch.setattr(Budget, "spent", 1001)
        yield next(iter(kernels))
        raise KeyboardInterrupt

    monkeypatch.setattr(sortopt.api.enumerate, "checked", early)
    words = ["--n", "2", "--all", "all.asm", "--canonical", "--time-limit", "1000"]
    status, _, err = says(capsys, *words)
    assert status == ExitCode.UNKNOWN
    assert f"{why}; what was listed until then is in all.asm.*.partial" in err
    (kept,) = tmp_path.glob("all.asm.*.partial")
    assert kept.read_text().count("; sort2") == 1


@pytest.mark.parametrize("target", ["all.asm", "folder"])
def test_nothing_is_overwritten_unless_forced(capsys, tmp_path, target):
    mine = tmp_path / "all.asm" if target == "all.asm" else tmp_path / "folder" / "mine.asm"
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine")
    status, out, err = says(capsys, "--n", "2", "--all", target)
    assert (status, out) == (ExitCode.BAD_INPUT, "")
    assert err.startswith(f"error: {target} ")
    assert "--force" in err
    assert mine.read_text() == "mine"
    assert says(capsys, "--n", "2", "--all", target, "--force")[0] == ExitCode.DONE


@pytest.mark.parametrize("threads", ["1", "2"])
def test_output_does_not_depend_on_the_threads(capsys, threads):
    arguments = ["--n", "3", "--assume", "b<c", "--conditions", "l,g", "--all", "--canonical"]
    _, told = record(capsys, *arguments, "--threads", threads)
    _, again = record(capsys, *arguments)
    assert {**told, "seconds": 0} == {**again, "seconds": 0}


def test_ctrl_c_tells_what_is_known(capsys, monkeypatch):
    def interrupted(budget, where, **how):
        if where.limit == 11:
            raise KeyboardInterrupt

    monkeypatch.setattr(Budget, "tell", interrupted)
    status, out, err = says(capsys, "--n", "3")
    assert (status, out) == (ExitCode.UNKNOWN, "")
    assert "unknown: interrupted; no kernel of at most 10 instructions exists" in err


@pytest.mark.parametrize("part", ["find", "write"])
def test_ctrl_c_leaves_out_the_certificate_and_prints_the_kernel(capsys, monkeypatch, part):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    if part == "write":
        monkeypatch.setattr(sortopt.api.certificates, "write", interrupted)
    else:
        answer = replace(find(Problem(3)), stopped="interrupted")
        monkeypatch.setattr(sortopt.api.find, "find", lambda *arguments, **options: answer)
    status, out, err = says(capsys, "--n", "3", "--certificate", "sort3.cert")
    assert status == ExitCode.UNKNOWN
    assert out.startswith("; sort3, 11 instructions")
    assert err.endswith("stopped: interrupted\nno certificate in sort3.cert\n")
    assert not Path("sort3.cert").exists()


def test_a_kernel_found_in_time_counts_only_where_it_is_proved():
    answer = replace(find(Problem(2)), anytime=True, stopped="interrupted")
    assert search.status_of(answer) is ExitCode.DONE
    assert search.status_of(replace(answer, judgement=None)) is ExitCode.UNKNOWN


def test_a_count_that_is_cut_short_keeps_the_kernel_and_says_so(capsys, monkeypatch):
    def out_of_time(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module("sortopt.search.optima"), "optima", out_of_time)
    status, told = record(capsys, "--n", "3", "--count")
    assert status == ExitCode.UNKNOWN
    assert (told["length"], told["count"], told["stopped"]) == (11, None, "interrupted")
    status, _, err = says(capsys, "--n", "3", "--all", "all.asm")
    assert status == ExitCode.UNKNOWN
    assert err.endswith("stopped: interrupted\n")
    assert not Path("all.asm").exists()


def test_a_cold_start_says_that_it_compiles(capsys, monkeypatch):
    monkeypatch.setattr(progress, "_PATIENCE", 0.01)
    cached = iter([True, False])  # as when the import alone takes that long
    monkeypatch.setattr(base, "all_from_cache", lambda: next(cached))
    with progress.progress():
        for _ in range(6000):
            time.sleep(0.01)
            if said := capsys.readouterr().err:
                break
    assert said == "compiling the search (only on a first run) ...\n"
    monkeypatch.setattr(base, "all_from_cache", lambda: True)
    with progress.progress() as report:
        time.sleep(0.2)
        report(Progress("a line"))
    assert capsys.readouterr().err == "a line\n"


def test_a_long_list_reports_how_far_it_is():
    told = []
    news = Budget(report=lambda where: told.append((where.doing, where.done, where.total)), every=0)
    progress = Progress("kernels listed", total=3000)
    assert list(search._reported(iter("abc"), progress, news)) == list("abc")
    assert told == [("kernels listed", number, 3000) for number in (1, 2, 3)]


def test_the_command_works_in_a_process_of_its_own():
    ran = subprocess.run(
        [sys.executable, "-m", "sortopt", "search", "--n", "3", "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(ran.stdout)["length"] == 11


def test_a_bound_that_rests_on_a_checkpoint_says_so(tmp_path, capsys):
    folder = str(tmp_path / "proof")
    for again in (False, True):
        assert app.run(["search", "--n", "2", "--checkpoint", folder]) == 0
        said = f"resting on the checkpoint in {folder}, not checked again"
        assert (said in capsys.readouterr().err) == again
        assert app.run(["search", "--n", "2", "--checkpoint", folder, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["taken_over"] == folder


def test_a_folder_to_spill_to_needs_a_limit_of_memory_and_must_be_there(tmp_path, capsys):
    for options, said in (
        (["--spill", str(tmp_path)], "--spill has no effect without --memory-limit"),
        (["--spill", str(tmp_path / "no"), "--memory-limit", "9"], "cannot spill to"),
    ):
        status, _, err = says(capsys, "--n", "2", *options)
        assert (status, said in err) == (ExitCode.BAD_INPUT, True)


def test_what_a_cluster_does_not_serve_is_refused_by_name(capsys):
    for options, said in (
        (["--n", "3", "--count"], "--count does not run on a cluster"),
        (["--n", "3", "--all"], "--all does not run on a cluster"),
        (["--n", "3", "--rank", "latency"], "--rank does not run on a cluster"),
        (["--n", "3", "--certificate", "c"], "--certificate does not run on a cluster"),
        (["--n", "5"], "--cluster has no effect without an exhaustive search"),
    ):
        status, _, err = says(capsys, *options, "--cluster", "local:2")
        assert (status, said in err) == (ExitCode.BAD_INPUT, True)


def test_where_the_next_length_is_open_what_it_would_need_is_said():
    answer = find(Problem(3), max_length=10)
    assert not any(str(line).startswith("to rule out") for line in fine_print(answer))
    outlook = replace(answer.outlook, states=2_345_678, nbytes=3 << 30, seconds=9_000.0)
    assert list(fine_print(replace(answer, outlook=outlook)))[-1] == (
        "to rule out 11 instructions takes about 2,345,678 states, 3,073 MiB and 2.5 h, "
        "as states grew so far"
    )


def test_the_kernel_alone_is_on_stdout_and_the_answer_leads(capsys):
    status, out, err = says(capsys, "--n", "3")
    assert (status, len(sortopt.parse(out))) == (ExitCode.DONE, 11)
    assert err.splitlines()[0] == "11 instructions, and no shorter kernel exists"
    assert out.startswith("; sort3, 11 instructions\n")
    assert out.splitlines()[-1].startswith("    ")


def test_quiet_leaves_the_kernel_alone(capsys):
    assert says(capsys, "--n", "3", "--quiet") == (0, says(capsys, "--n", "3")[1], "")


def test_a_file_keeps_what_was_proved_as_comments(capsys, tmp_path):
    status, out, err = says(capsys, "--n", "2", "-o", "sort2.asm")
    assert (status, out) == (ExitCode.DONE, "")
    text = (tmp_path / "sort2.asm").read_text()
    assert "; 4 instructions, and no shorter kernel exists\n" in text
    assert err.splitlines()[0] == "4 instructions, and no shorter kernel exists"
    assert err.splitlines()[-1] == "wrote sort2.asm"
    assert app.run(["verify", "sort2.asm"]) == ExitCode.DONE
    assert says(capsys, "--n", "2", "-o", "sort2.asm")[0] == ExitCode.BAD_INPUT


def test_the_options_stand_in_groups_and_none_is_left_out(capsys):
    _, out, _ = says(capsys, "--help")
    titles = ["What to find:", "How far to look:", "What to write:"]
    assert [line for line in out.splitlines() if line in titles] == titles
    for parameter in search.command.params:
        assert any(f" {option}" in out for option in parameter.opts)
