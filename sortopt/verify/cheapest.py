"""The cheapest variant of a kernel that is right: one choice for each place in its program.

States are what all cells and the flags hold for every admitted weak order.  Two ways to reach one
state are interchangeable, so only the cheaper is kept: the search is exact as long as the states
of a place stay below a limit.  A state in which some weak order has lost a key is dropped: no
instruction brings a key back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sortopt.base import UNLIMITED, Budget
from sortopt.model import Instr, Kernel
from sortopt.verify import batch
from sortopt.verify.variants import Choice, Variant

States = NDArray[np.int8]
"""int8[states, cells and then flags, weak orders], in the code of `batch`"""

MEMORY = 24 << 20
"""The most bytes of states held for one place."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """The states behind one place; `parent` and `chosen` say how each was reached at `cost`."""

    states: States
    cost: NDArray[np.int64]
    parent: NDArray[np.int64]
    chosen: NDArray[np.int64]


def cheapest(
    kernel: Kernel,
    places: Sequence[Sequence[Choice]],
    *,
    most: int,
    cells: int | None = None,
    near: bool = False,
    budget: Budget = UNLIMITED,
) -> tuple[Variant | None, bool]:
    """Return the cheapest right variant at a cost of at most `most`, and whether that is exact.

    `cells` is the number of cells that the choices use, those of `kernel` by default.  Where room
    runs out, the cheapest states are kept, or with `near` the most expensive.  The variant is
    right on all admitted weak orders; where it still depends on what scratch held, it is not found.
    Raises LimitReached.
    """
    orders = batch.weak_orders(kernel.n, kernel.contract.precondition, budget)
    wanted = batch.expected(kernel, orders)
    count = cells or len(kernel.cells)
    room = max(1, MEMORY // ((count + 1) * max(1, orders.shape[1])))
    layers = [_start(kernel, orders, count)]
    exact = True
    for choices in places:
        budget.check()
        before = layers[-1]
        layer, whole = _next(before, choices, wanted, most, room, near=near)
        exact = exact and whole
        layers[-1] = _Layer(before.states[:0], before.cost, before.parent, before.chosen)
        layers.append(layer)
    last = layers[-1]
    held = last.states[:, list(kernel.contract.outputs)]
    right = np.flatnonzero((held == wanted).all(axis=(1, 2)))
    if not right.size:
        return None, exact
    best = right[np.argmin(last.cost[right])]
    chosen = _path(layers, int(best))
    program = (
        i for c, choices in zip(chosen, places, strict=True) for i in choices[c].instructions
    )
    return Variant(int(last.cost[best]), tuple(program), chosen, exact), exact


def _start(kernel: Kernel, orders: batch.Keys, cells: int) -> _Layer:
    states = np.zeros((1, cells + 1, orders.shape[1]), np.int8)
    for cell, row in zip(kernel.contract.inputs, orders, strict=True):
        states[0, cell] = row
    states[0, cells] = batch.UNKNOWN_FLAGS
    none = np.zeros(1, np.int64)
    return _Layer(states, none, none, none)


def _next(
    before: _Layer,
    choices: Sequence[Choice],
    wanted: batch.Keys,
    most: int,
    room: int,
    *,
    near: bool,
) -> tuple[_Layer, bool]:
    """Return the states behind a place, and whether all of them were kept."""
    parts: list[_Layer] = []
    for number, choice in enumerate(choices):
        kept = np.flatnonzero(before.cost + choice.cost <= most)
        if not kept.size:
            continue
        states = before.states[kept]
        for instruction in choice.instructions:
            states = apply(instruction, states)
        viable = _viable(states, wanted) if choice.instructions else slice(None)
        kept = kept[viable]
        chosen = np.full(kept.size, number)
        parts.append(_Layer(states[viable], before.cost[kept] + choice.cost, kept, chosen))
    if not parts:
        return _Layer(before.states[:0], *(np.zeros(0, np.int64),) * 3), True
    return _distinct(parts, room, near=near)


def _distinct(parts: Sequence[_Layer], room: int, *, near: bool) -> tuple[_Layer, bool]:
    """Return each state once, at its least cost; at most `room` of them."""
    if not any(p.cost.size for p in parts):
        return parts[0], True
    states = np.concatenate([p.states for p in parts])
    cost = np.concatenate([p.cost for p in parts])
    parent = np.concatenate([p.parent for p in parts])
    chosen = np.concatenate([p.chosen for p in parts])
    by_cost = np.argsort(cost, kind="stable")
    rows = np.ascontiguousarray(states[by_cost]).reshape(len(states), -1)
    whole = rows.view(np.dtype((np.void, rows.shape[1])))[:, 0]
    _, first = np.unique(whole, return_index=True)
    kept = by_cost[np.sort(first)]
    full = kept.size <= room
    if not full:
        kept = kept[-room:] if near else kept[:room]
    return _Layer(states[kept], cost[kept], parent[kept], chosen[kept]), full


def apply(instruction: Instr, states: States) -> States:
    """Return the states after `instruction`."""
    after = states.copy()
    arguments = [states[:, cell] for cell in instruction.reads]
    if instruction.writes is None:
        after[:, -1] = batch.compare(*arguments)
    else:
        after[:, instruction.writes] = batch.result(instruction, states[:, -1], arguments)
    return after


def _viable(states: States, wanted: batch.Keys) -> NDArray[np.bool_]:
    """Return for each state whether every weak order still holds the keys that it must end with."""
    alive = np.ones(len(states), np.bool_)
    for key in wanted:
        due = (wanted == key).sum(axis=0)
        held = (states[:, :-1] == key).sum(axis=1)
        alive &= (held >= due).all(axis=1)
    return alive


def _path(layers: Sequence[_Layer], last: int) -> tuple[int, ...]:
    """Return which choice each place took on the way to the state `last` of the last layer."""
    chosen: list[int] = []
    at = last
    for layer in reversed(layers[1:]):
        chosen.append(int(layer.chosen[at]))
        at = int(layer.parent[at])
    return tuple(reversed(chosen))
