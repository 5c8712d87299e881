"""The instruction tables are consistent and say what the processor manuals say."""

import pytest

from sortopt.model.isa import Action, Order, Place, Signedness
from sortopt.targets import CONDITION_ALIASES, CONDITIONS, ISAS, X86_CMOV, X86_MINMAX

ALL = Order.LESS | Order.EQUAL | Order.GREATER
FORMS = [form for isa in ISAS.values() for form in isa.forms.values()]

OPPOSITES = [("l", "ge"), ("g", "le"), ("e", "ne"), ("b", "ae"), ("a", "be")]
EXCHANGED = [("l", "g"), ("le", "ge"), ("e", "e"), ("ne", "ne"), ("b", "a"), ("be", "ae")]


@pytest.mark.parametrize(("one", "other"), OPPOSITES)
def test_opposite_conditions_partition_the_outcomes(one, other):
    first, second = CONDITIONS[one].holds, CONDITIONS[other].holds
    assert first | second == ALL
    assert not first & second


@pytest.mark.parametrize(("one", "other"), EXCHANGED)
def test_exchanging_the_keys_exchanges_the_conditions(one, other):
    assert CONDITIONS[one].holds.exchanged() == CONDITIONS[other].holds
    assert CONDITIONS[other].holds.exchanged() == CONDITIONS[one].holds


def test_unsigned_conditions_mirror_the_signed_ones():
    for signed, unsigned in [("l", "b"), ("g", "a"), ("le", "be"), ("ge", "ae")]:
        assert CONDITIONS[signed].holds == CONDITIONS[unsigned].holds
        assert CONDITIONS[signed].signedness is Signedness.SIGNED
        assert CONDITIONS[unsigned].signedness is Signedness.UNSIGNED
    assert CONDITIONS["e"].signedness is CONDITIONS["ne"].signedness is None


def test_aliases_name_conditions_and_are_none():
    assert set(CONDITION_ALIASES.values()) <= CONDITIONS.keys()
    assert not CONDITION_ALIASES.keys() & CONDITIONS.keys()


def test_an_alias_not_x_is_the_opposite_of_x():
    opposite = dict(OPPOSITES) | {b: a for a, b in OPPOSITES}
    for alias, name in CONDITION_ALIASES.items():
        if alias.startswith("n") and alias[1:] in CONDITIONS:
            assert name == opposite[alias[1:]], alias


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.mnemonic)
def test_a_form_reads_and_writes_operands_that_it_has(form):
    operands = range(len(form.operands))
    assert set(form.arguments) <= set(operands)
    assert (form.target is None) == form.writes_flags
    assert form.target is None or form.target in operands
    assert (form.condition is not None) == form.reads_flags
    assert len(form.arguments) == (1 if form.action is Action.COPY else 2)


def test_tables_are_keyed_by_mnemonic():
    for isa in ISAS.values():
        assert all(isa.form(mnemonic).mnemonic == mnemonic for mnemonic in isa.forms)
        assert ISAS[isa.name] is isa


def test_an_unknown_mnemonic_is_a_key_error():
    with pytest.raises(KeyError):
        X86_CMOV.form("jmp")


def test_selects_are_the_conditional_moves_asked_for():
    assert [f.mnemonic for f in X86_CMOV.selects(("g", "l"))] == ["cmovl", "cmovg"]
    assert X86_MINMAX.selects(("l", "g")) == ()


def test_conditional_moves_and_extrema_write_no_memory():
    for form in FORMS:
        if form.action not in (Action.COPY, Action.COMPARE):
            assert Place.MEMORY not in form.operands[form.target]


def test_registers_are_enough_for_eight_keys_and_two_scratch_cells():
    for isa in ISAS.values():
        assert len(set(isa.registers)) == len(isa.registers) >= 10
