"""Whether any kernel, of whatever length, has its outputs ready within given cycles.

A state is the set of values in the cells, and the flags, with the cycles at which they are ready.
All states within the cycles are visited, from the start on, until no new one appears: there are
finitely many, so the answer holds for every length.  Moves take no time here and are not made: an
instruction puts its result in any cell, for a copy can wait until the cell is written and whoever
reads it sooner can read the original.  Sound because this only lets a kernel be sooner.

Left out are states that can do no more than others: where two cells hold the same value, or one a
value too late to be read and no output, the cell counts as free; and a result goes to a free cell
where there is one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sortopt.base import UNLIMITED, Budget, mixed_array
from sortopt.model import Action, Form, Instr, reads
from sortopt.search.space import DEAD, UNDEFINED_FLAGS, Problem, Universe, build

Rows = npt.NDArray[np.uint16]
Cycles = npt.NDArray[np.float32]
Signatures = npt.NDArray[np.uint64]
Latency = Callable[[Form], float]

MOST_STATES = 1_000_000
"""The most states that are visited: about half a gigabyte for three keys."""

_BLOCK = 1 << 9


class _States(NamedTuple):
    """States: sets of assignments as ascending rows (the first repeated), ready cycles."""

    rows: Rows
    ready: Cycles

    def at(self, index: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> _States:
        """Return some of the states."""
        return _States(self.rows[index], self.ready[index])


class _Effect(NamedTuple):
    """One instruction with its copy: what it does to assignments, reads, writes and takes."""

    step: Rows
    read: list[int]
    target: int
    cycles: float


def none_within(
    problem: Problem,
    cycles: float,
    latency: Latency,
    budget: Budget = UNLIMITED,
    *,
    most: int = MOST_STATES,
) -> bool:
    """Return whether it is proved that no kernel, of any length, is ready within `cycles`.

    Kernels with the cells of `problem` are meant.  False is no proof that there is one: kernels
    need only be right for distinct keys, with outputs anywhere, and the search ends after `most`
    states.  Raises LimitReached where the budget is spent.
    """
    search = _Search(problem, cycles, latency)
    level = search.start
    seen = set(_keys(level))
    while len(level.rows):
        if search.has_goal(level) or len(seen) > most:
            return False
        parts = []
        for first in range(0, len(level.rows), _BLOCK):
            budget.check()
            children = search.children(level.at(np.arange(first, len(level.rows))[:_BLOCK]))
            fresh = {key: i for i, key in enumerate(_keys(children)) if key not in seen}
            seen.update(fresh)
            parts.append(children.at(np.array([*fresh.values()], np.int64)))
            if len(seen) > most:
                return False
        level = _joined(parts)
    return True


def _keys(states: _States) -> list[bytes]:
    """Return the states as bytes: equal where they are equal."""
    whole = np.concatenate([states.rows, states.ready.view(np.int32)], axis=1)
    return [row.tobytes() for row in whole]


def _joined(parts: list[_States]) -> _States:
    return _States(*map(np.concatenate, zip(*parts, strict=True)))


class _Search:
    """The tables of one question."""

    def __init__(self, problem: Problem, cycles: float, latency: Latency) -> None:
        distinct = any(max(order) == problem.n for order in problem.orders)
        self.problem = replace(problem, distinct=distinct, in_place=False)
        self.universe: Universe = build(self.problem)
        self.cycles = cycles
        acting = [form for form in self.problem.forms if form.target is not None]
        acting = [form for form in acting if form.action is not Action.COPY]
        self.last = cycles - min(map(latency, acting), default=0.0)
        """The last cycle at which a value can be of use to another."""
        self.effects = _effects(self.universe, latency)
        cells = self.problem.cells
        start = self.universe.start[None]
        self.start = self.normal(_States(start, np.zeros((1, cells + 1), np.float32)))

    def children(self, states: _States) -> _States:
        """Return the states that one instruction makes of these, each once."""
        parts = []
        contents = self.universe.contents[states.rows[:, 0]]
        undefined = contents == self.problem.n
        has_free = undefined.any(axis=1)
        for effect in self.effects:
            done = states.ready[:, effect.read].max(axis=1) + np.float32(effect.cycles)
            kept = done <= self.cycles
            if effect.target >= 0:
                kept &= undefined[:, effect.target] | ~has_free
            kept &= ~undefined[:, [cell for cell in effect.read if cell >= 0]].any(axis=1)
            index = np.flatnonzero(kept)
            rows = effect.step[states.rows[index]]
            alive = (rows != DEAD).all(axis=1)
            index, rows = index[alive], rows[alive]
            ready = states.ready[index]
            ready[:, effect.target] = done[index]
            parts.append(_States(rows, ready))
        return self.normal(_joined(parts))

    def normal(self, states: _States) -> _States:
        """Free the cells of no use, rename the cells, and drop states that lost a key."""
        universe, cells = self.universe, self.problem.cells
        rows, ready = np.sort(states.rows, axis=1), states.ready.copy()
        contents, flags = universe.contents[rows], universe.flags[rows]
        free = (ready[:, :cells] > self.last) & ~self.serving(rows)
        for one in range(cells):
            for other in range(cells):
                same = (contents[:, :, one] == contents[:, :, other]).all(axis=1)
                later = ready[:, one] > ready[:, other]
                later |= (ready[:, one] == ready[:, other]) & (one > other)
                free[:, one] |= same & later
        contents = np.where(free[:, None, :], np.uint8(self.problem.n), contents)
        ready[:, :cells][free] = 0
        late = ready[:, cells] > self.last
        flags = np.where(late[:, None], np.uint8(UNDEFINED_FLAGS), flags)
        ready[late, cells] = 0
        order = np.argsort(_signatures(rows, contents, flags, ready), axis=1, kind="stable")
        contents = np.take_along_axis(contents, order[:, None, :], axis=2)
        ready[:, :cells] = np.take_along_axis(ready[:, :cells], order, axis=1)
        pattern = universe.patterns[rows].reshape(-1)
        codes = universe.codes(contents.reshape(-1, cells), flags.reshape(-1), pattern)
        rows = universe.index[codes].reshape(rows.shape)
        alive = (rows != DEAD).all(axis=1)
        return _States(_set(rows[alive]), ready[alive])

    def serving(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Return which cells hold an output in every assignment of each state."""
        masks = np.bitwise_and.reduce(self.universe.goal[rows], axis=1)
        masks = np.bitwise_or.reduce(masks, axis=1)
        return (masks[:, None] >> np.arange(self.problem.cells) & 1).astype(np.bool_)

    def has_goal(self, states: _States) -> bool:
        """Whether some state holds every output."""
        masks = np.bitwise_and.reduce(self.universe.goal[states.rows], axis=1)
        return bool((masks != 0).all(axis=1).any())


def _effects(universe: Universe, latency: Latency) -> list[_Effect]:
    """Return comparisons, and other instructions with any cell for their result.

    Forms of one action are all as fast as the fastest, for a comparison of exchanged cells lets
    another condition do the same.
    """
    costs: dict[Action, float] = {}
    for form in universe.problem.forms:
        costs[form.action] = min(latency(form), costs.get(form.action, inf))
    copies = {
        cells: universe.step[:, i]
        for i, (form, cells) in enumerate(universe.instructions)
        if form.action is Action.COPY
    }
    effects = []
    for i, (form, cells) in enumerate(universe.instructions):
        if form.action is Action.COPY:
            continue
        step, cycles = universe.step[:, i], costs[form.action]
        read = reads(Instr(form, cells))
        if form.target is None:
            effects.append(_Effect(step, [*read], -1, cycles))
            continue
        target = cells[form.target]
        effects.append(_Effect(step, [*read], target, cycles))
        others = set(range(universe.problem.cells)).difference(cells) if target in read else ()
        for base in others:
            copied = copies[target, base]
            both = np.where(copied == DEAD, DEAD, step[np.where(copied == DEAD, 0, copied)])
            effects.append(_Effect(both, [*(read - {target}), base], target, cycles))
    return effects


def _set(rows: Rows) -> Rows:
    """Return the rows as sets: ascending, the least repeated where some are equal."""
    rows = np.sort(rows, axis=1)
    again = rows[:, 1:] == rows[:, :-1]
    rows[:, 1:][again] = np.broadcast_to(rows[:, :1], again.shape)[again]
    return np.sort(rows, axis=1)


def _signatures(
    rows: Rows, contents: npt.NDArray[np.uint8], flags: npt.NDArray[np.uint8], ready: Cycles
) -> Signatures:
    """Return a number for each cell that does not depend on the names of cells and rows.

    Cells of equal signature may stay in any sequence, which costs time only.
    """
    held, outcome = contents.astype(np.uint64), flags.astype(np.uint64)
    first = np.ones(rows.shape, np.uint64)
    first[:, 1:] = rows[:, 1:] != rows[:, :-1]
    own = mixed_array(ready[:, : contents.shape[2]].view(np.uint32).astype(np.uint64))
    signature = own
    for _ in range(2):
        each = mixed_array(held + signature[:, None, :])
        whole = mixed_array(each.sum(axis=2, dtype=np.uint64) * _FLAGS + outcome)
        sums = mixed_array(each + whole[:, :, None]) * first[:, :, None]
        signature = mixed_array(sums.sum(axis=1, dtype=np.uint64) + own)
    return signature


_FLAGS = np.uint64(0x5851F42D4C957F2D)
