"""Assembly text, or LLVM IR, to an ELF object file, by LLVM in a child process.

A text that LLVM cannot read ends the process that reads it; so that is a child, with limits on
time and memory.  The text is only compiled: nothing of it is executed.
"""

from __future__ import annotations

import atexit
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache
from threading import Lock, Timer

from sortopt.base import InputError
from sortopt.native.process import environment

SECONDS = 60
"""How long the assembler may take for one text."""

_SPECIAL = re.compile(rb'[^ -~]|["\\]')
_FAULT = re.compile(
    r"^(?:error: )?(?P<name>\S.*?):(?P<line>[1-9]\d*):(?P<column>\d+): (?!warning)(?:error: )?"
    r"(?P<what>.*)|^(?:error|LLVM ERROR): (?:<unknown>:0: )?(?P<plain>.*)",
    re.M,
)
"""A fault as LLVM tells it: `error: <inline asm>:1:5: what`, with or without a place."""


class AssemblyError(InputError):
    """LLVM cannot read the text; `line` and `column`, from 1, say where, None where unknown."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def assemble(text: str) -> bytes:
    """Return the x86-64 ELF object file of `text`, in the syntax that its directives choose.

    AT&T unless it says `.intel_syntax noprefix`.  Raises AssemblyError at the first fault.
    """
    return _compiled(f'module asm "{_escaped(text)}"\n', "<inline asm>", "the assembler says")


def compile_ir(text: str) -> bytes:
    """Return the x86-64 ELF object file of LLVM IR; raises AssemblyError at the first fault."""
    return _compiled(text, "<string>", "LLVM says")


def _escaped(text: str) -> str:
    """Write `text` as LLVM IR writes a string, its UTF-8 bytes outside plain ASCII as hex."""
    return _SPECIAL.sub(lambda match: b"\\%02X" % match[0][0], text.encode()).decode()


def _compiled(text: str, name: str, says: str) -> bytes:
    """Compile LLVM IR; `name` is what LLVM calls the text in which faults are placed."""
    done, answer = _assembler(os.getpid()).answer(text.encode())
    if done:
        return answer
    said = answer.decode(errors="replace")
    fault = _FAULT.search(said)
    if fault is None:
        last = (said.strip().splitlines() or ["its process ended"])[-1]
        raise AssemblyError(f"the assembler failed: {last[:200]}")
    what = fault["what"] or fault["plain"]
    message = f"{says}: {what[:200]}"
    if fault["name"] == name:
        raise AssemblyError(message, int(fault["line"]), int(fault["column"]))
    raise AssemblyError(message + (" (in a macro)" if fault["name"] == "<instantiation>" else ""))


class _Assembler:
    """The child process; started anew after it was ended."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._start()
        atexit.register(self._end)

    def _start(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "sortopt.native.assembler_child"],
            env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def _end(self) -> None:
        with suppress(OSError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.communicate()

    def answer(self, text: bytes) -> tuple[bool, bytes]:
        """Return whether `text` was assembled, and the object file or what LLVM said."""
        with self._lock:
            clock = Timer(SECONDS, os.killpg, (self._child.pid, signal.SIGKILL))
            clock.start()
            try:
                return self._ask(text)
            except (OSError, IndexError):
                self._end()
                self._start()
                return False, b""
            finally:
                clock.cancel()

    def _ask(self, text: bytes) -> tuple[bool, bytes]:
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.write(len(text).to_bytes(8, "little") + text)
        self._child.stdin.flush()
        answers = self._child.stdout
        failed = answers.read(1)[0]
        return not failed, answers.read(int.from_bytes(answers.read(8), "little"))


@cache
def _assembler(process: int) -> _Assembler:
    """Return the assembler of the process with the number `process`, this one."""
    return _Assembler()
