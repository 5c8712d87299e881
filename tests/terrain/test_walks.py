"""Programs that are wrong: on how many inputs, how far from a kernel, and where walks end."""

from functools import cache

import naive
import numpy as np
import pytest
from engines import SILENT_OVERFLOW

from sortopt.base import Budget
from sortopt.search.space import build, problem_of
from sortopt.terrain import WALKS, Space, _edit_kernels, _walk_kernels, lengths
from sortopt.terrain.walks import failing, reached

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)

PROBLEM = problem_of(2, conditions=("l", "g"))
SPACE = Space.of(build(PROBLEM))
RANDOM = np.random.Generator(np.random.PCG64(5)).integers(0, 21, (300, 4)).astype(np.uint16)


@cache
def right():
    """Return all kernels of two keys of the least length."""
    return lengths(PROBLEM, 4).all(4)


def count_failing(program):
    """Return on how many inputs a program fails, as the oracle runs it on each alone."""
    count = 0
    for order in PROBLEM.orders:
        state = naive.start_state([order], 1)
        for q in program:
            form, cells = SPACE.instructions[q]
            state = naive.apply((form.mnemonic, *cells), state, True, True) if state else None
        count += state is None or any(cells[:2] != tag for cells, _, tag in state)
    return count


def test_inputs_that_fail_are_those_on_which_the_oracle_fails():
    for program in (*right(), *RANDOM):
        assert _edit_kernels.failing(program, 4, SPACE.tables) == count_failing(program)


def neighbours(program):
    room = SPACE.room(4)
    return room[: _edit_kernels.changed(program, 4, SPACE.tables, room)].copy()


def test_a_distance_is_the_least_number_of_edits():
    for program in (*right()[:2], *RANDOM[:60]):
        near = neighbours(program)
        far = [new for middle in near[:] for new in neighbours(middle)]
        rights = [any(not count_failing(p) for p in ps) for ps in ([program], near)]
        rights.append(any(_edit_kernels.is_right(p, 4, SPACE.tables) for p in far))
        wanted = rights.index(True) if True in rights else 3
        found = _walk_kernels.distance_to_right(program, SPACE.tables, SPACE.room(4), SPACE.room(4))
        assert found == wanted


def test_programs_one_edit_away_are_all_wrong_results_of_single_edits():
    found = {f.edits: f for f in failing(SPACE, right(), 50, seed=0)}
    counts = [0] * 4
    for program in right():
        for new in neighbours(program):
            counts[count_failing(new)] += 1
    assert found[1].counts == (0, *counts[1:])
    assert found[1].mean == pytest.approx(
        sum(f * c for f, c in enumerate(counts)) / sum(counts[1:])
    )
    assert all(f.counts[0] == 0 for f in found.values() if f.edits)
    assert found[None].programs == 50


def test_a_descent_ends_where_no_edit_is_better():
    random, room = np.zeros(1, np.uint64), SPACE.room(4)
    for seed, start in enumerate(RANDOM[:50]):
        program = start.copy()
        random[0] = seed
        cost = _walk_kernels.descend(program, SPACE.tables, random, room)
        assert cost == count_failing(program) <= count_failing(start)
        assert cost == 0 or min(map(count_failing, neighbours(program))) >= cost


def test_a_level_walk_never_climbs():
    random = np.zeros(1, np.uint64)
    for start in RANDOM[:50]:
        program, before = start.copy(), count_failing(start)
        for _ in range(20):
            walk = WALKS["level walk"]._replace(edits=5)
            after = _walk_kernels.anneal(program, SPACE.tables, random, walk)
            assert after == count_failing(program) <= before
            before = after


def test_an_edit_at_random_is_one_of_the_edits():
    random, tables = np.zeros(1, np.uint64), SPACE.tables
    for start in RANDOM:
        program = start.copy()
        _walk_kernels.edit_at_random(program, 4, tables, random)
        made = []
        for new in (program, start, *neighbours(start)):
            other = new.copy()
            _edit_kernels.as_written(other, 4, tables)
            made.append(tuple(other))
        assert made[0] in made[1:]


@pytest.mark.parametrize("walk", WALKS)
def test_walks_do_not_depend_on_the_number_of_threads(walk):
    found = [reached(SPACE, 4, walk, 20, 7, Budget(threads=threads)) for threads in (1, 3)]
    assert found[0] == found[1]
    assert sum(found[0].ends) == 20
    assert found[0].kernels == found[0].ends[0]


def test_what_is_counted_does_not_depend_on_the_number_of_threads():
    budgets = [Budget(threads=threads) for threads in (1, 3)]
    assert failing(SPACE, right(), 40, 3, budgets[0]) == failing(SPACE, right(), 40, 3, budgets[1])
