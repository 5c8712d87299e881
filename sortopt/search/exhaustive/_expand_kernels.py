"""Compiled expansion of a frontier and insertion of what it yields (see `frontier`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sortopt.base import Line, Table, compiled
from sortopt.search.bounds import Limits, Work, child_within
from sortopt.search.space import (
    DEAD,
    Answers,
    Ids,
    Numbers,
    SymmetryTables,
    add_answers,
    canonical,
    row_hash,
    sort_unique,
)


class Model(NamedTuple):
    """The tables of the universe searched; `project` leads to the relaxed one (`bounds.Limits`).

    `alive[id]` and `changed[id]` are the instructions, as bits, that leave assignment `id` alive,
    and those that change it.
    """

    step: Table[np.uint16]
    alive: Table[np.uint64]
    changed: Table[np.uint64]
    answers: Answers
    project: Ids
    symmetry: SymmetryTables


class States(NamedTuple):
    """The arrays of one part: rows end to end in `pool`, row i from offset[i] to offset[i + 1]."""

    pool: Ids
    offset: Numbers
    hash: Line[np.uint64]
    parent: Numbers
    table: Line[np.int32]


class Level(NamedTuple):
    """Some states of one part on one level, their assignments end to end in `pool`."""

    size: Line[np.uint16]
    hash: Line[np.uint64]
    parent: Numbers
    pool: Ids


class Buffer(NamedTuple):
    """Rows on their way from an expansion to the parts; `used[0]` counts them."""

    rows: Table[np.uint16]
    size: Line[np.uint16]
    hash: Line[np.uint64]
    parent: Numbers
    used: Numbers


@compiled()
def child_of(row: Ids, size: int, q: int, model: Model, out: Ids) -> int:
    """Write the state after instruction q to `out`; return its size, 0 where it is dead or same."""
    for i in range(size):
        out[i] = model.step[row[i], q]
        if out[i] == DEAD:
            return 0
    kept = sort_unique(out, add_answers(row, size, q, model.answers, out))
    if kept == size:
        for i in range(size):
            if out[i] != row[i]:
                return kept
        return 0
    return kept


@compiled()
def useful(row: Ids, model: Model, out: Numbers) -> int:
    """Write to `out` the instructions that leave the state `row` alive and change something.

    Returns their number.  Free answers change nothing where no table does (see `child_within`).
    """
    found = 0
    for word in range(model.alive.shape[1]):
        alive, changed = ~np.uint64(0), np.uint64(0)
        for a in row:
            alive &= model.alive[a, word]
            changed |= model.changed[a, word]
        left, q = alive & changed, 64 * word
        while left != 0:
            if left & np.uint64(1) != 0:
                out[found] = q
                found += 1
            left >>= np.uint64(1)
            q += 1
    return found


@compiled()
def expand(
    states: States, lo: int, hi: int, model: Model, limits: Limits, work: Work, out: Buffer
) -> int:
    """Append the canonical children of states[lo:hi] that are within `limits` to the buffer `out`.

    Returns the number of the first state not expanded: `hi`, or less when the buffer is full.
    """
    instructions = np.empty(model.step.shape[1], np.int64)
    used = out.used[0]
    for s in range(lo, hi):
        if used + instructions.size > out.rows.shape[0]:
            out.used[0] = used
            return s
        row = states.pool[states.offset[s] : states.offset[s + 1]]
        work.counts[0] = 0
        for q in instructions[: useful(row, model, instructions)]:
            kept = child_within(row, q, model.step, model.answers, limits, work)
            if kept == 0:
                continue
            canonical(work.child, kept, model.symmetry, out.rows[used])
            out.size[used] = kept
            out.hash[used] = row_hash(out.rows[used], kept)
            out.parent[used] = s
            used += 1
    out.used[0] = used
    return hi


@compiled()
def find(states: States, row: Ids, size: int, h: np.uint64, slot: Numbers) -> int:
    """Return the number of the state row[:size], or -1; `slot[0]` is where it is or belongs.

    Exact: whole rows are compared, the hash only says where to look.
    """
    mask = np.uint64(states.table.size - 1)
    place = np.uint64(h) >> np.uint64(8) & mask
    while True:
        number = states.table[place]
        if number < 0:
            slot[0] = place
            return -1
        begin = states.offset[number]
        if states.hash[number] == h and states.offset[number + 1] - begin == size:
            same = True
            for i in range(size):
                if states.pool[begin + i] != row[i]:
                    same = False
                    break
            if same:
                return number
        place = (place + np.uint64(1)) & mask


@compiled()
def insert(states: States, count: int, parts: int, part: int, out: Buffer, tag: int) -> int:
    """Add the rows of the buffer `out` that belong to `part` and are new; return the new count.

    `states` must have room for all of them.  A state's parent is `out.parent * parts + tag`.
    """
    slot = np.zeros(1, np.int64)
    for r in range(out.used[0]):
        h = out.hash[r]
        if h % np.uint64(parts) != np.uint64(part):
            continue
        size = out.size[r]
        if find(states, out.rows[r], size, h, slot) >= 0:
            continue
        _add(states, count, out.rows[r], size, h, slot[0])
        states.parent[count] = out.parent[r] * parts + tag
        count += 1
    return count


@compiled()
def _add(states: States, count: int, row: Ids, size: int, h: np.uint64, slot: int) -> None:
    """Write the state row[:size] behind the first `count`, all but its parent."""
    begin = states.offset[count]
    for i in range(size):
        states.pool[begin + i] = row[i]
    states.offset[count + 1] = begin + size
    states.hash[count] = h
    states.table[slot] = count


@compiled()
def merge(states: States, count: int, given: Level, fresh: Line[np.bool_]) -> int:
    """Add what is new of `given`; return the new count.  `fresh` says of each whether it was new.

    `states` must have room for all of them.
    """
    slot = np.zeros(1, np.int64)
    begin = 0
    for r in range(given.size.size):
        size, h = given.size[r], given.hash[r]
        row = given.pool[begin : begin + size]
        begin += size
        fresh[r] = find(states, row, size, h, slot) < 0
        if fresh[r]:
            _add(states, count, row, size, h, slot[0])
            states.parent[count] = given.parent[r]
            count += 1
    return count


@compiled()
def strike(states: States, given: Level, alive: Line[np.bool_]) -> None:
    """Set alive[s] to false for each of the states s that `given` holds as well."""
    slot = np.zeros(1, np.int64)
    begin = 0
    for r in range(given.size.size):
        size = given.size[r]
        s = find(states, given.pool[begin : begin + size], size, given.hash[r], slot)
        begin += size
        if s >= 0:
            alive[s] = False


@compiled()
def rehash(states: States, count: int) -> None:
    """Fill the empty table of `states` with its first `count` states."""
    mask = np.uint64(states.table.size - 1)
    for number in range(count):
        place = states.hash[number] >> np.uint64(8) & mask
        while states.table[place] >= 0:
            place = (place + np.uint64(1)) & mask
        states.table[place] = number
