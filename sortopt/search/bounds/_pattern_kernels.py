"""Compiled value iteration for the pattern databases (see `patterns`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sortopt.base import Block, Line, Table, compiled
from sortopt.search.space import DEAD, Numbers

UNSOLVED = 255
"""No cost known yet; after the iteration: the goal cannot be reached."""

Orbits = Line[np.int16]
"""The number of each assignment's orbit."""
Elements = Line[np.int32]
"""Elements of the group, or assignments, as the number of each."""
Costs = Table[np.uint8]
"""By orbit of the first assignment and by number of the second, moved with it."""
Triples = Table[np.int32]
Floors = Line[np.uint8]


class BoundTables(NamedTuple):
    """What the look-ups need.

    The cost of a triple (a, b, c) is `cost[orbit[a], image[to_rep[a], b], image[to_rep[a], c]]`:
    the first assignment is moved to its orbit's representative and the others with it.  A pair is
    a triple in which two are equal.
    """

    orbit: Orbits
    to_rep: Elements
    image: Table[np.uint16]
    reps: Elements
    stabilizers: Elements
    stabilizer_start: Numbers
    cost: Block[np.uint8]


@compiled()
def _canonical_code(o: int, b: int, c: int, db: BoundTables) -> int:
    """Return the least code (x, y) that stands for the triple (representative of o, b, c).

    Only pivots of orbit o are tried: the caller asks this for the least orbit of the three.
    """
    size = db.cost.shape[1]
    least = size * size
    for pivot in range(3):
        if pivot == 1:
            if db.orbit[b] != o:
                continue
            element = db.to_rep[b]
            x, y = db.image[element, db.reps[o]], db.image[element, c]
        elif pivot == 2:
            if db.orbit[c] != o:
                continue
            element = db.to_rep[c]
            x, y = db.image[element, db.reps[o]], db.image[element, b]
        else:
            x, y = b, c
        for s in range(db.stabilizer_start[o], db.stabilizer_start[o + 1]):
            u = db.image[db.stabilizers[s], x]
            v = db.image[db.stabilizers[s], y]
            code = min(u, v) * size + max(u, v)
            least = min(least, code)
    return least


@compiled()
def list_classes(o: int, db: BoundTables, out: Triples) -> int:
    """Write one (b, c) for each class of triples whose least orbit is `o`; return their number.

    Degenerate triples (two equal assignments) are pairs and are left out.  With an empty `out`
    the classes are only counted.
    """
    size = db.cost.shape[1]
    found = 0
    for b in range(size):
        if db.orbit[b] < o or b == db.reps[o]:
            continue
        for c in range(b + 1, size):
            if db.orbit[c] < o or c == db.reps[o]:
                continue
            if _canonical_code(o, b, c, db) == b * size + c:
                if out.shape[0] > 0:
                    out[found, 0] = b
                    out[found, 1] = c
                found += 1
    return found


@compiled()
def store(a: int, b: int, c: int, value: int, db: BoundTables) -> None:
    """Write the cost of the triple {a, b, c} at every entry that stands for it."""
    for pivot in range(3):
        p, q, r = (a, b, c) if pivot == 0 else ((b, a, c) if pivot == 1 else (c, a, b))
        o = db.orbit[p]
        x, y = db.image[db.to_rep[p], q], db.image[db.to_rep[p], r]
        for s in range(db.stabilizer_start[o], db.stabilizer_start[o + 1]):
            u = db.image[db.stabilizers[s], x]
            v = db.image[db.stabilizers[s], y]
            db.cost[o, u, v] = value
            db.cost[o, v, u] = value


@compiled()
def sweep(
    depth: int,
    source: int,
    instructions: Numbers,
    triples: Triples,
    floor: Floors,
    step: Table[np.uint16],
    db: BoundTables,
) -> int:
    """Settle the triples of cost `depth`; return how many there are.

    Those are settled that one of `instructions` takes to a triple that costs `source`.
    `floor[t]` is a lower bound of triple t's cost, and 255 once it is settled.  Several threads
    may sweep disjoint triples at once: each writes the entries of its own classes only, and reads
    whether others equal `source`.  That no write of this sweep changes where `source` is less than
    `depth`; where it is `depth`, what another thread has just settled may be met or not, and
    settles nothing that its own instruction would not (see `patterns`).
    """
    settled = 0
    for t in range(triples.shape[0]):
        if floor[t] > depth:
            continue
        a, b, c = triples[t, 0], triples[t, 1], triples[t, 2]
        for i in instructions:
            x, y, z = step[a, i], step[b, i], step[c, i]
            if x == DEAD or y == DEAD or z == DEAD:
                continue
            element = db.to_rep[x]
            if db.cost[db.orbit[x], db.image[element, y], db.image[element, z]] == source:
                store(a, b, c, depth, db)
                floor[t] = UNSOLVED
                settled += 1
                break
    return settled
