"""All kernels of a problem of each length, detours included: counted, listed, drawn at random.

Every beginning of a kernel of length L leaves a state whose least depth, and that plus its bound,
do not exceed L; so the states of a complete search under the limit L, with an edge an instruction
(also where it changes nothing), have a path for every kernel of at most L instructions.  A path of
canonical states is turned into a kernel in one fixed naming of the cells by the group's elements
that canonical forms are made with.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from math import factorial

import numpy as np
import numpy.typing as npt

from sortopt.base import UNLIMITED, Budget, Table
from sortopt.search.bounds import Limits, build_database, workspace
from sortopt.search.exhaustive import PARTS, Search, find
from sortopt.search.space import Problem, canonical, row_hash
from sortopt.terrain._graph_kernels import children
from sortopt.terrain.turned import Turned

Programs = Table[np.uint16]
"""A program a row: numbers of instructions."""


@dataclass(frozen=True, eq=False)
class Lengths:
    """The graph of all kernels of at most `limit` instructions.

    `edges[s, q]` is the child of state s by instruction q, and the element that made it canonical
    (see `children`), or -1; `goals[s]` says whether state s is a goal.
    """

    search: Search
    turned: Turned
    edges: npt.NDArray[np.int32]
    goals: npt.NDArray[np.bool_]
    first: npt.NDArray[np.int64]

    @property
    def limit(self) -> int:
        """The greatest length that the graph covers."""
        return self.search.limit

    @cached_property
    def _child(self) -> npt.NDArray[np.int64]:
        """The children's numbers; one more than the last state where there is none."""
        return np.where(self.edges < 0, len(self.goals), self.edges // self.turned.order)

    @cached_property
    def ways(self) -> list[npt.NDArray[np.int64]]:
        """Per length, how many programs of that length lead from each state to a goal."""
        ways = [np.append(self.goals, False).astype(np.int64)]
        for _ in range(self.limit):
            ways.append(np.append(ways[-1][self._child].sum(axis=1), 0))
        return ways

    @cached_property
    def start(self) -> tuple[int, int]:
        """The number of the canonical start, and the element that leads from it to the start."""
        entry = self.search.universe.start
        form, slot = np.empty_like(entry), np.zeros(1, np.int64)
        element = canonical(entry, len(entry), self.search.model.symmetry, form)
        h = np.uint64(row_hash(form, len(entry)))
        part = int(h % np.uint64(PARTS))
        number = find(self.search.parts[part].states, form, len(entry), h, slot)
        return int(self.first[part]) + number, int(self.turned.inverse[element])

    def count(self, length: int) -> int:
        """Return the exact number of kernels of `length`, outputs in the order of the inputs."""
        return int(self.ways[length][self.start[0]]) // factorial(self.search.universe.problem.n)

    def all(self, length: int) -> Programs:
        """Return every kernel of `length` once, in ascending sequence."""
        states = np.full(1, self.start[0])
        paths = np.zeros((1, 0), np.uint16)
        for left in range(length - 1, -1, -1):
            parents, children = np.nonzero(self.ways[left][self._child])
            first = np.searchsorted(parents, np.arange(len(self.goals) + 1))
            counts = np.diff(first)[states]
            rows = np.repeat(np.arange(len(states)), counts)
            before = np.cumsum(counts) - counts
            taken = children[(first[states] - before)[rows] + np.arange(len(rows))]
            states = self._child[states[rows], taken]
            paths = np.column_stack((paths[rows], taken.astype(np.uint16)))
        kernels = self._in_order(paths)
        return kernels[np.lexsort(kernels.T[::-1])]

    def draw(self, length: int, count: int, seed: int) -> Programs:
        """Return `count` kernels of `length`, each drawn uniformly at random among all."""
        random = np.random.Generator(np.random.PCG64(seed))
        drawn = np.zeros((0, length), np.uint16)
        while len(drawn) < count:
            states, columns = np.full(count, self.start[0]), []
            for left in range(length - 1, -1, -1):
                ways = np.cumsum(self.ways[left][self._child[states]], axis=1)
                chosen = random.integers(0, ways[:, -1])
                taken = (ways <= chosen[:, None]).sum(axis=1)
                columns.append(taken.astype(np.uint16))
                states = self._child[states, taken]
            drawn = np.concatenate((drawn, self._in_order(np.column_stack(columns))))
        return drawn[:count]

    def _in_order(self, paths: Programs) -> Programs:
        """Return as programs those canonical paths that leave output i in the cell of input i."""
        number, element = self.start
        states, elements = np.full(len(paths), number), np.full(len(paths), element)
        programs = np.empty_like(paths)
        for i in range(paths.shape[1]):
            taken = paths[:, i]
            programs[:, i] = self.turned.instruction[elements, taken]
            elements = self.turned.then[elements, taken]
            edges = self.edges[states, taken]
            back = self.turned.inverse[edges % self.turned.order]
            elements, states = self.turned.product[elements, back], edges // self.turned.order
        return programs[self._sorts[states, elements]]

    @cached_property
    def _sorts(self) -> npt.NDArray[np.bool_]:
        """Whether what each element makes of each goal holds output i in cell i."""
        sorts = np.zeros((len(self.goals), self.turned.order), np.bool_)
        rows = [part.row(k) for part in self.search.parts for k in range(part.count)]
        in_order = sorted_in_order(self.search.universe.goal)
        for s in np.flatnonzero(self.goals):
            sorts[s] = in_order[self.search.model.symmetry.image[:, rows[s]]].all(axis=1)
        return sorts


def sorted_in_order(goal: Table[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return for each assignment whether output i lies in cell i (`goal` as of `Universe`)."""
    return np.logical_and.reduce([goal[:, j] >> j & 1 for j in range(goal.shape[1])])


def lengths(problem: Problem, limit: int, budget: Budget = UNLIMITED) -> Lengths:
    """Return the graph of all kernels of `problem` of at most `limit` instructions.

    Raises LimitReached where the budget is spent.
    """
    database = build_database(problem, budget, additive=True)
    search = Search.of(problem, database, limit, budget)
    while search.depth < limit:
        search.advance()
    counts = [part.count for part in search.parts]
    first = np.cumsum([0, *counts])
    goals = np.zeros(first[-1], np.bool_)
    for p in range(PARTS):
        for depth in range(limit + 1):
            goals[[first[p] + number for number in search.goals(p, depth)]] = True
    edges = np.full((first[-1], search.universe.step.shape[1]), -1, np.int32)
    _fill(search, first, edges)
    return Lengths(search, Turned.of(search.universe), edges, goals, first)


def _fill(search: Search, first: npt.NDArray[np.int64], edges: npt.NDArray[np.int32]) -> None:
    parts = tuple(part.states for part in search.parts)
    with ThreadPoolExecutor(search.budget.cores) as pool:
        for depth in range(search.limit + 1):
            limits = search.database.limits(search.model.project, max(search.limit - depth - 1, 0))

            def fill(p: int, levels: Sequence[range], limits: Limits = limits) -> None:
                level = levels[p]
                work = workspace(len(search.universe.start), limits)
                children(
                    parts, p, (level.start, level.stop), search.model, limits, work, first, edges
                )

            levels = [search.level(part, depth) for part in search.parts]
            for _ in pool.map(fill, range(PARTS), [levels] * PARTS):
                pass
            search.tell()
