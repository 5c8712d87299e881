"""The fast check against all weak orders and the naive interpreter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortopt.base.errors import KernelError
from sortopt.model.orders import fubini, weak_orders
from sortopt.search.beams._instruction_kernels import CMOV, CMP
from sortopt.search.beams.assignments import LESS, all_moves, to_kernel
from sortopt.search.beams.comparators import step_moves
from sortopt.search.beams.fast_check import sorts_in_place, weak_order_table
from tests import naive


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_the_table_holds_every_weak_order_once(n):
    table = weak_order_table(n)
    assert sorted(map(tuple, table.T.tolist())) == sorted(weak_orders(n))


def test_the_table_of_seven_keys_has_as_many_orders_as_it_should():
    table = weak_order_table(7)
    assert len(np.unique(table, axis=1).T) == fubini(7)


SORT2 = step_moves(4, 0, 1, 2)


def test_a_compare_exchange_sorts_two_keys():
    assert sorts_in_place(to_kernel(2, SORT2))


@pytest.mark.parametrize("dropped", range(4))
def test_every_instruction_of_a_compare_exchange_is_needed(dropped):
    moves = [move for i, move in enumerate(SORT2) if i != dropped]
    assert not sorts_in_place(to_kernel(2, moves))


def test_reading_scratch_before_it_is_written_is_turned_down():
    assert not sorts_in_place(to_kernel(2, [(CMP, 0, 2, 0), *SORT2]))
    assert not sorts_in_place(to_kernel(2, [(CMOV, 0, 1, LESS), *SORT2]))


@given(st.lists(st.sampled_from(all_moves(3).tolist()), max_size=8))
def test_what_passes_has_no_failing_input(moves):
    try:
        kernel = to_kernel(2, [*SORT2, *moves])
    except KernelError:
        return
    if sorts_in_place(kernel):
        assert not naive.failures(kernel)
