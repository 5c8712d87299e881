"""Why a kernel fails: the trace of a counterexample as data, and the last sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sortopt.model import Counterexample, Instr, Kernel, Order, Step, Value, trace


@dataclass(frozen=True, slots=True)
class Row:
    """What all cells and the flags hold after one instruction; row 0 is the entry.

    `changed` says for each cell whether its value is not the one of the row before, and
    `compared` whether the instruction set the flags.
    """

    number: int
    text: str
    cells: tuple[Value, ...]
    changed: tuple[bool, ...]
    flags: Order | None
    compared: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A trace with one column a cell (by name), and a sentence that says what went wrong.

    `uses_flags` says whether any instruction reads or sets the flags.
    """

    cells: tuple[str, ...]
    rows: tuple[Row, ...]
    uses_flags: bool
    sentence: str


def explain(kernel: Kernel, counterexample: Counterexample) -> Explanation:
    """Return the trace of `counterexample`, len(kernel) + 1 rows, and why `kernel` fails on it."""
    steps = trace(kernel, counterexample.inputs, counterexample.scratch, counterexample.flags)
    return traced(kernel, steps, diagnose(kernel, counterexample))


def traced(kernel: Kernel, steps: Sequence[Step], sentence: str) -> Explanation:
    """Return the `steps` of a kernel as a trace, one row each, that ends in `sentence`."""
    nothing = (False,) * len(kernel.cells)
    rows = [Row(0, "on entry", steps[0].cells, nothing, steps[0].flags, compared=False)]
    for number, instruction in enumerate(kernel.instructions, start=1):
        rows.append(_row(kernel, number, instruction, steps[number - 1], steps[number]))
    names = tuple(cell.name for cell in kernel.cells)
    forms = [instruction.form for instruction in kernel.instructions]
    uses_flags = any(form.reads_flags or form.writes_flags for form in forms)
    return Explanation(names, tuple(rows), uses_flags, sentence)


def _row(kernel: Kernel, number: int, instruction: Instr, before: Step, after: Step) -> Row:
    changed = tuple(old != new for old, new in zip(before.cells, after.cells, strict=True))
    return Row(
        number,
        spell(kernel, instruction),
        after.cells,
        changed,
        after.flags,
        compared=instruction.form.writes_flags,
    )


def spell(kernel: Kernel, instruction: Instr) -> str:
    """Return `instruction` as text, destination first, its cells by name."""
    text = instruction.form.written([kernel.cells[cell].name for cell in instruction.operands])
    mnemonic, _, operands = text.partition(" ")
    return f"{mnemonic:<6} {operands}"


def diagnose(kernel: Kernel, counterexample: Counterexample) -> str:
    """Return which output is wrong first, and why: out of order, or a key lost or duplicated."""
    position, got, wanted = next(
        (i, got, wanted)
        for i, (got, wanted) in enumerate(
            zip(counterexample.outputs, counterexample.expected, strict=True)
        )
        if got is not None and got != wanted
    )
    name = kernel.cells[kernel.contract.outputs[position]].name
    return (
        f"output {position + 1} ({name}) holds {got} where {wanted} belongs: "
        f"{_cause(kernel, counterexample)}{_dependence(kernel, counterexample)}"
    )


def _dependence(kernel: Kernel, counterexample: Counterexample) -> str:
    """Return what on entry the failure depends on besides the keys, as a clause, or ""."""
    on_entry = zip(kernel.scratch, counterexample.scratch, strict=False)
    held = [kernel.cells[cell].name for cell, value in on_entry if value is not None]
    if counterexample.flags is not None:
        held.append("the flags")
    return f", which depends on what {' and '.join(held)} held on entry" if held else ""


def _cause(kernel: Kernel, counterexample: Counterexample) -> str:
    outputs = counterexample.outputs
    alien = sorted({o for o in outputs if o is not None and o not in counterexample.inputs})
    if alien:
        return f"{_listed(alien)} is no key"
    if len(outputs) < kernel.n:
        return f"that is not the key that the goal {kernel.contract.goal} asks for"
    there = Counter(o for o in outputs if o is not None)
    due = Counter(counterexample.expected)
    lost, twice = sorted((due - there).elements()), sorted((there - due).elements())
    if not lost:
        return "all keys are there, but out of order"
    text = f"key {_listed(lost)} is lost"
    return f"{text} and key {_listed(twice)} doubled" if twice else text


def _listed(values: list[int]) -> str:
    return " and ".join(map(str, dict.fromkeys(values)))
