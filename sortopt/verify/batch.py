"""The interpreter once more, over all weak orders at a time: one vector operation a step.

Arrays hold one row a cell and one column a weak order.  Keys are ranks from 1; 0 stands for the
interpreter's None.  Flags are -1, 0 or 1 for LESS, EQUAL and GREATER, 2 for unknown.  Tests
compare this twin with `machine` on random kernels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sortopt.base import UNLIMITED, Budget, LimitReached
from sortopt.model import Action, Comparison, Instr, Kernel, Order, Precondition, Rung, WeakOrder

Keys = NDArray[np.int8]
"""int8[keys, weak orders]"""

MOST_ORDERS = 20_000_000
"""The most weak orders held at a time: n = 9 without precondition has 7,087,261."""

_BLOCK = 1 << 16
_UNKNOWN = 0
UNKNOWN_FLAGS = 2
OUTCOMES = {Order.LESS: -1, Order.EQUAL: 0, Order.GREATER: 1}
"""How flags are written that one comparison sets."""


def suspects(kernel: Kernel, budget: Budget, keep: Rung = Rung.VALUES) -> Iterator[WeakOrder]:
    """Yield the admitted weak orders whose outputs are wrong, or unknown, least first.

    Wrong is what breaks the rung `keep`, any but `safe`, of a kernel whose values are right.
    Raises LimitReached when time runs out or there are more than MOST_ORDERS weak orders.
    """
    orders = weak_orders(kernel.n, kernel.contract.precondition, budget)
    for start in range(0, orders.shape[1], _BLOCK):
        budget.check()
        keys = orders[:, start : start + _BLOCK]
        wrong = _wrong(kernel, keys, keep)
        for column in np.flatnonzero(wrong):
            yield tuple(int(rank) for rank in keys[:, column])


def _wrong(kernel: Kernel, keys: Keys, keep: Rung) -> NDArray[np.bool_]:
    """Return for each column whether the outputs are wrong, or unknown."""
    wrong: NDArray[np.bool_]
    if keep is Rung.VALUES:
        wrong = (run(kernel, keys) != expected(kernel, keys)).any(axis=0)
        return wrong
    elements, ranks = in_order(keys)
    if keep is Rung.STABLE:
        wrong = (run(kernel, elements, ranks) != expected(kernel, elements)).any(axis=0)
    else:
        held = np.sort(run(kernel, elements, ranks), axis=0)
        wrong = (held[0] == _UNKNOWN) | (held[1:] == held[:-1]).any(axis=0)
    return wrong


def in_order(keys: Keys) -> tuple[Keys, Keys]:
    """Return the elements that have these keys, numbered from 1 as a stable sort leaves them.

    And the rank of each, 0 for unknown: int8[keys + 1, weak orders].
    """
    elements = np.empty_like(keys)
    numbers = np.arange(1, len(keys) + 1, dtype=np.int8)[:, None]
    np.put_along_axis(elements, np.argsort(keys, axis=0, kind="stable"), numbers, axis=0)
    unknown: Keys = np.zeros((1, keys.shape[1]), np.int8)
    return elements, np.concatenate((unknown, np.sort(keys, axis=0)))


def weak_orders(n: int, assume: Precondition, budget: Budget = UNLIMITED) -> Keys:
    """Return the weak orders of `n` keys that satisfy `assume`, as `orders.weak_orders` sorts them.

    Adds one key at a time and drops at once what a comparison of the keys so far rules out.
    Memory: about 2·n bytes an order.  Raises LimitReached, and InputError where no order is left:
    a proof over no input would say nothing.
    """
    orders: Keys = np.zeros((0, 1), np.int8)
    for key in range(n):
        budget.check()
        if _extended(orders) > MOST_ORDERS:
            raise LimitReached(f"more than {MOST_ORDERS:,} weak orders of {n} keys")
        orders = _with_one_more_key(orders)
        for comparison in assume.comparisons:
            if max(comparison.left, comparison.right) == key:
                orders = orders[:, _holds(comparison, orders)]
    if not orders.shape[1]:
        raise assume.unsatisfied()
    distinct = orders.max(axis=0)
    return np.ascontiguousarray(orders[:, np.lexsort((*orders[::-1], distinct))])


def _extended(orders: Keys) -> int:
    """Return how many weak orders extend `orders` by a last key: it ties, or stands between."""
    return int((2 * orders.max(axis=0, initial=0).astype(np.int64) + 1).sum())


def _with_one_more_key(orders: Keys) -> Keys:
    """Return the weak orders that extend `orders` by a last key, each once."""
    top = orders.max(axis=0, initial=0)
    blocks: list[Keys] = []
    for rank in range(1, orders.shape[0] + 2):
        tied = orders[:, top >= rank]
        blocks.append(_append(tied, rank))
        between = orders[:, top + 1 >= rank]
        blocks.append(_append(between + (between >= rank), rank))
    return np.concatenate(blocks, axis=1)


def _append(orders: Keys, rank: int) -> Keys:
    last = np.full((1, orders.shape[1]), rank, np.int8)
    return np.concatenate((orders.astype(np.int8), last))


def _holds(comparison: Comparison, keys: Keys) -> NDArray[np.bool_]:
    return _admitted(compare(keys[comparison.left], keys[comparison.right]), comparison.relation)


def run(kernel: Kernel, keys: Keys, ranks: Keys | None = None) -> Keys:
    """Return what the outputs hold for each column of `keys`, scratch and flags unknown.

    With `ranks`, as `in_order` returns them, keys are elements of which comparisons see the rank.
    """
    nothing: Keys = np.full(keys.shape[1], _UNKNOWN, np.int8)
    cells: list[Keys] = [nothing] * len(kernel.cells)
    for cell, row in zip(kernel.contract.inputs, keys, strict=True):
        cells[cell] = row
    flags: Keys = np.full(keys.shape[1], UNKNOWN_FLAGS, np.int8)
    for instruction in kernel.instructions:
        arguments = [cells[cell] for cell in instruction.reads]
        if instruction.writes is None:
            flags = compare(*(arguments if ranks is None else ranked(arguments, ranks)))
        else:
            cells[instruction.writes] = result(instruction, flags, arguments, ranks)
    return np.stack([cells[cell] for cell in kernel.contract.outputs])


def compare(first: Keys, second: Keys) -> Keys:
    """Return the flags after comparing each element of `first` to that of `second`."""
    unknown = (first == _UNKNOWN) | (second == _UNKNOWN)
    return np.where(unknown, np.int8(UNKNOWN_FLAGS), np.sign(first - second)).astype(np.int8)


def ranked(elements: Sequence[Keys], ranks: Keys) -> list[Keys]:
    """Return the ranks of elements, numbered as `in_order` does."""
    columns = np.arange(ranks.shape[1])
    return [ranks[each, columns] for each in elements]


def result(
    instruction: Instr, flags: Keys, arguments: list[Keys], ranks: Keys | None = None
) -> Keys:
    """Return what `instruction` writes; a copy shares its array, since none is changed in place.

    Of different elements of one rank it is unknown which a minimum or maximum hands on, unless its
    form says so.
    """
    match instruction.form.action:
        case Action.COPY | Action.COMPARE:
            return arguments[0]
        case Action.SELECT:
            return _select(instruction, flags, *arguments)
        case Action.MINIMUM:
            chosen = np.minimum(*arguments)
        case Action.MAXIMUM:
            chosen = np.maximum(*arguments)
    unknown = (arguments[0] == _UNKNOWN) | (arguments[1] == _UNKNOWN)
    if ranks is not None:
        seen = ranked(arguments, ranks)
        tied = instruction.form.tied
        if tied is not None:
            chosen = np.where(seen[0] == seen[1], arguments[tied], chosen)
        else:
            unknown |= (seen[0] == seen[1]) & (arguments[0] != arguments[1])
    return np.where(unknown, np.int8(_UNKNOWN), chosen)


def _select(instruction: Instr, flags: Keys, first: Keys, second: Keys) -> Keys:
    condition = instruction.form.condition
    assert condition is not None
    chosen = np.where(_admitted(flags, condition.holds), first, second)
    undecided = (flags == UNKNOWN_FLAGS) & (first != second)
    return np.where(undecided, np.int8(_UNKNOWN), chosen)


def _admitted(flags: Keys, outcomes: Order) -> NDArray[np.bool_]:
    """Return for each column whether its outcome is one of `outcomes`."""
    return np.isin(flags, [value for outcome, value in OUTCOMES.items() if outcome in outcomes])


def expected(kernel: Kernel, keys: Keys) -> Keys:
    """Return what the outputs must hold for each column of `keys`."""
    return np.sort(keys, axis=0)[list(kernel.contract.goal.ranks(kernel.n))]
