"""States kept of one length, and which children of theirs differ by more than symmetry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sortopt.search.beams import _state_kernels as kernels
from sortopt.search.beams.assignments import Ints, Rows

Scores = npt.NDArray[np.float32]
Hashes = npt.NDArray[np.uint64]


@dataclass(slots=True)
class Shelf:
    """The states kept of one length: rows, spans (see `_state_kernels`), where each came from."""

    rows: Rows
    spans: Ints
    origin: Ints


@dataclass(frozen=True, slots=True)
class Children:
    """What makes children of states: programs over rows of a `shape` (n, number of cells).

    `tops` is that of the rows' tie patterns.
    """

    shape: Ints
    programs: Ints
    tops: Ints

    def hashes(self, parents: Shelf, chosen: Ints) -> tuple[Hashes, Ints]:
        """Return the invariant hash and the number of rows of each child.

        `chosen` has one line a child: state, program and perhaps more.
        """
        hashes, counts = np.empty(len(chosen), np.uint64), np.empty(len(chosen), np.int64)
        chosen = np.ascontiguousarray(chosen[:, :2])
        with np.errstate(over="ignore"):
            kernels.hash_children(
                parents.rows, parents.spans, self.programs, self.tops, self.shape,
                chosen, hashes, counts,
            )  # fmt: skip
        return hashes, counts

    def fill(self, parents: Shelf, chosen: Ints, spans: Ints, rows: Rows) -> None:
        """Write the rows of each child where `spans` says."""
        chosen, spans = np.ascontiguousarray(chosen), np.ascontiguousarray(spans)
        with np.errstate(over="ignore"):
            kernels.fill_children(parents.rows, parents.spans, self.programs, chosen, spans, rows)


def best_different(
    ranked: Ints,
    at_once: int,
    hashed: Callable[[Ints], tuple[Hashes, Ints]],
    room: Callable[[Ints], int],
) -> tuple[Ints, Ints, bool]:
    """Choose children, best first, so many that fill the room and differ by more than symmetry.

    `hashed` gives hashes and numbers of rows of some lines of `ranked`, `room` how many states of
    such numbers are kept.  Returns the lines chosen, their numbers of rows, and whether any others
    were left.
    """
    kept, known, counts = ranked[:0], np.empty(0, np.uint64), np.empty(0, np.int64)
    for first in range(0, len(ranked), at_once):
        part = ranked[first : first + at_once]
        hashes, rows = hashed(part)
        known = np.concatenate([known, hashes])
        _, firsts = np.unique(known, return_index=True)
        firsts.sort()
        known = known[firsts]
        kept = np.concatenate([kept, part])[firsts]
        counts = np.concatenate([counts, rows])[firsts]
        if len(kept) >= (most := room(counts)):
            return kept[:most], counts[:most], len(kept) > most or first + at_once < len(ranked)
    return kept, counts, False
