"""What the benchmark scripts share: a command measured in a process of its own, and the machine."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that ended: exit status, standard output, seconds, and peak memory in bytes."""

    status: int
    text: bytes
    wall: float
    peak: int


def run(
    command: Sequence[str], limit: float, *, folder: Path | None = None, quiet: bool = False
) -> Finished:
    """Run `command` in `folder` and measure it; it is killed after `limit` seconds.

    With `quiet` what it writes to standard error is dropped.
    """
    began = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        err = subprocess.DEVNULL if quiet else None
        child = subprocess.Popen(command, stdout=out, stderr=err, cwd=folder)
        killer = threading.Timer(limit, child.kill)
        killer.start()
        try:
            _, waited, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            raise
        finally:
            killer.cancel()
        wall = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(waited)
        out.seek(0)
        text = out.read()
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Finished(child.returncode, text, wall, peak)


def cpu() -> str:
    """Return what the processor calls itself."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
