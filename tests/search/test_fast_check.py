"""The fast check against all weak orders and the naive interpreter."""

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortopt.base.errors import KernelError
from sortopt.model.isa import Order
from sortopt.model.orders import fubini, weak_orders
from sortopt.networks import VARIANTS
from sortopt.search.beams._state_kernels import COMPARE, SELECT
from sortopt.search.beams.assignments import all_instructions, flags_of, to_kernel
from sortopt.search.beams.comparators import instructions_of
from sortopt.search.beams.fast_check import sorts_in_place, weak_order_table
from sortopt.targets import X86_CMOV


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_the_table_holds_every_weak_order_once(n):
    table = weak_order_table(n)
    assert sorted(map(tuple, table.T.tolist())) == sorted(weak_orders(n))


def test_the_table_of_seven_keys_has_as_many_orders_as_it_should():
    table = weak_order_table(7)
    assert len(np.unique(table, axis=1).T) == fubini(7)


SORT2 = instructions_of(VARIANTS[4], 0, 1, 2, extrema=False)


def test_a_compare_exchange_sorts_two_keys():
    assert sorts_in_place(to_kernel(2, SORT2, X86_CMOV))


@pytest.mark.parametrize("dropped", range(4))
def test_every_instruction_of_a_compare_exchange_is_needed(dropped):
    program = [coded for i, coded in enumerate(SORT2) if i != dropped]
    assert not sorts_in_place(to_kernel(2, program, X86_CMOV))


def test_reading_scratch_before_it_is_written_is_turned_down():
    for before in ((COMPARE, 0, 2, 0), (SELECT, 0, 1, flags_of(Order.LESS))):
        assert not sorts_in_place(to_kernel(2, [before, *SORT2], X86_CMOV))


@given(st.lists(st.sampled_from(all_instructions(3).tolist()), max_size=8))
def test_what_passes_has_no_failing_input(more):
    try:
        kernel = to_kernel(2, [*SORT2, *more], X86_CMOV)
    except KernelError:
        return
    if sorts_in_place(kernel):
        assert not naive.failures(kernel)
