"""Judge many kernel files, in parallel: every one by all weak orders, all or a sample by Z3."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from glob import glob
from os import PathLike
from pathlib import Path

from sortopt import objects
from sortopt.base import UNLIMITED, Budget, InputError, SortoptError, end_with_parent
from sortopt.formats import KernelFile, SeveralKernels
from sortopt.model import Counterexample, Judgement, Refuted, Unsafe
from sortopt.tasks.check import judge_file
from sortopt.tasks.paths import verify_paths
from sortopt.verify import METHODS, WEAK_ORDERS

SAMPLE = 100
"""How many files Z3 judges too where not all are to be judged by both proofs."""

FAULTY = "faulty"
"""The verdict over a file that holds no readable kernel."""

SUFFIXES = (".asm", ".s", ".cgo")
"""What the names of kernel files end in: our dialect, AT&T text, CGO'25 text."""

_KINDS = (*SUFFIXES, ".S", ".o")
_CHUNK = 10
"""Files that a process judges at a time; as many are waited for after Ctrl-C."""
_FEW = 100
"""As many files as one process judges about as fast as several."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found of one file: `verdict` is proved, refuted, unsafe, unknown or faulty.

    `problem` is the first line of what is wrong with a faulty or unsafe file, or why a verdict is
    unknown;
    `methods` are the proofs that decided it; `expect` is what the file's header says.
    """

    path: str
    verdict: str
    n: int | None = None
    length: int | None = None
    memory_moves: int = 0
    counterexample: Counterexample | None = None
    problem: str | None = None
    methods: tuple[str, ...] = ()
    expect: str | None = None

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that the file expects, a proof where it says nothing."""
        return self.verdict == (self.expect or "proved")


@dataclass(frozen=True, slots=True)
class Plan:
    """Which files to judge, and which of them by both proofs.

    `texts` stands in for what files hold, by their name.
    """

    paths: tuple[str, ...]
    sample: frozenset[str]
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether every file is judged by both proofs."""
        return len(self.sample) == len(self.paths)

    def part(self, paths: Sequence[str]) -> Plan:
        """Return the plan for some of the files."""
        texts = {path: self.texts[path] for path in paths if path in self.texts}
        return Plan(tuple(paths), self.sample.intersection(paths), texts)


def plan_folder(folder: str | PathLike[str], *, both: bool = False) -> Plan:
    """Plan to judge every kernel file in a folder, those in its folders too.

    Unless `both`, Z3 judges a sample of `SAMPLE` files spread evenly over their names.  Raises
    InputError where `folder` is none or holds no kernel file.
    """
    root = Path(folder)
    if not root.is_dir():
        raise InputError(f"there is no folder {folder}", hint="--all-of takes a folder of kernels")
    paths = tuple(str(p) for p in sorted(root.rglob("*")) if p.suffix in _KINDS and p.is_file())
    if not paths:
        raise InputError(f"{folder} holds no kernel file ({', '.join(_KINDS)})")
    return Plan(paths, _sample(paths, both=both))


def plan_files(names: Sequence[str], *, both: bool = False) -> Plan:
    """Plan to judge the files that are named, of a pattern such as `kernels/*.asm` all that fit.

    Raises InputError where none fits.
    """
    found: dict[str, None] = {}
    for name in names:
        fitting = [name] if Path(name).exists() else sorted(glob(name, recursive=True))
        if not fitting:
            raise InputError(f"there is no file {name}", hint="check its name")
        found.update(dict.fromkeys(fitting))
    return Plan(tuple(found), _sample(tuple(found), both=both))


def plan_kernels(found: SeveralKernels, *, both: bool = False) -> Plan:
    """Plan to judge every kernel of a file, as `plan_folder` every file."""
    paths = tuple(found.texts)
    return Plan(paths, _sample(paths, both=both), found.texts)


def _sample(paths: Sequence[str], *, both: bool) -> frozenset[str]:
    if both or len(paths) <= SAMPLE:
        return frozenset(paths)
    step = len(paths) / SAMPLE
    return frozenset(paths[int(i * step)] for i in range(SAMPLE))


def judge_folder(
    planned: Plan, jobs: int | None = None, budget: Budget = UNLIMITED
) -> Iterator[Outcome]:
    """Yield the outcome of every file as it is found, in no particular order.

    `jobs` is the number of processes, by default one a core; few files are judged in this one.
    All files together may spend the `budget`; when it is out, the rest is unknown.
    """
    if jobs == 1 or (jobs is None and len(planned.paths) <= _FEW):
        for path in planned.paths:
            text = planned.texts.get(path)
            yield outcome(path, both=path in planned.sample, budget=budget, text=text)
        return
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_context

    chunks = [planned.paths[i : i + _CHUNK] for i in range(0, len(planned.paths), _CHUNK)]
    pool = ProcessPoolExecutor(
        jobs or budget.cores, get_context("spawn"), _start_worker, (os.getpid(),)
    )
    silent = replace(budget, report=None)
    try:
        running = [pool.submit(_outcomes, planned.part(chunk), silent) for chunk in chunks]
        for done in as_completed(running):
            yield from done.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start_worker(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(parent)


def _outcomes(planned: Plan, budget: Budget) -> list[Outcome]:
    return list(judge_folder(planned, 1, budget))


def outcome(
    path: str, *, both: bool, budget: Budget = UNLIMITED, text: str | None = None
) -> Outcome:
    """Judge one file, by both proofs or by weak orders alone; never raises for a faulty file.

    `text` stands in for what it holds.
    """
    methods = METHODS if both else (WEAK_ORDERS,)
    if budget.out:
        return Outcome(path, "unknown", problem="out of time")
    try:
        file = objects.read(path, text=text)
        judgement = judge_file(file, methods=methods, budget=budget)
    except objects.Branches as branches:
        return _of_paths(path, branches, budget)
    except SortoptError as error:
        return Outcome(path, FAULTY, problem=error.render().splitlines()[0])
    judged = _judged(path, file, judgement)
    return replace(judged, length=len(file.kernel), memory_moves=file.kernel.memory_moves)


def _of_paths(path: str, branches: objects.Branches, budget: Budget) -> Outcome:
    """Judge a function that branches, which has no length, by both proofs."""
    try:
        judgement = verify_paths(path, branches, budget=budget).judgement
    except SortoptError as error:
        return Outcome(path, FAULTY, problem=error.render().splitlines()[0])
    return _judged(path, branches.file, judgement)


def _judged(path: str, file: KernelFile, judgement: Judgement) -> Outcome:
    verdict = judgement.verdict
    return Outcome(
        path,
        verdict.name,
        file.kernel.n,
        counterexample=verdict.counterexample if isinstance(verdict, Refuted) else None,
        problem=verdict.breaches[0].message
        if isinstance(verdict, Unsafe)
        else getattr(verdict, "reason", None),
        methods=judgement.decisive,
        expect=file.expect,
    )
