"""Compiled scores of the free-form beam: which instructions are worth a try, what they leave.

Rows and instructions are laid out as in `_state_kernels`.  `spans` has one line a state: first
row, rows in all, rows of pattern 0, whether its last instruction was a comparison, its group.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from sortopt.base import Block, Line, Table, compiled
from sortopt.search.beams._state_kernels import (
    COMPARE,
    COPY,
    FLAGS,
    FLAGSHIFT,
    GOAL,
    NEVER,
    NIBBLE,
    ONE,
    PATSHIFT,
    ZERO,
    Workspace,
    distinct,
    key,
    successor,
    workspace,
)


@compiled()
def spare_cells(rows: Line[np.uint64], cells: int, spare: Line[np.int64]) -> None:
    """Fill spare[f] with the cells (bits) that may be overwritten wherever the flags are f.

    A cell may be overwritten in a row when another cell holds its key too, or it is undefined.
    spare[4] gets the cells that are defined in every row; spare[5] is 1 where flags are undefined.
    """
    spare[:5] = (1 << cells) - 1
    spare[5] = 0
    for row in rows:
        once, twice = ZERO, ZERO
        for c in range(cells):
            bit = ONE << key(row, c)
            twice |= once & bit
            once |= bit
        duplicated = 0
        for c in range(cells):
            held = key(row, c)
            if held == ZERO:
                duplicated |= 1 << c
                spare[4] &= ~(1 << c)
            elif (twice >> held) & ONE:
                duplicated |= 1 << c
        flag = np.int64((row & FLAGS) >> FLAGSHIFT)
        spare[flag] &= duplicated
        spare[5] |= flag == 0


@compiled(inline="always")
def admissible(coded: Line[np.int64], spare: Line[np.int64], compared: int) -> bool:
    """Return whether an instruction loses no key, reads nothing undefined and can matter.

    `compared` says whether the last one was a comparison.
    """
    kind, a, b = coded[0], coded[1], coded[2]
    defined, third = spare[4], b >> 4
    if not (defined >> (b & 15)) & 1:
        return False
    if kind == COMPARE:
        return compared == 0 and (defined >> a) & 1 == 1
    lost = -1
    if third and (spare[5] or not (defined >> (third - 1)) & 1):
        return False
    if kind == COPY or third:
        lost = spare[0] & spare[1] & spare[2] & spare[3]
    else:
        if not (defined >> a) & 1:
            return False
        for flag in range(4):
            if flag == 0 or (coded[3] >> flag) & 1:
                lost &= spare[flag]
    return (lost >> a) & 1 == 1


@compiled()
def is_goal(buffer: Line[np.uint64], count: int, n: int, ranks: Table[np.int64]) -> bool:
    """Return whether every row holds its keys in the input cells, each rank in one fixed cell.

    `ranks[p, k]` is the key of rank k in tie pattern p.
    """
    for i in range(count):
        row = buffer[i]
        pattern = np.int64(row >> PATSHIFT)
        taken = np.int64(0)
        for c in range(n):
            rank = np.int64(key(buffer[0], c)) - 1
            if rank < 0 or (taken >> rank) & 1:
                return False
            taken |= np.int64(1) << rank
            if np.int64(key(row, c)) != ranks[pattern, rank]:
                return False
    return True


@compiled()
def least_masked(
    buffer: Line[np.uint64], count: int, cells: int, table: Workspace, stamp: int
) -> tuple[int, int]:
    """Return the least number of distinct rows left when the flags and one cell are ignored.

    Returns that cell as well (the first of equals).
    """
    least = count + 1
    spare = 0
    for c in range(cells):
        mask = ~(FLAGS | (NIBBLE << np.uint64(4 * c)))
        left = distinct(buffer, count, mask, table, stamp + c)
        if left < least:
            least = left
            spare = c
    return least, spare


@compiled()
def group_of(kind: int, rows: Line[np.uint64], cells: int, before: int) -> int:
    """Return the group of a child: where it stands in the natural course of a comparator.

    0 after a copy, 1 after a comparison; after a selection 2 where some cell is spare in every row,
    else 3, or 4 where the parent, of group `before`, was after a selection without one already.
    """
    if kind == COPY:
        return 0
    if kind == COMPARE:
        return 1
    spare = np.empty(6, np.int64)
    spare_cells(rows, cells, spare)
    if spare[0] & spare[1] & spare[2] & spare[3]:
        return 2
    return 4 if before >= 3 else 3


@compiled()
def unchanged(
    rows: Line[np.uint64], span: Line[np.int64], buffer: Line[np.uint64], untied: int
) -> bool:
    """Return whether no row changed, given the children in `buffer` in the parents' order."""
    if untied != span[2]:
        return False
    same = True
    for i in range(span[1]):
        same &= buffer[i] == rows[span[0] + i]
    return same


@compiled(parallel=True)
def score_children(
    rows: Line[np.uint64],
    spans: Table[np.int64],
    instructions: Table[np.int64],
    ranks: Table[np.int64],
    shape: Line[np.int64],
    cutoff: float,
    scores: Table[np.float32],
    counts: Block[np.int64],
) -> None:
    """Score every child of every state: lower is nearer to sorted.

    `shape` holds n, the number of cells and 1000 times the weight of the tie score.  Fills
    scores[s, q] (NEVER where the instruction is not admissible, changes nothing or scores above
    `cutoff`, GOAL where it finishes) and counts[s, q]: rows in all, rows of pattern 0, group.
    """
    n, cells, weight = shape[0], shape[1], shape[2] / 1000.0
    for s in prange(spans.shape[0]):
        first, count, parents = spans[s, 0], spans[s, 1], spans[s, 2]
        spare = np.empty(6, np.int64)
        spare_cells(rows[first : first + count], cells, spare)
        table = workspace(count)
        buffer = np.empty(count, np.uint64)
        stamp = 1
        for q in range(instructions.shape[0]):
            scores[s, q] = NEVER
            if not admissible(instructions[q], spare, spans[s, 3]):
                continue
            kind, a, b = instructions[q, 0], instructions[q, 1], instructions[q, 2]
            condition = instructions[q, 3]
            for i in range(parents):
                buffer[i] = successor(rows[first + i], kind, a, b, condition)
            untied = distinct(buffer, parents, ~ZERO, table, stamp)
            left, ignored = least_masked(buffer, untied, cells, table, stamp + 1)
            stamp += cells + 1
            if np.log2(left) > cutoff:
                continue
            for i in range(parents, count):
                buffer[untied + i - parents] = successor(rows[first + i], kind, a, b, condition)
            if unchanged(rows, spans[s], buffer, untied):
                continue
            ties = distinct(buffer[untied:], count - parents, ~ZERO, table, stamp)
            counts[s, q, 0] = untied + ties
            counts[s, q, 1] = untied
            counts[s, q, 2] = group_of(kind, buffer[: untied + ties], cells, spans[s, 4])
            mask = ~(FLAGS | (NIBBLE << np.uint64(4 * ignored)))
            every = distinct(buffer, untied + ties, mask, table, stamp + 1)
            stamp += 2
            scores[s, q] = np.float32(np.log2(left) + weight * np.log2(every / ranks.shape[0]))
            if left == 1 and is_goal(buffer, untied + ties, n, ranks):
                scores[s, q] = GOAL
