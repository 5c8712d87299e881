"""The front of length against critical path: complete for few keys, best found for more."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from sortopt.base import LimitReached
from sortopt.front.complete import COMPLETE_KEYS, SECONDS, Archive, Coverage, coverage_of
from sortopt.model import Judgement, Kernel, Proved
from sortopt.optimize import LENGTH, Context, Measure, Search, proved_context

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
    *,
    measure: Measure = LENGTH,
    time_limit: float | None = None,
    best_found_limit: float | None = None,
    seed: int = 0,
    threads: int = 1,
    report: Callable[[str], None] = lambda line: None,
) -> Front:
    """Return the front of the contract of `kernel`.

    For few keys in registers all kernels of the model are covered (see `complete`) while time
    lasts; else it is what a search for length and one for latency came upon, each in half of
    `best_found_limit` seconds.  Every kernel is proved.  Raises as `optimize` does.
    """
    began = time.monotonic()
    context = proved_context(kernel)
    archive = Archive(measure)
    archive.add(kernel)

    def check() -> None:
        if time_limit is not None and time.monotonic() - began > time_limit:
            raise LimitReached("time")

    coverage = coverage_of(kernel, archive, check, report, threads)
    if coverage is None:
        limit = time_limit if best_found_limit is None else best_found_limit
        stopped = _best_found(context, archive, limit, seed, threads)
    else:
        stopped = None
        if coverage.problem.n > COMPLETE_KEYS:
            part, most = _FIRST
            first = most if time_limit is None else min(most, part * time_limit)
            if time_limit is None:
                minutes = f"{SECONDS / 60:g} minutes on two cores"
                report(f"all shortest kernels are compared: up to {minutes}; Ctrl-C ends it early")
            stopped = _best_found(context, archive, first, seed, threads)
        stopped = stopped if stopped == "interrupted" else _extended(coverage)
    points = tuple(
        Point(found, length, cycles, proof)
        for (length, cycles), found in sorted(archive.best.items())
        if (proof := _proof(context, found)) is not None
    )
    front = Front(points, measure.cpu, None, time.monotonic() - began, stopped)
    return front if coverage is None else _told(front, coverage, time_limit)


def _told(front: Front, coverage: Coverage, time_limit: float | None) -> Front:
    """Return `front` with what `coverage` proved."""
    covered = coverage.covered
    if covered is not None and all(point.length > covered for point in front.points):
        covered = None  # no kernel is as short as that, which `least_length` says
    if coverage.any_length:
        covered = front.points[-1].length
    more = front.stopped == "time" and coverage.problem.n > COMPLETE_KEYS
    return replace(
        front,
        covered=covered,
        least_length=coverage.least_length,
        least_cycles=coverage.least_cycles,
        any_length=coverage.any_length,
        model=coverage.model,
        seconds_needed=SECONDS if more and time_limit and time_limit < SECONDS else None,
    )


def _extended(coverage: Coverage) -> str | None:
    """Prove what can be proved; return why that ended, where it was early."""
    try:
        coverage.extend()
    except LimitReached as reason:
        return reason.message
    except KeyboardInterrupt:
        return "interrupted"
    return None


def _proof(context: Context, kernel: Kernel) -> Judgement | None:
    proved = context if kernel is context.kernel else context.with_kernel(kernel)
    judgement = None if proved is None else proved.judge()
    return judgement if judgement and isinstance(judgement.verdict, Proved) else None


def _best_found(
    context: Context, archive: Archive, time_limit: float | None, seed: int, threads: int
) -> str | None:
    """Search for length, then for latency; return why it ended, where that was early."""
    half = None if time_limit is None else time_limit / 2
    stopped = None
    for latency in (False, True):
        measure = replace(archive.measure, latency=latency)
        search = Search(context, measure, half, seed, threads, on_candidate=archive.add)
        stopped = search.run()
        if stopped == "interrupted":
            break
    return stopped
