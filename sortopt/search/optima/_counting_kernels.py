"""Compiled passes over a layered graph of canonical states (see `counting`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sortopt.base import Line, compiled
from sortopt.search.bounds import Limits, Work, child_within
from sortopt.search.exhaustive import Buffer, Model, States, find, useful
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
    p; the next level is first[p] … last[p] of part p.  `part` is counted.
    """

    low: tuple[Line[np.uint64], ...]
    high: tuple[Line[np.uint64], ...]
    first: Numbers
    last: Numbers
    part: int


@compiled()
def count_paths(
    parts: tuple[States, ...],
    lo: int,
    hi: int,
    model: Model,
    limits: Limits,
    work: Work,
    ways: Ways,
) -> None:
    """Count the paths to a goal from states lo..hi of part `ways.part`, given the next level's.

    States of other levels hold 0 while a level is counted.
    """
    states = parts[ways.part]
    form = np.empty(work.child.size, np.uint16)
    slot = np.zeros(1, np.int64)
    instructions = np.empty(model.step.shape[1], np.int64)
    for s in range(lo, hi):
        row = states.pool[states.offset[s] : states.offset[s + 1]]
        work.counts[0] = 0
        low, high = np.uint64(0), np.uint64(0)
        for q in instructions[: useful(row, model, instructions)]:
            kept = child_within(row, q, model.step, model.answers, limits, work)
            if kept == 0:
                continue
            canonical(work.child, kept, model.symmetry, form)
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
