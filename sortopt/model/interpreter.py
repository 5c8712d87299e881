"""The plain interpreter: THE semantics of a kernel.

A cell holds a key (an int) or None, which stands for an arbitrary, unknown value: what scratch
holds on entry.  Flags are one of LESS, EQUAL, GREATER, or None before the first comparison; on
entry a processor may also hold flags that no comparison leaves, "less" and "equal" at once.
Whatever depends on None is None, so a result without None holds for every scratch content and
every flag on entry; to see what a kernel does with particular ones, give them to `run`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sortopt.model.isa import Action, Form, Nan, Order
from sortopt.model.kernel import Instr, Kernel

Value = int | None

LESS_AND_EQUAL = Order.LESS | Order.EQUAL
"""Flags that arithmetic can leave, but no comparison: a condition and its opposite still differ,
so those that hold are the ones of which "greater" is no case (l, e, le), not g, ge, ne."""

ENTRY_FLAGS = (Order.LESS, Order.EQUAL, Order.GREATER, LESS_AND_EQUAL)
"""All that the flags may hold on entry."""


@dataclass(frozen=True, slots=True)
class Step:
    """What all cells and the flags hold after one instruction (or on entry)."""

    cells: tuple[Value, ...]
    flags: Order | None


def step(instruction: Instr, before: Step) -> Step:
    """Execute one instruction."""
    form = instruction.form
    values = [before.cells[cell] for cell in instruction.reads]
    result: Value
    match form.action:
        case Action.COMPARE:
            return Step(before.cells, _compare(values[0], values[1]))
        case Action.COPY:
            result = values[0]
        case Action.SELECT:
            result = _select(instruction, before.flags, values)
        case Action.MINIMUM | Action.MAXIMUM:
            result = _extremum(instruction, values)
    cells = list(before.cells)
    cells[instruction.operands[form.target or 0]] = result
    return Step(tuple(cells), before.flags)


def _compare(first: Value, second: Value) -> Order | None:
    if first is None or second is None:
        return None
    return Order.LESS if first < second else Order.GREATER if first > second else Order.EQUAL


def _select(instruction: Instr, flags: Order | None, values: list[Value]) -> Value:
    condition = instruction.form.condition
    assert condition is not None
    if flags is None:
        return values[0] if values[0] == values[1] else None
    held = (
        Order.GREATER not in condition.holds
        if flags == LESS_AND_EQUAL
        else (flags in condition.holds)
    )
    return values[0] if held else values[1]


def _extremum(instruction: Instr, values: list[Value]) -> Value:
    first, second = values
    if first is None or second is None:
        return None
    return values[handed_on(instruction.form, _compare(first, second))]


def handed_on(form: Form, seen: Order | None, nan: Sequence[bool] = (False, False)) -> int:
    """Return which argument, 0 or 1, a minimum or maximum hands on; None is for unordered ones.

    Of arguments of which neither is less it is the form's `tied` one, or as its `nan` says where it
    is known which of them are `nan`; of equal integers either has the value.
    """
    if form.nan is not None and True in nan:
        kept = form.nan is Nan.KEPT
        return nan.index(kept) if kept in nan else 0
    if seen in (Order.LESS, Order.GREATER):
        return int((seen is Order.LESS) != (form.action is Action.MINIMUM))
    return form.tied or 0


def entry(
    kernel: Kernel, keys: Sequence[int], scratch: Sequence[Value] = (), flags: Order | None = None
) -> Step:
    """Return what the cells hold on entry: `keys` in the inputs, `scratch` in the scratch cells.

    `scratch` follows `kernel.scratch`; cells it leaves out are unknown.
    """
    cells: list[Value] = [None] * len(kernel.cells)
    for cell, key in zip(kernel.contract.inputs, keys, strict=True):
        cells[cell] = key
    for cell, value in zip(kernel.scratch, scratch, strict=False):
        cells[cell] = value
    return Step(tuple(cells), flags)


def run(
    kernel: Kernel, keys: Sequence[int], scratch: Sequence[Value] = (), flags: Order | None = None
) -> tuple[Value, ...]:
    """Return what the outputs hold after the kernel, least rank first."""
    now = entry(kernel, keys, scratch, flags)
    for instruction in kernel.instructions:
        now = step(instruction, now)
    return tuple(now.cells[cell] for cell in kernel.contract.outputs)


def trace(
    kernel: Kernel, keys: Sequence[int], scratch: Sequence[Value] = (), flags: Order | None = None
) -> tuple[Step, ...]:
    """Return the cells and flags on entry and after each instruction, len(kernel) + 1 steps."""
    steps = [entry(kernel, keys, scratch, flags)]
    for instruction in kernel.instructions:
        steps.append(step(instruction, steps[-1]))
    return tuple(steps)


def expected(kernel: Kernel, keys: Sequence[int]) -> tuple[int, ...]:
    """Return what the outputs must hold for `keys`: the order statistics the goal names."""
    ordered = sorted(keys)
    return tuple(ordered[rank] for rank in kernel.contract.goal.ranks(kernel.n))
