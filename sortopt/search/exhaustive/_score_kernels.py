"""Compiled scores of states for beams (see `Search.keep_best`)."""

from __future__ import annotations

import numpy as np

from sortopt.base import Line, Table, compiled
from sortopt.search.exhaustive._expand_kernels import States
from sortopt.search.space import sort_ids


@compiled()
def spread(
    states: States,
    lo: int,
    hi: int,
    without: Table[np.int64],
    ties: float,
    out: Line[np.float64],
) -> None:
    """Set out[s - lo] to the score of each of states lo..hi: how far it is from being sorted.

    `without[id, cell]` is twice the number of what the cells but one hold, plus 1 where keys tie.
    Score: log2 of the distinct such numbers without ties when the least useful cell is left out,
    plus `ties` times the same over all.
    """
    cells = without.shape[1]
    distinct = np.empty(1 << 12, np.int64)
    for s in range(lo, hi):
        row = states.pool[states.offset[s] : states.offset[s + 1]]
        best = 1e9
        for c in range(cells):
            for i in range(row.size):
                distinct[i] = without[row[i], c]
            sort_ids(distinct, row.size)
            kinds, untied = 0, 0
            for i in range(row.size):
                if i == 0 or distinct[i] != distinct[i - 1]:
                    kinds += 1
                    untied += 1 - (distinct[i] & 1)
            best = min(best, np.log2(max(untied, 1)) + ties * np.log2(max(kinds, 1)))
        out[s - lo] = best
