"""The states of a search, in parts that grow: rows of assignments end to end, found by hash."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sortopt.search.exhaustive import _expand_kernels as kernels
from sortopt.search.exhaustive._expand_kernels import States

Scalar = TypeVar("Scalar", bound=np.generic)


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

    def row(self, number: int) -> npt.NDArray[np.uint16]:
        """Return the state with this number."""
        s = self.states
        return s.pool[s.offset[number] : s.offset[number + 1]]

    def keep(self, chosen: npt.NDArray[np.bool_]) -> None:
        """Keep only the `chosen` states of the newest level."""
        s, first = self.states, self.levels[-1]
        numbers = first + np.flatnonzero(chosen)
        sizes = np.diff(s.offset[first : self.count + 1])
        begin = s.offset[first]
        ids = np.repeat(chosen, sizes)
        kept = s.pool[begin : begin + len(ids)][ids]
        s.pool[begin : begin + len(kept)] = kept
        self.count = first + len(numbers)
        s.offset[first + 1 : self.count + 1] = begin + np.cumsum(sizes[chosen])
        s.hash[first : self.count] = s.hash[numbers]
        s.parent[first : self.count] = s.parent[numbers]
        s.table[:] = -1
        kernels.rehash(s, self.count)

    @property
    def nbytes(self) -> int:
        """The memory its arrays take."""
        return sum(array.nbytes for array in self.states)


def _grown(array: npt.NDArray[Scalar], size: int) -> npt.NDArray[Scalar]:
    """Return `array` with room for `size` entries (half as much again where it must grow)."""
    if size <= array.size:
        return array
    larger = np.empty(max(size, array.size * 3 // 2), array.dtype)
    larger[: array.size] = array
    return larger
