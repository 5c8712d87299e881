"""Beam search over comparators: whole compare-exchanges, some without their mov.

A *step* is a comparator on two live cells that uses the one stale cell (forms and when they are
right: `_comparator_kernels`).  States are kept by length, the best `width` of each length, by
log2 of the distinct tuples of live keys.  Every cell holds a minimum or maximum of inputs, which
commutes with monotone maps of the keys; a step is right for all weak orders because it is right
for distinct keys: where x < y strictly, some refinement of the ties into distinct keys has x < y
too, and there z = x.  On ties every form takes the equal keys from either cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sortopt.model import Kernel
from sortopt.search.beams import _comparator_kernels as kernels
from sortopt.search.beams._instruction_kernels import CMOV, CMP, MOV
from sortopt.search.beams.assignments import (
    EQUAL,
    GREATER,
    LESS,
    MAX,
    MIN,
    Ints,
    Move,
    Rows,
    distinct_orders,
    to_kernel,
    two_valued,
)
from sortopt.search.beams.fast_check import sorts_in_place

Scores = npt.NDArray[np.float32]
Expired = Callable[[], bool]
Found = Callable[[tuple[Move, ...]], None]

_ROWS_A_STATE = 600
"""States with more rows than this on average count as several against the width."""
_ROWS_A_CALL = 1 << 18
"""Rows handed to a compiled loop at once: about half a second between looks at the clock."""
_SHORTEST_STEP, _LONGEST_STEP = 2, 4


def step_length(form: int, *, minmax: bool = False) -> int:
    """Return the number of instructions of a step."""
    return (4 if form < 6 else 3 if form < 12 else 2) - minmax


def step_moves(form: int, x: int, y: int, z: int, *, minmax: bool = False) -> tuple[Move, ...]:
    """Return the instructions of a step with stale cell `z`, as the table of forms has them."""
    if minmax:
        return _minima(form, x, y, z)
    base = form % 6 if form < 12 else (form - 12) * 3
    into_z, into_z_last = GREATER | EQUAL, LESS | EQUAL
    first, second = {
        0: ((CMOV, z, y, into_z), (CMOV, y, x, GREATER)),
        1: ((CMOV, z, y, into_z), (CMOV, x, y, LESS)),
        2: ((CMOV, z, y, into_z_last), (CMOV, x, y, GREATER)),
        3: ((CMOV, z, y, into_z_last), (CMOV, y, x, LESS)),
        4: ((CMOV, x, y, GREATER), (CMOV, y, z, GREATER)),
        5: ((CMOV, x, y, LESS), (CMOV, y, z, LESS)),
    }[base]
    all_four = ((MOV, z, x, 0), (CMP, x, y, 0), first, second)
    if form < 6:
        return all_four
    return all_four[1:] if form < 12 else (all_four[1], second)


def _minima(form: int, x: int, y: int, z: int) -> tuple[Move, ...]:
    """Return the instructions of a step made of a minimum and a maximum."""
    first, second = {
        0: ((MIN, z, y, 0), (MAX, y, x, 0)),
        1: ((MIN, z, y, 0), (MAX, x, y, 0)),
        2: ((MAX, z, y, 0), (MIN, x, y, 0)),
        3: ((MAX, z, y, 0), (MIN, y, x, 0)),
        4: ((MIN, x, y, 0), (MAX, y, z, 0)),
        5: ((MAX, x, y, 0), (MIN, y, z, 0)),
    }[form % 6 if form < 12 else (form - 12) * 3]
    return ((MOV, z, x, 0), first, second)[0 if form < 6 else 1 if form < 12 else 2 :]


@dataclass(slots=True)
class Shelf:
    """The states kept of one length.

    `spans` is `_comparator_kernels`'; `origin[k]` is (length of the parent, its number, step).
    """

    rows: Rows
    spans: Ints
    origin: Ints


@dataclass(slots=True)
class Batch:
    """Children of one shelf that are of one length: score, parent's length and number, step."""

    scores: Scores
    table: Ints


@dataclass(slots=True)
class Exploration:
    """The shelves of one run, as far as it came, and the best program it met."""

    n: int
    steps: Ints
    minmax: bool = False
    shelves: dict[int, Shelf] = field(default_factory=dict)
    best: tuple[Move, ...] | None = None
    states: int = 0
    complete: bool = True
    """False where time ran out."""
    dropped: bool = False
    """Whether some state found no room.  If none did and the run is complete, no kernel shorter
    than `best` is made of steps (but for states mistaken for equal by a 64-bit hash)."""

    @property
    def sizes(self) -> Ints:
        """The number of instructions of each step."""
        forms = (int(form) for form in self.steps[:, 0])
        return np.array([step_length(form, minmax=self.minmax) for form in forms])

    def program(self, length: int, state: int) -> tuple[Move, ...]:
        """Return the instructions that lead to a state."""
        moves: tuple[Move, ...] = ()
        while length:
            parent_length, parent, step = (int(v) for v in self.shelves[length].origin[state])
            moves = self.step(parent_length, parent, step) + moves
            length, state = parent_length, parent
        return moves

    def step(self, length: int, state: int, step: int) -> tuple[Move, ...]:
        """Return the instructions of step number `step` taken from a state."""
        form, x, y = (int(v) for v in self.steps[step])
        stale = int(self.shelves[length].spans[state, 2])
        return step_moves(form, x, y, stale, minmax=self.minmax)

    def opening(self, length: int) -> Opening:
        """Return the states of one length, to start a free-form beam from."""
        return Opening(self, length)


@dataclass(frozen=True, slots=True)
class Opening:
    """One shelf, as `beam` takes it."""

    exploration: Exploration
    length: int

    @property
    def rows(self) -> Rows:
        """The rows of all states."""
        return self.exploration.shelves[self.length].rows

    @property
    def spans(self) -> Ints:
        """First row and number of rows of each state."""
        return self.exploration.shelves[self.length].spans

    def moves(self, state: int) -> tuple[Move, ...]:
        """Return the instructions that lead to `state`."""
        return self.exploration.program(self.length, state)


@dataclass(frozen=True, slots=True)
class ComparatorBeam:
    """One beam over comparators, with one scratch cell; `minmax`: of minima and maxima."""

    n: int
    width: int = 300
    seed: int = 0
    noise: float = 0.05
    """Scores get a random part of up to this, so that seeds differ."""
    minmax: bool = False

    def run(
        self,
        max_length: int,
        *,
        expired: Expired = lambda: False,
        found: Found = lambda moves: None,
        keep_from: int | None = None,
    ) -> Exploration:
        """Search for programs of at most `max_length` instructions, shorter ones as they come.

        `found` is called with each that is shorter than those before.  The rows of shelves are
        kept from length `keep_from` on (None: only while they are needed).  The outcome is the
        same for any number of threads.
        """
        done = Exploration(self.n, _all_steps(self.n + 1), self.minmax)
        waiting: dict[int, list[Batch]] = {}
        random = np.random.default_rng(self.seed)
        goal = max_length
        for length in range(goal):
            if length > goal - _SHORTEST_STEP + self.minmax:
                break
            shelf = self._shelve(done, waiting.pop(length, []), expired) if length else self._root()
            if shelf is None:
                done.complete = False
                break
            done.shelves[length] = shelf
            done.states += len(shelf.spans)
            scores = self._scores(shelf, done.steps, expired)
            if scores is None:
                done.complete = False
                break
            moves = _shortest_finish(done, length, scores, goal)
            if moves is not None:
                done.best, goal = moves, len(moves) - 1
                found(moves)
            for size, batch in _children(scores, done.sizes, length, random, self.noise):
                waiting.setdefault(length + size, []).append(batch)
            past = length - _LONGEST_STEP
            if past in done.shelves and (keep_from is None or past < keep_from):
                done.shelves[past].rows = np.empty(0, np.uint64)
        return done

    def _root(self) -> Shelf:
        rows = two_valued(self.n) if self.minmax else distinct_orders(self.n)
        spans = np.array([[0, len(rows), self.n]], np.int64)
        return Shelf(rows, spans, np.zeros((1, 3), np.int64))

    def _scores(self, shelf: Shelf, steps: Ints, expired: Expired) -> Scores | None:
        """Return the score of every step from every state; None where time ran out."""
        scores = np.empty((len(shelf.spans), len(steps)), np.float32)
        for part in _slices(shelf.spans[:, 1]):
            if expired():
                return None
            with np.errstate(over="ignore"):
                kernels.score_steps(shelf.rows, shelf.spans[part], steps, self._shape, scores[part])
        return scores

    @property
    def _shape(self) -> Ints:
        return np.array([self.n, self.n + 1, self.minmax], np.int64)

    def _shelve(self, done: Exploration, batches: list[Batch], expired: Expired) -> Shelf | None:
        """Choose and build the states of one length; None where time ran out."""
        if not batches:
            return Shelf(np.empty(0, np.uint64), *(np.empty((0, 3), np.int64) for _ in range(2)))
        scores = np.concatenate([batch.scores for batch in batches])
        table = np.concatenate([batch.table for batch in batches])
        table = table[np.argsort(scores, kind="stable")]
        kept, counts = np.empty((0, 3), np.int64), np.empty(0, np.int64)
        known = np.empty(0, np.uint64)
        room = self.width
        for first in range(0, len(table), self.width):
            part = table[first : first + self.width]
            hashed = self._hashes(done, part, expired)
            if hashed is None:
                return None
            known = np.concatenate([known, hashed[0]])
            _, firsts = np.unique(known, return_index=True)
            firsts.sort()
            known = known[firsts]
            kept = np.concatenate([kept, part])[firsts]
            counts = np.concatenate([counts, hashed[1]])[firsts]
            room = _room(self.width, counts)
            if len(kept) >= room:
                done.dropped |= len(kept) > room or first + self.width < len(table)
                break
        return self._build(done, kept[:room], counts[:room])

    def _hashes(
        self, done: Exploration, table: Ints, expired: Expired
    ) -> tuple[npt.NDArray[np.uint64], Ints] | None:
        """Return the invariant hash and the number of rows of each child in `table`."""
        hashes = np.empty(len(table), np.uint64)
        counts = np.empty(len(table), np.int64)
        for length, lines in _by_parent(table):
            shelf = done.shelves[length]
            for part in _slices(shelf.spans[table[lines, 1], 1]):
                if expired():
                    return None
                chosen = np.ascontiguousarray(table[lines[part], 1:])
                found, rows = np.empty(len(chosen), np.uint64), np.empty(len(chosen), np.int64)
                with np.errstate(over="ignore"):
                    kernels.hash_steps(
                        shelf.rows, shelf.spans, done.steps, self._shape, chosen, found, rows
                    )
                hashes[lines[part]], counts[lines[part]] = found, rows
        return hashes, counts

    def _build(self, done: Exploration, table: Ints, counts: Ints) -> Shelf:
        ends = np.cumsum(counts)
        spans = np.column_stack([ends - counts, counts, np.zeros_like(counts)])
        rows = np.empty(int(ends[-1]), np.uint64)
        for length, lines in _by_parent(table):
            parents = done.shelves[length]
            chosen = np.ascontiguousarray(table[lines, 1:])
            part = np.ascontiguousarray(spans[lines])
            with np.errstate(over="ignore"):
                kernels.fill_steps(parents.rows, parents.spans, done.steps, chosen, part, rows)
            spans[lines] = part
        return Shelf(rows, spans, table)


def _all_steps(cells: int) -> Ints:
    pairs = [(x, y) for x in range(cells) for y in range(cells) if x != y]
    return np.array([(f, x, y) for f in range(kernels.FORMS) for x, y in pairs], np.int64)


def _room(width: int, counts: Ints) -> int:
    """Return how many states of these sizes a beam of `width` holds, at least 64."""
    return max(min(width, 64), min(width, int(width * _ROWS_A_STATE / counts.mean())))


def _slices(counts: Ints) -> Iterable[slice]:
    """Yield slices of states of about `_ROWS_A_CALL` rows together."""
    a_call = max(1, int(_ROWS_A_CALL / max(1.0, counts.mean()))) if len(counts) else 1
    for first in range(0, len(counts), a_call):
        yield slice(first, first + a_call)


def _by_parent(table: Ints) -> Iterable[tuple[int, Ints]]:
    """Yield each parent's length and the lines of `table` that come from it."""
    for length in np.unique(table[:, 0]):
        yield int(length), np.flatnonzero(table[:, 0] == length)


def _children(
    scores: Scores, sizes: Ints, length: int, random: np.random.Generator, noise: float
) -> Iterable[tuple[int, Batch]]:
    """Yield the children of a shelf as one batch a step length."""
    scores = np.where(scores == kernels.GOAL, kernels.NEVER, scores)
    for size in np.unique(sizes):
        columns = np.flatnonzero(sizes == size)
        state, column = np.nonzero(np.isfinite(scores[:, columns]))
        if not len(state):
            continue
        values = scores[state, columns[column]] + noise * random.random(len(state))
        table = np.column_stack([np.full(len(state), length), state, columns[column]])
        yield int(size), Batch(values.astype(np.float32), table.astype(np.int64))


def _shortest_finish(
    done: Exploration, length: int, scores: Scores, limit: int
) -> tuple[Move, ...] | None:
    """Return a shortest program that a step from this shelf completes, within `limit`."""
    goals = np.argwhere(scores == kernels.GOAL)
    if not len(goals):
        return None
    sizes = done.sizes[goals[:, 1]]
    best = int(np.argmin(sizes))
    if length + sizes[best] > limit:
        return None
    state, step = (int(v) for v in goals[best])
    return done.program(length, state) + done.step(length, state, step)


def find(
    n: int,
    *,
    max_length: int | None = None,
    width: int = 300,
    seed: int = 0,
    expired: Expired = lambda: False,
) -> Kernel | None:
    """Return the shortest kernel that one beam over comparators finds, or None.

    In place, one scratch cell, correct on ties; 2 to 8 keys.
    """
    limit = 4 * n * n if max_length is None else max_length
    moves = ComparatorBeam(n, width, seed).run(limit, expired=expired).best
    if moves is None:
        return None
    kernel = to_kernel(n, moves)
    return kernel if sorts_in_place(kernel) else None
