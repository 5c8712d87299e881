"""scripts/bench_search.py: what it asks, what it measures, and how it shows it."""

import importlib.util
import json
import sys

import pytest
from places import SCRIPTS

PATH = SCRIPTS / "bench_search.py"
SPEC = importlib.util.spec_from_file_location("bench_search", PATH)
bench = importlib.util.module_from_spec(SPEC)
sys.modules["bench_search"] = bench
SPEC.loader.exec_module(bench)

PROVED = {"length": 11, "lower_bound": 11, "proved_minimal": True, "verified": True,
          "count": None, "stopped": None, "states": 637, "seconds": 0.09}  # fmt: skip
STOPPED = {**PROVED, "length": None, "lower_bound": 17, "proved_minimal": False,
           "verified": False, "stopped": "out of time"}  # fmt: skip


def result(*records, name="n = 3", section="proofs", status=0):
    runs = [bench.Run(status, record, 1.5 + k, (100 + k) << 20) for k, record in enumerate(records)]
    return bench.Result(bench.Item(name, bench.search(3), section), tuple(runs))


def test_items_have_names_of_their_own():
    names = [item.name for item in bench.items()]
    assert len(set(names)) == len(names)
    assert {item.section for item in bench.items()} == bench.TITLES.keys()


@pytest.mark.parametrize(
    ("record", "status", "said", "cell"),
    [
        (PROVED, 0, "11", "11"),
        ({**PROVED, "count": 2026}, 0, "11: 2,026 kernels", "11"),
        ({**PROVED, "lower_bound": 9, "proved_minimal": False, "stopped": "interrupted"}, 3,
         "11, at least 9, interrupted", "9 to 11?"),
        ({**PROVED, "verified": False}, 3, "11, NOT VERIFIED", "11 to 11?"),
        (STOPPED, 3, "unknown: no kernel of 16, out of time", "17 or more?"),
        ({**STOPPED, "stopped": None}, 1, "no kernel of 16", "17 or more?"),
        ({}, None, "unknown: killed", "?"),
        ({}, 2, "failed, exit status 2", "?"),
    ],
)  # fmt: skip
def test_answers_say_what_is_proved(record, status, said, cell):
    assert bench.answer(result(record, status=status)) == said
    assert bench.cell(result(record, status=status)) == cell


def test_certificates_are_certified_or_rejected():
    assert bench.answer(result({"valid": True, "lower_bound": 11})) == "certified: 11"
    assert bench.answer(result({"valid": False, "lower_bound": 11})) == "rejected"


def test_medians_are_shown_and_answers_that_change_are_told():
    shown = bench.proofs_table([result(PROVED, {**PROVED, "seconds": 0.19}, PROVED)])
    assert "| n = 3 | 11 | 637 | 0.09 s | 2.50 s | 101 MiB | `sortopt search --n 3` |" in shown
    changed = result(PROVED, {**PROVED, "states": 638})
    assert bench.answer(changed) == "11 (NOT THE SAME EVERY TIME)"


def test_lengths_are_a_table_of_goals_by_instruction_set_and_keys():
    found = [
        result(PROVED, name="lengths, x86-cmov, sort, n = 3"),
        result(STOPPED, name="lengths, x86-minmax, sort given a<b, a<c, n = 4"),
    ]
    assert bench.lengths_table(found).splitlines() == [
        "| goal | cmov, n = 3 | min/max, n = 4 |",
        "|---|---|---|",
        "| sort | 11 |  |",
        "| sort given a<b, a<c |  | 17 or more? |",
    ]


def test_one_run_writes_markdown_and_json(capsys, tmp_path):
    tables, figures = tmp_path / "search.md", tmp_path / "search.json"
    chosen = "lengths, x86-cmov, merge:1,1, n = 2"
    assert bench.main(["--only", chosen, "--markdown", str(tables), "--json", str(figures)]) == 0
    assert capsys.readouterr().out == tables.read_text()
    assert "| merge:1,1 | 4 |" in tables.read_text()
    (item,) = json.loads(figures.read_text())["items"]
    assert (item["name"], item["answer"], item["status"]) == (chosen, "4", 0)
    assert item["wall"] > item["seconds"] > 0
    assert item["peak"] > 10 << 20
    assert item["command"] == "sortopt search --n 2 --isa x86-cmov --goal merge:1,1"


def test_what_cannot_be_measured_is_told(capsys):
    with pytest.raises(SystemExit, match="no item is called 'n = 17'; see --list"):
        bench.main(["--only", "n = 17"])
    with pytest.raises(SystemExit, match="n = 4, l g, count: long; add --long"):
        bench.main(["--only", "n = 4, l g, count"])
    with pytest.raises(SystemExit):
        bench.main(["--repeat", "0"])
    assert bench.main(["--list"]) == 0
    assert "n = 4, l g, count (long): sortopt search --n 4" in capsys.readouterr().out
