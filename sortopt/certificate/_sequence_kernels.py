"""Compiled loops over what sequences of moves can reach; the argument stands in `sequences`.

A reach is a run of numbers of arrangements, each once; reaches stand end to end in a pool.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sortopt.base import Table, compiled
from sortopt.certificate._cost_kernels import Bits, Numbers, Sums


class Tables(NamedTuple):
    """Arrangements as permutations: product[a, b] is b, then a.

    `free[a]` is the cell without a key.  Row m of `moves` is a move's target, and the arrangement
    that exchanges its two cells.  `renamings` keep the free item, `orders` are their inverses: all
    orders of the keys.
    """

    product: Table[np.uint16]
    inverse: Numbers
    free: Bits
    moves: Table[np.uint16]
    renamings: Numbers


class Reaches(NamedTuple):
    """Reaches end to end in `pool`, reach r from offset[r] to offset[r + 1]."""

    pool: Numbers
    offset: Sums


class Groups(NamedTuple):
    """Profiles, and from where to where in a list of reaches those of each profile stand."""

    profile: Table[np.int64]
    start: Sums


@compiled()
def extended(reaches: Reaches, tables: Tables) -> Reaches:
    """Return what each move makes of each reach, where it adds anything."""
    count, moves = reaches.offset.size - 1, len(tables.moves)
    pool = np.empty(2 * moves * reaches.pool.size, np.uint16)
    offset = np.zeros(moves * count + 1, np.int64)
    has = np.zeros(len(tables.inverse), np.bool_)
    made, end = 0, 0
    for r in range(count):
        reach = reaches.pool[reaches.offset[r] : reaches.offset[r + 1]]
        for a in reach:
            has[a] = True
        for m in range(moves):
            begin = end
            for a in reach:
                pool[end] = a
                end += 1
            for a in reach:
                if tables.free[a] == tables.moves[m, 0]:
                    after = tables.product[tables.moves[m, 1], a]
                    if not has[after]:
                        pool[end] = after
                        end += 1
            if end == begin + reach.size:
                end = begin
                continue
            made += 1
            offset[made] = end
        for a in reach:
            has[a] = False
    return Reaches(pool[:end].copy(), offset[: made + 1].copy())


@compiled()
def not_contained(reaches: Reaches, sequence: Sums, tables: Tables) -> Sums:
    """Return those of the reaches, taken in `sequence`, that no image of an earlier one contains.

    Each reach kept is listed once for each of its arrangements h, as the permutations from h to
    its arrangements; `lists` has for each permutation the bits of the lists that it is in.
    """
    product, inverse = tables.product, tables.inverse
    lists = np.zeros((inverse.size, 64), np.uint64)
    kept = np.empty(sequence.size, np.int64)
    found, listed = 0, 0
    for r in sequence:
        reach = reaches.pool[reaches.offset[r] : reaches.offset[r + 1]]
        if is_contained(reach, lists[:, : (listed + 63) // 64], tables):
            continue
        kept[found] = r
        found += 1
        if listed + reach.size > 64 * lists.shape[1]:
            lists = np.concatenate((lists, np.zeros_like(lists)), axis=1)
        for h in reach:
            for a in reach:
                word = lists[product[inverse[h], a]]
                word[listed // 64] |= np.uint64(1) << np.uint64(listed % 64)
            listed += 1
    return kept[:found].copy()


@compiled()
def is_contained(reach: Numbers, lists: Table[np.uint64], tables: Tables) -> bool:
    """Return whether for some renaming of the keys one of the lists has all of a reach."""
    product, inverse = tables.product, tables.inverse
    home = inverse[reach[0]]
    common = np.empty(lists.shape[1], np.uint64)
    for renaming in tables.renamings:
        common[:] = ~np.uint64(0)
        left = True
        for i in range(reach.size - 1, 0, -1):
            moved = product[product[renaming, product[home, reach[i]]], inverse[renaming]]
            left = False
            for w in range(common.size):
                common[w] &= lists[moved, w]
                left = left or common[w] != 0
            if not left:
                break
        if left and common.size > 0:
            return True
    return False


@compiled()
def profiles(reaches: Reaches, tables: Tables) -> Table[np.int64]:
    """Return how many arrangements of each reach have each cell free, descending."""
    count = reaches.offset.size - 1
    found = np.zeros((count, int(tables.free.max()) + 1), np.int64)
    for r in range(count):
        for a in reaches.pool[reaches.offset[r] : reaches.offset[r + 1]]:
            found[r, tables.free[a]] += 1
        found[r] = np.sort(found[r])[::-1]
    return found


@compiled()
def first_meeting(
    lo: int, hi: int, forward: Reaches, backward: Reaches, groups: Groups, tables: Tables
) -> int:
    """Return the first of forward[lo:hi] that meets one of `backward` in every order, or -1."""
    profile = profiles(Reaches(forward.pool, forward.offset[lo : hi + 1]), tables)
    orders = tables.renamings.copy()
    words = (tables.inverse.size + 63) // 64
    after, room = np.empty((tables.inverse.size, words), np.uint64), np.empty((2, words), np.uint64)
    for f in range(lo, hi):
        fresh = True
        for g in range(len(groups.profile)):
            if (profile[f - lo] * groups.profile[g]).sum() < orders.size:
                continue
            if fresh:
                moved_to(forward.pool[forward.offset[f] : forward.offset[f + 1]], tables, after)
                fresh = False
            for b in range(groups.start[g], groups.start[g + 1]):
                reach = backward.pool[backward.offset[b] : backward.offset[b + 1]]
                if meets_in_all(reach, after, orders, tables, room):
                    return f
    return -1


@compiled()
def moved_to(reach: Numbers, tables: Tables, after: Table[np.uint64]) -> None:
    """Fill row x of `after` with the set of x, then a, for all arrangements a of a reach."""
    after[:] = 0
    for x in range(len(after)):
        for a in reach:
            z = tables.product[a, x]
            after[x, z // 64] |= np.uint64(1) << np.uint64(z % 64)


@compiled()
def meets_in_all(
    reach: Numbers,
    after: Table[np.uint64],
    orders: Numbers,
    tables: Tables,
    room: Table[np.uint64],
) -> bool:
    """Return whether one z is in the sets `after` of every order t: of the inverses of b * t.

    b is any arrangement of the backward `reach`.  An order that leaves no z is moved forward in
    `orders`, to be tried sooner; `room` is working memory.
    """
    common, now = room[0], room[1]
    common[:] = ~np.uint64(0)
    for i in range(orders.size):
        now[:] = 0
        for b in reach:
            now |= after[tables.inverse[tables.product[b, orders[i]]]]
        common &= now
        if not common.any():
            if i > 0:
                orders[i - 1], orders[i] = orders[i], orders[i - 1]
            return False
    return True
