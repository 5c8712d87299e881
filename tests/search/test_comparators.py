"""The search over comparators: steps are right, accounting is exact, figures are reached."""

from itertools import pairwise, permutations, product

import numpy as np
import pytest

from sortopt.search.beams import _comparator_kernels as kernels
from sortopt.search.beams import comparators
from sortopt.search.beams._instruction_kernels import successor
from sortopt.search.beams.assignments import distinct_orders
from sortopt.search.beams.comparators import ComparatorBeam, step_length, step_moves
from tests import naive

pytestmark = pytest.mark.filterwarnings("error")


def packed(keys):
    return np.uint64(sum(key << 4 * c for c, key in enumerate(keys)))


def unpacked(row, cells):
    return tuple(int(row) >> (4 * c) & 15 for c in range(cells))


def played(row, moves):
    for move in moves:
        row = np.uint64(successor(row, *move))
    return unpacked(row, 3)


@pytest.mark.parametrize("form", range(kernels.FORMS))
def test_a_step_is_as_long_as_its_moves(form):
    assert step_length(form) == len(step_moves(form, 0, 1, 2))


@pytest.mark.parametrize("form", range(kernels.FORMS))
def test_moves_of_a_step_do_what_the_search_believes_also_on_ties(form):
    tried = 0
    for keys in product(range(1, 4), repeat=3):
        row = packed(keys)
        facts = np.empty((3, 3), np.int64)
        kernels.known_relations(np.array([row]), 3, 2, 0, facts)
        if not kernels.allowed(form, facts[0, 1]):
            continue
        if form >= 12 and keys[2] not in keys[:2]:
            continue
        tried += 1
        wanted = unpacked(kernels.after(row, form, 0, 1, 2), 3)
        stale = kernels.stale_after(form, 0, 1, 2)
        got = played(row, step_moves(form, 0, 1, 2))
        live = [c for c in range(3) if c != stale]
        assert [got[c] for c in live] == [wanted[c] for c in live]
        assert sorted(got[c] for c in live) == sorted(keys[:2])
        if len(set(keys[:2])) == 2:
            assert got == wanted
    assert tried >= 5


def test_a_mov_is_saved_only_where_the_stale_cell_serves():
    facts = np.empty((3, 3), np.int64)
    for keys in permutations((1, 2, 3)):
        kernels.known_relations(np.array([packed(keys)]), 3, 2, 0, facts)
        assert [f for f in range(6, 14) if kernels.allowed(f, facts[0, 1])] == [
            form
            for form, base in zip(range(6, 14), (0, 1, 2, 3, 4, 5, 0, 3), strict=True)
            if form < 12 and (keys[0] > keys[1]) == (base in (0, 1, 5))
        ]


def test_no_relation_is_known_of_unsorted_keys():
    facts = np.empty((4, 4), np.int64)
    kernels.known_relations(distinct_orders(3), 4, 3, 0, facts)
    assert all(facts[x, y] == 0 for x in range(3) for y in range(3) if x != y)


def test_the_order_of_sorted_keys_is_known():
    facts = np.empty((4, 4), np.int64)
    kernels.known_relations(np.array([packed((1, 2, 3, 1))]), 4, 3, 0, facts)
    assert facts[1, 0] & 1
    assert not facts[0, 1] & 1
    assert facts[0, 1] & 8


@pytest.mark.parametrize(
    ("n", "width", "published"), [(2, 20, 4), (3, 50, 11), (4, 100, 20), (5, 100, 33), (6, 100, 45)]
)
def test_kernels_are_as_short_as_the_best_published(n, width, published):
    kernel = comparators.find(n, width=width)
    assert len(kernel) <= published
    assert kernel.contract.in_place
    assert not naive.failures(kernel)


@pytest.mark.parametrize("seed", range(3))
def test_every_kernel_on_the_way_sorts_and_is_shorter_than_the_one_before(seed):
    found = []
    done = ComparatorBeam(4, 30, seed).run(24, found=found.append)
    assert found
    assert found[-1] == done.best
    assert all(len(a) > len(b) for a, b in pairwise(found))
    for moves in found:
        assert not naive.failures(comparators.to_kernel(4, moves))


def test_states_are_kept_under_their_length():
    done = ComparatorBeam(4, 40, 0).run(24, keep_from=0)
    for length, shelf in done.shelves.items():
        assert len(shelf.spans) <= max(40, 64)
        for state in range(len(shelf.spans)):
            program = done.program(length, state)
            assert len(program) == length
            first, count, stale = shelf.spans[state]
            rows = set()
            for row in distinct_orders(4):
                for move in program:
                    row = np.uint64(successor(row, *move))
                rows.add(unpacked(row, 5))
            live = [c for c in range(5) if c != stale]
            believed = {unpacked(row, 5) for row in shelf.rows[first : first + count]}
            assert rows == believed
            assert all(sorted(row[c] for c in live) == [1, 2, 3, 4] for row in rows)


def test_the_same_seed_gives_the_same_kernel():
    first, second = (ComparatorBeam(5, 40, 7).run(36) for _ in range(2))
    assert first.best == second.best
    assert first.states == second.states


def test_a_deadline_ends_the_search_without_a_result():
    done = ComparatorBeam(5, 40).run(36, expired=lambda: True)
    assert done.best is None
    assert not done.complete


def test_no_kernel_longer_than_asked_for_is_returned():
    assert comparators.find(4, max_length=19, width=100) is None


@pytest.mark.parametrize(("n", "shortest"), [(3, 11), (4, 20), (5, 32)])
def test_no_shorter_kernel_is_made_of_steps_where_no_state_was_dropped(n, shortest):
    done = ComparatorBeam(n, 5000).run(shortest - 1)
    assert done.best is None
    assert done.complete
    assert not done.dropped


def test_a_narrow_beam_says_that_it_dropped_states():
    assert ComparatorBeam(5, 10).run(31).dropped
