"""Networks become kernels that do the same, in every instruction set."""

from dataclasses import replace
from itertools import product

import naive
import pytest
from toys import EXTREMA, SELECTS, TOYS

from sortopt.base.errors import InputError
from sortopt.model.dataflow import dead_instructions
from sortopt.model.goal import Goal, parse_goal
from sortopt.model.interpreter import run
from sortopt.model.isa import Action, Order, Signedness
from sortopt.model.kernel import build
from sortopt.model.machine import Place
from sortopt.model.orders import weak_orders
from sortopt.model.rung import Rung
from sortopt.networks import Network, best
from sortopt.networks.forms import WITH_COPY, WITHOUT_COPY, by_extrema, by_selects
from sortopt.networks.lowering import buffer, in_memory, lower
from sortopt.targets import ISAS, X86_CMOV, X86_MINMAX
from sortopt.verify import elements

SIGNED = Signedness.SIGNED
SETS = [*ISAS.values(), *TOYS]


@pytest.mark.parametrize("isa", SETS, ids=lambda isa: isa.name)
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


@pytest.mark.parametrize(("isa", "each"), [(EXTREMA, 2), (SELECTS, 3)], ids=["minmax", "select"])
def test_three_operands_save_the_copies_but_at_most_one(isa, each):
    for n in (2, 3, 4, 5, 6):
        kernel = lower(best(n), isa)
        copies = [i for i in kernel.instructions if i.form.action is Action.COPY]
        assert len(copies) <= 1
        assert len(kernel) == each * best(n).size + len(copies)


@pytest.mark.parametrize("isa", SETS, ids=lambda isa: isa.name)
@pytest.mark.parametrize("goal", ["median", "min", "max", "minmax", "kth:2", "largest:3"])
def test_a_network_lowered_for_a_goal_serves_it_in_place_with_halves_alone(isa, goal):
    for n in (3, 4, 5):
        aim = parse_goal(goal)
        kernel = lower(best(n), isa, goal=aim)
        assert kernel.contract.in_place
        assert kernel.contract.goal == aim
        assert not dead_instructions(kernel)
        ranks = aim.ranks(n)
        for order in weak_orders(n):
            assert run(kernel, order) == tuple(sorted(order)[rank] for rank in ranks)


def test_the_least_of_some_keys_takes_one_minimum_for_each_other_key():
    network = Network(4, ((0, 1), (2, 3), (0, 2)))
    assert len(lower(network, X86_MINMAX, goal=Goal("min"))) == 3
    assert len(lower(network, X86_CMOV, goal=Goal("min"))) == 6
    assert naive.failures(lower(network, X86_CMOV, goal=Goal("min"))) == set()


@pytest.mark.parametrize("isa", SETS, ids=lambda isa: isa.name)
@pytest.mark.parametrize("n", [3, 5, 7])
def test_a_median_network_becomes_a_kernel_that_finds_the_median(isa, n):
    aim = Goal("median")
    kernel = lower(best(n, goal=aim), isa, goal=aim)
    assert len(kernel) <= 4 * best(n, goal=aim).size
    for order in weak_orders(min(n, 5)):
        keys = order + (0, 9) * ((n - len(order)) // 2)
        assert run(kernel, keys) == (sorted(keys)[n // 2],)


def test_more_channels_than_a_kernel_has_keys_are_an_error_with_a_way_out():
    with pytest.raises(InputError, match=r"17 channels; a kernel may have 16 keys.*itself"):
        lower(best(17))


def test_a_network_that_does_not_sort_makes_a_kernel_that_does_the_same():
    network = Network(3, ((0, 2), (0, 1)))
    for isa in SETS:
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


@pytest.mark.parametrize(
    ("isa", "left_out"),
    [(SELECTS, "cmp"), (SELECTS, "csel"), (EXTREMA, "smin"), (EXTREMA, "smax"), (X86_CMOV, "mov")],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_an_instruction_set_that_cannot_compare_and_exchange_is_refused(isa, left_out):
    forms = {m: form for m, form in isa.forms.items() if not m.startswith(left_out)}
    with pytest.raises(InputError, match="has no instructions for a comparator of signed keys"):
        lower(best(3), replace(isa, forms=forms))


def test_a_set_that_cannot_copy_a_key_back_is_refused():
    forms = {m: form for m, form in SELECTS.forms.items() if m != "mov"}
    with pytest.raises(InputError, match="toy-select cannot copy a key from REGISTER to REGISTER"):
        lower(best(2), replace(SELECTS, forms=forms))


@pytest.mark.parametrize("isa", SETS, ids=lambda isa: isa.name)
def test_of_tied_keys_none_is_lost_where_keys_are_handed_on(isa):
    forms = isa.forms.values()
    hands_on = any(f.action is Action.SELECT or f.tied or f.nan for f in forms)
    assert elements.check(lower(best(3), isa), Rung.ELEMENTS).proved == hands_on


@pytest.mark.parametrize("isa", SETS, ids=lambda isa: isa.name)
@pytest.mark.parametrize("form", [*WITH_COPY, *WITHOUT_COPY])
def test_every_form_puts_the_lesser_and_the_greater_key_where_it_says(isa, form):
    for program in filter(None, (by_extrema(isa, form, SIGNED), by_selects(isa, form, SIGNED))):
        kernel = build(isa, program, inputs="xy", outputs=(form.lesser, form.greater))
        assert len({*"xyz"} - {form.lesser, form.greater, form.free}) == 0
        assert naive.failures(kernel) == set()


def test_what_a_form_needs_is_where_it_reads_a_copy():
    assert [form.needs for form in WITHOUT_COPY] == [Order(0)] * 4
    less, greater = Order.LESS, Order.GREATER
    assert [form.needs for form in WITH_COPY] == [less, less, greater, greater, greater, less]


@pytest.mark.parametrize("form", WITH_COPY)
def test_no_copy_is_due_where_z_holds_x_wherever_it_is_needed(form):
    """On other outcomes z may hold anything."""
    _, *rest = by_selects(X86_CMOV, form, SIGNED)
    kernel = build(
        X86_CMOV, rest, inputs="xyz", outputs=(form.lesser, form.greater), goal=Goal("minmax")
    )
    for x, y, z in product(range(3), repeat=3):
        outcome = Order.LESS if x < y else Order.GREATER if x > y else Order.EQUAL
        if z == x or outcome not in form.needs:
            assert run(kernel, (x, y, z)) == (min(x, y), max(x, y))


def test_two_operands_express_no_form_without_a_copy():
    for isa in (X86_CMOV, X86_MINMAX):
        assert not any(
            by_extrema(isa, f, SIGNED) or by_selects(isa, f, SIGNED) for f in WITHOUT_COPY
        )


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
