"""A universe lists exactly the viable assignments, and steps as the interpreter does."""

from collections import Counter
from itertools import product

import engines
import naive
import numpy as np
import pytest
from engines import SMALL, question

from sortopt.base.errors import InputError
from sortopt.model.isa import Action
from sortopt.search.space.problem import Problem
from sortopt.search.space.universe import DEAD, build, check_size, estimated_size, instructions_of
from sortopt.targets import X86_MINMAX


def brute_force(problem):
    """Return every assignment of `problem` in which each wanted key is held somewhere."""
    flags = (None, "<", "=", ">") if problem.conditions else (None,)
    orders = {
        o for o in naive.weak_orders(problem.n) if not problem.distinct or len({*o}) == len(o)
    }
    return {
        (cells, flag, tag)
        for tag in {tuple(sorted(order)) for order in orders}
        for cells in product((None, *sorted(set(tag))), repeat=problem.cells)
        for flag in flags
        if all(tag[rank] in cells for rank in problem.goal.ranks(problem.n))
    }


@pytest.mark.jit_off
@pytest.mark.parametrize("name", SMALL)
def test_assignments_are_the_viable_ones_each_once(name):
    universe = build(SMALL[name])
    listed = [engines.assignment(universe, number) for number in range(universe.size)]
    assert len(set(listed)) == len(listed)
    assert set(listed) == brute_force(SMALL[name])


@pytest.mark.parametrize("name", SMALL)
def test_size_is_known_without_building(name):
    assert estimated_size(SMALL[name]) == build(SMALL[name]).size


def test_sizes_are_those_of_the_design():
    assert estimated_size(Problem(4)) == 8404
    assert estimated_size(Problem(4, distinct=True)) * 3 // 4 == 1080
    assert estimated_size(Problem(5, distinct=True)) * 3 // 4 == 7560


@pytest.mark.parametrize("name", SMALL)
def test_index_finds_each_assignment_by_its_code(name):
    universe = build(SMALL[name])
    codes = universe.codes(universe.contents, universe.flags, universe.patterns)
    assert (universe.index[codes] == np.arange(universe.size)).all()
    assert np.count_nonzero(universe.index != DEAD) == universe.size


@pytest.mark.parametrize("name", SMALL)
def test_step_is_the_oracles_on_every_assignment(name):
    """DEAD stands for what the oracle does not try, and for the loss of a wanted key."""
    universe = build(SMALL[name])
    number_of = {engines.assignment(universe, a): a for a in range(universe.size)}
    for i, (form, cells) in enumerate(universe.instructions):
        for before, a in number_of.items():
            after = naive.apply((form.mnemonic, *cells), frozenset([before]), True, True)
            expected = DEAD if after is None else number_of.get(next(iter(after)), DEAD)
            assert universe.step[a, i] == expected


@pytest.mark.parametrize("name", SMALL)
def test_goal_masks_name_the_cells_that_hold_each_output(name):
    universe = build(SMALL[name])
    problem = universe.problem
    allowed = range(problem.n if problem.in_place else problem.cells)
    for number in range(universe.size):
        cells, _, tag = engines.assignment(universe, number)
        for output, rank in enumerate(problem.goal.ranks(problem.n)):
            held = sum(1 << c for c in allowed if cells[c] == tag[rank])
            assert universe.goal[number, output] == held


@pytest.mark.parametrize("problem", [*SMALL.values(), question(4, goal="merge:2,2", assume="b<c")])
def test_start_is_one_assignment_for_each_order(problem):
    universe = build(problem)
    assert engines.state(universe, universe.start) == naive.start_state(
        problem.orders, problem.scratch
    )
    assert (np.diff(universe.start) > 0).all()


def test_instructions_are_every_form_on_distinct_cells_and_comparisons_once():
    count = Counter(form.action for form, _ in instructions_of(question(3, "l,g,le,ge")))
    assert count == {Action.COPY: 12, Action.COMPARE: 6, Action.SELECT: 48}
    count = Counter(form.action for form, _ in instructions_of(question(3, "l")))
    assert count == {Action.COPY: 12, Action.COMPARE: 12, Action.SELECT: 12}
    assert len(instructions_of(question(3, minmax=True))) == 36
    for form, cells in instructions_of(question(3, "l,g")):
        assert len(set(cells)) == len(cells)
        assert form.action is not Action.COMPARE or cells[0] < cells[1]


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (Problem(8), "9 cells, keys and scratch; it packs 8"),
        (Problem(5), "assignments; it packs 65,533"),
        (Problem(7, isa=X86_MINMAX, two_values=True), "codes of assignments"),
    ],
    ids=["cells", "assignments", "codes"],
)
def test_problem_too_large_is_refused_before_anything_is_built(problem, said):
    with pytest.raises(InputError, match=said):
        check_size(problem)
