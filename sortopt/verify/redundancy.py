"""What a kernel could do without: instructions whose removal is proved harmless, dead results."""

from __future__ import annotations

from dataclasses import dataclass

from sortopt.base import UNLIMITED, Budget, KernelError
from sortopt.model import Kernel, dead_instructions, rebuild
from sortopt.verify.judge import is_proved
from sortopt.verify.variants import Choice


@dataclass(frozen=True, slots=True)
class Redundancy:
    """Which instructions of a right kernel are redundant, by index from 0.

    `alone` can each go by themselves; `together` is a largest set that can go at once where
    `exact`, else the largest found.  `shortened` is the kernel without them.
    """

    alone: tuple[int, ...]
    together: tuple[int, ...]
    shortened: Kernel
    exact: bool


@dataclass(frozen=True, slots=True)
class Dead:
    """A result that nothing reads: of which instruction (index from 0), and what it would set."""

    index: int
    what: str


def redundancy(kernel: Kernel, budget: Budget = UNLIMITED) -> Redundancy:
    """Find the redundant instructions of a kernel that is right; every removal is proved.

    Raises LimitReached.
    """
    from sortopt.verify.cheapest import cheapest

    alone = tuple(i for i in range(len(kernel)) if _removable(kernel, {i}, budget))
    places = [(Choice(0, ()), Choice(1, (i,))) for i in kernel.instructions]
    found, exact = cheapest(kernel, places, most=len(kernel), near=True, budget=budget)
    if found is not None:
        together = tuple(i for i, choice in enumerate(found.chosen) if choice == 0)
        if len(together) >= min(1, len(alone)) and _removable(kernel, set(together), budget):
            return Redundancy(alone, together, _without(kernel, set(together)), exact)
    one = alone[:1]
    return Redundancy(alone, one, _without(kernel, set(one)), exact=False)


def _without(kernel: Kernel, indices: set[int]) -> Kernel:
    return rebuild(kernel, [i for n, i in enumerate(kernel.instructions) if n not in indices])


def _removable(kernel: Kernel, indices: set[int], budget: Budget) -> bool:
    """Return whether both proofs hold without the instructions at `indices`."""
    try:
        shorter = _without(kernel, indices)
    except KernelError:  # an output is then never written
        return False
    return is_proved(shorter, budget)


def dead_results(kernel: Kernel) -> tuple[Dead, ...]:
    """Return the results that no instruction reads and that are no output, in program order."""
    dead = set(dead_instructions(kernel))
    found: list[Dead] = []
    for index in sorted(dead):
        target = kernel.instructions[index].writes
        found.append(Dead(index, "the flags" if target is None else kernel.cells[target].name))
    return tuple(found)
