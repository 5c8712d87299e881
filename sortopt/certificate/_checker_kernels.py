"""Compiled loops of the certificate checker; the argument stands in `checker` and `bounds`.

A state is a run of assignments' numbers, each once.  What is called relaxed are numbers of the
relaxed model, which stand for assignments in the tables of costs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sortopt.base import compiled

DEAD = 65535
"""In tables of steps: a dead instruction.  In `shadow`: nothing stands for the assignment."""

UNKNOWN = 255
"""In tables of costs: more than any level so far."""

BOTH, MOVES = range(2)
"""The two tables of costs: of all instructions, and with comparisons for nothing."""

_REMEMBERED = 16

MOST_TRIED = 128
"""How many relaxed assignments of a state are tried in threes; there are 120 of five keys."""

Bits = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.uint16]
Places = npt.NDArray[np.int32]
Sums = npt.NDArray[np.int64]


class Costs(NamedTuple):
    """The relaxed model with its tables of costs (see `bounds`)."""

    step: Numbers
    goal: Bits
    orbit: Places
    first: Places
    to_first: Places
    image: Numbers
    cost: Bits


class Tables(NamedTuple):
    """The model, its symmetries and its bounds (see `checker`)."""

    step: Numbers
    goal: Bits
    image: Numbers
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
def assignable(masks: Bits) -> bool:
    """Return whether the outputs can be given distinct cells, output j one of the set masks[j].

    Hall's theorem: they can iff any k of the sets have together at least k cells.
    """
    for j in range(masks.size):
        if masks[j] == 0:
            return False
    for chosen in range(1, 1 << masks.size):
        together, wanted, held = 0, 0, 0
        for j in range(masks.size):
            if chosen >> j & 1:
                together |= masks[j]
                wanted += 1
        for cell in range(8):
            held += together >> cell & 1
        if held < wanted:
            return False
    return True


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


# Costs of three relaxed assignments


@compiled()
def cost_of(table: int, a: int, b: int, c: int, costs: Costs) -> int:
    """Return the cost of three relaxed assignments together; two or all may be equal."""
    if b < a:
        a, b = b, a
    if c < a:
        a, c = c, a
    to = costs.to_first[a]
    return int(costs.cost[table, costs.orbit[a], costs.image[b, to], costs.image[c, to]])


@compiled()
def is_settled(table: int, level: int, a: int, b: int, c: int, costs: Costs, free: Bits) -> bool:
    """Return whether three relaxed assignments can be finished at a cost of `level`.

    All that costs less must be in the table, and of what costs as much, some.
    """
    if level == 0:
        masks = costs.goal[a] & costs.goal[b] & costs.goal[c]
        if assignable(masks):
            return True
    for q in range(costs.step.shape[1]):
        x, y, z = costs.step[a, q], costs.step[b, q], costs.step[c, q]
        if x == DEAD or y == DEAD or z == DEAD:
            continue
        spent = 0 if free[q] else 1
        if cost_of(table, x, y, z, costs) + spent <= level:
            return True
    return False


@compiled()
def settle(
    table: int, level: int, o: int, lo: int, hi: int, pairs: bool, costs: Costs, free: Bits
) -> int:
    """Enter `level` at each unknown entry (o, b, c), lo <= b < hi, b <= c, that costs no more.

    Returns how many were entered.  With `pairs` only c = b is looked at.  Three assignments cost
    no less than any two of them, so where a pair is unknown still, nothing is tried.
    """
    cost, a = costs.cost[table, o], costs.first[o]
    found = 0
    for b in range(max(a, lo), hi):
        if not pairs and cost_of(table, a, b, b, costs) > level:
            continue
        for c in range(b, b + 1 if pairs else cost.shape[1]):
            if cost[b, c] != UNKNOWN:
                continue
            if not pairs and (
                cost_of(table, a, c, c, costs) > level or cost_of(table, b, c, c, costs) > level
            ):
                continue
            if is_settled(table, level, a, b, c, costs, free):
                cost[b, c] = cost[c, b] = level
                found += 1
    return found


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
        to, o = costs.to_first[ids[i]], costs.orbit[ids[i]]
        for j in range(i, size):
            moved[j] = costs.image[ids[j], to]
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
    """Write the image of row[:size] with the least sum of weights to out[:size], sorted.

    Weights are drawn at random, so two images of equal sum are the same but for an accident; then
    a state may be missed, and none is ever taken for another.
    """
    sums = np.zeros(tables.image.shape[1], np.int64)
    for i in range(size):
        images = tables.image[row[i]]
        for g in range(sums.size):
            sums[g] += tables.weight[images[g]]
    least = np.argmin(sums)
    for i in range(size):
        out[i] = tables.image[row[i], least]
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
def enter(numbers: Sums, listed: Listed, tables: Tables) -> None:
    """Put these states into normal form, and into the hash table where not there yet."""
    for s in numbers:
        row = listed.pool[listed.offset[s] : listed.offset[s + 1]]
        normalize(row.copy(), row.size, tables, row)
        found = find(row, listed)
        if found < 0:
            listed.table[-1 - found] = s


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
        pool, size = children(row, limit - depth, tables)
        begin = 0
        for end in np.cumsum(size):
            found = find(pool[begin:end], listed)
            if found < 0 or listed.depth[found] > depth:
                return s
            begin = end
    return -1


@compiled()
def children(row: Numbers, left: int, tables: Tables) -> tuple[Numbers, Sums]:
    """Return the children of a state whose bound does not exceed `left`, in normal form.

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
        found = relax(child, size, tables.shadow, ids)
        if costly(ids, found, left, moves, tables.costs, three):
            for i in range(3):
                tried[known % _REMEMBERED, i] = origin(row, q, three[i], tables)
            known += 1
            continue
        normalize(child, size, tables, pool[end:])
        sizes[made] = size
        end += size
        made += 1
    return pool[:end], sizes[:made]


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
