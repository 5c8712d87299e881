"""What every kernel of a contract is covered by: all of a length, and all of any length.

The proofs, each told to the budget as it is found, and each by one module:

1. cycles that no kernel of any length beats, with any number of registers (`least_cycles`);
2. the least length (`search.exhaustive`);
3. the fastest of all kernels of that length (`search.optima`, `fastest`);
4. that no kernel of any length is faster than the fastest known (`any_length`);
5. all kernels of one length after the other (`timed`), up to COMPLETE_KEYS keys.

A front that reaches the least cycles at the lengths covered is complete for good: then the proofs
end.
"""

from __future__ import annotations

from dataclasses import dataclass

from sortopt.base import UNLIMITED, Budget, LimitReached, Progress, raise_if_interrupted
from sortopt.front import any_length
from sortopt.front.archive import Archive
from sortopt.front.fastest import fastest, is_exact
from sortopt.front.least_cycles import least_cycles
from sortopt.front.timed import TimedSearch
from sortopt.model import Form, Kernel, Place, Signedness
from sortopt.search.exhaustive import shortest
from sortopt.search.optima import optima
from sortopt.search.space import Problem

COMPLETE_KEYS = 3
"""Up to this many keys, with one cell of scratch, all kernels of greater lengths are searched."""

MOST_KEYS = 4
"""Up to this many keys, with one cell of scratch, all kernels of the least length are compared."""

LONGEST = 14
"""The greatest length of which it is tried to cover all kernels; memory may end it sooner."""

SECONDS = 900.0
"""What comparing all shortest kernels of MOST_KEYS keys takes, with room to spare (2 cores)."""

_FEW_STATES = 100_000
"""How many states kernels of any length of MOST_KEYS keys are followed over: enough for a minimum,
while for sorting they grow beyond all bounds."""


@dataclass
class Coverage:
    """What is proved about all kernels of `problem`; it grows while a search goes on.

    All kernels of at most `covered` instructions are covered (None: not of any length), none has
    less than `least_length` instructions, and none of any length less than `least_cycles`.
    """

    problem: Problem
    archive: Archive
    budget: Budget = UNLIMITED
    covered: int | None = None
    least_length: int = 0
    least_cycles: float = 0.0

    @property
    def any_length(self) -> bool:
        """Whether no kernel of any length beats those found."""
        if self.covered is None:
            return False
        return self.archive.cycles(self.covered + 1) <= self.least_cycles

    @property
    def model(self) -> str:
        """The kernels meant, in words."""
        problem = self.problem
        cells = f"{problem.scratch} scratch cell{'s' * (problem.scratch != 1)}"
        if not problem.conditions:
            return cells
        return f"{cells}, conditions {' '.join(problem.conditions)}"

    def extend(self) -> None:
        """Prove what can be proved; raises LimitReached or KeyboardInterrupt where that ends."""
        known = self.archive.cycles(len(self.archive.shortest))
        self.least_cycles = least_cycles(self.problem, self._latency, self.budget, enough=known)
        length = self._prove_least_length()
        if length is None:
            return
        if not self.any_length:
            self._compare_shortest(length)
        small = self.problem.n <= COMPLETE_KEYS and self.problem.cells <= COMPLETE_KEYS + 1
        if small and not self.any_length:
            self._compare_longer(length + 1)

    def _latency(self, form: Form) -> float:
        return self.archive.measure.latency_of(form)

    def _tell(self, news: str) -> None:
        self.budget.tell(Progress(news), at_once=True)

    def _prove_least_length(self) -> int | None:
        """Prove the least length; return it, or None where there is no kernel of that length."""
        found = shortest(self.problem, self.budget, known=self.archive.shortest)
        self.least_length = found.lower_bound
        if found.kernel is not None:
            self.archive.add(found.kernel)
        raise_if_interrupted(found.stopped)
        if found.stopped is not None:
            raise LimitReached(found.stopped)
        if not found.proved_minimal:
            return None
        self.covered = found.lower_bound - 1
        self._tell(f"no kernel of less than {found.lower_bound} instructions: proved")
        return found.lower_bound

    def _compare_shortest(self, length: int) -> None:
        """Compare all kernels of the least length, then rule out what is faster of any length."""
        graph = optima(self.problem, length, self.budget)
        self._tell(f"{graph.on_paths:,} states on kernels of {length} instructions")
        within = self.archive.cycles(length)
        best = fastest(graph, self._latency, self.budget, within=within)
        if best is not None:
            self.archive.add(best)
        self._cover(length)
        if not self.any_length:
            self._rule_out(self.archive.cycles(length) - self._half_step)

    def _compare_longer(self, first: int) -> None:
        """Cover all kernels of one length after the other, from `first` on.

        Within a length the cycles allowed fall until there is no kernel.  A longer kernel matters
        only if it is faster than all shorter ones, so they need not rise again.
        """
        search = TimedSearch.of(self.problem, self._latency, self.budget)
        for length in range(first, LONGEST + 1):
            cycles = before = self.archive.cycles(length - 1) - self._half_step
            while (found := search.within(cycles, length)) is not None:
                self.archive.add(found)
                reached = self.archive.measure.critical_path(found)
                self._tell(f"{len(found)} instructions, {reached:g} cycles")
                cycles = reached - self._half_step
            self._cover(length)
            if cycles < before and not self.any_length:
                self._rule_out(cycles)
            if self.any_length:
                return

    def _cover(self, length: int) -> None:
        self.covered = length
        self._tell(f"no other of at most {length} instructions: proved")

    def _rule_out(self, cycles: float) -> None:
        """Raise the least cycles where no kernel of any length is ready within `cycles`."""
        most = any_length.MOST_STATES if self.problem.n <= COMPLETE_KEYS else _FEW_STATES
        if any_length.none_within(self.problem, cycles, self._latency, self.budget, most=most):
            self.least_cycles = cycles + self._half_step
            self._tell(f"none of any length in less than {self.least_cycles:g} cycles: proved")

    @property
    def _half_step(self) -> float:
        """Half the least latency: what is faster is so by more than this."""
        costs = map(self._latency, self.problem.forms)
        return min((cost for cost in costs if cost > 0), default=1.0) / 2


def coverage_of(kernel: Kernel, archive: Archive, budget: Budget = UNLIMITED) -> Coverage | None:
    """Return the coverage of all kernels for a contract, or None where they are too many.

    They are too many where keys are in memory or instructions have three operands, for more keys or
    cells of scratch, and where the latencies tell apart conditions that do the same after a
    comparison of exchanged cells.
    """
    contract = kernel.contract
    in_registers = all(cell.place is not Place.MEMORY for cell in kernel.cells)
    operands = max(len(form.operands) for form in kernel.isa.forms.values())
    if contract.n > MOST_KEYS or not in_registers or operands > 2:
        return None
    problem = Problem(
        contract.n,
        kernel.isa,
        scratch=max(1, len(kernel.scratch)),
        in_place=contract.in_place,
        assume=contract.assume,
        goal=contract.goal,
        signedness=kernel.signedness or Signedness.SIGNED,
    )
    exact = is_exact(problem, archive.measure.latency_of)
    if problem.cells > MOST_KEYS + 1 or not exact:
        return None
    return Coverage(problem, archive, budget)
