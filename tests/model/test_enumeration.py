"""What the listing of instructions leaves out does what one of them does, or nothing."""

from dataclasses import replace
from itertools import product

import pytest
from toys import EXTREMA, SELECTS

from sortopt.base.errors import KernelError
from sortopt.model.enumeration import is_exchangeable, list_instructions
from sortopt.model.interpreter import Step, step
from sortopt.model.isa import Action, Order, Signedness
from sortopt.model.kernel import Cell, Contract, Instr, Kernel
from sortopt.model.machine import Place
from sortopt.targets import X86_CMOV, X86_MINMAX

R, V, M = Place.REGISTER, Place.VECTOR, Place.MEMORY
FLAGS = (None, Order.LESS, Order.EQUAL, Order.GREATER)


def without_copies(isa):
    forms = {name: form for name, form in isa.forms.items() if form.action is not Action.COPY}
    return replace(isa, forms=forms)


BOTH = replace(EXTREMA, forms=EXTREMA.forms | SELECTS.forms, conditions=SELECTS.conditions)
SETS = {
    "three operands, min and max": (EXTREMA, (R, R, R)),
    "three operands, selects": (SELECTS, (R, R, R)),
    "three operands, both": (BOTH, (R, R, R)),
    "min and max without copies": (without_copies(EXTREMA), (R, R, R)),
    "selects without copies": (without_copies(SELECTS), (R, R, R)),
    "cmov": (X86_CMOV, (R, R, R)),
    "cmov with memory": (X86_CMOV, (R, M, R, M)),
    "cmov without copies": (without_copies(X86_CMOV), (R, R, R)),
    "min and max with memory": (X86_MINMAX, (M, V, V)),
    "memory operands without limit": (replace(X86_CMOV, max_memory_operands=2), (M, R, M)),
}


def every_instruction(isa, forms, places):
    """Yield each form on each choice of cells that a kernel takes."""
    cells = tuple(Cell(f"c{i}", place) for i, place in enumerate(places))
    named = tuple(range(len(places)))
    for form in forms:
        for operands in product(named, repeat=len(form.operands)):
            instruction = Instr(form, operands)
            try:
                Kernel(isa, cells, (instruction,), Contract(named, named))
            except KernelError:
                continue
            yield instruction


def effect(instruction, cells):
    """Return what `instruction` makes of all contents of the cells and all flags."""
    return tuple(
        step(instruction, Step(contents, flags))
        for contents in product((None, *range(cells)), repeat=cells)
        for flags in FLAGS
    )


def nothing(cells):
    return tuple(
        Step(contents, flags)
        for contents in product((None, *range(cells)), repeat=cells)
        for flags in FLAGS
    )


@pytest.fixture(params=SETS)
def case(request):
    isa, places = SETS[request.param]
    return isa, isa.forms_for(Signedness.SIGNED), places


def test_in_a_fixed_program_all_left_out_does_what_one_listed_does_or_nothing(case):
    isa, forms, places = case
    listed = list_instructions(isa, forms, places, rest_fixed=True)
    known = {effect(i, len(places)) for i in listed} | {nothing(len(places))}
    every = list(every_instruction(isa, forms, places))
    assert set(listed) <= set(every)
    assert {effect(i, len(places)) for i in every} <= known


def test_no_two_listed_do_the_same_and_none_does_nothing(case):
    """But a disguised copy that tests flags is no twin of one that does not."""
    isa, forms, places = case
    listed = list_instructions(isa, forms, places, rest_fixed=True)
    effects = {(effect(i, len(places)), i.form.reads_flags) for i in listed}
    assert len(effects) == len(listed)
    assert nothing(len(places)) not in {effect(i, len(places)) for i in listed}


def test_in_a_free_program_only_comparisons_go_that_another_or_copies_replace(case):
    isa, forms, places = case
    fixed = list_instructions(isa, forms, places, rest_fixed=True)
    free = list_instructions(isa, forms, places)
    assert [i for i in fixed if i in free] == list(free)
    copied = any(form.action is Action.COPY for form in forms)
    for instruction in set(fixed) - set(free):
        assert instruction.form.action is Action.COMPARE
        a, b = instruction.operands
        if a == b:
            assert copied
        else:
            assert is_exchangeable(isa, forms)
            assert Instr(instruction.form, (b, a)) in free


def test_a_comparison_of_a_cell_with_itself_stays_where_a_copy_is_missing(case):
    isa, forms, places = case
    listed = list_instructions(isa, forms, places)
    itself = [i for i in listed if i.form.writes_flags and len(set(i.operands)) == 1]
    copies = {i.operands for i in listed if i.form.action is Action.COPY}
    selected = {(i.writes, c) for i in listed if i.form.reads_flags for c in i.reads}
    assert bool(itself) == bool(selected and {(d, s) for d, s in selected if d != s} - copies)


def test_a_set_of_two_operands_has_each_form_on_distinct_cells_and_comparisons_once():
    listed = list_instructions(X86_CMOV, X86_CMOV.forms_for(Signedness.SIGNED), (R,) * 4)
    assert listed == tuple(
        Instr(form, cells)
        for form in X86_CMOV.forms_for(Signedness.SIGNED)
        for cells in product(range(4), repeat=2)
        if cells[0] != cells[1] and (form.mnemonic != "cmp" or cells[0] < cells[1])
    )


def test_a_comparison_stays_either_way_round_where_conditions_lack_partners():
    forms = X86_CMOV.forms_for(Signedness.SIGNED, ("l", "le"))
    listed = list_instructions(X86_CMOV, forms, (R, R))
    assert [i.operands for i in listed if i.form.writes_flags] == [(0, 1), (1, 0)]


def test_of_two_comparisons_the_one_whose_operands_fit_is_listed():
    admits = (R, R | M)
    forms = dict(X86_CMOV.forms) | {"cmp": replace(X86_CMOV.form("cmp"), operands=admits)}
    isa = replace(X86_CMOV, forms=forms)
    listed = list_instructions(isa, isa.forms_for(Signedness.SIGNED), (M, R))
    assert [i.operands for i in listed if i.form.writes_flags] == [(1, 0)]


def test_three_operands_may_coincide():
    listed = {(i.form.mnemonic, *i.operands) for i in list_instructions(
        EXTREMA, EXTREMA.forms_for(Signedness.SIGNED), (R, R, R))}  # fmt: skip
    assert ("smin", 0, 0, 1) in listed
    assert ("smin", 1, 0, 1) in listed
    assert ("smin", 2, 0, 1) in listed
    assert ("smin", 0, 1, 0) not in listed
    assert len(listed) == 6 + 2 * 3 * 3
