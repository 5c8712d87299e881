"""How many merges sorting takes: each bound against all ways of a few merges, written out."""

from itertools import combinations, permutations, product

import pytest
from toys import EXTREMA, SELECTS

from sortopt.search.bounds.merges import gates, least_merges, routing, widening
from sortopt.search.bounds.universal import composed_bounds
from sortopt.search.exhaustive import shortest
from sortopt.search.space import Problem
from sortopt.targets import ISAS


@pytest.mark.parametrize("n", [2, 3, 4])
def test_merges_widen_no_faster_than_cells_of_which_each_takes_in_another(n):
    """Cells as sets of origins, every write tried: level by level until n cells have all."""
    level, writes, cells = {(*(1 << i for i in range(n)), 1)}, 0, range(n + 1)
    while not any(sum(held == (1 << n) - 1 for held in state) >= n for state in level):
        level = {
            tuple(sorted((*state[:d], state[a] | state[b], *state[d + 1 :])))
            for state, d, a, b in product(level, cells, cells, cells)
        }
        writes += 1
    assert writes == widening(n)


def most_orders(n, merges):
    """Return how many orders so many merges bring n keys into at most: every choice written out."""
    most = 0
    for sources in product(*(combinations(range(n + m), 2) for m in range(merges))):
        ends = []
        for choice in product((0, 1), repeat=merges):
            values = list(range(n))
            for pair, second in zip(sources, choice, strict=True):
                values.append(values[pair[second]])
            ends.append(values)
        for results in combinations(range(n, n + merges), n):
            held = {tuple(values[r] for r in results) for values in ends}
            most = max(most, len(held & set(permutations(range(n)))))
    return most


def test_no_fewer_merges_bring_keys_into_every_order():
    assert most_orders(2, 1) < 2
    assert most_orders(2, routing(2)) == 2
    assert most_orders(3, routing(3) - 1) < 6


def fewest_gates(n):
    """Return how many minima and maxima sort n keys: every way tried, a function as a bit set.

    Bit i of a function is its value where the keys are the bits of i (0-1 principle).
    """
    inputs = [sum((i >> key & 1) << i for i in range(1 << n)) for key in range(n)]
    wanted = [sum((i.bit_count() > k) << i for i in range(1 << n)) for k in range(n)]
    level, found = {frozenset(inputs)}, 0
    while not any(held.issuperset(wanted) for held in level):
        level = {
            held | {new}
            for held in level
            for a, b in combinations(held, 2)
            for new in (a & b, a | b)
            if new not in held
        }
        found += 1
    return found


@pytest.mark.parametrize("n", [2, 3])
def test_three_keys_take_six_minima_and_maxima(n):
    assert gates(n) == fewest_gates(n)


@pytest.mark.parametrize("isa", [EXTREMA, SELECTS, ISAS["aarch64"], ISAS["riscv"]], ids=str)
@pytest.mark.parametrize("n", [2, 3])
def test_no_kernel_is_shorter_than_the_bound_that_adds_up(isa, n):
    problem = Problem(n, isa)
    (bound,) = composed_bounds(problem)
    assert bound.length <= len(shortest(problem).kernel)


def test_bounds_rise_with_the_keys():
    for extrema in (False, True):
        bounds = [least_merges(n, extrema=extrema) for n in range(1, 9)]
        assert bounds == sorted(set(bounds))
    assert [gates(n) for n in range(2, 9)] == [2, 6, 10, 15, 20, 25, 30]
    assert [routing(n) for n in range(2, 9)] == [2, 5, 7, 11, 14, 18, 22]
