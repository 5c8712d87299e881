"""Compiled loops that work out what three relaxed assignments cost; see `bounds` for the argument.

Three assignments that a symmetry takes to one another cost the same: they make a *class*.  It has
an entry (o, b, c) for each way to map one of the three that is in the orbit o to the first
assignment of o, the others going to b and c.  Of a class the least entry is worked out, and its
cost is written to all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sortopt.base import compiled

DEAD = 65535
"""In tables of steps: a dead instruction.  In `shadow`: nothing stands for the assignment."""

UNKNOWN = 255
"""In tables of costs: more than any level so far."""

BOTH, MOVES = range(2)
"""The two tables of costs: of all instructions, and with comparisons for nothing."""

Bits = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.uint16]
Places = npt.NDArray[np.int32]
Sums = npt.NDArray[np.int64]


class Symmetries(NamedTuple):
    """The symmetries of a model: `image[g, a]` is what the g-th makes of assignment a.

    `to_first[a]` takes a to the first assignment of its orbit; `fixing[o]` are those that leave the
    first of orbit o where it is, each at least once.
    """

    image: Numbers
    orbit: Places
    first: Places
    to_first: Places
    fixing: Places


class Costs(NamedTuple):
    """The relaxed model with its tables of costs (see `bounds`)."""

    step: Numbers
    goal: Bits
    symmetries: Symmetries
    cost: Bits


@compiled()
def assignable(masks: Bits) -> bool:
    """Return whether the outputs can be given distinct cells, output j one of the set masks[j].

    Hall's theorem: they can iff any k of the sets have together at least k cells.
    """
    for j in range(masks.size):
        if masks[j] == 0:
            return False
    for chosen in range(1, 1 << masks.size):
        together, wanted, held = 0, 0, 0
        for j in range(masks.size):
            if chosen >> j & 1:
                together |= masks[j]
                wanted += 1
        for cell in range(8):
            held += together >> cell & 1
        if held < wanted:
            return False
    return True


@compiled()
def cost_of(table: int, a: int, b: int, c: int, costs: Costs) -> int:
    """Return the cost of three relaxed assignments together; two or all may be equal."""
    if b < a:
        a, b = b, a
    if c < a:
        a, c = c, a
    moved = costs.symmetries.image[costs.symmetries.to_first[a]]
    return int(costs.cost[table, costs.symmetries.orbit[a], moved[b], moved[c]])


@compiled()
def entries_alike(o: int, b: int, c: int, symmetries: Symmetries, out: Numbers) -> int:
    """Write the entries of orbit o that have the class of (o, b, c); return how many.

    Each may be written more than once, and stands for its mirror image, too.  Symmetries that take
    x to the first are one of them followed by one that leaves the first where it is.
    """
    found = 0
    x, y, z = int(symmetries.first[o]), b, c
    for _ in range(3):
        if symmetries.orbit[x] == o:
            to = symmetries.image[symmetries.to_first[x]]
            for g in symmetries.fixing[o]:
                out[found, 0] = symmetries.image[g, to[y]]
                out[found, 1] = symmetries.image[g, to[z]]
                found += 1
        x, y, z = y, z, x
    return found


@compiled()
def classes(o: int, lo: int, hi: int, distinct: bool, symmetries: Symmetries) -> Numbers:
    """Return the least entries (o, b, c), b <= c, of all classes of which lo <= b < hi.

    Either those of three `distinct` assignments, or all others.
    """
    first, size = int(symmetries.first[o]), symmetries.orbit.size
    alike = np.empty((3 * symmetries.fixing.shape[1], 2), np.uint16)
    out = np.empty(((hi - lo) * size, 2), np.uint16)
    found = 0
    for b in range(max(first, lo), hi):
        for c in range(b, size):
            if (first < b < c) != distinct:
                continue
            least = True
            for i in range(entries_alike(o, b, c, symmetries, alike)):
                y, z = min(alike[i, 0], alike[i, 1]), max(alike[i, 0], alike[i, 1])
                if y < b or (y == b and z < c):
                    least = False
                    break
            if least:
                out[found, 0], out[found, 1] = b, c
                found += 1
    return out[:found].copy()


@compiled()
def is_settled(
    table: int, level: int, spent: int, a: int, b: int, c: int, numbers: Sums, costs: Costs
) -> bool:
    """Return whether three relaxed assignments can be finished at a cost of `level`.

    By one of the instructions `numbers`, which costs `spent`, and what costs the rest; or at once,
    which costs nothing.
    """
    if level == 0 and assignable(costs.goal[a] & costs.goal[b] & costs.goal[c]):
        return True
    for q in numbers:
        x, y, z = costs.step[a, q], costs.step[b, q], costs.step[c, q]
        if x == DEAD or y == DEAD or z == DEAD:
            continue
        if cost_of(table, x, y, z, costs) + spent <= level:
            return True
    return False


@compiled()
def settle(
    table: int, level: int, spent: int, o: int, least: Numbers, numbers: Sums, costs: Costs
) -> int:
    """Enter `level` for each class, unknown so far, that is settled; return how many are.

    Three assignments cost no less than any two of them, so where a pair costs more, nothing is
    tried.
    """
    cost, a = costs.cost[table, o], int(costs.symmetries.first[o])
    alike = np.empty((3 * costs.symmetries.fixing.shape[1], 2), np.uint16)
    found = 0
    for b, c in least:
        if cost[b, c] != UNKNOWN:
            continue
        if a < b < c and (
            cost_of(table, a, b, b, costs) > level
            or cost_of(table, a, c, c, costs) > level
            or cost_of(table, b, c, c, costs) > level
        ):
            continue
        if is_settled(table, level, spent, a, b, c, numbers, costs):
            for i in range(entries_alike(o, b, c, costs.symmetries, alike)):
                y, z = alike[i]
                cost[y, z] = cost[z, y] = level
            found += 1
    return found
