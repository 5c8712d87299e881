"""Assembly text to an ELF object file, by LLVM's assembler in a child process.

A text that LLVM cannot read ends the process that reads it; so that is a child, with limits on
time and memory.  The text is only assembled: nothing of it is executed.
"""

from __future__ import annotations

import re
import subprocess
import sys

from sortopt.base import InputError
from sortopt.native.process import environment

SECONDS = 30
"""How long the assembler may take."""

_FAULT = re.compile(r"<inline asm>:(\d+):(\d+): (?:error: )?(.*)")


class AssemblyError(InputError):
    """LLVM cannot read the text; `line` and `column`, from 1, say where, None where unknown."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def assemble(text: str) -> bytes:
    """Return the x86-64 ELF object file of `text`, in the syntax that its directives choose.

    AT&T unless it says `.intel_syntax noprefix`.  Raises AssemblyError at the first fault, and
    InputError where there is no assembler for x86-64.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "sortopt.native.assembler_child"],
            env=environment(),
            input=text.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise AssemblyError(f"assembling took more than {SECONDS} s") from None
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode(errors="replace")
    fault = _FAULT.search(said)
    if fault:
        raise AssemblyError(f"the assembler says: {fault[3]}", int(fault[1]), int(fault[2]))
    last = (said.strip().splitlines() or [f"status {done.returncode}"])[-1]
    raise AssemblyError(f"the assembler failed: {last[:200]}")
