"""What a benchmark is asked: key type, rivals, settings, distributions of keys, rounds, seed."""

from __future__ import annotations

from dataclasses import dataclass

STANDALONE, QUICKSORT, MERGESORT = "standalone", "quicksort", "mergesort"
SETTINGS = (STANDALONE, QUICKSORT, MERGESORT)
"""Many small groups; as the base case of a quicksort; as the base case of a mergesort."""

DISTRIBUTIONS = ("random", "sorted", "reversed", "few")
"""The ways to draw keys: full-width random ones, ascending, descending, three distinct values."""

FEWEST_ROUNDS = 30
"""With fewer the corrected test can hardly show anything, however large the difference."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to measure: key type, rivals, which settings and distributions, rounds, seed."""

    key: str = "int32"
    against: tuple[str, ...] = ()
    settings: tuple[str, ...] = SETTINGS
    distributions: tuple[str, ...] = DISTRIBUTIONS
    rounds: int = 101
    seed: int = 0
