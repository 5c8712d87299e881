"""The shortest kernels with a bounded critical path: all lengths up to a limit, exhaustively.

A state is what `universe` numbers for every input, with the cycle at which each cell and the flags
are ready.  Level by level, an instruction is dropped where its result would be ready too late, or
where bounds that add up say that too few instructions are left.  Sound and complete: in a
shortest kernel under a bound of cycles every instruction matters to an output (else it could be
left out), so all of them are ready in time; bounds are admissible, also where the number of
comparisons and that of other instructions add up (`bounds`); equal states, cycle for cycle, are
kept once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sortopt.base import UNLIMITED, Budget, LimitReached, mixed_array
from sortopt.model import Form, Instr, Kernel, reads, writes
from sortopt.search.bounds import (
    Limits,
    PatternDatabase,
    Work,
    build_database,
    states_within,
    workspace,
)
from sortopt.search.exhaustive import kernel_of, output_cells
from sortopt.search.space import DEAD, Problem, Universe, build

Rows = npt.NDArray[np.uint16]
Cycles = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]

_BLOCK = 1 << 16

MOST_STATES = 30_000_000
"""The most states, copies included, that one level may reach: about 3 GB."""


class _Level(NamedTuple):
    """States of one depth: assignments, ready times (cells, then flags), parents, instructions."""

    rows: Rows
    ready: Cycles
    parent: Numbers
    taken: Numbers

    def at(self, index: Numbers) -> _Level:
        """Return some of the states."""
        return _Level._make(array[index] for array in self)


@dataclass(frozen=True, eq=False)
class TimedSearch:
    """The tables of one problem and the latency of each form, in cycles."""

    universe: Universe
    database: PatternDatabase
    latency: Callable[[Form], float]
    budget: Budget = UNLIMITED

    @classmethod
    def of(
        cls, problem: Problem, latency: Callable[[Form], float], budget: Budget = UNLIMITED
    ) -> TimedSearch:
        """Build the tables."""
        database = build_database(problem, budget, additive=True)
        return cls(build(problem), database, latency, budget)

    @cached_property
    def relaxed(self) -> Rows:
        """The relaxed number of each assignment, DEAD for ties."""
        return self.database.project(self.universe)

    def within(self, cycles: float, length: int) -> Kernel | None:
        """Return a kernel of at most `length` instructions that is ready within `cycles`, or None.

        None is a proof that there is none.  A shorter one may be returned where there is one.
        Raises LimitReached where there are too many states or the budget is spent.
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
        parts = [level.at(np.zeros(0, np.int64))]
        limits = self.database.limits(self.relaxed, left)
        limited = limits, workspace(level.rows.shape[1], limits)
        for first in range(0, len(level.rows), _BLOCK):
            self.budget.check()
            if sum(len(part.rows) for part in parts) > MOST_STATES:
                raise LimitReached(f"more than {MOST_STATES:,} states")
            block = level.at(np.arange(first, min(first + _BLOCK, len(level.rows))))
            for q in range(len(self.universe.instructions)):
                children = self._children(block, q, cycles, limited)
                parts.append(children._replace(parent=children.parent + first))
        whole = _Level(*map(np.concatenate, zip(*parts, strict=True)))
        return whole.at(_first_of_each(whole.rows, whole.ready))

    def _children(
        self, level: _Level, q: int, cycles: float, limited: tuple[Limits, Work]
    ) -> _Level:
        """Return what instruction q makes of `level`, in time, useful and near enough to a goal."""
        instruction = Instr(*self.universe.instructions[q])
        (target,) = writes(instruction)
        rows = self.universe.step[level.rows, q]
        latency = np.float32(self.latency(instruction.form))
        done = level.ready[:, [*reads(instruction)]].max(axis=1) + latency
        useful = (rows != level.rows).any(axis=1) | (done < level.ready[:, target])
        index = np.flatnonzero((rows != DEAD).all(axis=1) & useful & (done <= cycles))
        index = index[states_within(rows[index], *limited)]
        ready = level.ready[index]
        ready[:, target] = done[index]
        return _Level(rows[index], ready, index, np.full(len(index), q))

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
            path.append(int(level.taken[at]))
            at = int(level.parent[at])
        final = levels[-1].rows[goal]
        cells = output_cells(self.universe, final)
        return kernel_of(self.universe, path[::-1], cells)


def _first_of_each(rows: Rows, ready: Cycles) -> Numbers:
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
