"""Certificates of small problems, honest ones and lists of whatever a search reached."""

from dataclasses import replace
from functools import cache

import engines
import numpy as np

from sortopt.base import UNLIMITED
from sortopt.certificate import checker
from sortopt.certificate.checker import Certificate, list_of
from sortopt.certificate.maker import make
from sortopt.certificate.question import Question
from sortopt.model.isa import Order
from sortopt.search.exhaustive.deepening import shortest
from sortopt.search.space.problem import Problem

SORT2 = Problem(2, distinct=True, in_place=False)
SORT3 = Problem(3, distinct=True, in_place=False)

NOTHING = list_of(np.empty(0, np.uint16), np.empty(0, np.uint16), np.empty(0, np.uint8))
"""A list without states."""

_FLAGS = (None, Order.LESS, Order.EQUAL, Order.GREATER)


@cache
def made(problem, *, restricted=True):
    """Return the certificate of the lower bound of `problem`."""
    question = Question.of(problem.record(), restricted=restricted)
    return make(question, shortest(problem).lower_bound - 1)


@cache
def listing(problem, limit):
    """Return a certificate that lists every state a search under `limit` keeps, goals included."""
    search = engines.complete(engines.engine(problem), limit)
    numbers, question = number_in_files(problem), Question.of(problem.record())
    rows, depths = [], []
    for depth in range(limit + 1):
        for row in sorted(engines.rows_at(search, depth)):
            rows.append([int(numbers[a]) for a in row])
            depths.append(depth)
    empty = np.empty(0, np.uint16)
    return with_states(Certificate(question, limit, False, (), empty, empty), rows, depths)


@cache
def number_in_files(problem):
    """Return the number in certificate files of each of the search's assignments."""
    universe, _ = engines.group(problem)
    number = checker.build(Question.of(problem.record()), UNLIMITED).number
    found = []
    for a in range(universe.size):
        pattern = universe.tie_patterns[universe.patterns[a]]
        held = tuple(universe.contents[a].tolist())
        found.append(number[pattern, held, _FLAGS[universe.flags[a]]])
    return np.array(found, np.uint16)


def states_of(certificate):
    """Return the listed states as lists of numbers, and their depths."""
    ends = np.cumsum(certificate.size)[:-1]
    depths = np.repeat(np.arange(len(certificate.levels)), certificate.levels)
    return [row.tolist() for row in np.split(certificate.pool, ends)], depths.tolist()


def with_states(certificate, rows, depths, **changes):
    """Return the certificate with other states, given in any sequence."""
    order = sorted(range(len(rows)), key=lambda i: depths[i])
    return replace(
        certificate,
        levels=tuple(np.bincount(depths).tolist()) if depths else (),
        size=np.array([len(rows[i]) for i in order], np.uint16),
        pool=np.array([a for i in order for a in rows[i]], np.uint16),
        **changes,
    )


def without(certificate, dropped, **changes):
    """Return the certificate without the states whose numbers are in `dropped`."""
    rows, depths = states_of(certificate)
    kept = [i for i in range(len(rows)) if i not in dropped]
    return with_states(certificate, [rows[i] for i in kept], [depths[i] for i in kept], **changes)
