"""Time and memory limits, and progress, as one watch that a long search calls between rounds."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sortopt.base.errors import LimitReached


@dataclass(frozen=True, slots=True)
class WatchProgress:
    """Where a search stands: states of the newest level and in all, and bytes held."""

    limit: int
    depth: int
    level_states: int
    states: int
    nbytes: int


@dataclass
class Watch:
    """Raise LimitReached when `time_limit` (seconds) or `memory_limit` (bytes) is passed.

    Memory is the peak of the whole process, so a limit that was passed once stays passed.
    `report` is called with a line of progress at most every `every` seconds, and not in the
    first `every` seconds, so that short searches stay silent.
    """

    time_limit: float | None = None
    memory_limit: int | None = None
    report: Callable[[str], None] | None = None
    every: float = 2.0
    began: float = field(default_factory=time.perf_counter)
    _reported: float = field(default_factory=time.perf_counter)

    def __call__(self, progress: WatchProgress) -> None:
        """Check the limits and report `progress`."""
        now = time.perf_counter()
        if self.report is not None and now - self._reported >= self.every:
            self._reported = now
            self.report(
                f"limit {progress.limit}: level {progress.depth}, {progress.level_states:,} states "
                f"on it, {progress.states:,} in all, {progress.nbytes >> 20:,} MiB, "
                f"{now - self.began:.0f} s"
            )
        self.check()

    def note(self, line: str) -> None:
        """Report one line about what was settled, not too often, and check the limits."""
        now = time.perf_counter()
        if self.report is not None and now - self._reported >= self.every:
            self._reported = now
            self.report(line)
        self.check()

    def check(self) -> None:
        """Raise LimitReached where a limit is passed."""
        seconds = time.perf_counter() - self.began
        if self.time_limit is not None and seconds > self.time_limit:
            raise LimitReached(
                f"the time limit of {self.time_limit:g} s is reached", hint="raise --time-limit"
            )
        if self.memory_limit is not None and peak_memory() > self.memory_limit:
            raise LimitReached(
                f"the memory limit of {self.memory_limit / 2**30:.4g} GiB is reached",
                hint="raise --memory-limit",
            )

    @property
    def seconds(self) -> float:
        """The time since the watch was made, in seconds."""
        return time.perf_counter() - self.began


def peak_memory() -> int:
    """Return the most memory this process has held, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
