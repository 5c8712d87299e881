"""Shorten a kernel, step by proved step, until the budget is spent or nothing more is found.

Order of work: dead instructions; edits of two places; small windows; the kernel's own comparators
in another sequence and in forms without mov; other networks of the same size (where the contract
is plain sorting in place); larger windows; then windows over the instructions in other sequences.
A step is accepted only where the measure falls and the new kernel is proved (`context`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from random import Random

from sortopt.base import (
    STOPS,
    UNLIMITED,
    Budget,
    Disagreement,
    InputError,
    KernelError,
    LimitReached,
    why_stopped,
)
from sortopt.model import (
    Action,
    Instr,
    Judgement,
    Kernel,
    Proved,
    Refuted,
    Rung,
    Unknown,
    commute,
    orderings,
    rebuild,
)
from sortopt.optimize import edits, rewire
from sortopt.optimize.context import PROOF_SECONDS, Context, Exact, context_of
from sortopt.optimize.program import LENGTH, Measure, diff
from sortopt.optimize.reasons import reason
from sortopt.optimize.window import Span, Task, spans
from sortopt.verify import WEAK_ORDERS, verify

SMALL = (1, 2, 3, 4, 5, 6)
LARGE = (7, 8, 9, 10, 12)
"""Sizes of windows, in instructions."""

_NODES = (100_000, 400_000)
"""States that the search of one window may visit, in the first round and in later ones."""

_PROPOSALS = 250
"""Kernels of comparators that are tried between rounds of windows."""

_NETWORKS_FIRST = 6
"""From this many keys on, comparators come before windows: there they do more in less time."""

ROUNDS = 3
"""Rounds of reordered windows without a step after which a search ends by itself."""

_KEEPING = 50
"""Programs tried for a window where a rung must be kept, which windows do not see."""

_LATENCY_PROGRAMS = 300
_MOST_EDITED = 40
"""Up to this many instructions, edits of two places are tried."""


@dataclass(frozen=True, slots=True)
class Step:
    """One accepted step: what was done, why it is right, and when it was found."""

    kernel: Kernel
    method: str
    reason: str
    diff: tuple[str, ...]
    cost: tuple[float, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """The kernel after all steps, and how it is proved.

    `stopped` says why the search ended: "nothing more found", "interrupted" or which limit.
    """

    original: Kernel
    kernel: Kernel
    steps: tuple[Step, ...]
    judgement: Judgement
    stopped: str
    seconds: float


@dataclass
class Optimization:
    """One optimization under way."""

    context: Context
    measure: Measure = LENGTH
    budget: Budget = UNLIMITED
    seed: int = 0
    rounds: int = ROUNDS
    on_step: Callable[[Step], None] = lambda step: None
    on_candidate: Callable[[Kernel], None] = lambda kernel: None
    steps: list[Step] = field(default_factory=list)
    barren: set[bytes] = field(default_factory=set)
    original: Kernel = field(init=False)
    began: float = field(init=False)
    moved: Kernel | None = None
    """The kernel in another sequence of instructions that is tried just now, if any."""

    def __post_init__(self) -> None:
        self.original, self.began = self.kernel, self.budget.spent

    @property
    def kernel(self) -> Kernel:
        """The best kernel so far."""
        return self.context.kernel

    @property
    def seconds(self) -> float:
        """The seconds since it began."""
        return self.budget.spent - self.began

    def run(self) -> str:
        """Search until nothing is found or the budget is spent; return why it ended."""
        try:
            self._all_rounds()
        except STOPS as stop:
            return why_stopped(stop)
        return "nothing more found"

    def _all_rounds(self) -> None:
        random = Random(self.seed)
        networks = rewire.proposals(self.kernel, self.seed, self.measure, self.budget)
        self._drop()
        if self.kernel.n < _NETWORKS_FIRST:
            self._windows(SMALL, _NODES[0])
        self._networks(networks)
        self._reordered(_sunk(self.kernel), SMALL, ())
        self._windows((*SMALL, *LARGE), _NODES[0])
        quiet = 0
        while quiet < self.rounds:
            found = self._networks(networks)
            cells = range(len(self.kernel.cells))
            extra = tuple(random.sample(cells, min(4, len(cells))))
            shuffled = next(orderings(self.kernel, 1, random.getrandbits(32)))
            for moved in (_sunk(self.kernel), shuffled):
                found += self._reordered(moved, (*SMALL, *LARGE), extra)
            quiet = 0 if found else quiet + 1

    def _drop(self) -> None:
        """Drop dead instructions and loads, then try edits of two places until none helps."""
        dead = edits.without_dead(self.kernel)
        if dead is not None:
            self._take(self.context.with_kernel(dead.kernel), "dropped", dead.reason)
        while (edit := next(edits.without_loads(self.kernel), None)) is not None:
            if not self._take(self.context.with_kernel(edit.kernel), "dropped", edit.reason):
                break
        while isinstance(self.context, Exact) and len(self.kernel) <= _MOST_EDITED:
            self._windows((1,), _NODES[0])
            entry = self.context.flow(0)
            for edit in edits.far_edits(self.kernel, entry):
                self.budget.check()
                if self._take(self.context.with_kernel(edit.kernel), "dropped", edit.reason):
                    break
            else:
                return

    def _networks(self, networks: Iterator[edits.Edit | None]) -> int:
        """Take the next proposals, in at most half of the time left; return how many it accepts."""
        accepted, left = 0, self.budget.left
        half = self.budget.share(None if left is None else left / 2)
        for proposal in islice(networks, _PROPOSALS):
            self.budget.check()
            if half.out:
                break
            if proposal is not None and self._lower(proposal.kernel):
                context = self.context.with_kernel(proposal.kernel)
                accepted += self._take(context, "comparators", proposal.reason)
        return accepted

    def _windows(self, sizes: tuple[int, ...], nodes: int, extra: tuple[int, ...] = ()) -> int:
        """Search windows of the given sizes, smallest first, until none helps; count the steps."""
        accepted, before = 0, -1
        while before != accepted:
            before = accepted
            for size in sizes:
                accepted += self._sweep(size, nodes, extra)
        return accepted

    def _sweep(self, size: int, nodes: int, extra: tuple[int, ...]) -> int:
        """Search the windows of one size from first to last, each step going back as needed."""
        accepted, start = 0, 0
        while (at := self._one_window(size, start, nodes, extra)) is not None:
            accepted, start = accepted + 1, max(0, at - size)
        return accepted

    def _one_window(self, size: int, start: int, nodes: int, extra: tuple[int, ...]) -> int | None:
        """Take a step in the first window from `start` on that allows one; return where."""
        every = (span for span in spans(self.kernel, size, extra) if span.first >= start)
        with ThreadPoolExecutor(self.budget.cores) as pool:
            while batch := list(islice(every, self.budget.cores)):
                self.budget.check()
                tasks = [task for span in batch if (task := self.context.task(span)) is not None]
                searched = list(pool.map(lambda task: self._programs(task, nodes), tasks))
                for task, programs in zip(tasks, searched, strict=True):
                    if any(self._take_window(task.span, program) for program in programs):
                        return task.span.first
        return None

    def _take_window(self, span: Span, program: tuple[Instr, ...]) -> bool:
        """Accept a program for a window where the kernel then costs less and is proved."""
        try:
            lower = self._lower(span.replaced(program))
        except KernelError:
            return False
        if not lower:
            return False
        context = self.context.with_window(span, program)
        why = reason(span, program, self.context.reaching) if context is not None else ""
        return self._take(context, "window", why)

    def _programs(self, task: Task, nodes: int) -> list[tuple[Instr, ...]]:
        """Return programs for a window, none where the same search was in vain before."""
        size = task.span.stop - task.span.first
        limit, most = size - 1, 1 if self.kernel.contract.keep is Rung.VALUES else _KEEPING
        if self.measure.latency:
            limit, most = min(size + 1, 8), _LATENCY_PROGRAMS
        key = task.key()
        digest = blake2b(repr((hash(key[0]), limit, nodes)).encode(), digest_size=16)
        for part in key[1:]:
            assert isinstance(part, bytes)
            digest.update(part)
        if not self.measure.latency and digest.digest() in self.barren:
            return []
        found = task.programs(limit, most=most, nodes=nodes)
        if not found:
            self.barren.add(digest.digest())
        return found

    def _reordered(self, kernel: Kernel, sizes: tuple[int, ...], extra: tuple[int, ...]) -> int:
        """Search windows over `kernel`, the same instructions in another sequence."""
        home = self.context
        moved = home.with_kernel(kernel)
        if moved is None:
            return 0
        before, count = self.measure.of(home.kernel), len(self.steps)
        self.context, self.moved = moved, kernel
        try:
            self._windows(sizes, _NODES[1], extra)
        finally:
            if self.measure.of(self.kernel) >= before:
                self.context = home
            self.moved = None
        return len(self.steps) - count

    def _lower(self, kernel: Kernel) -> bool:
        """Return whether `kernel` costs less than the best so far."""
        self.on_candidate(kernel)
        return self.measure.of(kernel) < self.measure.of(self.kernel)

    def _take(self, context: Context | None, method: str, why: str) -> bool:
        """Accept a proved context that costs less."""
        if context is None or not self._lower(context.kernel):
            return False
        shown = self.steps[-1].kernel if self.steps else self.original
        if self.kernel is self.moved:
            why = f"after other instructions changed places, {why}"
        lines = diff(shown, context.kernel)
        self.context, self.moved = context, None
        cost = self.measure.of(context.kernel)
        step = Step(context.kernel, method, why, lines, cost, self.seconds)
        self.steps.append(step)
        self.on_step(step)
        return True


def _sunk(kernel: Kernel) -> Kernel:
    """Return `kernel` with its moves as late as they may come: loads beside what needs them."""
    program = list(kernel.instructions)
    for at in reversed(range(len(program))):
        while program[at].form.action is Action.COPY and at + 1 < len(program):
            if not commute(program[at], program[at + 1]):
                break
            program[at], program[at + 1] = program[at + 1], program[at]
            at += 1
    return rebuild(kernel, program)


def optimize(
    kernel: Kernel,
    budget: Budget = UNLIMITED,
    *,
    measure: Measure = LENGTH,
    seed: int = 0,
    rounds: int = ROUNDS,
    on_step: Callable[[Step], None] = lambda step: None,
) -> Result:
    """Shorten a kernel until the budget is spent, until nothing is found, or until Ctrl-C.

    Nothing is found: not in `rounds` rounds of windows over reordered instructions either.

    Every step is proved before it is accepted, the kernel itself before the first, and the result
    by both proofs in the end, which may take as long again as the search, or PROOF_SECONDS; where
    they do not end by then, its verdict is Unknown.  The same seed takes the same steps, as far as
    time allows.  Raises InputError where the kernel is refuted, LimitReached where it cannot be
    proved.
    """
    context = proved_context(kernel)
    search = Optimization(context, measure, budget, seed, rounds, on_step)
    stopped, seconds = search.run(), search.seconds
    again = None if budget.seconds is None else max(budget.seconds, PROOF_SECONDS)
    best, judgement = search.context, search.context.judge(Budget(again))
    if isinstance(judgement.verdict, Refuted):
        raise Disagreement(
            f"steps that were proved led to a kernel that is {judgement.verdict.name}"
        )
    return Result(kernel, best.kernel, tuple(search.steps), judgement, stopped, seconds)


def _fault(lacks: Rung) -> str:
    return "fails" if lacks is Rung.VALUES else f"breaks the rung {lacks}"


def proved_context(kernel: Kernel) -> Context:
    """Return the context of `kernel`, proved by the first proof; raises as `optimize` does."""
    context = context_of(kernel)
    exact = isinstance(context, Exact)
    match verify(kernel, methods=(WEAK_ORDERS,)).verdict if exact else Proved():
        case Refuted(counterexample):
            failing = " ".join(map(str, counterexample.inputs))
            raise InputError(
                f"the kernel is refuted: it {_fault(counterexample.lacks)} on {failing}",
                hint="only a right kernel is shortened; sortopt verify shows where it goes wrong",
            )
        case Unknown(why):
            raise LimitReached(f"the kernel could not be proved: {why}")
    return context
