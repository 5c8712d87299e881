"""Goals: states in which different cells, one an output, hold the outputs' keys throughout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sortopt.base import Table
from sortopt.search.space._symmetry_kernels import Ids, Numbers

_AT_ONCE = 1 << 20
"""How many assignments are looked at together."""


def choices(masks: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield every choice of different cells, one from each set of bits, in lexicographic order."""
    if not len(masks):
        yield ()
        return
    for cell in range(int(masks[0]).bit_length()):
        if masks[0] >> cell & 1:
            for rest in choices([mask & ~(1 << cell) for mask in masks[1:]]):
                yield (cell, *rest)


def goals_among(pool: Ids, offset: Numbers, goal: Table[np.uint8]) -> Iterator[int]:
    """Yield the numbers of the goals, of states pool[offset[s]:offset[s + 1]] that are not empty.

    `goal[a, j]` is the set of the cells of assignment a in which output j may lie, as bits.
    """
    lo = 0
    while lo < len(offset) - 1:
        hi = max(lo + 1, int(np.searchsorted(offset, offset[lo] + _AT_ONCE, "right")) - 1)
        ids = pool[offset[lo] : offset[hi]]
        masks = np.bitwise_and.reduceat(goal[ids], offset[lo:hi] - offset[lo], axis=0)
        for s in np.flatnonzero((masks != 0).all(axis=1)):
            if next(choices(masks[s].tolist()), None) is not None:
                yield lo + int(s)
        lo = hi
