"""Proof 2 for code that branches: Z3 is asked one path at a time for an input that fails on it.

A path is the answers of the jumps on it, and the instructions between them.  At every jump both
sides are followed, the condition and its negation, so that the paths are all there are; of a side
that was left out Z3 shows that no input comes to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import z3

from sortopt.base import Budget, Disagreement
from sortopt.model import Branching, Counterexample, Proved, Refuted, Stretch, Unknown, Verdict
from sortopt.verify.question import AS_READ
from sortopt.verify.replay import replay_path
from sortopt.verify.smt import Encoder, Flags, Term, ask

_LOGIC = "QF_LIA"


def check(branching: Branching, budget: Budget) -> Verdict:
    """Return Proved, Refuted with a counterexample, or Unknown with Z3's reason.

    Raises Disagreement where Z3's answer does not fail on the interpreter, or where it finds an
    input that comes to a side that was left out.
    """
    whole = branching.whole
    whole.contract.precondition.check(whole.n)
    encoder = Encoder(whole, AS_READ)
    cells = tuple(encoder.variable(cell) for cell in range(len(whole.cells)))
    flags = Flags(*z3.Bools("flags_less flags_equal"))
    keys = tuple(cells[cell] for cell in whole.contract.inputs)
    assumed = [encoder.comparison(c, keys) for c in whole.contract.precondition.comparisons]
    for conditions, outputs in _paths(encoder, branching.start, cells, flags, []):
        wrong = [] if outputs is None else [encoder.wrong(keys, outputs)]
        answer, found = ask(_LOGIC, [*assumed, *conditions, *wrong], budget)
        if answer == z3.unknown:
            return Unknown(found)
        if answer == z3.sat:
            return Refuted(_counterexample(branching, found, cells, flags))
    return Proved()


def _paths(
    encoder: Encoder,
    at: Stretch | None,
    cells: tuple[Term, ...],
    flags: Flags,
    conditions: list[Term],
) -> Iterator[tuple[list[Term], tuple[Term, ...] | None]]:
    """Yield of each path from `at` on what holds on it, and its outputs; None if left out."""
    if at is None:
        yield conditions, None
        return
    cells, flags = encoder.execute(at.instructions, cells, flags)
    if at.fork is None:
        yield conditions, tuple(cells[c] for c in encoder.kernel.contract.outputs)
        return
    holds = flags.admit(at.fork.condition.holds)
    yield from _paths(encoder, at.fork.taken, cells, flags, [*conditions, holds])
    yield from _paths(encoder, at.fork.passed, cells, flags, [*conditions, z3.Not(holds)])


def _counterexample(
    branching: Branching, model: Any, cells: tuple[Term, ...], flags: Flags
) -> Counterexample:
    """Return the counterexample that a model is, its values reduced to their ranks from 1."""
    whole = branching.whole
    values = [int(model.eval(cell, model_completion=True).as_long()) for cell in cells]
    rank = {value: i for i, value in enumerate(sorted(set(values)), start=1)}
    keys = [rank[values[cell]] for cell in whole.contract.inputs]
    scratch = [rank[values[cell]] for cell in whole.scratch]
    found = replay_path(branching, keys, scratch, flags.outcome(model))
    if found is None:
        raise Disagreement(f"Z3 says that {tuple(keys)} fails, but the interpreter gets it right")
    return found
