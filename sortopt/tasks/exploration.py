"""The landscape of all kernels of a few keys: how many, joined how, and what descent finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sortopt.base import (
    STOPS,
    Budget,
    InputError,
    LimitReached,
    Shown,
    check_arguments,
    raise_if_interrupted,
    why_stopped,
)
from sortopt.search.space import Problem, problem_of
from sortopt.targets import DEFAULT_ISA
from sortopt.tasks import find

if TYPE_CHECKING:
    from sortopt.terrain import Failing, Lengths, Level, Programs, Reached, Space

CONDITIONS = ("l", "g")
"""The conditions of the conditional moves unless others are given."""

MOST_KEYS = 4
"""The most keys whose landscape is drawn."""

SLACK, DRAWN, RUNS = 2, 2_000, 200
"""What is asked unless told otherwise: greatest slack, programs drawn of a kind, walks of each."""

MOST_SLACK = 4
"""The greatest slack: kernels of four keys of minima and maxima that long can still be counted."""

MOST_LISTED = 400_000
"""The most kernels of a length that are all studied."""

_FEW_KEYS = 3
"""Up to so many keys, kernels with conditional moves are counted beyond the shortest too."""

_MANY_KEYS_SHARE = 10
"""By how much less is drawn, and walked, where there are more keys: each edit takes longer."""


@dataclass(frozen=True, slots=True)
class Landscape(Shown):
    """What is known of the kernels of a problem, of `length` and up to `slack` instructions more.

    `failing` says by how many inputs programs fail near shortest kernels, `reached` how often
    walks from random programs reach a kernel.  Where only shortest kernels are drawn, for want of
    room for all, `slack` is 0.  `stopped` says why the work ended early; each part that is known
    then is complete in itself.
    """

    problem: Problem
    slack: int
    drawn: int
    runs: int
    seed: int
    length: int | None = None
    levels: tuple[Level, ...] = ()
    failing: tuple[Failing, ...] = ()
    reached: tuple[Reached, ...] = ()
    seconds: float = 0.0
    stopped: str | None = None


@check_arguments
def landscape(
    n: int,
    *,
    isa: str = DEFAULT_ISA,
    conditions: Sequence[str] | None = None,
    distinct: bool = False,
    slack: int = SLACK,
    drawn: int = DRAWN,
    runs: int = RUNS,
    seed: int = 0,
    time_limit: float | None = None,
    threads: int | None = None,
) -> Landscape:
    """Explore all kernels of `n` keys, the shortest and up to `slack` instructions longer.

    Of a length with more kernels than can be listed `drawn` are drawn, as `seed` chooses; `runs`
    walks of each kind begin at random programs.  The outcome does not depend on `threads`.  Where
    time runs out, `stopped` says so.  Raises InputError.

    >>> found = landscape(2, slack=1, drawn=10, runs=10)
    >>> [(level.length, level.count) for level in found.levels]
    [(4, 8), (5, 280)]
    """
    return explore(
        problem_at(n, isa, conditions, distinct=distinct),
        Budget(time_limit, threads=threads),
        slack=slack,
        drawn=drawn,
        runs=runs,
        seed=seed,
    )


def problem_at(n: int, isa: str, conditions: Sequence[str] | None, *, distinct: bool) -> Problem:
    """Return the problem of the kernels that are explored; raises InputError."""
    if not 2 <= n <= MOST_KEYS:
        raise InputError(f"no landscape of {n} keys is drawn", hint=f"use n from 2 to {MOST_KEYS}")
    if conditions is None and isa == DEFAULT_ISA:
        conditions = CONDITIONS
    problem = problem_of(n, isa=isa, conditions=conditions, distinct=distinct)
    if any(len(form.operands) > 2 for form in problem.forms):
        raise InputError(
            f"no landscape is drawn of {isa}: its instructions have three operands",
            hint=f"use {DEFAULT_ISA}, for example",
        )
    return problem


def explore(
    problem: Problem,
    budget: Budget,
    *,
    slack: int = SLACK,
    drawn: int = DRAWN,
    runs: int = RUNS,
    seed: int = 0,
) -> Landscape:
    """Return the landscape of `problem` (see `landscape`)."""
    if not 1 <= slack <= MOST_SLACK:
        raise InputError(f"no slack of {slack} is explored", hint=f"use 1 to {MOST_SLACK}")
    if problem.n > _FEW_KEYS:
        slack = slack if problem.monotone else 0
        drawn, runs = (-(-count // _MANY_KEYS_SHARE) for count in (drawn, runs))
    found, stopped = Landscape(problem, slack, drawn, runs, seed), None
    try:
        for known in _explored(found, budget):
            found = known
    except STOPS as stop:
        stopped = why_stopped(stop)
    return replace(found, seconds=budget.spent, stopped=stopped)


def _explored(found: Landscape, budget: Budget) -> Iterator[Landscape]:
    """Yield what is known, part by part; raises one of STOPS where the work ends early."""
    from sortopt.terrain import WALKS, Space, draw_shortest, drawn_level, failing, lengths, reached

    problem, seed = found.problem, found.seed
    answer = find.find(problem, budget)
    raise_if_interrupted(answer.stopped)
    if answer.stopped is not None:
        raise LimitReached(answer.stopped)
    if answer.length is None:
        raise InputError("there is no kernel", hint="allow more conditions")
    found = replace(found, length=answer.length)
    if found.slack:
        graph = lengths(problem, answer.length + found.slack, budget)
        space = Space.of(graph.search.universe)
        shortest = None
        for level, right in _levels(found, space, graph, budget):
            found = replace(found, levels=(*found.levels, level))
            shortest = right if shortest is None else shortest
            yield found
    else:
        count, universe, shortest = draw_shortest(problem, answer.length, found.drawn, seed, budget)
        space = Space.of(universe)
        level = drawn_level(space, shortest, count, shortest=True, budget=budget)
        found = replace(found, levels=(level,))
        yield found
    assert shortest is not None
    found = replace(found, failing=failing(space, shortest, found.drawn, seed, budget))
    yield found
    for length in range(answer.length, answer.length + found.slack + 1):
        for walk in WALKS:
            one = reached(space, length, walk, found.runs, seed, budget)
            found = replace(found, reached=(*found.reached, one))
            yield found


def _levels(
    found: Landscape, space: Space, graph: Lengths, budget: Budget
) -> Iterator[tuple[Level, Programs]]:
    """Yield what is known of each length, the least first, with the kernels it is known from."""
    from sortopt.terrain import Catalogue, drawn_level, whole_level

    shorter, least = None, graph.limit - found.slack
    for length in range(least, graph.limit + 1):
        count = graph.count(length)
        if count > MOST_LISTED:
            right = graph.draw(length, found.drawn, found.seed)
            shortest = length == least
            yield drawn_level(space, right, count, shortest=shortest, budget=budget), right
        else:
            catalogue = Catalogue(space, graph.all(length))
            level, links = whole_level(catalogue, graph.turned, shorter, budget)
            shorter = catalogue, links
            yield level, catalogue.programs
