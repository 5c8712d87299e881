"""Programs that are nearly right, and walks that lower the number of failing inputs.

*Descent* takes the best of all edits while one lowers that number; *level walk* tries edits at
random and keeps what is no worse; *annealing* keeps, ever less often, what is worse as well.  They
begin at random programs, and see nothing but how many inputs fail.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sortopt.base import UNLIMITED, Budget
from sortopt.terrain import _edit_kernels, _walk_kernels
from sortopt.terrain._walk_kernels import Walk
from sortopt.terrain.graph import Programs
from sortopt.terrain.programs import Space, in_parts

WALKS = {
    "descent": Walk(0, 0.0, 0.0),
    "level walk": Walk(100_000, 0.0, 0.0),
    "annealing": Walk(100_000, 0.5, 0.1),
}
"""The walks by name; the temperatures are in failing inputs."""

MOST_EDITS = 5
"""The most edits that kernels are spoiled by."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How many of `runs` walks of one kind, among programs of `length`, ended at a kernel.

    `ends[f]` counts the walks that ended where f inputs fail.
    """

    length: int
    walk: str
    runs: int
    ends: tuple[int, ...]

    @property
    def kernels(self) -> int:
        """How many reached a kernel."""
        return self.ends[0]


@dataclass(frozen=True, slots=True)
class Failing:
    """By how many inputs programs fail: `counts[f]` programs fail on f of them.

    `edits` is their distance from the nearest kernel of their length; from three on, only of one
    kernel, the nearest being at least three edits away.  None stands for random programs.
    """

    edits: int | None
    counts: tuple[int, ...]

    @property
    def programs(self) -> int:
        """How many programs there are."""
        return sum(self.counts)

    @property
    def mean(self) -> float:
        """The mean number of failing inputs."""
        return sum(f * count for f, count in enumerate(self.counts)) / max(self.programs, 1)


def reached(
    space: Space, length: int, walk: str, runs: int, seed: int, budget: Budget = UNLIMITED
) -> Reached:
    """Walk from `runs` random programs; the outcome does not depend on the number of threads."""
    ends = np.empty(runs, np.int64)

    def part(lo: int, hi: int) -> None:
        room = space.room(length)
        _walk_kernels.runs(length, space.tables, WALKS[walk], np.uint64(seed), lo, hi, room, ends)

    in_parts(part, runs, budget, f"walks ({walk}), {length} instructions", 8)
    return Reached(length, walk, runs, _counts(space, ends))


def failing(
    space: Space, right: Programs, runs: int, seed: int, budget: Budget = UNLIMITED
) -> tuple[Failing, ...]:
    """Return by how many inputs programs fail that are 1, 2 … edits from a kernel, and random ones.

    At one edit all edits of all of `right` are counted that are wrong; at more, of `runs` programs
    spoiled by so many random edits those are counted whose distance is theirs.
    """
    size, tables = right.shape[1], space.tables

    def near(lo: int, hi: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return _edit_kernels.count_failing(right, lo, hi, tables, space.room(size))

    counts = sum(in_parts(near, len(right), budget, "single edits", 64))
    found = [Failing(1, (0, *(int(c) for c in counts[1:])))]
    chosen = np.random.Generator(np.random.PCG64(seed))
    for edits in range(2, MOST_EDITS + 1):
        programs = right[chosen.integers(0, len(right), runs)]
        strayed = _strayed(space, programs, edits, seed, budget)
        kept = strayed[strayed[:, 0] == min(edits, 3), 1]
        found.append(Failing(edits, _counts(space, kept)))
    programs = chosen.integers(0, tables.listed, (runs, size)).astype(np.uint16)
    return *found, Failing(None, _counts(space, _strayed(space, programs, 0, seed, budget)[:, 1]))


def _strayed(
    space: Space, programs: Programs, edits: int, seed: int, budget: Budget
) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return the distance from a kernel and the failing inputs of programs edited at random."""
    found = np.empty((len(programs), 2), np.int64)
    size = programs.shape[1]

    def part(lo: int, hi: int) -> None:
        first = np.uint64(seed + (edits << 40) + lo)
        _walk_kernels.stray(
            programs[lo:hi], space.tables, edits, first, space.room(size), found[lo:hi]
        )

    in_parts(part, len(programs), budget, f"programs {edits} edits from a kernel", 16)
    return found


def _counts(space: Space, failing: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[int, ...]:
    counts = np.bincount(failing, minlength=len(space.tables.start) + 1)
    return tuple(int(count) for count in counts)
