"""The states of a search, in parts that grow: rows of assignments end to end, found by hash."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sortopt.search.exhaustive import _expand_kernels as kernels
from sortopt.search.exhaustive._expand_kernels import Buffer, Level, States

PARTS = 8
"""How many parts the states are split into, whatever the number of threads."""

CHUNK = 1 << 12
"""The states that are expanded, written to disk and read from it at once."""

Scalar = TypeVar("Scalar", bound=np.generic)


def spans(numbers: range) -> Iterator[tuple[int, int]]:
    """Yield the beginning and end of each chunk of `numbers`."""
    for lo in range(numbers.start, numbers.stop, CHUNK):
        yield lo, min(lo + CHUNK, numbers.stop)


def chosen(level: Level, mask: npt.NDArray[np.bool_]) -> Level:
    """Return the states of `level` that `mask` is true of."""
    ids = np.repeat(mask, level.size)
    return Level(level.size[mask], level.hash[mask], level.parent[mask], level.pool[ids])


@dataclass(eq=False)
class Part:
    """One part of the states, grown as needed; `levels[d]` is where level d begins."""

    states: States
    count: int = 0
    levels: list[int] = field(default_factory=list)

    @staticmethod
    def empty() -> Part:
        """Return a part without states."""
        return Part(
            States(
                np.empty(1 << 10, np.uint16),
                np.zeros(1 << 8, np.int64),
                np.empty(1 << 8, np.uint64),
                np.empty(1 << 8, np.int64),
                np.full(1 << 9, -1, np.int32),
            )
        )

    def reserve(self, rows: int, ids: int) -> None:
        """Make room for `rows` more states of together `ids` assignments."""
        s = self.states
        pool = _grown(s.pool, int(s.offset[self.count]) + ids)
        offset = _grown(s.offset, self.count + rows + 1)
        hashes, parent = _grown(s.hash, self.count + rows), _grown(s.parent, self.count + rows)
        table = s.table
        self.states = States(pool, offset, hashes, parent, table)
        if 2 * (self.count + rows) > table.size:
            size = 1 << (4 * (self.count + rows)).bit_length() - 1
            self.states = self.states._replace(table=np.full(size, -1, np.int32))
            kernels.rehash(self.states, self.count)

    def growth(self, rows: int, ids: int) -> int:
        """Return about how many bytes `reserve` would allocate."""
        s, count = self.states, self.count + rows
        pool = int(s.offset[self.count]) + ids
        wanted = (s.pool, pool), (s.offset, count + 1), (s.hash, count), (s.parent, count)
        return sum(
            max(size, array.size * 3 // 2) * array.itemsize
            for array, size in (*wanted, (s.table, 2 * count))
            if size > array.size
        )

    def begin(self) -> None:
        """Begin a level."""
        self.levels.append(self.count)

    def take(self, filled: Sequence[tuple[int, Buffer]], part: int, rows: int, ids: int) -> None:
        """Add what is new of the rows of this `part` in buffers, each with the tag of its parents.

        There are `rows` of it, of together `ids` assignments.
        """
        self.reserve(rows, ids)
        for tag, buffer in filled:
            self.count = kernels.insert(self.states, self.count, PARTS, part, buffer, tag)

    def merge(self, level: Level) -> npt.NDArray[np.bool_]:
        """Add what is new of `level`; return of each state whether it was."""
        fresh = np.empty(len(level.size), np.bool_)
        self.reserve(len(level.size), len(level.pool))
        self.count = kernels.merge(self.states, self.count, level, fresh)
        return fresh

    def add(self, level: Level) -> None:
        """Add what is new of `level` to the newest level, at the latest when that is settled."""
        self.merge(level)

    def append(self, level: Level) -> None:
        """Add states that are new; `find` knows of them after the next `reindex`."""
        first, last = self.count, self.count + len(level.size)
        self.reserve(len(level.size), len(level.pool))
        s = self.states
        begin = s.offset[first]
        s.offset[first + 1 : last + 1] = begin + np.cumsum(level.size, dtype=np.int64)
        s.hash[first:last], s.parent[first:last] = level.hash, level.parent
        s.pool[begin : begin + len(level.pool)] = level.pool
        self.count = last

    def settle(self, room: int | None, check: Callable[[], None]) -> None:
        """Complete the newest level, which takes no more memory than `room`; `check` may raise."""

    def drop(self) -> None:
        """Forget the newest level."""
        self.count = self.levels.pop()
        self.reindex()

    def reindex(self) -> None:
        """Make exactly the states that there are known to `find`."""
        self.states.table[:] = -1
        kernels.rehash(self.states, self.count)

    def level(self, depth: int) -> range:
        """Return the numbers of the states at `depth`."""
        stop = self.levels[depth + 1] if depth + 1 < len(self.levels) else self.count
        return range(self.levels[depth], stop)

    def chunk(self, number: int) -> tuple[States, int]:
        """Return states among which are those of a chunk, and the number of their first."""
        return self.states, 0

    def blocks(self, depth: int) -> Iterator[Level]:
        """Yield the states at `depth`, a chunk at a time."""
        return (self.block(lo, hi) for lo, hi in spans(self.level(depth)))

    def block(self, lo: int, hi: int) -> Level:
        """Return the states `lo` to `hi` of a chunk."""
        s, first = self.chunk(lo)
        lo, hi = lo - first, hi - first
        size = np.diff(s.offset[lo : hi + 1]).astype(np.uint16)
        pool = s.pool[s.offset[lo] : s.offset[hi]]
        return Level(size, s.hash[lo:hi], s.parent[lo:hi], pool)

    def row(self, number: int) -> npt.NDArray[np.uint16]:
        """Return the state with this number."""
        s, first = self.chunk(number)
        return s.pool[s.offset[number - first] : s.offset[number - first + 1]]

    def parent(self, number: int) -> int:
        """Return the parent of the state with this number, as it is kept."""
        s, first = self.chunk(number)
        return int(s.parent[number - first])

    def keep(self, mask: npt.NDArray[np.bool_]) -> None:
        """Keep only the states of the newest level that `mask` is true of."""
        kept = chosen(self.block(self.levels[-1], self.count), mask)
        self.count = self.levels[-1]
        self.append(kept)
        self.reindex()

    @property
    def candidates(self) -> int:
        """How many states wait to be settled."""
        return 0

    @property
    def nbytes(self) -> int:
        """The bytes that its arrays take."""
        return sum(array.nbytes for array in self.states)


def _grown(array: npt.NDArray[Scalar], size: int) -> npt.NDArray[Scalar]:
    """Return `array` with room for `size` entries (half as much again where it must grow)."""
    if size <= array.size:
        return array
    larger = np.empty(max(size, array.size * 3 // 2), array.dtype)
    larger[: array.size] = array
    return larger
