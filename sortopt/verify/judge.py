"""The verdict over a kernel: both proofs run, and must agree.

Where there are too many weak orders to run them all, a proof over columns of 0-1 inputs takes
their place, if it succeeds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from sortopt.base import UNLIMITED, Budget, Disagreement, InputError, LimitReached
from sortopt.model import (
    ALWAYS,
    HIGHER,
    Counterexample,
    Judgement,
    Kernel,
    MethodVerdict,
    Precondition,
    Proved,
    Refuted,
    Rung,
    Unknown,
    Verdict,
    key_type,
    parse_precondition,
)
from sortopt.verify import columns, elements, orders_check, smt, smt_elements
from sortopt.verify.question import AS_READ, Question

Proof = Callable[[Kernel, Question, Budget], Verdict]
"""A way to prove or refute; raises InputError where the precondition admits no input."""

WEAK_ORDERS = "weak orders"
Z3 = "z3"

PROOFS: Mapping[str, Proof] = MappingProxyType({WEAK_ORDERS: orders_check.check, Z3: smt.check})
"""The proofs by name, in the sequence in which they run; no two share code."""

RUNG_PROOFS: Mapping[str, Callable[[Kernel, Rung, Budget], Verdict]] = MappingProxyType(
    {WEAK_ORDERS: elements.check, Z3: smt_elements.check}
)
"""How each decides a rung above `values`, of a kernel whose values are right."""

METHODS = tuple(PROOFS)

MOST_LISTED = 9
"""Up to this many keys all weak orders are run; beyond it only where few are admitted."""


def verify(
    kernel: Kernel,
    *,
    assume: Precondition | str | None = None,
    bits: int | None = None,
    key: str | None = None,
    methods: Sequence[str] = METHODS,
    budget: Budget = UNLIMITED,
) -> Judgement:
    """Prove or refute that `kernel` fulfils its contract, by every one of `methods`.

    Proved means: for all inputs that satisfy the precondition, equal keys included, for keys of
    any width, and for any contents of scratch and flags on entry; and that the kernel stands on
    the rung that its contract names.  `assume` takes the place of
    the kernel's own precondition ("none" lifts it); `bits` has Z3 spell keys out as bit-vectors of
    that width.  `key` names the type of the keys: a kernel that is right on keys as it reads them
    is then also judged on keys of that type, where it takes them to have the other sign.  All
    methods together may spend the `budget`; when it is out, the verdict is Unknown.

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
    typed = None if key is None else key_type(key, bits)
    if typed is not None:
        typed.check_kind(kernel)
    for method in methods or ("",):
        if method not in PROOFS:
            raise InputError(f"unknown proof method {method!r}", hint=f"use {' or '.join(PROOFS)}")
    as_read = _judge(kernel, Question(bits), methods, budget)
    if typed is None or typed.fits(kernel) or not isinstance(as_read.verdict, Proved):
        return as_read
    return _judge(kernel, Question(key=typed), methods, budget)


def counterexample(
    kernel: Kernel, *, assume: Precondition | str | None = None, budget: Budget = UNLIMITED
) -> Counterexample | None:
    """Return the least input on which `kernel` fails, or None where it is proved right.

    Options, and errors, as of `verify`; raises LimitReached too where the budget did not suffice.
    """
    verdict = verify(kernel, assume=assume, budget=budget).verdict
    if isinstance(verdict, Unknown):
        raise LimitReached(f"neither proved nor refuted: {verdict.reason}")
    return verdict.counterexample if isinstance(verdict, Refuted) else None


def is_proved(kernel: Kernel, budget: Budget = UNLIMITED) -> bool:
    """Return whether every method proves `kernel`; the next is asked only where one does.

    Raises LimitReached where the budget is out.
    """
    for method in METHODS:
        if not isinstance(verify(kernel, methods=(method,), budget=budget).verdict, Proved):
            budget.check()
            return False
    return True


def _judge(kernel: Kernel, question: Question, methods: Sequence[str], budget: Budget) -> Judgement:
    found = tuple(_ask(method, kernel, question, budget) for method in methods)
    return conclude(found, kernel)


def _ask(method: str, kernel: Kernel, question: Question, budget: Budget) -> MethodVerdict:
    """Return what one method says, or the columns in place of weak orders that are too many."""
    start = time.perf_counter()
    verdict = PROOFS[method](kernel, question, budget)
    too_many = method == WEAK_ORDERS and kernel.n > MOST_LISTED and isinstance(verdict, Unknown)
    if too_many and isinstance(columns.check(kernel, question), Proved):
        method, verdict = columns.COLUMNS, Proved()
    if isinstance(verdict, Proved):
        verdict = _on_rung(method, kernel, kernel.contract.keep, question, budget)
    return MethodVerdict(method, verdict, time.perf_counter() - start)


def _on_rung(
    method: str, kernel: Kernel, rung: Rung, question: Question, budget: Budget
) -> Verdict:
    """Return what one method says of a rung, of a kernel whose values it proves."""
    if rung is Rung.VALUES:
        return Proved()
    if question.key is not None or method not in RUNG_PROOFS:
        whose = "so many keys" if question.key is None else "keys that the kernel misreads"
        return Unknown(f"not decided for {whose}")
    return RUNG_PROOFS[method](kernel, rung, budget)


SECONDS = 10.0
"""The longest that one proof of one rung may take where the contract does not ask for it."""
SECONDS_TO_REFUTE = 1.0
"""The same where another proof does not decide it, so that only a refutation would count."""


def ladder(
    judgement: Judgement, question: Question = AS_READ, budget: Budget = UNLIMITED
) -> Mapping[Rung, Judgement]:
    """Return what all proofs say of every rung, given what they say of a kernel's contract.

    Without the right values no rung holds: where these are refuted or unknown, so is each.
    Raises Disagreement where one method proves what another refutes.
    """
    own, kernel = judgement.instructions, judgement.kernel
    keep = kernel.contract.keep
    values = judgement
    if not isinstance(own, Refuted) or own.counterexample.lacks is not Rung.VALUES:
        values = judge_on(Rung.VALUES, judgement, question, budget)
    found = dict.fromkeys(Rung, values) | {keep: judgement}
    if isinstance(values.instructions, Proved):
        for rung in HIGHER:
            found[rung] = judge_on(rung, judgement, question, budget)
    return found


def judge_on(
    rung: Rung,
    known: Judgement,
    question: Question = AS_READ,
    budget: Budget = UNLIMITED,
    *,
    one_suffices: bool = False,
) -> Judgement:
    """Return what all proofs say of a rung, of a kernel whose values are `known` to be right.

    `known` itself if it is over that very rung.  Where `one_suffices`, it is what those proofs say
    that decide it, if any does; `methods` names them.
    """
    kernel = known.kernel.keeping(rung)
    if kernel == known.kernel:
        return known
    if rung is Rung.VALUES:
        return _judge(kernel, question, METHODS, budget)
    found: list[MethodVerdict] = []
    for method in METHODS:
        start = time.perf_counter()
        undecided = any(isinstance(each.verdict, Unknown) for each in found)
        hopeless = undecided and not one_suffices
        share = budget.share(SECONDS_TO_REFUTE if hopeless else SECONDS)
        verdict = _on_rung(method, kernel, rung, question, share)
        found.append(MethodVerdict(method, verdict, time.perf_counter() - start))
    decided = [each for each in found if not isinstance(each.verdict, Unknown)]
    return conclude(tuple(decided if one_suffices and decided else found), kernel)


def conclude(methods: tuple[MethodVerdict, ...], kernel: Kernel) -> Judgement:
    """Return the verdict that `methods` give together over `kernel`.

    The first refutation counts (weak orders come first, and theirs is the least); unknown is
    never a pass.  Raises Disagreement where one proves what another refutes.
    """
    proved = [m.method for m in methods if isinstance(m.verdict, Proved)]
    refuted = [m for m in methods if isinstance(m.verdict, Refuted)]
    if proved and refuted:
        raise Disagreement(
            f"{' and '.join(proved)} prove this kernel, but {refuted[0].method} refutes it"
        )
    if refuted:
        return Judgement(refuted[0].verdict, methods, kernel)
    unknown = [f"{m.method}: {m.verdict.reason}" for m in methods if isinstance(m.verdict, Unknown)]
    return Judgement(Unknown("; ".join(unknown)) if unknown else Proved(), methods, kernel)
