"""scripts/bench_search.py: what it asks, what it measures, and how it shows it."""

import json

import bench_search as bench
import pytest
import tables
from places import ROOT

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


@pytest.mark.parametrize(
    ("record", "status", "said", "cell"),
    [
        (PROVED, 0, "11, minimal", "11"),
        ({**PROVED, "count": 2026}, 0, "11, minimal: 2,026 kernels", "11"),
        ({**PROVED, "lower_bound": 9, "proved_minimal": False, "stopped": "interrupted"}, 3,
         "11, at least 9, interrupted", "9 to 11?"),
        ({**PROVED, "verified": False}, 3, "11, minimal, NOT VERIFIED", "11 to 11?"),
        (STOPPED, 3, "unknown: no kernel of 16, out of time", "17 or more?"),
        ({**STOPPED, "stopped": None}, 1, "no kernel of 16", "17 or more?"),
        ({}, None, "unknown: killed", "?"),
        ({}, 2, "failed, exit status 2", "?"),
    ],
)  # fmt: skip
def test_answers_say_what_is_proved(record, status, said, cell):
    assert bench.answer(result(record, status=status)) == said
    assert tables.length(bench.figure(result(record, status=status))) == cell


def test_kernels_that_items_name_are_in_the_checkout():
    named = [word for item in bench.items() for word in item.arguments if word[:8] == "kernels/"]
    assert len(named) == 3
    assert all((ROOT / path).is_file() for path in named)


def test_certificates_are_certified_or_rejected():
    assert bench.answer(result({"valid": True, "lower_bound": 11})) == "certified: 11"
    assert bench.answer(result({"valid": False, "lower_bound": 11})) == "rejected"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"verdict": "proved", "methods": [{"name": "weak orders", "verdict": "proved"},
                                           {"name": "z3", "verdict": "unknown"}]},
         "proved by weak orders"),
        ({"verdict": "refuted", "methods": [{"name": "z3", "verdict": "refuted"}]}, "refuted"),
        ({"summary": {"proved": 2026, "refuted": 3574, "unknown": 0}},
         "2,026 proved, 3,574 refuted"),
        ({"points": [{"length": 11, "critical_path": 5.0}], "complete_for_any_length": True},
         "(11, 5): complete for any length"),
        ({"points": [{"length": 20, "critical_path": 6.5}, {"length": 21, "critical_path": 6.0}],
          "complete_for_any_length": False, "complete_up_to": 20},
         "(20, 6.5), (21, 6): complete up to 20 instructions"),
        ({"points": [], "complete_for_any_length": False, "complete_up_to": None},
         ": not proved complete"),
    ],
)  # fmt: skip
def test_answers_of_other_commands_say_what_is_proved(record, said):
    assert bench.answer(result(record)) == said


def test_figures_are_medians_and_answers_that_change_are_marked():
    figure = bench.figure(result(PROVED, {**PROVED, "seconds": 0.19}, PROVED))
    assert (figure["answer"], figure["seconds"], figure["wall"]) == ("11, minimal", 0.09, 2.5)
    assert (figure["states"], figure["peak"]) == (637, 101 << 20)
    changed = result(PROVED, {**PROVED, "states": 638})
    assert bench.answer(changed) == "11, minimal (NOT THE SAME EVERY TIME)"


def test_one_run_prints_a_table_and_writes_its_figures(capsys, tmp_path):
    results = tmp_path / "search.json"
    chosen = "lengths, x86-cmov, merge:1,1, n = 2"
    assert bench.main(["--only", chosen, "--results", str(results)]) == 0
    assert "| merge:1,1 | 4 (2) |" in capsys.readouterr().out
    (figure,) = json.loads(results.read_text())["figures"]
    assert (figure["name"], figure["answer"], figure["status"]) == (chosen, "4, minimal", 0)
    assert figure["wall"] > figure["seconds"] > 0
    assert figure["peak"] > 10 << 20
    assert figure["command"] == "sortopt search --n 2 --isa x86-cmov --goal merge:1,1"


def test_what_cannot_be_measured_is_refused(capsys):
    with pytest.raises(SystemExit, match="no item begins with 'n = 17'; see --list"):
        bench.main(["--only", "n = 17"])
    with pytest.raises(SystemExit, match="n = 4, l g, count: long; add --long"):
        bench.main(["--only", "n = 4, l g, count"])
    with pytest.raises(SystemExit):
        bench.main(["--repeat", "0"])
    assert bench.main(["--list"]) == 0
    assert "n = 4, l g, count (long): sortopt search --n 4" in capsys.readouterr().out
