"""Making a certificate: every state that the checker will ask for, level by level from the start.

The maker needs no search, only the limit that one has proved: it goes the checker's own way, with
the checker's bounds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sortopt.base import UNLIMITED, Budget, InputError
from sortopt.certificate import _checker_kernels as kernels
from sortopt.certificate._cost_kernels import Numbers
from sortopt.certificate.bounds import tables_of
from sortopt.certificate.checker import Certificate, list_of
from sortopt.certificate.model import Model, build
from sortopt.certificate.parallel import in_parts
from sortopt.certificate.question import Question

_AT_ONCE = 1024
"""Of how many states the children are listed before the list is looked into anew."""


def make(question: Question, limit: int, budget: Budget = UNLIMITED) -> Certificate | None:
    """Return the certificate that no kernel of at most `limit` instructions exists.

    None where one does.  Takes as long as a check.  Raises LimitReached, and InputError where the
    question is too large.
    """
    model = build(question, budget)
    filled, tables = _tables(model, limit, budget)
    start = np.empty_like(model.start)
    kernels.normalize(model.start, len(start), tables, start)
    states, levels = [start], [1]
    while not any(kernels.is_goal(state, tables.goal) for state in states[-levels[-1] :]):
        depth = len(levels)
        above = states[-levels[-1] :] if depth <= limit else []
        known = len(states)
        for lo in range(0, len(above), _AT_ONCE):
            listed = _listed(states, levels)
            rows = above[lo : lo + _AT_ONCE]
            parts = [(row, depth, limit - depth, listed, tables) for row in rows]
            doing = f"listing the states of depth {depth}"
            found: dict[bytes, Numbers] = {}
            for pool, sizes in in_parts(kernels.children, parts, budget, doing):
                ends = np.cumsum(sizes)
                for begin, end in zip(ends - sizes, ends, strict=True):
                    found.setdefault(pool[begin:end].tobytes(), pool[begin:end])
            states += found.values()
        if len(states) == known:
            size = np.array(list(map(len, states)), np.uint16)
            pool = np.concatenate(states)
            return Certificate(question, limit, filled, tuple(levels), size, pool)
        levels.append(len(states) - known)
    return None


def _listed(states: Sequence[Numbers], levels: Sequence[int]) -> kernels.Listed:
    """Return the list of states that are in normal form; those beyond `levels` are one deeper."""
    depth = np.repeat(np.arange(len(levels), dtype=np.uint8), levels)
    deeper = np.full(len(states) - len(depth), len(levels), np.uint8)
    size = np.array(list(map(len, states)), np.uint16)
    listed = list_of(np.concatenate(states), size, np.concatenate([depth, deeper]))
    kernels.enter(np.arange(len(states)), listed)
    return listed


def _tables(model: Model, limit: int, budget: Budget) -> tuple[bool, kernels.Tables]:
    """Return the tables, and whether undefined cells had to be filled to make them small enough."""
    try:
        return False, tables_of(model, False, limit, budget)
    except InputError:
        if not model.question.restricted:
            raise
        return True, tables_of(model, True, limit, budget)
