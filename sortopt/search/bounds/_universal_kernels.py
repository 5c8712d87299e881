"""Compiled loops over what sequences of moves can reach (see `universal`).

A *reach* is a set of arrangements, as a row of ascending numbers with its size beside it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import prange

from sortopt.base import Line, Table, compiled
from sortopt.search.space import Numbers, sort_ids

BLOCK = 64
"""How many reaches are tried one after the other."""

Reaches = Table[np.uint16]
"""One reach a row: arrangements in ascending sequence; behind its size, anything."""


class Arrangements(NamedTuple):
    """The arrangements of keys in cells of which one is free.

    An arrangement maps items to cells: the keys, and as the last item the place that is free.
    `cell[a, i]` is where item i is, `free[a]` where no key is, `after[m, a]` what move m makes of
    a, `target[m]` and `source[m]` its cells.
    """

    cell: Table[np.uint8]
    free: Line[np.uint8]
    after: Table[np.uint16]
    target: Line[np.uint8]
    source: Line[np.uint8]


class Listed(NamedTuple):
    """Reaches with their profiles, those of equal profile together.

    `profiles[f]` counts the arrangements of reach f by free cell, descending; group g, the reaches
    from `starts[g]` to before `starts[g + 1]`, has `groups[g]`.
    """

    rows: Reaches
    sizes: Numbers
    profiles: Table[np.int64]
    groups: Table[np.int64]
    starts: Numbers


class Symmetries(NamedTuple):
    """Arrangements as permutations: their products, and the renamings of keys.

    `product[a, b]` is b followed by a, `renamed[r, a]` is a with keys and cells renamed alike by r,
    `kind[a]` a mixed number of the arrangements that renamings make of a.
    """

    product: Table[np.uint16]
    inverse: Line[np.uint16]
    renamed: Table[np.uint16]
    kind: Line[np.uint64]


@compiled(inline="always")
def touched_cells(row: Line[np.uint16], cell: Table[np.uint8]) -> int:
    """Return how many keys were moved somewhere; moves take the cells in sequence."""
    keys = cell.shape[1] - 1
    touched = 0
    for i in range(len(row)):
        for key in range(touched, keys):
            if cell[row[i], key] != key:
                touched = key + 1
    return touched


@compiled(inline="always")
def contains(row: Line[np.uint16], arrangement: int) -> bool:
    """Return whether an ascending row has an arrangement."""
    place = np.searchsorted(row, arrangement)
    return bool(place < len(row) and row[place] == arrangement)


@compiled()
def grown(row: Line[np.uint16], move: int, arrangements: Arrangements, out: Line[np.uint16]) -> int:
    """Fill `out` with the reach `row` and what `move` adds to it; return the new size."""
    size = len(row)
    for i in range(size):
        out[i] = row[i]
    for i in range(size):
        if arrangements.free[row[i]] == arrangements.target[move]:
            new = arrangements.after[move, row[i]]
            if not contains(row, new):
                out[size] = new
                size += 1
    return size


@compiled()
def extend(
    rows: Reaches, sizes: Numbers, arrangements: Arrangements, fresh_in_turn: bool
) -> tuple[Reaches, Numbers]:
    """Return what one more move makes of each reach, where it adds anything.

    With `fresh_in_turn` a move takes an untouched cell only in its turn, so that sequences equal
    up to the names of the cells come once.
    """
    moves, width = len(arrangements.target), rows.shape[1]
    keys = arrangements.cell.shape[1] - 1
    out = np.zeros((256, 2 * width), np.uint16)
    out_sizes = np.zeros(256, np.int64)
    count = 0
    for f in range(len(rows)):
        row = rows[f, : sizes[f]]
        touched = touched_cells(row, arrangements.cell) if fresh_in_turn else keys
        for move in range(moves):
            target, source = arrangements.target[move], arrangements.source[move]
            if (source > touched and source < keys) or (target >= touched and target < keys):
                continue
            if count == len(out):
                out = np.concatenate((out, np.zeros_like(out)))
                out_sizes = np.concatenate((out_sizes, np.zeros_like(out_sizes)))
            size = grown(row, move, arrangements, out[count])
            if size > sizes[f]:
                sort_ids(out[count], size)
                out_sizes[count] = size
                count += 1
    return out[:count], out_sizes[:count]


@compiled()
def canonical_reach(row: Line[np.uint16], symmetries: Symmetries, out: Line[np.uint16]) -> None:
    """Fill `out` with the least image of a reach.

    Any of its arrangements may be taken as the one in which each key is at home (the rest is then
    a sequence of moves from there), and keys may be renamed.  Only the arrangements with the least
    sum of kinds are tried as home; an image of the reach has the same sums, so it makes the same
    choice.
    """
    size = len(row)
    product, inverse = symmetries.product, symmetries.inverse
    sums = np.zeros(size, np.uint64)
    for i in range(size):
        for j in range(size):
            sums[i] += symmetries.kind[product[inverse[row[i]], row[j]]]
    least = sums.min()
    trial = np.empty(size, np.uint16)
    first = True
    for i in range(size):
        if sums[i] != least:
            continue
        for renaming in range(len(symmetries.renamed)):
            for j in range(size):
                trial[j] = symmetries.renamed[renaming, product[inverse[row[i]], row[j]]]
            sort_ids(trial, size)
            better = first
            for j in range(size):
                if trial[j] != out[j]:
                    better = first or trial[j] < out[j]
                    break
            if better:
                out[:size] = trial
            first = False


@compiled(parallel=True)
def canonical_reaches(rows: Reaches, sizes: Numbers, symmetries: Symmetries) -> Reaches:
    """Return the least image of each reach, zeros behind."""
    out = np.zeros_like(rows)
    for f in prange(len(rows)):
        canonical_reach(rows[f, : sizes[f]], symmetries, out[f])
    return out


@compiled()
def widest(rows: Reaches, sizes: Numbers, arrangements: Arrangements) -> tuple[int, int]:
    """Return the greatest size after one more move: of a reach, of its part with one cell free.

    The move may also take a cell that `arrangements` do not have; then nothing is met twice.
    """
    keys = arrangements.cell.shape[1] - 1
    counts = np.zeros(keys + 1, np.int64)
    total = part = 0
    for f in range(len(rows)):
        row = rows[f, : sizes[f]]
        counts[:] = 0
        for a in row:
            counts[arrangements.free[a]] += 1
        total = max(total, len(row) + counts.max())
        part = max(part, counts.max())
        for move in range(len(arrangements.target)):
            target, source = arrangements.target[move], arrangements.source[move]
            added = 0
            if counts[target] > 0 and counts[source] > 0:
                for a in row:
                    if arrangements.free[a] == target:
                        added += not contains(row, arrangements.after[move, a])
                part = max(part, counts[source] + added)
    return total, part


class Kept(NamedTuple):
    """Reaches kept, each listed once for each of its arrangements taken as home: `total` in all.

    `lists` holds for each arrangement, as bits, which of these contain it; `frequency` how many.
    """

    lists: Table[np.uint64]
    frequency: Numbers
    total: int


def nothing_kept(symmetries: Symmetries) -> Kept:
    """Return what `maximal` begins with."""
    size = len(symmetries.inverse)
    return Kept(np.zeros((size, 64), np.uint64), np.zeros(size, np.int64), 0)


@compiled()
def maximal(
    rows: Reaches,
    sizes: Numbers,
    first: int,
    last: int,
    symmetries: Symmetries,
    kept: Kept,
    keep: Line[np.bool_],
) -> Kept:
    """Set in `keep` which reaches, from `first` to before `last`, no image of one kept contains.

    Rows come with the greatest first.  Returns `kept` with these.
    """
    product, inverse = symmetries.product, symmetries.inverse
    lists, frequency, count = kept
    query = np.empty(rows.shape[1], np.int64)
    for f in range(first, last):
        size = sizes[f]
        home = inverse[rows[f, 0]]
        contained = False
        for renaming in range(len(symmetries.renamed)):
            rarest, missing = 0, False
            for j in range(size):
                query[j] = symmetries.renamed[renaming, product[home, rows[f, j]]]
                if frequency[query[j]] == 0:
                    missing = True
                    break
                if j > 0 and frequency[query[j]] < frequency[query[rarest]]:
                    rarest = j
            if missing:
                continue
            query[0], query[rarest] = query[rarest], query[0]
            for word in range((count + 63) // 64):
                common = lists[query[0], word]
                j = 1
                while common != 0 and j < size:
                    common &= lists[query[j], word]
                    j += 1
                if common != 0:
                    contained = True
                    break
            if contained:
                break
        keep[f] = not contained
        if contained:
            continue
        if count + size > 64 * lists.shape[1]:
            lists = np.concatenate((lists, np.zeros_like(lists)), axis=1)
        for i in range(size):
            for j in range(size):
                a = product[inverse[rows[f, i]], rows[f, j]]
                lists[a, count // 64] |= np.uint64(1) << np.uint64(count % 64)
                frequency[a] += 1
            count += 1
    return Kept(lists, frequency, count)


@compiled()
def placed(row: Line[np.uint16], symmetries: Symmetries) -> Table[np.uint64]:
    """Return the reach's inverses, moved by each arrangement, as sets of bits."""
    product, inverse = symmetries.product, symmetries.inverse
    sets = np.zeros((len(inverse), (len(inverse) + 63) // 64), np.uint64)
    for g in range(len(inverse)):
        for a in row:
            b = product[g, inverse[a]]
            sets[g, b >> 6] |= np.uint64(1) << np.uint64(b & 63)
    return sets


@compiled()
def meets(
    sets: Table[np.uint64],
    backward: Line[np.uint16],
    orders: Line[np.uint16],
    product: Table[np.uint16],
    room: Table[np.uint64],
) -> bool:
    """Return whether for some renaming of cells two reaches meet in all `orders`.

    `sets` are those of the first reach (see `placed`), `backward` is the second.  The renamings
    under which an order t is met are the b * t * inverse(a), a of the first and b of the second;
    those of all orders are intersected.  An order that leaves no renaming is moved forward in
    `orders`, so that it is tried sooner next time.  `room` is two rows of working memory.
    """
    left, met = room[0], room[1]
    left[:] = ~np.uint64(0)
    for i in range(len(orders)):
        met[:] = 0
        for b in backward:
            g = product[b, orders[i]]
            for w in range(len(met)):
                met[w] |= sets[g, w]
        some = np.uint64(0)
        for w in range(len(met)):
            left[w] &= met[w]
            some |= left[w]
        if some == 0:
            if i > 0:
                orders[i - 1], orders[i] = orders[i], orders[i - 1]
            return False
    return True


@compiled()
def meets_any(
    forward: Listed,
    a: int,
    backward: Listed,
    symmetries: Symmetries,
    orders: Line[np.uint16],
    same: bool,
    room: Table[np.uint64],
) -> bool:
    """Return whether reach a of `forward` meets one of `backward` in all `orders`."""
    sets = np.zeros((0, 0), np.uint64)
    for group in range(len(backward.starts) - 1):
        if (forward.profiles[a] * backward.groups[group]).sum() < len(orders):
            continue
        if len(sets) == 0:
            sets = placed(forward.rows[a, : forward.sizes[a]], symmetries)
        begin = backward.starts[group]
        if same:
            begin = max(begin, a)
        for b in range(begin, backward.starts[group + 1]):
            row = backward.rows[b, : backward.sizes[b]]
            if meets(sets, row, orders, symmetries.product, room):
                return True
    return False


@compiled(parallel=True)
def meeting(
    forward: Listed,
    backward: Listed,
    first: int,
    last: int,
    symmetries: Symmetries,
    orders: Line[np.uint16],
    same: bool,
) -> bool:
    """Return whether two reaches meet in every order.

    Of `forward` the reaches from `first` to before `last` are taken, in blocks, so that an order
    that ruled out much is tried first again; where both are the `same` list, each pair is tried
    once.
    """
    found = np.zeros(1 + (last - first) // BLOCK, np.bool_)
    for block in prange(len(found)):
        mine = orders.copy()
        room = np.empty((2, (len(symmetries.inverse) + 63) // 64), np.uint64)
        begin = first + block * BLOCK
        for a in range(begin, min(begin + BLOCK, last)):
            found[block] |= meets_any(forward, a, backward, symmetries, mine, same, room)
    return bool(found.any())
