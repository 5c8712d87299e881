"""Kernels of which none is beaten by another in length and critical path."""

from __future__ import annotations

from dataclasses import dataclass, field

from sortopt.model import Kernel
from sortopt.optimize import Measure


@dataclass
class Archive:
    """The best kernels so far, by length and critical path."""

    measure: Measure
    best: dict[tuple[int, float], Kernel] = field(default_factory=dict)

    def add(self, kernel: Kernel) -> None:
        """Take in `kernel` unless another is as good; drop what it beats."""
        key = (len(kernel), self.measure.critical_path(kernel))
        if any(k[0] <= key[0] and k[1] <= key[1] for k in self.best):
            return
        self.best = {
            k: found for k, found in self.best.items() if not (key[0] <= k[0] and key[1] <= k[1])
        }
        self.best[key] = kernel

    def cycles(self, length: int) -> float:
        """Return the least cycles of a kernel of at most `length` instructions."""
        return min((cycles for size, cycles in self.best if size <= length), default=float("inf"))

    @property
    def shortest(self) -> Kernel:
        """The shortest kernel."""
        return self.best[min(self.best)]
