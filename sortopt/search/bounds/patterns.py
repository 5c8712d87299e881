"""Admissible bounds: pattern databases of the exact costs of pairs and triples of assignments.

A kernel that finishes a state finishes each of its subsets, so the exact cost of any pair or
triple of a state's assignments is a lower bound of the state's cost, and so is the maximum over
all of them.  The costs are found once by backward value iteration, up to symmetry, on a *relaxed*
problem: distinct keys, outputs anywhere, undefined flags read as "equal"; where the triple table
would be too large, undefined cells are filled as well, with what the first defined cell holds.

Sound because each relaxation only adds ways to finish: a kernel for the problem also finishes the
assignments of distinct keys, its outputs are somewhere, and where flags are undefined it tests
none.  A kernel never depends on what an undefined cell holds, so it also finishes the assignments
in which those cells hold anything at all.  Assignments with ties are ignored by the bound, which
only lowers it.

Method: pattern databases, Culberson and Schaeffer 1998; Korf 1997.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sortopt.base import UNLIMITED, Budget, Progress
from sortopt.model import ALWAYS, SORT
from sortopt.search.bounds import _pattern_kernels as kernels
from sortopt.search.bounds._pattern_kernels import BoundTables
from sortopt.search.space import (
    DEAD,
    EQUAL,
    UNDEFINED_FLAGS,
    Ids,
    Problem,
    Symmetry,
    Universe,
    build,
    check_size,
    symmetry_of,
)

UNREACHABLE = kernels.UNSOLVED
"""The cost of a pair or triple that no kernel finishes."""

MAX_TRIPLE_BYTES = 1 << 29
"""The largest triple table that is built; beyond it the pairs alone serve."""


@dataclass(frozen=True, eq=False)
class PatternDatabase:
    """Exact costs of pairs (and triples) of the relaxed problem's assignments.

    `pair_cost[o, c]` is the cost of (representative of orbit o, c).
    """

    universe: Universe
    symmetry: Symmetry
    tables: BoundTables
    pair_cost: npt.NDArray[np.uint8]
    has_triples: bool
    triple_classes: int
    filled: bool

    def project(self, searched: Universe) -> Ids:
        """Return the relaxed number of each assignment of `searched`, DEAD for ties."""
        undefined = searched.problem.n
        flags = np.where(
            searched.flags == UNDEFINED_FLAGS, _no_flags(self.universe), searched.flags
        )
        contents = _filled(searched.contents, undefined) if self.filled else searched.contents
        return self.universe.numbers_of(searched, contents, flags.astype(np.uint8))

    def bound(self, ids: Ids) -> int:
        """Return the lower bound of a set of relaxed assignments (plain Python: for tests)."""
        tables, best = self.tables, 0
        for a in ids:
            moved = tables.image[tables.to_rep[a], ids]
            block = (
                tables.cost[tables.orbit[a]][np.ix_(moved, moved)]
                if self.has_triples
                else self.pair_cost[tables.orbit[a]][moved]
            )
            best = max(best, int(block.max()))
        return best


def relaxed(problem: Problem) -> Problem:
    """Return the relaxed problem whose costs bound those of `problem`."""
    goal = SORT if problem.goal.ascending_runs() else problem.goal  # a merge sorts fewer inputs
    distinct = not problem.two_values
    return replace(problem, distinct=distinct, in_place=False, assume=ALWAYS, goal=goal)


def _no_flags(universe: Universe) -> int:
    return EQUAL if any(form.writes_flags for form in universe.problem.forms) else UNDEFINED_FLAGS


def build_database(problem: Problem, budget: Budget = UNLIMITED) -> PatternDatabase:
    """Build the pattern database of `problem`; raises InputError where it is too large.

    n = 4 (conditions l g le ge): 1,080 assignments, 455,442 classes of three different ones.
    Raises LimitReached too, before what would take more memory than the budget has.
    """
    easier = relaxed(problem)
    check_size(easier)
    whole = build(easier)
    for filled in (False, True):
        universe = _defined(whole, cells=filled)
        symmetry = symmetry_of(universe)
        tables = _orbits(universe, symmetry)
        if len(tables.reps) * universe.size**2 <= MAX_TRIPLE_BYTES:
            break
    else:
        pair_cost = _pair_costs(universe, tables, budget)
        return PatternDatabase(universe, symmetry, tables, pair_cost, False, 0, True)
    pair_cost = _pair_costs(universe, tables, budget)
    budget.check(len(tables.reps) * universe.size**2)
    cost = np.full((len(tables.reps), universe.size, universe.size), UNREACHABLE, np.uint8)
    tables = tables._replace(cost=cost)
    masks = np.zeros(universe.goal.shape[1], np.uint8)
    kernels.seed_triples(pair_cost, universe.goal, masks, tables)
    classes = _triple_costs(universe, tables, pair_cost, budget)
    return PatternDatabase(universe, symmetry, tables, pair_cost, True, classes, filled)


def _filled(contents: npt.NDArray[np.uint8], undefined: int) -> npt.NDArray[np.uint8]:
    """Let undefined cells hold what the first defined cell holds."""
    first = (contents != undefined).argmax(axis=1)
    filling = contents[np.arange(len(contents)), first]
    return np.where(contents == undefined, filling[:, None], contents)


def _defined(universe: Universe, *, cells: bool) -> Universe:
    """Drop the assignments with undefined flags, where there are flags, and undefined `cells`."""
    defined = np.ones(universe.size, np.bool_)
    if _no_flags(universe) != UNDEFINED_FLAGS:
        defined &= universe.flags != UNDEFINED_FLAGS
    if cells:
        defined &= (universe.contents != universe.problem.n).all(axis=1)
    kept = np.flatnonzero(defined)
    number = np.full(DEAD + 1, DEAD, np.uint16)
    number[kept] = np.arange(len(kept), dtype=np.uint16)
    return replace(
        universe,
        contents=universe.contents[kept],
        flags=universe.flags[kept],
        patterns=universe.patterns[kept],
        step=np.ascontiguousarray(number[universe.step[kept]]),
        goal=universe.goal[kept],
        start=np.empty(0, np.uint16),
        index=number[universe.index],
    )


def _orbits(universe: Universe, symmetry: Symmetry) -> BoundTables:
    """Number the orbits of the assignments; fixes representatives and their stabilizers."""
    image = symmetry.tables.image
    least = image.min(axis=0)
    to_rep = image.argmin(axis=0).astype(np.int32)
    reps, orbit = np.unique(least, return_inverse=True)
    stabilizers = [np.flatnonzero(image[:, rep] == rep) for rep in reps]
    return BoundTables(
        orbit.astype(np.int16),
        to_rep,
        image,
        reps.astype(np.int32),
        np.concatenate(stabilizers).astype(np.int32),
        np.cumsum([0] + [len(s) for s in stabilizers]).astype(np.int64),
        np.empty((0, universe.size, universe.size), np.uint8),
    )


def _pair_costs(universe: Universe, tables: BoundTables, budget: Budget) -> npt.NDArray[np.uint8]:
    """Return the cost of every pair, found by sweeps of rising cost."""
    orbits = range(len(tables.reps))
    cost = np.full((len(orbits), universe.size), UNREACHABLE, np.uint8)
    masks = np.zeros(universe.goal.shape[1], np.uint8)
    for o in orbits:
        budget.check()
        rep = int(tables.reps[o])
        for c in range(universe.size):
            if kernels.is_goal(universe.goal, rep, rep, c, masks):
                cost[o, c] = 0
    depth, settled = 0, 1
    while settled:
        depth, settled = depth + 1, 0
        for o in orbits:
            budget.check()
            settled += kernels.sweep_pairs(depth, o, universe.step, tables, cost)
    return cost


def _triple_costs(
    universe: Universe, tables: BoundTables, pair_cost: npt.NDArray[np.uint8], budget: Budget
) -> int:
    """Fill the triple table by sweeps of rising cost; return the number of classes."""
    with ThreadPoolExecutor(budget.cores) as pool:
        found = list(pool.map(lambda o: _classes(o, tables, budget), range(len(tables.reps))))
        budget.check(sum(part.nbytes for part in found))
        triples = np.concatenate(found)
        floor = np.empty(len(triples), np.uint8)
        kernels.pair_floors(triples, pair_cost, tables, floor)
        codes = tables.cost[
            tables.orbit[triples[:, 0]], triples[:, 1], triples[:, 2]
        ]  # triples[:, 0] is a representative, so no image is needed
        floor[codes == 0] = UNREACHABLE
        for t in np.flatnonzero(codes == 0):
            kernels.store(*triples[t], 0, tables)  # type: ignore[call-arg]
        depth, left = 0, int(np.count_nonzero(floor != UNREACHABLE))
        while left:
            depth += 1
            bounds = np.linspace(0, len(triples), 16 * budget.cores + 1).astype(np.int64)
            settled = sum(
                pool.map(
                    lambda part, d=depth: kernels.sweep(
                        d, triples, floor, universe.step, tables, *part
                    ),
                    pairwise(bounds),
                )
            )
            left -= settled
            doing, total = f"classes of triples settled, up to cost {depth}", len(triples)
            budget.tell(Progress(doing, done=total - left, total=total))
            if not settled and depth > int(floor[floor != UNREACHABLE].max(initial=0)):
                break
    return len(triples)


def _classes(o: int, tables: BoundTables, budget: Budget) -> npt.NDArray[np.int32]:
    budget.check()
    counted = kernels.list_classes(o, tables, np.empty((0, 2), np.int32))
    budget.check(20 * counted)
    found = np.empty((counted, 3), np.int32)
    found[:, 0] = tables.reps[o]
    pairs = np.empty((counted, 2), np.int32)
    kernels.list_classes(o, tables, pairs)
    found[:, 1:] = pairs
    return found
