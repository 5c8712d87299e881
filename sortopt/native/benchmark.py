"""Benchmarks: kernels and rivals timed against each other, round by round, in random order."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sortopt.base import UNLIMITED, Budget, InputError, Progress, Shown
from sortopt.model import Kernel, KeyType, key_type
from sortopt.native import compiler, paired
from sortopt.native.code import Layout, module
from sortopt.native.options import (
    DISTRIBUTIONS,
    FEWEST_ROUNDS,
    MERGESORT,
    QUICKSORT,
    SETTINGS,
    STANDALONE,
    Options,
)
from sortopt.native.paired import Paired, Spread, compare, spread
from sortopt.native.process import Process
from sortopt.native.subjects import Subject, harness, of_kernel, rivals
from sortopt.native.work import Assemble, Features, Load, Measure, Workload

GROUPS = 8192
"""The groups that one timed standalone call sorts."""
ARRAY = 16384
"""The keys that one timed embedded call sorts."""

COPIES = 4
"""The copies of each subject's code, in different places, that take turns."""


@dataclass(frozen=True, slots=True)
class Result:
    """One setting and distribution: a spread for each subject, and the paired verdicts.

    Times are in nanoseconds, a group standalone and a key embedded (`unit`).  `verdicts` are on
    all pairs of `names`, whose indices they use.
    """

    setting: str
    distribution: str
    unit: str
    names: tuple[str, ...]
    times: tuple[Spread, ...]
    verdicts: tuple[Paired, ...]

    def ratio(self, fast: str, slow: str) -> Paired:
        """Return the verdict on two subjects by name, whichever of them is the faster."""
        wanted = {self.names.index(fast), self.names.index(slow)}
        return next(v for v in self.verdicts if {v.fast, v.slow} == wanted)


@dataclass(frozen=True, slots=True)
class Report(Shown):
    """What a benchmark found, and on what: CPU, compilers, options, subjects, results.

    `notes` say what was left out and why.
    """

    n: int
    options: Options
    cpu: str
    compilers: tuple[str, ...]
    subjects: tuple[Subject, ...]
    results: tuple[Result, ...]
    notes: tuple[str, ...]
    test: str = paired.TEST


def bench(
    kernels: Sequence[tuple[str, Kernel]],
    options: Options | None = None,
    *,
    budget: Budget = UNLIMITED,
) -> Report:
    """Time `kernels`, given with their names, against each other and the rivals asked for.

    All must sort the same number of keys.  Everything is compiled by the machine's C compiler
    with the same flags; without one, kernels alone are assembled in memory and timed standalone.
    What does not sort its keys is never timed.  Raises InputError where there is nothing to
    compare with, names clash, or this CPU cannot run a kernel, and LimitReached.
    """
    options = options or Options()
    key = key_type(options.key)
    n = _keys_of(kernels)
    _check_options(options)
    subjects = [s for name, kernel in kernels for s in of_kernel(name, kernel, key)]
    subjects += rivals(options.against, n, key)
    _check_names(subjects)
    with Process(budget) as process, TemporaryDirectory(prefix="sortopt-bench-") as folder:
        for isa in {s.kernel.isa for s in subjects if s.kernel}:
            process.require(isa)
        _, cpu, _ = process.ask(Features())
        budget.tell(Progress(f"compiling: {', '.join(subject.name for subject in subjects)}"))
        subjects, settings, compilers, notes = _prepare(
            process, subjects, key, options, Path(folder)
        )
        results = []
        for setting in settings:
            for distribution in options.distributions:
                budget.tell(Progress(f"{setting}, {distribution} keys, {options.rounds} rounds"))
                results.append(_measure(process, subjects, setting, distribution, options))
    where = f"{processor()} ({cpu}, frequency governor {_governor()})"
    return Report(n, options, where, compilers, tuple(subjects), tuple(results), tuple(notes))


def processor() -> str:
    """Return what the processor calls itself."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _governor() -> str:
    """Return what chooses the processor's frequency, as far as Linux says."""
    path = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    return path.read_text(encoding="utf-8").strip() if path.is_file() else "unknown"


def short_names(paths: Sequence[str | PathLike[str]]) -> list[str]:
    """Return a name for each kernel file: its own without suffix, its path where two clash."""
    short = [Path(path).stem for path in paths]
    return [
        str(path) if short.count(name) > 1 else name
        for path, name in zip(paths, short, strict=True)
    ]


def _keys_of(kernels: Sequence[tuple[str, Kernel]]) -> int:
    """Return the number of keys that all `kernels` sort."""
    if not kernels:
        raise InputError("there is no kernel to time")
    first, one = kernels[0]
    for name, kernel in kernels:
        if kernel.n != one.n:
            raise InputError(
                f"{name} sorts {kernel.n} keys, {first} sorts {one.n}",
                hint="time kernels of one size together",
            )
    if one.n < 2:
        raise InputError(f"{first} sorts one key; there is nothing to time")
    return one.n


def _check_options(options: Options) -> None:
    for what, given, known in (
        ("setting", options.settings, SETTINGS),
        ("distribution", options.distributions, DISTRIBUTIONS),
    ):
        for name in given:
            if name not in known:
                raise InputError(f"unknown {what} {name!r}", hint=f"use some of {', '.join(known)}")
    if options.rounds < FEWEST_ROUNDS:
        raise InputError(
            f"{options.rounds} rounds show nothing", hint=f"use {FEWEST_ROUNDS} or more"
        )


def _check_names(subjects: Sequence[Subject]) -> None:
    names = [subject.name for subject in subjects]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two subjects are called {name!r}", hint="rename a file")


def _prepare(
    process: Process, subjects: list[Subject], key: KeyType, options: Options, folder: Path
) -> tuple[list[Subject], tuple[str, ...], tuple[str, ...], list[str]]:
    """Load the subjects into the child; return those left, the settings, compilers and notes.

    What a compiler chooses the instructions of is compiled by each that is installed.
    """
    found = {language: compiler.installed(language) for language in ("c", "c++")}
    if not found["c"]:
        return _prepare_without_compiler(process, subjects, key)
    kept, notes, used = list[Subject](), [], []
    for subject in subjects:
        several = found[subject.language]
        if not several:
            notes.append(f"{subject.name} is left out: there is no {subject.language} compiler")
        for chosen in several if subject.kernel is None else several[:1]:
            if chosen.version not in used:
                used.append(chosen.version)
            other = chosen is not several[0]
            name = f"{subject.name}, {Path(chosen.command[0]).name}" if other else subject.name
            library = chosen.build(harness(subject, key), f"subject{len(kept)}", folder)
            kept.append(replace(subject, name=name))
            _load(process, kept[-1], library)
    flags = " ".join(compiler.FLAGS)
    return kept, options.settings, tuple(f"{version}, {flags}" for version in used), notes


def _load(process: Process, subject: Subject, library: Path) -> None:
    """Load COPIES copies of a library into the child."""
    for copy in range(COPIES):
        place = library.with_suffix(f".{copy}.so")
        shutil.copyfile(library, place)
        settings = {STANDALONE: "standalone"}
        if not subject.columns:
            settings |= {s: f"embedded_{s}" for s in (QUICKSORT, MERGESORT)}
        symbols = [(_name(subject, setting, copy), s) for setting, s in settings.items()]
        process.ask(Load(str(place), tuple(symbols)))


def _name(subject: Subject, setting: str, copy: int) -> str:
    """Return what the child calls a function."""
    return f"{subject.name} {setting} {copy}"


def _prepare_without_compiler(
    process: Process, subjects: list[Subject], key: KeyType
) -> tuple[list[Subject], tuple[str, ...], tuple[str, ...], list[str]]:
    notes = [
        "there is no C compiler: kernels are assembled in memory and timed standalone only "
        "(install gcc or clang, or set $CC)"
    ]
    kept = [s for s in subjects if s.kernel is not None]
    for subject in kept:
        assert subject.kernel is not None
        layout = Layout.COLUMNS if subject.columns else Layout.ROWS
        text = module([("kernel", subject.kernel)], key, layout)
        for copy in range(COPIES):
            process.ask(Assemble(text, ("kernel",), (_name(subject, STANDALONE, copy),)))
    notes += [f"{s.name} is left out: it needs a compiler" for s in subjects if s.kernel is None]
    return kept, (STANDALONE,), ("LLVM, in memory",), notes


def _measure(
    process: Process,
    subjects: Sequence[Subject],
    setting: str,
    distribution: str,
    options: Options,
) -> Result:
    """Time all subjects that run in `setting`."""
    standalone = setting == STANDALONE
    running = [s for s in subjects if standalone or not s.columns]
    plan = []
    for subject in running:
        if standalone:
            work = Workload(distribution, subject.n, GROUPS, options.key, subject.lanes)
            count = GROUPS // subject.lanes
        else:
            work, count = Workload(distribution, ARRAY, 1, options.key), ARRAY
        names = tuple(_name(subject, setting, copy) for copy in range(COPIES))
        plan.append((names, work, count))
    times = process.ask(Measure(tuple(plan), options.rounds, options.seed))
    times = np.asarray(times) / (GROUPS if standalone else ARRAY)
    pairs = [(a, b) for a in range(len(running)) for b in range(a + 1, len(running))]
    return Result(
        setting,
        distribution,
        "ns a sort" if standalone else "ns a key",
        tuple(subject.name for subject in running),
        tuple(spread(row) for row in times),
        compare(times, pairs),
    )
