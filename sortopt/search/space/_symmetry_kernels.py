"""Compiled canonical form of a state (the mathematics is in `symmetry`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sortopt.base import Block, Line, Table, compiled

DEAD = 65535
"""What stands in place of an assignment's number where there is no such assignment."""

Ids = Line[np.uint16]
"""Numbers of assignments; a state where they are distinct and ascend."""

Numbers = Line[np.int64]


class SymmetryTables(NamedTuple):
    """What the canonical form needs; see `symmetry.Symmetry`."""

    image: Table[np.uint16]
    """`image[variant * renamings + p, id]`: the assignment that the element maps id to."""
    signature: Block[np.uint64]
    """`signature[id, variant, cell]`: what `id` adds to a cell's order-independent signature."""
    source: Table[np.int64]
    """`source[p, c]`: the cell whose content renaming p moves to cell c."""
    begins: Line[np.bool_]
    """Whether a cell is the first of a run of cells that may be renamed among themselves."""


@compiled()
def sort_ids(row: Ids | Numbers, size: int) -> None:
    """Sort row[:size] in place: Shell's method, which is insertion for short rows."""
    gap = 40 if size > 80 else 13 if size > 26 else 1
    while gap > 0:
        for i in range(gap, size):
            value = row[i]
            j = i - gap
            while j >= 0 and row[j] > value:
                row[j + gap] = row[j]
                j -= gap
            row[j + gap] = value
        gap //= 3


@compiled()
def sort_unique(row: Ids, size: int) -> int:
    """Sort row[:size], drop duplicates, return the new size."""
    sort_ids(row, size)
    kept = 0
    for i in range(size):
        if i == 0 or row[i] != row[kept - 1]:
            row[kept] = row[i]
            kept += 1
    return kept


@compiled()
def _sort_runs(line: Line[np.uint64], begins: Line[np.bool_]) -> bool:
    """Sort each run of cells that may be renamed; return whether its signatures differ."""
    differ = True
    for i in range(1, line.size):
        j = i
        while not begins[j] and line[j] < line[j - 1]:
            line[j], line[j - 1] = line[j - 1], line[j]
            j -= 1
        differ = differ and (begins[j] or line[j] != line[j - 1])
    return differ


@compiled()
def _compare(one: Line[np.uint64], other: Line[np.uint64]) -> int:
    """Compare two lines entry by entry: -1, 0 or 1."""
    for i in range(one.size):
        if one[i] != other[i]:
            return -1 if one[i] < other[i] else 1
    return 0


@compiled()
def canonical(row: Ids, size: int, tables: SymmetryTables, out: Ids) -> int:
    """Set out[:size] to the canonical form of the state row[:size] (sorted distinct ids).

    Returns the number of the group's element that maps the state to it.

    Pick the variants with the least sorted signature, try every renaming that sorts it, and keep
    the least image.  Sound because the choice depends on the state's orbit alone: a renamed state
    has the same sorted signatures and tries the same images.
    """
    variants, cells = tables.signature.shape[1], tables.signature.shape[2]
    renamings = tables.source.shape[0]
    sums = np.zeros((2 * variants, cells), np.uint64)
    for i in range(size):
        for v in range(variants):
            for c in range(cells):
                sums[v, c] += tables.signature[row[i], v, c]
    differ, least = True, variants
    for v in range(variants):
        sums[variants + v] = sums[v]
        differ = _sort_runs(sums[variants + v], tables.begins) and differ
        if _compare(sums[variants + v], sums[least]) < 0:
            least = variants + v
    trial = np.empty(size, np.uint16)
    chosen = -1
    for v in range(variants):
        if _compare(sums[variants + v], sums[least]) != 0:
            continue
        for p in range(renamings):
            i = 0
            while i < cells and sums[v, tables.source[p, i]] == sums[least, i]:
                i += 1
            if i < cells:
                continue
            element = v * renamings + p
            for i in range(size):
                trial[i] = tables.image[element, row[i]]
            sort_ids(trial, size)
            i = 0
            while chosen >= 0 and i < size and trial[i] == out[i]:
                i += 1
            if chosen < 0 or (i < size and trial[i] < out[i]):
                for i in range(size):
                    out[i] = trial[i]
                chosen = element
            if differ:
                break
    return chosen


@compiled()
def row_hash(row: Ids, size: int) -> np.uint64:
    """Return a 64-bit hash of row[:size]; it places states in tables and proves nothing.

    The part of the frontier that a state falls into follows from it, and so the sequence of states
    and which of several kernels a beam finds: with another hash these change.
    """
    h = np.uint64(0x243F6A8885A308D3) ^ np.uint64(size)
    for i in range(size):
        h = (h ^ np.uint64(row[i])) * np.uint64(0x9E3779B97F4A7C15)
        h ^= h >> np.uint64(29)
    h = (h ^ (h >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return h ^ (h >> np.uint64(32))
