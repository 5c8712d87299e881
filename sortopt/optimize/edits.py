"""Instructions dropped: one, two, or one with another condition elsewhere, anywhere in a kernel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from sortopt.base import KernelError
from sortopt.model import Form, Instr, Kernel, dead_instructions, rebuild
from sortopt.optimize.flow import Flow
from sortopt.optimize.program import forms_for, show


@dataclass(frozen=True, slots=True)
class Edit:
    """A kernel without some instructions, and why that may be."""

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
