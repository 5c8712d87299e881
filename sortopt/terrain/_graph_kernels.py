"""Compiled edges of the graph of canonical states (see `graph`)."""

from __future__ import annotations

import numpy as np

from sortopt.base import Table, compiled
from sortopt.search.bounds import Limits, Work, child_within
from sortopt.search.exhaustive import Model, States, find
from sortopt.search.space import Ids, Numbers, canonical, row_hash


@compiled()
def children(
    parts: tuple[States, ...],
    part: int,
    level: tuple[int, int],
    model: Model,
    limits: Limits,
    work: Work,
    first: Numbers,
    out: Table[np.int32],
) -> None:
    """Write the child of each state of a level by each instruction to `out`, as far as it is kept.

    States count from first[p] on in part p.  A child is its number times the order of the group,
    plus the number of the element that maps it to its canonical form.
    """
    states, elements = parts[part], model.symmetry.image.shape[0]
    form = np.empty(work.child.size, np.uint16)
    slot = np.zeros(1, np.int64)
    for s in range(level[0], level[1]):
        row = states.pool[states.offset[s] : states.offset[s + 1]]
        work.counts[0] = 0
        for q in range(model.step.shape[1]):
            kept = child_within(row, q, model.step, model.answers, limits, work)
            if kept:
                element = canonical(work.child, kept, model.symmetry, form)
                h = row_hash(form, kept)
                p = h % np.uint64(len(parts))
                number = find(parts[p], form, kept, h, slot)
                if number >= 0:
                    out[first[part] + s, q] = (first[p] + number) * elements + element
            elif _stays(row, q, model.step):
                out[first[part] + s, q] = (first[part] + s) * elements


@compiled()
def _stays(row: Ids, q: int, step: Table[np.uint16]) -> bool:
    """Return whether instruction q leaves each assignment of a state as it is."""
    for assignment in row:  # noqa: SIM110
        if step[assignment, q] != assignment:
            return False
    return True
