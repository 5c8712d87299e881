"""The front of length against critical path: complete for few keys, best found for more."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sortopt.errors import LimitReached
from sortopt.isa import Place
from sortopt.kernel import Kernel
from sortopt.optimize.context import Context
from sortopt.optimize.optimizer import Search, proved_context
from sortopt.optimize.program import CONDITIONS, LENGTH, UNSIGNED_CONDITIONS, Measure, forms_for
from sortopt.search.problem import Problem
from sortopt.search.window_front import FrontSearch
from sortopt.verdict import Judgement, Proved

COMPLETE_KEYS = 3
"""Up to this many keys, with one cell of scratch, all kernels up to a length are covered."""


LONGEST = 14
"""The greatest length of which it is tried to cover all kernels; memory may end it sooner."""


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

    `covered` is the length up to which every kernel is covered, or None where the points are the
    best that were found.  `stopped` says why a search ended early.
    """

    points: tuple[Point, ...]
    cpu: str
    covered: int | None
    seconds: float
    stopped: str | None = None


@dataclass
class Archive:
    """Kernels of which none is beaten by another in length and critical path."""

    measure: Measure
    best: dict[tuple[int, float], Kernel] = field(default_factory=dict)

    def add(self, kernel: Kernel) -> None:
        """Take in `kernel` unless another is as good; drop what it beats."""
        key = (len(kernel), self.measure.critical_path(kernel))
        if any(k[0] <= key[0] and k[1] <= key[1] for k in self.best):
            return
        self.best = {
            k: found for k, found in self.best.items() if not (key[0] <= k[0] and key[1] <= k[1])
        }
        self.best[key] = kernel


def front(
    kernel: Kernel,
    *,
    measure: Measure = LENGTH,
    time_limit: float | None = None,
    seed: int = 0,
    threads: int = 1,
    report: Callable[[str], None] = lambda line: None,
) -> Front:
    """Return the front of the contract of `kernel`.

    For up to COMPLETE_KEYS keys in registers all kernels of the model are covered, length by
    length while time lasts; else it is what a search for length and one for latency came upon,
    each in half of the time.  Every kernel is proved.  Raises as `optimize` does.
    """
    began = time.monotonic()
    context = proved_context(kernel)
    archive = Archive(measure)
    archive.add(kernel)
    problem = _problem(kernel)
    if problem is None:
        covered, stopped = None, _best_found(context, archive, time_limit, seed, threads)
    else:
        limit = None if time_limit is None else began + time_limit
        covered, stopped = _complete(problem, archive, limit, report)
    points = [
        Point(found, length, cycles, proof)
        for (length, cycles), found in sorted(archive.best.items())
        if (proof := _proof(context, found)) is not None
    ]
    return Front(tuple(points), measure.cpu, covered, time.monotonic() - began, stopped)


def _proof(context: Context, kernel: Kernel) -> Judgement | None:
    proved = context if kernel is context.kernel else context.with_kernel(kernel)
    judgement = None if proved is None else proved.judge()
    return judgement if judgement and isinstance(judgement.verdict, Proved) else None


def _problem(kernel: Kernel) -> Problem | None:
    """Return the problem of all kernels for the contract, or None where it is too large."""
    contract = kernel.contract
    in_registers = all(cell.place is not Place.MEMORY for cell in kernel.cells)
    if contract.n > COMPLETE_KEYS or not in_registers:
        return None
    unsigned = any(
        form.condition is not None and form.condition.name in UNSIGNED_CONDITIONS
        for form in forms_for(kernel)
    )
    problem = Problem(
        contract.n,
        kernel.isa,
        UNSIGNED_CONDITIONS if unsigned else CONDITIONS,
        max(1, len(kernel.scratch)),
        contract.in_place,
        assume=contract.assume,
        goal=contract.goal,
    )
    if kernel.signedness is not None:
        problem = replace(problem, signedness=kernel.signedness)
    return problem if problem.cells <= COMPLETE_KEYS + 1 else None


def _complete(
    problem: Problem, archive: Archive, limit: float | None, report: Callable[[str], None]
) -> tuple[int | None, str | None]:
    """Cover all kernels of one length after the other.

    Return up to which length every kernel is covered, and why it ended.  Within a length the
    cycles allowed fall until there is no kernel; a longer kernel matters only if it is faster
    than all shorter ones, so they need not rise again.
    """

    def check() -> None:
        if limit is not None and time.monotonic() > limit:
            raise LimitReached("time")

    cost = archive.measure.latency_of
    least_step = min((cost(form) for form in problem.forms if cost(form) > 0), default=1.0)
    covered, cycles = None, float("inf")
    try:
        search = FrontSearch.of(problem, cost, check)
        for length in range(search.least, LONGEST + 1):
            while (found := search.within(cycles, length)) is not None:
                archive.add(found)
                reached = archive.measure.critical_path(found)
                report(f"{len(found)} instructions, {reached:g} cycles")
                cycles = reached - least_step / 2
            covered = length
            if archive.best:
                report(f"no other of at most {length} instructions: proved")
    except LimitReached as reason:
        return covered, reason.message
    except KeyboardInterrupt:
        return covered, "interrupted"
    return covered, None


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
