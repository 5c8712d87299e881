"""Universal sequences of moves: the bound against sequences tried one by one, and known kernels."""

import random
from functools import cache
from itertools import islice
from math import factorial

import pytest
from corpus import load
from engines import question
from places import KERNELS
from sequences import all_moves, extended, is_contained, least_universal, start
from toys import EXTREMA, SELECTS

from sortopt.base import Budget, LimitReached
from sortopt.model import SORT, Action
from sortopt.search.bounds import universal
from sortopt.search.bounds.universal import Composed, Reaches, composed_bounds, counted
from sortopt.search.space import Problem
from sortopt.targets import target


def shortest_universal(n):
    reaches = Reaches(n)
    return next(moves for moves in range(100) if reaches.universal(moves))


@cache
def best_bound(problem):
    """Return the last bound of up to four keys, the first of more, None where there is none."""
    bounds = [*islice(composed_bounds(problem), None if problem.n <= 4 else 1)]
    return bounds[-1] if bounds else None


@pytest.mark.parametrize("n", [1, 2, 3])
def test_no_universal_sequence_is_shorter_than_the_shortest_found_by_trying_all(n):
    assert shortest_universal(n) == least_universal(n)


def test_reaches_listed_contain_up_to_symmetry_what_any_sequence_reaches():
    n, rng, reaches = 3, random.Random(5), Reaches(3)
    cell = reaches.arrangements.cell
    for moves in (3, 5, 6):
        listed = reaches.of(moves)
        sets = [
            {tuple(map(int, cell[a])) for a in row[:size]}
            for row, size in zip(listed.rows, listed.sizes, strict=True)
        ]
        for _ in range(30):
            reach = start(n)
            for move in rng.choices(all_moves(n), k=moves):
                reach = extended(reach, move)
            assert is_contained(reach, sets, n)


@pytest.mark.parametrize(("at_once", "later"), [(0, 0), (0, 10**6), (20, 100)])
def test_which_reaches_are_left_out_and_when_changes_no_answer(monkeypatch, at_once, later):
    least = shortest_universal(4)
    monkeypatch.setattr(universal, "MOST_COMPARED", at_once)
    monkeypatch.setattr(universal, "MOST_COMPARED_LATER", later)
    monkeypatch.setattr(universal, "_COMPARED_AT_ONCE", 7)
    assert shortest_universal(4) == least


@pytest.mark.parametrize("n", [2, 3, 4])
def test_counting_alone_never_asks_for_more_moves_than_a_universal_sequence_has(n):
    assert counted(factorial(n)) <= shortest_universal(n)


def test_counting_is_monotone_and_needs_no_move_for_one_order():
    bounds = [counted(orders) for orders in range(1, 200)]
    assert bounds[0] == 0
    assert bounds == sorted(bounds)


def test_composed_bounds_rise_to_the_sum_of_both_numbers():
    found = [list(composed_bounds(Problem(n))) for n in (2, 3)]
    assert found == [[Composed(1, 3)], [Composed(3, 8)]]
    rising = [bound.length for bound in composed_bounds(Problem(4))]
    assert rising == sorted(set(rising))
    assert rising[-1] == 5 + shortest_universal(4)


def test_no_kernel_of_the_corpus_is_shorter_than_its_composed_bound():
    tried = 0
    for entry in load(KERNELS):
        kernel, contract = entry.kernel, entry.kernel.contract
        if entry.expect != "proved" or contract.goal != SORT or len(kernel.scratch) != 1:
            continue
        problem = Problem(kernel.n, kernel.isa, assume=contract.assume)
        comparisons = sum(i.form.action is Action.COMPARE for i in kernel.instructions)
        bound = best_bound(problem)
        if bound is None:  # instructions of two sources, and a precondition
            continue
        assert comparisons >= bound.comparisons
        assert len(kernel.instructions) - comparisons >= bound.moves
        tried += 1
    assert tried > 20


def test_minima_and_maxima_need_moves_only():
    assert list(composed_bounds(Problem(3, target("x86-minmax")))) == [Composed(0, 8)]


@pytest.mark.parametrize(
    "problem",
    [
        question(3, goal="min"),
        question(3, "lt,gt", isa=SELECTS, assume="a<b"),
        question(3, assume="a=b"),
    ],
    ids=["goal min", "two sources, not all orders", "no distinct keys"],
)
def test_where_the_argument_does_not_hold_there_is_no_composed_bound(problem):
    assert list(composed_bounds(problem)) == []


@pytest.mark.parametrize(
    ("problem", "bound"),
    [
        (Problem(5, EXTREMA), Composed(0, 15)),
        (Problem(5, SELECTS), Composed(7, 11)),
        (Problem(4, scratch=2), Composed(5, 7)),
    ],
    ids=["minima, maxima", "selections", "two scratch cells"],
)
def test_two_sources_or_more_scratch_cells_give_a_bound_at_once(problem, bound):
    assert list(composed_bounds(problem)) == [bound]


def test_under_a_precondition_the_orders_that_it_grants_count():
    (bound,) = composed_bounds(question(3, assume="a<b"))
    assert bound == Composed(2, counted(3))


def test_composed_bounds_stop_at_the_time_limit():
    bounds = composed_bounds(Problem(5), Budget(seconds=1e-9))
    next(bounds)
    with pytest.raises(LimitReached):
        list(bounds)
