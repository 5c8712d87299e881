"""Under which precondition a kernel is right: found by machine, then proved."""

from __future__ import annotations

from sortopt.base import NEVER, Deadline, Disagreement
from sortopt.model import ALWAYS, Kernel, Precondition, Proved, WeakOrder, weakest_conjunctions
from sortopt.verify.judge import verify
from sortopt.verify.orders_check import refute, suspects


def failing_orders(kernel: Kernel, deadline: Deadline = NEVER) -> tuple[WeakOrder, ...]:
    """Return every weak order on which `kernel` fails, its own `assume` set aside, least first.

    An order counts where some content of scratch and flags makes the kernel fail.  Raises
    LimitReached.
    """
    free = kernel.assuming(ALWAYS)
    return tuple(
        keys for keys in suspects(free, deadline) if refute(free, keys, deadline) is not None
    )


def weakest_preconditions(kernel: Kernel) -> tuple[Precondition, ...]:
    """Return the weakest pairwise preconditions under which `kernel` is right, each proved.

    Weakest, and in which sequence: see `orders.weakest_conjunctions`; only the always true one
    where the kernel needs none, none at all where no comparisons of keys save it.  The kernel's
    own `assume` plays no part.  Raises Disagreement where a proof does not confirm what the
    failing weak orders say.
    """
    found = weakest_conjunctions(kernel.n, failing_orders(kernel))
    for assume in found:
        if not isinstance(verify(kernel, assume=assume).verdict, Proved):
            raise Disagreement(f"precondition {str(assume)!r} was found, but is not proved")
    return found
