"""The cheapest variant of a kernel that is right: one choice for each place in its program.

States are what all cells and the flags hold for every admitted weak order.  Two ways to reach one
state are interchangeable, so only the cheaper is kept: the search is exact as long as the states
of a place stay below a limit.  A state in which some weak order has lost a key is dropped: no
instruction brings a key back.

Where the contract names a rung above `values`, cells hold elements, and comparisons see their
ranks; a case may also say what the comparison at each place answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sortopt.base import UNLIMITED, Budget
from sortopt.model import Instr, Kernel, Rung
from sortopt.verify import batch
from sortopt.verify.variants import Choice, Variant

States = NDArray[np.int8]
"""int8[states, cells and then flags, weak orders], in the code of `batch`"""

MEMORY = 24 << 20
"""The most bytes of states held for one place."""


FREE = 2
"""The answer of a comparison that sees ranks."""


@dataclass(frozen=True, slots=True)
class _Cases:
    """What is tried: a column a weak order, or vector of answers.

    `held` are the keys on entry, or elements where `ranks` gives their ranks (`batch.in_order`).
    `answers` has a row a place: -1, 0, 1, or FREE.
    """

    held: batch.Keys
    wanted: batch.Keys
    ranks: batch.Keys | None
    answers: batch.Keys
    whole: bool

    @classmethod
    def of(cls, kernel: Kernel, answers: batch.Keys, budget: Budget) -> _Cases:
        """Return all weak orders of the contract, and then the `answers`, a column each."""
        contract = kernel.contract
        held, ranks = batch.weak_orders(kernel.n, contract.precondition, budget), None
        if contract.keep is not Rung.VALUES:
            in_sequence = np.arange(1, kernel.n + 1, dtype=np.int8)[:, None]
            distinct = np.repeat(in_sequence, answers.shape[1], axis=1)
            held, ranks = batch.in_order(np.concatenate((held, distinct), axis=1))
        free = np.full((len(answers), held.shape[1] - answers.shape[1]), FREE, np.int8)
        return cls(
            held, batch.expected(kernel, held), ranks, np.concatenate((free, answers), axis=1),
            set(contract.goal.ranks(kernel.n)) == set(range(kernel.n)),
        )  # fmt: skip

    def after(self, instruction: Instr, place: int, states: States) -> States:
        """Return the states after an instruction at a place."""
        after = states.copy()
        arguments = [states[:, cell] for cell in instruction.reads]
        if instruction.writes is not None:
            after[:, instruction.writes] = batch.result(
                instruction, states[:, -1], arguments, self.ranks
            )
            return after
        seen = arguments if self.ranks is None else batch.ranked(arguments, self.ranks)
        said = self.answers[place]
        after[:, -1] = np.where(said == FREE, batch.compare(*seen), said)
        return after

    def right(self, outputs: States, keep: Rung) -> NDArray[np.int64]:
        """Return the states whose outputs are right, by number."""
        if keep in (Rung.VALUES, Rung.STABLE):
            return np.flatnonzero((outputs == self.wanted).all(axis=(1, 2)))
        assert self.ranks is not None
        ordered = np.sort(outputs, axis=1)
        apart = (ordered[:, 0] > 0).all(axis=1)
        apart &= (ordered[:, 1:] != ordered[:, :-1]).all(axis=(1, 2))
        held, wanted = batch.ranked((outputs, self.wanted), self.ranks)
        forced = (self.answers != FREE).any(axis=0)
        return np.flatnonzero(apart & ((held == wanted) | forced).all(axis=(1, 2)))


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
    answers: Sequence[Sequence[int]] = (),
    budget: Budget = UNLIMITED,
) -> tuple[Variant | None, bool]:
    """Return the cheapest right variant at a cost of at most `most`, and whether that is exact.

    `cells` is the number of cells that the choices use, those of `kernel` by default.  Where room
    runs out, the cheapest states are kept, or with `near` the most expensive.  The variant is
    right on all admitted weak orders; where it still depends on what scratch held, it is not found.
    Each of `answers`, one a place, is a case too, in which comparisons answer so (-1, 0, 1): for
    the rung `safe`, of which only these and what `elements` asks for are tried.  On rungs above
    `values` there may be no minima and maxima.  Raises LimitReached.
    """
    said = np.array(answers, np.int8).reshape(-1, len(places)).T
    cases = _Cases.of(kernel, said, budget)
    count = cells or len(kernel.cells)
    room = max(1, MEMORY // ((count + 1) * max(1, cases.held.shape[1])))
    layers = [_start(kernel, cases.held, count)]
    exact = True
    for place, choices in enumerate(places):
        budget.check()
        before = layers[-1]
        layer, whole = _next(before, choices, place, cases, most, room, near=near)
        exact = exact and whole
        layers[-1] = _Layer(before.states[:0], before.cost, before.parent, before.chosen)
        layers.append(layer)
    last = layers[-1]
    held = last.states[:, list(kernel.contract.outputs)]
    right = cases.right(held, kernel.contract.keep)
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
    place: int,
    cases: _Cases,
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
            states = cases.after(instruction, place, states)
        pruned = choice.instructions and (cases.whole or cases.ranks is None)
        viable = _viable(states, cases.wanted) if pruned else slice(None)
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
