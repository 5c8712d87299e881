"""Proof 2 of the rungs of code that branches: Z3 is asked one path at a time.

A path is a kernel, and what its jumps demand of the flags between its instructions.  Under `safe`
the flags are free; else of a side that was left out the proof of the values shows that no input
comes to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sortopt.base import Budget, KernelError, LimitReached
from sortopt.model import (
    Branching,
    Instr,
    Order,
    Proved,
    Refuted,
    Rung,
    Stretch,
    Unknown,
    Verdict,
    rebuild,
)
from sortopt.verify import smt_elements
from sortopt.verify.paths_elements import NOT_FOLLOWED, of_whole, on_keys_alone

Demands = tuple[tuple[int, Order], ...]
"""Before which instruction of a path the flags must hold one of which outcomes."""


def check(branching: Branching, rung: Rung, budget: Budget) -> Verdict:
    """Decide whether code, whose values are right, also stands on `rung`, one above `values`."""
    whole = branching.whole
    for instructions, demands, left_out in _paths(branching.start, (), ()):
        if left_out and rung is not Rung.SAFE:
            continue
        try:
            kernel = on_keys_alone(rebuild(whole, instructions))
        except (KernelError, LimitReached) as error:
            return Unknown(error.message)
        if left_out:
            if smt_elements.may_answer(kernel, budget, demands):
                return Unknown(NOT_FOLLOWED)
            continue
        verdict = smt_elements.check(kernel, rung, budget, demands)
        if isinstance(verdict, Refuted):
            return Refuted(of_whole(branching, verdict.counterexample))
        if isinstance(verdict, Unknown):
            return verdict
    return Proved()


def _paths(
    at: Stretch | None, done: tuple[Instr, ...], demands: Demands
) -> Iterator[tuple[tuple[Instr, ...], Demands, bool]]:
    """Yield the instructions of each path, what its jumps demand, and whether it was left out."""
    if at is not None:
        done += at.instructions
    if at is None or at.fork is None:
        yield done, demands, at is None
        return
    holds = at.fork.condition.holds
    yield from _paths(at.fork.taken, done, (*demands, (len(done), holds)))
    yield from _paths(at.fork.passed, done, (*demands, (len(done), ~holds)))
