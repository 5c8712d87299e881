"""All shortest kernels: their exact number, and each of them in turn.

Every prefix of a shortest kernel reaches its state at that state's least depth (else a shorter
kernel would exist), so the shortest kernels are exactly the paths from the start to a goal in the
graph whose levels are the least depths.  The number of ways to finish is the same for all states
equal up to symmetry, so one backward pass over canonical states, summing over instructions, counts
every kernel; in place, where the inputs are symmetric, one in n! of them leaves the outputs in the
order of the inputs.

Where the relaxed problem (distinct keys, outputs anywhere) has shortest kernels of the same
length, it is settled first, and of the full problem only states are kept whose relaxed projection
lies on a shortest relaxed path at the same depth.  Sound because the projection of a kernel for
the problem is a kernel for the relaxed one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import factorial
from random import Random

import numpy as np
import numpy.typing as npt

from sortopt.base import UNLIMITED, Budget, Progress
from sortopt.model import Kernel
from sortopt.search.bounds import Limits, PatternDatabase, build_database, workspace
from sortopt.search.exhaustive import (
    PARTS,
    Buffer,
    Search,
    child_of,
    find,
    kernel_of,
    output_cells,
    relaxations,
)
from sortopt.search.optima import _counting_kernels as kernels
from sortopt.search.space import Ids, Problem, Universe, canonical, row_hash

Counts = list[npt.NDArray[np.uint64]]
MOST_REMEMBERED = 1 << 16
"""Of how many states the children are remembered while kernels are listed."""

Path = tuple[list[int], tuple[int, ...]]
"""A kernel as the numbers of its instructions and its output cells."""


@dataclass(frozen=True, eq=False)
class Optima:
    """The graph of all shortest kernels of `problem`, each of `length` instructions.

    `states` counts the canonical states kept while finding it, `on_paths` those of the full
    problem that lie on a shortest kernel.
    """

    problem: Problem
    length: int
    search: Search
    low: Counts
    high: Counts
    states: int

    @property
    def in_order(self) -> bool:
        """Whether only kernels with outputs in the order of the inputs are counted and listed."""
        return self.problem.in_order

    @property
    def on_paths(self) -> int:
        """The number of canonical states on a shortest kernel."""
        pairs = zip(self.low, self.high, strict=True)
        return sum(int(np.count_nonzero(low | high)) for low, high in pairs)

    @property
    def count(self) -> int:
        """The exact number of shortest kernels (see `in_order`)."""
        row, size, h = _canonical_start(self.search)
        p = int(h % np.uint64(PARTS))
        s = find(self.search.parts[p].states, row, size, h, np.zeros(1, np.int64))
        paths = (int(self.high[p][s]) << 64) + int(self.low[p][s])
        return paths // factorial(self.problem.n) if self.in_order else paths

    def kernels(self) -> Iterator[Kernel]:
        """Yield every shortest kernel once, in the sequence of the instruction table."""
        universe = self.search.universe
        for path, final in Walk(self).paths():
            yield kernel_of(universe, path, output_cells(universe, final), in_order=False)

    def paths(self) -> Iterator[Path]:
        """Yield (instruction numbers, output cells) of every kernel, cheaper than `kernels`."""
        for path, final in Walk(self).paths():
            yield path, output_cells(self.search.universe, final)

    def draw(self, seed: int) -> Iterator[Path]:
        """Yield kernels as `paths` does, without end, each uniformly at random among all.

        Output cells may stand in any order, where `kernel_of(…, in_order=True)` renames them.
        """
        walk, random = Walk(self), Random(seed)
        start = self.search.universe.start
        while True:
            path, state = [], start
            for depth in range(self.length):
                children = walk.children(state, depth)
                ways = [walk.ways[depth + 1, child.tobytes()] for _, child in children]
                (taken,) = random.choices(children, ways)
                path.append(taken[0])
                state = taken[1]
            yield path, output_cells(self.search.universe, state)


def optima(
    problem: Problem,
    length: int,
    budget: Budget = UNLIMITED,
    database: PatternDatabase | None = None,
) -> Optima:
    """Find all shortest kernels of `problem`, whose proved least length is `length`.

    Precondition: no kernel of the problem is shorter than `length` (see `exhaustive.shortest`).
    With a greater `length` it finds those kernels of that length that make no detour: no beginning
    of theirs could be replaced by a shorter one that leaves every cell and the flags the same.
    Bounds are taken from the additive `database` of the problem; it is built where none is given.
    Raises LimitReached where the budget is spent.
    """
    database = database or build_database(problem, budget, additive=True)
    states = 0
    found = Search.of(problem, database, length, budget)
    for easier in relaxations(problem):
        first = _complete(Search.of(easier, database, length, budget))
        states += first.states
        if first.has_earlier_goal():
            break  # the relaxed problem has shorter kernels, so its levels say nothing here
        found.admit = _admission(found.universe, first, *_count(first))
        budget.tell(Progress("relaxed problem", states=first.states))
    _complete(found).admit = None  # of use no more, and no value that can be pickled
    budget.tell(Progress("full problem", states=found.states))
    low, high = _count(found)
    return Optima(problem, length, found, low, high, states + found.states)


def _complete(search: Search) -> Search:
    """Complete the levels of `search` up to its limit."""
    while search.depth < search.limit:
        search.advance()
    return search


def _count(search: Search) -> tuple[Counts, Counts]:
    """Count the ways to finish from every state, backwards; (low, high) halves per part."""
    low = _goals(search)
    high = [np.zeros(part.count, np.uint64) for part in search.parts]
    parts = tuple(part.states for part in search.parts)
    with ThreadPoolExecutor(search.budget.cores) as pool:
        for depth in range(search.limit - 1, -1, -1):
            after = [search.level(part, depth + 1) for part in search.parts]
            first = np.array([level.start for level in after])
            last = np.array([level.stop for level in after])
            limits = search.database.limits(search.model.project, search.limit - depth - 1)

            def count(
                p: int,
                depth: int = depth,
                limits: Limits = limits,
                first: npt.NDArray[np.int64] = first,
                last: npt.NDArray[np.int64] = last,
            ) -> None:
                level = search.level(search.parts[p], depth)
                ways = kernels.Ways(tuple(low), tuple(high), first, last, p)
                work = workspace(search.universe.width, limits)
                kernels.count_paths(
                    parts, level.start, level.stop, search.model, limits, work, ways
                )

            for _ in pool.map(count, range(PARTS)):
                pass
            search.tell()
    return low, high


def _goals(search: Search) -> Counts:
    """Return 1 for each goal on the last level, 0 for all other states, per part."""
    counts = [np.zeros(part.count, np.uint64) for part in search.parts]
    for p in range(PARTS):
        counts[p][list(search.goals(p, search.limit))] = 1
    return counts


def _admission(
    universe: Universe, relaxed: Search, low: Counts, high: Counts
) -> Callable[[Buffer, int], None]:
    """Return the filter that keeps rows whose projection lies on a shortest relaxed path."""
    marks = []
    for p, part in enumerate(relaxed.parts):
        mark = np.zeros(part.count, np.uint8)
        for depth in range(relaxed.depth + 1):
            level = relaxed.level(part, depth)
            alive = (low[p][level.start : level.stop] | high[p][level.start : level.stop]) != 0
            mark[level.start : level.stop] = alive * (depth + 1)
        marks.append(mark)
    parts = tuple(part.states for part in relaxed.parts)
    project = relaxed.universe.numbers_of(universe, universe.contents, universe.flags)

    def admit(buffer: Buffer, depth: int) -> None:
        kernels.admit(buffer, project, relaxed.model.symmetry, parts, tuple(marks), depth)

    return admit


def _canonical_start(search: Search) -> tuple[Ids, int, np.uint64]:
    start = search.universe.start
    form = np.empty_like(start)
    canonical(start, len(start), search.model.symmetry, form)
    return form, len(start), np.uint64(row_hash(form, len(start)))


class Walk:
    """The paths in one fixed naming of the cells, found through the canonical graph.

    What was looked up is remembered, up to MOST_REMEMBERED states.
    """

    def __init__(self, found: Optima) -> None:
        self.found = found
        self.universe = found.search.universe
        self.model = found.search.model
        self.after: dict[bytes, list[tuple[int, Ids]]] = {}
        self.finishing: dict[bytes, bool] = {}
        self.ways: dict[tuple[int, bytes], int] = {}
        width = self.universe.width
        self.child = np.empty(width, np.uint16)
        self.form = np.empty(width, np.uint16)
        self.slot = np.zeros(1, np.int64)

    def paths(self) -> Iterator[tuple[list[int], Ids]]:
        """Yield (instruction numbers, final state) of every path counted."""
        start = self.universe.start
        path: list[int] = []
        stack = [iter([(-1, start)])]
        while stack:
            step = next(stack[-1], None)
            if step is None:
                stack.pop()
                if path:
                    path.pop()
                continue
            q, state = step
            depth = len(stack) - 1
            if not self.finishes(state, depth):
                continue
            if depth == self.found.length:
                yield [*path, q][1:], state
                continue
            path.append(q)
            stack.append(iter(self.children(state, depth)))

    def finishes(self, state: Ids, depth: int) -> bool:
        """Whether a goal that is counted can be reached from `state` at `depth`."""
        key = state.tobytes()
        if key not in self.finishing:
            if depth == self.found.length:
                cells = output_cells(self.universe, state)
                in_order = cells == tuple(range(len(cells)))
                self.finishing[key] = in_order or not self.found.in_order
            else:
                self.finishing[key] = any(
                    self.finishes(child, depth + 1) for _, child in self.children(state, depth)
                )
        return self.finishing[key]

    def children(self, state: Ids, depth: int) -> list[tuple[int, Ids]]:
        """Return (instruction, child) for the children that lie on a shortest path."""
        key = state.tobytes()
        if key not in self.after:
            if len(self.after) >= MOST_REMEMBERED:
                self.after.clear()
                self.ways.clear()
            self.after[key] = [
                (q, self.child[:size].copy())
                for q in range(len(self.universe.instructions))
                if (size := child_of(state, len(state), q, self.model, self.child))
                and self.count(size, depth + 1)
            ]
        return self.after[key]

    def count(self, size: int, depth: int) -> int:
        """Return how many ways to finish the state in `self.child` has from `depth`."""
        key = depth, self.child[:size].tobytes()
        if key in self.ways:
            return self.ways[key]
        canonical(self.child, size, self.model.symmetry, self.form)
        h = np.uint64(row_hash(self.form, size))
        p = int(h % np.uint64(PARTS))
        search = self.found.search
        s = find(search.parts[p].states, self.form, size, h, self.slot)
        if s not in search.level(search.parts[p], depth):
            return 0
        self.ways[key] = (int(self.found.high[p][s]) << 64) + int(self.found.low[p][s])
        return self.ways[key]
