"""The verdict over code that branches: both proofs follow every path, and must agree."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from sortopt.base import UNLIMITED, Budget, KernelError
from sortopt.model import (
    HIGHER,
    Branching,
    Counterexample,
    Followed,
    Judgement,
    MethodVerdict,
    Proved,
    Rung,
    Step,
    Unknown,
    Verdict,
    rebuild,
)
from sortopt.verify import (
    float_paths,
    float_paths_smt,
    paths_elements,
    paths_orders,
    paths_smt,
    paths_smt_elements,
)
from sortopt.verify.explanation import Explanation, explain
from sortopt.verify.judge import WEAK_ORDERS, Z3, conclude
from sortopt.verify.replay import path

_Values = Callable[[Branching, Budget], Verdict]
_Keeps = Callable[[Branching, Rung, Budget], Verdict]

_PROOFS = (
    (WEAK_ORDERS, paths_orders.check, paths_elements.check),
    (Z3, paths_smt.check, paths_smt_elements.check),
)
"""The proofs by name: how each decides the values, and a rung above them where these are right."""

_FLOAT_PROOFS = (
    (WEAK_ORDERS, paths_orders.check, float_paths.check),
    (Z3, float_paths_smt.values, float_paths_smt.check),
)
"""The same of floating-point keys."""

_SECONDS = 3.0
"""The longest that one proof of one rung may take where the contract does not ask for it."""


def _proofs(branching: Branching) -> tuple[tuple[str, _Values, _Keeps], ...]:
    return _FLOAT_PROOFS if branching.whole.isa.floating else _PROOFS


def verify_branching(branching: Branching, budget: Budget = UNLIMITED) -> Judgement:
    """Prove or refute that code fulfils its contract whichever path an input takes.

    Raises Disagreement where one proof proves what the other refutes.
    """
    found, rung = [], branching.whole.contract.keep
    for name, values, keeps in _proofs(branching):
        start = time.perf_counter()
        verdict = values(branching, budget)
        if rung is not Rung.VALUES and isinstance(verdict, Proved):
            verdict = keeps(branching, rung, budget)
        found.append(MethodVerdict(name, verdict, time.perf_counter() - start))
    return conclude(tuple(found), branching.whole)


def ladder_of(
    branching: Branching, values: Judgement, budget: Budget = UNLIMITED
) -> Mapping[Rung, Judgement]:
    """Return what the proofs say of every rung, of code whose `values` are proved right."""
    found = {Rung.VALUES: values}
    for rung in HIGHER:
        said = []
        for name, _, keeps in _proofs(branching):
            start = time.perf_counter()
            verdict = keeps(branching, rung, budget.share(_SECONDS))
            said.append(MethodVerdict(name, verdict, time.perf_counter() - start))
        judgement = conclude(tuple(said), branching.whole.keeping(rung))
        reasons = {each.verdict for each in said}
        if len(reasons) == 1 and isinstance(judgement.verdict, Unknown):
            judgement = replace(judgement, verdict=said[0].verdict)
        found[rung] = judgement
    return found


def path_of(branching: Branching, counterexample: Counterexample) -> Followed:
    """Return the path that a counterexample takes."""
    if _mixes_numbers(branching, counterexample):
        return float_paths.followed(branching, counterexample.inputs, counterexample.zero)[0]
    answers = counterexample.answers if counterexample.lacks is Rung.SAFE else None
    return path(
        branching, counterexample.inputs, counterexample.scratch, counterexample.flags, answers
    )


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
    outputs = counterexample.outputs if counterexample.elements else followed.outputs
    steps = counterexample.steps
    if _mixes_numbers(branching, counterexample):
        places = [whole.cells.index(cell) for cell in kernel.cells]
        steps = tuple(Step(tuple(s.cells[i] for i in places), s.flags) for s in steps)
    return explain(kernel, replace(counterexample, outputs=outputs, scratch=scratch, steps=steps))


def _mixes_numbers(branching: Branching, counterexample: Counterexample) -> bool:
    """Return whether a counterexample is of floating-point keys, of which elements are mixed up."""
    return branching.whole.isa.floating and counterexample.lacks is not Rung.VALUES
