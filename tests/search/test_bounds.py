"""Bounds: the tables hold exact costs, never exceed the true optimum, and are consistent."""

import random
from dataclasses import replace
from itertools import combinations
from math import comb

import engines
import naive
import numpy as np
import pytest
from engines import SILENT_OVERFLOW, SMALL, database, engine, question

from sortopt.base import Budget
from sortopt.search.bounds import patterns as bounds
from sortopt.search.bounds.patterns import UNREACHABLE, build_database, relaxed
from sortopt.search.exhaustive._expand_kernels import viable_instructions
from sortopt.search.exhaustive.deepening import shortest
from sortopt.search.optima.counting import optima
from sortopt.search.space.problem import Problem
from sortopt.search.space.universe import DEAD

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)

TWO_KEYS = [name for name, problem in SMALL.items() if problem.n == 2 and problem.scratch < 2]


def cost(db, a, b, c):
    """Return the cost of triples; a, b and c are numbers or arrays of them."""
    tables = db.tables
    element = tables.to_rep[a]
    return tables.cost[tables.orbit[a], tables.image[element, b], tables.image[element, c]]


def pair_cost(db, a, b):
    return db.pair_cost[db.tables.orbit[a], db.tables.image[db.tables.to_rep[a], b]]


def true_distances(db, size):
    """Return the oracle's distance of every set of up to `size` relaxed assignments."""
    universe, problem = db.universe, db.universe.problem
    sets = [
        engines.state(universe, chosen)
        for k in range(1, size + 1)
        for chosen in combinations(range(universe.size), k)
    ]
    return naive.distances(
        sets,
        problem.n,
        scratch=problem.scratch,
        conditions=problem.conditions,
        ranks=problem.goal.ranks(problem.n),
        outputs="anywhere",
        isa=problem.isa.name,
    )


@pytest.mark.jit_off
@pytest.mark.parametrize("name", TWO_KEYS)
def test_table_entries_are_the_exact_costs_of_two_keys(name):
    db = database(SMALL[name])
    true = true_distances(db, 3)
    numbers = range(db.universe.size)
    for size in (1, 2, 3):
        for chosen in combinations(numbers, size):
            a, b, c = (chosen * 3)[:3] if size != 2 else (*chosen, chosen[0])
            exact = true.get(engines.state(db.universe, chosen), UNREACHABLE)
            assert cost(db, a, b, c) == exact
            if size < 3:
                assert pair_cost(db, a, b) == exact


@pytest.mark.parametrize("problem", [question(3), question(3, minmax=True)])
def test_pair_entries_are_the_exact_costs_of_three_keys(problem):
    db = database(problem)
    true = true_distances(db, 2)
    for a, b in combinations(range(db.universe.size), 2):
        exact = true.get(engines.state(db.universe, (a, b)), UNREACHABLE)
        assert pair_cost(db, a, b) == exact


def test_triple_entries_are_the_exact_costs_of_a_sample_of_three_keys():
    db = database(question(3))
    draw = random.Random(3)
    near = 0
    for _ in range(60):
        chosen = draw.sample(range(db.universe.size), 3)
        exact = naive.distance(
            engines.state(db.universe, chosen),
            range(3),
            cells=4,
            goal_cells=range(4),
            conditions=("l", "g"),
            limit=3,
        )
        near += exact is not None
        assert cost(db, *chosen) == exact if exact is not None else cost(db, *chosen) > 3
    assert near > 5


@pytest.mark.parametrize("name", TWO_KEYS)
@pytest.mark.parametrize("in_place", [True, False])
def test_bound_never_exceeds_true_optimum_of_two_keys(name, in_place):
    """Exhaustively: for every state that can be reached from the start, ties included."""
    problem = replace(SMALL[name], in_place=in_place, distinct=False)
    universe, db = engine(problem).universe, database(problem)
    number_of = {engines.assignment(universe, a): a for a in range(universe.size)}
    project = db.project(universe)
    true = naive.distances(
        [naive.start_state(problem.orders, problem.scratch)],
        2,
        scratch=problem.scratch,
        conditions=problem.conditions,
        ranks=problem.goal.ranks(2),
        outputs="in-place" if in_place else "anywhere",
        isa=problem.isa.name,
    )
    tight = 0
    for state, distance in true.items():
        ids = project[[number_of[assignment] for assignment in state]]
        bound = db.bound(np.unique(ids[ids != DEAD]))
        assert bound <= distance
        tight += bound == distance
    assert tight >= len(true) // 10


@pytest.mark.parametrize("name", SMALL)
def test_bound_is_consistent(name):
    """It drops by at most 1 along an instruction, and is 0 exactly at the relaxed goals."""
    db = database(SMALL[name])
    universe = db.universe
    numbers = np.random.default_rng(4).integers(0, universe.size, (3, 20_000))
    before = cost(db, *numbers).astype(int)
    for i in range(len(universe.instructions)):
        after = universe.step[numbers, i]
        alive = (after != DEAD).all(axis=0)
        assert (cost(db, *after[:, alive]).astype(int) >= before[alive] - 1).all()
    settled = before != UNREACHABLE
    assert settled.any()
    goal = universe.goal[numbers[0]] & universe.goal[numbers[1]] & universe.goal[numbers[2]]
    outputs = goal.shape[1]
    for masks, value in zip(goal[:2000], before[:2000], strict=True):
        choices = [{c for c in range(8) if m >> c & 1} for m in masks.tolist()]
        possible = {()}
        for cells in choices:
            possible = {(*chosen, c) for chosen in possible for c in cells - set(chosen)}
        assert (value == 0) == bool(possible)
        assert all(len(chosen) == outputs for chosen in possible)


@pytest.mark.parametrize("name", SMALL)
def test_table_entries_do_not_depend_on_the_pivot_or_the_naming(name):
    db = database(SMALL[name])
    a, b, c = np.random.default_rng(5).integers(0, db.universe.size, (3, 20_000))
    expected = cost(db, a, b, c)
    for triple in ((a, c, b), (b, a, c), (b, c, a), (c, a, b), (c, b, a)):
        assert (cost(db, *triple) == expected).all()
    for row in db.tables.image[:: 1 + len(db.tables.image) // 12]:
        assert (cost(db, row[a], row[b], row[c]) == expected).all()
    assert (cost(db, a, b, b) == pair_cost(db, a, b)).all()


@pytest.mark.parametrize("name", ["three keys", "three keys anywhere", "min and max", "the least"])
def test_instructions_dropped_lead_over_the_limit(name):
    """`viable_instructions` keeps every instruction whose child's bound is within the budget."""
    built, db = engine(SMALL[name]), database(SMALL[name])
    draw = random.Random(6)
    width = 8
    kept_in_all = 0
    for _ in range(300):
        ids = np.array(sorted(draw.sample(range(db.universe.size), draw.randint(1, width))))
        row = ids.astype(np.uint16)
        alive = np.empty(len(db.universe.instructions), np.int64)
        bound = db.bound(ids)
        budget = max(0, min(bound, 200) + draw.randint(-2, 1))
        left = viable_instructions(row, len(row), budget, built.model, alive)
        kept = set(alive[:left].tolist())
        kept_in_all += left
        for i in set(range(len(alive))) - kept:
            child = db.universe.step[ids, i]
            within = bound <= budget + 1 and (child != DEAD).all()
            assert not within or db.bound(np.unique(child)) > budget
        assert not kept or bound <= budget + 1
    assert kept_in_all > 1000


def test_project_forgets_ties_and_reads_undefined_flags_as_equal():
    universe, db = engine(question(3)).universe, database(question(3))
    for number, to in enumerate(db.project(universe).tolist()):
        cells, flags, tag = engines.assignment(universe, number)
        if len(set(tag)) < 3:
            assert to == DEAD
        else:
            assert engines.assignment(db.universe, to) == (cells, flags or "=", tag)


def test_relaxed_problem_has_fewer_inputs_and_more_places_for_outputs():
    easier = relaxed(question(4, goal="merge:2,2", assume="a<c"))
    assert easier == question(4, distinct=True, in_place=False)
    assert relaxed(question(3, goal="min")).goal.name == "min"


@pytest.mark.parametrize("name", ["in place", "the least", "min and max"])
def test_tables_do_not_depend_on_the_threads(name):
    first, second = (build_database(SMALL[name], Budget(threads=t)) for t in (1, 2))
    assert (first.tables.cost == second.tables.cost).all()
    assert first.triple_classes == second.triple_classes


def lean_database(monkeypatch, problem, *, triples):
    """Build a database as where the whole triple table is too large, or even the filled one."""
    whole = database(problem).tables
    most = len(whole.reps) * whole.cost.shape[1] ** 2 - 1 if triples else 1
    monkeypatch.setattr(bounds, "MAX_TRIPLE_BYTES", most)
    return build_database(problem)


@pytest.mark.parametrize("triples", [True, False])
@pytest.mark.parametrize("name", ["in place", "one condition", "three keys", "min and max"])
def test_lean_tables_only_lower_the_bound(monkeypatch, name, triples):
    problem = SMALL[name]
    lean, full = lean_database(monkeypatch, problem, triples=triples), database(problem)
    assert (full.has_triples, lean.has_triples) == (True, triples)
    assert lean.universe.size < full.universe.size
    universe = engine(problem).universe
    draw = random.Random(8)
    compared = 0
    for _ in range(200):
        row = draw.sample(range(universe.size), 4)
        ids = [np.unique(i[i != DEAD]) for i in (db.project(universe)[row] for db in (lean, full))]
        if ids[1].size and full.bound(ids[1]) != UNREACHABLE:
            assert lean.bound(ids[0]) <= full.bound(ids[1])
            compared += 1
    assert compared > 20


@pytest.mark.parametrize("triples", [True, False])
@pytest.mark.parametrize(
    "problem",
    [question(2), question(2, "l,ge,e", in_place=False), question(3, assume="b<c"),
     question(3, minmax=True), question(3, goal="median"), question(2, scratch=2)],
)  # fmt: skip
def test_lean_tables_lose_no_shortest_kernel(monkeypatch, problem, triples):
    length = len(shortest(problem).kernel)
    count = optima(problem, length).count
    lean_database(monkeypatch, problem, triples=triples)
    assert len(shortest(problem).kernel) == length
    assert optima(problem, length).count == count


def cycles(row):
    """Return how many cycles of length 1, 2 and 3 a permutation has."""
    here = np.arange(len(row))
    fixed = np.count_nonzero(row == here)
    twos = np.count_nonzero(row[row] == here) - fixed
    threes = np.count_nonzero(row[row[row]] == here) - fixed
    return int(fixed), int(twos) // 2, int(threes) // 3


@pytest.mark.parametrize("problem", [*SMALL.values(), Problem(4)])
def test_classes_of_triples_are_as_many_as_burnside_says(problem):
    """Classes of three different assignments, counted by what each symmetry leaves in place."""
    db = database(problem)
    counts = [cycles(row) for row in db.tables.image.astype(int)]
    fixed = sum(comb(ones, 3) + ones * twos + threes for ones, twos, threes in counts)
    assert divmod(fixed, len(counts)) == (db.triple_classes, 0)


def test_figures_of_the_design_for_four_keys():
    """458,282 classes of triples, those counted in which two are equal; bounds 7 and 11."""
    problem = Problem(4)
    db, universe = database(problem), engine(problem).universe
    start = db.project(universe)[universe.start]
    start = start[start != DEAD]
    counts = [cycles(row) for row in db.tables.image.astype(int)]
    degenerate = sum(ones * ones for ones, _, _ in counts) // len(counts)
    assert db.universe.size == 1080
    assert db.triple_classes + degenerate == 458_282
    assert db.bound(start) == 11
    assert max(pair_cost(db, a, b) for a in start for b in start) == 7
