"""The judge of counterexamples: none is shown that the interpreter does not confirm."""

from __future__ import annotations

from collections.abc import Sequence

from sortopt.base import Disagreement
from sortopt.model import (
    Branching,
    Counterexample,
    Followed,
    Kernel,
    Order,
    Value,
    expected,
    follow,
    run,
)


def replay(
    kernel: Kernel, keys: Sequence[int], scratch: Sequence[Value] = (), flags: Order | None = None
) -> Counterexample:
    """Return the counterexample that `keys`, `scratch` and `flags` are.

    What the failure does not depend on is left out of it: where the kernel fails on `keys`
    whatever scratch and flags held, the counterexample says None for them.  Raises Disagreement
    where `keys` break the precondition or the kernel does not fail on them.
    """
    if not kernel.contract.precondition.holds(keys):
        raise Disagreement(f"the input {tuple(keys)} was said to refute, but is ruled out")
    wanted = expected(kernel, keys)
    for held, entry_flags in (((), None), (tuple(scratch), flags)):
        outputs = run(kernel, keys, held, entry_flags)
        if is_wrong(outputs, wanted):
            padding = (None,) * (len(kernel.scratch) - len(held))
            return Counterexample(tuple(keys), outputs, wanted, (*held, *padding), entry_flags)
    raise Disagreement(
        f"the input {tuple(keys)} was said to refute, but the interpreter gets {wanted} right"
    )


def is_wrong(outputs: Sequence[Value], wanted: Sequence[int]) -> bool:
    """Return whether a known output differs from what is wanted; an unknown one decides nothing."""
    return any(o is not None and o != w for o, w in zip(outputs, wanted, strict=True))


def path(
    branching: Branching,
    keys: Sequence[int],
    scratch: Sequence[Value] = (),
    flags: Order | None = None,
    answers: Sequence[Order] | None = None,
) -> Followed:
    """Return the path of one input; raises Disagreement where it was said that none takes it.

    `answers` as of `follow`.
    """
    found = follow(branching, keys, scratch, flags, answers)
    if not found.arrived:
        fork, _ = found.jumps[-1]
        raise Disagreement(
            f"the input {tuple(keys)} takes a side of {fork.text} in line {fork.line} that was "
            "said to have none"
        )
    return found


def replay_path(
    branching: Branching, keys: Sequence[int], scratch: Sequence[Value], flags: Order | None
) -> Counterexample | None:
    """Return the counterexample that an input is, or None where the code is right on it.

    What the failure does not depend on is left out of it.
    """
    wanted = expected(branching.whole, keys)
    nothing = (None,) * len(branching.whole.scratch)
    for held, entry_flags in ((nothing, None), (tuple(scratch), flags)):
        outputs = path(branching, keys, held, entry_flags).outputs
        if is_wrong(outputs, wanted):
            return Counterexample(tuple(keys), outputs, wanted, held, entry_flags)
    return None
