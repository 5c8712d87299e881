"""Compiled expansion of a frontier and insertion of what it yields (see `frontier`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sortopt.base import Block, Line, Table, compiled
from sortopt.search.bounds import Costs, Elements, Orbits, has_choice
from sortopt.search.space import (
    DEAD,
    Ids,
    Numbers,
    SymmetryTables,
    canonical,
    row_hash,
    sort_unique,
)

WITNESSES = 64
"""How many of a state's tight, and of its nearly tight, triples are tried on its instructions."""


class Model(NamedTuple):
    """All tables the expansion reads.

    `step` and `relaxed_step` are those of the universe searched and of the relaxed one, `project`
    leads from one to the other (DEAD for an assignment with ties, which the bound ignores).
    """

    step: Table[np.uint16]
    relaxed_step: Table[np.uint16]
    project: Ids
    orbit: Orbits
    to_rep: Elements
    image: Table[np.uint16]
    pair_cost: Costs
    triple_cost: Block[np.uint8]
    symmetry: SymmetryTables


class States(NamedTuple):
    """The arrays of one part: rows end to end in `pool`, row i from offset[i] to offset[i + 1]."""

    pool: Ids
    offset: Numbers
    hash: Line[np.uint64]
    parent: Numbers
    table: Line[np.int32]


class Buffer(NamedTuple):
    """Rows on their way from an expansion to the parts; `used[0]` counts them."""

    rows: Table[np.uint16]
    size: Line[np.uint16]
    hash: Line[np.uint64]
    parent: Numbers
    used: Numbers


@compiled()
def projected(row: Ids, size: int, model: Model, out: Ids) -> int:
    """Write the relaxed assignments of a state to `out`; return how many there are."""
    found = 0
    for i in range(size):
        b = model.project[row[i]]
        if b != DEAD and (found == 0 or out[found - 1] != b):
            out[found] = b
            found += 1
    return found


@compiled()
def _filter(a: int, b: int, c: int, budget: int, model: Model, alive: Numbers, left: int) -> int:
    """Keep the instructions of alive[:left] that take the triple to a cost of at most `budget`."""
    three = model.triple_cost.shape[0] > 0
    kept = 0
    for s in range(left):
        q = alive[s]
        x, y, z = model.relaxed_step[a, q], model.relaxed_step[b, q], model.relaxed_step[c, q]
        if x == DEAD or y == DEAD or z == DEAD:
            continue
        o, element = model.orbit[x], model.to_rep[x]
        moved = model.image[element, y]
        if three:
            cost = model.triple_cost[o, moved, model.image[element, z]]
        else:
            cost = model.pair_cost[o, moved]
        if cost <= budget:
            alive[kept] = q
            kept += 1
    return kept


@compiled()
def viable_instructions(ids: Ids, size: int, budget: int, model: Model, alive: Numbers) -> int:
    """Write the instructions whose child may cost at most `budget` to `alive`; return how many.

    `ids[:size]` are the state's relaxed assignments.  None is left when a pair or triple of them
    costs more than budget + 1: the state itself is over the limit.  An instruction is dropped
    when it takes a *tight* triple (cost budget + 1), or one just below, to one that costs more
    than `budget`.  Sound because that triple is part of the child, whose cost is at least its.
    """
    left = model.step.shape[1]
    for q in range(left):
        alive[q] = q
    three = model.triple_cost.shape[0] > 0
    near = np.empty((WITNESSES, 3), np.uint16)
    nears, tights = 0, 0
    moved = np.empty(size, np.uint16)
    for i in range(size):
        a = ids[i]
        o, element = model.orbit[a], model.to_rep[a]
        for j in range(i, size):
            moved[j] = model.image[element, ids[j]]
        for j in range(i, size):
            if three:
                line = model.triple_cost[o, moved[j]]
                stop = size if j > i else j + 1
                most = np.uint8(0)
                for k in range(j, stop):
                    most = max(most, line[moved[k]])
            else:
                line = model.pair_cost[o]
                stop = j + 1
                most = line[moved[j]]
            if most < budget:
                continue
            if most > budget + 1:
                return 0
            for k in range(j, stop):
                if line[moved[k]] == budget:
                    if nears < WITNESSES:
                        near[nears, 0], near[nears, 1], near[nears, 2] = a, ids[j], ids[k]
                        nears += 1
                elif line[moved[k]] > budget and tights < WITNESSES:
                    tights += 1
                    left = _filter(a, ids[j], ids[k], budget, model, alive, left)
                    if left == 0:
                        return 0
    for t in range(nears):
        left = _filter(near[t, 0], near[t, 1], near[t, 2], budget, model, alive, left)
    return left


@compiled()
def child_of(row: Ids, size: int, q: int, model: Model, out: Ids) -> int:
    """Write the state after instruction q to `out`; return its size, 0 where it is dead or same."""
    for i in range(size):
        out[i] = model.step[row[i], q]
        if out[i] == DEAD:
            return 0
    kept = sort_unique(out, size)
    if kept == size:
        for i in range(size):
            if out[i] != row[i]:
                return kept
        return 0
    return kept


@compiled()
def expand(states: States, lo: int, hi: int, budget: int, model: Model, out: Buffer) -> int:
    """Append the canonical children of states[lo:hi] with bound <= `budget` to the buffer `out`.

    Returns the number of the first state not expanded: `hi`, or less when the buffer is full.
    """
    instructions = model.step.shape[1]
    width = out.rows.shape[1]
    alive = np.empty(instructions, np.int64)
    child = np.empty(width, np.uint16)
    relaxed = np.empty(width, np.uint16)
    used = out.used[0]
    for s in range(lo, hi):
        if used + instructions > out.rows.shape[0]:
            out.used[0] = used
            return s
        row = states.pool[states.offset[s] : states.offset[s + 1]]
        size = row.size
        found = projected(row, size, model, relaxed)
        left = viable_instructions(relaxed, found, budget, model, alive)
        for i in range(left):
            kept = child_of(row, size, alive[i], model, child)
            if kept == 0:
                continue
            canonical(child, kept, model.symmetry, out.rows[used])
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
        begin = states.offset[count]
        states.pool[begin : begin + size] = out.rows[r, :size]
        states.offset[count + 1] = begin + size
        states.hash[count] = h
        states.parent[count] = out.parent[r] * parts + tag
        states.table[slot[0]] = count
        count += 1
    return count


@compiled()
def rehash(states: States, count: int) -> None:
    """Fill the empty table of `states` with its first `count` states."""
    mask = np.uint64(states.table.size - 1)
    for number in range(count):
        place = states.hash[number] >> np.uint64(8) & mask
        while states.table[place] >= 0:
            place = (place + np.uint64(1)) & mask
        states.table[place] = number


@compiled()
def first_goal(states: States, lo: int, hi: int, goal: Table[np.uint8]) -> int:
    """Return the first of states[lo:hi] whose outputs are all in place, or -1."""
    masks = np.empty(goal.shape[1], np.uint8)
    for s in range(lo, hi):
        masks[:] = 255
        for i in range(states.offset[s], states.offset[s + 1]):
            for j in range(masks.size):
                masks[j] &= goal[states.pool[i], j]
        if has_choice(masks):
            return s
    return -1
