"""What is known around a kernel's windows, and how a change is proved: two ways.

`Exact` runs every weak order that the precondition admits (up to 8 keys, or where it admits few);
a new kernel is proved by the first of the two proofs of `verify` before it is accepted.

`Composed` is for more keys, where that cannot be run.  The first kernel, and any that comparators
make up, is proved by executing it on columns (`columns`: exact for minima and maxima).  A window
is then replaced only by a program that leaves the same in every cell that is live behind it, for
every order of the window's cells that can occur, or a superset of those.  Sound by composition:
the instructions before the window are the same, so what reaches it is; what is live behind it is
the same, so everything that any later instruction or the caller reads is the same too.  Columns of
dead cells are forgotten, or found anew.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from sortopt.base import UNLIMITED, Budget, LimitReached
from sortopt.model import Instr, Judgement, Kernel, MethodVerdict, Proved, Unknown, liveness
from sortopt.optimize import _window_kernels as kernels
from sortopt.optimize import flow
from sortopt.optimize.flow import Flow
from sortopt.optimize.window import Span, Task, task_keeping, task_of
from sortopt.optimize.window_search import Ints
from sortopt.verify import WEAK_ORDERS, Z3, Execution, Known, columns, conclude, verify

MOST_ROWS = 60_000
"""Up to this many assignments at a window its don't-cares are taken from the rest of the kernel."""

MOST_TABLE = 400_000_000
"""Local states times starts times instructions that a window's costs may take to find."""

PROOF_SECONDS = 120.0
"""Both proofs of the result may take this long, however short the search: Z3 takes a minute for
the best network of 16 keys."""

COMPOSITION = f"{columns.COLUMNS}, windows by composition"


class Context(Protocol):
    """A proved kernel and what reaches its windows."""

    @property
    def kernel(self) -> Kernel:
        """The kernel."""

    def reaching(self, span: Span) -> Ints | None:
        """Return the local states that can reach a window, or None where that is not known."""

    def task(self, span: Span) -> Task | None:
        """Return what to search for a window, or None where that is too much or not known."""

    def with_window(self, span: Span, program: tuple[Instr, ...]) -> Context | None:
        """Return the context of the kernel with `program` in the window; None unless proved."""

    def with_kernel(self, kernel: Kernel) -> Context | None:
        """Return the context of another kernel of the same contract; None unless proved."""

    def judge(self, budget: Budget = UNLIMITED) -> Judgement:
        """Return what two proofs say of the kernel, Z3 one of them, within the budget."""


@dataclass
class Exact:
    """A kernel small enough to run on all weak orders."""

    kernel: Kernel
    flows: dict[int, Flow] = field(default_factory=dict)

    def flow(self, point: int) -> Flow:
        """Return the assignments at `point`."""
        if point not in self.flows:
            before = max((p for p in self.flows if p < point), default=None)
            if before is None:
                self.flows[0] = flow.at_entry(self.kernel)
                before = 0
            for at in range(before, point):
                instruction = self.kernel.instructions[at]
                self.flows[at + 1] = self.flows[at].after([instruction])
        return self.flows[point]

    def reaching(self, span: Span) -> Ints | None:
        """Return exactly the local states that reach a window."""
        return _states(span, self.flow(span.first))

    def task(self, span: Span) -> Task | None:
        """Take the don't-cares from the rest of the kernel where that is cheap enough."""
        here = self.flow(span.first)
        starts = _states(span, here)
        if _too_much(span, len(starts)):
            return None
        return task_of(span, here) if len(here.rows) <= MOST_ROWS else _keeping(span, starts)

    def with_window(self, span: Span, program: tuple[Instr, ...]) -> Exact | None:
        """Prove the whole new kernel over all weak orders."""
        return self.with_kernel(span.replaced(program))

    def with_kernel(self, kernel: Kernel) -> Exact | None:
        """Prove `kernel` over all weak orders, on the rung of this one's contract."""
        kernel = kernel.keeping(self.kernel.contract.keep)
        verdict = verify(kernel, methods=(WEAK_ORDERS,)).verdict
        return Exact(kernel) if isinstance(verdict, Proved) else None

    def judge(self, budget: Budget = UNLIMITED) -> Judgement:
        """Run both proofs."""
        return verify(self.kernel, budget=budget)


def _states(span: Span, here: Flow) -> Ints:
    codes = np.empty(len(here.rows), np.int64)
    ranks = np.zeros((len(here.rows), len(span.cells) + 1), np.uint8)
    kernels.localize(here.rows, here.flags, np.array(span.cells, np.int64), codes, ranks)
    return np.unique(codes)


def _too_much(span: Span, starts: int) -> bool:
    usable = span.repertoire()
    return starts * len(usable.digits) * len(usable.instructions) > MOST_TABLE


def _keeping(span: Span, starts: Ints) -> Task | None:
    """Return the task to keep what is live behind; None where that depends on what is unknown."""
    task = task_keeping(span, starts)
    left = task.left(task.usable.run(starts, span.program))
    return None if (left == 0).any() else task


@dataclass
class Composed:
    """A kernel of many keys, with what its cells hold as columns at each point."""

    kernel: Kernel
    points: tuple[Known, ...]
    by_windows: bool = False
    seconds: float = 0.0

    @property
    def space(self) -> columns.Space:
        """The 0-1 inputs of the kernel."""
        contract = self.kernel.contract
        return columns.space(contract.n, contract.precondition)

    def reaching(self, span: Span) -> Ints | None:
        """Return a superset of the local states that reach a window; unknown cells as undefined."""
        if span.cells and not any(c in self.points[span.first] for c in span.cells):
            return None
        known = [self.points[span.first].get(cell) for cell in span.cells]
        orders = columns.reachable_orders(self.space, known)
        ranks = np.array(orders, np.uint8).reshape(len(orders), len(span.cells))
        codes = span.repertoire().codes(ranks, np.zeros(len(orders), np.uint8))
        return np.unique(codes.astype(np.int64))

    def task(self, span: Span) -> Task | None:
        """Keep what is live behind the window."""
        starts = self.reaching(span)
        if starts is None or _too_much(span, len(starts)):
            return None
        return _keeping(span, starts)

    def with_window(self, span: Span, program: tuple[Instr, ...]) -> Composed | None:
        """Check the program on every order that can occur, and carry over what is known."""
        began = time.perf_counter()
        task = self.task(span)
        if task is None:
            return None
        now = task.left(task.usable.run(task.start, span.program))
        new = task.left(task.usable.run(task.start, program))
        if not (now == new).all():
            return None
        kernel = span.replaced(program)
        points = self._carried(span, kernel)
        seconds = self.seconds + time.perf_counter() - began
        return Composed(kernel, points, True, seconds)

    def _carried(self, span: Span, kernel: Kernel) -> tuple[Known, ...]:
        """Return what is known in the new kernel: live cells as before, others executed anew."""
        old_names = [cell.name for cell in self.kernel.cells]
        number = {cell.name: i for i, cell in enumerate(kernel.cells)}
        shift = len(kernel) - len(self.kernel)
        stop = span.stop + shift
        points = [self._renamed(p, old_names, number) for p in self.points[: span.first + 1]]
        execution = Execution(self.space, {c: (k, k, k) for c, k in points[-1].items()})
        live = liveness(self.kernel)
        for at in range(span.first, len(kernel)):
            execution.step(kernel.instructions[at])
            found = {cell: execution.column(cell) for cell in execution.pieces}
            known = {cell: column for cell, column in found.items() if column is not None}
            if at + 1 >= stop:
                old = at + 1 - shift
                kept = {c: k for c, k in self.points[old].items() if c in live[old].cells}
                known |= self._renamed(kept, old_names, number)
                if at + 1 == stop or kernel.instructions[at].form.writes_flags:
                    for cell, column in known.items():
                        if execution.column(cell) is None:
                            execution.pieces[cell] = (column, column, column)
            points.append(known)
        return tuple(points)

    @staticmethod
    def _renamed(known: Known, names: list[str], number: dict[str, int]) -> Known:
        return {number[names[c]]: column for c, column in known.items() if names[c] in number}

    def with_kernel(self, kernel: Kernel) -> Composed | None:
        """Prove `kernel` on columns."""
        try:
            return _composed(kernel)
        except LimitReached:
            return None

    def judge(self, budget: Budget = UNLIMITED) -> Judgement:
        """Check once more what the outputs hold, and ask Z3."""
        known = columns.fulfils(self.kernel, self.points[-1])
        verdict = Proved() if known else Unknown("the outputs are not known to be sorted")
        method = COMPOSITION if self.by_windows else columns.COLUMNS
        first = MethodVerdict(method, verdict, self.seconds)
        second = verify(self.kernel, methods=(Z3,), budget=budget)
        return conclude((first, *second.methods), self.kernel)


def _composed(kernel: Kernel) -> Composed:
    began = time.perf_counter()
    points = columns.execute(kernel)
    if not columns.fulfils(kernel, points[-1]):
        raise LimitReached(
            f"a kernel of {kernel.n} keys can be shortened only where comparators make it up, "
            "and this one could not be proved so",
            hint=f"up to {flow.MOST_KEYS} keys any kernel will do",
        )
    return Composed(kernel, points, seconds=time.perf_counter() - began)


def context_of(kernel: Kernel) -> Context:
    """Return the context of a kernel that is proved already, or that columns can prove.

    Raises LimitReached where there are too many keys and columns do not prove it.
    """
    return Exact(kernel) if kernel.n <= flow.MOST_KEYS else _composed(kernel)
