"""What a kernel of floating-point keys does with NaN: where NaN leaves, whether the others ascend.

Sound because every order in which keys can be is run, each set of them as NaN (see `elements`), and
what is reported is what came out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sortopt.base import UNLIMITED, Budget, LimitReached
from sortopt.model import NAN, Kernel, Rung, Value, WeakOrder, with_nan
from sortopt.verify import elements
from sortopt.verify.entry import undecided

MOST_KEYS = 6
"""The most keys for which this is looked at; their orders with NaN take half a second."""


@dataclass(frozen=True, slots=True)
class WithNan:
    """What happens with NaN among the keys; ranks of keys, NAN for those that are NaN.

    `places` are the outputs, from 0, in which the only NaN among the keys may leave.  `unsorted` is
    the least input whose other keys do not ascend in the outputs, or are not all there, with what
    comes out; None where they always do.
    """

    places: tuple[int, ...]
    unsorted: tuple[WeakOrder, WeakOrder] | None


def with_nan_among(kernel: Kernel, budget: Budget = UNLIMITED) -> WithNan | None:
    """Return what `kernel`, which sorts, does with NaN.

    None where that is not looked at: not all keys leave, too many keys, no time, or undecided.
    """
    if undecided(kernel) is not None:
        return None
    return looked_at(kernel, lambda keys: _outputs(kernel, keys), budget)


def looked_at(
    kernel: Kernel, run: Callable[[WeakOrder], Sequence[Value]], budget: Budget
) -> WithNan | None:
    """Return what code with the contract of `kernel` does with NaN, as `with_nan_among` does.

    `run` says which element leaves in each output; None where that is not known.
    """
    sorts = kernel.contract.goal.ranks(kernel.n) == tuple(range(kernel.n))
    if not sorts or kernel.n > MOST_KEYS:
        return None
    places: set[int] = set()
    unsorted = None
    try:
        for keys in with_nan(kernel.n):
            budget.check()
            if NAN not in keys:
                continue
            held = run(keys)
            outputs = tuple(keys[element] for element in held if element is not None)
            if len(outputs) < len(held):
                return None
            if keys.count(NAN) == 1:
                places |= {place for place, key in enumerate(outputs) if key == NAN}
            numbers = [key for key in outputs if key != NAN]
            if unsorted is None and numbers != sorted(key for key in keys if key != NAN):
                unsorted = keys, outputs
    except LimitReached:
        return None
    return WithNan(tuple(sorted(places)), unsorted)


def _outputs(kernel: Kernel, keys: WeakOrder) -> Sequence[Value]:
    now = elements.entry(kernel, None)
    for instruction in kernel.instructions:
        (now,) = elements.successors(instruction, now, keys, Rung.ELEMENTS).values()
    return [now.cells[cell] for cell in kernel.contract.outputs]
