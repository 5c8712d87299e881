"""The parent's side of the child process: start it, ask it, survive its end."""

from __future__ import annotations

import contextlib
import os
import pickle
import platform
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from types import TracebackType
from typing import Any

from sortopt.base import UNLIMITED, Budget, InputError, SortoptError
from sortopt.model import Isa
from sortopt.native.work import Failure, Features, Request
from sortopt.targets import MACHINES


def environment() -> dict[str, str]:
    """Return the environment in which the child finds this package, and nothing of the folder
    that the user happens to be in.
    """
    package = str(Path(__file__).parents[2])
    paths = [package, os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


class NativeError(SortoptError):
    """The child process ended or failed: a bug in sortopt or a fault of the machine."""


class Process:
    """A child process that runs machine code; a context manager that ends it.

    The child ends with the budget, whatever it does.
    """

    def __init__(self, budget: Budget = UNLIMITED) -> None:
        """Start the child.  Raises InputError where no instruction set is of this machine."""
        if not any(platform.machine().lower() in known.aliases for known in MACHINES.values()):
            raise InputError(
                f"kernels run natively on {' and '.join(MACHINES)} only; "
                f"this is {platform.machine()}",
                hint="verify and emit work everywhere",
            )
        self._log = TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "sortopt.native.child", str(os.getpid())],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        self._budget, self._limit = budget, None
        if budget.left is not None:
            self._limit = Timer(budget.left, self._child.kill)
            self._limit.daemon = True
            self._limit.start()

    def ask(self, request: Request) -> Any:
        """Return the child's answer; raises NativeError where it fails or ends, LimitReached."""
        assert self._child.stdin
        assert self._child.stdout
        try:
            pickle.dump(request, self._child.stdin)
            self._child.stdin.flush()
            answer = pickle.load(self._child.stdout)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            self._budget.check()
            raise NativeError(f"native execution ended: {self._last_words()}") from None
        if isinstance(answer, Failure):
            raise NativeError(f"native execution failed: {answer.message}")
        return answer

    def require(self, isa: Isa) -> None:
        """Raise InputError where this CPU lacks what the instructions of `isa` need."""
        architecture, cpu, has = self.ask(Features())
        if architecture.lower() not in isa.machine.aliases:
            raise InputError(
                f"{isa.name} kernels run on {isa.machine.name} only; this is {architecture}",
                hint="verify and emit work everywhere",
            )
        if isa.feature is not None and isa.feature not in has:
            raise InputError(
                f"this CPU ({cpu}) lacks {isa.feature.upper()}, which {isa.name} kernels need",
                hint="use a kernel of conditional moves",
            )

    def _last_words(self) -> str:
        status = self._child.wait()
        self._log.seek(0)
        said = self._log.read().decode(errors="replace").strip().splitlines()
        how = f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
        return f"the child process ended {how}" + (f": {said[-1]}" if said else "")

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._limit is not None:
            self._limit.cancel()
        if kind is not None:
            self._child.kill()
        for stream in (self._child.stdin, self._child.stdout):
            with contextlib.suppress(BrokenPipeError):
                if stream:
                    stream.close()
        self._child.wait()
        self._log.close()


def features() -> tuple[str, frozenset[str]]:
    """Return the name of this machine's CPU and its features; raises InputError as `Process`."""
    with Process() as process:
        _, cpu, has = process.ask(Features())
    return cpu, has
