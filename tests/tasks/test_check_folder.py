"""Many kernels at once: what is judged by which proof, in one process or several."""

import json

import pytest
from places import ROOT

from sortopt.base.errors import InputError
from sortopt.cli.app import run
from sortopt.tasks import check_folder

KERNELS = "kernels"
SORT2 = "; inputs: eax ecx\n; outputs: eax ecx\nmov edx, eax\ncmp eax, ecx\n"
SORT2 += "cmovg eax, ecx\ncmovg ecx, edx\n"


def fill(folder, right=1, wrong=0, faulty=0):
    for number in range(right):
        (folder / f"right{number}.asm").write_text(SORT2)
    for number in range(wrong):
        (folder / f"wrong{number}.asm").write_text(SORT2.replace("cmovg eax", "cmovl eax"))
    for number in range(faulty):
        (folder / f"faulty{number}.s").write_text(SORT2.replace("cmovg eax", "add eax"))
    (folder / "notes.txt").write_text("no kernel")
    return folder


def test_every_kernel_of_the_corpus_is_judged_by_both_proofs_as_expected():
    planned = check_folder.plan_folder(KERNELS, both=False)
    outcomes = list(check_folder.judge_folder(planned))
    assert planned.whole
    assert len(outcomes) == len(planned.paths) >= 27
    assert all(outcome.expect == outcome.verdict for outcome in outcomes)
    assert all(outcome.methods == ("weak orders", "z3") for outcome in outcomes)


def test_a_sample_is_judged_by_both_proofs_unless_told(tmp_path):
    fill(tmp_path, right=check_folder.SAMPLE + 20)
    planned = check_folder.plan_folder(tmp_path, both=False)
    assert (len(planned.sample), planned.whole) == (check_folder.SAMPLE, False)
    assert check_folder.plan_folder(tmp_path, both=True).whole


def test_processes_give_the_same_outcomes(tmp_path):
    planned = check_folder.plan_folder(fill(tmp_path, right=50, wrong=50, faulty=20), both=False)
    alone = sorted(check_folder.judge_folder(planned, jobs=1), key=lambda outcome: outcome.path)
    shared = sorted(check_folder.judge_folder(planned, jobs=2), key=lambda outcome: outcome.path)
    assert alone == shared
    assert [sum(o.verdict == v for o in alone) for v in ("proved", "refuted", "faulty")] == [
        50,
        50,
        20,
    ]
    assert all(o.counterexample.outputs for o in alone if o.verdict == "refuted")


def test_a_folder_without_kernels_is_refused(tmp_path):
    with pytest.raises(InputError, match="there is no folder"):
        check_folder.plan_folder(tmp_path / "none", both=False)
    with pytest.raises(InputError, match="holds no kernel file"):
        check_folder.plan_folder(tmp_path, both=False)


@pytest.mark.parametrize(
    ("counts", "status"),
    [((2, 0, 0), 0), ((1, 1, 0), 1), ((1, 1, 1), 2)],
)
def test_exit_status_is_that_of_the_worst(tmp_path, capsys, counts, status):
    assert run(["verify", "--all-of", str(fill(tmp_path, *counts))]) == status
    printed = capsys.readouterr()
    assert f"{sum(counts)} kernel" in printed.out
    assert "by weak orders and z3, which agree" in printed.out
    assert printed.err == ""


def test_json_holds_summary_and_outcomes(tmp_path, capsys):
    assert run(["verify", "--json", "--all-of", str(fill(tmp_path, 2, 1, 1))]) == 2
    record = json.loads(capsys.readouterr().out)
    counts = {"proved": 2, "refuted": 1, "unsafe": 0, "unknown": 0, "faulty": 1}
    assert record["summary"] == counts
    assert len(record["kernels"]) == 4
    refuted = next(k for k in record["kernels"] if k["verdict"] == "refuted")
    assert refuted["counterexample"]["inputs"]


def test_no_more_than_ten_of_a_kind_are_listed(tmp_path, capsys):
    run(["verify", "--all-of", str(fill(tmp_path, 0, 12, 0))])
    printed = capsys.readouterr().out
    assert printed.count(": refuted: ") == 10
    assert "… and 2 more refuted" in printed


def test_time_that_runs_out_is_unknown(tmp_path, capsys):
    assert run(["verify", "--timeout", "1e-9", "--all-of", str(fill(tmp_path))]) == 3
    assert "unknown" in capsys.readouterr().out


@pytest.mark.parametrize(
    "more", [["--explain"], ["--smt2", "x"], ["--key", "int32"], ["--bits", "8"], ["file.asm"]]
)
def test_options_of_one_file_are_refused(tmp_path, capsys, more):
    assert run(["verify", "--all-of", str(fill(tmp_path)), *more]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_a_function_that_branches_is_judged_among_kernels():
    path = str(ROOT / "tests" / "branching" / "net3-O1.s")
    found = check_folder.outcome(path, both=False)
    assert (found.verdict, found.n, found.length) == ("proved", 3, None)
    assert len(found.methods) == 2
