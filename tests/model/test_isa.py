"""Forms are found by what they do: their twins of another sign, with keys exchanged, on ties."""

from dataclasses import replace
from itertools import product

import pytest
from toys import EXTREMA, SELECTS

from sortopt.base.errors import InputError
from sortopt.model.interpreter import Step, step
from sortopt.model.isa import Action, Order, Signedness
from sortopt.model.kernel import Instr
from sortopt.model.machine import Place
from sortopt.targets import ISAS, X86_CMOV, X86_MINMAX

SETS = (X86_CMOV, X86_MINMAX, EXTREMA, SELECTS)
FORMS = [(isa, form) for isa in SETS for form in isa.forms.values()]
of_every_form = pytest.mark.parametrize(
    ("isa", "form"), FORMS, ids=lambda value: getattr(value, "mnemonic", None) or value.name
)
KEYS = list(product(range(3), repeat=2))


def effect(form, keys, outcome):
    """Return what two cells that hold `keys` hold after `form`, behind a comparison."""
    operands = tuple(range(len(form.operands)))[:2] + (0,) * (len(form.operands) - 2)
    return step(Instr(form, operands), Step(keys, outcome)).cells


def outcome(a, b):
    return Order.LESS if a < b else Order.GREATER if a > b else Order.EQUAL


@of_every_form
@pytest.mark.parametrize("sign", Signedness)
def test_a_twin_of_another_sign_does_the_same(isa, form, sign):
    twin = isa.of_sign(form, sign)
    assert twin.signedness in (None, sign)
    assert isa.of_sign(twin, form.signedness or sign) is form
    for keys, order in product(KEYS, Order):
        assert effect(twin, keys, order) == effect(form, keys, order)


@of_every_form
def test_an_exchanged_form_does_the_same_after_the_exchanged_comparison(isa, form):
    other = isa.exchanged(form)
    assert isa.exchanged(other) is form
    if form.action is not Action.COMPARE:
        for keys, (a, b) in product(KEYS, KEYS):
            assert effect(other, keys, outcome(b, a)) == effect(form, keys, outcome(a, b))


@of_every_form
def test_a_form_that_differs_on_ties_differs_there_only(isa, form):
    other = isa.otherwise_on_ties(form)
    if other is None:
        assert form.condition is None or form.condition.name in ("e", "ne")
        return
    assert isa.otherwise_on_ties(other) is form
    assert other.signedness is form.signedness
    for keys, order in product(KEYS, Order):
        same = effect(other, keys, order) == effect(form, keys, order)
        assert same == (order is not Order.EQUAL or keys[0] == keys[1])


def test_a_set_without_the_other_sign_has_no_twin():
    signed = {m: f for m, f in EXTREMA.forms.items() if f.signedness is not Signedness.UNSIGNED}
    lame = replace(EXTREMA, forms=signed)
    with pytest.raises(InputError, match="smin has no unsigned twin in toy-minmax"):
        lame.of_sign(lame.form("smin"), Signedness.UNSIGNED)


def test_a_move_of_another_width_reads_keys_of_any_sign():
    riscv = ISAS["riscv"]
    for sign in Signedness:
        assert riscv.of_sign(riscv.form("ld"), sign, 32).mnemonic == "lw"
        assert riscv.of_sign(riscv.form("sw"), sign, 64).mnemonic == "sd"


def test_a_form_is_found_by_what_it_does():
    assert X86_CMOV.find(Action.COPY).mnemonic == "mov"
    assert X86_MINMAX.find(Action.MAXIMUM, Signedness.UNSIGNED).mnemonic == "pmaxud"
    assert X86_CMOV.find(Action.SELECT, Signedness.UNSIGNED, Order.LESS).mnemonic == "cmovb"
    assert X86_CMOV.find(Action.SELECT, holds=Order.EQUAL).mnemonic == "cmove"
    assert X86_CMOV.find(Action.MINIMUM) is None
    memory = (Place.MEMORY, Place.REGISTER)
    assert X86_CMOV.find(Action.COPY, places=memory).mnemonic == "mov"
    assert X86_CMOV.find(Action.SELECT, places=memory) is None
    assert SELECTS.find(Action.COPY, places=memory) is None


def test_forms_for_keys_of_a_sign_are_those_of_its_conditions_or_those_named():
    def named(isa, *options):
        return [form.mnemonic for form in isa.forms_for(*options)]

    own = ["mov", "cmp", "cmovl", "cmovg", "cmovle", "cmovge"]
    assert named(X86_CMOV, Signedness.SIGNED) == own
    assert named(X86_CMOV, Signedness.SIGNED, ("e", "g")) == ["mov", "cmp", "cmovg", "cmove"]
    assert named(X86_CMOV, Signedness.UNSIGNED)[2:] == ["cmovb", "cmova", "cmovbe", "cmovae"]
    assert named(X86_MINMAX, Signedness.SIGNED) == ["movdqa", "pminsd", "pmaxsd"]
    assert named(X86_MINMAX, Signedness.UNSIGNED) == ["movdqa", "pminud", "pmaxud"]


def test_a_partner_takes_its_arguments_in_the_same_way():
    lt, gt = SELECTS.form("csellt"), SELECTS.form("cselgt")
    turned = replace(gt, arguments=gt.arguments[::-1])
    isa = replace(SELECTS, forms={"csellt": lt, "cselgt": turned})
    assert isa.exchanged(lt) is None
    assert SELECTS.exchanged(lt) is gt
