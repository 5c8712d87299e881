"""Compiled passes over a layered graph of canonical states (see `counting`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sortopt.base import Line, Table, compiled
from sortopt.search.exhaustive import (
    Buffer,
    Model,
    States,
    child_of,
    find,
    first_goal,
    projected,
    viable_instructions,
)
from sortopt.search.space import (
    DEAD,
    Ids,
    Numbers,
    SymmetryTables,
    canonical,
    row_hash,
    sort_unique,
)


class Ways(NamedTuple):
    """The state of the backward pass.

    `low[p][s]`, `high[p][s]` are the halves of the number of paths to a goal from state s of part
    p; the next level is first[p] … last[p] of part p.  `part` is counted, `width` the longest row.
    """

    low: tuple[Line[np.uint64], ...]
    high: tuple[Line[np.uint64], ...]
    first: Numbers
    last: Numbers
    part: int
    width: int


@compiled()
def count_paths(
    parts: tuple[States, ...], lo: int, hi: int, budget: int, model: Model, ways: Ways
) -> None:
    """Count the paths to a goal from states lo..hi of part `ways.part`, given the next level's.

    States of other levels hold 0 while a level is counted.
    """
    states = parts[ways.part]
    width = ways.width
    alive = np.empty(model.step.shape[1], np.int64)
    relaxed = np.empty(width, np.uint16)
    child = np.empty(width, np.uint16)
    form = np.empty(width, np.uint16)
    slot = np.zeros(1, np.int64)
    for s in range(lo, hi):
        row = states.pool[states.offset[s] : states.offset[s + 1]]
        size = row.size
        found = projected(row, size, model, relaxed)
        left = viable_instructions(relaxed, found, budget, model, alive)
        low, high = np.uint64(0), np.uint64(0)
        for i in range(left):
            kept = child_of(row, size, alive[i], model, child)
            if kept == 0:
                continue
            canonical(child, kept, model.symmetry, form)
            h = row_hash(form, kept)
            p = h % np.uint64(len(parts))
            number = find(parts[p], form, kept, h, slot)
            if number < ways.first[p] or number >= ways.last[p]:
                continue
            low += ways.low[p][number]
            if low < ways.low[p][number]:
                high += np.uint64(1)
            high += ways.high[p][number]
        ways.low[ways.part][s] = low
        ways.high[ways.part][s] = high


@compiled()
def admit(
    out: Buffer,
    project: Ids,
    symmetry: SymmetryTables,
    parts: tuple[States, ...],
    marks: tuple[Line[np.uint8], ...],
    depth: int,
) -> None:
    """Drop from the buffer `out` the rows whose projection is no marked state at `depth`.

    `marks[p][s]` is one more than the depth of state s of part p where it is marked, else 0.
    """
    width = out.rows.shape[1]
    ids = np.empty(width, np.uint16)
    form = np.empty(width, np.uint16)
    slot = np.zeros(1, np.int64)
    kept = 0
    for r in range(out.used[0]):
        found = 0
        for i in range(out.size[r]):
            b = project[out.rows[r, i]]
            if b != DEAD:
                ids[found] = b
                found += 1
        found = sort_unique(ids, found)
        canonical(ids, found, symmetry, form)
        h = row_hash(form, found)
        p = h % np.uint64(len(parts))
        number = find(parts[p], form, found, h, slot)
        if number < 0 or marks[p][number] != depth + 1:
            continue
        out.rows[kept] = out.rows[r]
        out.size[kept] = out.size[r]
        out.hash[kept] = out.hash[r]
        out.parent[kept] = out.parent[r]
        kept += 1
    out.used[0] = kept


@compiled()
def goals(states: States, lo: int, hi: int, goal: Table[np.uint8], out: Line[np.uint64]) -> None:
    """Set out[s] to 1 for each goal among states lo..hi; goals are those `first_goal` finds."""
    from_state = lo
    while from_state < hi:
        found = first_goal(states, from_state, hi, goal)
        if found < 0:
            return
        out[found] = np.uint64(1)
        from_state = found + 1
