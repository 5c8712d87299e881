"""The front of length against critical path: complete for few keys, best found for more."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sortopt.base import (
    STOPS,
    UNLIMITED,
    Budget,
    InputError,
    LimitReached,
    Progress,
    why_stopped,
)
from sortopt.front.archive import Archive
from sortopt.front.complete import COMPLETE_KEYS, SECONDS, Coverage, coverage_of
from sortopt.model import Judgement, Kernel, Rung
from sortopt.optimize import LENGTH, PROOF_SECONDS, Context, Measure, Optimization, proved_context

_FIRST = 0.25, 30.0
"""What is looked for before all kernels are compared: a part of the time, and the most seconds."""


@dataclass(frozen=True, slots=True)
class Point:
    """A kernel that no other known is better than in one measure and as good in the other."""

    kernel: Kernel
    length: int
    cycles: float
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Front:
    """The points, shortest kernel first, and what they cover.

    `covered` is the length up to which every kernel is covered, at least that of the shortest, or
    None where the points are the best that were found.  `least_length` and `least_cycles` are
    proved: no kernel is shorter, and none of any length is ready sooner (0 where nothing is
    proved); `any_length` says that none of any length beats the points.  `model` names the kernels
    meant.  `stopped` says why a search ended early, `seconds_needed` how much time to allow for the
    front of all shortest kernels, where that would help.
    """

    points: tuple[Point, ...]
    cpu: str
    covered: int | None
    seconds: float
    stopped: str | None = None
    least_length: int = 0
    least_cycles: float = 0.0
    any_length: bool = False
    model: str = ""
    seconds_needed: float | None = None


def front(
    kernel: Kernel,
    budget: Budget = UNLIMITED,
    *,
    measure: Measure = LENGTH,
    best_found: float | None = None,
    seed: int = 0,
) -> Front:
    """Return the front of the contract of `kernel`.

    For few keys in registers all kernels of the model are covered (see `complete`) while time
    lasts; else it is what a search for length and one for latency came upon, together in at most
    `best_found` seconds.  Every kernel is proved.  Raises as `optimize` does.
    """
    began = budget.spent
    if kernel.contract.keep is not Rung.VALUES:
        raise InputError(
            f"a front of kernels that are {kernel.contract.keep} is not computed",
            hint="leave out --keep and the directive keep",
        )
    measure = measure.on(kernel)
    context, archive = proved_context(kernel), Archive(measure)
    archive.add(kernel)
    coverage = coverage_of(kernel, archive, budget)
    try:
        if coverage is None:
            stopped = _look(context, archive, budget.share(best_found), seed)
        else:
            if coverage.problem.n > COMPLETE_KEYS:
                _look_first(context, archive, budget, seed)
            coverage.extend()
            stopped = None
    except STOPS as stop:
        stopped = why_stopped(stop)
    proving = Budget(PROOF_SECONDS)
    points = tuple(
        Point(found, length, cycles, proof)
        for (length, cycles), found in sorted(archive.best.items())
        if (proof := _proof(context, found, proving)) is not None
    )
    front = Front(points, measure.cpu or "", None, budget.spent - began, stopped)
    return front if coverage is None else _covered(front, coverage, budget)


def _look_first(context: Context, archive: Archive, budget: Budget, seed: int) -> None:
    """Look for good kernels for some of the time before all of them are compared."""
    part, most = _FIRST
    if budget.left is None:
        minutes = f"{SECONDS / 60:g} minutes on two cores"
        news = f"all shortest kernels are compared: up to {minutes}; Ctrl-C ends it early"
        budget.tell(Progress(news), at_once=True)
    first = budget.share(most if budget.left is None else min(most, part * budget.left))
    try:
        _look(context, archive, first, seed)
    except LimitReached:
        budget.check()


def _look(context: Context, archive: Archive, budget: Budget, seed: int) -> str:
    """Search for length, then for latency, each in half the time; return why it ended.

    Raises LimitReached where the budget is spent, and KeyboardInterrupt.
    """
    half = None if budget.left is None else budget.left / 2
    stopped = ""
    for latency in (False, True):
        measure = replace(archive.measure, latency=latency)
        share = budget.share(half)
        stopped = Optimization(context, measure, share, seed, on_candidate=archive.add).run()
        if stopped == "interrupted":
            raise KeyboardInterrupt
    budget.check()
    return stopped


def _covered(front: Front, coverage: Coverage, budget: Budget) -> Front:
    """Return `front` with what `coverage` proved."""
    covered = coverage.covered
    if covered is not None and all(point.length > covered for point in front.points):
        covered = None  # no kernel is as short as that, which `least_length` says
    if coverage.any_length:
        covered = front.points[-1].length
    in_vain = front.stopped is not None and budget.left == 0.0
    needs_more = in_vain and coverage.problem.n > COMPLETE_KEYS and (budget.seconds or 0) < SECONDS
    return replace(
        front,
        covered=covered,
        least_length=coverage.least_length,
        least_cycles=coverage.least_cycles,
        any_length=coverage.any_length,
        model=coverage.model,
        seconds_needed=SECONDS if needs_more else None,
    )


def _proof(context: Context, kernel: Kernel, budget: Budget) -> Judgement | None:
    proved = context if kernel is context.kernel else context.with_kernel(kernel)
    judgement = None if proved is None else proved.judge(budget)
    return judgement if judgement is not None and judgement.proved else None
