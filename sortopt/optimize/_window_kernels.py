"""Compiled inner loops of the window search.

A *row* is what all cells hold for one input: ranks from 1, 0 for undefined; flags are 0 undefined,
1 less, 2 equal, 3 greater.  A *program* has one line an instruction: action (0 copy, 1 compare,
2 select, 3 minimum, 4 maximum), target, first and second argument, and for a select the set of
flags on which it takes the first, as bits 1 << flag.

A *local* state is what a window's few cells hold for one input: dense ranks from 1 within the
window's cells, 0 for undefined, and the flags, as one number: flags + 4 * (c0 + b*(c1 + b*(...)))
with b one more than the number of cells.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sortopt.base import Line, Table, compiled, mixed

COPY, COMPARE, SELECT, MINIMUM, MAXIMUM = 0, 1, 2, 3, 4
UNREACHED = 255

Rows = Table[np.uint8]
Flags = Line[np.uint8]
Program = Table[np.int64]
Steps = Table[np.int32]
"""steps[s, q] is the local state after instruction q, or -1 where that is not defined."""


class Exits(NamedTuple):
    """The ways to leave a window: the cells that are live behind it, and a line for each way.

    A line holds the dense ranks of those cells, then the flags.
    """

    cells: Line[np.int64]
    lines: Table[np.int64]


_S32 = np.uint64(32)
_MULTIPLIER = np.uint64(1_000_003)


@compiled()
def execute(cells: Flags, flag: int, program: Program) -> int:
    """Run `program` on one row, in place; return the flags."""
    for i in range(program.shape[0]):
        action, target = program[i, 0], program[i, 1]
        a, b = cells[program[i, 2]], cells[program[i, 3]]
        if action == COMPARE:
            flag = 1 if a < b else 2 if a == b else 3
            if a == 0 or b == 0:
                flag = 0
        elif action == COPY:
            cells[target] = a
        elif action == SELECT:
            if flag == 0:
                cells[target] = a if a == b else 0
            else:
                cells[target] = a if (program[i, 4] >> flag) & 1 else b
        elif a == 0 or b == 0:
            cells[target] = 0
        else:
            cells[target] = min(a, b) if action == MINIMUM else max(a, b)
    return flag


@compiled()
def execute_all(rows: Rows, flags: Flags, program: Program) -> None:
    """Run `program` on every row, in place."""
    for r in range(rows.shape[0]):
        flags[r] = execute(rows[r], flags[r], program)


@compiled()
def first_failure(
    rows: Rows, flags: Flags, wanted: Rows, program: Program, outputs: Line[np.int64]
) -> int:
    """Return the first row after which the outputs are not `wanted`, or -1."""
    cells = np.empty(rows.shape[1], np.uint8)
    for r in range(rows.shape[0]):
        cells[:] = rows[r]
        execute(cells, flags[r], program)
        for j in range(outputs.shape[0]):
            if cells[outputs[j]] != wanted[r, j]:
                return r
    return -1


@compiled()
def row_hashes(rows: Rows, flags: Flags, wanted: Rows, hashes: Line[np.uint64]) -> None:
    """Fill hashes[r] with a hash of row r, its flags and what is wanted."""
    for r in range(rows.shape[0]):
        h = np.uint64(flags[r]) + np.uint64(1)
        for c in range(rows.shape[1]):
            h = h * _MULTIPLIER + np.uint64(rows[r, c])
        h = mixed(h)
        for j in range(wanted.shape[1]):
            h = h * _MULTIPLIER + np.uint64(wanted[r, j])
        hashes[r] = mixed(h)


@compiled()
def localize(
    rows: Rows, flags: Flags, touched: Line[np.int64], codes: Line[np.int64], ranks: Rows
) -> None:
    """Fill codes[r] with the local state of row r, ranks[r, d] with the rank of dense rank d."""
    k = touched.shape[0]
    for r in range(rows.shape[0]):
        present = 0
        for t in range(k):
            present |= 1 << rows[r, touched[t]]
        dense = 0
        number = np.zeros(64, np.int64)
        for value in range(1, 64):
            if (present >> value) & 1:
                dense += 1
                number[value] = dense
                ranks[r, dense] = value
        code = 0
        for t in range(k - 1, -1, -1):
            code = code * (k + 1) + number[rows[r, touched[t]]]
        codes[r] = code * 4 + flags[r]


@compiled()
def accepted_exits(
    rows: Rows,
    groups: Line[np.int64],
    ranks: Rows,
    wanted: Rows,
    exits: Exits,
    program: Program,
    outputs: Line[np.int64],
    ok: Table[np.bool_],
) -> None:
    """Clear ok[g, e] where exit e does not let `program` finish some row of group g."""
    cells = np.empty(rows.shape[1], np.uint8)
    placed, lines = exits.cells, exits.lines
    k = placed.shape[0]
    for r in range(rows.shape[0]):
        g = groups[r]
        for e in range(lines.shape[0]):
            if not ok[g, e]:
                continue
            cells[:] = rows[r]
            for t in range(k):
                cells[placed[t]] = ranks[r, lines[e, t]]
            execute(cells, lines[e, k], program)
            for j in range(outputs.shape[0]):
                if cells[outputs[j]] != wanted[r, j]:
                    ok[g, e] = False
                    break


@compiled()
def distances(step: Steps, top: Line[np.int64], tops: Line[np.int64], cap: int, cost: Rows) -> None:
    """Fill cost[g, s]: the least number of instructions from s to an accepted local state.

    On entry 0 where accepted, UNREACHED elsewhere; only local states whose greatest rank top[s]
    is at most tops[g] count.  Beyond `cap` the cost is set to cap + 1, a lower bound.
    """
    for g in range(cost.shape[0]):
        settled = True
        for sweep in range(1, cap + 1):
            settled = True
            for s in range(cost.shape[1]):
                if cost[g, s] != UNREACHED or top[s] > tops[g]:
                    continue
                for q in range(step.shape[1]):
                    t = step[s, q]
                    if t >= 0 and cost[g, t] == sweep - 1:
                        cost[g, s] = sweep
                        settled = False
                        break
            if settled:
                break
        if not settled:
            for s in range(cost.shape[1]):
                if cost[g, s] == UNREACHED:
                    cost[g, s] = cap + 1


@compiled()
def solve(
    step: Steps,
    cost: Rows,
    start: Line[np.int64],
    follows: Table[np.bool_],
    limit: int,
    nodes: int,
    table: Line[np.uint64],
    paths: Table[np.int64],
) -> int:
    """Search depth first for programs of at most `limit` instructions; return how many.

    start[g] is the local state of group g; a program must bring each to cost 0.  follows[p, q]
    says whether instruction q may come right after p.  `table` (a power of two, zeroed) remembers
    hashes of states and how much of the limit was left; paths[i] gets a program, -1 behind its
    end.  Gives up after `nodes` states.  Sound for any collision of hashes: a collision only
    loses programs.
    """
    groups, instructions = start.shape[0], step.shape[1]
    state = np.empty((limit + 1, groups), np.int64)
    state[0] = start
    order = np.arange(groups)
    tried = np.zeros(limit + 1, np.int64)
    taken = np.full(limit + 1, -1, np.int64)
    child = np.empty(groups, np.int64)
    last = np.int64(table.shape[0] - 1)
    depth, found, seen = 0, 0, 0
    while depth >= 0:
        if tried[depth] == instructions or depth == limit:
            depth -= 1
            continue
        q = tried[depth]
        tried[depth] += 1
        if depth > 0 and not follows[taken[depth - 1], q]:
            continue
        left = limit - depth - 1
        good, changed, done = True, False, True
        h = np.uint64(0)
        for o in range(groups):
            g = order[o]
            t = step[state[depth, g], q]
            if t < 0 or cost[g, t] > left:
                good = False
                if o > 0:
                    order[o], order[o // 2] = order[o // 2], g
                break
            done &= cost[g, t] == 0
            changed |= t != state[depth, g]
            child[g] = t
            h += mixed(np.uint64(g * 1_000_003 + t + 1))
        if not good or not changed:
            continue
        if done:
            paths[found, :depth] = taken[:depth]
            paths[found, depth] = q
            paths[found, depth + 1 :] = -1
            found += 1
            if found == paths.shape[0]:
                return found
            continue
        if left == 0:
            continue
        slot = np.int64(h >> _S32) & last
        mark = (h & ~np.uint64(31)) | np.uint64(left)
        if (table[slot] ^ mark) < np.uint64(32) and table[slot] >= mark:
            continue
        table[slot] = mark
        seen += 1
        if seen > nodes:
            return found
        state[depth + 1] = child
        taken[depth] = q
        depth += 1
        tried[depth] = 0
    return found
