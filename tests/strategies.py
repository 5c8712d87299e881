"""Hypothesis strategies that several test modules share."""

from hypothesis import strategies as st
from toys import TOYS

from sortopt.model.goal import SORT, Goal
from sortopt.model.isa import Order, Place, Signedness
from sortopt.model.kernel import build
from sortopt.model.orders import Comparison, Precondition
from sortopt.targets import ISAS, X86_CMOV

NAMES = "abcdst"
REAL = tuple(ISAS.values())
SETS = (*REAL, *TOYS)
RELATIONS = (
    Order.LESS,
    Order.LESS | Order.EQUAL,
    Order.EQUAL,
    Order.GREATER,
    Order.GREATER | Order.EQUAL,
    Order.LESS | Order.GREATER,
)
"""How a precondition may say that two keys compare."""


def forms_for(isa, sign, bits):
    """Return the forms over registers for keys of a sign and width."""
    return [
        form
        for form in isa.forms.values()
        if form.signedness in (None, sign)
        and form.bits in (None, bits)
        and form.admits((isa.place,) * len(form.operands))
    ]


@st.composite
def forms_of_one_key_type(draw, isa):
    """Draw a sign and a width, and return the forms over registers for such keys."""
    return forms_for(isa, draw(st.sampled_from(Signedness)), draw(st.sampled_from(isa.key_bits)))


@st.composite
def kernels(draw, *, least=1, isas=REAL, most=12):
    """Draw a kernel of `least` to 4 keys, up to two scratch cells, and up to `most` instructions.

    It is valid but need not sort anything; its outputs are its inputs.
    """
    keys = draw(st.integers(least, 4))
    isa = draw(st.sampled_from(isas))
    cells = st.sampled_from([*NAMES[:keys], "s", "t"])
    forms = draw(forms_of_one_key_type(isa))
    instruction = st.sampled_from(forms).flatmap(
        lambda form: st.tuples(st.just(form), st.tuples(*[cells] * len(form.operands)))
    )
    program = draw(st.lists(instruction, max_size=most))
    return build(isa, program, inputs=NAMES[:keys], outputs=NAMES[:keys])


@st.composite
def contracts_of_all_kinds(draw, *, isas=REAL, most=12, most_keys=4, most_scratch=2):
    """Draw a kernel of 2 to `most_keys` keys and 1 to `most_scratch` scratch cells, and a contract.

    Cells are called as registers of one width or by other names; outputs are any cells, in any
    order, as many as the goal has.
    """
    n = draw(st.integers(2, most_keys))
    isa = draw(st.sampled_from(isas))
    names = draw(st.sampled_from(_cell_names(isa)))
    cells = draw(st.permutations(names))[: n + draw(st.integers(1, most_scratch))]
    operand = st.sampled_from(cells)
    instruction = st.sampled_from(draw(forms_of_one_key_type(isa))).flatmap(
        lambda form: st.tuples(st.just(form), st.tuples(*[operand] * len(form.operands)))
    )
    program = draw(st.lists(instruction, max_size=most))
    goal = draw(goals(n))
    inputs = cells[:n]
    written = {c[f.target] for f, c in program if f.target is not None}
    outputs = draw(st.permutations([c for c in cells if c in inputs or c in written]))
    return build(
        isa,
        program,
        inputs=inputs,
        outputs=outputs[: len(goal.ranks(n))],
        assume=draw(preconditions(n)),
        goal=goal,
    )


def _cell_names(isa):
    """Return lists of cell names: registers in the printer's order, others, and none at all."""
    mixed = ("eax", "rax", "xmm0", "EAX", "esp", "1")
    found = [isa.registers[:6], isa.registers[9:15], mixed, ("p", "q", "r", "s", "t", "é")]
    if isa.place is Place.REGISTER:
        known = isa.machine.registers
        found.append([isa.machine.part(known[name].family, 64) for name in isa.registers[3:9]])
    return found


def goals(n):
    """Draw a goal that fits `n` keys."""
    names = st.sampled_from(["sort", "min", "max", "median", "minmax"]).map(Goal)
    kth = st.integers(1, n).map(lambda k: Goal("kth", (k,)))
    merge = st.integers(1, n - 1).map(lambda p: Goal("merge", (p, n - p)))
    return st.one_of(st.just(SORT), names, kth, merge)


def preconditions(n):
    """Draw a conjunction of up to three comparisons of `n` keys; it may have no solution."""
    pairs = st.sampled_from([(i, j) for i in range(n) for j in range(n) if i != j])
    comparison = st.tuples(pairs, st.sampled_from(RELATIONS)).map(
        lambda drawn: Comparison(drawn[0][0], drawn[1], drawn[0][1])
    )
    return st.lists(comparison, max_size=3, unique=True).map(lambda c: Precondition(tuple(c)))


@st.composite
def buffer_kernels(draw, *, most=12):
    """Draw a kernel over two or three cells of a buffer, and up to three registers.

    It is valid but need not sort anything; inputs and outputs are the buffer's cells.
    """
    n = draw(st.integers(2, 3))
    size = draw(st.sampled_from([4, 8]))
    base = draw(st.sampled_from(["rdi", "rsi", "r8"]))
    memory = [f"[{base}+{size * i}]" if i else f"[{base}]" for i in range(n)]
    registers = ["eax", "ecx", "edx"] if size == 4 else ["rax", "rcx", "rdx"]
    forms = [f for f in X86_CMOV.forms.values() if f.signedness in (None, Signedness.SIGNED)]
    program = []
    for form in draw(st.lists(st.sampled_from(forms), max_size=most)):
        first = draw(st.sampled_from([*registers, *(memory if form.condition is None else [])]))
        second = draw(st.sampled_from(registers if first in memory else [*registers, *memory]))
        program.append((form, (first, second)))
    places = dict.fromkeys(memory, Place.MEMORY)
    return build(X86_CMOV, program, inputs=memory, outputs=memory, place_of=places)
