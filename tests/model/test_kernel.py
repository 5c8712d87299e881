"""A kernel that can be built is valid; what is invalid cannot be built."""

import dataclasses

import pytest

from sortopt.base.errors import KernelError
from sortopt.model.goal import parse_goal
from sortopt.model.isa import Place, Signedness
from sortopt.model.kernel import MAX_KEYS, Cell, Contract, Instr, Kernel, build
from sortopt.model.orders import parse_precondition
from sortopt.targets import X86_CMOV, X86_MINMAX

SORT2 = "mov s a; cmp a b; cmovg a b; cmovg b s"


def kernel(text, inputs="ab", outputs=None, isa=X86_CMOV, **more):
    """Build a kernel from "mnemonic destination source; …" with single-letter cells."""
    program = [(isa.form(m), tuple(cells)) for m, *cells in map(str.split, text.split(";"))]
    return build(isa, program, inputs=inputs, outputs=outputs or inputs, **more)


def test_cells_are_numbered_inputs_first_then_by_first_appearance():
    built = kernel("mov t y; cmp x t; mov u x", inputs="xy", outputs="ut")
    assert [cell.name for cell in built.cells] == ["x", "y", "u", "t"]
    assert built.contract.inputs == (0, 1)
    assert built.contract.outputs == (2, 3)
    assert built.scratch == (2, 3)


def test_kernels_that_differ_in_register_names_differ_in_cells_only():
    one, other = kernel(SORT2), kernel("mov z x; cmp x y; cmovg x y; cmovg y z", inputs="xy")
    assert one != other
    assert dataclasses.replace(one, cells=other.cells) == other
    assert hash(dataclasses.replace(one, cells=other.cells)) == hash(other)


def test_properties_follow_the_instructions():
    built = kernel(SORT2)
    assert (len(built), built.n, built.signedness) == (4, 2, Signedness.SIGNED)
    assert built.contract.in_place
    assert not kernel("mov s a; cmp a b", outputs="sb").contract.in_place
    assert kernel("cmp a b; cmove a b").signedness is None
    assert kernel("pminud a b", isa=X86_MINMAX).signedness is Signedness.UNSIGNED


def test_an_instruction_knows_what_it_reads_and_writes():
    mov, cmp, cmovg, _ = kernel(SORT2).instructions
    assert (mov.reads, mov.writes) == ((0,), 2)
    assert (cmp.reads, cmp.writes) == ((0, 1), None)
    assert (cmovg.reads, cmovg.writes) == ((1, 0), 0)


def test_loads_and_stores_are_counted_apart():
    places = {"a": Place.MEMORY, "b": Place.MEMORY}
    built = kernel(
        "mov s a; mov t b; cmp s t; cmovg s b; cmovg t a; mov a s; mov b t", place_of=places
    )
    assert (len(built), built.memory_moves) == (7, 4)


def test_assuming_replaces_the_precondition_only():
    assume = parse_precondition("a<b")
    assumed = kernel(SORT2).assuming(assume)
    assert assumed.contract.assume == assume
    assert assumed.instructions == kernel(SORT2).instructions


def test_a_merge_grants_its_sorted_runs():
    merged = kernel(SORT2, goal=parse_goal("merge:1,1"), assume=parse_precondition("a<=b"))
    assert str(merged.contract.precondition) == "a <= b"
    runs = kernel("cmp b c", inputs="abc", goal=parse_goal("merge:2,1"))
    assert str(runs.contract.precondition) == "a <= b"


def test_with_instructions_keeps_cells_and_contract():
    built = kernel("mov s a; mov s b")
    swapped = built.with_instructions(reversed(built.instructions))
    assert (swapped.cells, swapped.contract) == (built.cells, built.contract)
    assert swapped.instructions == built.instructions[::-1]


@pytest.mark.parametrize(
    ("text", "more", "message"),
    [
        ("cmp a b", {"inputs": ""}, "no inputs"),
        ("cmp a b", {"inputs": "aba"}, "a is listed twice among the inputs"),
        ("cmp a b", {"outputs": "aa"}, "a is listed twice among the outputs"),
        ("cmp a b", {"outputs": "a"}, "has 2 outputs, but 1 are named"),
        ("cmp a b", {"outputs": "as"}, "output s is never written"),
        ("cmp a b", {"goal": parse_goal("kth:3")}, "asks for key 3 of 2"),
        ("cmovl a b; cmovb a b", {}, "cmovb reads keys as unsigned, but cmovl before it as signed"),
        ("cmp a b", {"place_of": Place.MEMORY}, "at most one memory operand"),
        ("cmovl a b", {"place_of": {"a": Place.MEMORY}}, "cmovl cannot take a here"),
        ("cmp a b", {"place_of": Place.VECTOR}, "cmp cannot take a here"),
    ],
)
def test_an_invalid_kernel_cannot_be_built(text, more, message):
    with pytest.raises(Exception, match=message) as caught:
        kernel(text, **more)
    assert caught.value.exit_code == 2


def test_errors_name_the_instruction():
    with pytest.raises(KernelError) as caught:
        kernel("cmp a b; cmovl a b; cmova a b")
    assert caught.value.instruction == 2


def test_an_operand_count_that_does_not_fit_is_refused():
    with pytest.raises(KernelError, match="cmp takes 2 operands, not 1"):
        Kernel(
            X86_CMOV,
            (Cell("a"),),
            (Instr(X86_CMOV.form("cmp"), (0,)),),
            Contract((0,), (0,)),
        )


def test_an_instruction_of_another_instruction_set_is_refused():
    with pytest.raises(KernelError, match="pminsd is not an instruction of x86-cmov"):
        Kernel(
            X86_CMOV,
            (Cell("a"), Cell("b")),
            (Instr(X86_MINMAX.form("pminsd"), (0, 1)),),
            Contract((0, 1), (0, 1)),
        )


@pytest.mark.parametrize(
    ("cells", "contract", "message"),
    [
        ("ab", Contract((1, 0), (0, 1)), "numbered inputs first"),
        ("abc", Contract((0, 1), (0, 1)), "numbered inputs first"),
        ("aa", Contract((0, 1), (0, 1)), "same name"),
        ("ab", Contract((0, 2), (0, 1)), "input 2 is cell 2, which does not exist"),
        ("ab", Contract((0, 1), (0, -1)), "output 2 is cell -1, which does not exist"),
    ],
)
def test_cells_that_do_not_fit_the_contract_are_refused(cells, contract, message):
    with pytest.raises(KernelError, match=message):
        Kernel(X86_CMOV, tuple(map(Cell, cells)), (), contract)


def test_more_keys_than_supported_are_refused():
    names = [f"r{i}" for i in range(MAX_KEYS + 1)]
    assert build(X86_CMOV, [], inputs=names[:-1], outputs=names[:-1]).n == MAX_KEYS
    with pytest.raises(KernelError, match="17 keys; at most 16"):
        build(X86_CMOV, [], inputs=names, outputs=names)
