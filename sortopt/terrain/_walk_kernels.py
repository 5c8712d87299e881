"""Compiled walks over programs that lower the number of failing inputs (see `descents`)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sortopt.base import Line, Table, compiled, mixed
from sortopt.search.space import Ids, Numbers
from sortopt.terrain._edit_kernels import Tables, changed, failing, is_right, turn, ways_round

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class Walk(NamedTuple):
    """How to walk: `edits` tried at temperatures from `hot` to `cold`; no edits is `descend`."""

    edits: int
    hot: float
    cold: float


@compiled()
def below(limit: int, random: Line[np.uint64]) -> int:
    """Return a random number from 0 to limit - 1; `random[0]` is the state of the generator."""
    random[0] += _GOLDEN
    return int((mixed(random[0]) >> np.uint64(32)) * np.uint64(limit) >> np.uint64(32))


@compiled()
def edit_at_random(program: Ids, size: int, tables: Tables, random: Line[np.uint64]) -> None:
    """Change program[:size] by one edit that keeps its length, each place being as likely."""
    i = below(size, random)
    if ways_round(program, i, tables) == 2 and below(2, random):
        turn(program, size, i, tables)
    choices = 0
    while choices < tables.similar.shape[1] and tables.similar[program[i], choices] >= 0:
        choices += 1
    chosen = below(choices + 1, random)
    if chosen < choices:
        program[i] = tables.similar[program[i], chosen]
    elif i + 1 < size:
        program[i], program[i + 1] = program[i + 1], program[i]


@compiled()
def descend(program: Ids, tables: Tables, random: Line[np.uint64], out: Table[np.uint16]) -> int:
    """Edit `program` as long as one edit lowers the number of failing inputs; return that number.

    Each time the edit that lowers it most, of equal ones the first from a random place on.
    """
    size = len(program)
    cost = failing(program, size, tables)
    while cost:
        count = changed(program, size, tables, out)
        first, best, chosen = below(count, random), cost, -1
        for k in range(count):
            r = (first + k) % count
            after = failing(out[r], size, tables)
            if after < best:
                best, chosen = after, r
        if chosen < 0:
            break
        program[:] = out[chosen, :size]
        cost = best
    return cost


@compiled()
def anneal(program: Ids, tables: Tables, random: Line[np.uint64], walk: Walk) -> int:
    """Try random edits of `program`, ending at once where none fails; return how many inputs fail.

    An edit that adds d failing inputs is kept with probability exp(-d / t), t falling from `hot`
    to `cold` by a constant factor; where `hot` is 0, only where d is not above 0.
    """
    size = len(program)
    cost = failing(program, size, tables)
    trial = np.empty(size, np.uint16)
    temperature = walk.hot
    factor = (walk.cold / walk.hot) ** (1 / walk.edits) if walk.hot > 0 else 1.0
    for _ in range(walk.edits):
        if cost == 0:
            break
        trial[:] = program
        edit_at_random(trial, size, tables, random)
        after = failing(trial, size, tables)
        chance = below(1 << 30, random) / (1 << 30)
        if after <= cost or (walk.hot > 0 and chance < math.exp((cost - after) / temperature)):
            program[:] = trial
            cost = after
        temperature *= factor
    return cost


@compiled()
def distance_to_right(
    program: Ids, tables: Tables, out: Table[np.uint16], second: Table[np.uint16]
) -> int:
    """Return how many edits that keep the length make `program` right, up to 2; 3 for more."""
    size = len(program)
    if is_right(program, size, tables):
        return 0
    count = changed(program, size, tables, out)
    for r in range(count):
        if is_right(out[r], size, tables):
            return 1
    for r in range(count):
        for t in range(changed(out[r], size, tables, second)):
            if is_right(second[t], size, tables):
                return 2
    return 3


@compiled()
def stray(
    programs: Table[np.uint16],
    tables: Tables,
    edits: int,
    seed: np.uint64,
    out: Table[np.uint16],
    found: Table[np.int64],
) -> None:
    """Edit each of `programs` at random `edits` times; note its distance and its failing inputs.

    The first is that of `distance_to_right`, where there are `edits` at all; `found` has a row for
    each program.
    """
    size = programs.shape[1]
    second = np.empty_like(out)
    random = np.empty(1, np.uint64)
    for number in range(len(programs)):
        random[0] = mixed(seed + np.uint64(number))
        for _ in range(edits):
            edit_at_random(programs[number], size, tables, random)
        if edits:
            found[number, 0] = distance_to_right(programs[number], tables, out, second)
        found[number, 1] = failing(programs[number], size, tables)


@compiled()
def runs(
    size: int,
    tables: Tables,
    walk: Walk,
    seed: np.uint64,
    lo: int,
    hi: int,
    out: Table[np.uint16],
    ends: Numbers,
) -> None:
    """Walk from random programs numbered lo to hi; write how many inputs fail at the end."""
    program = np.empty(size, np.uint16)
    random = np.empty(1, np.uint64)
    for number in range(lo, hi):
        random[0] = mixed(seed + np.uint64(number))
        for i in range(size):
            program[i] = below(tables.listed, random)
        if walk.edits:
            ends[number] = anneal(program, tables, random, walk)
        else:
            ends[number] = descend(program, tables, random, out)
