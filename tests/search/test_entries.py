"""Bounds without a restriction: kernels may compare and test anything at any time."""

from itertools import product

import engines
import naive
import numpy as np
import pytest
from engines import SMALL, group, question

from sortopt.search.exhaustive.deepening import shortest
from sortopt.search.space.problem import Problem
from sortopt.search.space.universe import with_entries


@pytest.mark.parametrize("problem", [question(2), question(3, assume="b<c"), question(2, scratch=2),
                                     question(3, minmax=True)], ids=engines.name_of)  # fmt: skip
def test_the_start_has_a_copy_of_each_key_in_scratch_for_every_input(problem):
    universe = group(problem)[0]
    started = with_entries(universe)
    expected = {
        ((*keys, *[copied] * problem.scratch), "=" * (not problem.monotone) or None, tag)
        for keys, _, tag in engines.state(universe, universe.start)
        for keys in [keys[: problem.n]]
        for copied in keys
    }
    assert engines.state(started, started.start) == expected
    assert (np.diff(started.start.astype(int)) > 0).all()


def right_programs(n, length, scratch, conditions, ranks):
    """Yield the programs of `length` instructions that are right for all entries, by trying all.

    They compare and test what they like, in any order of the operands.
    """
    cells = range(n + scratch)
    pairs = [(d, s) for d in cells for s in cells if d != s]
    names = ["mov", "cmp", *("cmov" + c for c in conditions)]
    instructions = [(name, d, s) for name in names for d, s in pairs]
    entries = [(keys, flags) for keys in naive.weak_orders(n + scratch) for flags in "<=>"]
    for program in product(instructions, repeat=length):
        possible = set(product(range(n), repeat=len(ranks)))
        for keys, flags in entries:
            after = naive.execute(program, dict(enumerate(keys)), flags)
            wanted = [sorted(keys[:n])[rank] for rank in ranks]
            possible = {
                outputs for outputs in possible
                if [after[cell] for cell in outputs] == wanted and len({*outputs}) == len(outputs)
            }  # fmt: skip
            if not possible:
                break
        else:
            yield program


@pytest.mark.parametrize(
    "problem", [question(2), question(2, "l"), question(2, goal="min"),
                question(2, scratch=0, goal="max")], ids=engines.name_of
)  # fmt: skip
def test_no_program_of_two_keys_is_shorter_whatever_it_compares(problem):
    found = shortest(problem)
    assert found.proved_minimal
    assert not found.restricted
    for length in range(found.lower_bound):
        n, ranks = problem.n, problem.goal.ranks(problem.n)
        assert not any(right_programs(n, length, problem.scratch, problem.conditions, ranks))


@pytest.mark.parametrize("name", SMALL)
def test_bounds_without_the_restriction_are_never_greater(name):
    free, strict = (shortest(SMALL[name], restricted=restricted) for restricted in (False, True))
    assert free.lower_bound <= strict.lower_bound
    assert (free.kernel is None) == (strict.kernel is None)
    assert free.restricted or free.lower_bound == strict.lower_bound


def test_three_keys_are_settled_without_the_restriction_and_in_few_states():
    found = shortest(Problem(3))
    assert (len(found.kernel), found.lower_bound, found.restricted) == (11, 11, False)
    assert found.states <= 300


def test_more_cells_are_restricted_unless_asked_otherwise():
    problem = question(2, scratch=3)
    assert [shortest(problem, restricted=r).restricted for r in (None, False)] == [True, False]
