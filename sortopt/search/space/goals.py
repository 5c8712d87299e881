"""Goals: states in which different cells, one an output, hold the outputs' keys throughout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sortopt.search.space._symmetry_kernels import Ids, Numbers
from sortopt.search.space.elements import doubled
from sortopt.search.space.universe import Universe

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


def serving(universe: Universe, state: Ids, masks: Sequence[int]) -> tuple[int, ...] | None:
    """Return the first choice of different cells that serve the outputs in `state`, or None.

    `masks` are the cells that serve each output in all of the state's assignments.
    """
    contents, patterns = universe.contents[state], universe.patterns[state]
    for cells in choices(masks):
        if not doubled(universe.problem, contents[:, cells], patterns).any():
            return cells
    return None


def goals_among(pool: Ids, offset: Numbers, universe: Universe) -> Iterator[int]:
    """Yield the numbers of the goals among the states pool[offset[s]:offset[s + 1]], none empty."""
    lo = 0
    while lo < len(offset) - 1:
        hi = max(lo + 1, int(np.searchsorted(offset, offset[lo] + _AT_ONCE, "right")) - 1)
        ids = pool[offset[lo] : offset[hi]]
        masks = np.bitwise_and.reduceat(universe.goal[ids], offset[lo:hi] - offset[lo], axis=0)
        for s in np.flatnonzero((masks != 0).all(axis=1)):
            state = pool[offset[lo + s] : offset[lo + s + 1]]
            if serving(universe, state, masks[s].tolist()) is not None:
                yield lo + int(s)
        lo = hi
