"""The machine's C and C++ compilers, for what is to be timed as a compiler makes it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sortopt.base import InputError

FLAGS = ("-O2", "-fno-strict-aliasing", "-falign-functions=64", "-falign-loops=64")
"""What everything timed is compiled with."""

_CANDIDATES = {
    "c": ("CC", ("cc", "gcc", "clang")),
    "c++": ("CXX", ("c++", "g++", "clang++")),
}
_SUFFIX = {"c": ".c", "c++": ".cpp"}


@dataclass(frozen=True, slots=True)
class Compiler:
    """A compiler: the language, "c" or "c++", how to call it, and its own first line."""

    language: str
    command: tuple[str, ...]
    version: str

    def build(self, source: str, stem: str, folder: Path, *, shared: bool = True) -> Path:
        """Compile `source` to a shared library in `folder`, or an object file; return its path.

        Raises InputError with the compiler's first complaint where it fails.
        """
        text = folder / f"{stem}{_SUFFIX[self.language]}"
        made = folder / (f"{stem}.so" if shared else f"{stem}.o")
        kind = ["-shared", "-fPIC"] if shared else ["-c"]
        try:
            text.write_text(source, encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot write {text}: {error.strerror}") from None
        done = subprocess.run(
            [*self.command, *FLAGS, *kind, str(text), "-o", str(made)],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            said = [line for line in done.stderr.splitlines() if "error" in line.lower()]
            reason = (said or done.stderr.splitlines() or [f"status {done.returncode}"])[0]
            raise InputError(f"{self.command[0]} failed on {stem}: {reason}")
        return made


def find(language: str) -> Compiler | None:
    """Return the first compiler of `installed`; None where there is none."""
    return next(iter(installed(language)), None)


def installed(language: str) -> list[Compiler]:
    """Return the compilers for "c" or "c++": $CC or $CXX, else all that are installed.

    One that is there under two names comes once.  Raises InputError where the variable names one
    that cannot be run.
    """
    variable, names = _CANDIDATES[language]
    told = shlex.split(os.environ.get(variable, ""))
    if told:
        if shutil.which(told[0]) is None:
            raise InputError(f"${variable} names {told[0]}, which cannot be run")
        return [Compiler(language, tuple(told), _version(told))]
    found: dict[Path, Compiler] = {}
    for name in names:
        if path := shutil.which(name):
            found.setdefault(Path(path).resolve(), Compiler(language, (path,), _version([path])))
    return [*found.values()]


def _version(command: list[str]) -> str:
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
    return (done.stdout.splitlines() or ["unknown version"])[0]
