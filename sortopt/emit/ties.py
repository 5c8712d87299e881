"""What a kernel does with keys that tie but are not the same thing.

On plain integers equal keys are interchangeable.  Records compared by one field are not: a
kernel may then hand out one of two tied records twice and lose the other, though it sorts every
integer.  Which kernels do is decided here, on every weak order, with keys that carry a label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sortopt.model import Action, Instr, Kernel, Order

MOST_KEYS = 8
"""The most keys whose weak orders are all tried."""

_LABEL_BITS = 5
Labelled = NDArray[np.int16]
Flags = tuple[NDArray[np.bool_], NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Ties:
    """How a kernel treats tied keys: whether it keeps every one, and in their order."""

    keeps_every_key: bool
    stable: bool
    examined: bool = True

    def __str__(self) -> str:
        if not self.examined:
            return f"not examined beyond {MOST_KEYS} keys; keys that compare equal may be mixed up"
        if self.stable:
            return "stable: keys that compare equal keep their order"
        if self.keeps_every_key:
            return "not stable, but keys that compare equal and differ are all kept"
        return "keys that compare equal must be interchangeable: one may stand in for the other"


def ties(kernel: Kernel) -> Ties:
    """Return how `kernel` treats tied keys, over all weak orders that its precondition admits.

    A minimum or maximum of tied keys is taken to be its first operand, as the emitters write it.
    Beyond MOST_KEYS keys nothing is examined, and neither property claimed.  Cost: one vectorised
    step an instruction over all weak orders (545,835 for n = 8).
    """
    if kernel.n > MOST_KEYS:
        return Ties(keeps_every_key=False, stable=False, examined=False)
    orders = np.array(kernel.contract.precondition.orders(kernel.n), dtype=np.int16)
    labels = np.arange(kernel.n, dtype=np.int16)
    cells = [np.zeros(len(orders), dtype=np.int16) for _ in kernel.cells]
    for key, cell in enumerate(kernel.contract.inputs):
        cells[cell] = (orders[:, key] << _LABEL_BITS) | labels[key]
    never = np.zeros(len(orders), dtype=np.bool_)
    flags = (never, never)
    for instruction in kernel.instructions:
        flags = _step(instruction, cells, flags)
    out = np.stack([cells[cell] for cell in kernel.contract.outputs], axis=1)
    label = np.sort(out & ((1 << _LABEL_BITS) - 1), axis=1)
    kept = bool(np.all(label[:, 1:] != label[:, :-1]))
    return Ties(kept, kept and bool(np.all(out[:, 1:] > out[:, :-1])))


def _step(instruction: Instr, cells: list[Labelled], flags: Flags) -> Flags:
    """Execute one instruction on all inputs at once; the flags are (less, greater)."""
    values = [cells[cell] for cell in instruction.reads]
    result: NDArray[Any]
    match instruction.form.action:
        case Action.COMPARE:
            return _below(values[0], values[1]), _below(values[1], values[0])
        case Action.COPY:
            result = values[0]
        case Action.SELECT:
            result = np.where(_holds(instruction, flags), values[0], values[1])
        case Action.MINIMUM:
            result = np.where(_below(values[1], values[0]), values[1], values[0])
        case Action.MAXIMUM:
            result = np.where(_below(values[0], values[1]), values[1], values[0])
    cells[instruction.operands[instruction.form.target or 0]] = result
    return flags


def _below(a: Labelled, b: Labelled) -> NDArray[np.bool_]:
    return np.asarray((a >> _LABEL_BITS) < (b >> _LABEL_BITS))


def _holds(instruction: Instr, flags: Flags) -> NDArray[np.bool_]:
    condition = instruction.form.condition
    assert condition is not None
    less, greater = flags
    met = np.zeros(len(less), dtype=np.bool_)
    if Order.LESS in condition.holds:
        met |= less
    if Order.GREATER in condition.holds:
        met |= greater
    if Order.EQUAL in condition.holds:
        met |= ~(less | greater)
    return met
