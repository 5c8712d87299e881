"""The checker's bounds: exact for three assignments, and never more than any kernel needs."""

from functools import cache
from itertools import combinations_with_replacement, permutations, product

import engines
import numpy as np
import pytest
from certificates import NOTHING, SORT2, SORT3
from hypothesis import given
from hypothesis import strategies as st

from sortopt.base import UNLIMITED, Budget, InputError
from sortopt.base.errors import LimitReached
from sortopt.certificate import _checker_kernels as kernels
from sortopt.certificate import bounds
from sortopt.certificate._cost_kernels import BOTH, MOVES, UNKNOWN, cost_of
from sortopt.certificate.bounds import comparison_groups, tables_of
from sortopt.certificate.model import DEAD, build
from sortopt.certificate.question import Question
from sortopt.model.goal import parse_goal
from sortopt.model.isa import Action, Order
from sortopt.search.space.problem import Problem
from sortopt.targets import X86_MINMAX

MINMAX2 = Problem(2, isa=X86_MINMAX)
MIN2 = Problem(2, goal=parse_goal("min"), scratch=2)
LIMIT = 8


@cache
def model_of(problem, *, restricted=True):
    return build(Question.of(problem.record(), restricted=restricted), UNLIMITED)


def serves(goal, row):
    """Return whether distinct cells can be chosen that hold the outputs in all of `row`."""
    masks = np.bitwise_and.reduce(goal[list(row)])
    return any(
        all(mask >> cell & 1 for mask, cell in zip(masks, cells, strict=True))
        for cells in permutations(range(8), len(masks))
    )


def instructions_of_sets(costs):
    """Return the sets of up to three relaxed assignments; of each, (instruction, set after it)."""
    every = combinations_with_replacement(range(len(costs.symmetries.orbit)), 3)
    return {
        row: [
            (q, frozenset(costs.step[list(row), q].tolist()))
            for q in range(costs.step.shape[1])
            if DEAD not in costs.step[list(row), q]
        ]
        for row in map(frozenset, every)
    }


def plain_costs(after, costs, free):
    """Return the costs of sets of assignments, by value iteration."""
    cost = {row: 0 for row in after if serves(costs.goal, row)}
    changed = True
    while changed:
        changed = False
        for row, following in after.items():
            best = min((cost[x] + (not free[q]) for q, x in following if x in cost), default=None)
            if best is not None and best < cost.get(row, 255):
                cost[row] = best
                changed = True
    return cost


@pytest.mark.parametrize("filled", [False, True], ids=["cells undefined", "cells filled"])
@pytest.mark.parametrize("problem", [SORT2, MINMAX2], ids=["two keys", "min and max"])
def test_costs_of_three_assignments_are_exact(problem, filled):
    """Whether they exceed the limit or not."""
    model, limit = model_of(problem), 2
    costs = tables_of(model, filled, limit, UNLIMITED).costs
    free = [i.form.action is Action.COMPARE for i in model.instructions]
    after = instructions_of_sets(costs)
    for table, weightless in ((BOTH, [False] * len(free)), (MOVES, free)):
        exact = plain_costs(after, costs, weightless)
        for three in product(range(len(costs.symmetries.orbit)), repeat=3):
            claimed = cost_of(table, *three, costs)
            wanted = exact.get(frozenset(three), UNKNOWN)
            assert claimed == (wanted if wanted <= limit else UNKNOWN)


@pytest.mark.parametrize("problem", [SORT3, MIN2], ids=["three keys", "the least of two"])
def test_costs_are_what_the_best_instruction_leaves(problem):
    """Of random assignments.

    For the least of two keys what two assignments cost depends on those with one of them twice.
    """
    model = model_of(problem)
    costs = tables_of(model, False, LIMIT, UNLIMITED).costs
    three = np.random.default_rng(1).integers(len(costs.goal), size=(3, 6000))
    three[2, :3000] = three[0, :3000]
    goals = [serves(costs.goal, row) for row in three.T]
    free = [i.form.action is Action.COMPARE for i in model.instructions]
    for table, weightless in ((BOTH, [False] * len(free)), (MOVES, free)):
        best = np.where(goals, 0, UNKNOWN)
        for after, nothing in zip(costs.step.T, weightless, strict=True):
            alive = (after[three] != DEAD).all(axis=0)
            best[alive] = np.minimum(
                best[alive], looked_up(table, after[three][:, alive], costs) + (not nothing)
            )
        best[best > LIMIT] = UNKNOWN
        assert (looked_up(table, three, costs) == best).all()


def looked_up(table, three, costs):
    """Return the costs in a table, as `cost_of` does, of many at once."""
    a, b, c = np.sort(three, axis=0)
    to = costs.symmetries.to_first[a]
    moved = costs.symmetries.image[to, b], costs.symmetries.image[to, c]
    return costs.cost[table][costs.symmetries.orbit[a], *moved].astype(int)


def test_what_costs_more_than_the_limit_is_only_known_to_cost_more():
    model = model_of(SORT3)
    deep, low = (tables_of(model, False, limit, UNLIMITED).costs.cost for limit in (10, 4))
    assert ((low == deep) | ((low == UNKNOWN) & (deep > 4))).all()
    assert (deep[MOVES] <= deep[BOTH]).all()
    assert deep.min() == 0
    assert 4 < deep[deep != UNKNOWN].max() <= 10


def run(model, program, a):
    """Return what a program makes of an assignment, or DEAD."""
    for q in program:
        if a == DEAD:
            return a
        a = int(model.step[a, q])
    return a


QUESTIONS = {
    "two keys with ties": Problem(2),
    "two keys, all conditions": Problem(2, conditions=("l", "g", "le", "ge", "e", "ne")),
    "three keys": SORT3,
    "three keys, the median": engines.question(3, "l,g", goal="median", distinct=True),
    "three keys with ties": engines.question(3, "l,ge"),
    "min and max": MINMAX2,
    "two keys, anything compared": Problem(2),
}


def model_for(name):
    return model_of(QUESTIONS[name], restricted="anything" not in name)


@cache
def tables_for(name):
    return tables_of(model_for(name), False, LIMIT, UNLIMITED)


def finished_by(model, program, cells):
    """Return all assignments of which a program leaves output j in cells[j]."""
    found = []
    for a in range(len(model.assignments)):
        end = run(model, program, a)
        if end != DEAD and all(model.goal[end, j] >> c & 1 for j, c in enumerate(cells)):
            found.append(a)
    return np.array(found, np.uint16)


@pytest.mark.parametrize("name", QUESTIONS)
@given(data=st.data())
def test_no_bound_exceeds_what_a_kernel_needs(name, data):
    """Any program, and all that it finishes: the hardest state that it finishes."""
    model, tables = model_for(name), tables_for(name)
    every = st.integers(0, len(model.instructions) - 1)
    program = data.draw(st.lists(every, max_size=LIMIT))
    choices = list(permutations(range(model.question.cells), len(model.question.ranks)))
    row = finished_by(model, program, data.draw(st.sampled_from(choices)))
    compared = sum(model.instructions[q].form.action is Action.COMPARE for q in program)
    moved = len(program) - compared
    most = len(model.assignments)
    work = np.empty(most, np.uint8), np.empty(most, np.int32)
    assert kernels.comparisons(row, len(row), tables, *work) <= compared
    ids, three = np.empty_like(row), np.empty(3, np.uint16)
    size = kernels.relax(row, len(row), tables.shadow, ids)
    assert not kernels.costly(ids, size, len(program), moved, tables.costs, three)


@pytest.mark.parametrize("name", QUESTIONS)
@given(data=st.data())
def test_children_are_all_but_those_too_costly_and_dead(name, data):
    """What is remembered of one child refutes another only rightly."""
    model, tables = model_for(name), tables_for(name)
    known = st.sets(st.integers(0, len(model.assignments) - 1), min_size=1, max_size=4)
    row = np.array(sorted(data.draw(known)), np.uint16)
    left = data.draw(st.integers(0, LIMIT - 1))
    wanted = set()
    for q in range(len(model.instructions)):
        child = np.unique(model.step[row, q])
        if DEAD not in child and needed(child, tables) <= left:
            wanted.add(normal(child, tables))
    pool, sizes = kernels.children(row, 0, left, NOTHING, tables)
    assert {tuple(c.tolist()) for c in np.split(pool, np.cumsum(sizes)[:-1]) if len(c)} == wanted


def needed(row, tables):
    """Return the bound of a state, written out: most of three, comparisons and moves added."""
    ids = {int(tables.shadow[a]) for a in row} - {DEAD}
    threes = list(combinations_with_replacement(sorted(ids), 3))
    both, moves = (
        max((cost_of(table, *three, tables.costs) for three in threes), default=0)
        for table in (BOTH, MOVES)
    )
    groups = {}
    for a in row.tolist():
        groups.setdefault(tables.group[a], set()).add(tables.place[a])
    compared = max((len(places) - 1).bit_length() for places in groups.values())
    return max(both, compared + moves)


def normal(row, tables):
    out = np.empty_like(row)
    kernels.normalize(row, len(row), tables, out)
    return tuple(out.tolist())


@given(st.data())
def test_a_normal_form_is_the_same_for_all_images(data):
    tables = tables_for("three keys")
    order, size = tables.symmetries.image.shape
    row = np.array(sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1))), np.uint16)
    image = tables.symmetries.image[data.draw(st.integers(0, order - 1)), row]
    assert normal(row, tables) == normal(image, tables)
    images = {tuple(sorted(tables.symmetries.image[g, row].tolist())) for g in range(order)}
    assert normal(row, tables) in images


def test_groups_tell_flags_and_equal_cells_apart_and_places_what_is_wanted_where():
    model = model_for("two keys with ties")
    group, place = comparison_groups(model)
    at = model.number

    def look(*assignments):
        numbers = [at[a] for a in assignments]
        return len(set(group[numbers])), len(set(place[numbers]))

    one, two, tied = ((1, 1), (0, 1, 2), None), ((1, 1), (1, 0, 2), None), ((2,), (0, 0, 2), None)
    assert look(one, two) == (1, 2)
    assert look(one, tied) == (2, 2)
    assert look(((1, 1), (0, 1, 1), None), ((1, 1), (1, 0, 0), None)) == (1, 2)
    assert look(((1, 1), (0, 1, 1), None), ((1, 1), (0, 1, 0), None)) == (2, 2)
    less, greater = (((1, 1), (0, 1, 2), flags) for flags in (Order.LESS, Order.GREATER))
    assert look(one, less) == (2, 2)
    assert look(less, greater) == (2, 2)


def test_minima_and_maxima_leave_no_bound_of_comparisons():
    group, place = comparison_groups(model_for("min and max"))
    assert not group.any()
    assert not place.any()


def test_tables_that_would_be_too_large_are_refused_before_they_are_made(monkeypatch):
    monkeypatch.setattr(bounds, "MOST_COST_BYTES", 1 << 10)
    with pytest.raises(InputError, match="tables of costs"):
        tables_of(model_of(SORT2), False, 3, UNLIMITED)


def test_a_memory_limit_that_the_tables_would_pass_ends_the_check():
    model = model_of(SORT3)
    with pytest.raises(LimitReached, match="memory"):
        tables_of(model, False, 3, Budget(memory=1))


def test_a_time_limit_is_looked_at_while_tables_are_worked_out():
    model = model_of(SORT3)
    budget = Budget(3600)
    looks = 0

    def look(progress):
        nonlocal looks
        looks += 1
        if looks == 3:
            budget.began -= 3600

    budget.report, budget.every = look, 0
    with pytest.raises(LimitReached, match="time"):
        tables_of(model, False, 10, budget)
    assert looks == 3
