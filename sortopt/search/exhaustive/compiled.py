"""Loading the compiled code, and whether it came from the cache of an earlier run."""

from __future__ import annotations

from types import ModuleType

from sortopt.search.bounds import _pattern_kernels as _bound_kernels
from sortopt.search.exhaustive import _expand_kernels
from sortopt.search.exhaustive.deepening import shortest
from sortopt.search.space import Problem
from sortopt.search.space import _symmetry_kernels as _canon_kernels

MODULES: tuple[ModuleType, ...] = (_canon_kernels, _bound_kernels, _expand_kernels)


def load() -> None:
    """Compile the exhaustive search, or load it from the cache, by searching two keys."""
    shortest(Problem(2))


def all_from_cache() -> bool:
    """Return whether everything called so far came from the cache, nothing having been compiled.

    A function being compiled just now counts as not in the cache.
    """
    dispatchers = [
        value for module in MODULES for value in vars(module).values() if hasattr(value, "stats")
    ]
    return not any(d.stats.cache_misses for d in dispatchers)
