#!/usr/bin/env python3
"""Judge what compilers make of sorts as people write them: proved, refuted, or refused and why.

    python scripts/compilers.py --results docs/results/compilers.json

Compiles the functions of scripts/sources at -O0 to -O3 with every compiler that is installed, and
judges each from its object file.  A comment before a function says whether it is right, and how it
is to be read.  Exit status 1 where a verdict is wrong: a faulty function proved, a right one
refuted.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import measured
import tables

from sortopt.base import ExitCode, InputError
from sortopt.cli.app import run

SOURCES = measured.ROOT / "scripts" / "sources"
LEVELS = ("0", "1", "2", "3")
NO_VERDICT = (ExitCode.UNKNOWN, ExitCode.BAD_INPUT)
"""With which exit status a function may go without a verdict; any other is a bug."""

_SHAPE = re.compile(r"// (right|faulty) (\{.*\}) (.+)\n(?:#\[.*\]\n)?.*?(\w+)\(")


@dataclass(frozen=True, slots=True)
class Compiler:
    """A compiler: its command, the suffix of its sources, and its options at a level.

    `buffer` and `second` are the registers of a function's first argument, and of a number next,
    `end` that of an address.
    """

    command: str
    suffix: str
    options: tuple[str, ...] = ("-c", "-w", "-O{level}")
    buffer: str = "rdi"
    second: str = "esi"
    end: str = "rsi"

    @property
    def version(self) -> str:
        """What it says of itself, in one line."""
        said = subprocess.run([self.command, "--version"], capture_output=True, text=True)
        return said.stdout.partition("\n")[0]

    def compile(self, source: Path, level: str, target: Path) -> None:
        """Compile `source` at -O`level` to the object file `target`."""
        options = [option.format(level=level) for option in self.options]
        subprocess.run([self.command, *options, source, "-o", target], check=True)


COMPILERS = (
    Compiler("gcc", ".c"),
    Compiler("clang", ".c"),
    Compiler("aarch64-linux-gnu-gcc", ".c", buffer="x0", second="w1", end="x1"),
    Compiler("riscv64-linux-gnu-gcc", ".c", ("-c", "-w", "-march=rv64gc_zbb", "-O{level}"),
             "a0", "a1", "a1"),
    Compiler("g++", ".cc"),
    Compiler("clang++", ".cc"),
    Compiler("rustc", ".rs",
             ("--crate-type=lib", "--emit=obj", "--edition=2024", "-Copt-level={level}")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """A function of the sources: whether it is right, what it does, and how to judge it."""

    name: str
    right: bool
    what: str
    options: dict[str, Any] = field(default_factory=dict)

    def given(self, compiler: Compiler) -> Iterator[str]:
        """Yield the options with which what a compiler makes of it is judged."""
        for name, value in self.options.items():
            yield f"--{name.replace('_', '-')}"
            if value is not True:
                registers = {"buffer": compiler.buffer, "second": compiler.second}
                yield value.format(**registers, end=compiler.end)


def shapes(source: Path) -> list[Shape]:
    """Return the functions of a source file, from the comments before them."""
    found = _SHAPE.findall(source.read_text(encoding="utf-8"))
    return [Shape(name, said == "right", what, json.loads(o)) for said, o, what, name in found]


def answer(path: Path, function: str, options: Sequence[str]) -> dict[str, Any]:
    """Return what `sortopt verify --json` prints of a function of a file."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(io.StringIO()):
        run(["verify", str(path), "--function", function, "--json", *options])
    found: dict[str, Any] = json.loads(said.getvalue())
    return found


def judged(path: Path, shape: Shape, compiler: Compiler = COMPILERS[0]) -> dict[str, Any]:
    """Return what `sortopt verify` says of a function of an object or assembly file.

    Where it is refused, why and what helps; `wrong` says that the verdict contradicts what is known
    of the function, or that there is none because of a bug.
    """
    found = answer(path, shape.name, [*shape.given(compiler)])
    if "error" in found:
        error = found["error"]
        status = error["exit_status"]
        return {
            "verdict": "unknown" if status == ExitCode.UNKNOWN else "refused",
            "reason": error["message"],
            "hint": error["hint"],
            "wrong": status not in NO_VERDICT,
        }
    verdict = found["verdict"]
    wrong = verdict == ("refuted" if shape.right else "proved")
    return {"verdict": verdict, "reason": None, "hint": None, "wrong": wrong}


def figures(compiler: Compiler, folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the verdicts on all functions that a compiler has a source file for."""
    source, version = SOURCES / f"shapes{compiler.suffix}", compiler.version
    for level in LEVELS:
        target = folder / f"{compiler.command}-{level}.o"
        compiler.compile(source, level, target)
        for shape in shapes(source):
            yield {
                "function": shape.name, "right": shape.right, "what": shape.what,
                "compiler": compiler.command, "version": version, "level": level,
                **judged(target, shape, compiler),
            }  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Judge all, print the tables, and name the verdicts that are wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", metavar="COMPILER", help="one compiler, for example gcc")
    measured.add_options(parser)
    options = parser.parse_args(arguments)
    measured.check_options(options)
    here = [c for c in COMPILERS if options.only in (None, c.command) and shutil.which(c.command)]
    if not here:
        known = ", ".join(compiler.command for compiler in COMPILERS)
        raise InputError("no such compiler is installed", hint=f"install one of {known}")
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for compiler in here:
            found += figures(compiler, Path(folder))
            measured.result(options, found, ["scripts/compilers.py", *arguments])
    print(tables.compilers(found))
    for figure in (wrong := [figure for figure in found if figure["wrong"]]):
        where = f"{figure['compiler']} -O{figure['level']}"
        print(f"wrong: {figure['function']} ({where}) is {figure['verdict']}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    measured.main(main)
