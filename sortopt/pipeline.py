"""The natural way of data through the house: what commands and `import sortopt` call.

It reads like a table of contents and computes nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

import sortopt.search as search_package
from sortopt import formats, objects
from sortopt.callable_package import make_callable
from sortopt.errors import InputError, LimitReached
from sortopt.formats import KernelFile
from sortopt.goal import parse_goal
from sortopt.isa import ISAS, Isa
from sortopt.kernel import Kernel
from sortopt.orders import ALWAYS, Precondition, parse_precondition
from sortopt.verdict import Judgement, Proved, Refuted, Unknown
from sortopt.verify import claim, counterexample, verify
from sortopt.verify.claim import Report as ClaimReport
from sortopt.verify.explain import Explanation, explain
from sortopt.verify.preconditions import weakest_preconditions

if TYPE_CHECKING:
    from sortopt.branchless import Kept
    from sortopt.finding import Answer
    from sortopt.library import Chosen
    from sortopt.native.bench import Options as BenchOptions
    from sortopt.native.bench import Report as BenchReport

__all__ = [
    "AS_WRITTEN",
    "Checked",
    "ClaimReport",
    "Emitted",
    "Library",
    "Reading",
    "bench_files",
    "compile_plain",
    "counterexample",
    "emit_file",
    "explain_claim",
    "explain_file",
    "parse",
    "search",
    "sort_library",
    "verify",
    "verify_file",
]

MOST_KEYS_TO_MEND = 4
"""The most keys for which a refuted kernel's weakest preconditions are looked for."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a kernel file: each option overrides the file's own directive.

    `function` names the function to read where a file holds several.
    """

    dialect: str | None = None
    inputs: str | None = None
    outputs: str | None = None
    assume: str | None = None
    goal: str | None = None
    function: str | None = None


AS_WRITTEN = Reading()
"""Take everything from the file."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A kernel file and what the proofs say of it.

    A refutation comes with `explanation`; `mends` are the weakest preconditions under which the
    kernel is right, where they were asked for.
    """

    path: str
    file: KernelFile
    judgement: Judgement
    explanation: Explanation | None = None
    mends: tuple[Precondition, ...] = ()


def parse(
    text: str,
    *,
    dialect: str | None = None,
    inputs: str | None = None,
    outputs: str | None = None,
    assume: str | Precondition | None = None,
    goal: str | None = None,
) -> Kernel:
    """Return the kernel that `text` holds, in any dialect; raises InputError."""
    return formats.parse(
        text, dialect=dialect, inputs=inputs, outputs=outputs, assume=assume, goal=goal
    ).kernel


def search(
    n: int,
    *,
    isa: str = "x86-cmov",
    outputs: str = "in-place",
    conditions: Sequence[str] = ("l", "g", "le", "ge"),
    scratch: int = 1,
    distinct: bool = False,
    assume: str | Precondition | None = None,
    goal: str = "sort",
    max_length: int | None = None,
    time_limit: float | None = None,
    count: bool = False,
) -> Answer:
    """Find a shortest kernel of `n` keys and verify it; options as of the command `search`.

    >>> answer = search(2)
    >>> answer.length, answer.proved_minimal, answer.verified
    (4, True, True)

    Raises InputError where the options do not fit together.
    """
    from sortopt import finding
    from sortopt.search.problem import Problem

    problem = Problem(
        n,
        as_isa(isa),
        tuple(conditions),
        scratch,
        as_in_place(outputs),
        distinct,
        as_precondition(assume),
        parse_goal(goal),
    )
    effort = finding.Effort(time_limit)
    return finding.find(problem, effort, max_length=max_length, every=count)


def as_isa(name: str) -> Isa:
    """Return the instruction set called `name`; raises InputError."""
    if name not in ISAS:
        raise InputError(f"unknown instruction set {name!r}", hint="use " + " or ".join(ISAS))
    return ISAS[name]


def as_in_place(outputs: str) -> bool:
    """Return whether `outputs` means in place; raises InputError for an unknown word."""
    if outputs not in ("in-place", "anywhere"):
        raise InputError(f"unknown outputs {outputs!r}", hint="use in-place or anywhere")
    return outputs == "in-place"


def as_precondition(assume: str | Precondition | None) -> Precondition:
    """Return a precondition given as text, as itself, or not at all; raises InputError."""
    if assume is None:
        return ALWAYS
    return parse_precondition(assume, "assume") if isinstance(assume, str) else assume


def verify_file(
    path: str | PathLike[str],
    reading: Reading = AS_WRITTEN,
    *,
    timeout: float | None = None,
    bits: int | None = None,
) -> Checked:
    """Read a kernel file, prove or refute it, and explain a refutation; options as of `verify`."""
    file = objects.read(path, **asdict(reading))
    judgement = verify(file.kernel, timeout=timeout, bits=bits)
    name = "<stdin>" if fspath(path) == "-" else fspath(path)
    return Checked(name, file, judgement, _explanation(file.kernel, judgement))


def explain_file(
    path: str | PathLike[str],
    reading: Reading = AS_WRITTEN,
    *,
    timeout: float | None = None,
    bits: int | None = None,
) -> Checked:
    """Do as `verify_file`, and find the preconditions that would mend a refuted kernel."""
    found = verify_file(path, reading, timeout=timeout, bits=bits)
    if found.explanation is None or found.file.kernel.n > MOST_KEYS_TO_MEND:
        return found
    mends = weakest_preconditions(found.file.kernel)
    return Checked(found.path, found.file, found.judgement, found.explanation, mends)


def explain_claim() -> ClaimReport:
    """Examine the bundled claim from the internet."""
    return claim.examine()


FOUND = Path("kernels") / "found"
"""Where `sort_library` looks for kernels unless told."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """A kernel file, what the proofs say of it, and its source text; None unless proved."""

    checked: Checked
    text: str | None


@dataclass(frozen=True, slots=True)
class Library:
    """A library's source text and the kernels in it, by number of keys."""

    text: str
    chosen: tuple[Chosen, ...]


def emit_file(
    path: str | PathLike[str],
    target: str,
    reading: Reading = AS_WRITTEN,
    *,
    name: str | None = None,
    key: str | None = None,
    timeout: float | None = None,
) -> Emitted:
    """Read a kernel file, prove it, and write it for `target`; options as of `sortopt.emit`."""
    from sortopt.emit import Provenance, emit

    checked = verify_file(path, reading, timeout=timeout)
    if not isinstance(checked.judgement.verdict, Proved):
        return Emitted(checked, None)
    file = checked.file
    found = f"read from {Path(checked.path).name}"
    provenance = Provenance(file.title, file.source or "", found, checked.judgement)
    text = emit(file.kernel, target, name=name, key=key, provenance=provenance)
    return Emitted(checked, text)


def compile_plain(emitted: Emitted, key: str | None = None) -> Kept:
    """Compile the kernel's plain form with the machine's C compiler and verify the object file."""
    from sortopt import branchless

    return branchless.compile_plain(emitted.checked.file.kernel, key)


def sort_library(
    sizes: str = "2..8",
    folder: str | PathLike[str] | None = None,
    *,
    name: str = "sort_small",
    key: str = "int32",
    isa: str = "x86-cmov",
    timeout: float | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Library:
    """Choose a kernel for each of `sizes`, prove it, and write them as one C header.

    `folder` is where kernels are looked for, by default FOUND where there is such a folder.
    """
    from sortopt import library
    from sortopt.emit import Provenance, key_type
    from sortopt.emit.library import emit_library

    if folder is None and FOUND.is_dir():
        folder = FOUND
    chosen = library.choose(
        library.parse_sizes(sizes), folder, isa=ISAS[isa], timeout=timeout, progress=progress
    )
    entries = [(c.kernel, Provenance(c.title, c.source, c.found, c.judgement)) for c in chosen]
    return Library(emit_library(entries, key_type(key), name), chosen)


def bench_files(
    paths: Sequence[str | PathLike[str]],
    options: BenchOptions | None = None,
    reading: Reading = AS_WRITTEN,
    *,
    timeout: float | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> BenchReport:
    """Read kernel files, prove them, and time them against each other and the rivals asked for.

    `timeout` is for each proof.  Raises InputError for a kernel that is refuted, LimitReached for
    one that could not be proved: only what sorts is timed.
    """
    from sortopt.native.bench import bench, short_names

    kernels = []
    for path in paths:
        checked = verify_file(path, reading, timeout=timeout)
        require_proof(checked)
        kernels.append(checked.file.kernel)
    return bench(list(zip(short_names(paths), kernels, strict=True)), options, progress=progress)


def require_proof(checked: Checked) -> None:
    """Raise InputError where the kernel is refuted, LimitReached where it is not proved."""
    match checked.judgement.verdict:
        case Refuted():
            hint = f"sortopt verify {checked.path} shows where"
            raise InputError(f"the kernel in {checked.path} is refuted", hint=hint)
        case Unknown(reason):
            raise LimitReached(f"the kernel in {checked.path} could not be proved: {reason}")


def _explanation(kernel: Kernel, judgement: Judgement) -> Explanation | None:
    if isinstance(judgement.verdict, Refuted):
        return explain(kernel, judgement.verdict.counterexample)
    return None


make_callable(search_package.__name__, search)
