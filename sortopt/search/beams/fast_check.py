"""A fast check that a kernel sorts: all weak orders at once, one array a cell.

It keeps the anytime search honest; the verdict that users see is `verify`'s, which shares no code
with this.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sortopt.model import Action, Kernel, Order

Keys = npt.NDArray[np.int8]

_PACKED = {Action.MINIMUM: np.minimum, Action.MAXIMUM: np.maximum}

_CODES = {Order.LESS: -1, Order.EQUAL: 0, Order.GREATER: 1}


@lru_cache(maxsize=4)
def weak_order_table(n: int) -> Keys:
    """Return all weak orders of `n` keys, one line a key: fubini(n) columns of ranks from 1."""
    table = np.zeros((0, 1), np.int8)
    top = np.zeros(1, np.int8)
    for _ in range(n):
        tables, tops = [], []
        for rank in range(1, int(top.max()) + 2):
            old = table[:, top >= rank]
            tables.append(np.vstack([old, np.full((1, old.shape[1]), rank, np.int8)]))
            tops.append(top[top >= rank])
            fits = top >= rank - 1
            raised = table[:, fits] + (table[:, fits] >= rank)
            tables.append(np.vstack([raised, np.full((1, raised.shape[1]), rank)]).astype(np.int8))
            tops.append(top[fits] + np.int8(1))
        table, top = np.hstack(tables), np.concatenate(tops)
    table.setflags(write=False)
    return table


def sorts_in_place(kernel: Kernel) -> bool:
    """Return whether `kernel` sorts every weak order into its input cells.

    Sound for any scratch and flags on entry, since a kernel that reads a cell or flags before
    they are written in full is turned down.  Takes n of at most 8 and no instruction of
    three operands.  Cost: len(kernel) passes over fubini(n) bytes.
    """
    entry = weak_order_table(kernel.n)
    cells = {c: entry[i].copy() for i, c in enumerate(kernel.contract.inputs)}
    flags: Keys | None = None
    for instruction in kernel.instructions:
        if not all(cell in cells for cell in instruction.reads):
            return False
        first = cells[instruction.reads[0]]
        target, condition = instruction.writes, instruction.form.condition
        if instruction.form.action is Action.COMPARE:
            flags = np.sign(first - cells[instruction.reads[1]]).astype(np.int8)
        elif target is None:
            return False
        elif instruction.form.action in _PACKED:
            second = cells[instruction.reads[1]]
            cells[target] = _PACKED[instruction.form.action](first, second)
        elif condition is None:
            cells[target] = first.copy()
        elif flags is None:
            return False
        else:
            holds = np.isin(flags, [_CODES[order] for order in condition.holds])
            cells[target] = np.where(holds, first, cells[target])
    if not kernel.contract.in_place:
        return False
    found = np.vstack([cells[cell] for cell in kernel.contract.outputs])
    return bool(np.array_equal(found, np.sort(entry, axis=0)))
