"""What long work may spend, and how it tells where it stands: one clock for everybody.

A budget is made where a user's wish enters (a command, a function of `api`) and handed down as it
is to the innermost loop.  That loop calls `check` between rounds, or `tell` where it has news; both
raise LimitReached once time or memory is spent.  Whoever can still use what was found so far
catches STOPS, which is LimitReached and KeyboardInterrupt; nobody else does.
"""

from __future__ import annotations

import math
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sortopt.base.errors import InputError, LimitReached


@dataclass(frozen=True, slots=True)
class Progress:
    """Where long work stands; a field is None where it does not apply.

    `doing` says in words what is under way.  `best` is the shortest length found, `bound` the
    proved lower bound, `limit` the length being searched, `level` the level of that search,
    `level_states` and `states` the states on it and in all, `nbytes` the memory they take, `done`
    of `total` a share of the work; of a search they are its states and an estimate of how many it
    will have.  `seconds`, since the budget began, is filled in by `tell`.
    """

    doing: str
    best: int | None = None
    bound: int | None = None
    limit: int | None = None
    level: int | None = None
    level_states: int | None = None
    states: int | None = None
    nbytes: int | None = None
    done: int | None = None
    total: int | None = None
    seconds: float = 0.0


MOST_THREADS = 1024


@dataclass(slots=True, eq=False)
class Budget:
    """Seconds from `began` on, bytes, and cores; None is as much as there is.

    Memory is the peak of the whole process, so a limit that was passed once stays passed.
    `report` is called at most every `every` seconds, and not in the first, so that short work
    stays silent, unless there is news to tell at once.  Raises InputError where a limit is not
    above zero, or there are more threads than MOST_THREADS.
    """

    seconds: float | None = None
    memory: int | None = None
    threads: int | None = None
    report: Callable[[Progress], None] | None = None
    every: float = 2.0
    began: float = field(default_factory=time.monotonic)
    _reported: float = field(default_factory=time.monotonic, repr=False)

    def __post_init__(self) -> None:
        for name, limit in (
            ("time", self.seconds),
            ("memory", self.memory),
            ("number of threads", self.threads),
        ):
            if limit is not None and not limit > 0:
                raise InputError(f"the {name} allowed must be above zero, not {limit}")
        if self.threads is not None and self.threads > MOST_THREADS:
            raise InputError(f"{self.threads} threads are too many", hint=f"at most {MOST_THREADS}")
        if self.seconds is not None and self.seconds > threading.TIMEOUT_MAX:
            self.seconds = None  # longer than the system's clocks count

    @property
    def cores(self) -> int:
        """The number of threads to use: those wished for, or every core this process may use."""
        if self.threads is not None:
            return self.threads
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1

    @property
    def spent(self) -> float:
        """The seconds since the budget was made or restarted."""
        return time.monotonic() - self.began

    @property
    def left(self) -> float | None:
        """The seconds left, at least 0; None where there is no limit."""
        return None if self.seconds is None else max(0.0, self.seconds - self.spent)

    @property
    def free(self) -> int | None:
        """The bytes that may still be taken, at least 0; None where there is no limit."""
        if self.memory is None:
            return None
        return max(0, self.memory - (held_memory() or peak_memory()))

    @property
    def out(self) -> bool:
        """Whether time or memory is spent."""
        return self._why() is not None

    def restart(self) -> None:
        """Begin the clock anew: what was done so far (loading compiled code) does not count."""
        self.began = self._reported = time.monotonic()

    def share(self, seconds: float | None) -> Budget:
        """Return a budget of at most `seconds` from now on, out of this one."""
        left = [limit for limit in (seconds, self.left) if limit is not None]
        return replace(self, seconds=max(min(left), 1e-9) if left else None, began=time.monotonic())

    def check(self, wanted: int = 0) -> None:
        """Raise LimitReached where time or memory is spent, or `wanted` bytes more would do it."""
        if (error := self._why(wanted)) is not None:
            raise error

    def tell(self, progress: Progress, *, at_once: bool = False) -> None:
        """Report where the work stands, not too often unless `at_once`, and check."""
        now = time.monotonic()
        if self.report is not None and (at_once or now - self._reported >= self.every):
            self._reported = now
            self.report(replace(progress, seconds=self.spent))
        self.check()

    def _why(self, wanted: int = 0) -> LimitReached | None:
        if self.left == 0.0:
            return LimitReached(
                f"the time limit of {self.seconds:g} s is reached", hint="raise --time-limit"
            )
        held = held_memory() + wanted if wanted and self.memory is not None else 0
        if self.memory is not None and max(peak_memory(), held) > self.memory:
            return LimitReached(
                f"the memory limit of {self.memory / 2**30:.4g} GiB is reached",
                hint="raise --memory-limit",
            )
        return None


def bytes_of(gib: float | None) -> int | None:
    """Return a limit on memory in bytes; raises InputError where it is no number above zero."""
    if gib is None:
        return None
    if not (math.isfinite(gib) and gib > 0):
        raise InputError(f"{gib:g} GiB is no memory limit", hint="give a number above zero")
    return max(1, int(gib * 2**30))


UNLIMITED: Budget = Budget()
"""As much as there is, and nobody listens to progress."""

STOPS = (LimitReached, KeyboardInterrupt)
"""What ends long work early."""


INTERRUPTED = "interrupted"
"""Why work stopped that Ctrl-C ended."""


def why_stopped(stop: BaseException) -> str:
    """Return in words why work ended that one of STOPS ended."""
    return stop.message if isinstance(stop, LimitReached) else INTERRUPTED


def raise_if_interrupted(stopped: str | None) -> None:
    """Raise KeyboardInterrupt where Ctrl-C `stopped` a part of the work: so ends the whole."""
    if stopped == INTERRUPTED:
        raise KeyboardInterrupt


def peak_memory() -> int:
    """Return the most memory this process has held, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def held_memory() -> int:
    """Return the memory this process holds now, in bytes; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        return 0
