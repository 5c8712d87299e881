"""Compiled listing of the instructions along shortest kernels (njit only; see `optima_front`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from sortopt.base import compiled
from sortopt.search.exhaustive import child_of, find
from sortopt.search.space import canonical, row_hash


@compiled()
def edges(parts: Any, numbers: Any, part: int, model: Any, after: Any, out: Any) -> int:
    """List the instructions from states `numbers` of `part` that stay on a shortest kernel.

    `after` has, per part, the place of each state among those kept of the next level (-1: not
    kept; `after.first[p]` is the number of the level's first state).  Each row of `out` becomes
    (index into `numbers`, instruction, place of the child, element that maps the child to its
    canonical form); `out` must have room for every instruction of every state.  Returns the rows.
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
