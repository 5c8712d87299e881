"""Proof 1 for code that branches: every weak order of the keys runs along its path.

Sound because jumps test the order of two keys, so inputs of one weak order take one path.
"""

from __future__ import annotations

from sortopt.base import Budget, LimitReached
from sortopt.model import (
    ENTRY_FLAGS,
    Branching,
    Counterexample,
    Proved,
    Refuted,
    Unknown,
    Verdict,
    WeakOrder,
    expected,
)
from sortopt.verify.replay import path, replay_path

_MOST_KEYS = 9
"""The most keys of which all weak orders are run."""
_BETWEEN_CHECKS = 64


def check(branching: Branching, budget: Budget) -> Verdict:
    """Return Proved, Refuted with the least counterexample, or Unknown.

    What scratch and flags hold on entry is unknown.  Where an output depends on it, some contents
    are tried: they may refute, but they prove nothing.
    """
    whole = branching.whole
    precondition = whole.contract.precondition
    precondition.check(whole.n)
    if whole.n > _MOST_KEYS:
        return Unknown(f"{whole.n} keys have too many weak orders")
    reason = ""
    try:
        for count, keys in enumerate(precondition.orders(whole.n)):
            if count % _BETWEEN_CHECKS == 0:
                budget.check()
            outputs = path(branching, keys).outputs
            if outputs == expected(whole, keys):
                continue
            counterexample = _refute(branching, keys)
            if counterexample is not None:
                return Refuted(counterexample)
            reason = "an output depends on what a register held on entry"
    except LimitReached as limit:
        return Unknown("out of time" if budget.left == 0.0 else limit.message)
    return Unknown(reason) if reason else Proved()


def _refute(branching: Branching, keys: WeakOrder) -> Counterexample | None:
    """Return how the code fails on `keys`, with one value in all scratch cells, or None."""
    apart = [2 * key for key in keys]  # room for a value between any two
    for value in range(1, 2 * max(keys) + 2):
        for flags in ENTRY_FLAGS:
            scratch = (value,) * len(branching.whole.scratch)
            found = replay_path(branching, apart, scratch, flags)
            if found is not None:
                exact = None not in found.scratch
                return found if exact else replay_path(branching, keys, (), None)
    return None
