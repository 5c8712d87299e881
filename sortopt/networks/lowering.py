"""Comparator network to kernel, in any instruction set.

A comparator becomes, on x86, mov s,x; cmp x,y; cmovg x,y; cmovg y,s, or movdqa s,x; pminsd x,y;
pmaxsd y,s: right for equal keys too, as equal keys are left where they are.  The instructions are
taken from the set's table by what they do.  Where they leave their sources alone (three
operands), the lesser key goes to the free cell and no move is needed; the roles of the cells
change, and one move at the end puts the last key back into an input cell where it must.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sortopt.base import InputError
from sortopt.model import Action, Form, Isa, Kernel, Order, Place, Signedness, build
from sortopt.networks.network import Network
from sortopt.targets import X86_CMOV

Program = list[tuple[Form, tuple[str, ...]]]


def lower(
    network: Network,
    isa: Isa = X86_CMOV,
    *,
    signedness: Signedness = Signedness.SIGNED,
    cells: Sequence[str] | None = None,
) -> Kernel:
    """Return the kernel that does what `network` does, in place, with one scratch cell.

    Key i enters in cell i, the scratch cell is the last of `cells`, n + 1 names; by default the
    registers of `isa`, and beyond them c17 … (the numbers of the CGO'25 dialect).  Length:
    4 instructions a comparator with conditional moves, 3 with minima and maxima.  The kernel
    sorts iff the network does.  Raises InputError where `isa` lacks what that takes, or where the
    network has more channels than a kernel may have keys.
    """
    n = network.channels
    names = [isa.registers[i] if i < len(isa.registers) else f"c{i + 1}" for i in range(n + 1)]
    names = names if cells is None else list(cells)
    if len(names) != n + 1:
        raise InputError(f"{n} keys and a scratch cell take {n + 1} cells, not {len(names)}")
    compare_exchange = _compare_exchange(isa, signedness)
    held, free = names[:-1], names[-1]
    program: Program = []
    for i, j in network.comparators:
        instructions, held[i], held[j], free = compare_exchange(held[i], held[j], free)
        program += instructions
    if names[-1] in held:
        program.append((_form(isa, Action.COPY), (free, names[-1])))
        held[held.index(names[-1])] = free
    return build(isa, program, inputs=names[:-1], outputs=held)


def in_memory(kernel: Kernel, inputs: Sequence[str], outputs: Sequence[str]) -> Kernel:
    """Return `kernel`, of registers, between loads of its keys and stores of its results.

    `inputs` and `outputs` name places in memory, in the sequence of the keys.  One instruction
    more for each of them.
    """
    contract = kernel.contract
    names = [cell.name for cell in kernel.cells]
    copy = _form(kernel.isa, Action.COPY)
    loads = zip((names[cell] for cell in contract.inputs), inputs, strict=True)
    stores = zip(outputs, (names[cell] for cell in contract.outputs), strict=True)
    places = {cell.name: cell.place for cell in kernel.cells}
    return build(
        kernel.isa,
        [
            *((copy, operands) for operands in loads),
            *((i.form, tuple(names[cell] for cell in i.operands)) for i in kernel.instructions),
            *((copy, operands) for operands in stores),
        ],
        inputs=inputs,
        outputs=outputs,
        assume=contract.assume,
        goal=contract.goal,
        place_of=places | dict.fromkeys((*inputs, *outputs), Place.MEMORY),
    )


def buffer(kernel: Kernel, base: str = "rdi") -> tuple[str, ...]:
    """Return the names of adjacent places in memory, one for each key of `kernel`."""
    size = 16 if kernel.cells[0].place is Place.VECTOR else 4
    return tuple(f"[{base}+{size * key}]" if key else f"[{base}]" for key in range(kernel.n))


_CompareExchange = Callable[[str, str, str], tuple[Program, str, str, str]]
"""From the cells of two keys and the free cell to a program, where it leaves the lesser and the
greater key, and the cell that is free then."""


def _compare_exchange(isa: Isa, signedness: Signedness) -> _CompareExchange:
    """Return how `isa` compares and exchanges."""
    actions = {form.action for form in isa.forms.values()}
    if {Action.MINIMUM, Action.MAXIMUM} <= actions:
        low = _form(isa, Action.MINIMUM, signedness)
        high = _form(isa, Action.MAXIMUM, signedness)
        compares: tuple[Form, ...] = ()
    elif {Action.COMPARE, Action.SELECT} <= actions:
        compares = (_form(isa, Action.COMPARE),)
        low = high = _form(isa, Action.SELECT, signedness, Order.GREATER)
    else:
        raise InputError(f"{isa.name} can neither select by a comparison nor take minima")

    def in_two_operands(x: str, y: str, free: str) -> tuple[Program, str, str, str]:
        copy = _form(isa, Action.COPY)
        compared: Program = [(form, (x, y)) for form in compares]
        return [(copy, (free, x)), *compared, (low, (x, y)), (high, (y, free))], x, y, free

    def in_three_operands(x: str, y: str, free: str) -> tuple[Program, str, str, str]:
        compared: Program = [(form, (x, y)) for form in compares]
        return [*compared, (low, (free, y, x)), (high, (y, x, y))], free, y, x

    return in_two_operands if len(low.operands) == 2 else in_three_operands


def _form(
    isa: Isa, action: Action, signedness: Signedness | None = None, holds: Order | None = None
) -> Form:
    """Return the form of `isa` that does `action`, reads keys as `signedness`, after `holds`."""
    for form in isa.forms.values():
        condition = form.condition
        if (
            form.action is action
            and form.signedness in (None, signedness)
            and (holds is None or (condition is not None and condition.holds == holds))
        ):
            return form
    raise InputError(f"{isa.name} has no instruction for {action.value} of such keys")
