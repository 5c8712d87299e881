"""Assembly text of another machine to an ELF object file, by GNU's cross assembler."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from sortopt.base import InputError
from sortopt.model import Machine
from sortopt.native.assembler import SECONDS, AssemblyError
from sortopt.targets import ISAS

_FAULT = re.compile(r"^\{standard input\}:(\d+): (?:Error|Fatal error): (.*)", re.M)


def cross_assemble(text: str, machine: Machine) -> bytes:
    """Return the ELF object file that GNU's assembler for `machine` makes of `text`.

    Raises AssemblyError at the first fault, InputError where the assembler is not installed.
    """
    tool = shutil.which(f"{machine.tools}-as")
    if tool is None:
        raise InputError(
            f"assembling {machine.name} text needs {machine.tools}-as, which is not installed",
            hint=f"install it (Debian: apt install {machine.packages[0]}), or hand in the "
            "instructions alone, or an object file",
        )
    sets = (isa.assembly for isa in ISAS.values() if isa.machine is machine)
    needed = "".join(f"{known.prologue};" for known in sets if known and known.prologue)
    try:
        return _assembled(tool, needed + text)
    except AssemblyError:  # this assembler, or this text, may not know all extensions
        return _assembled(tool, text)


def _assembled(tool: str, text: str) -> bytes:
    with TemporaryDirectory(prefix="sortopt-assembled-") as folder:
        made = Path(folder) / "text.o"
        try:
            done = subprocess.run(
                [tool, "-o", str(made), "-"], input=text.encode(), capture_output=True,
                timeout=SECONDS, check=False, cwd=folder,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise AssemblyError(f"assembling took more than {SECONDS} s") from None
        said = done.stderr.decode(errors="replace")
        fault = _FAULT.search(said)
        if fault:
            raise AssemblyError(f"the assembler says: {fault[2]}", int(fault[1]))
        if done.returncode != 0:
            raise AssemblyError(f"the assembler failed: {said.strip()[:200]}")
        return made.read_bytes()
