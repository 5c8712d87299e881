"""Proof 1: every weak order of the keys that the contract admits, through the interpreter.

A kernel of moves and comparisons sees only how keys compare, so one representative of every
weak order stands for all inputs of every ordered key type.  What scratch and flags hold on entry
is unknown at first; only where an output depends on it are the possible contents tried, one
cell at a time: all positions of that cell's value among the values known so far.
"""

from __future__ import annotations

from collections.abc import Iterator

from sortopt.base import UNLIMITED, Budget, LimitReached
from sortopt.model import (
    ENTRY_FLAGS,
    Counterexample,
    Kernel,
    Order,
    Proved,
    Refuted,
    Unknown,
    Verdict,
    WeakOrder,
    expected,
    extensions,
    run,
)
from sortopt.verify import key_types
from sortopt.verify.entry import flags_matter, scratch_that_matters
from sortopt.verify.question import AS_READ, Question
from sortopt.verify.replay import is_wrong, replay

BATCH_FROM = 6
"""From this many keys on, the vectorised twin of the interpreter (`batch`) does the bulk."""

_BETWEEN_CHECKS = 256


def check(kernel: Kernel, question: Question = AS_READ, budget: Budget = UNLIMITED) -> Verdict:
    """Return Proved, Refuted with the least counterexample, or Unknown when the budget is out.

    Least: fewest distinct keys, then the smallest.  Cost: len(kernel) steps for each of the
    weak orders that the precondition admits, a multiple of that only where outputs
    depend on what scratch or flags held.  Raises InputError where no input satisfies the
    precondition.
    """
    try:
        if question.key is not None:
            return key_types.check(kernel, question.key, budget)
        for keys in suspects(kernel, budget):
            counterexample = refute(kernel, keys, budget)
            if counterexample is not None:
                return Refuted(counterexample)
    except LimitReached as limit:
        return Unknown("out of time" if budget.left == 0.0 else limit.message)
    return Proved()


def suspects(kernel: Kernel, budget: Budget) -> Iterator[WeakOrder]:
    """Yield the admitted weak orders whose outputs are wrong, or unknown, least first.

    Raises LimitReached, and InputError where the precondition admits no weak order.
    """
    kernel.contract.precondition.check(kernel.n)
    if kernel.n >= BATCH_FROM:
        from sortopt.verify import batch

        yield from batch.suspects(kernel, budget)
        return
    for count, keys in enumerate(kernel.contract.precondition.orders(kernel.n)):
        if count % _BETWEEN_CHECKS == 0:
            budget.check()
        if run(kernel, keys) != expected(kernel, keys):
            yield keys


def refute(kernel: Kernel, keys: WeakOrder, budget: Budget) -> Counterexample | None:
    """Return how the kernel fails on the weak order `keys`, or None where it never does.

    Tries scratch contents and flags only as far as the outputs depend on them.  Raises
    LimitReached.
    """
    exposed = scratch_that_matters(kernel)
    slots = [kernel.scratch.index(cell) for cell in exposed]
    flags: tuple[Order | None, ...] = ENTRY_FLAGS if flags_matter(kernel) else (None,)

    def scratch(values: WeakOrder) -> tuple[int | None, ...]:
        filled: list[int | None] = [None] * len(kernel.scratch)
        for slot, value in zip(slots, values[kernel.n :], strict=False):
            filled[slot] = value
        return tuple(filled)

    def search(values: WeakOrder, flag: Order | None) -> Counterexample | None:
        budget.check()
        inputs = values[: kernel.n]
        outputs = run(kernel, inputs, scratch(values), flag)
        if is_wrong(outputs, expected(kernel, inputs)):
            return replay(kernel, inputs, scratch(values), flag)
        if None not in outputs:
            return None
        if flag is None and flags[0] is not None:
            return _first(search(values, each) for each in flags)
        return _first(search(extended, flag) for extended in extensions(values, 1))

    return search(keys, None)


def _first(found: Iterator[Counterexample | None]) -> Counterexample | None:
    """Return the first counterexample found, or None."""
    return next((c for c in found if c is not None), None)
