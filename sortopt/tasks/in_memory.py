"""Short kernels for keys in memory, without proof: kernels of registers, then windows.

A kernel of registers stands between loads of its keys and stores of its results.  `optimize` makes
it shorter: a key that is only read need not be loaded, a load can stand in for a copy.  Beams of
one seed after another give other kernels of registers to begin from, where the set has beams.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count

from sortopt.base import STOPS, Budget, Progress, raise_if_interrupted, why_stopped
from sortopt.model import Kernel
from sortopt.optimize import LENGTH, ROUNDS, Optimization, Step, proved_context
from sortopt.search.beams import anytime
from sortopt.search.space import Problem
from sortopt.tasks.without_search import between_loads_and_stores

_BEAMS = 0.5
"""The part of the time left that beams may take before windows go on from what they found."""


@dataclass(slots=True)
class _Search:
    """One search under way, and what it found so far."""

    problem: Problem
    budget: Budget
    best: Kernel
    improvements: list[anytime.Improvement] = field(default_factory=list)
    states: int = 0

    def take(self, kernel: Kernel, method: str) -> None:
        """Keep a kernel, which is proved, if it is shorter than those before."""
        length = self.problem.length_of(kernel)
        if length < self.problem.length_of(self.best):
            self.best = kernel
            found = anytime.Improvement(kernel, self.budget.spent, method)
            self.improvements.append(found)
            self.budget.tell(Progress("found a kernel", best=length), at_once=True)

    def shorten(self, kernel: Kernel, seed: int, rounds: int = ROUNDS) -> None:
        """Search windows of `kernel` until none is shortened any more; raises what ends work."""

        def on_step(step: Step) -> None:
            self.take(step.kernel, step.method)

        context = proved_context(kernel)
        self.take(kernel, "beams")
        raise_if_interrupted(
            Optimization(context, LENGTH, self.budget, seed, rounds, on_step).run()
        )
        self.budget.check()

    def beams(self, seed: int, beam: int | None) -> Kernel | None:
        """Return the shortest kernel of registers that beams of one seed find in their time."""
        self.budget.tell(Progress("kernels of registers, by beams"))
        left = self.budget.left
        share = self.budget.share(None if left is None else _BEAMS * left)
        found = anytime.improve(
            self.problem.n,
            replace(share, report=None),  # its lengths are without loads and stores
            beam=beam,
            seed=seed,
            rounds=1,
            isa=self.problem.isa,
            signedness=self.problem.signedness,
        )
        self.states += found.states
        raise_if_interrupted(found.stopped)
        return found.kernel


def improve(
    problem: Problem,
    kernel: Kernel,
    budget: Budget,
    *,
    beams: bool,
    beam: int | None = None,
    seed: int = 0,
) -> anytime.AnytimeResult:
    """Shorten `kernel`, right for `problem`, and kernels of `beams`, until the budget is spent.

    Every kernel is proved over all weak orders before it is handed out; see the module.
    """
    search, began, rounds, stopped = _Search(problem, budget, kernel), budget.spent, 0, None
    try:
        if not beams:
            search.shorten(kernel, seed)
        for rounds in count(1) if beams else ():
            found = search.beams(seed + rounds - 1, beam)
            inside = kernel if found is None else between_loads_and_stores(found, problem)
            search.shorten(inside, seed + rounds - 1, rounds=1)
    except STOPS as stop:
        stopped = why_stopped(stop)
    return anytime.AnytimeResult(
        problem.n, tuple(search.improvements), search.states, rounds, budget.spent - began, stopped
    )
