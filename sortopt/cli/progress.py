"""Where long work stands, a line now and then on stderr."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sortopt import base
from sortopt.base import Progress
from sortopt.cli import output
from sortopt.report import tables

_PATIENCE = 1.5
"""Seconds after which, and after each of which, it is looked whether a silent start compiles."""


@contextmanager
def progress() -> Iterator[Callable[[Progress], None]]:
    """Yield what a budget reports to: a line on stderr each; say when a start is compiling."""
    spoken, quiet, news = threading.Event(), output.is_quiet(), output.News()

    def report(where: Progress) -> None:
        spoken.set()
        news(where)

    def watch() -> None:
        while not spoken.wait(_PATIENCE):
            if "numba" in sys.modules and not base.all_from_cache():
                spoken.set()
                often = "on every run" if base.why_uncached() else "only on a first run"
                tables.renew(f"compiling the search ({often}) ...")

    if not quiet:
        threading.Thread(target=watch, daemon=True).start()
    try:
        yield report
    finally:
        spoken.set()
