"""Compiled code that both beams share: instructions on packed assignments, hashes of states.

Layout of a row (one assignment, uint64): the key of cell c in bits 4c to 4c + 3 (ranks from 1,
0 for undefined), the flags in bits 40 and 41 (0 undefined, 1 less, 2 equal, 3 greater), the
number of the tie pattern in bits 44 and up (0: all keys distinct).  A state is a run of distinct
rows, those of pattern 0 first.  `spans` has one line a state: its first row and the number of its
rows, then what each beam adds.

An instruction is a line: kind, first cell, second cell, and for a SELECT the set of flags on which
it copies, as bits 1 << flag.  In place of what the first cell holds, one of three operands takes a
third cell: one more than its number stands above the four bits of the second.  `programs` has one
program a line, all of one length; FORGET, which makes the flags undefined, fills those that would
be shorter.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from sortopt.base import Block, Line, Table, compiled, mixed

COPY, COMPARE, SELECT, MINIMUM, MAXIMUM, FORGET = range(6)
FLAG_SHIFT = 40
PATTERN_SHIFT = 44
NEVER = np.float32(np.inf)
GOAL = np.float32(-1.0)

ZERO, ONE, TWO = np.uint64(0), np.uint64(1), np.uint64(2)
NIBBLE = np.uint64(15)
FLAGS = np.uint64(3 << FLAG_SHIFT)
FLAGSHIFT = np.uint64(FLAG_SHIFT)
PATSHIFT = np.uint64(PATTERN_SHIFT)

_MIX = np.uint64(0x9E3779B97F4A7C15)
_MIX2 = np.uint64(0xBF58476D1CE4E5B9)

Workspace = tuple[Line[np.uint64], Line[np.int32]]
"""Workspace of `distinct`: values, and stamps that say which of them are of this call."""


@compiled(inline="always")
def key(row: np.uint64, cell: int) -> np.uint64:
    """Return the key of a cell."""
    return (row >> np.uint64(4 * cell)) & NIBBLE


@compiled(inline="always")
def successor(row: np.uint64, kind: int, a: int, b: int, condition: int) -> np.uint64:
    """Return `row` after one instruction."""
    sa = np.uint64(4 * a)
    va = (row >> sa) & NIBBLE
    vb = (row >> np.uint64(4 * (b & 15))) & NIBBLE
    if kind == COMPARE:
        flag = ONE
        if va == vb:
            flag = TWO
        elif va > vb:
            flag = np.uint64(3)
        return (row & ~FLAGS) | (flag << FLAGSHIFT)
    if kind == FORGET:
        return row & ~FLAGS
    other = va
    if b >= 16:
        other = (row >> np.uint64(4 * ((b >> 4) - 1))) & NIBBLE
    if kind == SELECT:
        held = np.int64((row & FLAGS) >> FLAGSHIFT)
        if not (condition >> held) & 1:
            vb = other
    elif (kind == MINIMUM and other <= vb) or (kind == MAXIMUM and other >= vb):
        vb = other
    return row ^ ((va ^ vb) << sa)


@compiled()
def workspace(count: int) -> Workspace:
    """Return workspace for `distinct` on `count` values; stamps from 1 on are new to it."""
    size = 64
    while size < 3 * count:
        size *= 2
    return np.empty(size, np.uint64), np.zeros(size, np.int32)


@compiled()
def distinct(
    buffer: Line[np.uint64], count: int, mask: np.uint64, table: Workspace, stamp: int
) -> int:
    """Count the distinct values of buffer[:count] & mask; leave the first of each in front.

    The buffer is reordered only when `mask` is all ones.  `table` is of `workspace`, for as many
    values or more; `stamp` must be new to it.
    """
    values, stamps = table
    size = values.size
    bits = np.uint64(64)
    while size > 1:
        size >>= 1
        bits -= ONE
    last = values.size - 1
    compact = mask == ~ZERO
    found = 0
    for i in range(count):
        value = buffer[i] & mask
        slot = np.int64((value * _MIX) >> bits)
        while stamps[slot] == stamp and values[slot] != value:
            slot = (slot + 1) & last
        if stamps[slot] != stamp:
            stamps[slot] = stamp
            values[slot] = value
            if compact:
                buffer[found] = value
            found += 1
    return found


@compiled()
def child(
    rows: Line[np.uint64],
    span: Line[np.int64],
    program: Table[np.int64],
    buffer: Line[np.uint64],
) -> int:
    """Write the distinct rows after a program to `buffer`, pattern 0 first; return their number."""
    first, count = span[0], span[1]
    buffer[:count] = rows[first : first + count]
    for k in range(program.shape[0]):
        kind, a, b, condition = program[k, 0], program[k, 1], program[k, 2], program[k, 3]
        for i in range(count):
            buffer[i] = successor(buffer[i], kind, a, b, condition)
    return distinct(buffer, count, ~ZERO, workspace(count), 1)


@compiled(inline="always")
def seen(row: np.uint64, c: int, reverse: int, tops: Table[np.int64]) -> np.uint64:
    """Return the key of cell c, counted from the other end where `reverse`; 0 if undefined."""
    held = key(row, c)
    if reverse and held != ZERO:
        held = np.uint64(tops[np.int64(row >> PATSHIFT), 0] + 1) - held
    return held


@compiled(inline="always")
def context(row: np.uint64, reverse: int, exchange: int, tops: Table[np.int64]) -> np.uint64:
    """Return the flags and tie pattern of a row, under a reversal and an exchange of flags."""
    flag = (row & FLAGS) >> FLAGSHIFT
    if reverse != exchange and (flag & ONE) == ONE:
        flag ^= TWO
    pattern = np.int64(row >> PATSHIFT)
    if reverse:
        pattern = tops[pattern, 1]
    return mixed(np.uint64(pattern * 4) + flag + ONE)


@compiled()
def invariant_hash(
    buffer: Line[np.uint64],
    count: int,
    shape: Line[np.int64],
    reverse: int,
    exchange: int,
    tops: Table[np.int64],
) -> np.uint64:
    """Hash a state so that renaming input cells among themselves, or scratch cells, keeps it.

    Two rounds of refinement over the rows of pattern 0 (a cell's signature sums over rows, a
    row's over cells), then a sum over all rows.  `shape` holds n and the number of cells; tops[p]
    the greatest key of tie pattern p and the number of the reversed pattern.
    """
    n, cells = shape[0], shape[1]
    signature = np.empty(cells, np.uint64)
    for c in range(cells):
        signature[c] = mixed(np.uint64(1 + (c >= n)))
    distinct_keys = count
    while distinct_keys > 0 and buffer[distinct_keys - 1] >> PATSHIFT != ZERO:
        distinct_keys -= 1
    table = np.empty((cells, 16), np.uint64)
    total = ZERO
    for part in range(3):
        for c in range(cells):
            for value in range(16):
                table[c, value] = mixed(signature[c] + np.uint64(value) * _MIX)
        fresh = np.zeros(cells, np.uint64)
        total = ZERO
        for i in range(count if part == 2 else distinct_keys):
            row = buffer[i]
            line = context(row, reverse, exchange, tops)
            for c in range(cells):
                line += table[c, np.int64(seen(row, c, reverse, tops))]
            line = mixed(line)
            total += line
            if part < 2:
                for c in range(cells):
                    fresh[c] += line * (_MIX2 + TWO * seen(row, c, reverse, tops))
        for c in range(cells):
            signature[c] = mixed(signature[c] + fresh[c])
    return total


@compiled(parallel=True)
def hash_children(
    rows: Line[np.uint64],
    spans: Table[np.int64],
    programs: Block[np.int64],
    tops: Table[np.int64],
    shape: Line[np.int64],
    chosen: Table[np.int64],
    hashes: Line[np.uint64],
    counts: Line[np.int64],
) -> None:
    """Fill hashes[k] and counts[k] (rows) for child k, `chosen[k]` = (state, program).

    Hashes are equal for states equal up to renaming, reversal of the keys and exchange of the
    flags, and else different, but for chance.
    """
    for k in prange(chosen.shape[0]):
        s, p = chosen[k, 0], chosen[k, 1]
        buffer = np.empty(spans[s, 1], np.uint64)
        count = child(rows, spans[s], programs[p], buffer)
        counts[k] = count
        flagged = ZERO
        for i in range(count):
            flagged |= buffer[i] & FLAGS
        plain = invariant_hash(buffer, count, shape, 0, 0, tops)  # constants: compiled apart
        hashes[k] = min(plain, invariant_hash(buffer, count, shape, 1, 0, tops))
        if flagged:
            exchanged = invariant_hash(buffer, count, shape, 0, 1, tops)
            turned = invariant_hash(buffer, count, shape, 1, 1, tops)
            hashes[k] = min(hashes[k], exchanged, turned)


@compiled(parallel=True)
def fill_children(
    rows: Line[np.uint64],
    spans: Table[np.int64],
    programs: Block[np.int64],
    chosen: Table[np.int64],
    new_spans: Table[np.int64],
    new_rows: Line[np.uint64],
) -> None:
    """Write the rows of the chosen children where `new_spans` says."""
    for k in prange(chosen.shape[0]):
        s, p = chosen[k, 0], chosen[k, 1]
        buffer = np.empty(spans[s, 1], np.uint64)
        count = child(rows, spans[s], programs[p], buffer)
        first = new_spans[k, 0]
        new_rows[first : first + count] = buffer[:count]
