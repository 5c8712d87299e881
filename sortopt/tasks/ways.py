"""Which searches serve a problem, and the lower bound that needs none."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, factorial, log

from sortopt.model import SORT, Action
from sortopt.search.space import Problem
from sortopt.tasks.without_search import without_search

LARGEST_EXHAUSTIVE = 4
"""The most keys for which the shortest kernel is searched with proof unless told otherwise."""

LARGEST_WITH_ALL_INPUTS = 5
"""The most keys for which kernels of minima and maxima are searched over all inputs."""


def uses_beams(problem: Problem) -> bool:
    """Whether `problem` is searched without proof unless told otherwise.

    With keys in memory, from four on: where there are registers for a kernel to begin from.
    """
    if problem.in_memory:
        return problem.n >= LARGEST_EXHAUSTIVE and without_search(problem) is not None
    return problem.n > LARGEST_EXHAUSTIVE and has_anytime(problem)


def by_zero_one(problem: Problem) -> Problem:
    """Return `problem` over inputs of two key values, where that is all that need be searched.

    For few keys the assignments of all inputs are few as well, and bound better.
    """
    plain = problem.monotone and not (problem.assume or problem.distinct)
    if plain and problem.n > LARGEST_WITH_ALL_INPUTS:
        return replace(problem, two_values=True)
    return problem


def has_anytime(problem: Problem) -> bool:
    """Whether there is an anytime search for `problem`: plain sorting, in place.

    With conditional moves, of three operands from five keys on, or with minima and maxima for more
    keys than are searched exhaustively: from seven on, with three operands from six on.
    """
    three = of_three_operands(problem)
    if problem.monotone:
        least, scratch = 6 if three else 7, 1
    else:
        least, scratch = 5 if three else 2, 2
    if problem.n not in range(least, 9) or not 1 <= problem.scratch <= scratch:
        return False
    plain = Problem(
        problem.n, problem.isa, scratch=problem.scratch, signedness=problem.signedness,
        key=problem.key,
    )  # fmt: skip
    more = set(problem.conditions) >= set(plain.conditions)
    return more and replace(problem, conditions=plain.conditions) == by_zero_one(plain)


def of_three_operands(problem: Problem) -> bool:
    """Whether instructions have three operands: then one round of beams takes long."""
    return any(len(form.operands) > 2 for form in problem.forms)


def simple_bound(problem: Problem) -> int:
    """Return a lower bound that needs no search, 0 where none is known.

    To sort n distinct keys in place, every cell must be written, two at a time where stores go in
    pairs.  Where only comparisons tell keys apart, their outcomes (three each) must tell n! orders
    apart as well: n + ceil(log3 n!).
    """
    if problem.n < 2 or problem.goal != SORT or not problem.in_place or problem.assume:
        return 0
    written = (problem.n + 1) // 2 if problem.pairs else problem.n
    if any(form.action in (Action.MINIMUM, Action.MAXIMUM) for form in problem.forms):
        return written
    return written + ceil(log(factorial(problem.n), 3) - 1e-9)
