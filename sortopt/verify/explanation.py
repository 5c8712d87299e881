"""Why a kernel fails: the trace of a counterexample as data, and the last sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sortopt.model import Counterexample, Instr, Kernel, Order, Rung, Step, Value, key_name, trace
from sortopt.verify.entry import scratch_that_matters
from sortopt.verify.signed_zeros import due, numbers_in


@dataclass(frozen=True, slots=True)
class Row:
    """What all cells and the flags hold after one instruction; row 0 is the entry.

    Where elements are told apart, a cell holds the text of one: its rank, and the key's name.

    `changed` says for each cell whether its value is not the one of the row before, and
    `compared` whether the instruction set the flags.
    """

    number: int
    text: str
    cells: tuple[Value | str, ...]
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
    steps: Sequence[Step] = counterexample.steps or trace(
        kernel, counterexample.inputs, counterexample.scratch, counterexample.flags
    )
    found = traced(kernel, steps, diagnose(kernel, counterexample))
    if not counterexample.elements:
        return found
    named = [replace(row, cells=_shown(kernel, counterexample, row.cells)) for row in found.rows]
    return replace(found, rows=tuple(named))


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


def _shown(
    kernel: Kernel, found: Counterexample, cells: Sequence[Value | str]
) -> tuple[Value | str, ...]:
    """Return elements as text, for example `2b` or `-0 b`; where no rank is seen, `b`."""
    names = _names(kernel)
    if kernel.isa.floating:
        names = [f"{number} {name}" for number, name in zip(numbers_in(found), names, strict=True)]
    elif found.lacks is not Rung.SAFE:
        ranks = (*found.inputs, *(rank for rank in found.scratch if rank is not None))
        names = [f"{rank}{name}" for rank, name in zip(ranks, names, strict=True)]
    return tuple(names[cell] if isinstance(cell, int) else None for cell in cells)


def _names(kernel: Kernel) -> list[str]:
    """Return what elements are called: keys as everywhere, the others by their scratch cell."""
    keys = [key_name(index, kernel.n) for index in range(kernel.n)]
    return keys + [kernel.cells[cell].name for cell in scratch_that_matters(kernel)]


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
    """Return which output is wrong first, and why: out of order, or a key lost or duplicated.

    Where only elements are mixed up, which: `a leaves twice, b never`.
    """
    if counterexample.elements:
        return f"{mixed_up(kernel, counterexample)}{_dependence(kernel, counterexample)}"
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


def mixed_up(kernel: Kernel, found: Counterexample) -> str:
    """Return which element leaves twice, or where it does not belong, for example `a leaves twice`.

    Of a counterexample whose outputs have the right values.
    """
    names, n = _names(kernel), kernel.n
    left = found.elements
    often = [
        f"{names[element]} leaves {'twice' if times == 2 else f'{times} times'}"
        for element, times in Counter(left).items()
        if times > 1
    ]
    if often:
        never = [names[element] for element in range(n) if element not in left]
        lost = [f"{_listed(never)} never"] if len(left) == n else []
        return ", ".join(often + lost)
    alien = [names[element] for element in left if element >= n]
    if alien:
        return f"what {_listed(alien)} held on entry leaves"
    wanted = due(kernel, found.inputs, found.zero)
    got, other = next((a, b) for a, b in zip(left, wanted, strict=True) if a != b)
    return f"{names[got]} leaves {'before' if other in left else 'in place of'} {names[other]}"


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


def _listed(values: Sequence[int | str]) -> str:
    return " and ".join(map(str, dict.fromkeys(values)))
