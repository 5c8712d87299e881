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

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from sortopt.base import UNLIMITED, Budget, Progress, as_words
from sortopt.model import ALWAYS, SORT
from sortopt.search.bounds import _pattern_kernels as kernels
from sortopt.search.bounds._limit_kernels import Limits
from sortopt.search.bounds._pattern_kernels import BoundTables
from sortopt.search.bounds.comparisons import Groups, counts_comparisons, groups_of, one_kind
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
    choices,
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
    groups: Groups
    triple_classes: int
    _over: dict[int, npt.NDArray[np.uint64]] = field(default_factory=dict, repr=False)

    @property
    def has_triples(self) -> bool:
        """Whether triples are bounded, not pairs alone."""
        return len(self.tables.cost) > 0

    def project(self, searched: Universe) -> Ids:
        """Return the relaxed number of each assignment of `searched`, DEAD for ties."""
        flags = np.where(
            searched.flags == UNDEFINED_FLAGS, _no_flags(self.universe), searched.flags
        )
        contents = _filled(searched.contents, searched.problem.n)
        return self.universe.numbers_of(searched, contents, flags.astype(np.uint8))

    def bound(self, ids: Ids) -> int:
        """Return the lower bound of a set of relaxed assignments (plain Python)."""
        tables, best = self.tables, 0
        for a in ids:
            moved = tables.image[tables.to_rep[a], ids]
            block = (
                tables.cost[tables.orbit[a]][np.ix_(moved, moved)]
                if self.has_triples
                else self.pair_cost[tables.orbit[a]][moved]
            )
            best = max(best, int(block.max()))
        return best if best == UNREACHABLE else best + self.groups.needed(ids)

    def limits(self, project: Ids, left: int | Sequence[int]) -> Limits:
        """Return what tells whether states, projected by `project`, need more than is `left`.

        That is so many instructions, or for each number of comparisons set aside so many others.
        """
        moves = range(left, -1, -1) if isinstance(left, int) else left
        moves = moves[: self.groups.most + 1]
        for threshold in self._over.keys() - {*moves}:
            del self._over[threshold]
        over = np.stack([self._costs_above(threshold) for threshold in moves])
        tables, groups = self.tables, self.groups
        return Limits(
            project, tables.orbit, tables.to_rep, tables.image, over, over.max(axis=-1) > 0,
            groups.kind, groups.group,
        )  # fmt: skip

    def _costs_above(self, threshold: int) -> npt.NDArray[np.uint64]:
        """Return the pairs or triples that cost more, as bits by their last assignment."""
        if threshold not in self._over:
            cost = self.tables.cost if self.has_triples else self.pair_cost[:, None]
            self._over[threshold] = np.stack([as_words(block > threshold) for block in cost])
        return self._over[threshold]


def relaxed(problem: Problem) -> Problem:
    """Return the relaxed problem whose costs bound those of `problem`."""
    goal = SORT if problem.goal.ascending_runs() else problem.goal  # a merge sorts fewer inputs
    return replace(problem, assume=ALWAYS, goal=goal).easier


def _no_flags(universe: Universe) -> int:
    return EQUAL if any(form.writes_flags for form in universe.problem.forms) else UNDEFINED_FLAGS


def build_database(
    problem: Problem, budget: Budget = UNLIMITED, *, additive: bool = False
) -> PatternDatabase:
    """Build the pattern database of `problem`; raises InputError where it is too large.

    Where it is `additive`, comparisons cost nothing in the table and are counted apart, if the
    problem's comparisons can be (see `comparisons`).
    n = 4 (conditions l g le ge): 720 assignments, 135,880 classes of three different ones.
    Raises LimitReached too, before what would take more memory than the budget has.
    """
    easier = relaxed(problem)
    check_size(easier)
    universe = _defined(build(easier))
    symmetry = symmetry_of(universe)
    tables = _orbits(universe, symmetry)
    size, orbits = universe.size, len(tables.reps)
    additive = additive and counts_comparisons(easier)
    groups = groups_of(universe) if additive else one_kind(size)
    prices = _prices(universe, additive)
    served = [_served(universe, int(rep)) for rep in tables.reps]
    pair_cost = _pair_costs(universe, tables, served, prices, budget)
    if orbits * size**2 > MAX_TRIPLE_BYTES:
        return PatternDatabase(universe, symmetry, tables, pair_cost, groups, 0)
    budget.check(orbits * size**2)
    tables = tables._replace(cost=np.full((orbits, size, size), UNREACHABLE, np.uint8))
    for cost, pairs, rep, sets in zip(tables.cost, pair_cost, tables.reps, served, strict=True):
        cost[np.arange(size), np.arange(size)] = cost[rep] = cost[:, rep] = pairs
        for together in sets:
            cost[np.ix_(together, together)] = 0
    classes = _triple_costs(universe, tables, pair_cost, prices, budget)
    return PatternDatabase(universe, symmetry, tables, pair_cost, groups, classes)


_Prices = tuple[tuple[int, npt.NDArray[np.int64]], ...]
"""The instructions of each price, most expensive first."""


def _prices(universe: Universe, additive: bool) -> _Prices:
    """Return what each instruction costs: 1, but a comparison nothing where bounds add up.

    Free instructions are swept after the others, once for each cost.  Sound because a comparison
    forgets the flags before it, so of several in a row the last does the same alone, and what it
    leads to was settled by an instruction that has its price, or is a goal, as flags do not matter.
    """
    free = universe.compares & additive
    prices = (1, np.flatnonzero(~free)), (0, np.flatnonzero(free))
    return tuple((price, numbers) for price, numbers in prices if numbers.size)


def _filled(contents: npt.NDArray[np.uint8], undefined: int) -> npt.NDArray[np.uint8]:
    """Let undefined cells hold what the first defined cell holds."""
    first = (contents != undefined).argmax(axis=1)
    filling = contents[np.arange(len(contents)), first]
    return np.where(contents == undefined, filling[:, None], contents)


def _defined(universe: Universe) -> Universe:
    """Drop the assignments with undefined cells, and with undefined flags where there are flags."""
    defined = (universe.contents != universe.problem.n).all(axis=1)
    if _no_flags(universe) != UNDEFINED_FLAGS:
        defined &= universe.flags != UNDEFINED_FLAGS
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


def _served(universe: Universe, rep: int) -> list[Ids]:
    """Return the sets of assignments that are goals together with `rep`.

    One for each choice of output cells that serves `rep`, unless another's is the same.
    """
    sets = {}
    for cells in choices(universe.goal[rep].tolist()):
        served = (universe.goal >> np.array(cells, np.uint8) & 1).all(axis=1)
        sets[served.tobytes()] = np.flatnonzero(served).astype(np.uint16)
    return list(sets.values())


def _pair_costs(
    universe: Universe,
    tables: BoundTables,
    served: list[list[Ids]],
    prices: _Prices,
    budget: Budget,
) -> npt.NDArray[np.uint8]:
    """Return the cost of every pair, found by sweeps of rising cost."""
    orbits = range(len(tables.reps))
    cost = np.full((len(orbits), universe.size), UNREACHABLE, np.uint8)
    for o, sets in enumerate(served):
        for together in sets:
            cost[o, together] = 0
    depth = 0
    while (cost == depth).any():
        depth += 1
        for price, numbers in prices:
            for o, rep in enumerate(tables.reps):
                budget.check()
                for i in numbers[universe.step[rep, numbers] != DEAD]:
                    after = universe.step[:, i]
                    legal = np.flatnonzero((after != DEAD) & (cost[o] == UNREACHABLE))
                    reached = _pairs_with(after[rep], after[legal], tables, cost) == depth - price
                    cost[o, legal[reached]] = depth
    return cost


def _pairs_with(
    a: npt.NDArray[Any], b: npt.NDArray[Any], tables: BoundTables, pair_cost: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Return the costs of pairs."""
    costs: npt.NDArray[np.uint8] = pair_cost[tables.orbit[a], tables.image[tables.to_rep[a], b]]
    return costs


def _triple_costs(
    universe: Universe,
    tables: BoundTables,
    pair_cost: npt.NDArray[np.uint8],
    prices: _Prices,
    budget: Budget,
) -> int:
    """Fill the triple table by sweeps of rising cost; return the number of classes."""
    with ThreadPoolExecutor(budget.cores) as pool:
        found = list(pool.map(lambda o: _classes(o, tables, budget), range(len(tables.reps))))
        budget.check(sum(part.nbytes for part in found))
        triples = np.concatenate(found)
        floor = np.zeros(len(triples), np.uint8)
        for i, j in ((0, 1), (0, 2), (1, 2)):
            pairs = _pairs_with(triples[:, i], triples[:, j], tables, pair_cost)
            np.maximum(floor, pairs, out=floor)
        codes = tables.cost[
            tables.orbit[triples[:, 0]], triples[:, 1], triples[:, 2]
        ]  # triples[:, 0] is a representative, so no image is needed
        floor[codes == 0] = UNREACHABLE
        depth, left = 0, int(np.count_nonzero(floor != UNREACHABLE))
        bounds = np.linspace(0, len(triples), 16 * budget.cores + 1).astype(np.int64)
        parts = [slice(lo, hi) for lo, hi in pairwise(bounds)]
        while left:
            depth += 1
            settled = 0
            for price, numbers in prices:
                settled += sum(
                    pool.map(
                        lambda part, d=depth, p=price, q=numbers: kernels.sweep(
                            d, d - p, q, triples[part], floor[part], universe.step, tables
                        ),
                        parts,
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
