"""All that can be said of a kernel beside its verdict: what it could do without, what it needs."""

from __future__ import annotations

from dataclasses import dataclass

from sortopt.base import UNLIMITED, Budget, LimitReached
from sortopt.model import Kernel, Precondition, Proved, Refuted, Verdict
from sortopt.verify.preconditions import weakest_preconditions
from sortopt.verify.redundancy import Dead, Redundancy, dead_results, redundancy

MOST_KEYS = 5
"""The most keys for which weakest preconditions are looked for."""


@dataclass(frozen=True, slots=True)
class Study:
    """What was found: `redundancy` of a right kernel, `weakest` of a wrong one, `dead` results.

    `weakest` are the weakest preconditions that make a wrong kernel right, each proved; None where
    they were not looked for.  `unfinished` says what time did not suffice for.
    """

    redundancy: Redundancy | None
    weakest: tuple[Precondition, ...] | None
    dead: tuple[Dead, ...]
    unfinished: str | None = None


def study(kernel: Kernel, verdict: Verdict, budget: Budget = UNLIMITED) -> Study:
    """Study a kernel whose verdict is known."""
    dead = dead_results(kernel)
    try:
        if isinstance(verdict, Proved):
            return Study(redundancy(kernel, budget), None, dead)
        if isinstance(verdict, Refuted) and kernel.n <= MOST_KEYS:
            return Study(None, weakest_preconditions(kernel, budget), dead)
    except LimitReached as limit:
        return Study(None, None, dead, limit.message)
    return Study(None, None, dead)
