"""Compiled inner loops of the comparator-level beam.

Rows are laid out as in `_beam_kernels`, for distinct keys only and without flags.  `spans` has
one line a state: first row, number of rows, the stale cell.  A *step* is a comparator on live
cells x and y that uses the stale cell z; `steps` has one line each: form, x, y.

Forms: what ends in (x, y, z); the cell in brackets goes stale.

====  ==================  ====================================
0     ([x], max, min)     cmp x,y; z := y if x >= y; y := x if x > y
1     (max, [y], min)     cmp x,y; z := y if x >= y; x := y if x < y
2     (min, [y], max)     cmp x,y; z := y if x <= y; x := y if x > y
3     ([x], min, max)     cmp x,y; z := y if x <= y; y := x if x < y
4     (min, max, [z])     cmp x,y; x := y if x > y; y := z if x > y
5     (max, min, [z])     cmp x,y; x := y if x < y; y := z if x < y
====  ==================  ====================================

Each starts with `mov z,x` (4 instructions).  Forms 6 to 11 are the same without it (3), right
where z equals x already wherever the form leaves it to z: where x < y for 0, 1 and 5, where
x > y for 2, 3 and 4.  Forms 12 and 13 (2 instructions) are 0 and 3 without the first conditional
move as well, right where z is the minimum or the maximum already.

With minima and maxima the forms leave the same and take an instruction less: 0 is `mov z,x`,
z := min(z, y), y := max(y, x), and so on.  There z stands in for x where its minimum (0, 1 and 5)
or maximum (2, 3 and 4) with y is that of x.  Rows then hold two key values, 1 and 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from sortopt.base import compiled
from sortopt.search.beams._instruction_kernels import distinct, invariant_hash

FORMS = 14
NEVER = np.float32(np.inf)
GOAL = np.float32(-1.0)

_NIBBLE = np.uint64(15)
_U0 = np.uint64(0)


@compiled(inline="always")
def key(row: Any, cell: int) -> Any:
    """Return the key of a cell."""
    return (row >> np.uint64(4 * cell)) & _NIBBLE


@compiled(inline="always")
def put(row: Any, cell: int, value: Any) -> Any:
    """Return `row` with `value` in a cell."""
    shift = np.uint64(4 * cell)
    return (row & ~(_NIBBLE << shift)) | (value << shift)


@compiled()
def after(row: Any, form: int, x: int, y: int, z: int) -> Any:
    """Return `row` after a step."""
    kx, ky = key(row, x), key(row, y)
    low, high = min(kx, ky), max(kx, ky)
    if form == 4 or form == 5:
        row = put(row, z, kx)
    base = form % 6 if form < 12 else (form - 12) * 3
    if base == 0:
        return put(put(row, z, low), y, high)
    if base == 1:
        return put(put(row, z, low), x, high)
    if base == 2:
        return put(put(row, z, high), x, low)
    if base == 3:
        return put(put(row, z, high), y, low)
    if base == 4:
        return put(put(row, x, low), y, high)
    return put(put(row, x, high), y, low)


@compiled()
def stale_after(form: int, x: int, y: int, z: int) -> int:
    """Return the cell that a step leaves stale."""
    base = form % 6 if form < 12 else 0
    if base == 0 or base == 3:
        return x
    if base == 1 or base == 2:
        return y
    return z


@compiled(inline="always")
def relation(kx: Any, ky: Any, kz: Any) -> int:
    """Return what one row leaves of the facts about x, y and stale z, for conditional moves."""
    held = 31
    if kx < ky:
        held &= (30 if kz == kx else 20) & (31 if kz == ky else 15)
    elif kx > ky:
        held &= (31 if kz == kx else 11) & (31 if kz == ky else 23)
    return held


@compiled(inline="always")
def minima(kx: Any, ky: Any, kz: Any) -> int:
    """Return the same for minima and maxima; 2: min(z, y) = min(x, y), 4: the same of maxima."""
    low, high = min(kx, ky), max(kx, ky)
    held = 31 if kx >= ky else 30
    held &= 31 if min(kz, ky) == low else 29
    held &= 31 if max(kz, ky) == high else 27
    held &= 31 if kz == low else 23
    held &= 31 if kz == high else 15
    return held


@compiled()
def known_relations(rows: Any, cells: int, z: int, minmax: int, facts: Any) -> None:
    """Fill facts[x, y] with what holds in every row, as bits.

    1: x < y never; 2: z = x wherever x < y; 4: z = x wherever x > y; 8: z = min; 16: z = max.
    With `minmax`, 2 and 4 are what `minima` says.
    """
    facts[:] = 31
    for row in rows:
        kz = key(row, z)
        for x in range(cells):
            kx = key(row, x)
            for y in range(cells):
                ky = key(row, y)
                facts[x, y] &= minima(kx, ky, kz) if minmax else relation(kx, ky, kz)


@compiled(inline="always")
def allowed(form: int, fact: int) -> bool:
    """Return whether `fact` makes a form right."""
    if form < 6:
        return True
    if form == 12:
        return fact & 8 != 0
    if form == 13:
        return fact & 16 != 0
    base = form - 6
    if base == 0 or base == 1 or base == 5:
        return fact & 2 != 0
    return fact & 4 != 0


@compiled()
def redundant(form: int, x: int, y: int, z: int, n: int) -> bool:
    """Return whether another form leaves the same state, or one that renames input cells.

    With a mov, 1 and 2 are 0 and 3 with x and y exchanged; and where the scratch cell (n) takes
    no part, it does not matter which cell ends up holding what.
    """
    if form == 1 or form == 2:
        return True
    if form == 3:
        return y != n and z != n
    if form == 4:
        return x != n and y != n and z != n
    return form == 5 and x != n and y != n


@compiled(parallel=True)
def score_steps(rows: Any, spans: Any, steps: Any, shape: Any, scores: Any) -> None:
    """Score every step from every state: log2 of the distinct tuples of live keys it leaves.

    `shape` holds n, the number of cells and whether steps are minima and maxima.  NEVER where a
    step is not right, or compares cells whose order is known; GOAL where it sorts and leaves only
    scratch cells stale: one tuple is left, or one a number of greater keys.
    """
    n, cells, minmax = shape[0], shape[1], shape[2]
    sorted_rows = n + 1 if minmax else 1
    for s in prange(spans.shape[0]):
        start, count, z = spans[s, 0], spans[s, 1], spans[s, 2]
        facts = np.empty((cells, cells), np.int64)
        known_relations(rows[start : start + count], cells, z, minmax, facts)
        size = 64
        while size < 3 * count:
            size *= 2
        table = np.empty(size, np.uint64)
        stamps = np.zeros(size, np.int32)
        buffer = np.empty(count, np.uint64)
        for i in range(count):
            buffer[i] = rows[start + i] & ~(_NIBBLE << np.uint64(4 * z))
        live = distinct(buffer, count, ~_U0, table, stamps, 1)
        swapped = np.empty(live, np.uint64)
        left = np.zeros((cells, cells), np.int64)
        for x in range(cells):
            for y in range(x + 1, cells):
                if x == z or y == z or facts[x, y] & 1 or facts[y, x] & 1:
                    continue
                for i in range(live):
                    row = buffer[i]
                    kx, ky = key(row, x), key(row, y)
                    swapped[i] = put(put(row, x, min(kx, ky)), y, max(kx, ky))
                stamp = 2 + x * cells + y
                left[x, y] = distinct(swapped, live, ~_U0, table, stamps, stamp)
                left[y, x] = left[x, y]
        for t in range(steps.shape[0]):
            form, x, y = steps[t, 0], steps[t, 1], steps[t, 2]
            scores[s, t] = NEVER
            if left[x, y] == 0 or not allowed(form, facts[x, y]) or redundant(form, x, y, z, n):
                continue
            scores[s, t] = np.float32(np.log2(left[x, y]))
            if left[x, y] == sorted_rows:
                scores[s, t] = GOAL if stale_after(form, x, y, z) >= n else NEVER


@compiled()
def child_rows(rows: Any, span: Any, step: Any, buffer: Any) -> int:
    """Write the distinct rows after a step into `buffer`; return their number."""
    start, count, z = span[0], span[1], span[2]
    for i in range(count):
        buffer[i] = after(rows[start + i], step[0], step[1], step[2], z)
    size = 64
    while size < 3 * count:
        size *= 2
    table = np.empty(size, np.uint64)
    stamps = np.zeros(size, np.int32)
    return distinct(buffer, count, ~_U0, table, stamps, 1)


@compiled(parallel=True)
def hash_steps(
    rows: Any, spans: Any, steps: Any, shape: Any, chosen: Any, hashes: Any, counts: Any
) -> None:
    """Fill hashes[k] and counts[k] (rows) for child k, `chosen[k]` = (state, step).

    Equal for states equal up to renaming and reversal of the keys, apart from the stale cell's
    content and place, which are kept apart.
    """
    n = shape[0]
    tops = np.zeros((1, 2), np.int64)
    tops[0, 0] = 2 if shape[2] else n
    for k in prange(chosen.shape[0]):
        s, t = chosen[k, 0], chosen[k, 1]
        buffer = np.empty(spans[s, 1], np.uint64)
        count = child_rows(rows, spans[s], steps[t], buffer)
        counts[k] = count
        forward = invariant_hash(buffer, count, shape, 0, 0, tops)
        backward = invariant_hash(buffer, count, shape, 1, 0, tops)
        hashes[k] = min(forward, backward)


@compiled(parallel=True)
def fill_steps(
    rows: Any, spans: Any, steps: Any, chosen: Any, new_spans: Any, new_rows: Any
) -> None:
    """Write the rows and stale cells of the chosen children where `new_spans` says."""
    for k in prange(chosen.shape[0]):
        s, t = chosen[k, 0], chosen[k, 1]
        buffer = np.empty(spans[s, 1], np.uint64)
        count = child_rows(rows, spans[s], steps[t], buffer)
        first = new_spans[k, 0]
        new_rows[first : first + count] = buffer[:count]
        new_spans[k, 2] = stale_after(steps[t, 0], steps[t, 1], steps[t, 2], spans[s, 2])
