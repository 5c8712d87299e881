"""Compiled loops of the certificate checker; the argument stands in `checker` and `bounds`.

A state is a run of assignments' numbers, each once.  What is called relaxed are numbers of the
relaxed model, which stand for assignments in the tables of costs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sortopt.base import compiled
from sortopt.certificate._cost_kernels import (
    BOTH,
    DEAD,
    MOVES,
    Bits,
    Costs,
    Numbers,
    Places,
    Sums,
    Symmetries,
    assignable,
    cost_of,
)

_REMEMBERED = 16

MOST_TRIED = 128
"""How many relaxed assignments of a state are tried in threes; there are 120 of five keys."""


class Tables(NamedTuple):
    """The model, its symmetries and its bounds (see `checker`)."""

    step: Numbers
    goal: Bits
    symmetries: Symmetries
    weight: Sums
    shadow: Numbers
    group: Places
    place: Places
    costs: Costs


class Listed(NamedTuple):
    """The listed states, end to end, each with its depth, and a hash table of their numbers."""

    pool: Numbers
    offset: Sums
    depth: Bits
    table: Places


@compiled()
def is_goal(row: Numbers, goal: Bits) -> bool:
    """Return whether one choice of output cells serves every assignment of a state."""
    masks = np.full(goal.shape[1], 255, np.uint8)
    for a in row:
        for j in range(masks.size):
            masks[j] &= goal[a, j]
    return assignable(masks)


@compiled()
def sort(row: Numbers, size: int) -> None:
    """Sort row[:size] in place, by insertion."""
    for i in range(1, size):
        value = row[i]
        j = i - 1
        while j >= 0 and row[j] > value:
            row[j + 1] = row[j]
            j -= 1
        row[j + 1] = value


# The bound of a state


@compiled()
def comparisons(row: Numbers, size: int, tables: Tables, seen: Bits, count: Places) -> int:
    """Return how many comparisons every kernel still needs to finish row[:size] (see `bounds`)."""
    most = 1
    for i in range(size):
        seen[tables.place[row[i]]] = 0
        count[tables.group[row[i]]] = 0
    for i in range(size):
        place, group = tables.place[row[i]], tables.group[row[i]]
        if seen[place] == 0:
            seen[place] = 1
            count[group] += 1
            most = max(most, count[group])
    needed = 0
    while 1 << needed < most:
        needed += 1
    return needed


@compiled()
def relax(row: Numbers, size: int, shadow: Numbers, out: Numbers) -> int:
    """Write relaxed assignments that stand for row[:size] to `out`, sorted; return how many.

    All of them, up to MOST_TRIED.
    """
    found = 0
    for i in range(size):
        if shadow[row[i]] != DEAD and found < MOST_TRIED:
            out[found] = shadow[row[i]]
            found += 1
    sort(out, found)
    return found


@compiled()
def costly(ids: Numbers, size: int, both: int, moves: int, costs: Costs, out: Numbers) -> bool:
    """Return whether three of the sorted ids[:size] cost more than `both`, or `moves` in moves.

    They are written to `out`.
    """
    moved = np.empty(size, np.uint16)
    for i in range(size):
        o = costs.symmetries.orbit[ids[i]]
        image = costs.symmetries.image[costs.symmetries.to_first[ids[i]]]
        for j in range(i, size):
            moved[j] = image[ids[j]]
        for j in range(i, size):
            all_costs, move_costs = costs.cost[BOTH, o, moved[j]], costs.cost[MOVES, o, moved[j]]
            for k in range(j, size):
                if all_costs[moved[k]] > both or move_costs[moved[k]] > moves:
                    out[0], out[1], out[2] = ids[i], ids[j], ids[k]
                    return True
    return False


# The list of states


@compiled()
def normalize(row: Numbers, size: int, tables: Tables, out: Numbers) -> None:
    """Write the normal form of row[:size] to out[:size], sorted: the same for all its images.

    Of the orbits that it has the fewest assignments of, the first is taken; of the images in which
    one of these is the first of its orbit, that with the least sum of weights.  Weights are drawn
    at random, so two images of equal sum are the same but for an accident; then a state may be
    missed, and none is ever taken for another, since its image is what is listed.
    """
    symmetries = tables.symmetries
    count = np.zeros(symmetries.first.size, np.int64)
    for i in range(size):
        count[symmetries.orbit[row[i]]] += 1
    rarest = -1
    for o in range(count.size):
        if count[o] > 0 and (rarest < 0 or count[o] < count[rarest]):
            rarest = o
    moved, least = np.empty(size, np.uint16), np.int64(-1)
    for i in range(size):
        if symmetries.orbit[row[i]] != rarest:
            continue
        to = symmetries.image[symmetries.to_first[row[i]]]
        for j in range(size):
            moved[j] = to[row[j]]
        for g in symmetries.fixing[rarest]:
            total = np.int64(0)
            for j in range(size):
                total += tables.weight[symmetries.image[g, moved[j]]]
            if least < 0 or total < least:
                least = total
                for j in range(size):
                    out[j] = symmetries.image[g, moved[j]]
    sort(out, size)


@compiled()
def place_of(row: Numbers, mask: int) -> int:
    """Return where to look for a row in a hash table of mask + 1 places."""
    h = 0
    for a in row:
        h = ((h ^ int(a)) * 1099511) & 0x7FFFFFFFFFFF
    return (h >> 16) & mask


@compiled()
def find(row: Numbers, listed: Listed) -> int:
    """Return the first state of the list that equals `row`, or -1 - place, where it belongs."""
    mask = listed.table.size - 1
    place = place_of(row, mask)
    while listed.table[place] >= 0:
        s = listed.table[place]
        begin, end = listed.offset[s], listed.offset[s + 1]
        if end - begin == row.size and np.all(listed.pool[begin:end] == row):
            return s
        place = (place + 1) & mask
    return -1 - place


@compiled()
def enter(numbers: Sums, listed: Listed) -> None:
    """Put these states, in normal form, into the hash table where not there yet."""
    for s in numbers:
        found = find(listed.pool[listed.offset[s] : listed.offset[s + 1]], listed)
        if found < 0:
            listed.table[-1 - found] = s


@compiled()
def normalize_all(numbers: Sums, listed: Listed, tables: Tables) -> None:
    """Put these states into normal form."""
    for s in numbers:
        row = listed.pool[listed.offset[s] : listed.offset[s + 1]]
        normalize(row.copy(), row.size, tables, row)


@compiled()
def after(row: Numbers, q: int, tables: Tables, seen: Bits, out: Numbers) -> int:
    """Write the state after instruction q to `out`; return its size, 0 where it is dead."""
    for a in row:
        x = tables.step[a, q]
        if x == DEAD:
            return 0
        seen[x] = 0
    found = 0
    for a in row:
        x = tables.step[a, q]
        if seen[x] == 0:
            seen[x] = 1
            out[found] = x
            found += 1
    return found


@compiled()
def first_gap(numbers: Sums, limit: int, listed: Listed, tables: Tables) -> int:
    """Return the first of these states that is a goal or has a child not accounted for, or -1.

    A child is accounted for where it is dead, where its bound exceeds the instructions left, and
    where a symmetry takes it to a state listed one deeper at most.
    """
    for s in numbers:
        row = listed.pool[listed.offset[s] : listed.offset[s + 1]]
        if is_goal(row, tables.goal):
            return s
        depth = int(listed.depth[s]) + 1
        if depth > limit:
            continue
        if children(row, depth, limit - depth, listed, tables)[1].size > 0:
            return s
    return -1


@compiled()
def children(
    row: Numbers, depth: int, left: int, listed: Listed, tables: Tables
) -> tuple[Numbers, Sums]:
    """Return the children of a state, at `depth`, that are not accounted for, in normal form.

    They are not dead, not listed at that depth at most, and their bound does not exceed `left`.
    They stand end to end in the first array, their sizes in the second.  Three assignments that
    made one child too costly are tried first on those that follow.
    """
    instructions, most = tables.step.shape[1], tables.goal.shape[0]
    seen, count = np.empty(most, np.uint8), np.empty(most, np.int32)
    pool, sizes = np.empty(instructions * row.size, np.uint16), np.empty(instructions, np.int64)
    child, ids, three = np.empty_like(row), np.empty_like(row), np.empty(3, np.uint16)
    tried = np.empty((_REMEMBERED, 3), np.uint16)
    known, end, made = 0, 0, 0
    for q in range(instructions):
        size = after(row, q, tables, seen, child)
        if size == 0:
            continue
        moves = left - comparisons(child, size, tables, seen, count)
        if moves < 0 or refuted(tried, min(known, _REMEMBERED), q, left, moves, tables):
            continue
        normalize(child, size, tables, pool[end:])
        found = find(pool[end : end + size], listed)
        if found >= 0 and listed.depth[found] <= depth:
            continue
        shadows = relax(child, size, tables.shadow, ids)
        if costly(ids, shadows, left, moves, tables.costs, three):
            for i in range(3):
                tried[known % _REMEMBERED, i] = origin(row, q, three[i], tables)
            known += 1
            continue
        sizes[made] = size
        end += size
        made += 1
    return pool[:end].copy(), sizes[:made]


@compiled()
def refuted(tried: Numbers, known: int, q: int, both: int, moves: int, tables: Tables) -> bool:
    """Return whether instruction q makes some three of tried[:known] cost too much."""
    for t in range(known):
        x = tables.shadow[tables.step[tried[t, 0], q]]
        y = tables.shadow[tables.step[tried[t, 1], q]]
        z = tables.shadow[tables.step[tried[t, 2], q]]
        if cost_of(BOTH, x, y, z, tables.costs) > both:
            return True
        if cost_of(MOVES, x, y, z, tables.costs) > moves:
            return True
    return False


@compiled()
def origin(row: Numbers, q: int, relaxed: int, tables: Tables) -> int:
    """Return an assignment of `row` whose image under instruction q `relaxed` stands for."""
    for a in row:
        if tables.shadow[tables.step[a, q]] == relaxed:
            return a
    return row[0]
