"""Compiled edits of programs, and what programs do to all inputs (see `programs`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sortopt.base import Line, Table, compiled
from sortopt.search.exhaustive import States, find
from sortopt.search.space import Ids, Numbers, row_hash


class Tables(NamedTuple):
    """What the edits and the runs of programs need; a program is a row of instructions' numbers.

    `step[id, q]` is the assignment after instruction q; a dead one stays dead.  `sorted_[id]` says
    whether the outputs hold what they must.  `compares[q]` says whether q is a comparison, and
    `turned[q]` is the instruction that does the same once the compared keys are exchanged; the
    first `listed` instructions are those that programs are written with.  `similar[q]` lists what
    can take the place of q, filled up with -1.
    """

    step: Table[np.uint16]
    start: Ids
    sorted_: Line[np.bool_]
    compares: Line[np.bool_]
    turned: Ids
    similar: Table[np.int32]
    listed: int


@compiled()
def failing(program: Ids, size: int, tables: Tables) -> int:
    """Return the number of inputs on which program[:size] fails."""
    count = 0
    for entry in tables.start:
        now = entry
        for i in range(size):
            now = tables.step[now, program[i]]
        count += not tables.sorted_[now]
    return count


@compiled()
def is_right(program: Ids, size: int, tables: Tables) -> bool:
    """Return whether program[:size] fails on no input."""
    for entry in tables.start:
        now = entry
        for i in range(size):
            now = tables.step[now, program[i]]
        if not tables.sorted_[now]:
            return False
    return True


@compiled()
def turn(program: Ids, size: int, i: int, tables: Tables) -> None:
    """Exchange the keys that comparison i compares, and the conditions up to the next one."""
    program[i] = tables.turned[program[i]]
    i += 1
    while i < size and not tables.compares[program[i]]:
        program[i] = tables.turned[program[i]]
        i += 1


@compiled()
def as_written(program: Ids, size: int, tables: Tables) -> None:
    """Write program[:size] with listed instructions: each comparison the way round it is listed."""
    for i in range(size):
        if program[i] >= tables.listed:
            turn(program, size, i, tables)


@compiled()
def ways_round(program: Ids, i: int, tables: Tables) -> int:
    """Return in how many ways instruction i can be written: two for comparisons, else one."""
    return 2 if tables.compares[program[i]] and tables.turned[program[i]] != program[i] else 1


@compiled()
def write(program: Ids, size: int, i: int, way: int, tables: Tables, out: Ids) -> None:
    """Write a program to `out`, instruction i in one of its ways (see `ways_round`)."""
    out[:] = program[:size]
    if way == 1:
        turn(out, size, i, tables)


@compiled()
def changed(program: Ids, size: int, tables: Tables, out: Table[np.uint16]) -> int:
    """Write to `out` the programs that one instruction changed, or two exchanged, makes.

    An edit at a comparison is done to it written either way round.  Returns their number.
    """
    count = 0
    base = np.empty(size, np.uint16)
    for i in range(size):
        for way in range(ways_round(program, i, tables)):
            write(program, size, i, way, tables, base)
            for q in tables.similar[base[i]]:
                if q < 0:
                    break
                if way == 1 and tables.compares[q]:
                    continue  # the same as with the first way
                out[count, :size] = base
                out[count, i] = q
                count += 1
            for j in range(max(i - 1, 0) if way == 1 else i, min(i + 1, size - 1)):
                if base[j] != base[j + 1]:
                    out[count, :size] = base
                    out[count, j], out[count, j + 1] = base[j + 1], base[j]
                    count += 1
    return count


@compiled()
def shortened(program: Ids, size: int, tables: Tables, out: Table[np.uint16]) -> int:
    """Write to `out` the programs that dropping one instruction makes; return their number."""
    count = 0
    base = np.empty(size, np.uint16)
    for i in range(size):
        for way in range(ways_round(program, i, tables)):
            write(program, size, i, way, tables, base)
            out[count, :i] = base[:i]
            out[count, i : size - 1] = base[i + 1 :]
            count += 1
    return count


@compiled()
def can_drop(program: Ids, size: int, tables: Tables, out: Table[np.uint16]) -> bool:
    """Return whether dropping one instruction leaves a program that is right."""
    for r in range(shortened(program, size, tables, out)):
        if is_right(out[r], size - 1, tables):
            return True
    return False


@compiled()
def keep_right(out: Table[np.uint16], count: int, size: int, tables: Tables) -> int:
    """Keep of out[:count, :size] the programs that are right, as written, each once; return them.

    Their number, that is; they stand first, in their sequence.
    """
    kept = 0
    for r in range(count):
        if is_right(out[r], size, tables):
            as_written(out[r], size, tables)
            known = 0
            while known < kept and (out[known, :size] != out[r, :size]).any():
                known += 1
            if known == kept:
                out[kept, :size] = out[r, :size]
                kept += 1
    return kept


@compiled()
def links(
    programs: Table[np.uint16],
    lo: int,
    hi: int,
    tables: Tables,
    known: States,
    shorter: int,
    out: Table[np.uint16],
    degree: Numbers,
) -> Numbers:
    """Return the numbers among `known` of what one edit makes of programs[lo:hi], end to end.

    Edits drop one instruction where `shorter` is 1, else they keep the length; all right programs
    of that length must be known.  How many programs each has is written to `degree`.
    """
    size = programs.shape[1]
    ends = np.empty(16 * (hi - lo) + len(out), np.int64)
    slot = np.zeros(1, np.int64)
    used = 0
    for number in range(lo, hi):
        if shorter == 1:
            count = shortened(programs[number], size, tables, out)
        else:
            count = changed(programs[number], size, tables, out)
        kept = keep_right(out, count, size - shorter, tables)
        if used + kept > len(ends):
            more = np.empty(2 * len(ends) + kept, np.int64)
            more[:used] = ends[:used]
            ends = more
        for r in range(kept):
            h = row_hash(out[r], size - shorter)
            ends[used] = find(known, out[r], size - shorter, h, slot)
            used += 1
        degree[number] = kept
    return ends[:used].copy()


@compiled()
def survey(
    programs: Table[np.uint16],
    lo: int,
    hi: int,
    tables: Tables,
    most: int,
    out: Table[np.uint16],
    found: Table[np.int64],
) -> None:
    """Write to `found` what edits make of each of programs[lo:hi], all right.

    First how many other right programs an edit makes that keeps the length; then how many such
    edits lead to a program of which one instruction can be dropped, up to `most`, at most 2, and
    one more where it takes more.
    """
    size = programs.shape[1]
    second, dropped = np.empty_like(out), np.empty_like(out)
    for number in range(lo, hi):
        kept = keep_right(out, changed(programs[number], size, tables, out), size, tables)
        found[number, 0], found[number, 1] = kept, most + 1
        if can_drop(programs[number], size, tables, dropped):
            found[number, 1] = 0
        r = 0
        while most >= 1 and found[number, 1] > 1 and r < kept:
            if can_drop(out[r], size, tables, dropped):
                found[number, 1] = 1
            r += 1
        r = 0
        while most >= 2 and found[number, 1] > 2 and r < kept:
            for t in range(changed(out[r], size, tables, second)):
                if is_right(second[t], size, tables) and can_drop(second[t], size, tables, dropped):
                    found[number, 1] = 2
                    break
            r += 1


@compiled()
def prepare(programs: Table[np.uint16], hashes: Line[np.uint64]) -> None:
    """Write the hash of each program to `hashes`."""
    for number in range(len(programs)):
        hashes[number] = row_hash(programs[number], programs.shape[1])


@compiled()
def count_failing(
    programs: Table[np.uint16], lo: int, hi: int, tables: Tables, out: Table[np.uint16]
) -> Numbers:
    """Return how many edits that keep the length make programs[lo:hi] fail on 0, 1 … inputs."""
    counts = np.zeros(len(tables.start) + 1, np.int64)
    size = programs.shape[1]
    for number in range(lo, hi):
        for r in range(changed(programs[number], size, tables, out)):
            counts[failing(out[r], size, tables)] += 1
    return counts


@compiled()
def look_up(programs: Table[np.uint16], known: States, found: Numbers) -> None:
    """Write the number of each program among `known` to `found`, -1 where it is not there."""
    slot = np.zeros(1, np.int64)
    size = programs.shape[1]
    for number in range(len(programs)):
        h = row_hash(programs[number], size)
        found[number] = find(known, programs[number], size, h, slot)


@compiled()
def components(first: Numbers, ends: Numbers, label: Numbers) -> int:
    """Number the components of the graph whose node i leads to ends[first[i]:first[i + 1]].

    The numbers, in the sequence of their first nodes, are written to `label`; returns how many.
    """
    label[:] = -1
    stack = np.empty(len(label), np.int64)
    count = 0
    for root in range(len(label)):
        if label[root] >= 0:
            continue
        label[root], stack[0], height = count, root, 1
        while height:
            height -= 1
            node = stack[height]
            for e in range(first[node], first[node + 1]):
                if label[ends[e]] < 0:
                    label[ends[e]] = count
                    stack[height] = ends[e]
                    height += 1
        count += 1
    return count


@compiled()
def distances(first: Numbers, ends: Numbers, distance: Numbers) -> None:
    """Set `distance` to the number of edges to the nearest node where it is 0; -1 if none is near.

    On entry it is 0 at the sources and -1 elsewhere.
    """
    queue = np.empty(len(distance), np.int64)
    put = 0
    for node in range(len(distance)):
        if distance[node] == 0:
            queue[put] = node
            put += 1
    taken = 0
    while taken < put:
        node = queue[taken]
        taken += 1
        for e in range(first[node], first[node + 1]):
            if distance[ends[e]] < 0:
                distance[ends[e]] = distance[node] + 1
                queue[put] = ends[e]
                put += 1
