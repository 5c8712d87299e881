"""Counting comparisons: never more than are needed, and they add to the other instructions."""

import random
from itertools import combinations

import engines
import naive
import numpy as np
import pytest
from engines import SILENT_OVERFLOW, SMALL, database, engine, question
from toys import EXTREMA, SELECTS

from sortopt.search.bounds._limit_kernels import (
    child_within,
    comparisons,
    states_within,
    workspace,
)
from sortopt.search.bounds.patterns import UNREACHABLE
from sortopt.search.space.universe import DEAD

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)

TWO_KEYS = [problem for problem in engines.TWO_KEYS if problem.scratch < 2]


def oracle(problem, states, price=lambda mnemonic: 1, outputs="anywhere"):
    return naive.distances(
        states,
        problem.n,
        scratch=problem.scratch,
        conditions=problem.conditions,
        ranks=problem.goal.ranks(problem.n),
        outputs=outputs,
        isa=problem.isa.name,
        price=price,
        in_memory=problem.in_memory,
    )


def only_comparisons(mnemonic):
    return mnemonic == "cmp"


def all_but_comparisons(mnemonic):
    return mnemonic != "cmp"


def small_states(universe):
    """Return every set of up to three assignments, with how the oracle writes it."""
    numbers = range(universe.size)
    sets = [chosen for size in (1, 2, 3) for chosen in combinations(numbers, size)]
    return {chosen: engines.state(universe, chosen) for chosen in sets}


@pytest.mark.jit_off
@pytest.mark.parametrize(
    "name",
    [
        "in place",
        "no scratch cell",
        "one condition",
        "six conditions",
        "selects of three operands",
        "min and max of three operands",
    ],
)
def test_entries_and_counts_of_two_keys_are_never_above_the_least(name):
    """The table holds exactly the other instructions that three assignments need."""
    db = database(SMALL[name])
    states = small_states(db.universe)
    others = oracle(db.universe.problem, states.values(), all_but_comparisons)
    compared = oracle(db.universe.problem, states.values(), only_comparisons)
    tight = 0
    for chosen, state in states.items():
        a, b, c = (*chosen, *chosen[:1] * 2)[:3]
        element = db.tables.to_rep[a]
        entry = db.tables.cost[db.tables.orbit[a], *db.tables.image[element, [b, c]]]
        assert entry == others.get(state, UNREACHABLE)
        if state in compared:
            needed = db.groups.needed(np.array(chosen))
            assert needed <= compared[state]
            tight += needed == compared[state]
    assert tight > len(states) // 10


@pytest.mark.parametrize("problem", TWO_KEYS, ids=engines.name_of)
def test_bound_never_exceeds_true_optimum_of_two_keys(problem):
    """For every state that can be reached from the start, ties included."""
    universe, db = engine(problem).universe, database(problem)
    number_of = {engines.assignment(universe, a): a for a in range(universe.size)}
    project = db.project(universe)
    start = [naive.start_state(problem.orders, problem.scratch)]
    true = oracle(problem, start, outputs="in-place" if problem.in_place else "anywhere")
    tight = 0
    for state, distance in true.items():
        ids = project[[number_of[assignment] for assignment in state]]
        bound = db.bound(np.unique(ids[ids != DEAD]))
        assert bound <= distance
        tight += bound == distance
    assert tight >= len(true) // 20


THREE_KEYS = [
    question(3),
    question(3, "l"),
    question(3, "l,ge,e"),
    question(3, "l,g,le,ge,e,ne", in_place=False),
    question(3, goal="min"),
    question(3, goal="median"),
    question(3, goal="kth:2", scratch=0),
    question(3, goal="minmax"),
    question(3, goal="merge:1,2"),
    question(3, assume="a<b"),
    question(3, minmax=True),
    question(3, isa=EXTREMA),
    question(3, "lt,gt", isa=SELECTS),
    question(3, "lt,ge", isa=SELECTS, goal="max"),
]


@pytest.mark.parametrize("problem", THREE_KEYS, ids=engines.name_of)
def test_bound_never_exceeds_true_optimum_near_the_goal_of_three_keys(problem):
    """States drawn by undoing instructions from goals, so that many are within reach."""
    db = database(problem)
    universe, draw, reach = db.universe, random.Random(1), 3
    before = [{} for _ in range(universe.step.shape[1])]
    for q, made in enumerate(before):
        for a, after in enumerate(universe.step[:, q].tolist()):
            made.setdefault(after, []).append(a)
    goals = goal_states(universe)
    compared = positive = 0
    for _ in range(150):
        state = draw.choice(goals)
        state = draw.sample(state, min(len(state), draw.randint(2, 6)))
        for _ in range(reach):
            possible = [made for made in before if all(after in made for after in state)]
            if not possible:
                break
            made = draw.choice(possible)
            state = sorted({draw.choice(made[after]) for after in state for _ in range(2)})[:6]
        distance = naive.distance(
            engines.state(universe, state),
            problem.goal.ranks(3),
            cells=problem.cells,
            goal_cells=range(problem.cells),
            conditions=problem.conditions,
            limit=reach,
            isa=problem.isa.name,
        )
        if distance is not None:
            bound = db.bound(np.unique(state))
            assert bound <= distance
            compared += 1
            positive += bound > 0
    assert compared > 80
    assert positive > 10


def goal_states(universe):
    """Return sets of assignments that one choice of output cells serves."""
    together = {}
    for number, masks in enumerate(universe.goal.tolist()):
        cells = tuple(next(c for c in range(8) if mask >> c & 1) for mask in masks)
        together.setdefault(cells, []).append(number)
    return list(together.values())


@pytest.mark.parametrize("name", ["in place", "three keys", "three keys anywhere", "min and max",
                                  "the least", "selects of three operands"])  # fmt: skip
@pytest.mark.parametrize("triples", [True, False])
def test_children_are_left_out_where_their_bound_exceeds_the_limit_and_only_there(name, triples):
    built, db = engine(SMALL[name]), database(SMALL[name])
    if not triples:
        db = engines.pairs_only(db)
    universe, project = built.universe, built.model.project
    draw, width = random.Random(6), 8
    outcomes = [0, 0]
    for _ in range(150):
        row = np.array(sorted(draw.sample(range(universe.size), draw.randint(1, width))), np.uint16)
        ids = project[row]
        bound = db.bound(np.unique(ids[ids != DEAD])) if (ids != DEAD).any() else 0
        left = max(0, min(bound, 200) + draw.randint(-2, 1))
        limits = db.limits(project, left)
        work = workspace(width, limits)
        alive, expected = [], []
        for q in range(universe.step.shape[1]):
            size = child_within(row, q, built.model.step, built.model.answers, limits, work)
            after = universe.step[row, q]
            if (after == DEAD).any() or (after == row).all():
                assert size == 0
                continue
            child = np.unique(after)
            ids = project[child]
            ids = np.unique(ids[ids != DEAD])
            within = not ids.size or db.bound(ids) <= left
            assert work.child[:size].tolist() == (child.tolist() if within else [])
            assert comparisons(ids, len(ids), limits, work) == db.groups.needed(ids)
            outcomes[within] += 1
            alive.append(after)
            expected.append(within)
        if alive:
            assert states_within(np.array(alive), limits, work).tolist() == expected
    assert min(outcomes) > 15


@pytest.mark.parametrize("problem", [question(3, minmax=True), question(2, isa=EXTREMA)])
def test_no_comparisons_are_counted_where_there_are_none(problem):
    additive, plain = database(problem), database(problem, additive=False)
    assert additive.groups.most == 0
    assert (additive.tables.cost == plain.tables.cost).all()


@pytest.mark.parametrize(("n", "comparisons"), [(2, 1), (3, 3), (4, 5)])
def test_start_needs_the_comparisons_that_tell_all_orders_apart(n, comparisons):
    db, universe = database(question(n)), engine(question(n)).universe
    start = db.project(universe)[universe.start]
    assert db.groups.needed(start[start != DEAD]) == comparisons == db.groups.most


def test_goals_that_need_few_keys_need_few_comparisons():
    """The least of three is in one of three cells: two comparisons; of a sorted pair: in two."""
    for assume, needed in ((None, 2), ("a<b", 1), ("a<b and a<c", 0)):
        problem = question(3, goal="min", assume=assume)
        db, universe = database(problem), engine(problem).universe
        start = db.project(universe)[universe.start]
        assert db.groups.needed(start[start != DEAD]) == needed
