"""Work in parts on several cores, with a look at the budget after each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sortopt.base import Budget, Progress

Result = TypeVar("Result")


def in_parts(
    function: Callable[..., Result], parts: Sequence[tuple[Any, ...]], budget: Budget, doing: str
) -> Iterator[Result]:
    """Yield function(*part) for each of `parts`, in sequence; `doing` says in words what it is.

    Raises LimitReached; then, and where the caller stops early, parts not begun are dropped.
    """
    pool = ThreadPoolExecutor(budget.cores)
    try:
        futures = [pool.submit(function, *part) for part in parts]
        for done, future in enumerate(futures, 1):
            yield future.result()
            budget.tell(Progress(doing, done=done, total=len(parts)))
    finally:
        pool.shutdown(cancel_futures=True)
