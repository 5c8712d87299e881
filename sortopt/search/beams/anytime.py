"""Anytime search for short kernels: rounds of wider and wider beams until time is up.

Each round runs a beam over comparators and, from what it reached, a free-form beam that looks for
one instruction less than the best so far; minima and maxima are searched over comparators alone.
Round r has its own seed and width; the sequence of results depends on n, `isa`, `beam`, `seed` and
`scratch` alone, never on the clock or on the number of threads.  Every kernel is in place, correct
on ties and for any scratch content, and checked over all weak orders before it is handed out.
Nothing here proves that a kernel is shortest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from sortopt.base import (
    STOPS,
    UNLIMITED,
    Budget,
    Disagreement,
    InputError,
    Progress,
    on_threads,
    raise_if_interrupted,
    why_stopped,
)
from sortopt.model import Action, Isa, Kernel, Proved, Signedness
from sortopt.search.beams.assignments import Coded, to_kernel
from sortopt.search.beams.comparators import ComparatorBeam
from sortopt.search.beams.instructions import Beam
from sortopt.targets import X86_CMOV
from sortopt.verify import orders_check

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

    `states` counts the states kept by all beams, `rounds` those begun; `stopped` says why it ended
    before all rounds asked for, None where it did not.
    """

    n: int
    improvements: tuple[Improvement, ...]
    states: int
    rounds: int
    seconds: float
    stopped: str | None

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
class _Search:
    """One anytime search under way."""

    n: int
    budget: Budget
    scratch: int
    isa: Isa
    signedness: Signedness
    began: float = field(init=False)
    improvements: list[Improvement] = field(default_factory=list)
    states: int = 0

    def __post_init__(self) -> None:
        self.began = self.budget.spent

    @property
    def seconds(self) -> float:
        """The seconds since the start."""
        return self.budget.spent - self.began

    @property
    def extrema(self) -> bool:
        """Whether kernels are made of minima and maxima."""
        return any(form.action is Action.MINIMUM for form in self.isa.forms.values())

    @property
    def three(self) -> bool:
        """Whether instructions have three operands."""
        return any(len(form.operands) > 2 for form in self.isa.forms.values())

    @property
    def target(self) -> int:
        """The greatest length that would be an improvement."""
        if self.improvements:
            return len(self.improvements[-1].kernel) - 1
        return 4 * self.n * (self.n - 1) // 2

    def take(self, kernel: Kernel, method: str) -> None:
        """Check a kernel and keep it if it is shorter than those before.

        Raises Disagreement where it does not sort: the search believed that it does.
        """
        if not sorts_in_place(kernel):
            raise Disagreement(f"the {method} search found a kernel that does not sort")
        if len(kernel) <= self.target:
            self.improvements.append(Improvement(kernel, self.seconds, method))
            self.budget.tell(Progress("found a kernel", best=len(kernel)), at_once=True)

    def round(self, plan: Plan, seed: int) -> None:
        """Run both beams of a round.

        Comparators may reach the best length again: what leads there opens the free-form beam.
        """
        explored = ComparatorBeam(
            self.n, plan.comparator_width, seed,
            extrema=self.extrema, three=self.three, budget=self.budget,
        )  # fmt: skip
        limit = self.target + bool(self.improvements and not self.extrema)
        keep_from = int(plan.open_from * (self.target if self.improvements else limit // 2))
        try:
            explored.run(
                limit,
                found=self._take_comparators,
                keep_from=None if self.extrema else keep_from,
            )
        finally:
            self.states += explored.states
        while not self.extrema and self._free(plan, seed, explored):
            pass

    def _take_comparators(self, program: tuple[Coded, ...]) -> None:
        if len(program) <= self.target:
            self.take(self._kernel(program), "comparators")

    def _kernel(self, program: tuple[Coded, ...]) -> Kernel:
        return to_kernel(self.n, program, self.isa, self.signedness)

    def _free(self, plan: Plan, seed: int, explored: ComparatorBeam) -> bool:
        """Run the free-form beam; return whether it found a shorter kernel."""
        limit = self.target
        lengths = [
            length
            for length, shelf in explored.shelves.items()
            if plan.open_from and plan.open_from * limit <= length < limit and len(shelf.rows)
        ]
        beam = Beam(
            self.n, self.scratch, plan.free_width, seed,
            most_ties=plan.most_ties, three=self.three, budget=self.budget,
        )  # fmt: skip
        try:
            program = beam.run(limit, begun=explored, lengths=lengths)
        finally:
            self.states += beam.states
        if program is None:
            return False
        kernel = self._kernel(program)
        if plan.most_ties is not None and not sorts_in_place(kernel):
            return False
        self.take(kernel, "free-form beam")
        return True


def improve(
    n: int,
    budget: Budget = UNLIMITED,
    *,
    beam: int | None = None,
    seed: int = 0,
    scratch: int = 1,
    rounds: int | None = None,
    isa: Isa = X86_CMOV,
    signedness: Signedness = Signedness.SIGNED,
) -> AnytimeResult:
    """Search for short kernels of `n` keys until the budget is spent, `rounds` or Ctrl-C.

    Of conditional moves, or, with such an `isa`, of minima and maxima and one scratch cell.

    Each kernel shorter than those before is told to the budget at once.  Where the budget is spent,
    or on Ctrl-C, what was found is returned.  Raises InputError for n outside 2 to 8, fewer than
    one scratch cell or more than two, or a beam that is not positive.
    """
    _check(n, scratch, beam)
    search, stopped, number = _Search(n, budget, scratch, isa, signedness), None, 0
    first = beam or _MINMAX_WIDTH if search.extrema else beam
    with on_threads(budget.cores):
        try:
            for number in count(1) if rounds is None else range(1, rounds + 1):
                search.round(plan_of(n, number - 1, first), seed + number - 1)
        except STOPS as stop:
            stopped = why_stopped(stop)
    found = tuple(search.improvements)
    return AnytimeResult(n, found, search.states, number, search.seconds, stopped)


def by_comparators(
    n: int, max_length: int, budget: Budget = UNLIMITED, *, width: int = 300, seed: int = 0
) -> Kernel | None:
    """Return the shortest kernel that one beam over comparators finds, or None.

    Of conditional moves, in place, one scratch cell, correct on ties; 2 to 8 keys.  Raises
    LimitReached where the budget is spent.
    """
    program = ComparatorBeam(n, width, seed, budget=budget).run(max_length)
    if program is None:
        return None
    kernel = to_kernel(n, program, X86_CMOV)
    return kernel if sorts_in_place(kernel) else None


def sorts_in_place(kernel: Kernel) -> bool:
    """Return whether `kernel` sorts every weak order into its input cells."""
    return kernel.contract.in_place and isinstance(orders_check.check(kernel), Proved)


def load(isa: Isa = X86_CMOV) -> None:
    """Compile the anytime search, or load it from the cache, by searching three keys."""
    raise_if_interrupted(improve(3, beam=10, rounds=1, isa=isa).stopped)


def _check(n: int, scratch: int, beam: int | None) -> None:
    if not MIN_KEYS <= n <= MAX_KEYS:
        raise InputError(f"the anytime search takes 2 to 8 keys, not {n}", hint="use n from 2 to 8")
    if not 1 <= scratch <= MAX_SCRATCH:
        raise InputError(f"the anytime search takes 1 or 2 scratch cells, not {scratch}")
    if beam is not None and beam < 1:
        raise InputError(f"the beam must be positive, not {beam}")
