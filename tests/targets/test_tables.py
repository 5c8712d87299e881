"""The tables of instruction sets are consistent and say what the processor manuals say."""

import re

import pytest
from toys import TOYS

from sortopt.model.isa import Action, Order, Signedness
from sortopt.model.keys import FLOAT_TYPES, key_type
from sortopt.model.machine import Place
from sortopt.targets import (
    CONDITION_ALIASES,
    CONDITIONS,
    ISAS,
    MACHINES,
    X86,
    X86_CMOV,
    X86_FLOAT,
    target_for,
)

ALL = Order.LESS | Order.EQUAL | Order.GREATER
SETS = [*ISAS.values(), *TOYS]
FORMS = [form for isa in SETS for form in isa.forms.values()]

SELECTING = [(isa, form) for isa in SETS for form in isa.forms.values() if form.condition]
of_every_condition = pytest.mark.parametrize(
    ("isa", "form"), SELECTING, ids=lambda value: getattr(value, "mnemonic", None) or value.name
)
OPPOSITES = [("l", "ge"), ("g", "le"), ("e", "ne"), ("b", "ae"), ("a", "be")]


@of_every_condition
def test_every_condition_has_its_opposite_and_its_exchanged_one(isa, form):
    own = form.condition
    assert own.holds
    assert own.holds != ALL
    conditions = [f.condition for f in isa.forms.values() if f.condition]
    same = [c.holds for c in conditions if c.signedness is own.signedness]
    assert len(same) == len(set(same))
    assert own.holds.exchanged() in same
    assert isa in TOYS or ALL ^ own.holds in same


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


@pytest.mark.parametrize("isa", SETS, ids=lambda isa: isa.name)
def test_tables_are_keyed_by_mnemonic(isa):
    assert all(isa.form(mnemonic).mnemonic == mnemonic for mnemonic in isa.forms)
    assert isa in TOYS or ISAS[isa.name] is isa


@pytest.mark.parametrize("isa", [i for i in ISAS.values() if i.floats], ids=str)
def test_floating_point_keys_choose_the_set_beside_that_sorts_them(isa):
    for name in FLOAT_TYPES:
        known = target_for(isa.name, key_type(name))
        assert (known.name, known.floating, known.machine) == (isa.floats, True, isa.machine)
    assert target_for(None, key_type("float64")) is X86_FLOAT


@pytest.mark.parametrize("isa", ISAS.values(), ids=str)
def test_forms_for_another_width_differ_in_their_names_only(isa):
    if isa.place is not Place.VECTOR:
        return
    for sign in Signedness:
        shapes = {
            tuple(
                (f.action, f.operands, f.target, f.arguments, f.signedness, f.tied)
                for f in isa.forms_for(sign, bits=bits)
            )
            for bits in isa.key_bits
        }
        assert len(shapes) == 1


def test_an_unknown_mnemonic_is_a_key_error():
    with pytest.raises(KeyError):
        X86_CMOV.form("jmp")


def test_conditional_moves_and_extrema_write_no_memory():
    for form in FORMS:
        if form.action not in (Action.COPY, Action.COMPARE):
            assert Place.MEMORY not in form.operands[form.target]


@pytest.mark.parametrize("isa", SETS, ids=lambda isa: isa.name)
def test_every_form_but_loads_and_stores_takes_cells_where_cells_of_the_set_live(isa):
    for form in isa.forms.values():
        places = (isa.place,) * len(form.operands)
        moves = form.action is Action.COPY and Place.MEMORY in form.operands
        assert form.admits(places) != moves, form.mnemonic


@pytest.mark.parametrize("isa", SETS, ids=lambda isa: isa.name)
def test_registers_are_distinct_parts_of_the_machine_that_hold_keys(isa):
    held = [isa.machine.registers[name] for name in isa.registers]
    assert len({register.family for register in held}) == len(held)
    assert all(register.place is isa.place and register.obstacle is None for register in held)
    assert all(isa.holds_keys(name) for name in isa.registers)
    widths = {isa.register_bits(bits) for bits in isa.key_bits}
    assert {register.width for register in held} <= widths
    extended = [register.extended for register in held]
    assert extended == sorted(extended)
    assert (isa.extension is not None) == any(extended)


@pytest.mark.parametrize("isa", ISAS.values(), ids=lambda isa: isa.name)
def test_registers_are_enough_for_eight_keys_and_two_scratch_cells(isa):
    assert len(isa.registers) >= 10


@pytest.mark.parametrize("isa", SETS, ids=lambda isa: isa.name)
def test_conditions_searched_are_of_their_sign_and_there(isa):
    for sign, names in isa.conditions.items():
        forms = [form for form in isa.forms_for(sign, names) if form.reads_flags]
        assert sorted(f.condition.name for f in forms) == sorted(names)
        assert {f.signedness for f in forms} == {sign}
    assert bool(isa.conditions) == any(form.reads_flags for form in isa.forms.values())


@pytest.mark.parametrize("isa", SETS, ids=lambda isa: isa.name)
def test_other_spellings_name_a_form_and_are_none(isa):
    assert set(isa.spellings.values()) <= isa.forms.keys()
    assert not isa.spellings.keys() & isa.forms.keys()
    suffixed = {word + s for word in [*isa.forms, *isa.spellings] for s in isa.suffixes}
    assert not suffixed & {*isa.forms, *isa.spellings}


@pytest.mark.parametrize("isa", ISAS.values(), ids=lambda isa: isa.name)
def test_what_vector_registers_need_is_there_where_keys_live_in_them(isa):
    vector = isa.place is Place.VECTOR
    assert all((isa.lanes(bits) > 1) == vector for bits in isa.key_bits)
    assert set(isa.assembly.vectors) >= ({"c", "rust"} if vector else set())
    assert vector or not isa.assembly.vectors
    assert isa.assembly.most_registers <= len(isa.registers)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda machine: machine.name)
def test_a_machine_knows_the_registers_that_it_names(machine):
    assert {*machine.arguments} <= machine.registers.keys()
    families = {register.family for register in machine.registers.values()}
    assert {*machine.saved} <= families
    assert machine.architecture in machine.aliases
    assert all(name == register.name for name, register in machine.registers.items())
    for register in machine.registers.values():
        whole = machine.registers[machine.part(register.family, register.width)]
        assert (whole.family, whole.width) == (register.family, register.width)
        assert whole.extended == register.extended


@pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda machine: machine.name)
def test_sets_of_a_machine_share_only_forms_that_are_the_same(machine):
    isas = [isa for isa in ISAS.values() if isa.machine is machine]
    for word in {word for isa in isas for word in isa.forms}:
        assert len({isa.forms[word] for isa in isas if word in isa.forms}) == 1, word


@pytest.mark.parametrize("isa", ISAS.values(), ids=lambda isa: isa.name)
def test_minima_and_maxima_are_there_for_every_sign_and_width(isa):
    extrema = [f for f in isa.forms.values() if f.action in (Action.MINIMUM, Action.MAXIMUM)]
    if extrema:
        widths = {form.bits for form in extrema}
        assert widths in ({None}, set(isa.key_bits))
        assert len({(f.action, f.signedness, f.bits) for f in extrema}) == len(extrema)
        assert len(extrema) == (2 if isa.floating else 4) * len(widths)
        exact = isa.floating and isa.machine is X86
        assert all((form.tied is not None) == exact for form in extrema)
        assert all((form.nan is not None) == (isa.floating and not exact) for form in extrema)
        assert extrema[0].bits in (None, isa.key_bits[0])


@pytest.mark.parametrize("isa", ISAS.values(), ids=lambda isa: isa.name)
def test_keys_can_be_loaded_and_stored_where_assembly_says_so(isa):
    loads, stores = isa.assembly.loads, isa.assembly.stores
    assert loads.keys() == stores.keys()
    assert all(isa.held_bits(bits) for bits in loads)
    assert isa.key_bits[0] in loads


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.mnemonic)
def test_a_form_is_written_with_each_of_its_operands_once(form):
    operands = [f"<{i}>" for i in range(len(form.operands))]
    text = form.written(operands)
    assert all(text.count(operand) == 1 for operand in operands)
    if not form.text:
        assert text == f"{form.mnemonic} {', '.join(operands)}"
        backwards = f"{form.mnemonic} {', '.join(operands[::-1])}"
        assert form.written(operands, source_first=True) == backwards


@pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda machine: machine.name)
def test_what_is_outside_the_model_is_no_part_of_it(machine):
    isas = [isa for isa in ISAS.values() if isa.machine is machine]
    known = {word for isa in isas for word in (*isa.forms, *isa.spellings)}
    for patterns, names in ((machine.outside, known), (machine.unsuited, machine.registers)):
        for pattern, why in patterns:
            assert why
            assert not any(re.fullmatch(pattern, name) for name in names), pattern
