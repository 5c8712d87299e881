"""Beam search over comparators: whole compare-exchanges, some without their copy.

A *step* is a comparator on two live cells that uses the one stale cell, in a variant of
`networks.VARIANTS`.  States are kept by length, the best `width` of each length, by log2 of the
distinct tuples of live keys.  Every cell holds a minimum or maximum of inputs, which commutes with
monotone maps of the keys; a step is right for all weak orders because it is right for distinct
keys: where x < y strictly, some refinement of the ties into distinct keys has x < y too, and there
z = x.  On ties every form takes the equal keys from either cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from sortopt.base import UNLIMITED, Budget
from sortopt.model import Action
from sortopt.networks import OF_THREE_OPERANDS, VARIANTS, Variant
from sortopt.search.beams import _comparator_kernels as kernels
from sortopt.search.beams._state_kernels import COMPARE, COPY, FORGET, GOAL, NEVER
from sortopt.search.beams.assignments import (
    KINDS,
    Coded,
    Ints,
    distinct_orders,
    flags_of,
    two_valued,
)
from sortopt.search.beams.states import Children, Hashes, Scores, Shelf, best_different

_ROWS_A_STATE = 600
"""States with more rows than this on average count as several against the width."""
_ROWS_A_CALL = 1 << 18
"""Rows handed to a compiled loop at once: about half a second between looks at the clock."""
_SHORTEST_STEP, _LONGEST_STEP = 2, 4

_DIFFER = {
    1: 0,
    2: 0,
    3: kernels.ROLE_Y | kernels.ROLE_Z,
    4: kernels.ROLE_X | kernels.ROLE_Y | kernels.ROLE_Z,
    5: kernels.ROLE_X | kernels.ROLE_Y,
}
"""Which variants behind a copy are worth a try only where the scratch cell plays one of some roles.

Sound because 1 and 2 are 0 and 3 with x and y exchanged, and where the input cells concerned take
other names, 3 and 4 leave what 0 does, and 5 what 4 does."""


def instructions_of(variant: Variant, x: int, y: int, z: int, *, extrema: bool) -> list[Coded]:
    """Return the instructions of a variant on cells x, y and the stale cell z.

    With `extrema` each pick is a minimum or a maximum, and nothing is compared.
    """
    cell = {"x": x, "y": y, "z": z}
    program = [(COPY, z, x, 0)] if variant.copies else []
    if not extrema:
        program.append((COMPARE, x, y, 0))
    for pick in variant.picks:
        target, other = cell[pick.target], cell[pick.then]
        action = Action.MINIMUM if pick.target == variant.form.lesser else Action.MAXIMUM
        third = 0 if pick.otherwise == pick.target else cell[pick.otherwise] + 1
        kind, flags = (action, 0) if extrema else (Action.SELECT, flags_of(pick.when))
        program.append((KINDS[kind], target, other | third << 4, flags))
    return program


@dataclass(frozen=True, slots=True)
class Steps:
    """All steps over some cells, as tables.

    `lines` is what `_comparator_kernels` reads, `sizes` their numbers of instructions;
    `programs[step * cells + z]` is a step with stale cell z, the flags forgotten at its end.
    """

    cells: int
    lines: Ints
    sizes: Ints
    programs: Ints

    def program(self, step: int, z: int) -> tuple[Coded, ...]:
        """Return the instructions of a step with stale cell `z`."""
        coded = self.programs[step * self.cells + z, : self.sizes[step]]
        return tuple((int(kind), int(a), int(b), int(flags)) for kind, a, b, flags in coded)


@lru_cache(maxsize=8)
def steps_over(cells: int, *, extrema: bool, three: bool = False) -> Steps:
    """Return every variant on every two cells, those of `three` operands where asked."""
    lines, sizes, programs = [], [], []
    for number, variant in enumerate(OF_THREE_OPERANDS if three else VARIANTS):
        free = "xyz".index(variant.form.free)
        differs = kernels.ALWAYS if three else _DIFFER.get(number, kernels.ALWAYS)
        for x, y in ((x, y) for x in range(cells) for y in range(cells) if x != y):
            lines.append((x, y, int(variant.needs), free, differs))
            sizes.append(len(variant) - extrema)
            for z in range(cells):
                program = instructions_of(variant, x, y, z, extrema=extrema)
                programs.append(program + [(FORGET, 0, 0, 0)] * (_LONGEST_STEP + 1 - len(program)))
    return Steps(cells, *(np.array(table, np.int64) for table in (lines, sizes, programs)))


@dataclass(slots=True)
class Batch:
    """Children of one shelf that are of one length: score; parent's length and number, step."""

    scores: Scores
    table: Ints


@dataclass(slots=True, eq=False)
class ComparatorBeam:
    """One beam over comparators, with one scratch cell, and what it has reached so far.

    `extrema`: of minima and maxima; `three`: of three operands.  `shelves` holds
    what was kept of each length: their `spans` have the stale cell behind the numbers of rows,
    `origin[k]` is (length of the parent, its number, step).  `best` is the shortest program met,
    `states` counts what was kept.
    """

    n: int
    width: int = 300
    seed: int = 0
    noise: float = 0.05
    """Scores get a random part of up to this, so that seeds differ."""
    extrema: bool = False
    three: bool = False
    budget: Budget = UNLIMITED
    shelves: dict[int, Shelf] = field(default_factory=dict)
    best: tuple[Coded, ...] | None = None
    states: int = 0
    dropped: bool = False
    """Whether some state found no room.  If none did in a run that was not ended early, no kernel
    shorter than `best` is made of steps (but for states mistaken for equal by a 64-bit hash)."""

    @property
    def steps(self) -> Steps:
        """The steps over its cells."""
        return steps_over(self.n + 1, extrema=self.extrema, three=self.three)

    def program(self, length: int, state: int) -> tuple[Coded, ...]:
        """Return the instructions that lead to a state."""
        program: tuple[Coded, ...] = ()
        while length:
            parent_length, parent, step = (int(v) for v in self.shelves[length].origin[state])
            program = self._step(parent_length, parent, step) + program
            length, state = parent_length, parent
        return program

    def _step(self, length: int, state: int, step: int) -> tuple[Coded, ...]:
        return self.steps.program(step, int(self.shelves[length].spans[state, 2]))

    def run(
        self,
        max_length: int,
        *,
        found: Callable[[tuple[Coded, ...]], None] = lambda program: None,
        keep_from: int | None = None,
    ) -> tuple[Coded, ...] | None:
        """Search for programs of at most `max_length` instructions; return the shortest.

        `found` is called with each that is shorter than those before.  The rows of shelves are
        kept from length `keep_from` on (None: only while they are needed).  The outcome is the
        same for any number of threads.  Raises LimitReached where the budget is spent.
        """
        waiting: dict[int, list[Batch]] = {}
        random = np.random.default_rng(self.seed)
        goal = max_length
        for length in range(goal):
            if length > goal - _SHORTEST_STEP + self.extrema:
                break
            shelf = self._shelve(waiting.pop(length, [])) if length else self._root()
            self.shelves[length] = shelf
            self.states += len(shelf.spans)
            scores = self._scores(shelf)
            program = self._shortest_finish(length, scores, goal)
            if program is not None:
                self.best, goal = program, len(program) - 1
                found(program)
            for size, batch in self._children(length, scores, random):
                waiting.setdefault(length + size, []).append(batch)
            past = length - _LONGEST_STEP
            if past in self.shelves and (keep_from is None or past < keep_from):
                self.shelves[past].rows = np.empty(0, np.uint64)
        return self.best

    def _root(self) -> Shelf:
        rows = two_valued(self.n) if self.extrema else distinct_orders(self.n)
        return Shelf(rows, np.array([[0, len(rows), self.n]]), np.zeros((1, 3), np.int64))

    @property
    def _shape(self) -> Ints:
        return np.array([self.n, self.n + 1], np.int64)

    def _scores(self, shelf: Shelf) -> Scores:
        """Return the score of every step from every state."""
        lines = self.steps.lines
        scores = np.empty((len(shelf.spans), len(lines)), np.float32)
        for part in _slices(shelf.spans[:, 1]):
            self.budget.check()
            spans = shelf.spans[part]
            with np.errstate(over="ignore"):
                kernels.score_steps(
                    shelf.rows, spans, lines, self._shape, self.extrema, scores[part]
                )
        return scores

    def _children(
        self, length: int, scores: Scores, random: np.random.Generator
    ) -> Iterator[tuple[int, Batch]]:
        """Yield the children of a shelf as one batch a step length."""
        sizes, scores = self.steps.sizes, np.where(scores == GOAL, NEVER, scores)
        for size in np.unique(sizes):
            columns = np.flatnonzero(sizes == size)
            state, column = np.nonzero(np.isfinite(scores[:, columns]))
            if not len(state):
                continue
            values = scores[state, columns[column]] + self.noise * random.random(len(state))
            table = np.column_stack([np.full(len(state), length), state, columns[column]])
            yield int(size), Batch(values.astype(np.float32), table.astype(np.int64))

    def _shortest_finish(self, length: int, scores: Scores, limit: int) -> tuple[Coded, ...] | None:
        """Return a shortest program that a step from this shelf completes, within `limit`."""
        goals = np.argwhere(scores == GOAL)
        if not len(goals):
            return None
        sizes = self.steps.sizes[goals[:, 1]]
        best = int(np.argmin(sizes))
        if length + sizes[best] > limit:
            return None
        state, step = (int(v) for v in goals[best])
        return self.program(length, state) + self._step(length, state, step)

    def _shelve(self, batches: list[Batch]) -> Shelf:
        """Choose and build the states of one length."""
        if not batches:
            return Shelf(np.empty(0, np.uint64), *(np.empty((0, 3), np.int64) for _ in range(2)))
        tops = np.array([[2 if self.extrema else self.n, 0]], np.int64)
        children = Children(self._shape, self.steps.programs, tops)
        scores = np.concatenate([batch.scores for batch in batches])
        table = np.concatenate([batch.table for batch in batches])

        def hashed(part: Ints) -> tuple[Hashes, Ints]:
            hashes, counts = np.empty(len(part), np.uint64), np.empty(len(part), np.int64)
            for lines, parents, chosen in self._by_parent(part):
                for piece in _slices(parents.spans[chosen[:, 0], 1]):
                    self.budget.check()
                    at = lines[piece]
                    hashes[at], counts[at] = children.hashes(parents, chosen[piece])
            return hashes, counts

        ranked = table[np.argsort(scores, kind="stable")]
        kept, counts, left = best_different(ranked, self.width, hashed, self._room)
        self.dropped |= left
        ends = np.cumsum(counts)
        spans = np.column_stack([ends - counts, counts, np.zeros_like(counts)])
        rows = np.empty(int(ends[-1]), np.uint64)
        for lines, parents, chosen in self._by_parent(kept):
            children.fill(parents, chosen, spans[lines], rows)
            x, y, _, free, _ = self.steps.lines[kept[lines, 2]].T
            spans[lines, 2] = np.choose(free, [x, y, parents.spans[chosen[:, 0], 2]])
        return Shelf(rows, spans, kept)

    def _by_parent(self, table: Ints) -> Iterator[tuple[Ints, Shelf, Ints]]:
        """Yield the lines of `table` by shelf: their numbers, the shelf, its (state, program)."""
        for length in np.unique(table[:, 0]):
            lines = np.flatnonzero(table[:, 0] == length)
            parents, state = self.shelves[int(length)], table[lines, 1]
            program = table[lines, 2] * self.steps.cells + parents.spans[state, 2]
            yield lines, parents, np.column_stack([state, program])

    def _room(self, counts: Ints) -> int:
        """Return how many states of these sizes the beam holds, at least 64."""
        fit = int(self.width * _ROWS_A_STATE / counts.mean())
        return max(min(self.width, 64), min(self.width, fit))


def _slices(counts: Ints) -> Iterator[slice]:
    """Yield slices of states of about `_ROWS_A_CALL` rows together."""
    a_call = max(1, int(_ROWS_A_CALL / max(1.0, counts.mean()))) if len(counts) else 1
    for first in range(0, len(counts), a_call):
        yield slice(first, first + a_call)
