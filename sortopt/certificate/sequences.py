"""Certificates of bounds that add up: comparisons, and moves that no sequence makes do with.

The file names a question and a number of moves; all else is worked out here.  Instructions that
write a cell are *moves*: each leaves its target, or takes what its source holds.  Both arguments
are about kernels that sort by such moves with one scratch cell, whatever they compare, on distinct
keys in any of their n! orders.

*Comparisons.*  Let the scratch cell hold a copy of the first key.  As long as all comparisons of
two orders came out alike, the same moves were taken, and the same cells hold the same inputs.  So a
comparison has at most two outcomes that differ.  If all came out alike, the outputs hold the same
inputs, which is right for one order only.  So there are at least log2 n! comparisons.

*Moves.*  Follow the keys of the outputs back.  At any time they descend from n different cells;
the one left is *free*.  A move on the way goes to the free cell and makes its source free; all
others can be left out.  So for every order some of the kernel's moves, taken in turn, bring each
key where it belongs, from one arrangement of the keys to one of the outputs.  A sequence of moves
of which that is true is *universal*; m moves are too few where none of m is.

An *arrangement* p maps the n keys and, last, the free place to cells.  What a sequence *reaches*
is the set of arrangements after some of its moves, from the keys as they come in.  Of a sequence
of j + k moves let F be the reach of the first j, and B what the last k, turned round, reach.  They
bring order t home if f = z b t for some f of F and b of B, where z renames the cells in which the
outputs are: z is one of all f t^-1 b^-1.  The sequence is universal only if one z is that for every
t.  (Each t has a pair f, b of its own, and f has that cell free of which z makes the free cell of
b.  So the numbers of arrangements by free cell, both descending, have n! pairs at least: most
reaches are ruled out by that.)

Which z there are for all orders depends on F only up to g F h, for any g and any renaming h of the
keys, and grows with F.  Likewise B.  And what a move makes of g F h is g F' h, F' being what some
move makes of F.  So of all reaches of j moves those are enough that contain, up to such images, all
that a move makes of those of j - 1 moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from math import factorial
from typing import ClassVar

import numpy as np

from sortopt.base import Budget, InputError, Progress
from sortopt.certificate import _sequence_kernels as kernels
from sortopt.certificate._cost_kernels import Sums
from sortopt.certificate.parallel import in_parts
from sortopt.certificate.question import Question
from sortopt.model import Action

MOST_KEYS = 5
"""The most keys: there are 720 arrangements of five, with half a million products."""

MOST_COMPARED = 50_000
"""Of more reaches than this all are kept: to look for those contained in others takes longer."""

_AT_ONCE = 64
"""How many reaches are worked on between two looks at the clock."""


@dataclass(frozen=True, eq=False, slots=True)
class Composed:
    """The claim that a kernel needs its comparisons and more than so many `moves`."""

    question: Question
    moves: int
    kind: ClassVar[str] = "sets that sequences of moves reach"

    @property
    def comparisons(self) -> int:
        """How many comparisons there are at least."""
        copies = {Action.COMPARE, Action.COPY, Action.SELECT}
        if not {form.action for form in self.question.forms} <= copies:
            return 0
        return (factorial(self.question.n) - 1).bit_length()

    @property
    def limit(self) -> int:
        """The length that is too short."""
        return self.comparisons + self.moves

    @property
    def claim(self) -> str:
        """What the certificate claims, in words."""
        return (
            f"no kernel of {self.limit} or fewer instructions exists: it has at least"
            f" {self.comparisons} comparisons and {self.moves + 1} moves ({self.question.words})"
        )


def check_moves(certificate: Composed, budget: Budget) -> tuple[str | None, int]:
    """Return why the claim does not follow, None where it does, and how many reaches were tried.

    Raises InputError where it cannot be checked, LimitReached.
    """
    question, moves = certificate.question, certificate.moves
    if (why := _unfit(question)) is not None:
        return why, 0
    if question.n > MOST_KEYS:
        raise InputError(
            f"the claim is of sequences of moves of {question.n} keys",
            hint=f"such a certificate can be checked up to {MOST_KEYS} keys",
        )
    tables = _tables(question.n)
    home = np.zeros(1, np.uint16)
    backward = kernels.Reaches(home, np.array([0, 1]))
    for done in range(moves // 2):
        budget.tell(Progress("what moves can reach", done=done, total=moves // 2))
        backward = _kept(kernels.extended(backward, tables), tables)
    forward = kernels.extended(backward, tables) if moves % 2 else backward
    profile = kernels.profiles(backward, tables)
    profile, group = np.unique(profile, axis=0, return_inverse=True)
    backward = _taken(backward, np.argsort(group.ravel(), kind="stable"))
    start = np.concatenate([[0], np.cumsum(np.bincount(group.ravel()))])
    groups = kernels.Groups(profile, start)
    total = len(forward.offset) - 1
    parts = [
        (lo, min(lo + _AT_ONCE, total), forward, backward, groups, tables)
        for lo in range(0, total, _AT_ONCE)
    ]
    for found in in_parts(kernels.first_meeting, parts, budget, f"sequences of {moves} moves"):
        if found >= 0:
            return f"a sequence of {moves} moves may sort every order", total
    return None, total


def _unfit(question: Question) -> str | None:
    """Return why the arguments do not hold of a question, or None."""
    n = question.n
    if question.ranks != tuple(range(n)) or question.cells != n + 1:
        return "moves are counted only for sorting with one scratch cell"
    for form in question.forms:
        sources = {*form.arguments} - {form.target}
        if form.action is not Action.COMPARE and len(sources) != 1:
            return f"{form.mnemonic} takes one of two sources, so it is no move"
    if sum(max(order) == n for order in question.inputs) < factorial(n):
        return "not every order of distinct keys comes in"
    return None


def _tables(n: int) -> kernels.Tables:
    """Return the arrangements of n keys, home being the first, and their products."""
    listed = list(permutations(range(n + 1)))
    number = {p: i for i, p in enumerate(listed)}
    product = [[number[tuple(p[i] for i in q)] for q in listed] for p in listed]
    moves = []
    for target, source in permutations(range(n + 1), 2):
        exchange = list(range(n + 1))
        exchange[target], exchange[source] = source, target
        moves.append((target, number[tuple(exchange)]))
    return kernels.Tables(
        np.array(product, np.uint16),
        np.array([row.index(0) for row in product], np.uint16),
        np.array([p[n] for p in listed], np.uint8),
        np.array(moves, np.uint16),
        np.array([i for i, p in enumerate(listed) if p[n] == n], np.uint16),
    )


def _kept(reaches: kernels.Reaches, tables: kernels.Tables) -> kernels.Reaches:
    """Return the reaches, the largest first, without those that an image of another contains."""
    if len(reaches.offset) > MOST_COMPARED:
        return reaches
    largest_first = np.argsort(-np.diff(reaches.offset), kind="stable")
    return _taken(reaches, kernels.not_contained(reaches, largest_first, tables))


def _taken(reaches: kernels.Reaches, numbers: Sums) -> kernels.Reaches:
    """Return some of the reaches, in the sequence given."""
    pool, offset = reaches
    runs = [pool[offset[r] : offset[r + 1]] for r in numbers]
    sizes = np.array([len(run) for run in runs], np.int64)
    return kernels.Reaches(np.concatenate(runs), np.concatenate([[0], np.cumsum(sizes)]))
