"""A time budget shared by the proofs of one verification."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sortopt.base.errors import LimitReached


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock, in seconds, or never (None)."""

    moment: float | None = None

    @classmethod
    def after(cls, seconds: float | None) -> Deadline:
        """Return the deadline `seconds` from now; None is never."""
        return cls(None if seconds is None else time.monotonic() + seconds)

    def left(self) -> float | None:
        """Return the seconds left, at least 0; None where there is no limit."""
        return None if self.moment is None else max(0.0, self.moment - time.monotonic())

    def check(self) -> None:
        """Raise LimitReached where the time is up."""
        if self.left() == 0.0:
            raise LimitReached("out of time")


NEVER = Deadline()
"""No time limit."""
