"""The checker of lower-bound certificates: it trusts neither the search nor anything in the file.

A certificate claims that no kernel of a question has at most `limit` instructions.  It lists
states, each with a depth.  The checker builds the model of the question from the interpreter
(`model`), finds its symmetries (`group`), works out bounds (`bounds`), and then verifies that

1. some symmetry takes the start to a state listed at depth 0;
2. no listed state is a goal, and none is deeper than `limit`;
3. every child of a state listed at a depth d < `limit` is dead, or needs more than the
   `limit` - d - 1 instructions left by its bound, or some symmetry takes it to a state listed at
   depth d + 1 at most.

Then no goal is within `limit` instructions of the start.  Suppose a kernel of at most that length
reached one, and follow it.  The start is listed at depth 0, up to symmetry.  Where the state after
k instructions is listed at a depth of at most k, up to symmetry, it is no goal, so an instruction
follows.  The state after that is not dead, as the kernel is right; and it needs no more than what
is left, as the kernel finishes it.  So it is listed, at depth k + 1 at most.  The kernel never ends
in a goal: a contradiction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sortopt.base import UNLIMITED, Budget, Progress
from sortopt.certificate import _checker_kernels as kernels
from sortopt.certificate.bounds import tables_of
from sortopt.certificate.model import Model, build
from sortopt.certificate.parallel import in_parts
from sortopt.certificate.question import Question
from sortopt.certificate.sequences import Composed, check_moves

_AT_ONCE = 256
"""How many assignments, in states, are worked on between two looks at the clock."""


@dataclass(frozen=True, eq=False, slots=True)
class Certificate:
    """What a certificate file holds.

    States are listed by depth, `levels[d]` of them at depth d.  State s has size[s] assignments,
    the states' assignments standing end to end in `pool`; they are numbered as in `Model`.
    `filled` says which relaxed model bounds them.
    """

    question: Question
    limit: int
    filled: bool
    levels: tuple[int, ...]
    size: npt.NDArray[np.uint16]
    pool: npt.NDArray[np.uint16]
    kind: ClassVar[str] = "states"

    @property
    def claim(self) -> str:
        """What the certificate claims, in words."""
        return f"no kernel of {self.limit} or fewer instructions exists ({self.question.words})"

    @property
    def states(self) -> int:
        """The number of states listed."""
        return len(self.size)


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of a check: `fault` is None where every condition holds.

    `states` were looked at, or so many sets that sequences of moves reach.
    """

    certificate: Certificate | Composed
    fault: str | None
    states: int


def check(certificate: Certificate | Composed, budget: Budget = UNLIMITED) -> Check:
    """Verify every condition.

    Raises LimitReached where the budget does not suffice, InputError where the question is too
    large to be checked.
    """
    if isinstance(certificate, Composed):
        return Check(certificate, *check_moves(certificate, budget))
    budget.tell(Progress("building the model of the question"))
    model = build(certificate.question, budget)
    fault = _misfit(certificate, model)
    if fault is None:
        tables = tables_of(model, certificate.filled, certificate.limit, budget)
        fault = gap_in(certificate, model, tables, budget)
    return Check(certificate, fault, certificate.states)


def _misfit(certificate: Certificate, model: Model) -> str | None:
    """Return what does not fit together, or None; afterwards all numbers are in range."""
    c = certificate
    if c.filled and not c.question.restricted:
        return "undefined cells are filled in its bounds, where nothing is undefined"
    if sum(c.levels) != len(c.size) or int(c.size.sum(dtype=np.int64)) != len(c.pool):
        return "the numbers of states and assignments do not fit together"
    if len(c.levels) > c.limit + 1:
        return "a state is listed deeper than the limit"
    if len(c.pool) and int(c.pool.max()) >= len(model.assignments):
        return "a state has an assignment that does not exist"
    if len(c.size) and int(c.size.max()) > len(model.start):
        return "a state has more assignments than the start"
    return None


def list_of(
    pool: npt.NDArray[np.uint16], size: npt.NDArray[np.uint16], depth: npt.NDArray[np.uint8]
) -> kernels.Listed:
    """Return a list of states, none of them in the hash table yet."""
    offset = np.concatenate([[0], np.cumsum(size, dtype=np.int64)])
    table = np.full(1 << (2 * len(size) + 1).bit_length(), -1, np.int32)
    return kernels.Listed(pool, offset, depth, table)


def gap_in(
    certificate: Certificate, model: Model, tables: kernels.Tables, budget: Budget
) -> str | None:
    """Return which condition on the listed states does not hold, or None."""
    c, count = certificate, certificate.states
    depth = np.repeat(np.arange(len(c.levels), dtype=np.uint8), c.levels)
    listed = list_of(c.pool.copy(), c.size, depth)
    ends = np.searchsorted(listed.offset, np.arange(_AT_ONCE, len(listed.pool), _AT_ONCE))
    parts = np.split(np.arange(count), np.unique(ends))
    for part in parts:
        kernels.normalize_all(part, listed, tables)
        kernels.enter(part, listed)
        budget.check()
    start = np.empty_like(model.start)
    kernels.normalize(model.start, len(start), tables, start)
    found = kernels.find(start, listed)
    if found < 0 or listed.depth[found] > 0:
        return "the start is not listed at depth 0"
    work = [(part, certificate.limit, listed, tables) for part in parts]
    for gap in in_parts(kernels.first_gap, work, budget, "checking the states that are listed"):
        if gap >= 0:
            return f"state {gap} is a goal, or has a child that is not accounted for"
    return None
