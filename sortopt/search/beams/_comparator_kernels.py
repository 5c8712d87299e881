"""Compiled scores of the beam over comparators: what stale cells are good for, what is left.

Rows are laid out as in `_state_kernels`, for distinct keys only and without flags; with minima
and maxima they hold two key values, 1 and 2.  `spans` has one line a state: first row, number of
rows, the stale cell.  `steps` has one line a comparator on cells x and y that uses the stale cell
z: x, y, the facts it needs, which of x, y, z (0, 1, 2) goes stale, and roles as bits: the line
does no more than another unless the scratch cell plays one of these (see `comparators`).
"""

from __future__ import annotations

import numpy as np
from numba import prange

from sortopt.base import Line, Table, compiled
from sortopt.search.beams._state_kernels import (
    GOAL,
    NEVER,
    NIBBLE,
    ZERO,
    distinct,
    key,
    workspace,
)

NEVER_LESS, X_IF_LESS, X_IF_GREATER, LESSER, GREATER = 1, 2, 4, 8, 16
"""The members of `networks.Fact`, repeated here for what is compiled to depend on this file."""

ALL = 31

ROLE_X, ROLE_Y, ROLE_Z, ALWAYS = 1, 2, 4, 8
"""Bits of a role; every comparator has the last."""


@compiled(inline="always")
def refuted(kx: np.uint64, ky: np.uint64, kz: np.uint64) -> int:
    """Return the facts about x, y and stale z that one row refutes, for conditional moves."""
    lost = 0
    if kx < ky:
        lost = NEVER_LESS
        if kz != kx:
            lost |= X_IF_LESS | LESSER
        if kz != ky:
            lost |= GREATER
    elif kx > ky:
        if kz != kx:
            lost |= X_IF_GREATER | GREATER
        if kz != ky:
            lost |= LESSER
    return lost


@compiled(inline="always")
def refuted_of_extrema(kx: np.uint64, ky: np.uint64, kz: np.uint64) -> int:
    """Return the same for minima and maxima: there z serves for x where its minimum with y does.

    So X_IF_LESS says that min(z, y) = min(x, y), X_IF_GREATER the same of maxima.
    """
    low, high = min(kx, ky), max(kx, ky)
    lost = NEVER_LESS if kx < ky else 0
    if min(kz, ky) != low:
        lost |= X_IF_LESS
    if max(kz, ky) != high:
        lost |= X_IF_GREATER
    if kz != low:
        lost |= LESSER
    if kz != high:
        lost |= GREATER
    return lost


@compiled()
def known_facts(
    rows: Line[np.uint64], cells: int, z: int, extrema: int, facts: Table[np.int64]
) -> None:
    """Fill facts[x, y] with what holds in every row, as bits of `Fact`."""
    facts[:] = ALL
    for row in rows:
        kz = key(row, z)
        for x in range(cells):
            kx = key(row, x)
            for y in range(cells):
                ky = key(row, y)
                if extrema:
                    facts[x, y] &= ~refuted_of_extrema(kx, ky, kz)
                else:
                    facts[x, y] &= ~refuted(kx, ky, kz)


@compiled(inline="always")
def put(row: np.uint64, cell: int, value: np.uint64) -> np.uint64:
    """Return `row` with `value` in a cell."""
    shift = np.uint64(4 * cell)
    return (row & ~(NIBBLE << shift)) | (value << shift)


@compiled()
def tuples_left(
    rows: Line[np.uint64], cells: int, z: int, facts: Table[np.int64], left: Table[np.int64]
) -> None:
    """Fill left[x, y] with the distinct tuples of live keys after comparing cells x and y.

    0 where one of them is the stale cell z, or where their order is known.
    """
    table = workspace(rows.size)
    buffer = np.empty(rows.size, np.uint64)
    for i in range(rows.size):
        buffer[i] = rows[i] & ~(NIBBLE << np.uint64(4 * z))
    live = distinct(buffer, rows.size, ~ZERO, table, 1)
    swapped = np.empty(live, np.uint64)
    left[:] = 0
    for x in range(cells):
        for y in range(x + 1, cells):
            if x == z or y == z or (facts[x, y] | facts[y, x]) & NEVER_LESS:
                continue
            for i in range(live):
                kx, ky = key(buffer[i], x), key(buffer[i], y)
                swapped[i] = put(put(buffer[i], x, min(kx, ky)), y, max(kx, ky))
            left[x, y] = left[y, x] = distinct(swapped, live, ~ZERO, table, 2 + x * cells + y)


@compiled(parallel=True)
def score_steps(
    rows: Line[np.uint64],
    spans: Table[np.int64],
    steps: Table[np.int64],
    shape: Line[np.int64],
    extrema: int,
    scores: Table[np.float32],
) -> None:
    """Score every comparator on every state: log2 of the distinct tuples of live keys it leaves.

    `shape` holds n and the number of cells.  NEVER where a comparator is not right or does no more
    than another, or where the order of its cells is known; GOAL where it sorts and leaves only
    scratch cells stale: one tuple is left, or, with `extrema`, one a number of greater keys.
    """
    n, cells = shape[0], shape[1]
    sorted_rows = n + 1 if extrema else 1
    for s in prange(spans.shape[0]):
        own, z = rows[spans[s, 0] : spans[s, 0] + spans[s, 1]], spans[s, 2]
        facts = np.empty((cells, cells), np.int64)
        left = np.empty((cells, cells), np.int64)
        known_facts(own, cells, z, extrema, facts)
        tuples_left(own, cells, z, facts, left)
        for t in range(steps.shape[0]):
            x, y = steps[t, 0], steps[t, 1]
            roles = ALWAYS + ROLE_X * (x == n) + ROLE_Y * (y == n) + ROLE_Z * (z == n)
            scores[s, t] = NEVER
            if left[x, y] == 0 or steps[t, 2] & ~facts[x, y] or not roles & steps[t, 4]:
                continue
            scores[s, t] = np.float32(np.log2(left[x, y]))
            if left[x, y] == sorted_rows:
                stale = x if steps[t, 3] == 0 else y if steps[t, 3] == 1 else z
                scores[s, t] = GOAL if stale >= n else NEVER
