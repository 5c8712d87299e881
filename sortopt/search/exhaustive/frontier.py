"""Level-by-level expansion of canonical states under a length limit.

States live in a fixed number of parts, chosen by hash.  A round expands ranges of the frontier
into buffers, then each part takes from every buffer, in buffer order, what belongs to it; both
halves run on any number of threads and give the same states in the same sequence.

Sound because a state is dropped only if (1) an equal one up to symmetry was reached in no more
instructions, or (2) depth + bound exceeds the limit, the bound being admissible (`bounds`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sortopt.base import UNLIMITED, Budget, Progress, as_words
from sortopt.search.bounds import Limits, PatternDatabase, Work, workspace
from sortopt.search.exhaustive import _expand_kernels as kernels
from sortopt.search.exhaustive._expand_kernels import Buffer, Model
from sortopt.search.exhaustive._score_kernels import spread
from sortopt.search.exhaustive.parts import PARTS, Part, spans
from sortopt.search.exhaustive.spill import SpilledPart
from sortopt.search.space import (
    DEAD,
    Problem,
    Symmetry,
    Universe,
    build,
    canonical,
    check_size,
    goals_among,
    row_hash,
    symmetry_of,
    with_entries,
)

_LANE_ROWS = 1 << 15
"""Rows of one expansion buffer."""


def model_of(universe: Universe, symmetry: Symmetry, database: PatternDatabase) -> Model:
    """Collect the tables of a search."""
    step, number = universe.step, np.arange(universe.size)[:, None]
    return Model(
        step,
        as_words(step != DEAD),
        as_words(step != number),
        universe.answers,
        database.project(universe),
        symmetry.tables,
    )


@dataclass(eq=False)
class Search:
    """One exhaustive search under one length limit.

    Where the budget is spent, or on Ctrl-C, the levels completed so far stay intact.
    """

    universe: Universe
    model: Model
    database: PatternDatabase
    limit: int
    budget: Budget = UNLIMITED
    restricted: bool = True
    parts: list[Part] = field(default_factory=list)
    complete: bool = True
    seconds: float = 0.0
    """How long `run` has run."""
    expected: int | None = None
    """An estimate of the states in all, for reports of progress only."""
    admit: Callable[[Buffer, int], None] | None = None
    """Drops rows of a buffer of children at a depth, where a caller knows more (`optima`)."""
    on_level: Callable[[Search], None] | None = None
    """Called by `run` after each complete level that is not empty (`checkpoint`)."""
    elsewhere: Callable[[Search], None] | None = None
    """Completes a level for `run` in place of `advance` (`cluster`)."""
    spill: Path | None = None
    """The folder of the states that memory has no room for (`spill`)."""

    def __post_init__(self) -> None:
        self.parts = [Part.empty() for _ in range(PARTS)]
        start = self.universe.start
        buffer = _buffer(1, len(start))
        canonical(start, len(start), self.model.symmetry, buffer.rows[0])
        buffer.size[0], buffer.used[0] = len(start), 1
        buffer.hash[0], buffer.parent[0] = row_hash(buffer.rows[0], len(start)), -1
        for part in self.parts:
            part.begin()
        self._insert_all([(0, buffer)], self.parts)
        self.settle()

    @classmethod
    def of(
        cls,
        problem: Problem,
        database: PatternDatabase,
        limit: int,
        budget: Budget = UNLIMITED,
        *,
        restricted: bool = True,
    ) -> Search:
        """Build the tables to search `problem` with; raises InputError where it is too large.

        Kernels that are not `restricted` may compare and test anything at any time (see
        `with_entries`); a goal that is then found may be wrong on other entries.
        """
        check_size(problem)
        universe = build(problem) if restricted else with_entries(build(problem))
        model = model_of(universe, symmetry_of(universe), database)
        return cls(universe, model, database, limit, budget, restricted)

    def under(self, limit: int) -> Search:
        """Return a fresh search for the same under another limit; the tables are shared."""
        return Search(
            self.universe, self.model, self.database, limit, self.budget, self.restricted,
            spill=self.spill,
        )  # fmt: skip

    @property
    def depth(self) -> int:
        """The depth of the newest complete level."""
        return len(self.parts[0].levels) - 1

    @property
    def made(self) -> int:
        """The number of instructions made up to the newest complete level."""
        return self.depth

    def level(self, part: Part, depth: int) -> range:
        """Return the numbers of the states of `part` at `depth`."""
        return part.level(depth)

    @property
    def counts(self) -> list[int]:
        """The number of states at each depth."""
        return [sum(len(self.level(p, d)) for p in self.parts) for d in range(self.depth + 1)]

    @property
    def states(self) -> int:
        """The number of states kept in all."""
        return sum(part.count for part in self.parts)

    @property
    def nbytes(self) -> int:
        """The memory, or room on disk, that the states take."""
        return sum(part.nbytes for part in self.parts)

    def run(self, width: int | None = None) -> tuple[int, int] | None:
        """Search up to the limit; return (part, number) of a first goal, None where there is none.

        With a `width` each level keeps that many states; `complete` tells whether all were kept.
        """
        began = self.budget.spent
        try:
            return self._run(width)
        finally:
            self.seconds += self.budget.spent - began

    def _run(self, width: int | None) -> tuple[int, int] | None:
        while True:
            goal = self.goal()
            if goal is not None or self.depth == self.limit:
                return goal
            (self.elsewhere or Search.advance)(self)
            if not self.counts[-1]:
                return None
            if self.on_level is not None:
                self.on_level(self)
            if width is not None and self.keep_best(width):
                self.complete = False

    def has_earlier_goal(self) -> bool:
        """Whether a level before the newest holds a goal."""
        return any(self.goal(depth) is not None for depth in range(self.depth))

    def goal(self, depth: int | None = None) -> tuple[int, int] | None:
        """Return (part, number) of the first goal at `depth` (the newest level), or None."""
        for p in range(PARTS):
            for number in self.goals(p, self.depth if depth is None else depth):
                return p, number
        return None

    def goals(self, part: int, depth: int) -> Iterator[int]:
        """Yield the numbers of the goals of a part at `depth`."""
        for lo, hi in spans(self.level(self.parts[part], depth)):
            states, first = self.parts[part].chunk(lo)
            offset = states.offset[lo - first : hi - first + 1]
            for number in goals_among(states.pool, offset, self.universe):
                yield lo + number

    def advance(self) -> None:
        """Complete one more level."""
        tasks = tasks_at(self.parts, self.depth)
        limits = self.database.limits(self.model.project, self.limit - self.depth - 1)
        with self.under_way():
            self.expand(tasks, limits, self.parts)

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Begin a level that is complete at the end, and forgotten where that is not reached."""
        for part in self.parts:
            part.begin()
        try:
            yield
            self.settle()
        except BaseException:
            for part in self.parts:
                part.drop()
            raise

    def expand(
        self,
        tasks: list[tuple[int, int, int]],
        limits: Limits,
        into: list[Part],
        source: list[Part] | None = None,
        model: Model | None = None,
    ) -> None:
        """Add to `into` what is new of the children of states; a task is (part, first, end).

        They are of `source`, made by the instructions of `model`; by default the search's own.
        """
        source = self.parts if source is None else source
        expanded = partial(_expand, source, model or self.model, limits)
        lanes = [_buffer(_LANE_ROWS, self.universe.width) for _ in range(_LANES)]
        works = [workspace(self.universe.width, limits) for _ in lanes]
        few = sum(hi - lo for _, lo, hi in tasks) <= _FEW
        with nullcontext() if few else ThreadPoolExecutor(self.budget.cores) as pool:
            self._rounds(tasks, expanded, works, lanes, into, pool)

    def begin_level(self, rows: list[int], ids: list[int]) -> None:
        """Begin a level of which each part has so many states of together so many assignments."""
        self.make_room(rows, ids, self.parts)
        self.settle()
        for part in self.parts:
            part.begin()

    def settle(self) -> None:
        """Complete the newest level, with half of the memory that is left."""
        free = self.budget.free
        for part in self.parts:
            part.settle(None if free is None else free // 2, self.budget.check)

    def _rounds(
        self,
        tasks: list[tuple[int, int, int]],
        expanded: Callable[[tuple[int, int, int], Work, Buffer], int],
        works: list[Work],
        lanes: list[Buffer],
        into: list[Part],
        pool: ThreadPoolExecutor | None,
    ) -> None:
        tasks, over = tasks[::-1], map if pool is None else pool.map
        while tasks:
            batch = [tasks.pop() for _ in range(min(_LANES, len(tasks)))]
            for lane in lanes:
                lane.used[0] = 0
            ends = list(over(expanded, batch, works, lanes))
            filled = [(task[0], lane) for task, lane in zip(batch, lanes, strict=False)]
            if self.admit is not None:
                for _ in over(self.admit, lanes, [self.depth] * len(filled)):
                    pass
            self._insert_all(filled, into, pool)
            rest = [(p, end, hi) for (p, _, hi), end in zip(batch, ends, strict=True) if end < hi]
            tasks.extend(reversed(rest))
            self.tell()

    def _insert_all(
        self,
        filled: list[tuple[int, Buffer]],
        into: list[Part],
        pool: ThreadPoolExecutor | None = None,
    ) -> None:
        """Give each part of `into` its rows of each buffer, in buffer sequence."""
        rows = np.zeros(PARTS, np.int64)
        ids = np.zeros(PARTS, np.int64)
        for _, buffer in filled:
            used = int(buffer.used[0])
            part_of = (buffer.hash[:used] % np.uint64(PARTS)).astype(np.int64)
            rows += np.bincount(part_of, minlength=PARTS)
            ids += np.bincount(part_of, buffer.size[:used], PARTS).astype(np.int64)

        self.make_room(rows.tolist(), ids.tolist(), into)

        def fill(p: int) -> None:
            into[p].take(filled, p, int(rows[p]), int(ids[p]))

        for _ in map(fill, range(PARTS)) if pool is None else pool.map(fill, range(PARTS)):
            pass

    def make_room(self, rows: list[int], ids: list[int], into: list[Part]) -> None:
        """See that each part of `into` has memory for so many more states and assignments.

        Where that would leave less than a quarter of what is allowed, all states go to disk, if
        there is a folder for them.
        """
        wanted = sum(part.growth(*more) for part, *more in zip(into, rows, ids, strict=True))
        free, allowed = self.budget.free, self.budget.memory
        tight = free is not None and allowed is not None and wanted > free - allowed // 4
        if tight and self.spill is not None and not isinstance(self.parts[0], SpilledPart):
            for p, part in enumerate(self.parts):
                self.parts[p] = SpilledPart.of(part, self.spill)
            wanted = 0
        self.budget.check(wanted)

    def keep_best(self, width: int) -> bool:
        """Keep the `width` states of the newest level that are nearest to being sorted.

        Returns whether any was dropped: then the search no longer proves that there is no kernel.
        Equal scores go by the states' sequence, so the outcome does not depend on the threads.
        """
        if self.counts[-1] <= width:
            return False
        scores = []
        for part in self.parts:
            level = self.level(part, self.depth)
            score = np.empty(len(level), np.float64)
            for lo, hi in spans(level):
                states, first = part.chunk(lo)
                out = score[lo - level.start : hi - level.start]
                spread(states, lo - first, hi - first, self.universe.without, _TIES_WEIGH, out)
            scores.append(score)
        together = np.concatenate(scores)
        chosen = np.zeros(len(together), np.bool_)
        chosen[np.argsort(together, kind="stable")[:width]] = True
        first = 0
        for part, score in zip(self.parts, scores, strict=True):
            part.keep(chosen[first : first + len(score)])
            first += len(score)
        return True

    def tell(self) -> None:
        """Tell the budget where the search stands; it may raise."""
        progress = Progress(
            "searching",
            limit=self.limit,
            level=self.made,
            level_states=sum(len(part.level(self.depth)) for part in self.parts)
            or sum(part.candidates for part in self.parts),
            states=self.states,
            nbytes=self.nbytes,
            done=self.states,
            total=self.expected,
        )
        self.budget.tell(progress)

    def chain(self, part: int, number: int) -> Iterator[npt.NDArray[np.uint16]]:
        """Yield the canonical states from this one back to the start."""
        while number >= 0:
            yield self.parts[part].row(number)
            code = self.parts[part].parent(number)
            part, number = (code % PARTS, code // PARTS) if code >= 0 else (0, -1)


def tasks_at(parts: list[Part], depth: int) -> list[tuple[int, int, int]]:
    """Return the states at a depth in chunks: part, first and end of each."""
    return [(p, lo, hi) for p, part in enumerate(parts) for lo, hi in spans(part.level(depth))]


def _expand(
    source: list[Part],
    model: Model,
    limits: Limits,
    task: tuple[int, int, int],
    work: Work,
    lane: Buffer,
) -> int:
    """Expand states of a part into an empty lane; return the number of the first one left."""
    p, lo, hi = task
    states, first = source[p].chunk(lo)
    end = kernels.expand(states, lo - first, hi - first, model, limits, work, lane)
    lane.parent[: lane.used[0]] += first
    return first + int(end)


_TIES_WEIGH = 0.3
"""What assignments with ties count in a beam's score (tried: 0 to 1; all serve for n = 4)."""

_LANES = 8
_FEW = 200
"""How many states are expanded sooner than threads would start."""


def _buffer(rows: int, width: int) -> Buffer:
    return Buffer(
        np.empty((rows, width), np.uint16),
        np.empty(rows, np.uint16),
        np.empty(rows, np.uint64),
        np.empty(rows, np.int64),
        np.zeros(1, np.int64),
    )
