"""Free-form beam search: any instruction after any other, level by level, the best states kept.

A state's score is log2 of the distinct assignments left when the flags and the least useful cell
are ignored, over distinct keys, plus `tie_weight` times the same over all weak orders, less what
ties keep apart at the goal.  Kernels are in place and correct on ties.  Nothing is proved about
lengths: the beam forgets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sortopt.model import Kernel
from sortopt.search.beams import _instruction_kernels as kernels
from sortopt.search.beams.assignments import (
    Ints,
    Move,
    Rows,
    TiePatterns,
    all_moves,
    distinct_orders,
    tie_patterns,
    to_kernel,
)
from sortopt.search.beams.fast_check import sorts_in_place

Scores = npt.NDArray[np.float32]
Expired = Callable[[], bool]

_PARENTS_A_CALL = 512
_SPARE_CANDIDATES = 10
"""Candidates kept for each place in the beam: about this many are equal up to symmetry."""
_SHARES = (15, 15, 30, 25, 15)
"""How the beam is shared out among the groups, in percent."""


class Opening(Protocol):
    """States that another search reached, by their number of instructions."""

    @property
    def rows(self) -> Rows:
        """The rows of all states, distinct keys only."""

    @property
    def spans(self) -> Ints:
        """First row and number of rows of each state, in the first two columns."""

    def moves(self, state: int) -> tuple[Move, ...]:
        """Return the instructions that lead to `state`."""


@dataclass(slots=True)
class Level:
    """The states of one length: their rows, and where each came from.

    `origin[k]` is (state of the level before, move), or (-1 - state of the opening, 0).
    """

    rows: Rows
    spans: Ints
    origin: Ints
    opening: Opening | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of the beam did: the moves that sort, if found, and the states it kept."""

    moves: tuple[Move, ...] | None
    states: int
    complete: bool
    """False where time ran out."""


@dataclass(slots=True)
class Candidates:
    """The best children so far, as columns: score; state, move, rows without ties, rows, group."""

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


@dataclass(frozen=True, slots=True)
class Beam:
    """One beam: the problem and how to keep states."""

    n: int
    scratch: int = 1
    width: int = 2000
    seed: int = 0
    tie_weight: float = 1.0
    noise: float = 0.01
    """Scores get a random part of up to this, so that seeds differ."""
    most_ties: int | None = None
    """Search over weak orders with at most this many equalities; None: all."""

    @property
    def shape(self) -> Ints:
        """What the compiled loops ask for."""
        return np.array([self.n, self.n + self.scratch, round(1000 * self.tie_weight)], np.int64)

    @property
    def quotas(self) -> tuple[int, ...]:
        """How many states of each group (`_beam_kernels.group_of`) a level keeps."""
        return tuple(max(1, self.width * share // 100) for share in _SHARES)

    def run(
        self,
        max_length: int,
        *,
        expired: Expired = lambda: False,
        openings: Mapping[int, Opening] | None = None,
    ) -> Outcome:
        """Search for a program of at most `max_length` instructions.

        Starts from the inputs, or from `openings` alone where given (by length).  The outcome is
        the same for any number of threads.
        """
        moves = all_moves(self.n + self.scratch)
        patterns = tie_patterns(self.n, self.most_ties)
        random = np.random.default_rng(self.seed)
        levels: dict[int, Level] = {}
        states = 0
        first = min(openings) if openings else 0
        if not openings:
            levels[0] = _from_inputs(self.n, patterns)
        elif first <= max_length:
            levels[first] = _from_opening(openings[first], patterns)
        for length in range(first, max_length):
            found, candidates = self._expand(levels[length], moves, patterns, random, expired)
            if found is not None:
                return Outcome(_trace(levels, length, found, moves), states, True)
            if candidates is None:
                return Outcome(None, states, False)
            chosen = np.concatenate(
                [
                    self._distinct(levels[length], group, quota, moves, patterns)
                    for group, quota in zip(candidates, self.quotas, strict=True)
                ]
            )
            level = _children(levels[length], chosen, moves)
            levels[length].rows = np.empty(0, np.uint64)
            if openings and length + 1 in openings:
                level = _joined(level, _from_opening(openings[length + 1], patterns))
            levels[length + 1] = level
            states += len(level.spans)
            if not len(level.spans):
                break
        return Outcome(None, states, True)

    def _expand(
        self,
        level: Level,
        moves: Ints,
        patterns: TiePatterns,
        random: np.random.Generator,
        expired: Expired,
    ) -> tuple[tuple[int, int] | None, list[Candidates] | None]:
        """Score all children; return a finishing (state, move), or the best candidates.

        Both are None where time ran out.
        """
        best = [Candidates(_SPARE_CANDIDATES * quota) for quota in self.quotas]
        for first in range(0, len(level.spans), _PARENTS_A_CALL):
            if expired():
                return None, None
            spans = level.spans[first : first + _PARENTS_A_CALL]
            scores = np.empty((len(spans), len(moves)), np.float32)
            counts = np.zeros((len(spans), len(moves), 3), np.int64)
            cutoff = max(candidates.cutoff for candidates in best)
            with np.errstate(over="ignore"):
                kernels.score_children(
                    level.rows, spans, moves, patterns.ranks, self.shape, cutoff, scores, counts
                )
            goals = np.argwhere(scores == kernels.GOAL)
            if len(goals):
                return (first + int(goals[0, 0]), int(goals[0, 1])), None
            state, move = np.nonzero(np.isfinite(scores))
            noise = self.noise * random.random(len(state), dtype=np.float32)
            table = np.column_stack([first + state, move, counts[state, move]])
            for group, candidates in enumerate(best):
                members = table[:, 4] == group
                candidates.add((scores[state, move] + noise)[members], table[members])
        return None, best

    def _distinct(
        self, level: Level, candidates: Candidates, quota: int, moves: Ints, patterns: TiePatterns
    ) -> Ints:
        """Return the lines of the best `quota` candidates that differ by more than symmetry."""
        kept = np.empty((0, 5), np.int64)
        known = np.empty(0, np.uint64)
        for first in range(0, len(candidates.table), quota):
            part = candidates.table[first : first + quota]
            hashes = np.empty(len(part), np.uint64)
            chosen = np.ascontiguousarray(part[:, :2])
            with np.errstate(over="ignore"):
                kernels.hash_children(
                    level.rows, level.spans, moves, patterns.tops, self.shape, chosen, hashes
                )
            known, kept = np.concatenate([known, hashes]), np.concatenate([kept, part])
            _, firsts = np.unique(known, return_index=True)
            firsts.sort()
            known, kept = known[firsts], kept[firsts]
            if len(kept) >= quota:
                break
        return kept[:quota]


def _from_inputs(n: int, patterns: TiePatterns) -> Level:
    rows = distinct_orders(n)
    extended = patterns.extend(rows)
    spans = np.array([[0, len(rows), len(extended), 0, 2]], np.int64)
    return Level(extended, spans, np.empty((1, 2), np.int64))


def _from_opening(opening: Opening, patterns: TiePatterns) -> Level:
    parts, spans, start = [], [], 0
    for first, count in opening.spans[:, :2]:
        rows = opening.rows[first : first + count]
        parts.append(patterns.extend(rows))
        spans.append((start, len(rows), len(parts[-1]), 0, 2))
        start += len(parts[-1])
    origin = np.zeros((len(spans), 2), np.int64)
    origin[:, 0] = -1 - np.arange(len(spans))
    return Level(np.concatenate(parts), np.array(spans, np.int64), origin, opening)


def _children(level: Level, chosen: Ints, moves: Ints) -> Level:
    """Return the level that the chosen lines (columns of `Candidates.table`) make up."""
    ends = np.cumsum(chosen[:, 3])
    comparison = moves[chosen[:, 1], 0] == kernels.CMP
    columns = [ends - chosen[:, 3], chosen[:, 2], chosen[:, 3], comparison, chosen[:, 4]]
    spans = np.column_stack(columns).astype(np.int64)
    rows = np.empty(int(ends[-1]) if len(ends) else 0, np.uint64)
    origin = np.ascontiguousarray(chosen[:, :2])
    with np.errstate(over="ignore"):
        kernels.fill_children(level.rows, level.spans, moves, origin, spans, rows)
    return Level(rows, spans, origin)


def _joined(level: Level, opened: Level) -> Level:
    """Return both levels' states as one, those of `level` first."""
    shifted = opened.spans.copy()
    shifted[:, 0] += len(level.rows)
    return Level(
        np.concatenate([level.rows, opened.rows]),
        np.concatenate([level.spans, shifted]),
        np.concatenate([level.origin, opened.origin]),
        opened.opening,
    )


def _trace(
    levels: Mapping[int, Level], length: int, last: tuple[int, int], moves: Ints
) -> tuple[Move, ...]:
    """Return the moves that lead to a state of `length` and the one that finishes there."""
    state, move = last
    path = [_as_move(moves[move])]
    while length:
        level = levels[length]
        origin, move = (int(v) for v in level.origin[state])
        if origin < 0:
            assert level.opening is not None
            return (*level.opening.moves(-1 - origin), *reversed(path))
        path.append(_as_move(moves[move]))
        state, length = origin, length - 1
    return tuple(reversed(path))


def _as_move(line: Ints) -> Move:
    kind, a, b, condition = (int(v) for v in line)
    return kind, a, b, condition


def find(
    n: int,
    *,
    max_length: int,
    width: int = 2000,
    seed: int = 0,
    scratch: int = 1,
    expired: Expired = lambda: False,
) -> Kernel | None:
    """Return a kernel of at most `max_length` instructions that one beam finds, or None.

    In place, one or more scratch cells, correct on ties.  Meant for n of at most 5; memory grows
    with width times fubini(n).
    """
    moves = Beam(n, scratch, width, seed).run(max_length, expired=expired).moves
    if moves is None:
        return None
    kernel = to_kernel(n, moves)
    return kernel if sorts_in_place(kernel) else None
