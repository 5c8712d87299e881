"""The one decorator of compiled code, with a cache that is never stale.

Numba keeps compiled code beside its source and trusts it while that one file is unchanged.  A
function inlined from another file could change unnoticed; so here the stamp of every cached
function is a digest of all files of compiled code (`_*_kernels.py`) in the package.  Types that
compiled code takes apart (named tuples) are defined in those files too, so the digest covers them.
Numba itself replaces what bears another stamp; no file is deleted.

Where no folder can be written (a read-only installation, no home), or a write fails, nothing is
kept: each process compiles anew, and `why_uncached` says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from numba import get_num_threads, njit, set_num_threads
from numba.core import caching, config

Function = TypeVar("Function", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent.parent
_dispatchers: list[Any] = []
_unkept: list[str] = []


@cache
def sources_digest() -> str:
    """Return a digest of every file of compiled code in the package, in the order of names."""
    digest = hashlib.sha256()
    for source in sorted(_PACKAGE.glob("**/_*_kernels.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


class _WholePackage:
    """A cache locator's stamp that changes with any file of compiled code."""

    def get_source_stamp(self) -> str:
        return sources_digest()


class _Named(_WholePackage, caching.UserProvidedCacheLocator):  # type: ignore[misc]
    """The folder that NUMBA_CACHE_DIR names."""


class _InTree(_WholePackage, caching.InTreeCacheLocator):  # type: ignore[misc]
    """`__pycache__` beside the source."""


class _UserWide(_WholePackage, caching.UserWideCacheLocator):  # type: ignore[misc]
    """The user's cache folder."""


class _Impl(caching.CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes = (_Named, _InTree, _UserWide)


class _Cache(caching.FunctionCache):  # type: ignore[misc]
    _impl_class = _Impl

    @contextmanager
    def _guard_against_spurious_io_errors(self) -> Iterator[None]:
        """Take a file that cannot be read or written for one that is not there."""
        try:
            yield
        except OSError as error:
            _unkept.append(f"{error.filename or self.cache_path}: {error.strerror}")


def compiled(**options: Any) -> Callable[[Function], Function]:
    """Return a decorator that compiles a function without the interpreter, cached.

    `options` are Numba's (`parallel`, `inline`); the global interpreter lock is released.  With
    NUMBA_DISABLE_JIT=1 the function stays as it is.  One whose name begins with an underscore can
    be called by compiled code only: what Python needs to call it takes time to compile, too.
    """

    def decorate(function: Function) -> Function:
        private = function.__name__.startswith("_")
        wrappers = {"no_cfunc_wrapper": True, "no_cpython_wrapper": private}
        dispatcher = njit(nogil=True, **wrappers, **options)(function)
        _dispatchers.append(dispatcher)
        if not config.DISABLE_JIT:
            try:
                dispatcher._cache = _Cache(function)
            except RuntimeError:
                _unkept.append("no folder for it can be written")
        return dispatcher  # type: ignore[no-any-return]

    return decorate


def all_from_cache() -> bool:
    """Return whether everything called so far came from the cache, nothing having been compiled.

    A function being compiled just now counts as not in the cache.
    """
    return not any(d.stats.cache_misses for d in _dispatchers if hasattr(d, "stats"))


def why_uncached() -> str | None:
    """Return in a line why what was compiled is not kept for the next run, or None where it is."""
    if not _unkept or all_from_cache():
        return None
    return f"compiled code is not kept, so every run compiles anew: {_unkept[0]}"


@contextmanager
def on_threads(wanted: int) -> Iterator[None]:
    """Let parallel compiled loops run on `wanted` threads, or on as many as Numba has."""
    before = get_num_threads()
    set_num_threads(max(1, min(wanted, config.NUMBA_NUM_THREADS)))
    try:
        yield
    finally:
        set_num_threads(before)
