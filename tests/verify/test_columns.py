"""The proof over columns of 0-1 inputs: sound, and enough for kernels made of comparators."""

from itertools import product

import pytest
from kernels_by_hand import ALPHADEV3, MINMAX3

from sortopt.model.kernel import Instr, rebuild
from sortopt.model.orders import parse_precondition
from sortopt.model.verdict import Proved, Unknown
from sortopt.networks import best
from sortopt.networks.lowering import lower
from sortopt.targets import X86_MINMAX
from sortopt.verify import columns, orders_check, verify


def without(kernel, index):
    """Return `kernel` without one of its instructions."""
    kept = [*kernel.instructions[:index], *kernel.instructions[index + 1 :]]
    return rebuild(kernel, kept)


@pytest.mark.parametrize("n", range(2, 17))
def test_the_lowering_of_a_network_is_proved(n):
    assert columns.check(lower(best(n))) == Proved()


@pytest.mark.parametrize("kernel", [ALPHADEV3, MINMAX3, lower(best(4), X86_MINMAX)], ids=str)
def test_known_kernels_are_proved(kernel):
    assert columns.check(kernel) == Proved()


@pytest.mark.parametrize("n", [3, 5])
def test_what_columns_prove_of_a_kernel_that_lacks_an_instruction_all_weak_orders_prove(n):
    whole = lower(best(n))
    lacking = [without(whole, index) for index in range(len(whole) - 4)]
    proved = [columns.check(kernel) == Proved() for kernel in lacking]
    assert proved == [orders_check.check(kernel) == Proved() for kernel in lacking]
    assert not all(proved)


def changed(kernel):
    """Yield `kernel` with each instruction replaced by each other one on its cells."""
    cells = range(len(kernel.cells))
    for index, form, x, y in product(range(len(kernel)), kernel.isa.forms.values(), cells, cells):
        program = list(kernel.instructions)
        program[index] = Instr(form, (x, y))
        if form.signedness in (None, kernel.signedness):
            yield rebuild(kernel, program)


def test_what_columns_prove_of_a_changed_kernel_all_weak_orders_prove():
    proved = [kernel for kernel in changed(ALPHADEV3) if columns.check(kernel) == Proved()]
    assert len(proved) > 2
    assert all(orders_check.check(kernel) == Proved() for kernel in proved)


def test_more_keys_than_weak_orders_can_be_run_for_are_proved_by_columns_and_z3():
    judgement = verify(lower(best(11)))
    assert judgement.verdict == Proved()
    assert [m.method for m in judgement.methods] == [columns.COLUMNS, "z3"]


def test_many_keys_in_the_wrong_sequence_are_refuted():
    whole = lower(best(10))
    judgement = verify(without(whole, 41))
    assert judgement.verdict.counterexample.inputs


def test_many_keys_under_a_precondition_that_leaves_few_orders_are_run_through_them():
    chain = parse_precondition("a<=b, b<=c, c<=d, d<=e, e<=f, f<=g, g<=h, h<=i, i<=j")
    judgement = verify(lower(best(10)).assuming(chain))
    assert [m.method for m in judgement.methods] == ["weak orders", "z3"]


def test_too_many_keys_are_unknown():
    kernel = lower(best(16))
    assert isinstance(columns.check(kernel), Proved)
    assert isinstance(columns.check(without(kernel, 3)), Unknown)
