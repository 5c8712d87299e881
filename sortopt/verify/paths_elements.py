"""Proof 1 of the rungs of code that branches: elements along the path of every weak order.

`elements` and `stable`: each weak order takes one path, which is a kernel, and that is asked what
it keeps of the elements on this order.  `safe`: every comparison may answer anything, so every side
of a jump is followed to which some answers lead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sortopt.base import Budget, LimitReached
from sortopt.model import (
    Action,
    Branching,
    Counterexample,
    Instr,
    Kernel,
    Proved,
    Refuted,
    Rung,
    Step,
    Stretch,
    Unknown,
    Verdict,
    rebuild,
)
from sortopt.verify import elements
from sortopt.verify.entry import flags_matter, reads_flags, scratch_that_matters
from sortopt.verify.replay import path

ON_ENTRY = "what it keeps depends on what a register or the flags held on entry"
NOT_FOLLOWED = "comparisons that lie lead to code that was not followed; --keep safe follows it"
_BETWEEN_CHECKS = 64

Choices = list[tuple[Instr, elements.Choice]]
"""The instructions on a path, and what each did where that is open."""


def check(branching: Branching, rung: Rung, budget: Budget) -> Verdict:
    """Decide whether code, whose values are right, also stands on `rung`, one above `values`.

    Returns Proved, Refuted with the least counterexample, or Unknown.
    """
    whole = branching.whole
    if whole.n > elements.MOST_KEYS:
        return Unknown(f"not decided for more than {elements.MOST_KEYS} keys")
    try:
        found = _unsafe(branching, budget) if rung is Rung.SAFE else _lost(branching, rung, budget)
    except LimitReached as limit:
        return Unknown("out of time" if budget.left == 0.0 else limit.message)
    return Proved() if found is None else Refuted(found)


def _lost(branching: Branching, rung: Rung, budget: Budget) -> Counterexample | None:
    """Return the first weak order on which the code breaks `rung`, or None."""
    whole = branching.whole
    kernels: dict[tuple[Instr, ...], tuple[Kernel, Sequence[elements.Needed]]] = {}
    for count, keys in enumerate(whole.contract.precondition.orders(whole.n)):
        if count % _BETWEEN_CHECKS == 0:
            budget.check()
        followed = path(branching, keys).instructions
        if followed not in kernels:
            kernel = on_keys_alone(rebuild(whole, followed))
            kernels[followed] = kernel, elements.needs_of(kernel)
        kernel, needed = kernels[followed]
        found = elements.refute(kernel, rung, keys, budget, needed)
        if found is not None:
            return of_whole(branching, found)
    return None


def on_keys_alone(kernel: Kernel) -> Kernel:
    """Return `kernel`; raises LimitReached where it reads what scratch or flags hold on entry."""
    if scratch_that_matters(kernel) or flags_matter(kernel):
        raise LimitReached(ON_ENTRY)
    return kernel


def of_whole(branching: Branching, found: Counterexample) -> Counterexample:
    """Return the counterexample of a path as one of the code, of whose scratch nothing matters."""
    return replace(found, scratch=(None,) * len(branching.whole.scratch))


def _unsafe(branching: Branching, budget: Budget) -> Counterexample | None:
    """Return the first answers of comparisons where an element is lost or doubled, or None."""
    whole = branching.whole
    ranks = tuple(range(1, whole.n + 1))
    named = {cell: number for number, cell in enumerate(whole.contract.inputs)}
    start = Step(tuple(named.get(cell) for cell in range(len(whole.cells))), None)
    chosen = _Search(whole, ranks, budget).failing(branching.start, 0, start)
    if chosen is None:
        return None
    kernel = on_keys_alone(rebuild(whole, [instruction for instruction, _ in chosen]))
    choices = [choice for _, choice in chosen]
    return of_whole(branching, elements.replay(kernel, Rung.SAFE, ranks, None, choices))


class _Search:
    """A search, depth first, for answers with which code loses an element."""

    def __init__(self, whole: Kernel, ranks: tuple[int, ...], budget: Budget) -> None:
        self._whole, self._ranks, self._budget = whole, ranks, budget
        self._seen: set[tuple[int, Step]] = set()

    def failing(self, at: Stretch, number: int, now: Step) -> Choices | None:
        """Return what is done from an instruction of a stretch on until an element is lost."""
        if number == 0 and self._is_known(at, now):
            return None
        done: Choices = []
        for place, instruction in enumerate(at.instructions[number:], start=number + 1):
            self._check(instruction, now)
            after = elements.successors(instruction, now, self._ranks, Rung.SAFE)
            if len(after) > 1:
                return self._first(at, place, after, done)
            ((choice, now),) = after.items()
            done.append((instruction, choice))
        rest = self._behind(at, now)
        return None if rest is None else [*done, *rest]

    def _first(
        self, at: Stretch, place: int, after: Mapping[elements.Choice, Step], done: Choices
    ) -> Choices | None:
        """Return what is done after the first choice before `place` that loses an element."""
        for choice, now in after.items():
            rest = self.failing(at, place, now)
            if rest is not None:
                return [*done, (at.instructions[place - 1], choice), *rest]
        return None

    def _is_known(self, at: Stretch, now: Step) -> bool:
        """Return whether a stretch was begun like that before; flags count where they are read.

        Sound because the same stretch does the same from the same state on.
        """
        self._budget.check()
        state = (id(at), now if _reads_flags(at) else Step(now.cells, None))
        known = state in self._seen
        self._seen.add(state)
        return known

    def _behind(self, at: Stretch, now: Step) -> Choices | None:
        if at.fork is None:
            lost = elements.breaks(self._whole, Rung.SAFE, self._ranks, now)
            return [] if lost else None
        if now.flags is None:
            raise LimitReached(ON_ENTRY)
        side = at.fork.taken if now.flags in at.fork.condition.holds else at.fork.passed
        if side is None:
            raise LimitReached(NOT_FOLLOWED)
        return self.failing(side, 0, now)

    def _check(self, instruction: Instr, now: Step) -> None:
        """Raise LimitReached where an instruction reads what is not known on entry."""
        unknown = any(now.cells[cell] is None for cell in instruction.reads)
        copies = instruction.form.action is Action.COPY
        if (unknown and not copies) or (now.flags is None and instruction.form.reads_flags):
            raise LimitReached(ON_ENTRY)


def _reads_flags(at: Stretch) -> bool:
    """Return whether a stretch, or its fork, reads the flags that it begins with."""
    read = reads_flags(at.instructions)
    return at.fork is not None if read is None else read
