"""Comparator network to kernel, in any instruction set.

A comparator becomes, on x86, mov s,x; cmp x,y; cmovg x,y; cmovg y,s, or movdqa s,x; pminsd x,y;
pmaxsd y,s: right for equal keys too, as equal keys are left where they are (see `forms`).  Where
instructions leave their sources alone (three operands), one of the keys goes to the free cell and
no copy is needed; the roles of the cells change.  Which of the two goes there is chosen so that
the scratch cell is free in the end; where no choice does that, a copy puts the last key back.
Where a goal leaves keys out (a median), only the halves of comparators that an output depends on
become instructions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sortopt.base import InputError
from sortopt.model import (
    MAX_KEYS,
    SORT,
    Action,
    Form,
    Goal,
    Isa,
    Kernel,
    Place,
    Signedness,
    build,
    natural_key_type,
)
from sortopt.networks.forms import ComparatorForm, Instructions, comparators
from sortopt.networks.network import Network
from sortopt.targets import X86_CMOV


def lower(
    network: Network,
    isa: Isa = X86_CMOV,
    *,
    signedness: Signedness = Signedness.SIGNED,
    cells: Sequence[str] | None = None,
    goal: Goal = SORT,
) -> Kernel:
    """Return the kernel that does what `network` does, in place, with one scratch cell.

    Key i enters in cell i, the scratch cell is the last of `cells`, n + 1 names; by default the
    registers of `isa`, and beyond them c17 … (the numbers of the CGO'25 dialect).  Length:
    4 instructions a comparator with conditional moves, 3 with minima and maxima; with three
    operands one less, and seldom a copy at the end; half a comparator takes 1 or 2 less.
    The kernel serves `goal` iff the network does.
    Raises InputError where `isa` lacks what that takes, or where the network has more channels
    than a kernel may have keys.
    """
    n = network.channels
    if n > MAX_KEYS:
        raise InputError(
            f"the network has {n} channels; a kernel may have {MAX_KEYS} keys",
            hint="write the network itself (--to list): a comparator is a minimum and a maximum",
        )
    names = [isa.registers[i] if i < len(isa.registers) else f"c{i + 1}" for i in range(n + 1)]
    names = names if cells is None else list(cells)
    if len(names) != n + 1:
        raise InputError(f"{n} keys and a scratch cell take {n + 1} cells, not {len(names)}")
    forms = comparators(isa, signedness)
    ends = goal.ranks(n)
    ways: dict[int | None, _Way] = {None: _Way(tuple(names[:-1]), names[-1], ())}
    for channels, needed in zip(network.comparators, network.needed(ends), strict=True):
        if any(needed):
            after = [way.through(channels, needed, *f) for way in ways.values() for f in forms]
            ways = {way.channel_in(names[-1]): way for way in reversed(after)}
    held, free, taken = min(
        ways.values(), key=lambda way: names[-1] in map(way.held.__getitem__, ends)
    )
    program = [*taken]
    stored = [held[channel] for channel in ends]
    if names[-1] in stored:
        program.append((_copy(isa, isa.place, isa.place), (free, names[-1])))
        stored[stored.index(names[-1])] = free
    return build(isa, program, inputs=names[:-1], outputs=stored, goal=goal)


class _Way(NamedTuple):
    """A way through the first comparators: each channel's cell, the free cell, instructions."""

    held: tuple[str, ...]
    free: str
    program: tuple[tuple[Form, tuple[str, ...]], ...]

    def channel_in(self, cell: str) -> int | None:
        """Return the channel whose key `cell` holds, or None."""
        return self.held.index(cell) if cell in self.held else None

    def through(
        self,
        channels: tuple[int, int],
        needed: tuple[bool, bool],
        form: ComparatorForm,
        instructions: Instructions,
    ) -> _Way:
        """Return the way on through a comparator, or through the half of it that is needed."""
        (i, j), held = channels, [*self.held]
        at = {"x": held[i], "y": held[j], "z": self.free}
        target = form.lesser if needed[0] else form.greater
        steps = instructions if all(needed) else _half(instructions, target)
        program = tuple((f, tuple(at[role] for role in roles)) for f, roles in steps)
        if not all(needed) and target == "z":
            at["x"], at["z"] = at["z"], at["x"]
        held[i], held[j] = at[form.lesser], at[form.greater]
        return _Way(tuple(held), at[form.free], self.program + program)


def _half(instructions: Instructions, target: str) -> Instructions:
    """Return what of a comparator leaves a key in cell `target`, with x in place of z.

    Right where nobody reads the other key: z would hold nothing but a copy of x, or the result,
    which may then overwrite x.
    """
    *before, first, last = instructions
    writes = None if first[0].target is None else first[1][first[0].target]
    steps = [*before, first if writes == target else last]
    return tuple(
        (form, tuple("x" if role == "z" else role for role in roles))
        for form, roles in steps
        if form.action is not Action.COPY
    )


def in_memory(kernel: Kernel, inputs: Sequence[str], outputs: Sequence[str]) -> Kernel:
    """Return `kernel`, of registers, between loads of its keys and stores of its results.

    `inputs` and `outputs` name places in memory, in the sequence of the keys.  One instruction
    more for each of them.
    """
    contract = kernel.contract
    names = [cell.name for cell in kernel.cells]
    isa = kernel.isa
    load, store = (_copy(isa, *p) for p in ((isa.place, Place.MEMORY), (Place.MEMORY, isa.place)))
    loads = zip((names[cell] for cell in contract.inputs), inputs, strict=True)
    stores = zip(outputs, (names[cell] for cell in contract.outputs), strict=True)
    places = {cell.name: cell.place for cell in kernel.cells}
    return build(
        isa,
        [
            *((load, operands) for operands in loads),
            *((i.form, tuple(names[cell] for cell in i.operands)) for i in kernel.instructions),
            *((store, operands) for operands in stores),
        ],
        inputs=inputs,
        outputs=outputs,
        assume=contract.assume,
        goal=contract.goal,
        keep=contract.keep,
        place_of=places | dict.fromkeys((*inputs, *outputs), Place.MEMORY),
    )


def _copy(isa: Isa, *places: Place) -> Form:
    form = isa.find(Action.COPY, places=places)
    if form is None:
        raise InputError(f"{isa.name} cannot copy a key from {places[1].name} to {places[0].name}")
    return form


def buffer(kernel: Kernel) -> tuple[str, ...]:
    """Return the names of adjacent places in memory, one for each key of `kernel`.

    A vector register takes as much room as it holds keys.
    """
    return kernel.isa.buffer(kernel.n, natural_key_type(kernel).bits)
