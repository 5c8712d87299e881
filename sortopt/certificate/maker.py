"""Making a certificate from a finished search."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sortopt.certificate import _checker_kernels as kernels
from sortopt.certificate.checker import Certificate, Checker, Listed, inverse, numbering, suggestion
from sortopt.search.bounds import PatternDatabase
from sortopt.search.exhaustive import Search
from sortopt.search.space import Problem


def certificate_of(search: Search, database: PatternDatabase) -> Certificate:
    """Return the certificate that a complete search without a goal proves.

    Raises ValueError where the search was not complete or found a goal.
    """
    empty = not search.counts[-1] or search.depth == search.limit
    if not (search.complete and empty) or search.goal() or search.has_earlier_goal():
        raise ValueError("only a complete search that found no kernel proves a lower bound")
    problem, universe = search.universe.problem, search.universe
    draft = _draft(search, problem, database.filled)
    checker = Checker.of(draft)
    back = inverse(numbering(checker.plain, universe))
    easy_back = inverse(numbering(checker.easy, database.universe))
    pool = back[draft.pool]
    offset = np.concatenate([[0], np.cumsum(draft.size, dtype=np.int64)])
    kernels.normalize_rows(pool, offset, suggestion(checker.plain, checker.full))
    full = replace(
        draft,
        cost=_cost(checker, database),
        reps=easy_back[database.tables.reps],
        pool=pool,
    )
    tables = Checker.of(full).tables()
    kept = np.zeros(len(full.size), np.bool_)
    states = Listed(full.pool, offset, full.depth, np.empty(0, np.int32))
    kernels.keepers(0, len(full.size), full.limit, tables, states, kept)
    kept[full.depth == 0] = True
    return replace(
        full,
        pool=full.pool[np.repeat(kept, full.size)],
        size=full.size[kept],
        depth=full.depth[kept],
    )


def _draft(search: Search, problem: Problem, filled: bool) -> Certificate:
    """Return the search's states, still in its own numbering, without a table."""
    pools, sizes, depths = [], [], []
    for part in search.parts:
        states = part.states
        pools.append(states.pool[: states.offset[part.count]])
        sizes.append(np.diff(states.offset[: part.count + 1]).astype(np.uint16))
        lengths = [len(search.level(part, d)) for d in range(search.depth + 1)]
        depths.append(np.repeat(np.arange(len(lengths), dtype=np.uint8), lengths))
    return Certificate(
        problem,
        search.limit,
        filled,
        np.empty((0, 0, 0), np.uint8),
        np.empty(0, np.uint16),
        np.concatenate(pools),
        np.concatenate(sizes),
        np.concatenate(depths),
    )


def _cost(checker: Checker, database: PatternDatabase) -> npt.NDArray[np.uint8]:
    """Return the database's table in the numbering of certificate files."""
    numbers = numbering(checker.easy, database.universe)
    cost = database.tables.cost if database.has_triples else _pairs_as_triples(database)
    return np.ascontiguousarray(cost[:, numbers][:, :, numbers])


def _pairs_as_triples(database: PatternDatabase) -> npt.NDArray[np.uint8]:
    """Return the table in which a triple costs the greater of its pairs with the first."""
    pairs = database.pair_cost
    return np.maximum(pairs[:, :, None], pairs[:, None, :])
