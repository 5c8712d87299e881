"""Anytime search for short kernels: rounds of wider and wider beams until time is up.

Each round runs a beam over comparators and, from what it reached, a free-form beam that looks for
one instruction less than the best so far; minima and maxima are searched over comparators alone.
Round r has its own seed and width; the sequence of results depends on n, `isa`, `beam`, `seed` and
`scratch` alone, never on the clock or on the number of threads.  Every kernel is in place, correct
on ties and for any scratch content, and checked over all weak orders before it is handed out.
Nothing here proves that a kernel is shortest.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sortopt.base import Disagreement, InputError, on_threads
from sortopt.model import Isa, Kernel
from sortopt.search.beams.assignments import Move, to_kernel
from sortopt.search.beams.comparators import ComparatorBeam, Exploration
from sortopt.search.beams.fast_check import sorts_in_place
from sortopt.search.beams.instructions import Beam
from sortopt.targets import X86_CMOV

OnImprovement = Callable[[Kernel, float], None]

MIN_KEYS, MAX_KEYS = 2, 8
MAX_SCRATCH = 2


@dataclass(frozen=True, slots=True)
class Improvement:
    """A kernel shorter than all before it, and the seconds since the start when it was found."""

    kernel: Kernel
    seconds: float
    method: str


@dataclass(frozen=True, slots=True)
class AnytimeResult:
    """What an anytime search found.

    `states` counts the states kept by all beams, `rounds` those begun; `stopped` says why it
    ended: "time", "interrupted", or "rounds" where a number of rounds was asked for.
    """

    n: int
    improvements: tuple[Improvement, ...]
    states: int
    rounds: int
    seconds: float
    stopped: str

    @property
    def kernel(self) -> Kernel | None:
        """The shortest kernel found, or None."""
        return self.improvements[-1].kernel if self.improvements else None


@dataclass(frozen=True, slots=True)
class Plan:
    """How wide the beams of one round are, and which states of the first open the second."""

    comparator_width: int
    free_width: int
    open_from: float
    """The length of the shortest states opened, as a part of the best kernel's length."""
    most_ties: int | None


_FIRST_PLAN = {
    2: (50, 50, 0.0, None),
    3: (100, 500, 0.0, None),
    4: (100, 1000, 0.0, None),
    5: (100, 2000, 0.0, None),
    6: (100, 500, 0.35, 1),
    7: (100, 300, 0.45, 1),
    8: (300, 200, 0.5, 1),
}
_MINMAX_WIDTH = 1000
"""The first beam over comparators of minima and maxima: inputs of two values are few."""

_WIDEST = 16
"""Beams of later rounds grow up to this many times the first."""


def plan_of(n: int, number: int, beam: int | None) -> Plan:
    """Return the plan of round `number` (from 0); `beam` replaces the first comparator width.

    Widths double every fourth round: seeds are worth more than width until they repeat.
    """
    comparator_width, free_width, open_from, most_ties = _FIRST_PLAN[n]
    if beam is not None:
        free_width = max(1, free_width * beam // comparator_width)
        comparator_width = beam
    growth = min(_WIDEST, 2 ** (number // 4))
    opened = (open_from, 0.25, 0.6, 0.4)[number % 4]
    return Plan(
        comparator_width * growth, free_width * growth, opened if open_from else 0.0, most_ties
    )


@dataclass(slots=True)
class _Run:
    """One anytime search under way."""

    n: int
    scratch: int
    time_limit: float | None
    on_improvement: OnImprovement
    isa: Isa = X86_CMOV
    began: float = field(default_factory=time.monotonic)
    improvements: list[Improvement] = field(default_factory=list)
    states: int = 0

    def expired(self) -> bool:
        """Return whether the time limit has passed."""
        return self.time_limit is not None and self.seconds() >= self.time_limit

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self.began

    @property
    def target(self) -> int:
        """The greatest length that would be an improvement."""
        if self.improvements:
            return len(self.improvements[-1].kernel) - 1
        return 4 * self.n * (self.n - 1) // 2

    def take(self, moves: tuple[Move, ...], method: str) -> None:
        """Check a program and hand it out if it is shorter than those before.

        Raises Disagreement where it does not sort: the search believed that it does.
        """
        kernel = to_kernel(self.n, moves, self.isa)
        if not sorts_in_place(kernel):
            raise Disagreement(f"the {method} search found a kernel that does not sort")
        if len(kernel) > self.target:
            return
        found = Improvement(kernel, self.seconds(), method)
        self.improvements.append(found)
        self.on_improvement(found.kernel, found.seconds)

    def round(self, plan: Plan, seed: int) -> None:
        """Run both beams of a round.

        Comparators may reach the best length again: what leads there opens the free-form beam.
        """
        if self.isa is not X86_CMOV:
            beam = ComparatorBeam(self.n, plan.comparator_width, seed, minmax=True)
            explored = beam.run(self.target, expired=self.expired, found=self._take_comparators)
            self.states += explored.states
            return
        limit = self.target + bool(self.improvements)
        explored = ComparatorBeam(self.n, plan.comparator_width, seed).run(
            limit,
            expired=self.expired,
            found=self._take_comparators,
            keep_from=int(plan.open_from * (self.target if self.improvements else limit // 2)),
        )
        self.states += explored.states
        while explored.complete and not self.expired():
            if not self._free(plan, seed, explored):
                return

    def _take_comparators(self, moves: tuple[Move, ...]) -> None:
        if len(moves) <= self.target:
            self.take(moves, "comparators")

    def _free(self, plan: Plan, seed: int, explored: Exploration) -> bool:
        """Run the free-form beam; return whether it found a shorter kernel."""
        limit = self.target
        lengths = [
            length
            for length, shelf in explored.shelves.items()
            if plan.open_from * limit <= length < limit and len(shelf.rows)
        ]
        openings = {length: explored.opening(length) for length in lengths}
        if not plan.open_from:
            openings = {}
        beam = Beam(self.n, self.scratch, plan.free_width, seed, most_ties=plan.most_ties)
        outcome = beam.run(limit, expired=self.expired, openings=openings)
        self.states += outcome.states
        if outcome.moves is None:
            return False
        kernel = to_kernel(self.n, outcome.moves)
        if plan.most_ties is not None and not sorts_in_place(kernel):
            return False
        self.take(outcome.moves, "free-form beam")
        return True


def improve(
    n: int,
    *,
    time_limit: float | None = None,
    beam: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    scratch: int = 1,
    rounds: int | None = None,
    isa: Isa = X86_CMOV,
    on_improvement: OnImprovement = lambda kernel, seconds: None,
) -> AnytimeResult:
    """Search for short kernels of `n` keys until `time_limit` seconds, `rounds` or Ctrl-C.

    Of conditional moves, or, with `isa`, of minima and maxima and one scratch cell.

    `on_improvement` is called with each kernel shorter than those before and the seconds since
    the start.  On KeyboardInterrupt what was found is returned.  Raises InputError for n outside
    2 to 8, fewer than one scratch cell or more than two, a limit that is not positive, or an
    instruction of more than two operands.
    """
    _check(n, scratch, beam, time_limit, threads)
    for form in isa.forms.values():
        if len(form.operands) > 2:
            raise InputError(
                f"the anytime search takes instructions of two operands, not {form.mnemonic}",
                hint="search with proof (--prove)",
            )
    run = _Run(n, scratch, time_limit, on_improvement, isa)
    number, stopped = 0, "rounds"
    with on_threads(threads or len(os.sched_getaffinity(0))):
        try:
            while rounds is None or number < rounds:
                number += 1
                first = beam if isa is X86_CMOV else beam or _MINMAX_WIDTH
                run.round(plan_of(n, number - 1, first), seed + number - 1)
                if run.expired():
                    stopped = "time"
                    break
        except KeyboardInterrupt:
            stopped = "interrupted"
    return AnytimeResult(n, tuple(run.improvements), run.states, number, run.seconds(), stopped)


def _check(
    n: int, scratch: int, beam: int | None, time_limit: float | None, threads: int | None
) -> None:
    if not MIN_KEYS <= n <= MAX_KEYS:
        raise InputError(f"the anytime search takes 2 to 8 keys, not {n}", hint="use n from 2 to 8")
    if not 1 <= scratch <= MAX_SCRATCH:
        raise InputError(f"the anytime search takes 1 or 2 scratch cells, not {scratch}")
    for name, value in (("beam", beam), ("time limit", time_limit), ("threads", threads)):
        if value is not None and not value > 0:
            raise InputError(f"the {name} must be positive, not {value}")
