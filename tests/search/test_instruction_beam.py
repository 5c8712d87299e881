"""The free-form beam: kernels sort, scores and hashes mean what they say."""

from itertools import permutations

import naive
import numpy as np
import pytest
from toys import SELECTS

from sortopt.base import Budget, LimitReached
from sortopt.search.beams import _instruction_kernels as kernels
from sortopt.search.beams import _state_kernels as states
from sortopt.search.beams.anytime import sorts_in_place
from sortopt.search.beams.assignments import all_instructions, tie_patterns, to_kernel
from sortopt.search.beams.comparators import ComparatorBeam
from sortopt.search.beams.instructions import Beam
from sortopt.targets import X86_CMOV

ALL = ~np.uint64(0)


def packed(keys, flag=0, pattern=0):
    row = sum(key << 4 * c for c, key in enumerate(keys))
    return row | flag << states.FLAG_SHIFT | pattern << states.PATTERN_SHIFT


def found(n, length, *, isa=X86_CMOV, **options):
    """Return the kernel of at most `length` instructions that one beam finds, or None."""
    program = Beam(n, three=isa is SELECTS, **options).run(length)
    if program is None:
        return None
    kernel = to_kernel(n, program, isa)
    assert sorts_in_place(kernel)
    return kernel


@pytest.mark.parametrize(("n", "width", "length"), [(2, 50, 4), (3, 400, 11), (4, 2000, 20)])
def test_kernels_are_shortest_for_few_keys(n, width, length):
    kernel = found(n, length, width=width)
    assert len(kernel) == length
    assert kernel.contract.in_place
    assert not naive.failures(kernel)


def test_kernels_of_three_operands_are_shortest_for_few_keys():
    kernel = found(3, 9, isa=SELECTS, width=500)
    assert len(kernel) == 9
    assert not naive.failures(kernel)
    assert found(3, 8, isa=SELECTS, width=500) is None


def test_a_beam_of_three_operands_finishes_what_comparators_began():
    explored = ComparatorBeam(4, 30, three=True)
    assert len(explored.run(15, keep_from=0)) == 15
    program = Beam(4, width=300, three=True).run(15, begun=explored, lengths=(12,))
    assert len(program) == 15
    assert not naive.failures(to_kernel(4, program, SELECTS))


def test_two_scratch_cells_serve_too():
    kernel = found(3, 11, width=1500, scratch=2)
    assert len(kernel) <= 11
    assert not naive.failures(kernel)


def test_no_kernel_longer_than_asked_for_is_returned():
    assert found(2, 3, width=1000) is None
    assert found(3, 10, width=300) is None


def test_the_same_seed_gives_the_same_program():
    first, second = (Beam(3, width=300, seed=5).run(12) for _ in range(2))
    assert first == second
    assert first is not None


def test_a_spent_budget_ends_the_beam():
    beam = Beam(4, width=50, budget=Budget(1e-9))
    with pytest.raises(LimitReached):
        beam.run(20)
    assert beam.states == 0


def test_a_beam_finishes_what_comparators_began():
    explored = ComparatorBeam(4, 30)
    explored.run(20, keep_from=0)
    program = Beam(4, width=1000).run(20, begun=explored, lengths=(12, 15, 16))
    assert len(program) == 20
    assert not naive.failures(to_kernel(4, program, X86_CMOV))


def test_with_single_ties_only_the_kernel_sorts_those():
    kernel = to_kernel(3, Beam(3, width=400, most_ties=1).run(11), X86_CMOV)
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
            return states.invariant_hash(rows, count, shape, reverse, exchange, patterns.tops)

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
    table = states.workspace(4)
    with np.errstate(over="ignore"):
        assert states.distinct(rows, 4, np.uint64(15), table, 1) == 2
        assert states.distinct(rows, 4, ALL, table, 2) == 3
    assert list(rows[:3]) == [packed((1, 2)), packed((1, 3)), packed((2, 3))]


@pytest.mark.parametrize("three", [False, True])
def test_only_instructions_that_lose_no_key_are_admissible(three):
    rows = np.array([packed((1, 2, 1), 1), packed((2, 1, 2), 3)], np.uint64)
    spare = np.empty(6, np.int64)
    kernels.spare_cells(rows, 3, spare)
    for kind, a, b, condition in all_instructions(3, three=three).tolist():
        after = [states.successor(row, kind, a, b, condition) for row in rows]
        keeps = all({int(row) >> 4 * c & 15 for c in range(3)} == {1, 2} for row in after)
        coded = np.array([kind, a, b, condition], np.int64)
        assert kernels.admissible(coded, spare, 0) == keeps


def test_no_instruction_reads_an_undefined_cell():
    rows = np.array([packed((1, 2, 0)), packed((2, 1, 0))], np.uint64)
    spare = np.empty(6, np.int64)
    kernels.spare_cells(rows, 3, spare)
    listed = all_instructions(3, three=True).tolist()
    assert sorted(q for q in listed if kernels.admissible(np.array(q), spare, 0)) == [
        [states.COPY, 2, 0, 0],
        [states.COPY, 2, 1, 0],
        [states.COMPARE, 0, 1, 0],
    ]


def test_a_selection_of_three_operands_reads_two_defined_cells_and_defined_flags():
    three = [q for q in all_instructions(4, three=True).tolist() if q[2] >> 4]
    assert len(three) == 4 * 3 * 4
    spare = np.empty(6, np.int64)
    for flag, third, fits in ((1, 2, True), (0, 2, False), (1, 0, False)):
        rows = np.array([packed((1, 2, third, 0), flag)], np.uint64)
        kernels.spare_cells(rows, 4, spare)
        into = [q for q in three if q[1] == 3 and {q[2] & 15, (q[2] >> 4) - 1} == {0, 2}]
        assert len(into) == 4
        assert all(kernels.admissible(np.array(q), spare, 0) == fits for q in into)
        for kind, a, sources, condition in into:
            after = int(states.successor(rows[0], kind, a, sources, condition))
            chosen = sources & 15 if condition >> flag & 1 else (sources >> 4) - 1
            assert after >> 12 & 15 == (1, 2, third)[chosen]
