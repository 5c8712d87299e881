"""Loading the compiled code before the clock of a search begins."""

from __future__ import annotations

from sortopt.search.exhaustive.deepening import shortest
from sortopt.search.space import Problem


def load() -> None:
    """Compile the exhaustive search, or load it from the cache, by searching two keys."""
    shortest(Problem(2))
