"""Packed assignments against the core: start states, ties, moves and kernels."""

from itertools import product

import naive
import numpy as np
import pytest

from sortopt.base.errors import InputError, KernelError
from sortopt.model.interpreter import run
from sortopt.model.isa import Order, Signedness
from sortopt.model.orders import weak_orders
from sortopt.search.beams import assignments
from sortopt.search.beams._state_kernels import (
    COMPARE,
    COPY,
    PATTERN_SHIFT,
    SELECT,
    successor,
)
from sortopt.search.beams.assignments import (
    all_instructions,
    distinct_orders,
    flags_of,
    tie_patterns,
    to_kernel,
)
from sortopt.targets import X86_CMOV, X86_MINMAX

LESS, EQUAL, GREATER = map(flags_of, (Order.LESS, Order.EQUAL, Order.GREATER))


def unpacked(row, cells):
    return tuple(int(row) >> (4 * c) & 15 for c in range(cells))


@pytest.mark.parametrize("n", [2, 3, 4])
def test_extended_rows_are_the_weak_orders(n):
    rows = tie_patterns(n).extend(distinct_orders(n))
    assert sorted(unpacked(row, n) for row in rows) == sorted(weak_orders(n))


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_patterns_sort_each_row(n):
    patterns = tie_patterns(n)
    for row in patterns.extend(distinct_orders(n)):
        pattern = int(row) >> PATTERN_SHIFT
        assert sorted(unpacked(row, n)) == list(patterns.ranks[pattern])
        turned = [patterns.tops[pattern, 0] + 1 - key for key in unpacked(row, n)]
        assert sorted(turned) == list(patterns.ranks[patterns.tops[pattern, 1]])


def test_patterns_with_few_ties_come_first_and_are_those_of_all():
    few, every = tie_patterns(5, 1), tie_patterns(5)
    assert len(few.collapse) == 5
    assert np.array_equal(every.collapse[:5], few.collapse)


def test_successor_agrees_with_the_naive_interpreter():
    mnemonics = {(COPY, 0): "mov", (COMPARE, 0): "cmp", (SELECT, LESS): "cmovl",
                 (SELECT, GREATER): "cmovg", (SELECT, LESS | EQUAL): "cmovle",
                 (SELECT, GREATER | EQUAL): "cmovge"}  # fmt: skip
    outcomes = {1: "less", 2: "equal", 3: "greater"}
    for keys, flag in product(product(range(1, 4), repeat=3), outcomes):
        row = sum(key << 4 * c for c, key in enumerate(keys)) | flag << 40
        for kind, a, b, condition in all_instructions(3).tolist():
            after = int(successor(np.uint64(row), kind, a, b, condition))
            first, second = keys[a], keys[b]
            wanted, order = list(keys), flag
            name = mnemonics[kind, condition]
            if name == "cmp":
                order = 1 if first < second else 2 if first == second else 3
            elif name == "mov" or (name[4:], outcomes[flag]) in MOVES:
                wanted[a] = second
            assert unpacked(after, 3) == tuple(wanted)
            assert after >> 40 & 3 == order


MOVES = {("l", "less"), ("g", "greater"), ("le", "less"), ("le", "equal"), ("ge", "greater"),
         ("ge", "equal")}  # fmt: skip


def test_every_instruction_is_listed_once():
    coded = [tuple(line) for line in all_instructions(4).tolist()]
    assert len(coded) == len(set(coded)) == 12 + 6 + 4 * 12


def test_a_kernel_says_where_each_rank_ends():
    high_in_first = [
        (COPY, 2, 0, 0), (COMPARE, 0, 1, 0), (SELECT, 0, 1, LESS), (SELECT, 1, 2, LESS),
    ]  # fmt: skip
    kernel = to_kernel(2, high_in_first, X86_CMOV)
    assert kernel.contract.outputs == (1, 0)
    assert [run(kernel, keys) for keys in ((1, 2), (2, 1), (1, 1))] == [(1, 2), (1, 2), (1, 1)]
    assert not naive.failures(kernel)
    assert len(kernel) == len(high_in_first)


def test_a_kernel_is_written_for_the_sign_of_its_keys():
    program = [(COPY, 2, 0, 0), (COMPARE, 0, 1, 0), (SELECT, 0, 1, LESS), (SELECT, 1, 2, LESS)]
    kernel = to_kernel(2, program, X86_CMOV, Signedness.UNSIGNED)
    assert [i.form.mnemonic for i in kernel.instructions] == ["mov", "cmp", "cmovb", "cmovb"]


def test_a_set_without_the_instructions_is_named():
    with pytest.raises(InputError, match="x86-minmax has no signed select"):
        to_kernel(2, [(SELECT, 1, 0, LESS)], X86_MINMAX)


def test_a_program_that_loses_a_key_makes_no_kernel():
    with pytest.raises(KernelError):
        to_kernel(2, [(COPY, 1, 0, 0)], X86_CMOV)


def test_layout_has_room_for_two_scratch_cells():
    assert 4 * (8 + 2) <= 40 < PATTERN_SHIFT
    assert len(tie_patterns(8).collapse) == 128
    assert assignments.tie_patterns(8).collapse.max() == 8
