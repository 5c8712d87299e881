"""States on disk: the levels of a search that memory has no room for.

A part on disk has one file of its levels, in chunks, and one of the *candidates* for the newest
level, as they come out of the buffers.  When all have come, they are looked up among themselves and
in all levels before: the candidates in as many turns, by hash, as memory asks for, and in each turn
all levels pass by once, a chunk at a time.  The states, their sequence and their parents are those
of a part in memory.

Sound because a candidate is dropped only if an equal one came before it, or an equal state stands
on a level before; whole rows are compared.  (Delayed detection of duplicates: Korf 2004.)

The files have no names, so that nobody else reads or changes them, and the system takes them back
when the search ends, however it ends.  What is read is held against its checksum all the same.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from sortopt.base import InputError, LimitReached
from sortopt.search.exhaustive import _expand_kernels as kernels
from sortopt.search.exhaustive._expand_kernels import Buffer, Level, States
from sortopt.search.exhaustive.parts import CHUNK, PARTS, Part, chosen, spans

_STATE = 24
"""The bytes a candidate takes while it is looked up, besides those that it takes on disk."""

_LEAST_ROOM = 1 << 20
"""The memory for a turn, in bytes, where next to none is left."""


class _Block(NamedTuple):
    """A chunk in a file: the number of its first state, its place, its size and its checksum."""

    first: int
    at: int
    states: int
    ids: int
    checksum: int


class _File:
    """States on disk, in blocks of `CHUNK`, but for the last before each `flush`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blocks: list[_Block] = []
        self._waiting: list[Level] = []
        with _on_disk(folder), tempfile.TemporaryFile(dir=folder) as file:
            self._number = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._number)

    @property
    def count(self) -> int:
        """The number of states written."""
        return self.blocks[-1].first + self.blocks[-1].states if self.blocks else 0

    @property
    def end(self) -> int:
        """The bytes written."""
        return self.blocks[-1].at + _nbytes(*self.blocks[-1][2:4]) if self.blocks else 0

    def add(self, level: Level) -> None:
        """Write states behind the others, as far as they fill blocks."""
        self._waiting.append(level)
        if sum(len(waiting.size) for waiting in self._waiting) >= CHUNK:
            self._write_blocks(least=CHUNK)

    def flush(self) -> None:
        """Write the states that still wait for others."""
        if self._waiting:
            self._write_blocks(least=1)

    def _write_blocks(self, least: int) -> None:
        level = Level(*map(np.concatenate, zip(*self._waiting, strict=True)))
        ends = np.concatenate(([0], np.cumsum(level.size, dtype=np.int64)))
        self._waiting = []
        for lo, hi in spans(range(len(level.size))):
            of, ids = slice(lo, hi), slice(ends[lo], ends[hi])
            block = Level(level.size[of], level.hash[of], level.parent[of], level.pool[ids])
            if hi - lo < least:
                self._waiting = [block]
            else:
                self._write(block)

    def _write(self, block: Level) -> None:
        data = b"".join(array.tobytes() for array in block)
        self.blocks.append(
            _Block(self.count, self.end, len(block.size), len(block.pool), crc32(data))
        )
        at, left = self.blocks[-1].at, memoryview(data)
        with _on_disk(self.folder):
            while left:
                written = os.pwrite(self._number, left, at)
                at, left = at + written, left[written:]

    def block_of(self, number: int) -> _Block:
        """Return the block in which the state with this number stands."""
        return self.blocks[bisect_right(self.blocks, number, key=lambda block: block.first) - 1]

    def read(self, block: _Block) -> Level:
        """Return what stands in a block; raises InputError where it is not what was written."""
        level = _empty(block.states, block.ids)
        with _on_disk(self.folder):
            got = os.preadv(self._number, [array.data for array in level], block.at)
        checksum = 0
        for array in level:
            checksum = crc32(array.data, checksum)
        if got != _nbytes(block.states, block.ids) or checksum != block.checksum:
            raise InputError(
                f"what was written to {self.folder} reads differently now: the disk is damaged",
                hint="name a folder on another disk: --spill DIR",
            )
        return level

    def __iter__(self) -> Iterator[Level]:
        return map(self.read, self.blocks)

    def cut(self, count: int) -> None:
        """Forget all states but the first `count`, with which a block must end."""
        self._waiting = []
        while self.count > count:
            self.blocks.pop()
        with _on_disk(self.folder):
            os.truncate(self._number, self.end)


class SpilledPart(Part):
    """One part of the states, on disk; `states` holds none."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Part.empty().states)
        self._kept, self._new = _File(folder), _File(folder)

    @classmethod
    def of(cls, part: Part, folder: Path) -> SpilledPart:
        """Return the same part on disk; states of a level under way become candidates."""
        spilled = cls(folder)
        for depth in range(len(part.levels) - 1):
            spilled.begin()
            for block in part.blocks(depth):
                spilled.append(block)
            spilled.reindex()
        spilled.begin()
        for block in part.blocks(len(part.levels) - 1):
            spilled._new.add(block)
        spilled._new.flush()
        return spilled

    def take(self, filled: Sequence[tuple[int, Buffer]], part: int, rows: int, ids: int) -> None:
        """Keep the rows of this `part` as candidates."""
        for tag, buffer in filled:
            used = int(buffer.used[0])
            mine = np.flatnonzero(buffer.hash[:used] % np.uint64(PARTS) == part)
            size, table = buffer.size[mine], buffer.rows[mine]
            pool = table[np.arange(table.shape[1]) < size[:, None]]
            self._new.add(Level(size, buffer.hash[mine], buffer.parent[mine] * PARTS + tag, pool))

    def growth(self, rows: int, ids: int) -> int:
        """Return 0: no memory is taken to keep more."""
        return 0

    def add(self, level: Level) -> None:
        """Keep states as candidates."""
        self._new.add(level)

    def append(self, level: Level) -> None:
        """Add states that are new."""
        self._kept.add(level)
        self.count += len(level.size)

    def reindex(self) -> None:
        """Write what still waits."""
        self._kept.flush()

    def settle(self, room: int | None, check: Callable[[], None]) -> None:
        """Keep of the candidates what is new."""
        self._new.flush()
        self._adopt(self._fresh(room, check))

    def keep(self, mask: npt.NDArray[np.bool_]) -> None:
        """Keep only the states of the newest level that `mask` is true of."""
        for block in self.blocks(len(self.levels) - 1):
            self._new.add(block)
        self._new.flush()
        self.count = self.levels[-1]
        self._kept.cut(self.count)
        self._adopt(mask)

    def drop(self) -> None:
        """Forget the newest level and all candidates."""
        self.count = self.levels.pop()
        self._kept.cut(self.count)
        self._new.cut(0)

    def chunk(self, number: int) -> tuple[States, int]:
        """Return the chunk of this state, and the number of its first."""
        block = self._kept.block_of(number)
        level = self._kept.read(block)
        offset = np.zeros(block.states + 1, np.int64)
        np.cumsum(level.size, out=offset[1:])
        return States(level.pool, offset, level.hash, level.parent, _NO_TABLE), block.first

    @property
    def candidates(self) -> int:
        """How many states wait to be settled, as far as they are written."""
        return self._new.count

    @property
    def nbytes(self) -> int:
        """The bytes that its states take on disk, candidates too."""
        return self._kept.end + self._new.end

    def _adopt(self, fresh: npt.NDArray[np.bool_]) -> None:
        """Move the candidates that `fresh` is true of to the newest level; forget the others."""
        at = 0
        for block in self._new:
            self.append(chosen(block, fresh[at : at + len(block.size)]))
            at += len(block.size)
        self._kept.flush()
        self._new.cut(0)

    def _fresh(self, room: int | None, check: Callable[[], None]) -> npt.NDArray[np.bool_]:
        """Return of each candidate whether it is new and the first of its kind."""
        fresh = np.zeros(self._new.count, np.bool_)
        needed = 2 * (self._new.end + _STATE * self._new.count)
        turns = 1 if room is None else 1 + needed // max(room, _LEAST_ROOM)
        for turn in range(turns):
            new, numbers, at = Part.empty(), [np.empty(0, np.int64)], 0
            for block in self._new:
                check()
                mine = (block.hash >> _TURN_BITS) % np.uint64(turns) == turn
                merged = new.merge(chosen(block, mine))
                numbers.append(at + np.flatnonzero(mine)[merged])
                at += len(block.size)
            alive = np.ones(new.count, np.bool_)
            for block in self._kept:
                check()
                kernels.strike(new.states, block, alive)
            fresh[np.concatenate(numbers)[alive]] = True
        return fresh


_TURN_BITS = np.uint64(48)
"""Turns go by the highest bits of a hash, which no table of candidates uses for places."""

_NO_TABLE = np.empty(0, np.int32)


def _nbytes(states: int, ids: int) -> int:
    return 18 * states + 2 * ids


def _empty(states: int, ids: int) -> Level:
    return Level(
        np.empty(states, np.uint16),
        np.empty(states, np.uint64),
        np.empty(states, np.int64),
        np.empty(ids, np.uint16),
    )


@contextmanager
def _on_disk(folder: Path) -> Iterator[None]:
    """Say in words why what is done on disk failed, a full disk above all."""
    try:
        yield
    except OSError as error:
        raise LimitReached(
            f"cannot write to {folder}: {error.strerror}", hint="make room there, or --spill DIR"
        ) from None


def check_folder(folder: str) -> Path:
    """Return the path of a folder to spill to; raises InputError where nothing can be written."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Path(folder)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(
            f"cannot spill to {folder}: {reason}", hint="name a folder that can be written"
        ) from None
