"""The verdict over code that branches: both proofs follow every path, and must agree."""

from __future__ import annotations

import time

from sortopt.base import UNLIMITED, Budget, InputError, KernelError
from sortopt.model import (
    Branching,
    Counterexample,
    Followed,
    Judgement,
    MethodVerdict,
    Rung,
    rebuild,
)
from sortopt.verify import paths_orders, paths_smt
from sortopt.verify.explanation import Explanation, explain
from sortopt.verify.judge import WEAK_ORDERS, Z3, conclude
from sortopt.verify.replay import path


def verify_branching(branching: Branching, budget: Budget = UNLIMITED) -> Judgement:
    """Prove or refute that code fulfils its contract whichever path an input takes.

    The judgement is over the values, as of `verify`.  Raises InputError where the contract names a
    higher rung, Disagreement where one proof proves what the other refutes.
    """
    if branching.whole.contract.keep is not Rung.VALUES:
        raise InputError(
            f"keep: {branching.whole.contract.keep} is not decided of code that branches",
            hint="ask for values alone",
        )
    found = []
    for name, proof in ((WEAK_ORDERS, paths_orders.check), (Z3, paths_smt.check)):
        start = time.perf_counter()
        verdict = proof(branching, budget)
        found.append(MethodVerdict(name, verdict, time.perf_counter() - start))
    return conclude(tuple(found), branching.whole)


def path_of(branching: Branching, counterexample: Counterexample) -> Followed:
    """Return the path that a counterexample takes."""
    return path(branching, counterexample.inputs, counterexample.scratch, counterexample.flags)


def explain_path(branching: Branching, counterexample: Counterexample) -> Explanation | None:
    """Return the trace of a counterexample along its path; None where its path is no kernel."""
    whole = branching.whole
    followed = path_of(branching, counterexample)
    try:
        kernel = rebuild(whole, followed.instructions)
    except KernelError:  # an output is never written on this path
        return None
    held = {
        whole.cells[cell].name: value
        for cell, value in zip(whole.scratch, counterexample.scratch, strict=False)
    }
    scratch = tuple(held.get(kernel.cells[cell].name) for cell in kernel.scratch)
    here = Counterexample(
        counterexample.inputs, followed.outputs, counterexample.expected, scratch,
        counterexample.flags,
    )  # fmt: skip
    return explain(kernel, here)
