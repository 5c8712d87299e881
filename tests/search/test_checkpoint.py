"""Checkpoints: a proof that is stopped anywhere goes on and ends as if it had not been."""

import json

import pytest

from sortopt.base.errors import InputError, LimitReached
from sortopt.search.bounds.patterns import build_database
from sortopt.search.exhaustive.checkpoint import open_checkpoint
from sortopt.search.exhaustive.deepening import engine_for, shortest
from sortopt.search.space.problem import Problem
from sortopt.targets import X86_MINMAX

PROBLEM = Problem(3)


class StopAfter:
    """A watch that ends the search at its `rounds`-th round."""

    def __init__(self, rounds, error):
        self.rounds, self.error = rounds, error

    def __call__(self, progress):
        self.rounds -= 1
        if self.rounds < 0:
            raise self.error


@pytest.mark.parametrize("rounds", range(0, 24, 3))
@pytest.mark.parametrize("error", [LimitReached("time is up"), KeyboardInterrupt()])
def test_stopped_proof_goes_on_to_the_same_answer(tmp_path, rounds, error):
    folder = str(tmp_path / "proof")
    whole = shortest(PROBLEM)
    first = shortest(PROBLEM, checkpoint=folder, watch=StopAfter(rounds, error))
    assert first.stopped
    assert first.lower_bound <= 11
    again = shortest(PROBLEM, checkpoint=folder)
    assert again.stopped is None
    assert (again.lower_bound, again.kernel) == (whole.lower_bound, whole.kernel)


def test_restored_search_has_the_same_states_at_the_same_depths(tmp_path):
    easier = Problem(3, distinct=True, in_place=False)
    engine = engine_for(easier, build_database(easier), 1)
    checkpoint = open_checkpoint(str(tmp_path), easier)
    checkpoint.settle(10)
    whole = engine.search(10, None)
    whole.on_level = checkpoint.save
    whole.run()
    restored = engine.search(10, None)
    open_checkpoint(str(tmp_path), easier).restore(restored)
    assert restored.counts == whole.counts[: len(restored.counts)]
    assert len(restored.counts) == len(checkpoint.levels) + 1 > 4
    restored.run()
    assert restored.counts == whole.counts


def test_bound_never_falls_from_run_to_run(tmp_path):
    folder, bounds = str(tmp_path / "proof"), []
    for _ in range(30):
        watch = StopAfter(3, LimitReached("time is up"))
        bounds.append(shortest(PROBLEM, checkpoint=folder, watch=watch).lower_bound)
    assert bounds == sorted(bounds)
    assert bounds[-1] > bounds[0]


def stopped(folder):
    shortest(PROBLEM, checkpoint=folder, watch=StopAfter(9, LimitReached("time is up")))
    checkpoint = open_checkpoint(folder, PROBLEM)
    assert checkpoint.levels
    return checkpoint


def test_damaged_level_is_refused(tmp_path):
    folder = tmp_path / "proof"
    name, _ = stopped(str(folder)).levels[-1]
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(InputError, match="damaged"):
        shortest(PROBLEM, checkpoint=str(folder))


def test_missing_level_is_refused(tmp_path):
    folder = tmp_path / "proof"
    name, _ = stopped(str(folder)).levels[-1]
    (folder / name).unlink()
    with pytest.raises(InputError, match="damaged"):
        shortest(PROBLEM, checkpoint=str(folder))


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", json.dumps({"body": "{}", "digest": "0"})])
def test_damaged_index_is_refused(tmp_path, text):
    folder = tmp_path / "proof"
    stopped(str(folder))
    (folder / "checkpoint.json").write_text(text)
    with pytest.raises(InputError, match="damaged"):
        open_checkpoint(str(folder), PROBLEM)


def test_checkpoint_of_another_problem_is_refused(tmp_path):
    folder = str(tmp_path / "proof")
    stopped(folder)
    with pytest.raises(InputError, match="another problem"):
        open_checkpoint(folder, Problem(3, isa=X86_MINMAX))


def test_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="no checkpoint folder"):
        open_checkpoint(str(tmp_path), PROBLEM)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_levels_of_settled_limits_are_removed(tmp_path):
    folder = tmp_path / "proof"
    shortest(PROBLEM, checkpoint=str(folder))
    left = {path.name for path in folder.iterdir()}
    assert left == {
        "checkpoint.json",
        *(n for n, _ in open_checkpoint(str(folder), PROBLEM).levels),
    }
