"""The landscape of all kernels of a few keys: how many, joined how, and what descent finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sortopt.base import STOPS, Budget, InputError, Shown, check_arguments, why_stopped
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

MOST_LISTED = 400_000
"""The most kernels of a length that are all studied."""

_WHOLE_KEYS = 3
"""The most keys whose kernels with conditional moves are counted beyond the shortest."""

_MANY_KEYS_SHARE = 10
"""By how much less is drawn, and walked, where there are more keys: each edit takes longer."""


@dataclass
class Landscape(Shown):
    """What is known of the kernels of a problem, of `length` and up to `slack` instructions more.

    `failing` says by how many inputs programs fail near shortest kernels, `reached` how often
    walks from random programs reach a kernel.  Where only shortest kernels are drawn, for want of
    room for all, `slack` is 0.  `stopped` says why the work ended early; then what
    is known so far is complete in itself.
    """

    problem: Problem
    slack: int
    drawn: int
    runs: int
    seed: int
    length: int | None = None
    levels: list[Level] = field(default_factory=list)
    failing: tuple[Failing, ...] = ()
    reached: list[Reached] = field(default_factory=list)
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
    found = Landscape(problem, slack, drawn, runs, seed)
    if slack < 1:
        raise InputError(f"a slack of {slack} shows nothing", hint="use 1 or more")
    if problem.n > _WHOLE_KEYS and not problem.monotone:
        found.slack = 0
        found.drawn, found.runs = (max(1, k // _MANY_KEYS_SHARE) for k in (drawn, runs))
    try:
        _explore(found, budget)
    except STOPS as stop:
        found.stopped = why_stopped(stop)
    found.seconds = budget.spent
    return found


def _explore(found: Landscape, budget: Budget) -> None:
    """Fill in `found`, part by part."""
    from sortopt.terrain import WALKS, Space, draw_shortest, drawn_level, failing, lengths, reached

    problem, seed = found.problem, found.seed
    answer = find.find(problem, budget)
    if answer.stopped is not None:
        found.stopped = answer.stopped
        return
    if answer.length is None:
        raise InputError("there is no kernel", hint="allow more conditions")
    found.length = length = answer.length
    if found.slack:
        graph = lengths(problem, length + found.slack, budget)
        space = Space.of(graph.search.universe)
        right = _add_levels(found, space, graph, budget)
    else:
        count, universe, right = draw_shortest(problem, length, found.drawn, seed, budget)
        space = Space.of(universe)
        found.levels.append(drawn_level(space, right, count, shortest=True, budget=budget))
    found.failing = failing(space, right, found.drawn, seed, budget)
    for longer in range(found.slack + 1):
        for walk in WALKS:
            found.reached.append(reached(space, length + longer, walk, found.runs, seed, budget))


def _add_levels(found: Landscape, space: Space, graph: Lengths, budget: Budget) -> Programs:
    """Add what is known of each length to `found`; return the shortest kernels, or some drawn."""
    from sortopt.terrain import Catalogue, drawn_level, whole_level

    shorter, shortest = None, None
    for length in range(graph.limit - found.slack, graph.limit + 1):
        count = graph.count(length)
        if count > MOST_LISTED:
            right = graph.draw(length, found.drawn, found.seed)
            level = drawn_level(space, right, count, shortest=shortest is None, budget=budget)
        else:
            catalogue = Catalogue(space, graph.all(length))
            level, links = whole_level(catalogue, graph.turned, shorter, budget)
            right, shorter = catalogue.programs, (catalogue, links)
        found.levels.append(level)
        shortest = right if shortest is None else shortest
    assert shortest is not None
    return shortest
