"""scripts/bench_optimize.py: one figure a run, proved anew, and clear words on bad input."""

import json

import bench_optimize
import pytest

from sortopt.base import InputError


@pytest.mark.parametrize(
    ("n", "where", "comparators", "lowering"), [(3, [], 3, 12), (2, ["--in-memory"], 1, 8)]
)
def test_a_figure_says_what_was_saved_and_how_it_is_proved(
    capsys, tmp_path, n, where, comparators, lowering
):
    path = tmp_path / "optimize.json"
    arguments = ["--n", str(n), "--time-limit", "600", "--results", str(path), *where]
    assert bench_optimize.main(arguments) == 0
    assert f" | {lowering} | " in capsys.readouterr().out
    (figure,) = json.loads(path.read_text())["figures"]
    assert (figure["n"], figure["comparators"], figure["before"]) == (n, comparators, lowering)
    assert figure["after"] < lowering
    assert (figure["seed"], figure["verdict"]) == (0, "proved by weak orders and z3")


def test_a_number_of_keys_that_has_no_network_is_refused(capsys):
    with pytest.raises(SystemExit) as refused:
        bench_optimize.main(["--n", "40"])
    assert refused.value.code == 2
    assert "numbers of keys are 2 to 16" in capsys.readouterr().err


def test_results_that_cannot_be_written_are_refused_before_the_work(tmp_path):
    with pytest.raises(InputError):
        bench_optimize.main(["--n", "3", "--results", str(tmp_path / "none" / "optimize.json")])
