"""What verdicts say in words."""

from __future__ import annotations

from collections.abc import Sequence

from sortopt.goal import SORT
from sortopt.kernel import Kernel
from sortopt.pipeline import Checked
from sortopt.verdict import Counterexample, Judgement, Proved, Refuted, Unknown


def heading(found: Checked) -> str:
    """Return what was read: file, dialect and why, size."""
    file = found.file
    kernel = file.kernel
    because = f" ({file.because})" if file.because else ""
    goal = "" if kernel.contract.goal == SORT else f"goal {kernel.contract.goal}, "
    size = f"{counted(kernel.n, 'key')}, {goal}{length(kernel)}"
    return f"{found.path}: {size}, {file.dialect} dialect{because}"


def length(kernel: Kernel) -> str:
    """Return the number of instructions, and without loads and stores where there are any."""
    moves = kernel.memory_moves
    told = counted(len(kernel), "instruction")
    return f"{told} ({len(kernel) - moves} without loads and stores)" if moves else told


def counted(count: int, noun: str) -> str:
    """Return for example `1 key`, `2 keys`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def verdict(kernel: Kernel, judgement: Judgement) -> str:
    """Return the verdict as a sentence that says precisely what was proved or refuted."""
    assume = kernel.contract.precondition
    match judgement.verdict:
        case Proved():
            given = f" with {assume}" if assume else ""
            return f"proved for all inputs{given}: {scope(kernel)}"
        case Refuted(counterexample):
            given = f" given {assume}" if assume else ""
            return f"refuted{given}: {failure(kernel, counterexample)}"
        case Unknown(reason):
            return f"unknown: {reason}"


def scope(kernel: Kernel) -> str:
    """Return what a proof covers besides the order of the keys."""
    sign = f"{kernel.signedness.value} keys of " if kernel.signedness else "keys of any type and "
    return f"equal keys, {sign}any width, any scratch contents and flags on entry"


def failure(kernel: Kernel, counterexample: Counterexample) -> str:
    """Return for example `input 2 1 1 comes out as 2 1 2, not 1 1 2`."""
    held = [
        f"{kernel.cells[cell].name} = {value}"
        for cell, value in zip(kernel.scratch, counterexample.scratch, strict=True)
        if value is not None
    ]
    if counterexample.flags is not None and counterexample.flags.name:
        held.append(f"flags = {counterexample.flags.name.lower()}")
    entry = f" (on entry {', '.join(held)})" if held else ""
    return (
        f"input {row(counterexample.inputs)}{entry} comes out as {row(counterexample.outputs)}, "
        f"not {row(counterexample.expected)}"
    )


def row(values: Sequence[int | None]) -> str:
    """Return values side by side, `?` for one that depends on what scratch or flags held."""
    return " ".join("?" if value is None else str(value) for value in values)


def methods(judgement: Judgement, bits: int | None) -> list[tuple[str, str, str]]:
    """Return for each proof its name, verdict and time."""
    shown = {"z3": f"z3, {bits}-bit keys"} if bits else {}
    return [
        (shown.get(m.method, m.method), m.verdict.name, f"{m.seconds:.3f} s")
        for m in judgement.methods
    ]
