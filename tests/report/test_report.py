"""What answers look like, without a command line: words, records, tables."""

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from kernels_by_hand import FAILS_ON_TIES, SORT2
from places import KERNELS

from sortopt import api
from sortopt.base import Budget, Progress
from sortopt.model import rebuild
from sortopt.native import Result
from sortopt.native.paired import Paired, Spread
from sortopt.report import bench, claim, folder, network, records, tables, words

SORT3 = KERNELS / "alphadev" / "sort3.asm"
MOVELESS = KERNELS / "claim" / "without-mov.asm"
TIES = KERNELS / "cgo25" / "sort3-len11-depth6.cgo"


def text(capsys, parts):
    """Return what is printed of `parts`."""
    tables.show(*parts)
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out


def test_reports_need_no_command_line():
    code = (
        "import sys; from sortopt import api\n"
        "from sortopt.report import bench, chart, claim, folder, network, records, tables, words\n"
        f"found = api.verify_file({str(SORT3)!r})\n"
        "tables.show(*words.checked(found)); tables.show_record(records.checked(found))\n"
        "assert 'click' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "proved for all inputs: equal keys" in done.stdout


def test_a_proof_is_told_from_what_was_read_to_what_decided(capsys):
    lines = text(capsys, words.checked(api.verify_file(SORT3))).splitlines()
    assert lines[0].startswith(f"{SORT3}: 3 keys (int32), 11 instructions")
    assert lines[1].startswith("proved for all inputs: equal keys, signed keys of any width")
    assert [line.split()[:2] for line in lines[2:4]] == [["weak", "orders"], ["z3", "proved"]]
    assert lines[4] == "decided by weak orders and z3, which agree"


def test_a_refutation_comes_with_its_trace(capsys):
    printed = text(capsys, words.checked(api.verify_file(MOVELESS)))
    assert "refuted: input 1 2 1 comes out as" in printed
    assert "on entry" in printed
    assert "*" in printed
    assert "where 1 belongs: all keys are there, but out of order" in printed.splitlines()[-1]


def test_an_unknown_verdict_says_what_ran_out():
    found = api.verify_file(SORT3, budget=Budget(1e-9))
    said = words.verdict(found.file.kernel, found.judgement)
    assert said == "unknown: weak orders: out of time; z3: out of time"
    assert words.decided(found.judgement) == "undecided"
    assert records.checked(found)["reason"] == "weak orders: out of time; z3: out of time"


def test_preconditions_are_named_in_one_line():
    found = api.explain_file(TIES)
    (line,) = words.preconditions(found)
    assert line == "it is right given a <= b, or given a <= c, or given b != c: proved"
    assert list(words.preconditions(api.explain_file(SORT3))) == []
    (line,) = words.preconditions(api.explain_file(KERNELS / "swap" / "without-first-mov.asm"))
    assert line == words.NO_PRECONDITION


def test_more_preconditions_than_fit_are_counted(tmp_path):
    whole = api.load(KERNELS / "minmax" / "sort4-len15-depth5.asm")
    path = tmp_path / "four.asm"
    path.write_text(api.print_kernel(rebuild(whole, whole.instructions[:-1])))
    found = api.explain_file(path)
    weakest = found.study.weakest
    assert len(weakest) > words.MOST_PRECONDITIONS[0]
    (line,) = words.preconditions(found)
    assert f"(and {len(weakest) - words.MOST_PRECONDITIONS[0]} more): proved" in line
    shown = [line for line in words.studied(found) if line.startswith("right given")]
    assert len(shown) == min(len(weakest), words.MOST_PRECONDITIONS[1])


@pytest.mark.parametrize("path", [SORT3, MOVELESS, TIES])
def test_records_are_json(path):
    found = api.study_file(api.verify_file(path))
    record = json.loads(json.dumps(records.checked(found) | records.beside(found)))
    assert record["verdict"] == found.judgement.verdict.name
    assert [m["name"] for m in record["methods"]] == ["weak orders", "z3"]
    assert (record["counterexample"] is None) == (record["verdict"] == "proved")


def test_a_record_of_a_kernel_reads_back():
    record = records.kernel(SORT2)
    assert api.parse(record["asm"]) == SORT2
    assert record["inputs"] == record["outputs"] == ["eax", "ecx"]


def test_a_repair_is_told_change_by_change(tmp_path):
    found = api.repair_file(TIES, output=tmp_path / "repaired.cgo")
    first, change, verdict, wrote = words.repaired(found)
    assert "repaired, equal length, 11 instructions" in first
    assert "(was cmovl)" in change
    assert verdict.startswith("proved for all inputs")
    assert wrote == f"wrote {tmp_path / 'repaired.cgo'}"
    assert records.repaired(found)["mended"] is True


def test_a_network_that_does_not_sort_is_told_by_an_input():
    found = api.network("0:1, 1:2")
    assert network.sentence(found).startswith("does not sort: input ")
    assert network.record(found)["verdict"] == "refuted"
    idle = api.network("0:1, 0:1")
    assert "never exchanged, so not needed: 0:1" in network.sentence(idle)
    long = list(network.lines(api.network("0:1," * 2000)))
    assert long[1].endswith("0:1, 0:1 and 1,899 more")
    assert long[2:] == ["more than 1,000 layers are drawn on request: --to diagram"]


def test_a_folder_is_summed_up_by_verdict(capsys, tmp_path):
    (tmp_path / "right.asm").write_text(SORT3.read_text())
    (tmp_path / "wrong.asm").write_text(MOVELESS.read_text())
    planned = api.plan_folder(tmp_path)
    outcomes = list(api.judge_folder(planned))
    printed = text(capsys, folder.lines(planned, outcomes, 0.5))
    assert "wrong.asm: refuted: 1 2 1 comes out as" in printed
    assert "2 kernels in 0.5 s; 2 by weak orders and z3, which agree" in printed
    record = folder.record(planned, outcomes, 0.5)
    assert record["summary"] == {"proved": 1, "refuted": 1, "unsafe": 0, "unknown": 0, "faulty": 0}


def test_a_folder_that_was_not_finished_does_not_claim_proofs(capsys, tmp_path):
    (tmp_path / "right.asm").write_text(SORT3.read_text())
    planned = api.plan_folder(tmp_path)
    outcomes = list(api.judge_folder(planned, budget=Budget(1e-9)))
    assert "1 kernel in 0.5 s; 1 undecided" in text(capsys, folder.lines(planned, outcomes, 0.5))


def test_the_claim_is_told_in_three_parts(capsys):
    report = api.claim.examine()
    printed = text(capsys, claim.lines(report))
    assert [part for part in "123" if f"\n{part}. " in printed] == ["1", "2", "3"]
    json.dumps(claim.record(report))


def test_the_choice_of_a_library_is_told_kernel_by_kernel():
    library = api.sort_library("2,3", KERNELS / "alphadev")
    assert list(words.library(library)) == [
        "n = 2: 4 instructions, proved, best network, 1 comparator (no kernel found is as short)",
        "n = 3: 11 instructions, proved, sort3.asm (the network takes 12)",
    ]
    assert [entry["n"] for entry in records.library(library)["kernels"]] == [2, 3]


def test_progress_is_one_line():
    assert words.progress(Progress("compiling: a, b")) == "compiling: a, b"
    level = Progress(
        "searching", limit=11, level=3, level_states=1234, states=56789, nbytes=5 << 20, seconds=3
    )
    assert words.progress(level) == (
        "limit 11: level 3, 1,234 states on it, 56,789 in all, 5 MiB, 3 s"
    )
    assert (
        words.progress(Progress("found a kernel", best=1, seconds=2)) == "1 instruction after 2.0 s"
    )
    assert words.progress(Progress("kernels listed", done=7, total=1234)) == (
        "7 of 1,234 kernels listed"
    )
    assert words.progress(Progress("classes listed", done=1234)) == "1,234 classes listed"
    ruled_out = Progress("no kernel of 9 instructions", bound=10, states=1000)
    assert words.progress(ruled_out) == "no kernel of 9 instructions (1,000 states)"


def test_a_counterexample_that_depends_on_scratch_says_so():
    kernel = api.load(KERNELS / "swap" / "without-first-mov.asm")
    found = api.counterexample(kernel)
    assert "on entry" in words.failure(kernel, found)
    assert "on entry" not in words.failure(FAILS_ON_TIES, api.counterexample(FAILS_ON_TIES))


def test_a_line_renews_itself_on_a_terminal_and_leaves_nothing_behind(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "11")
    tables.renew("0123456789abc")
    tables.show("done", stderr=True)
    tables.show("more", stderr=True)
    assert capsys.readouterr().err == "\r\x1b[2K0123456789\r\x1b[2Kdone\nmore\n"


@pytest.mark.parametrize(
    ("settings", "elsewhere", "coloured"),
    [("TERM=xterm", False, True), ("TERM=dumb", False, False), ("NO_COLOR=1", False, False),
     ("FORCE_COLOR=1", True, True), ("CLICOLOR_FORCE=1", True, True),
     ("FORCE_COLOR=0", False, True), ("FORCE_COLOR=1 NO_COLOR=1", False, False),
     ("NO_COLOR=1 --color=always", True, True), ("FORCE_COLOR=1 --color=never", False, False),
     ("FORCE_COLOR=1 --color=auto", True, True)],
)  # fmt: skip
def test_only_what_may_be_coloured_is(settings, elsewhere, coloured, capsys, monkeypatch):
    """`elsewhere`: whether what is no terminal is coloured, too."""
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tables, "_when", "auto")
    for name, value in (setting.split("=") for setting in settings.split()):
        if name == "--color":
            tables.colour(value)
        else:
            monkeypatch.setenv(name, value)
    parts = ["a.asm: refuted: input 1 2", "proved for all inputs", "stable: unknown: time",
             "n = 3 is not proved yet", tables.rows([["z3", "proved", "0.1 s"]])]  # fmt: skip
    plain = tables.text(*parts)
    assert "\x1b" not in plain
    tables.show(*parts)
    assert ("\x1b" in capsys.readouterr().out) == elsewhere
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    tables.show(*parts)
    printed = capsys.readouterr().out
    assert re.sub(r"\x1b\[\d*m", "", printed) == f"{plain}\n"
    words_in_colour = re.findall(r"\x1b\[(\d+)m(\w+)\x1b\[0m", printed)
    expected = [("31", "refuted"), ("32", "proved"), ("33", "unknown"), ("32", "proved")]
    assert words_in_colour == (expected if coloured else [])


def test_a_narrow_terminal_loses_nothing_of_a_table(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "30")
    cells = ["mov    eax, ecx", "a cell that is wider than the terminal"]
    tables.show(tables.rows([cells], ["instruction", "why"]))
    assert capsys.readouterr().out.splitlines()[1] == "  " + "  ".join(cells)


def test_without_a_terminal_each_line_stays(capsys):
    tables.renew("one")
    tables.renew("two")
    tables.show("three")
    assert capsys.readouterr() == ("three\n", "one\ntwo\n")


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (0, 1, "1.25 ± 0.05 times as fast as b"),
        (1, 0, "0.80 ± 0.03 times as fast as a"),
    ],
)
def test_a_ratio_is_said_from_the_side_of_either(one, other, said):
    ratio = Paired(0, 1, Spread(1.25, 1.2, 1.3), 1e-6)
    result = Result("standalone", "random", "ns", ("a", "b"), (), (ratio,))
    assert bench._times(result, one, other) == said
    unsure = replace(result, verdicts=(replace(ratio, chance=0.5),))
    assert bench._times(unsure, one, other) == f"{said} (no difference is shown)"
