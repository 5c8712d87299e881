"""Symmetry: which assignments and states are the same up to renaming, reversal and exchange.

The group is the product of

* renaming the cells: all of them when outputs may be anywhere, else the inputs among themselves
  and the scratch cells among themselves; no places in memory where neighbours are loaded in pairs;
* X, exchanging L and G in the flags: the rest of the kernel exchanges its conditions up to the
  next comparison (only where the conditions are closed under that);
* R, reversing the order of the keys (which exchanges L and G): the rest of the kernel exchanges
  its conditions, or min and max, throughout (only where the goal is symmetric as well).

Sound because each element maps kernels to kernels of equal length: a state can be finished in k
instructions iff its image can.  A comparison whose renamed cells stand in the wrong order is
`cmp b,a` = `cmp a,b` followed by X; any other renamed instruction is a listed one, or does the same
as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, permutations, product

import numpy as np
import numpy.typing as npt

from sortopt.base import mixed_array
from sortopt.search.space._symmetry_kernels import SymmetryTables
from sortopt.search.space.elements import carried, label_count, numbered_alike
from sortopt.search.space.problem import Problem
from sortopt.search.space.universe import GREATER, LESS, Universe


@dataclass(frozen=True, eq=False)
class Symmetry:
    """The symmetry group of a universe as tables.

    Elements are numbered `variant * len(renamings) + p`; `variants[v]` is (reverse, exchange), and
    renaming p moves the content of cell c to cell `renamings[p][c]`.  Renamings are in the
    lexicographic sequence of each block.
    """

    tables: SymmetryTables
    variants: tuple[tuple[bool, bool], ...]
    renamings: tuple[tuple[int, ...], ...]

    @property
    def order(self) -> int:
        """The number of elements."""
        return len(self.variants) * len(self.renamings)


def symmetry_of(universe: Universe) -> Symmetry:
    """Compute the group of `universe` and its action; cost: order of the group times size."""
    problem = universe.problem
    blocks, renamings = _blocks(problem), renamings_of(problem)
    variants = _variants(universe)
    seen = [_variant_of(universe, *variant) for variant in variants]
    return Symmetry(
        SymmetryTables(
            _images(universe, seen, renamings),
            _signatures(universe, seen),
            np.argsort(np.array(renamings), axis=1),
            np.isin(np.arange(problem.cells), [block.start for block in blocks]),
        ),
        variants,
        renamings,
    )


def renamings_of(problem: Problem) -> tuple[tuple[int, ...], ...]:
    """Return how cells may be renamed, in the sequence in which elements are numbered."""
    return tuple(
        tuple(cell for part in choice for cell in part)
        for choice in product(*(permutations(block) for block in _blocks(problem)))
    )


def _blocks(problem: Problem) -> list[range]:
    """Return the runs of cells that may be renamed among themselves."""
    apart = problem.in_place or problem.in_memory
    bounds = [0, problem.n, problem.cells] if apart else [0, problem.cells]
    if problem.fixed_places:
        bounds = [*range(problem.n), *bounds[1:]]
    return [range(a, b) for a, b in pairwise(bounds) if a < b]


def _variants(universe: Universe) -> tuple[tuple[bool, bool], ...]:
    problem = universe.problem
    has_flags = any(form.writes_flags for form in problem.forms)
    reverses = (False, True) if problem.reversible else (False,)
    exchanges = (False, True) if has_flags and problem.exchangeable else (False,)
    return tuple(product(reverses, exchanges))


_Assignments = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]


def _variant_of(universe: Universe, reverse: bool, exchange: bool) -> _Assignments:
    """Return contents, flags and patterns of all assignments under a variant.

    `reverse` turns the ranks round and `exchange` exchanges L and G; R of the module's text is
    both together, so the four combinations are the group that R and X generate.
    """
    contents, flags, patterns = universe.contents, universe.flags, universe.patterns
    if reverse:
        numbers = {pattern: i for i, pattern in enumerate(universe.tie_patterns)}
        mirror = np.array([numbers[p[::-1]] for p in universe.tie_patterns], np.uint8)
        problem, n = universe.problem, universe.problem.n
        tops = np.array([label_count(problem, p) - 1 for p in universe.tie_patterns], np.uint8)
        contents = np.where(contents == n, n, tops[patterns][:, None] - contents).astype(np.uint8)
        patterns = mirror[patterns]
        contents = numbered_alike(problem, contents, patterns)
    if exchange:
        turned = np.arange(4, dtype=np.uint8)
        turned[[LESS, GREATER]] = GREATER, LESS
        flags = turned[flags]
    return contents, flags, patterns


def _images(
    universe: Universe, seen: list[_Assignments], renamings: tuple[tuple[int, ...], ...]
) -> npt.NDArray[np.uint16]:
    image = np.empty((len(seen) * len(renamings), universe.size), np.uint16)
    row = 0
    for contents, flags, patterns in seen:
        for renaming in renamings:
            moved = np.empty_like(contents)
            moved[:, list(renaming)] = contents
            moved = numbered_alike(universe.problem, moved, patterns)
            image[row] = universe.index[universe.codes(moved, flags, patterns)]
            row += 1
    return image


_MIX = np.uint64(0x9E3779B97F4A7C15)


def _signatures(universe: Universe, seen: list[_Assignments]) -> npt.NDArray[np.uint64]:
    """Return each assignment's contribution to the cells' signatures, per variant.

    It depends on what the cell holds, the flags, the tie pattern and on which values the other
    cells hold (as a multiset), so renaming the cells permutes it.  A collision of signatures
    costs time only: cells of equal signature are tried in every order.
    """
    table = np.empty((universe.size, len(seen), universe.problem.cells), np.uint64)
    with np.errstate(over="ignore"):
        for v, (numbered, flags, patterns) in enumerate(seen):
            contents = carried(universe.problem, numbered, patterns)
            held = np.sort(contents, axis=1)
            invariant = patterns.astype(np.uint64) * np.uint64(4) + flags
            for cell in range(contents.shape[1]):
                invariant = invariant * np.uint64(16) + held[:, cell]
            invariant = mixed_array(invariant * _MIX + _MIX)
            for cell in range(contents.shape[1]):
                own = (contents[:, cell].astype(np.uint64) + np.uint64(1)) * _MIX
                table[:, v, cell] = mixed_array(invariant + own)
    return table
