"""Keys of a given type, for a kernel that may read them with the other sign.

A kernel with signed conditions sees unsigned keys in another order: those with the top bit set
come first.  So each weak order of the keys splits into one case for every number of its distinct
values that have the top bit set; within a case the kernel sees one fixed order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sortopt.base import UNLIMITED, Budget, Disagreement, InputError
from sortopt.model import (
    Counterexample,
    Kernel,
    KeyType,
    Order,
    Proved,
    Refuted,
    Unknown,
    Value,
    Verdict,
    WeakOrder,
    key_bits,
    natural_key_type,
    run,
)
from sortopt.verify.replay import is_wrong

_BETWEEN_CHECKS = 256


def default_key(kernel: Kernel, width: int | None) -> str | None:
    """Return the key type that operands of `width` bits and the conditions used show, or None."""
    if key_bits(kernel, width) is None or kernel.signedness is None:
        return None
    return natural_key_type(kernel, width).name


def check_width(key: KeyType, kernel: Kernel, width: int | None) -> None:
    """Raise InputError where operands of `width` bits of `kernel` do not hold such keys."""
    bits = key_bits(kernel, width)
    if bits not in (None, key.bits):
        raise InputError(
            f"{key.name} keys have {key.bits} bits, but the kernel works on {bits}",
            hint=f"use {key.name.rstrip('0123456789')}{bits}",
        )


def remark(key: KeyType, kernel: Kernel, found: Counterexample) -> str:
    """Say which instruction misreads which key of a counterexample."""
    culprit = next(i.form for i in kernel.instructions if i.form.signedness)
    misread = next(k for k in found.inputs if key.seen(k) != k)
    sign = culprit.signedness.value if culprit.signedness else ""
    return f"{culprit.mnemonic} reads keys as {sign}, so it takes {misread} for {key.seen(misread)}"


def check(kernel: Kernel, key: KeyType, budget: Budget = UNLIMITED) -> Verdict:
    """Judge `kernel` on keys of a type whose sign it misreads: all weak orders, however split.

    Meant for a kernel that is right on keys as it reads them.  Returns Refuted with the least
    counterexample, whose keys are values of the type, or Unknown where an output depends on what
    scratch or flags held.  Raises InputError where the precondition admits no input, and
    LimitReached.
    """
    for count, order in enumerate(kernel.contract.precondition.orders(kernel.n)):
        if count % _BETWEEN_CHECKS == 0:
            budget.check()
        for keys in splits(order, key):
            outputs = run(kernel, [key.seen(value) or 0 for value in keys])
            if None in outputs:
                return Unknown("an output depends on what scratch or flags held on entry")
            if is_wrong([key.unseen(o) for o in outputs], expected(kernel, keys)):
                return Refuted(replay(kernel, key, keys))
    return Proved()


def splits(order: WeakOrder, key: KeyType) -> Iterator[tuple[int, ...]]:
    """Yield keys of a type that are in `order`, once for each number of values of either sign.

    Those without the top bit set are next to zero, the others at the far end (unsigned) or below
    zero (signed).
    """
    top = max(order, default=0)
    for low in range(top, -1, -1):
        if key.signed:
            yield tuple(rank - low - (rank <= low) for rank in order)
        else:
            end = (1 << key.bits) - 1
            yield tuple(rank if rank <= low else end - (top - rank) for rank in order)


def expected(kernel: Kernel, keys: Sequence[int]) -> tuple[int, ...]:
    """Return what the outputs must hold for `keys`."""
    ordered = sorted(keys)
    return tuple(ordered[rank] for rank in kernel.contract.goal.ranks(kernel.n))


def replay(
    kernel: Kernel,
    key: KeyType,
    keys: Sequence[int],
    scratch: Sequence[Value] = (),
    flags: Order | None = None,
) -> Counterexample:
    """Return the counterexample that `keys`, values of the type `key`, are.

    Raises Disagreement where the kernel does not fail on them.
    """
    wanted = expected(kernel, keys)
    for held, flag in (((), None), (tuple(scratch), flags)):
        seen = run(kernel, [key.seen(k) or 0 for k in keys], [key.seen(s) for s in held], flag)
        outputs = tuple(key.unseen(o) for o in seen)
        if is_wrong(outputs, wanted):
            padding = (None,) * (len(kernel.scratch) - len(held))
            return Counterexample(tuple(keys), outputs, wanted, (*held, *padding), flag)
    raise Disagreement(
        f"the input {tuple(keys)} was said to refute, but the interpreter gets {wanted} right"
    )


def as_seen(found: Counterexample, key: KeyType) -> Counterexample:
    """Return a counterexample with the values that the kernel takes its keys for."""
    return Counterexample(
        tuple(key.seen(k) or 0 for k in found.inputs),
        tuple(map(key.seen, found.outputs)),
        tuple(key.seen(k) or 0 for k in found.expected),
        tuple(map(key.seen, found.scratch)),
        found.flags,
    )
