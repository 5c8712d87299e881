"""The shortest kernels with a bounded critical path: all lengths up to a limit, exhaustively.

A state is what `universe` numbers for every input, with the cycle at which each cell and the flags
are ready.  Level by level, an instruction is dropped where its result would be ready too late, or
where the pattern database says that too few instructions are left.  Sound and complete: in a
shortest kernel under a bound of cycles every instruction matters to an output (else it could be
left out), so all of them are ready in time; bounds are admissible (`bounds`); equal states, cycle
for cycle, are kept once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement

import numpy as np
import numpy.typing as npt

from sortopt.base import LimitReached, mixed_array
from sortopt.model import Form, Kernel
from sortopt.search.bounds import PatternDatabase, build_database
from sortopt.search.exhaustive import kernel_of, output_cells
from sortopt.search.space import DEAD, Problem, Universe, build

Rows = npt.NDArray[np.uint16]
Cycles = npt.NDArray[np.float32]

_BLOCK = 1 << 16

MOST_STATES = 30_000_000
"""The most states, copies included, that one level may reach: about 3 GB."""


@dataclass(frozen=True)
class _Level:
    """States of one depth: assignments, ready times (cells, then flags), parents, instructions."""

    rows: Rows
    ready: Cycles
    parent: npt.NDArray[np.int64]
    letter: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FrontSearch:
    """The tables of one problem and the latency of each form, in cycles."""

    universe: Universe
    database: PatternDatabase
    latency: Callable[[Form], float]
    check: Callable[[], None] = lambda: None

    @classmethod
    def of(
        cls,
        problem: Problem,
        latency: Callable[[Form], float],
        check: Callable[[], None] = lambda: None,
    ) -> FrontSearch:
        """Build the tables; `check` is called now and then and may raise."""
        return cls(build(problem), build_database(problem), latency, check)

    @cached_property
    def relaxed(self) -> Rows:
        """The relaxed number of each assignment, DEAD for ties."""
        return self.database.project(self.universe)

    @property
    def least(self) -> int:
        """A proved lower bound of the length of any kernel."""
        start = self.relaxed[self.universe.start]
        return self.database.bound(start[start != DEAD])

    def within(self, cycles: float, length: int) -> Kernel | None:
        """Return a kernel of at most `length` instructions that is ready within `cycles`, or None.

        None is a proof that there is none.  A shorter one may be returned where there is one.
        Raises LimitReached where there are too many states, and what `check` raises.
        """
        start = self.universe.start[None, :]
        resources = self.universe.problem.cells + 1
        nothing = np.zeros(1, np.int64)
        levels = [_Level(start, np.zeros((1, resources), np.float32), nothing, nothing)]
        for depth in range(1, length + 1):
            level = self._next(levels[-1], cycles, length - depth)
            levels.append(level)
            goal = self._goal(level.rows)
            if goal is not None:
                return self._kernel(levels, goal)
        return None

    def _next(self, level: _Level, cycles: float, left: int) -> _Level:
        parts: list[_Level] = []
        for first in range(0, len(level.rows), _BLOCK):
            self.check()
            if sum(len(part.rows) for part in parts) > MOST_STATES:
                raise LimitReached(f"more than {MOST_STATES:,} states")
            block = slice(first, first + _BLOCK)
            for letter in range(len(self.universe.instructions)):
                made = self._children(level.rows[block], level.ready[block], letter, cycles, left)
                if made is not None:
                    rows, ready, index = made
                    parent = index + first
                    parts.append(_Level(rows, ready, parent, np.full(len(rows), letter)))
        if not parts:
            empty = np.zeros(0, np.int64)
            return _Level(level.rows[:0], level.ready[:0], empty, empty)
        joined = _Level(
            np.concatenate([p.rows for p in parts]),
            np.concatenate([p.ready for p in parts]),
            np.concatenate([p.parent for p in parts]),
            np.concatenate([p.letter for p in parts]),
        )
        kept = _first_of_each(joined.rows, joined.ready)
        rows, ready = joined.rows[kept], joined.ready[kept]
        return _Level(rows, ready, joined.parent[kept], joined.letter[kept])

    def _children(
        self, rows: Rows, ready: Cycles, letter: int, cycles: float, left: int
    ) -> tuple[Rows, Cycles, npt.NDArray[np.int64]] | None:
        form, cells = self.universe.instructions[letter]
        child = self.universe.step[rows, letter]
        resources = [cells[i] for i in form.arguments] + ([-1] if form.reads_flags else [])
        done = ready[:, resources].max(axis=1) + np.float32(self.latency(form))
        target = -1 if form.target is None else cells[form.target]
        useful = (child != rows).any(axis=1) | (done < ready[:, target])
        index = np.flatnonzero((child != DEAD).all(axis=1) & useful & (done <= cycles))
        index = index[self._bounded(child[index], left)]
        if not len(index):
            return None
        after = ready[index].copy()
        after[:, target] = done[index]
        return child[index], after, index

    def _bounded(self, rows: Rows, left: int) -> npt.NDArray[np.int64]:
        """Return which rows no pair or triple of assignments proves too far from a goal."""
        tables, relaxed = self.database.tables, self.relaxed
        distinct = np.flatnonzero(relaxed[self.universe.start] != DEAD)
        alive = np.arange(len(rows))
        for a, b, c in combinations_with_replacement(distinct, 3):
            ids = relaxed[rows[alive]]
            to_rep = tables.to_rep[ids[:, a]]
            cost = tables.cost[
                tables.orbit[ids[:, a]],
                tables.image[to_rep, ids[:, b]],
                tables.image[to_rep, ids[:, c]],
            ]
            alive = alive[cost <= left]
        return alive

    def _goal(self, rows: Rows) -> int | None:
        """Return the first row whose outputs can be placed, or None."""
        masks = np.bitwise_and.reduce(self.universe.goal[rows], axis=1)
        for index in np.flatnonzero((masks != 0).all(axis=1)):
            try:
                output_cells(self.universe, rows[index])
            except ValueError:
                continue
            return int(index)
        return None

    def _kernel(self, levels: list[_Level], goal: int) -> Kernel:
        path, at = [], goal
        for level in reversed(levels[1:]):
            path.append(int(level.letter[at]))
            at = int(level.parent[at])
        final = levels[-1].rows[goal]
        cells = output_cells(self.universe, final)
        return kernel_of(self.universe, path[::-1], cells)


def _first_of_each(rows: Rows, ready: Cycles) -> npt.NDArray[np.int64]:
    """Return the first of all equal states; equal hashes are compared in full."""
    whole = np.concatenate([rows, ready.view(np.int32)], axis=1)
    factors = np.random.default_rng(1).integers(1, 2**63, whole.shape[1], dtype=np.uint64)
    with np.errstate(over="ignore"):
        mixed = mixed_array(whole.astype(np.uint64))
        hashes = (mixed * (factors | np.uint64(1))).sum(axis=1, dtype=np.uint64)
    order = np.argsort(hashes, kind="stable")
    same = np.zeros(len(order), np.bool_)
    same[1:] = hashes[order[1:]] == hashes[order[:-1]]
    same[1:] &= (whole[order[1:]] == whole[order[:-1]]).all(axis=1)
    return np.sort(order[~same])
