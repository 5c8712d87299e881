"""Programs as rows of numbers, right or wrong, and what a single edit makes of them.

A program is any sequence of the problem's instructions.  Comparisons are listed one way round;
programs that differ only in that (with the conditions up to the next comparison exchanged) count
as one, and an edit of one is an edit of the other.  An input fails where the outputs are not its
keys in ascending order, or where the program compares or tests something undefined.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sortopt.base import UNLIMITED, Budget, Progress
from sortopt.model import Form, Instr, Kernel, commute
from sortopt.search.exhaustive import States, kernel_of, rehash
from sortopt.search.space import DEAD, GREATER, LESS, Problem, Universe
from sortopt.terrain import _edit_kernels as kernels
from sortopt.terrain._edit_kernels import Tables
from sortopt.terrain.graph import Programs, sorted_in_order

Instruction = tuple[Form, tuple[int, ...]]

_CHUNK = 1 << 10
"""Programs that a thread takes at a time."""


@dataclass(frozen=True, eq=False)
class Space:
    """The programs of a universe; `instructions` are the listed ones, then others way round."""

    universe: Universe
    instructions: tuple[Instruction, ...]
    tables: Tables

    @classmethod
    def of(cls, universe: Universe) -> Space:
        """Build the tables of the edits.

        Precondition: instructions have two operands, and outputs may be taken in order.
        """
        problem, listed = universe.problem, universe.instructions
        both = [(f, c) for f, c in listed if f.writes_flags and problem.exchangeable]
        instructions = (*listed, *((form, cells[::-1]) for form, cells in both))
        return cls(
            universe,
            instructions,
            Tables(
                _step(universe, [listed.index(instruction) for instruction in both]),
                universe.start,
                np.append(sorted_in_order(universe.goal), False),
                np.array([form.writes_flags for form, _ in instructions]),
                _turned(problem, instructions),
                _similar(instructions),
                len(listed),
            ),
        )

    def room(self, size: int) -> Programs:
        """Return an array that holds all edits of a program of `size`."""
        edits = 2 * size * (self.tables.similar.shape[1] + 2)
        return np.empty((edits, size), np.uint16)

    def kernel(self, program: Sequence[int]) -> Kernel:
        """Return a right program as a kernel."""
        outputs = tuple(range(self.universe.problem.n))
        return kernel_of(self.universe, [int(q) for q in program], outputs, in_order=False)

    def commuting(self) -> npt.NDArray[np.bool_]:
        """Return which pairs of listed instructions may change places."""
        listed = [Instr(*i) for i in self.universe.instructions]
        return np.array([[commute(a, b) for b in listed] for a in listed])


def _step(universe: Universe, both: Sequence[int]) -> npt.NDArray[np.uint16]:
    """Return the step table with the other way round of instructions `both`; dead stays dead."""
    other = np.arange(4, dtype=np.uint8)
    other[[LESS, GREATER]] = GREATER, LESS
    codes = universe.codes(universe.contents, other[universe.flags], universe.patterns)
    exchanged = np.append(universe.index[codes], universe.size).astype(np.uint16)
    step = np.where(universe.step == DEAD, universe.size, universe.step).astype(np.uint16)
    step = np.column_stack((step, exchanged[step[:, both]]))
    return np.vstack((step, np.full(step.shape[1], universe.size, np.uint16)))


def _turned(problem: Problem, instructions: Sequence[Instruction]) -> npt.NDArray[np.uint16]:
    number = {instruction: q for q, instruction in enumerate(instructions)}
    partners = []
    for q, (form, cells) in enumerate(instructions):
        cells = cells[::-1] if form.writes_flags else cells
        other = problem.isa.exchanged(form) if problem.exchangeable else form
        partners.append(number.get((other or form, cells), q))
    return np.array(partners, np.uint16)


def _similar(instructions: Sequence[Instruction]) -> npt.NDArray[np.int32]:
    """Return what can take the place of each instruction: one operand, or the operation, differs.

    What a comparison takes the place of, or what takes its place, may have its operands exchanged.
    """

    def is_edit(old: Instruction, new: Instruction) -> bool:
        (form, cells), (other, others) = old, new
        if form == other:
            return sum(a != b for a, b in zip(cells, others, strict=True)) == 1
        compares = form.writes_flags or other.writes_flags
        return cells == others or (compares and cells == others[::-1])

    found = [[q for q, new in enumerate(instructions) if is_edit(old, new)] for old in instructions]
    table = np.full((len(found), max(map(len, found), default=0)), -1, np.int32)
    for q, row in enumerate(found):
        table[q, : len(row)] = row
    return table


@dataclass(frozen=True, eq=False)
class Links:
    """Edges from each of some programs: node i leads to `ends[first[i]:first[i + 1]]`."""

    first: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]

    @property
    def degrees(self) -> npt.NDArray[np.int64]:
        """How many edges leave each node."""
        return np.diff(self.first)

    def components(self) -> npt.NDArray[np.int64]:
        """Return the number of each node's component; the edges go both ways."""
        label = np.empty(len(self.first) - 1, np.int64)
        kernels.components(self.first, self.ends, label)
        return label

    def distances(self, sources: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """Return the number of edges from each node to the nearest source, -1 where none is."""
        distance = np.where(sources, 0, -1)
        kernels.distances(self.first, self.ends, distance)
        return distance


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All right programs of one length, with an index."""

    space: Space
    programs: Programs
    index: States = field(init=False)

    def __post_init__(self) -> None:
        count, size = self.programs.shape
        hashes = np.empty(count, np.uint64)
        kernels.prepare(self.programs, hashes)
        table = np.full(1 << max(4 * count, 2).bit_length(), -1, np.int32)
        index = States(
            np.ascontiguousarray(self.programs).ravel(),
            size * np.arange(count + 1),
            hashes,
            np.zeros(0, np.int64),
            table,
        )
        rehash(index, count)
        object.__setattr__(self, "index", index)

    def links(self, to: Catalogue, budget: Budget = UNLIMITED) -> Links:
        """Return the edges to programs that one edit makes of these: of this length or one less."""
        count, size = self.programs.shape
        degrees = np.empty(count, np.int64)
        shorter = size - to.programs.shape[1]

        def part(lo: int, hi: int) -> npt.NDArray[np.int64]:
            return kernels.links(
                self.programs, lo, hi, self.space.tables, to.index, shorter,
                self.space.room(size), degrees,
            )  # fmt: skip

        ends = in_parts(part, count, budget, "edits of kernels")
        return Links(
            np.append(0, np.cumsum(degrees)), np.concatenate([np.zeros(0, np.int64), *ends])
        )

    def find(self, programs: Programs) -> npt.NDArray[np.int64]:
        """Return the number of each of `programs` here, -1 where it is none of these."""
        found = np.empty(len(programs), np.int64)
        kernels.look_up(programs, self.index, found)
        return found


def in_parts(
    work: Callable[[int, int], Any], count: int, budget: Budget, doing: str, chunk: int = _CHUNK
) -> list[Any]:
    """Return what `work` returns for each range of numbers below `count`, on all threads."""
    results = []
    with ThreadPoolExecutor(budget.cores) as pool:
        starts = range(0, count, chunk)
        for number, result in enumerate(
            pool.map(work, starts, [min(lo + chunk, count) for lo in starts])
        ):
            results.append(result)
            budget.tell(Progress(doing, done=min((number + 1) * chunk, count), total=count))
    return results
