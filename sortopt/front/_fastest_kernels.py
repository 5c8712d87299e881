"""Compiled listing of the instructions along shortest kernels (njit only; see `fastest`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sortopt.base import Line, Table, compiled
from sortopt.search.exhaustive import Model, States, child_of, find
from sortopt.search.space import canonical, row_hash


class After(NamedTuple):
    """Which states of the next level are kept.

    For each part `places` has the place of each state among those kept (-1: not kept), `first` the
    number of the level's first state.  `width` is the most assignments of a state.
    """

    first: Line[np.int64]
    places: tuple[Line[np.int64], ...]
    width: int


@compiled()
def edges(
    parts: tuple[States, ...],
    numbers: Line[np.int64],
    part: int,
    model: Model,
    after: After,
    out: Table[np.int64],
) -> int:
    """List the instructions from states `numbers` of `part` that stay on a shortest kernel.

    Each row of `out` becomes (index into `numbers`, instruction, place of the child, element that
    maps the child to its canonical form); `out` must have room for every instruction of every
    state.  Returns the rows.
    """
    states = parts[part]
    width = after.width
    child = np.empty(width, np.uint16)
    form = np.empty(width, np.uint16)
    slot = np.zeros(1, np.int64)
    used = 0
    for i in range(numbers.size):
        row = states.pool[states.offset[numbers[i]] : states.offset[numbers[i] + 1]]
        for q in range(model.step.shape[1]):
            size = child_of(row, row.size, q, model, child)
            if size == 0:
                continue
            element = canonical(child, size, model.symmetry, form)
            h = row_hash(form, size)
            p = h % np.uint64(len(parts))
            place = find(parts[p], form, size, h, slot) - after.first[p]
            if place < 0 or place >= after.places[p].size or after.places[p][place] < 0:
                continue
            out[used, 0], out[used, 1] = i, q
            out[used, 2], out[used, 3] = after.places[p][place], element
            used += 1
    return used
