"""Networks become kernels that do the same, in every instruction set."""

import naive
import pytest

from sortopt.base.errors import InputError
from sortopt.model.interpreter import run
from sortopt.model.isa import Action, Form, Isa, Order, Place, Signedness
from sortopt.model.orders import weak_orders
from sortopt.networks import Network, best
from sortopt.networks.lowering import buffer, in_memory, lower
from sortopt.targets import CONDITIONS, ISAS, X86_CMOV, X86_MINMAX

R = Place.REGISTER
THREE_OPERANDS = Isa(
    "three-operands",
    {
        "mov": Form("mov", Action.COPY, (R, R), 0, (1,)),
        "cmp": Form("cmp", Action.COMPARE, (R, R), None, (0, 1)),
        "selg": Form(
            "selg", Action.SELECT, (R, R, R), 0, (1, 2), CONDITIONS["g"], Signedness.SIGNED
        ),
    },
    tuple(f"w{i}" for i in range(8)),
)


@pytest.mark.parametrize("isa", [*ISAS.values(), THREE_OPERANDS], ids=lambda isa: isa.name)
@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_a_lowered_sorting_network_sorts_every_weak_order_in_place(isa, n):
    kernel = lower(best(n), isa)
    assert kernel.contract.in_place
    assert all(run(kernel, order) == tuple(sorted(order)) for order in weak_orders(n))


def test_it_sorts_for_every_scratch_content_and_flags():
    assert naive.failures(lower(best(4))) == set()
    assert naive.failures(lower(best(4), X86_MINMAX)) == set()


@pytest.mark.parametrize("n", range(2, 17))
def test_a_comparator_takes_four_instructions_or_three(n):
    assert len(lower(best(n))) == 4 * best(n).size
    assert len(lower(best(n), X86_MINMAX)) == 3 * best(n).size
    assert len(lower(best(n)).cells) == n + 1


def test_three_operands_save_the_move_but_at_most_one():
    for n in (2, 3, 4, 5, 6):
        moves = [i for i in lower(best(n), THREE_OPERANDS).instructions if len(i.operands) == 2]
        assert sum(i.form.action is Action.COPY for i in moves) <= 1


def test_a_network_that_does_not_sort_makes_a_kernel_that_does_the_same():
    network = Network(3, ((0, 2), (0, 1)))
    for isa in (X86_CMOV, X86_MINMAX, THREE_OPERANDS):
        kernel = lower(network, isa)
        for order in weak_orders(3):
            assert sorted(run(kernel, order)) == sorted(order)
            assert run(kernel, order) == network.apply(order)


def test_keys_may_be_unsigned():
    kernel = lower(best(3), signedness=Signedness.UNSIGNED)
    assert kernel.signedness is Signedness.UNSIGNED
    assert {i.form.mnemonic for i in kernel.instructions} == {"mov", "cmp", "cmova"}
    minmax = lower(best(3), X86_MINMAX, signedness=Signedness.UNSIGNED)
    assert {i.form.mnemonic for i in minmax.instructions} == {"movdqa", "pminud", "pmaxud"}


def test_cells_can_be_named_the_scratch_cell_last():
    kernel = lower(best(2), cells=("p", "q", "t"))
    assert [cell.name for cell in kernel.cells] == ["p", "q", "t"]
    with pytest.raises(InputError, match="take 3 cells, not 2"):
        lower(best(2), cells=("p", "q"))


def test_cells_beyond_the_registers_are_numbered():
    assert [cell.name for cell in lower(best(16), X86_MINMAX).cells][-2:] == ["xmm15", "c17"]


def test_sixteen_keys_go_on_in_the_registers_of_apx():
    names = [cell.name for cell in lower(best(16)).cells]
    assert names == list(X86_CMOV.registers[:17])
    assert names[-3:] == ["r15d", "r16d", "r17d"]


@pytest.mark.parametrize("left_out", ["cmp", "selg", "mov"])
def test_an_instruction_set_that_cannot_compare_and_exchange_is_refused(left_out):
    forms = {m: form for m, form in THREE_OPERANDS.forms.items() if m != left_out}
    with pytest.raises(InputError, match=r"can neither select|has no instruction"):
        lower(best(3), Isa("lame", forms, THREE_OPERANDS.registers))


def test_the_condition_needed_is_greater():
    form = next(i.form for i in lower(best(2)).instructions if i.form.condition)
    assert form.condition.holds == Order.GREATER


@pytest.mark.parametrize("isa", [X86_CMOV, X86_MINMAX], ids=lambda isa: isa.name)
@pytest.mark.parametrize("n", [2, 4])
def test_a_kernel_between_loads_and_stores_does_the_same_in_memory(isa, n):
    plain = lower(best(n), isa)
    kernel = in_memory(plain, buffer(plain), buffer(plain))
    assert len(kernel) == len(plain) + 2 * n
    assert {kernel.cells[cell].place for cell in kernel.contract.inputs} == {Place.MEMORY}
    for keys in weak_orders(n):
        assert run(kernel, keys) == run(plain, keys) == tuple(sorted(keys))
