"""Free-form beam search: any instruction after any other, level by level, the best states kept.

A state's score is log2 of the distinct assignments left when the flags and the least useful cell
are ignored, over distinct keys, plus `tie_weight` times the same over all weak orders, less what
ties keep apart at the goal.  Kernels are in place and correct on ties.  Nothing is proved about
lengths: the beam forgets.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from sortopt.base import UNLIMITED, Budget
from sortopt.search.beams import _instruction_kernels as kernels
from sortopt.search.beams._state_kernels import COMPARE, GOAL
from sortopt.search.beams.assignments import (
    Coded,
    Ints,
    TiePatterns,
    all_instructions,
    distinct_orders,
    tie_patterns,
)
from sortopt.search.beams.comparators import ComparatorBeam
from sortopt.search.beams.states import Children, Scores, Shelf, best_different

_PARENTS_A_CALL = 512
_SPARE_CANDIDATES = 10
"""Candidates kept for each place in the beam: about this many are equal up to symmetry."""
_SHARES = (15, 15, 30, 25, 15)
"""How the beam is shared out among the groups, in percent."""


@dataclass(slots=True)
class Candidates:
    """The best children so far, as columns: score; state, instruction, rows, rows without ties,
    group."""

    limit: int
    scores: Scores = field(default_factory=lambda: np.empty(0, np.float32))
    table: Ints = field(default_factory=lambda: np.empty((0, 5), np.int64))

    @property
    def cutoff(self) -> float:
        """The score above which a child has no chance."""
        return float(self.scores.max()) if len(self.scores) == self.limit else float("inf")

    def add(self, scores: Scores, table: Ints) -> None:
        """Take in children; keep the best `limit` (of equals the first), best first."""
        scores = np.concatenate([self.scores, scores])
        best = np.argsort(scores, kind="stable")[: self.limit]
        self.scores, self.table = scores[best], np.concatenate([self.table, table])[best]


@dataclass(slots=True, eq=False)
class Beam:
    """One beam, how it keeps states, and what it has reached so far.

    `levels` holds the states of each length; `origin[k]` is (state of the level before,
    instruction) or (-1 - state that the comparators reached, 0).  `states` counts what was kept.
    """

    n: int
    scratch: int = 1
    width: int = 2000
    seed: int = 0
    tie_weight: float = 1.0
    noise: float = 0.01
    """Scores get a random part of up to this, so that seeds differ."""
    most_ties: int | None = None
    """Search over weak orders with at most this many equalities; None: all."""
    three: bool = False
    """Whether selections have three operands."""
    budget: Budget = UNLIMITED
    levels: dict[int, Shelf] = field(default_factory=dict)
    states: int = 0
    patterns: TiePatterns = field(init=False)
    instructions: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.patterns = tie_patterns(self.n, self.most_ties)
        self.instructions = all_instructions(self.n + self.scratch, three=self.three)

    @property
    def shape(self) -> Ints:
        """What the compiled loops ask for."""
        return np.array([self.n, self.n + self.scratch, round(1000 * self.tie_weight)], np.int64)

    @property
    def quotas(self) -> tuple[int, ...]:
        """How many states of each group (`_instruction_kernels.group_of`) a level keeps."""
        return tuple(max(1, self.width * share // 100) for share in _SHARES)

    def run(
        self,
        max_length: int,
        *,
        begun: ComparatorBeam | None = None,
        lengths: Collection[int] = (),
    ) -> tuple[Coded, ...] | None:
        """Return a program of at most `max_length` instructions that sorts, or None.

        Starts from the inputs, or, where there are `lengths`, from what comparators have `begun`
        in so many instructions.  The outcome is the same for any number of threads.  Raises
        LimitReached where the budget is spent.
        """
        opened = begun if lengths else None
        random = np.random.default_rng(self.seed)
        first = min(lengths, default=0)
        if first <= max_length:
            self.levels[first] = self._opening(opened, first)
        for length in range(first, max_length):
            goal, candidates = self._expand(self.levels[length], random)
            if goal is not None:
                return self._program(length, goal, opened)
            level = self._next(self.levels[length], candidates)
            self.levels[length].rows = np.empty(0, np.uint64)
            if length + 1 in lengths:
                level = _joined(level, self._opening(opened, length + 1))
            self.levels[length + 1] = level
            self.states += len(level.spans)
            if not len(level.spans):
                break
        return None

    def _opening(self, begun: ComparatorBeam | None, length: int) -> Shelf:
        """Return the states to begin from: the inputs, or what comparators have `begun`."""
        parts = [distinct_orders(self.n)]
        if begun is not None:
            shelf = begun.shelves[length]
            parts = [shelf.rows[first : first + count] for first, count in shelf.spans[:, :2]]
        extended = [self.patterns.extend(rows) for rows in parts]
        counts = [len(rows) for rows in extended]
        spans = np.zeros((len(parts), 5), np.int64)
        spans[:, 0] = np.cumsum([0, *counts[:-1]])
        spans[:, 1], spans[:, 2], spans[:, 4] = counts, [len(rows) for rows in parts], 2
        origin = np.zeros((len(parts), 2), np.int64)
        origin[:, 0] = -1 - np.arange(len(parts))
        return Shelf(np.concatenate(extended), spans, origin)

    def _expand(
        self, level: Shelf, random: np.random.Generator
    ) -> tuple[tuple[int, int] | None, list[Candidates]]:
        """Score all children; return a finishing (state, instruction), and the best candidates."""
        best = [Candidates(_SPARE_CANDIDATES * quota) for quota in self.quotas]
        for first in range(0, len(level.spans), _PARENTS_A_CALL):
            self.budget.check()
            spans = level.spans[first : first + _PARENTS_A_CALL]
            scores = np.empty((len(spans), len(self.instructions)), np.float32)
            counts = np.zeros((len(spans), len(self.instructions), 3), np.int64)
            cutoff = max(candidates.cutoff for candidates in best)
            with np.errstate(over="ignore"):
                kernels.score_children(
                    level.rows, spans, self.instructions, self.patterns.ranks, self.shape, cutoff,
                    scores, counts,
                )  # fmt: skip
            goals = np.argwhere(scores == GOAL)
            if len(goals):
                return (first + int(goals[0, 0]), int(goals[0, 1])), best
            state, taken = np.nonzero(np.isfinite(scores))
            noise = self.noise * random.random(len(state), dtype=np.float32)
            table = np.column_stack([first + state, taken, counts[state, taken]])
            for group, candidates in enumerate(best):
                members = table[:, 4] == group
                candidates.add((scores[state, taken] + noise)[members], table[members])
        return None, best

    def _next(self, level: Shelf, candidates: list[Candidates]) -> Shelf:
        """Return the level of the best candidates of each group, no two equal up to symmetry."""
        children = Children(self.shape, self.instructions[:, None, :], self.patterns.tops)

        def best(table: Ints, quota: int) -> Ints:
            self.budget.check()
            hashed = partial(children.hashes, level)
            return best_different(table, quota, hashed, lambda counts: quota)[0]

        tables = [group.table for group in candidates]
        chosen = np.concatenate([*map(best, tables, self.quotas)])
        ends = np.cumsum(chosen[:, 2])
        compared = self.instructions[chosen[:, 1], 0] == COMPARE
        columns = [ends - chosen[:, 2], chosen[:, 2], chosen[:, 3], compared, chosen[:, 4]]
        spans = np.column_stack(columns).astype(np.int64)
        rows = np.empty(int(chosen[:, 2].sum()), np.uint64)
        children.fill(level, chosen[:, :2], spans, rows)
        return Shelf(rows, spans, np.ascontiguousarray(chosen[:, :2]))

    def _program(
        self, length: int, last: tuple[int, int], begun: ComparatorBeam | None
    ) -> tuple[Coded, ...]:
        """Return the instructions to a state of `length` and the one that finishes there."""
        state, taken = last
        path = [taken]
        while length and (origin := int(self.levels[length].origin[state, 0])) >= 0:
            path.append(int(self.levels[length].origin[state, 1]))
            state, length = origin, length - 1
        opening = begun.program(length, state=-1 - origin) if begun is not None else ()
        return (*opening, *map(self._coded, reversed(path)))

    def _coded(self, number: int) -> Coded:
        kind, a, b, flags = (int(v) for v in self.instructions[number])
        return kind, a, b, flags


def _joined(level: Shelf, opened: Shelf) -> Shelf:
    """Return both levels' states as one, those of `level` first."""
    shifted = opened.spans.copy()
    shifted[:, 0] += len(level.rows)
    return Shelf(
        np.concatenate([level.rows, opened.rows]),
        np.concatenate([level.spans, shifted]),
        np.concatenate([level.origin, opened.origin]),
    )
