"""What a kernel does with keys that tie but are not the same thing.

On plain integers equal keys are interchangeable.  Records compared by one field are not: a
kernel may then hand out one of two tied records twice and lose the other, though it sorts every
integer.  Which kernels do is decided here, on every weak order, with keys that carry a label: in
the plain form, which is what takes records where it is emitted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sortopt.emit.plain import Choice, Less, plain
from sortopt.model import Kernel

MOST_KEYS = 8
"""The most keys whose weak orders are all tried."""

_LABEL_BITS = 5


@dataclass(frozen=True, slots=True)
class Ties:
    """How a kernel treats tied keys.

    `admitted` says whether any input has some, `whole` whether as many keys come out as went in,
    `keeps_every_key` whether no key comes out twice, `stable` whether each output is the very key
    that a stable sort puts there.
    """

    keeps_every_key: bool
    stable: bool
    whole: bool = True
    admitted: bool = True
    examined: bool = True

    def __str__(self) -> str:
        if not self.admitted:
            return "none: the precondition admits no equal keys"
        if not self.examined:
            return f"not examined beyond {MOST_KEYS} keys; keys that compare equal may be mixed up"
        if not self.keeps_every_key:
            return "keys that compare equal must be interchangeable: one may stand in for the other"
        if self.stable:
            return "stable: keys that compare equal " + (
                "keep their order" if self.whole else "come out as a stable sort would have them"
            )
        if self.whole:
            return "not stable, but keys that compare equal and differ are all kept"
        return "not stable: which of the keys that compare equal comes out is left open"


def ties(kernel: Kernel) -> Ties:
    """Return how the plain form of `kernel` treats tied keys, where its precondition admits some.

    Beyond MOST_KEYS keys nothing is examined, and neither property claimed.  Cost: one vectorised
    step a statement over all weak orders (545,835 for n = 8).
    """
    contract = kernel.contract
    whole = len(contract.outputs) == contract.n
    if not contract.precondition.admits_equal_keys(contract.n):
        return Ties(keeps_every_key=True, stable=True, whole=whole, admitted=False)
    if kernel.n > MOST_KEYS:
        return Ties(keeps_every_key=False, stable=False, whole=whole, examined=False)
    orders = np.array(contract.precondition.orders(kernel.n), dtype=np.int16)
    labelled = (orders << _LABEL_BITS) | np.arange(kernel.n, dtype=np.int16)
    out = _outputs(kernel, labelled)
    label = np.sort(out & ((1 << _LABEL_BITS) - 1), axis=1)
    kept = bool(np.all(label[:, 1:] != label[:, :-1]))
    wanted = np.sort(labelled, axis=1)[:, contract.goal.ranks(kernel.n)]
    return Ties(kept, bool(np.array_equal(out, wanted)), whole)


def _outputs(kernel: Kernel, labelled: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return what the plain form puts out, a row an input; a comparison does not see the labels."""
    form = plain(kernel)
    keys = {f"k{i}": labelled[:, i] for i in range(kernel.n)}
    holds: dict[str, NDArray[np.bool_]] = {}
    for statement in form.statements:
        match statement:
            case Less(name, left, right):
                holds[name] = (keys[left] >> _LABEL_BITS) < (keys[right] >> _LABEL_BITS)
            case Choice(name, tests, then, otherwise):
                test = np.logical_or.reduce([holds[t] for t in tests])
                keys[name] = np.where(test, keys[then], keys[otherwise])
    return np.stack([keys[name] for name in form.outputs], axis=1)
