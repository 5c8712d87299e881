"""Instructions dropped anywhere: a load, two, or one with another's condition changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from sortopt.base import KernelError
from sortopt.model import Action, Form, Instr, Kernel, Place, dead_instructions, rebuild
from sortopt.optimize.flow import Flow
from sortopt.optimize.program import forms_for, show


@dataclass(frozen=True, slots=True)
class Edit:
    """Another kernel, and why it may take the place of the first."""

    kernel: Kernel
    reason: str


def without_dead(kernel: Kernel) -> Edit | None:
    """Return the kernel without the instructions whose result nobody reads, or None."""
    dead = dead_instructions(kernel)
    if not dead:
        return None
    shown = ", ".join(_show(kernel, i) for i in dead)
    written = "it writes" if len(dead) == 1 else "they write"
    kept = [x for i, x in enumerate(kernel.instructions) if i not in dead]
    return Edit(
        rebuild(kernel, kept), f"{shown} removed: no later instruction reads what {written}"
    )


def without_loads(kernel: Kernel) -> Iterator[Edit]:
    """Yield the kernel without one of the loads whose key can be read in memory instead.

    A copy of a register that holds a key as it stands in memory counts as a load.  Right because
    memory holds the same key until it is written, which ends the search for readers.
    """
    held: dict[int, int] = {}  # the place in memory of which each register holds the key
    for i, instruction in enumerate(kernel.instructions):
        written, source = instruction.writes, instruction.reads[0]
        if kernel.cells[source].place is Place.MEMORY:
            source_place: int | None = source
        else:
            source_place = held.get(source)
        loads = instruction.form.action is Action.COPY and source_place is not None
        held = {cell: place for cell, place in held.items() if written not in (cell, place)}
        if written is None or source_place is None or not loads or source_place == written:
            continue
        if kernel.cells[written].place is not Place.MEMORY:
            held[written] = source_place
            rest = _reading(kernel, i + 1, written, source_place)
            if rest is not None:
                shown = f"{_show(kernel, i)} removed: its key is read where it stands in memory"
                yield Edit(rebuild(kernel, (*kernel.instructions[:i], *rest)), shown)


def _reading(kernel: Kernel, start: int, cell: int, place: int) -> list[Instr] | None:
    """Return the instructions from `start` on, reading `place` in memory in place of `cell`.

    None where one cannot, or where the key has left `place` by then.
    """
    rest, stored = list(kernel.instructions[start:]), False
    for j, instruction in enumerate(rest):
        if cell in instruction.reads:
            operands = [*instruction.operands]
            for at in instruction.form.arguments:
                operands[at] = place if operands[at] == cell else operands[at]
            places = [kernel.cells[operand].place for operand in operands]
            room = places.count(Place.MEMORY) <= kernel.isa.max_memory_operands
            fits = room and instruction.form.admits(places)
            if stored or not fits or cell in operands or instruction.writes == cell:
                return None
            rest[j] = Instr(instruction.form, tuple(operands))
        elif instruction.writes == cell:
            return rest
        stored = stored or instruction.writes == place
    return None if cell in kernel.contract.outputs else rest


def far_edits(kernel: Kernel, entry: Flow) -> Iterator[Edit]:
    """Yield kernels shorter by an edit of two places, right on all assignments of `entry`.

    Windows see what is near; these see the whole kernel: one instruction dropped and another's
    condition changed, or two dropped.  Cost: about (1.5 + conditions) times the square of the
    length runs, most of which end after a few inputs.
    """
    outputs, entry = kernel.contract.outputs, entry.copied()
    for program, reason in _edits(kernel):
        if entry.finishes(program, outputs):
            try:
                yield Edit(rebuild(kernel, program), reason)
            except KernelError:
                continue


def _edits(kernel: Kernel) -> Iterator[tuple[tuple[Instr, ...], str]]:
    """Yield the edited programs, two dropped first."""
    whole = kernel.instructions
    for i, j in combinations(range(len(whole)), 2):
        shown = f"{_show(kernel, i)} and {_show(kernel, j)} removed"
        program = (*whole[:i], *whole[i + 1 : j], *whole[j + 1 :])
        yield program, f"{shown}: one makes up for the other"
    for j, instruction in enumerate(whole):
        for form in _other_conditions(kernel, instruction):
            changed = Instr(form, instruction.operands)
            edited = (*whole[:j], changed, *whole[j + 1 :])
            for i in range(len(whole)):
                if i != j:
                    yield (
                        (*edited[:i], *edited[i + 1 :]),
                        f"{_show(kernel, i)} removed: {_show(kernel, j)} with the condition of "
                        f"{form.mnemonic} makes up for it",
                    )


def _other_conditions(kernel: Kernel, instruction: Instr) -> Iterator[Form]:
    own = instruction.form
    for form in forms_for(kernel):
        if form.action is own.action and form.holds != own.holds and form.operands == own.operands:
            yield form


def _show(kernel: Kernel, index: int) -> str:
    """Return for example `mov esi, eax (4)`."""
    text = " ".join(show(kernel, kernel.instructions[index]).split())
    return f"{text} ({index + 1})"
