"""Which of two things is faster, judged round by round.

Rounds pair the times of all subjects: each round gives them the same keys under the same
conditions, so what slows a round slows all of them and cancels in the ratio.  The test is
Wilcoxon's signed-rank test on the logarithms of those ratios (F. Wilcoxon, Individual comparisons
by ranking methods, Biometrics Bulletin 1, 1945), two-sided, normal approximation with correction
for ties; several comparisons are corrected by Holm's method (S. Holm, Scandinavian Journal of
Statistics 6, 1979).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

TEST = "Wilcoxon signed-rank test on paired rounds, Holm's correction"
"""What the verdicts rest on, in words."""

SIGNIFICANT = 0.001
"""A difference counts where a chance this small would be needed to see it among equals."""

RESOLUTION = 0.02
"""Differences of less than this part are not called any, whatever the test says: where code and
data happen to lie makes as much.  Of 360 comparisons of a kernel with copies of itself, on a busy
machine, medians came out up to 2.5 % apart and one was called a difference."""

Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some times and their quartiles."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Paired:
    """How the times of `slow` relate to those of `fast`, two subjects by number.

    `ratio` is the median of slow / fast over the rounds, with its quartiles; `chance` the
    corrected p-value.
    """

    fast: int
    slow: int
    ratio: Spread
    chance: float

    @property
    def shown(self) -> bool:
        """Whether the rounds show that `fast` is faster."""
        return self.chance < SIGNIFICANT and self.ratio.median >= 1 + RESOLUTION


def spread(values: NDArray[Any]) -> Spread:
    """Return median and quartiles."""
    low, median, high = np.percentile(values, (25, 50, 75))
    return Spread(float(median), float(low), float(high))


def chance(first: Times, second: Times) -> float:
    """Return the two-sided p-value that paired `first` and `second` differ by chance only.

    1.0 where all pairs are equal.  The normal approximation is fit for 10 rounds or more.
    """
    difference = np.log(first) - np.log(second)
    difference = difference[difference != 0]
    n = len(difference)
    if n == 0:
        return 1.0
    _, inverse, counts = np.unique(np.abs(difference), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]  # tied sizes share their mean rank
    positive = float(ranks[difference > 0].sum())
    mean = n * (n + 1) / 4
    variance = n * (n + 1) * (2 * n + 1) / 24 - float((counts**3 - counts).sum()) / 48
    return erfc(abs(positive - mean) / sqrt(2 * variance)) if variance > 0 else 1.0


def compare(times: Times, pairs: Sequence[tuple[int, int]]) -> tuple[Paired, ...]:
    """Return a verdict on each pair of rows of `times` (subjects by rounds), in sequence.

    The faster one by the median of the paired ratios comes first in each.
    """
    raw = [chance(times[a], times[b]) for a, b in pairs]
    results = []
    for (a, b), corrected in zip(pairs, holm(raw), strict=True):
        fast, slow = (a, b) if np.median(times[b] / times[a]) >= 1 else (b, a)
        results.append(Paired(fast, slow, spread(times[slow] / times[fast]), corrected))
    return tuple(results)


def holm(chances: Sequence[float]) -> list[float]:
    """Return p-values corrected by Holm's step-down method, in the sequence given."""
    order = sorted(range(len(chances)), key=chances.__getitem__)
    corrected, floor = [0.0] * len(chances), 0.0
    for step, index in enumerate(order):
        floor = max(floor, min(1.0, chances[index] * (len(chances) - step)))
        corrected[index] = floor
    return corrected
