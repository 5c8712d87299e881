"""The free-form beam: kernels sort, scores and hashes mean what they say."""

from itertools import permutations

import numpy as np
import pytest

from sortopt.search.beams import _instruction_kernels as kernels
from sortopt.search.beams import instructions as beam
from sortopt.search.beams.assignments import all_moves, tie_patterns, to_kernel
from sortopt.search.beams.comparators import ComparatorBeam
from sortopt.search.beams.instructions import Beam
from tests import naive

ALL = ~np.uint64(0)


def packed(keys, flag=0, pattern=0):
    row = sum(key << 4 * c for c, key in enumerate(keys))
    return row | flag << kernels.FLAG_SHIFT | pattern << kernels.PATTERN_SHIFT


@pytest.mark.parametrize(("n", "width", "length"), [(2, 50, 4), (3, 400, 11), (4, 2000, 20)])
def test_kernels_are_shortest_for_few_keys(n, width, length):
    kernel = beam.find(n, max_length=length, width=width)
    assert len(kernel) == length
    assert kernel.contract.in_place
    assert not naive.failures(kernel)


def test_two_scratch_cells_serve_too():
    kernel = beam.find(3, max_length=11, width=1500, scratch=2)
    assert len(kernel) <= 11
    assert not naive.failures(kernel)


def test_no_kernel_longer_than_asked_for_is_returned():
    assert beam.find(2, max_length=3, width=1000) is None
    assert beam.find(3, max_length=10, width=300) is None


def test_the_same_seed_gives_the_same_moves():
    first, second = (Beam(3, width=300, seed=5).run(12) for _ in range(2))
    assert first == second
    assert first.moves is not None


def test_a_deadline_ends_the_beam():
    outcome = Beam(4, width=50).run(20, expired=lambda: True)
    assert outcome.moves is None
    assert not outcome.complete


def test_a_beam_finishes_what_comparators_began():
    explored = ComparatorBeam(4, 30).run(20, keep_from=0)
    openings = {length: explored.opening(length) for length in (12, 15, 16)}
    outcome = Beam(4, width=1000).run(20, openings=openings)
    assert len(outcome.moves) == 20
    assert not naive.failures(to_kernel(4, outcome.moves))


def test_with_single_ties_only_the_kernel_sorts_those():
    outcome = Beam(3, width=400, most_ties=1).run(11)
    kernel = to_kernel(3, outcome.moves)
    failing = naive.failures(kernel)
    assert all(len(set(keys)) == 1 for keys in failing)


def state(rows):
    return np.array(sorted(rows), np.uint64)


def test_the_hash_is_the_same_for_renamed_reversed_and_exchanged_states():
    patterns = tie_patterns(3)
    shape = np.array([3, 4, 0], np.int64)
    keys = [((1, 2, 3, 1), 1), ((2, 1, 3, 2), 3), ((3, 2, 1, 1), 3)]

    def hashed(rows, reverse=0, exchange=0):
        with np.errstate(over="ignore"):
            count = len(rows)
            return kernels.invariant_hash(rows, count, shape, reverse, exchange, patterns.tops)

    plain = hashed(state(packed(k, f) for k, f in keys))
    for order in permutations(range(3)):
        renamed = state(packed([*(k[c] for c in order), k[3]], f) for k, f in keys)
        assert hashed(renamed) == plain
    turned = state(packed([4 - key for key in k], 4 - f) for k, f in keys)
    assert hashed(turned, reverse=1) == plain
    exchanged = state(packed(k, 4 - f) for k, f in keys)
    assert hashed(exchanged, exchange=1) == plain
    assert hashed(exchanged) != plain
    moved_scratch = state(packed((k[3], k[1], k[2], k[0]), f) for k, f in keys)
    assert hashed(moved_scratch) != plain


def test_distinct_counts_what_a_mask_leaves():
    rows = np.array([packed((1, 2)), packed((1, 3)), packed((2, 3)), packed((1, 2))], np.uint64)
    table, stamps = np.zeros(64, np.uint64), np.zeros(64, np.int32)
    with np.errstate(over="ignore"):
        assert kernels.distinct(rows, 4, np.uint64(15), table, stamps, 1) == 2
        assert kernels.distinct(rows, 4, ALL, table, stamps, 2) == 3
    assert list(rows[:3]) == [packed((1, 2)), packed((1, 3)), packed((2, 3))]


def test_only_moves_that_lose_no_key_are_admissible():
    rows = np.array([packed((1, 2, 1), 1), packed((2, 1, 2), 3)], np.uint64)
    spare = np.empty(5, np.int64)
    kernels.spare_cells(rows, 3, spare)
    for kind, a, b, condition in all_moves(3).tolist():
        after = [kernels.successor(row, kind, a, b, condition) for row in rows]
        keeps = all({int(row) >> 4 * c & 15 for c in range(3)} == {1, 2} for row in after)
        move = np.array([kind, a, b, condition], np.int64)
        assert kernels.admissible(move, spare, 0) == keeps


def test_no_move_reads_an_undefined_cell():
    rows = np.array([packed((1, 2, 0)), packed((2, 1, 0))], np.uint64)
    spare = np.empty(5, np.int64)
    kernels.spare_cells(rows, 3, spare)
    allowed = [m for m in all_moves(3).tolist() if kernels.admissible(np.array(m), spare, 0)]
    assert sorted(allowed) == [
        [kernels.MOV, 2, 0, 0],
        [kernels.MOV, 2, 1, 0],
        [kernels.CMP, 0, 1, 0],
    ]
