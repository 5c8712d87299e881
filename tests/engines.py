"""Engines of small problems, built once, and bridges from their states to the naive oracle's."""

from dataclasses import replace
from functools import cache

import numpy as np

from sortopt.model.goal import parse_goal
from sortopt.model.orders import ALWAYS, parse_precondition
from sortopt.search.bounds.patterns import build_database
from sortopt.search.exhaustive.deepening import engine_for
from sortopt.search.exhaustive.frontier import Search
from sortopt.search.space._symmetry_kernels import canonical
from sortopt.search.space.problem import Problem
from sortopt.search.space.symmetry import symmetry_of
from sortopt.search.space.universe import build
from sortopt.targets import X86_MINMAX

SILENT_OVERFLOW = "ignore:overflow encountered:RuntimeWarning"
"""Hashes wrap around; with the JIT off NumPy's scalars warn about that."""


def question(n, conditions="l,g", *, assume=None, goal="sort", minmax=False, **options):
    """Return a problem, conditions, precondition and goal given as text."""
    return Problem(
        n,
        conditions=tuple(conditions.split(",")),
        assume=parse_precondition(assume) if assume else ALWAYS,
        goal=parse_goal(goal),
        **({"isa": X86_MINMAX} if minmax else {}),
        **options,
    )


SMALL = {
    "in place": question(2),
    "anywhere": question(2, in_place=False),
    "two scratch cells": question(2, scratch=2),
    "no scratch cell": question(2, scratch=0, goal="min"),
    "one condition": question(2, "l"),
    "not closed under exchange": question(2, "l,ge,e"),
    "six conditions": question(2, "l,g,le,ge,e,ne"),
    "distinct keys": question(2, distinct=True),
    "the least": question(3, goal="min"),
    "three keys": question(3, "l,g,le,ge"),
    "three keys anywhere": question(3, in_place=False, distinct=True),
    "min and max": question(3, minmax=True),
}
"""Problems of every kind, by name, small enough for anything."""


@cache
def group(problem):
    """Return the universe of `problem` and its symmetry group."""
    universe = build(problem)
    return universe, symmetry_of(universe)


@cache
def database(problem):
    return build_database(problem)


@cache
def engine(problem):
    return engine_for(problem, database(problem), 1)


def unbounded(problem):
    """Return the engine of `problem` with all bounds 0."""
    built = engine(problem)
    model = built.model._replace(
        pair_cost=np.zeros_like(built.model.pair_cost),
        triple_cost=np.empty((0, 0, 0), np.uint8),
    )
    return replace(built, model=model)


def complete(built, limit, *, depth=None, threads=1):
    """Return a search of the engine `built` under `limit`, its levels complete up to `depth`."""
    search = Search(built.universe, built.model, limit, threads)
    while search.depth < (limit if depth is None else depth):
        search.advance()
    return search


def contents_of(search):
    """Return what a search holds: for each part, its levels, rows, parents and hashes."""
    return [
        (
            part.levels,
            [part.row(s).tolist() for s in range(part.count)],
            part.states.parent[: part.count].tolist(),
            part.states.hash[: part.count].tolist(),
        )
        for part in search.parts
    ]


def rows_at(search, depth):
    """Return the states at `depth` as a set of tuples, whatever part they are in."""
    return {tuple(part.row(s).tolist()) for part in search.parts for s in search.level(part, depth)}


def canonical_form(row, symmetry):
    """Return the canonical form of a set of assignment numbers, as a tuple."""
    ids = np.array(sorted(row), np.uint16)
    out = np.empty_like(ids)
    canonical(ids, len(ids), symmetry.tables, out)
    return tuple(out.tolist())


def assignment(universe, number):
    """Return an assignment as the oracle writes it: cells, flags, keys in ascending order.

    Keys are ranks from 1, undefined things None.
    """
    n = universe.problem.n
    cells = tuple(None if v == n else int(v) + 1 for v in universe.contents[number])
    flags = (None, "<", "=", ">")[universe.flags[number]]
    pattern = universe.tie_patterns[universe.patterns[number]]
    return cells, flags, tuple(rank + 1 for rank, many in enumerate(pattern) for _ in range(many))


def state(universe, row):
    """Return a set of assignment numbers as the oracle writes a state."""
    return frozenset(assignment(universe, number) for number in row)


def program(kernel, isa):
    """Return a kernel as the oracle writes it, its registers' numbers as cells."""
    number = {name: cell for cell, name in enumerate(isa.registers)}
    return tuple(
        (i.form.mnemonic, *(number[kernel.cells[c].name] for c in i.operands))
        for i in kernel.instructions
    )
