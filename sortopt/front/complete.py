"""What every kernel of a contract is covered by: all of a length, and all of any length.

The least length is proved and all kernels of that length are compared.  Beside that, cycles are
proved that no kernel of any length can beat; a front that reaches them at the lengths covered is
complete for good.  Where it does not, up to COMPLETE_KEYS keys, all kernels of one length after
the other are searched for one that is faster than all shorter ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sortopt.base import LimitReached, Watch
from sortopt.base import WatchProgress as Progress
from sortopt.front import any_length
from sortopt.front.least_cycles import least_cycles
from sortopt.front.optima import fastest, is_exact
from sortopt.front.windows import FrontSearch
from sortopt.model import Form, Kernel, Place, Signedness
from sortopt.optimize import Measure
from sortopt.search.exhaustive import compiled, shortest
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

Check = Callable[[], None]
Report = Callable[[str], None]


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

    def cycles(self, length: int) -> float:
        """Return the least cycles of a kernel of at most `length` instructions."""
        return min((cycles for size, cycles in self.best if size <= length), default=float("inf"))

    @property
    def shortest(self) -> Kernel:
        """The shortest kernel."""
        return self.best[min(self.best)]


@dataclass
class Coverage:
    """What is proved about all kernels of `problem`; it grows while a search goes on.

    All kernels of at most `covered` instructions are covered (None: not of any length), none has
    less than `least_length` instructions, and none of any length less than `least_cycles`.
    """

    problem: Problem
    archive: Archive
    check: Check
    report: Report
    threads: int = 1
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
        """Prove what can be proved; raises LimitReached and what `check` raises."""
        enough = self.archive.cycles(len(self.archive.shortest))
        self.least_cycles = least_cycles(self.problem, self._cost, enough=enough, check=self.check)
        self._shortest()
        small = self.problem.n <= COMPLETE_KEYS and self.problem.cells <= COMPLETE_KEYS + 1
        if small and self.covered is not None and not self.any_length:
            self._longer(self.covered + 1)

    def _cost(self, form: Form) -> float:
        return self.archive.measure.latency_of(form)

    @property
    def _half_step(self) -> float:
        """Half the least latency: what is faster is so by more than this."""
        costs = map(self._cost, self.problem.forms)
        return min((cost for cost in costs if cost > 0), default=1.0) / 2

    def _longer(self, first: int) -> None:
        """Cover all kernels of one length after the other, from `first` on.

        Within a length the cycles allowed fall until there is no kernel.  A longer kernel matters
        only if it is faster than all shorter ones, so they need not rise again.
        """
        search = FrontSearch.of(self.problem, self._cost, self.check)
        for length in range(first, LONGEST + 1):
            cycles = before = self.archive.cycles(length - 1) - self._half_step
            while (found := search.within(cycles, length)) is not None:
                self.archive.add(found)
                reached = self.archive.measure.critical_path(found)
                self.report(f"{len(found)} instructions, {reached:g} cycles")
                cycles = reached - self._half_step
            self.covered = length
            self.report(f"no other of at most {length} instructions: proved")
            if cycles < before and not self.any_length:
                self._rule_out(cycles)
            if self.any_length:
                return

    def _rule_out(self, cycles: float) -> None:
        """Raise the least cycles where no kernel of any length is ready within `cycles`."""
        most = any_length.MOST_STATES if self.problem.n <= COMPLETE_KEYS else _FEW_STATES
        if any_length.none_within(self.problem, cycles, self._cost, check=self.check, most=most):
            self.least_cycles = cycles + self._half_step
            self.report(f"none of any length in less than {self.least_cycles:g} cycles: proved")

    def _shortest(self) -> None:
        """Prove the least length, then compare all kernels of that length."""
        compiled.load()
        teller = Watch(report=self.report)

        def watch(progress: Progress) -> None:
            self.check()
            teller(progress)

        def note(line: str) -> None:
            self.check()
            teller.note(line)

        found = shortest(
            self.problem,
            threads=self.threads,
            watch=watch,
            progress=note,
            known=self.archive.shortest,
        )
        self.least_length = found.lower_bound
        if found.kernel is not None:
            self.archive.add(found.kernel)
        if found.stopped is not None:
            raise KeyboardInterrupt if found.stopped == "interrupted" else LimitReached("time")
        if not found.proved_minimal:
            return
        length = found.lower_bound
        self.report(f"no kernel of less than {length} instructions: proved")
        self.covered = length - 1
        if self.any_length:
            return
        graph = optima(self.problem, length, threads=self.threads, watch=watch, progress=note)
        self.report(f"{graph.on_paths:,} states on kernels of {length} instructions")
        within = self.archive.cycles(length)
        best = fastest(graph, self._cost, within=within, check=self.check)
        if best is not None:
            self.archive.add(best)
        self.covered = length
        self.report(f"no other of at most {length} instructions: proved")
        if not self.any_length:
            self._rule_out(self.archive.cycles(length) - self._half_step)


def coverage_of(
    kernel: Kernel, archive: Archive, check: Check, report: Report, threads: int
) -> Coverage | None:
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
    return Coverage(problem, archive, check, report, threads)
