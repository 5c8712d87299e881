"""Compiled inner loops of the free-form beam: successors, scores and invariant hashes of states.

Layout of a row (one assignment, uint64): the key of cell c in bits 4c to 4c + 3 (ranks from 1,
0 for undefined), the flags in bits 40 and 41 (0 undefined, 1 less, 2 equal, 3 greater), the
number of the tie pattern in bits 44 and up (0: all keys distinct).  A state is a run of distinct
rows, those of pattern 0 first.  `spans` has one line a state: first row, rows of pattern 0, rows
in all, whether its last instruction was a comparison.  `moves` has one line an instruction: kind
(0 mov, 1 cmp, 2 cmov), first cell, second cell, and for a cmov the set of flags on which it
moves, as bits 1 << flag.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from sortopt.base import compiled, mixed

MOV, CMP, CMOV = 0, 1, 2
FLAG_SHIFT = 40
PATTERN_SHIFT = 44
NEVER = np.float32(np.inf)
GOAL = np.float32(-1.0)

_ONE = np.uint64(1)
_TWO = np.uint64(2)
_NIBBLE = np.uint64(15)
_FLAGS = np.uint64(3 << FLAG_SHIFT)
_FLAGSHIFT = np.uint64(FLAG_SHIFT)
_PATSHIFT = np.uint64(PATTERN_SHIFT)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_MIX2 = np.uint64(0xBF58476D1CE4E5B9)
_U0 = np.uint64(0)


@compiled(inline="always")
def successor(row: Any, kind: int, a: int, b: int, condition: int) -> Any:
    """Return `row` after one instruction."""
    sa = np.uint64(4 * a)
    va = (row >> sa) & _NIBBLE
    vb = (row >> np.uint64(4 * b)) & _NIBBLE
    if kind == CMP:
        flag = np.uint64(1)
        if va == vb:
            flag = np.uint64(2)
        elif va > vb:
            flag = np.uint64(3)
        return (row & ~_FLAGS) | (flag << _FLAGSHIFT)
    if kind == CMOV:
        held = np.int64((row & _FLAGS) >> _FLAGSHIFT)
        if not (condition >> held) & 1:
            return row
    return row ^ ((va ^ vb) << sa)


@compiled()
def distinct(buffer: Any, count: int, mask: Any, table: Any, stamps: Any, stamp: int) -> int:
    """Count the distinct values of buffer[:count] & mask; leave the first of each in front.

    The buffer is reordered only when `mask` is all ones.  `table` and `stamps` are scratch of the
    same power of two, at least twice `count`; `stamp` must be new to them.
    """
    size = table.size
    bits = np.uint64(64)
    while size > 1:
        size >>= 1
        bits -= _ONE
    last = table.size - 1
    compact = mask == ~_U0
    found = 0
    for i in range(count):
        value = buffer[i] & mask
        slot = np.int64((value * _MIX) >> bits)
        while stamps[slot] == stamp and table[slot] != value:
            slot = (slot + 1) & last
        if stamps[slot] != stamp:
            stamps[slot] = stamp
            table[slot] = value
            if compact:
                buffer[found] = value
            found += 1
    return found


@compiled()
def spare_cells(rows: Any, cells: int, spare: Any) -> None:
    """Fill spare[f] with the cells (bits) that may be overwritten wherever the flags are f.

    A cell may be overwritten in a row when another cell holds its key too, or it is undefined.
    spare[4] gets the cells that are defined in every row.
    """
    spare[:4] = (1 << cells) - 1
    spare[4] = (1 << cells) - 1
    for row in rows:
        once: Any = 0
        twice: Any = 0
        for c in range(cells):
            bit: Any = 1 << np.int64((row >> np.uint64(4 * c)) & _NIBBLE)
            twice |= once & bit
            once |= bit
        duplicated = 0
        for c in range(cells):
            key = np.int64((row >> np.uint64(4 * c)) & _NIBBLE)
            if key == 0:
                duplicated |= 1 << c
                spare[4] &= ~(1 << c)
            elif (twice >> key) & 1:
                duplicated |= 1 << c
        spare[np.int64((row & _FLAGS) >> _FLAGSHIFT)] &= duplicated


@compiled(inline="always")
def admissible(move: Any, spare: Any, after_cmp: int) -> bool:
    """Return whether a move loses no key, reads nothing undefined and can matter."""
    kind, a, b = move[0], move[1], move[2]
    defined = spare[4]
    if not (defined >> b) & 1:
        return False
    if kind == CMP:
        return after_cmp == 0 and (defined >> a) & 1 == 1
    lost = -1
    if kind == MOV:
        lost = spare[0] & spare[1] & spare[2] & spare[3]
    else:
        if not (defined >> a) & 1:
            return False
        for flag in range(4):
            if flag == 0 or (move[3] >> flag) & 1:
                lost &= spare[flag]
    return (lost >> a) & 1 == 1


@compiled()
def is_goal(buffer: Any, count: int, n: int, ranks: Any) -> bool:
    """Return whether every row holds its keys in the input cells, each rank in one fixed cell.

    `ranks[p, k]` is the key of rank k in tie pattern p.
    """
    for i in range(count):
        row = buffer[i]
        pattern = np.int64(row >> _PATSHIFT)
        taken: Any = 0
        for c in range(n):
            rank = np.int64((buffer[0] >> np.uint64(4 * c)) & _NIBBLE) - 1
            if rank < 0 or (taken >> rank) & 1:
                return False
            taken |= 1 << rank
            if np.int64((row >> np.uint64(4 * c)) & _NIBBLE) != ranks[pattern, rank]:
                return False
    return True


@compiled()
def least_masked(
    buffer: Any, count: int, cells: int, table: Any, stamps: Any, stamp: int
) -> tuple[int, int]:
    """Return the least number of distinct rows left when the flags and one cell are ignored.

    Returns that cell as well (the first of equals).
    """
    least = count + 1
    spare = 0
    for c in range(cells):
        mask = ~(_FLAGS | (_NIBBLE << np.uint64(4 * c)))
        left = distinct(buffer, count, mask, table, stamps, stamp + c)
        if left < least:
            least = left
            spare = c
    return least, spare


@compiled()
def group_of(kind: int, rows: Any, cells: int, before: int) -> int:
    """Return the group of a child: where it stands in the natural course of a comparator.

    0 after a mov, 1 after a cmp; after a cmov 2 where some cell is spare in every row, else 3,
    or 4 where the parent, of group `before`, was after a cmov without a spare cell already.
    """
    if kind == MOV:
        return 0
    if kind == CMP:
        return 1
    spare = np.empty(5, np.int64)
    spare_cells(rows, cells, spare)
    if spare[0] & spare[1] & spare[2] & spare[3]:
        return 2
    return 4 if before >= 3 else 3


@compiled(parallel=True)
def score_children(
    rows: Any,
    spans: Any,
    moves: Any,
    ranks: Any,
    shape: Any,
    cutoff: float,
    scores: Any,
    counts: Any,
) -> None:
    """Score every child of every state: lower is nearer to sorted.

    `shape` holds n, the number of cells and 1000 times the weight of the tie score.  Fills
    scores[state, move] (NEVER where the move is not admissible, changes nothing or scores above
    `cutoff`, GOAL where it finishes) and counts[state, move]: rows of pattern 0, rows in all,
    group.
    """
    n, cells, weight = shape[0], shape[1], shape[2] / 1000.0
    for s in prange(spans.shape[0]):
        start, nperm, nall, after_cmp = spans[s, 0], spans[s, 1], spans[s, 2], spans[s, 3]
        spare = np.empty(5, np.int64)
        spare_cells(rows[start : start + nall], cells, spare)
        size = 64
        while size < 3 * nall:
            size *= 2
        table = np.empty(size, np.uint64)
        stamps = np.zeros(size, np.int32)
        buffer = np.empty(nall, np.uint64)
        stamp = 1
        for m in range(moves.shape[0]):
            scores[s, m] = NEVER
            if not admissible(moves[m], spare, after_cmp):
                continue
            kind, a, b, condition = moves[m, 0], moves[m, 1], moves[m, 2], moves[m, 3]
            for i in range(nperm):
                buffer[i] = successor(rows[start + i], kind, a, b, condition)
            perms = distinct(buffer, nperm, ~_U0, table, stamps, stamp)
            left, ignored = least_masked(buffer, perms, cells, table, stamps, stamp + 1)
            stamp += cells + 1
            if np.log2(left) > cutoff:
                continue
            for i in range(nperm, nall):
                buffer[perms + i - nperm] = successor(rows[start + i], kind, a, b, condition)
            if unchanged(rows, spans[s], buffer, perms):
                continue
            ties = distinct(buffer[perms:], nall - nperm, ~_U0, table, stamps, stamp)
            counts[s, m, 0] = perms
            counts[s, m, 1] = perms + ties
            counts[s, m, 2] = group_of(kind, buffer[: perms + ties], cells, spans[s, 4])
            mask = ~(_FLAGS | (_NIBBLE << np.uint64(4 * ignored)))
            every = distinct(buffer, perms + ties, mask, table, stamps, stamp + 1)
            stamp += 2
            scores[s, m] = np.float32(np.log2(left) + weight * np.log2(every / ranks.shape[0]))
            if left == 1 and is_goal(buffer, perms + ties, n, ranks):
                scores[s, m] = GOAL


@compiled()
def unchanged(rows: Any, span: Any, buffer: Any, perms: Any) -> bool:
    """Return whether no row changed, given the children in `buffer` in the parents' order."""
    if perms != span[1]:
        return False
    start = span[0]
    same = True
    for i in range(span[2]):
        same &= buffer[i] == rows[start + i]
    return same


@compiled(inline="always")
def seen(row: Any, c: int, reverse: int, tops: Any) -> Any:
    """Return the key of cell c, counted from the other end where `reverse`; 0 if undefined."""
    key = (row >> np.uint64(4 * c)) & _NIBBLE
    if reverse and key != _U0:
        key = np.uint64(tops[np.int64(row >> _PATSHIFT), 0] + 1) - key
    return key


@compiled(inline="always")
def context(row: Any, reverse: int, exchange: int, tops: Any) -> Any:
    """Return the flags and tie pattern of a row, under a reversal and an exchange of flags."""
    flag = (row & _FLAGS) >> _FLAGSHIFT
    if reverse != exchange and (flag & _ONE) == _ONE:
        flag ^= np.uint64(2)
    pattern = np.int64(row >> _PATSHIFT)
    if reverse:
        pattern = tops[pattern, 1]
    return mixed(np.uint64(pattern * 4) + flag + _ONE)


@compiled()
def invariant_hash(
    buffer: Any, count: int, shape: Any, reverse: int, exchange: int, tops: Any
) -> Any:
    """Hash a state so that renaming input cells among themselves, or scratch cells, keeps it.

    Two rounds of refinement over the rows of pattern 0 (a cell's signature sums over rows, a
    row's over cells), then a sum over all rows.  tops[p] holds the greatest key of tie pattern p
    and the number of the reversed pattern.
    """
    n, cells = shape[0], shape[1]
    signature = np.empty(cells, np.uint64)
    for c in range(cells):
        signature[c] = mixed(np.uint64(1 + (c >= n)))
    distinct_keys = count
    while distinct_keys > 0 and buffer[distinct_keys - 1] >> _PATSHIFT != _U0:
        distinct_keys -= 1
    table = np.empty((cells, 16), np.uint64)
    total = _U0
    for part in range(3):
        for c in range(cells):
            for value in range(16):
                table[c, value] = mixed(signature[c] + np.uint64(value) * _MIX)
        fresh = np.zeros(cells, np.uint64)
        total = _U0
        for i in range(count if part == 2 else distinct_keys):
            row = buffer[i]
            line = context(row, reverse, exchange, tops)
            for c in range(cells):
                line += table[c, np.int64(seen(row, c, reverse, tops))]
            line = mixed(line)
            total += line
            if part < 2:
                for c in range(cells):
                    fresh[c] += line * (_MIX2 + _TWO * seen(row, c, reverse, tops))
        for c in range(cells):
            signature[c] = mixed(signature[c] + fresh[c])
    return total


@compiled(parallel=True)
def hash_children(
    rows: Any, spans: Any, moves: Any, tops: Any, shape: Any, chosen: Any, hashes: Any
) -> None:
    """Fill hashes[k] for child k, `chosen[k]` = (state, move): equal for states equal up to
    renaming, reversal of the keys and exchange of the flags (and else different, but for chance).
    """
    for k in prange(chosen.shape[0]):
        s, m = chosen[k, 0], chosen[k, 1]
        buffer = np.empty(spans[s, 2], np.uint64)
        count = child(rows, spans[s], moves[m], buffer)
        least = ~_U0
        for variant in range(4):
            value = invariant_hash(buffer, count, shape, variant & 1, variant >> 1, tops)
            least = min(least, value)
        hashes[k] = least


@compiled()
def child(rows: Any, span: Any, move: Any, buffer: Any) -> int:
    """Write the distinct rows of a child into `buffer`, pattern 0 first; return their number."""
    start, nall = span[0], span[2]
    kind, a, b, condition = move[0], move[1], move[2], move[3]
    for i in range(nall):
        buffer[i] = successor(rows[start + i], kind, a, b, condition)
    size = 64
    while size < 3 * nall:
        size *= 2
    table = np.empty(size, np.uint64)
    stamps = np.zeros(size, np.int32)
    return distinct(buffer, nall, ~_U0, table, stamps, 1)


@compiled(parallel=True)
def fill_children(
    rows: Any, spans: Any, moves: Any, chosen: Any, new_spans: Any, new_rows: Any
) -> None:
    """Write the rows of the chosen children where `new_spans` says."""
    for k in prange(chosen.shape[0]):
        s, m = chosen[k, 0], chosen[k, 1]
        buffer = np.empty(spans[s, 2], np.uint64)
        count = child(rows, spans[s], moves[m], buffer)
        start = new_spans[k, 0]
        new_rows[start : start + count] = buffer[:count]
