"""What this machine has of the tools that commands use, and what each missing one would give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import metadata

from sortopt import native
from sortopt.base import InputError, mixed
from sortopt.model import Machine
from sortopt.targets import ISAS, MACHINES

_LIBRARIES = {
    "capstone": ("object files, inline assembly, compilers' text", "asm"),
    "pyelftools": ("object files", "asm"),
    "jinja2": ("report, search --report", "report"),
    "lief": ("object files of macOS and Windows", "objects"),
    "distributed": ("search --cluster", "cluster"),
    "cvc5": ("verify --second-solver cvc5", "solvers"),
    "bitwuzla": ("verify --second-solver bitwuzla", "solvers"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A tool, what it gives, what was found of it, and where that is nothing, how to get it."""

    tool: str
    gives: str
    found: str | None
    advice: str = ""


def examine() -> Iterator[Finding]:
    """Yield what is found of each tool."""
    for language in ("c", "c++"):
        yield _asked(
            f"{language.upper()} compiler",
            "bench against compiled rivals; emit --compiled",
            partial(_version, language),
        )
    yield _asked("llvm-mca", "search --rank mca", native.mca.find)
    for machine in MACHINES.values():
        if not native.is_native(machine):
            yield _asked(
                f"{machine.name} tools",
                f"run {machine.name} kernels here",
                partial(_emulator, machine),
            )
    for name, (gives, extra) in _LIBRARIES.items():
        yield _library(name, gives, extra)
    yield from _cpu()
    yield Finding("compiled code", "no compiling at the start", *_cache())


def _asked(tool: str, gives: str, ask: Callable[[], str]) -> Finding:
    try:
        return Finding(tool, gives, ask())
    except InputError as error:
        return Finding(tool, gives, None, error.hint or error.message)


def _version(language: str) -> str:
    compiler = native.compiler.find(language)
    if compiler is None:
        raise InputError("none is installed", hint="install gcc or clang")
    return compiler.version


def _emulator(machine: Machine) -> str:
    if (error := native.lacking(machine)) is not None:
        raise error
    return f"{machine.tools}-gcc, {machine.emulator[0]}"


def _library(name: str, gives: str, extra: str) -> Finding:
    try:
        return Finding(name, gives, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(name, gives, None, f"pip install 'sortopt[{extra}]'")


def _cpu() -> Iterator[Finding]:
    """Yield which instruction sets of this machine its CPU has."""
    own = [isa for isa in ISAS.values() if native.is_native(isa.machine)]
    if not own:
        return
    cpu, features = native.features()
    for isa in own:
        has = isa.feature is None or isa.feature in features
        gives = f"bench and rank {isa.name} kernels"
        yield Finding(isa.name, gives, cpu if has else None, f"{cpu} lacks {isa.feature}")


def _cache() -> tuple[str | None, str]:
    """Return where compiled code is kept, and how to have it kept."""
    folder = getattr(getattr(mixed, "stats", None), "cache_path", None)
    return folder or None, "set NUMBA_CACHE_DIR to a folder that can be written"
