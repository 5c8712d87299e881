"""The verdict over a kernel: both proofs run, and must agree.

Where there are too many weak orders to run them all, a proof over columns of 0-1 inputs takes
their place, if it succeeds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from sortopt.base import Deadline, Disagreement, InputError, LimitReached
from sortopt.model import (
    ALWAYS,
    Counterexample,
    Judgement,
    Kernel,
    KeyType,
    MethodVerdict,
    Precondition,
    Proved,
    Refuted,
    Unknown,
    Verdict,
    key_type,
    parse_precondition,
)
from sortopt.verify import columns, key_types, orders_check, smt

WEAK_ORDERS = "weak orders"
Z3 = "z3"
METHODS = (WEAK_ORDERS, Z3)
"""The proofs by name, in the sequence in which they run."""

MOST_LISTED = 9
"""Up to this many keys all weak orders are run; beyond it only where few are admitted."""

_Check = Callable[[Kernel, Deadline], Verdict]


def verify(
    kernel: Kernel,
    *,
    assume: Precondition | str | None = None,
    timeout: float | None = None,
    bits: int | None = None,
    key: str | None = None,
    methods: Sequence[str] = METHODS,
) -> Judgement:
    """Prove or refute that `kernel` fulfils its contract, by every one of `methods`.

    Proved means: for all inputs that satisfy the precondition, equal keys included, for keys of
    any width, and for any contents of scratch and flags on entry.  `assume` takes the place of
    the kernel's own precondition ("none" lifts it); `timeout` is the budget in seconds for all
    methods together; `bits` has Z3 spell keys out as bit-vectors of that width.  `key` names the
    type of the keys: a kernel that is right on keys as it reads them is then also judged on
    keys of that type, where it takes them to have the other sign.

    The verdict is Proved only where every method proves; Refuted where one refutes, with the
    least counterexample known; else Unknown.  Raises InputError for a precondition that no input
    satisfies, Disagreement where one method proves what another refutes.

    >>> from sortopt.targets import X86_CMOV as isa
    >>> from sortopt.model.kernel import build
    >>> swap = [("mov", "s", "p"), ("cmp", "p", "q"), ("cmovg", "p", "q"), ("cmovg", "q", "s")]
    >>> program = [(isa.form(name), tuple(cells)) for name, *cells in swap]
    >>> sort2 = build(isa, program, inputs="pq", outputs="pq")
    >>> verify(sort2).verdict
    Proved()
    """
    if isinstance(assume, str):
        lifted = assume.strip().lower() == "none"
        assume = ALWAYS if lifted else parse_precondition(assume, "assume")
    if assume is not None:
        kernel = kernel.assuming(assume)
    deadline = Deadline.after(timeout)
    as_read = _judge(kernel, deadline, _checks(bits), methods)
    typed = None if key is None else key_type(key, bits)
    if typed is None or typed.fits(kernel) or not isinstance(as_read.verdict, Proved):
        return as_read
    return _judge(kernel, deadline, _typed_checks(typed), methods)


def counterexample(
    kernel: Kernel,
    *,
    assume: Precondition | str | None = None,
    timeout: float | None = None,
) -> Counterexample | None:
    """Return the least input on which `kernel` fails, or None where it is proved right.

    Options, and errors, as of `verify`; raises LimitReached too where the time did not suffice.
    """
    verdict = verify(kernel, assume=assume, timeout=timeout).verdict
    if isinstance(verdict, Unknown):
        raise LimitReached(f"neither proved nor refuted: {verdict.reason}")
    return verdict.counterexample if isinstance(verdict, Refuted) else None


def _judge(
    kernel: Kernel, deadline: Deadline, checks: Mapping[str, _Check], methods: Sequence[str]
) -> Judgement:
    return conclude(
        tuple(_timed(method, checks, kernel, deadline) for method in _known(methods, checks))
    )


def _typed_checks(key: KeyType) -> Mapping[str, _Check]:
    """Return the proofs for keys whose sign the kernel misreads."""
    return MappingProxyType(
        {
            WEAK_ORDERS: lambda kernel, deadline: key_types.check(kernel, key, deadline),
            Z3: partial(smt.check, key=key),
        }
    )


def _checks(bits: int | None) -> Mapping[str, _Check]:
    return MappingProxyType({WEAK_ORDERS: orders_check.check, Z3: partial(smt.check, bits=bits)})


def _known(methods: Sequence[str], checks: Mapping[str, _Check]) -> Sequence[str]:
    """Return `methods`; raise InputError where one is unknown, or none is named."""
    for method in methods or ("",):
        if method not in checks:
            raise InputError(f"unknown proof method {method!r}", hint=f"use {' or '.join(checks)}")
    return methods


def _timed(
    method: str, checks: Mapping[str, _Check], kernel: Kernel, deadline: Deadline
) -> MethodVerdict:
    start = time.perf_counter()
    verdict = checks[method](kernel, deadline)
    too_many = checks[method] is orders_check.check and kernel.n > MOST_LISTED
    if too_many and isinstance(verdict, Unknown) and isinstance(columns.check(kernel), Proved):
        method, verdict = columns.COLUMNS, Proved()
    return MethodVerdict(method, verdict, time.perf_counter() - start)


def conclude(methods: tuple[MethodVerdict, ...]) -> Judgement:
    """Return the verdict that `methods` give together.

    The first refutation counts (weak orders come first, and theirs is the least); unknown is
    never a pass.  Raises Disagreement where one proves what another refutes.
    """
    proved = [m.method for m in methods if isinstance(m.verdict, Proved)]
    refuted = [m for m in methods if isinstance(m.verdict, Refuted)]
    if proved and refuted:
        raise Disagreement(
            f"{' and '.join(proved)} prove this kernel, but {refuted[0].method} refutes it",
            hint="this is a bug in sortopt: please report it with the kernel",
        )
    if refuted:
        return Judgement(refuted[0].verdict, methods)
    unknown = [f"{m.method}: {m.verdict.reason}" for m in methods if isinstance(m.verdict, Unknown)]
    return Judgement(Unknown("; ".join(unknown)) if unknown else Proved(), methods)
