"""Engines of small problems, built once, and bridges from their states to the naive oracle's."""

from dataclasses import replace
from functools import cache

import naive
import numpy as np
from toys import EXTREMA, SELECTS

from sortopt.base import Budget
from sortopt.model.goal import parse_goal
from sortopt.model.isa import Signedness
from sortopt.model.orders import ALWAYS, parse_precondition
from sortopt.search.bounds.comparisons import one_kind
from sortopt.search.bounds.patterns import build_database
from sortopt.search.exhaustive.frontier import Search
from sortopt.search.space._symmetry_kernels import canonical
from sortopt.search.space.problem import Problem
from sortopt.search.space.symmetry import symmetry_of
from sortopt.search.space.universe import build
from sortopt.targets import ISAS, X86_CMOV, X86_MINMAX

SILENT_OVERFLOW = "ignore:overflow encountered:RuntimeWarning"
"""Hashes wrap around; with the JIT off NumPy's scalars warn about that."""


def question(
    n, conditions="l,g", *, assume=None, goal="sort", minmax=False, isa=X86_CMOV, **options
):
    """Return a problem, conditions, precondition and goal given as text.

    Keys are unsigned where a condition reads them so.
    """
    isa = X86_MINMAX if minmax else isa
    names = tuple(conditions.split(",")) if isa.conditions else ()
    if {*names} & {*isa.conditions.get(Signedness.UNSIGNED, ())}:
        options["signedness"] = Signedness.UNSIGNED
    return Problem(
        n,
        isa,
        names,
        assume=parse_precondition(assume) if assume else ALWAYS,
        goal=parse_goal(goal),
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
    "min and max of three operands": question(2, isa=EXTREMA),
    "selects of three operands": question(2, "lt,gt", isa=SELECTS),
    "opposite selects": question(2, "lt,ge", isa=SELECTS),
    "in memory": question(2, scratch=2, in_memory=True),
    "in memory, outputs anywhere": question(2, in_place=False, in_memory=True),
    "in memory, one register": question(2, goal="min", in_memory=True),
}
"""Problems of every kind, by name, small enough for anything."""

CERTIFIED = {name: problem for name, problem in SMALL.items() if not problem.in_memory}
"""Those that certificates are about."""


@cache
def group(problem):
    """Return the universe of `problem` and its symmetry group."""
    universe = build(problem)
    return universe, symmetry_of(universe)


@cache
def database(problem, *, additive=True):
    return build_database(problem, additive=additive)


@cache
def engine(problem):
    """Return a search that has the tables of `problem`, to begin others from."""
    return Search.of(problem, database(problem), 0)


def pairs_only(db):
    """Return a database as where the triple table would be too large."""
    return replace(db, tables=db.tables._replace(cost=np.empty((0, 0, 0), np.uint8)), _over={})


def unbounded(problem):
    """Return the same with all bounds 0."""
    built = engine(problem)
    pairs = pairs_only(built.database)
    nothing = np.zeros_like(pairs.pair_cost)
    none = replace(pairs, pair_cost=nothing, groups=one_kind(pairs.universe.size), _over={})
    return Search(built.universe, built.model, none, 0)


def complete(built, limit, *, depth=None, threads=1):
    """Return a search like `built` under `limit`, its levels complete up to `depth`."""
    search = Search(built.universe, built.model, built.database, limit, Budget(threads=threads))
    while search.depth < (limit if depth is None else depth):
        search.advance()
    return search


def each_round(react):
    """Return a budget without limits that calls `react` with each round of an exhaustive search."""
    return Budget(report=lambda told: told.level is None or react(told), every=0)


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


def program(kernel, names):
    """Return a kernel as the oracle writes it, the numbers of its cells' `names` as cells."""
    number = {name: cell for cell, name in enumerate(names)}
    return tuple(
        (i.form.mnemonic, *(number[kernel.cells[c].name] for c in i.operands))
        for i in kernel.instructions
    )


TWO_KEYS = [
    question(2, conditions, **options)
    for conditions in ("l,g", "l,g,le,ge", "l,g,le,ge,e,ne", "l", "g,le", "b,a,be,ae", "b,e")
    for options in ({}, {"in_place": False}, {"distinct": True})
] + [
    question(2, conditions, **options)
    for conditions in ("l,g", "l,ge,e")
    for options in (
        {"scratch": 2},
        {"scratch": 2, "in_place": False},
        {"scratch": 0, "goal": "min"},
        {"scratch": 0, "goal": "max", "assume": "a<=b"},
        {"goal": "min"},
        {"goal": "max", "in_place": False},
        {"goal": "median"},
        {"goal": "minmax"},
        {"goal": "kth:2", "distinct": True},
        {"goal": "merge:1,1"},
        {"assume": "a<b"},
        {"assume": "a<=b"},
        {"assume": "a>=b"},
        {"assume": "a>b"},
        {"assume": "a>b", "in_place": False},
        {"assume": "a=b"},
        {"assume": "a!=b"},
    )
] + [
    question(2, conditions, isa=SELECTS, **options)
    for conditions in ("lt,gt", "lt,gt,le,ge", "gt", "lt,ge", "hi,ls")
    for options in (
        {},
        {"in_place": False},
        {"distinct": True},
        {"scratch": 0, "goal": "min"},
        {"scratch": 2, "goal": "max"},
        {"assume": "a<=b"},
    )
] + [
    question(2, minmax=minmax, isa=EXTREMA, **options)
    for minmax in (True, False)
    for options in (
        {},
        {"in_place": False},
        {"distinct": True},
        {"scratch": 2},
        {"goal": "min"},
        {"goal": "max", "scratch": 0},
        {"assume": "a<b"},
        {"assume": "a>b"},
        {"signedness": Signedness.UNSIGNED},
    )
]  # fmt: skip

IN_MEMORY = [
    question(2, conditions, in_memory=True, **options)
    for conditions in ("l,g", "l,ge,e")
    for options in (
        {"scratch": 2},
        {"goal": "min"},
        {"scratch": 2, "goal": "max", "distinct": True},
        {"assume": "a>b", "in_place": False},
    )
]
"""Problems of two keys in memory; each has a kernel."""

THREE_KEYS = [
    question(3, assume="b<c"),
    question(3, assume="a<=b", distinct=True),
    question(3, assume="a<c and b<c"),
    question(3, "l,g,le,ge", assume="a<c, b<c"),
    question(3, assume="b<a<c"),
    question(3, assume="a>b>c"),
    question(3, assume="a<b<c"),
    question(3, "l,g,le,ge", goal="min"),
    question(3, goal="max", distinct=True, in_place=False),
    question(3, goal="min", scratch=0),
    question(3, goal="median", assume="b<=c"),
    question(3, goal="minmax", assume="b<=c"),
    question(3, goal="kth:2", assume="b<c", in_place=False),
    question(3, goal="merge:1,2", distinct=True),
    question(3, minmax=True),
    question(3, minmax=True, in_place=False, distinct=True),
    question(3, minmax=True, goal="median"),
    question(3, minmax=True, goal="minmax"),
    question(3, minmax=True, goal="merge:2,1"),
]


@cache
def oracle(problem, **options):
    """Ask the naive search the same question, in the engine's model."""
    isa = problem.isa.name
    return naive.shortest(
        problem.n,
        problem.orders,
        scratch=problem.scratch,
        conditions=problem.conditions,
        ranks=problem.goal.ranks(problem.n),
        outputs="in-place" if problem.in_place else "anywhere",
        isa=isa,
        tag="keys",
        copy_undefined=False,
        move_undefined=True,
        keep_lost=False,
        in_memory=problem.in_memory,
        **options,
    )


def name_of(problem):
    return problem.describe().partition(";")[0].replace(", ", " ")


def from_record(record):
    """Return the problem of a record."""
    return Problem(
        record["n"],
        ISAS[record["isa"]],
        tuple(record["conditions"]),
        record["scratch"],
        record["in_place"],
        record["distinct"],
        parse_precondition(record["assume"]) if record["assume"] else ALWAYS,
        parse_goal(record["goal"]),
        Signedness(record["signedness"]),
        record["two_values"],
    )
