"""Shortest kernels of floating-point keys on a rung above values.

The search knows values only, not which of two operands is handed on where neither is less.  So what
has the right values and the fewest instructions is asked whether it stands on the rung, with the
operands of each instruction in every order.  Sound because a kernel on a rung has the right values:
none on it is shorter than the shortest by values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from sortopt.base import Budget
from sortopt.model import Instr, Kernel, Proved, Rung
from sortopt.verify import elements

MOST_LISTED = 3
"""The most keys for which all shortest kernels are asked; else only those found and of networks."""


def first_on_rung(kernels: Iterable[Kernel], keep: Rung, budget: Budget) -> Kernel | None:
    """Return the first of `kernels` that stands on a rung in some order of its operands.

    Raises LimitReached.
    """
    for kernel in kernels:
        budget.check()
        for ordered in _orders(kernel):
            if isinstance(elements.check(ordered, keep, budget), Proved):
                return ordered
    return None


def _orders(kernel: Kernel) -> Iterator[Kernel]:
    """Yield `kernel` with the operands of each minimum and maximum in every order it can have."""
    for chosen in product(*map(_ways, kernel.instructions)):
        yield kernel.with_instructions(chosen)


def _ways(instruction: Instr) -> tuple[Instr, ...]:
    form, operands = instruction.form, instruction.operands
    if form.tied is None or form.target in form.arguments:
        return (instruction,)
    first, second = form.arguments
    turned = [*operands]
    turned[first], turned[second] = operands[second], operands[first]
    return instruction, Instr(form, tuple(turned))
