"""What of a kernel's entry state can matter: the scratch cells and flags read before written."""

from __future__ import annotations

from collections.abc import Iterable

from sortopt.model import Instr, Kernel


def scratch_that_matters(kernel: Kernel) -> tuple[int, ...]:
    """Return the scratch cells that some instruction reads before any has written them.

    All others are written first, so what they hold on entry reaches no output.  (That an output
    is written, or an input, every kernel guarantees.)
    """
    defined = set(kernel.contract.inputs)
    exposed: list[int] = []
    for instruction in kernel.instructions:
        exposed += [c for c in instruction.reads if c not in defined and c not in exposed]
        if instruction.writes is not None:
            defined.add(instruction.writes)
    return tuple(sorted(exposed))


def flags_matter(kernel: Kernel) -> bool:
    """Return whether some instruction reads the flags before the first comparison."""
    return bool(reads_flags(kernel.instructions))


def reads_flags(instructions: Iterable[Instr]) -> bool | None:
    """Return whether instructions read the flags before they write them; None where neither."""
    for instruction in instructions:
        if instruction.form.writes_flags:
            return False
        if instruction.form.reads_flags:
            return True
    return None


def undecided(kernel: Kernel) -> str | None:
    """Return why it is not decided what a kernel of floating-point keys keeps, or None."""
    if kernel.isa.floating and scratch_that_matters(kernel):
        return "not decided where floating-point scratch is read before it is written"
    return None
