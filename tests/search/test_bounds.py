"""Bounds: the tables hold exact costs, never exceed the true optimum, and are consistent."""

import random
from itertools import combinations
from math import comb

import engines
import naive
import numpy as np
import pytest
from engines import SILENT_OVERFLOW, SMALL, engine, question

from sortopt.base import Budget
from sortopt.search.bounds import patterns as bounds
from sortopt.search.bounds.patterns import UNREACHABLE, build_database, relaxed
from sortopt.search.exhaustive.deepening import shortest
from sortopt.search.optima.counting import optima
from sortopt.search.space.problem import Problem
from sortopt.search.space.universe import DEAD

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)

TWO_KEYS = [name for name, problem in SMALL.items() if problem.n == 2 and problem.scratch < 2]


def database(problem):
    """Return the database in which comparisons have their price."""
    return engines.database(problem, additive=False)


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
        outputs="in-place" if problem.in_memory and problem.in_place else "anywhere",
        isa=problem.isa.name,
        in_memory=problem.in_memory,
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


def test_project_forgets_ties_reads_undefined_flags_as_equal_and_fills_undefined_cells():
    universe, db = engine(question(3)).universe, database(question(3))
    for number, to in enumerate(db.project(universe).tolist()):
        cells, flags, tag = engines.assignment(universe, number)
        if len(set(tag)) < 3:
            assert to == DEAD
        else:
            first = next(key for key in cells if key is not None)
            filled = tuple(first if key is None else key for key in cells)
            assert engines.assignment(db.universe, to) == (filled, flags or "=", tag)


def test_relaxed_problem_has_fewer_inputs_and_more_places_for_outputs():
    easier = relaxed(question(4, goal="merge:2,2", assume="a<c"))
    assert easier == question(4, distinct=True, in_place=False)
    assert relaxed(question(3, goal="min")).goal.name == "min"


@pytest.mark.parametrize("name", ["in place", "the least", "min and max"])
def test_tables_do_not_depend_on_the_threads(name):
    first, second = (build_database(SMALL[name], Budget(threads=t)) for t in (1, 2))
    assert (first.tables.cost == second.tables.cost).all()
    assert first.triple_classes == second.triple_classes


@pytest.mark.parametrize(
    "problem",
    [question(2), question(2, "l,ge,e", in_place=False), question(3, assume="b<c"),
     question(3, minmax=True), question(3, goal="median"), question(2, scratch=2)],
)  # fmt: skip
def test_pairs_alone_lose_no_shortest_kernel(monkeypatch, problem):
    length = len(shortest(problem).kernel)
    count = optima(problem, length).count
    monkeypatch.setattr(bounds, "MAX_TRIPLE_BYTES", 0)
    assert not build_database(problem).has_triples
    assert len(shortest(problem).kernel) == length
    assert optima(problem, length).count == count


@pytest.mark.parametrize("name", ["in place", "one condition", "three keys", "min and max"])
def test_pairs_alone_only_lower_the_bound(name):
    whole = database(SMALL[name])
    pairs, draw = engines.pairs_only(whole), random.Random(8)
    for _ in range(200):
        ids = np.array(sorted(draw.sample(range(whole.universe.size), 4)))
        assert pairs.bound(ids) <= whole.bound(ids)


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


def test_figures_of_four_keys():
    """Classes of triples, those counted in which two are equal; bounds by pairs and triples."""
    problem = Problem(4)
    db, universe = database(problem), engine(problem).universe
    start = db.project(universe)[universe.start]
    start = start[start != DEAD]
    counts = [cycles(row) for row in db.tables.image.astype(int)]
    degenerate = sum(ones * ones for ones, _, _ in counts) // len(counts)
    assert db.universe.size == 720
    assert db.triple_classes + degenerate == 137_200
    assert db.bound(start) == 10
    assert max(pair_cost(db, a, b) for a in start for b in start) == 6
    assert engines.database(problem).bound(start) == 8 + 5
