"""Making a certificate: every state that the checker will ask for, level by level from the start.

The maker needs no search, only the limit that one has proved: it goes the checker's own way, with
the checker's bounds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sortopt.base import UNLIMITED, Budget, InputError
from sortopt.certificate import _checker_kernels as kernels
from sortopt.certificate.bounds import tables_of
from sortopt.certificate.checker import Certificate
from sortopt.certificate.model import Model, build
from sortopt.certificate.parallel import in_parts
from sortopt.certificate.question import Question

_AT_ONCE = 64
"""How many states are worked on between two looks at the clock."""


def make(question: Question, limit: int, budget: Budget = UNLIMITED) -> Certificate | None:
    """Return the certificate that no kernel of at most `limit` instructions exists.

    None where one does.  Takes as long as a check.  Raises LimitReached, and InputError where the
    question is too large.
    """
    model = build(question, budget)
    filled, tables = _tables(model, limit, budget)
    start = np.empty_like(model.start)
    kernels.normalize(model.start, len(start), tables, start)
    levels, known = [[start.tobytes()]], {start.tobytes()}
    while True:
        depth = len(levels)
        if any(kernels.is_goal(_row(state), tables.goal) for state in levels[-1]):
            return None
        if depth > limit:
            break
        parts = [
            (levels[-1][lo : lo + _AT_ONCE], limit - depth, tables)
            for lo in range(0, len(levels[-1]), _AT_ONCE)
        ]
        found: dict[bytes, None] = {}
        for children in in_parts(_children, parts, budget, f"listing the states of depth {depth}"):
            found |= dict.fromkeys(child for child in children if child not in known)
        if not found:
            break
        known |= found.keys()
        levels.append(list(found))
    states = [_row(state) for level in levels for state in level]
    return Certificate(
        question,
        limit,
        filled,
        tuple(map(len, levels)),
        np.array(list(map(len, states)), np.uint16),
        np.concatenate(states),
    )


def _tables(model: Model, limit: int, budget: Budget) -> tuple[bool, kernels.Tables]:
    """Return the tables, and whether undefined cells had to be filled to make them small enough."""
    try:
        return False, tables_of(model, False, limit, budget)
    except InputError:
        if not model.question.restricted:
            raise
        return True, tables_of(model, True, limit, budget)


def _row(state: bytes) -> kernels.Numbers:
    return np.frombuffer(state, np.uint16).copy()


def _children(states: Sequence[bytes], left: int, tables: kernels.Tables) -> list[bytes]:
    """Return the children, in normal form, of states that `left` instructions may finish."""
    found = []
    for state in states:
        pool, sizes = kernels.children(_row(state), left, tables)
        found += [row.tobytes() for row in np.split(pool, np.cumsum(sizes)[:-1])[: len(sizes)]]
    return found
