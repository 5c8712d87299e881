"""Child processes that end with their parent, also where that is killed."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
"""What Linux's prctl calls "the signal that I get when my parent ends"."""


def end_with_parent(parent: int) -> None:
    """Let this process be killed as soon as `parent`, which started it, has ended.

    Parent is, to Linux, the thread that started it, so that must live as long.  Elsewhere than on
    Linux a child ends when it next reads from its parent, or writes to it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended already
        os._exit(1)
