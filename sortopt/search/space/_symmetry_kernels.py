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
Sums = Line[np.uint64]
"""The signature of each cell."""


class SymmetryTables(NamedTuple):
    """What the canonical form needs; see `symmetry.Symmetry`."""

    image: Table[np.uint16]
    """`image[variant * renamings + p, id]`: the assignment that the element maps id to."""
    signature: Block[np.uint64]
    """`signature[id, variant, cell]`: what `id` adds to a cell's order-independent signature."""
    blocks: Numbers
    """The bounds of the runs of cells that may be renamed among themselves."""


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
def _cell_order(sums: Sums, order: Numbers, blocks: Numbers) -> None:
    """Set `order` to the cells, sorted by signature within each block."""
    for b in range(blocks.size - 1):
        for i in range(blocks[b], blocks[b + 1]):
            j = i - 1
            while j >= blocks[b] and sums[order[j]] > sums[i]:
                order[j + 1] = order[j]
                j -= 1
            order[j + 1] = i


@compiled()
def _renaming_number(order: Numbers, blocks: Numbers) -> int:
    """Return the number of the renaming that moves cell order[i] to cell i (a Lehmer code)."""
    cells = order.size
    target = np.empty(cells, np.int64)
    for i in range(cells):
        target[order[i]] = i
    number = 0
    for b in range(blocks.size - 1):
        for i in range(blocks[b], blocks[b + 1]):
            less = 0
            for j in range(i + 1, blocks[b + 1]):
                if target[j] < target[i]:
                    less += 1
            number = number * (blocks[b + 1] - i) + less
    return number


@compiled()
def _next_order(order: Numbers, sums: Sums, blocks: Numbers) -> bool:
    """Step to the next order of the cells that keeps signatures sorted; False after the last.

    Runs of equal signature in a block are permuted lexicographically, the first run fastest.
    """
    cells = order.size
    start = 0
    block = 0
    while start < cells:
        while blocks[block + 1] <= start:
            block += 1
        end = start + 1
        while end < blocks[block + 1] and sums[order[end]] == sums[order[start]]:
            end += 1
        i = end - 2
        while i >= start and order[i] > order[i + 1]:
            i -= 1
        if i >= start:
            j = end - 1
            while order[j] < order[i]:
                j -= 1
            order[i], order[j] = order[j], order[i]
            order[i + 1 : end] = order[i + 1 : end][::-1].copy()
            return True
        order[start:end] = order[start:end][::-1].copy()
        start = end
    return False


@compiled()
def canonical(row: Ids, size: int, tables: SymmetryTables, out: Ids) -> int:
    """Set out[:size] to the canonical form of the state row[:size] (sorted distinct ids).

    Returns the number of the group's element that maps the state to it.

    Pick the variants with the least sorted signature, try every renaming that sorts it, and keep
    the least image.  Sound because the choice depends on the state's orbit alone: a renamed state
    has the same sorted signatures and tries the same images.
    """
    variants, cells = tables.signature.shape[1], tables.signature.shape[2]
    renamings = tables.image.shape[0] // variants
    sums = np.zeros((variants, cells), np.uint64)
    for i in range(size):
        for v in range(variants):
            for c in range(cells):
                sums[v, c] += tables.signature[row[i], v, c]
    orders = np.empty((variants, cells), np.int64)
    best = 0
    rank = np.zeros(variants, np.int64)
    for v in range(variants):
        _cell_order(sums[v], orders[v], tables.blocks)
        for c in range(cells):
            mine, other = sums[v, orders[v, c]], sums[best, orders[best, c]]
            if mine != other:
                rank[v] = -1 if mine < other else 1
                break
        if rank[v] < 0:
            best = v
    trial = np.empty(size, np.uint16)
    first = True
    chosen = 0
    for v in range(best, variants):
        if v != best and rank[v] != 0:
            continue
        while True:
            element = v * renamings + _renaming_number(orders[v], tables.blocks)
            for i in range(size):
                trial[i] = tables.image[element, row[i]]
            sort_ids(trial, size)
            better = first
            if not first:
                for i in range(size):
                    if trial[i] != out[i]:
                        better = trial[i] < out[i]
                        break
            if better:
                out[:size] = trial
                chosen = element
            first = False
            if not _next_order(orders[v], sums[v], tables.blocks):
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
