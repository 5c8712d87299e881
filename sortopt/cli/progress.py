"""Where long work stands, a line now and then on stderr."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sortopt.base import all_from_cache
from sortopt.report import tables

_PATIENCE = 1.5
"""Seconds after which a silent start says that it compiles."""
_EVERY = 2.0
"""Seconds between two lines of progress while kernels are listed."""

_Item = TypeVar("_Item")


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Yield a function that prints a line of progress on stderr; say when a start is compiling."""
    spoken = threading.Event()

    def report(line: str) -> None:
        spoken.set()
        tables.show(line, stderr=True)

    def compiling() -> None:
        if not spoken.is_set() and "numba" in sys.modules and not all_from_cache():
            tables.show("compiling the search (only on a first run) ...", stderr=True)

    timer = threading.Timer(_PATIENCE, compiling)
    timer.daemon = True
    timer.start()
    try:
        yield report
    finally:
        spoken.set()
        timer.cancel()


def counted(items: Iterable[_Item], what: str, report: Callable[[str], None]) -> Iterator[_Item]:
    """Yield `items`; report every few seconds how many have come."""
    reported = time.monotonic()
    for number, item in enumerate(items, 1):
        yield item
        if time.monotonic() - reported >= _EVERY:
            reported = time.monotonic()
            report(f"{number:,} {what}")
