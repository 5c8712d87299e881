"""The natural way of data through the house: what commands and `import sortopt` call.

It reads like a table of contents and computes nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sortopt.base import InputError, LimitReached, atomic
from sortopt.model import Kernel, Precondition, Proved, Refuted, Unknown
from sortopt.objects import AS_WRITTEN, Reading
from sortopt.targets import ISAS

if TYPE_CHECKING:
    from sortopt.emit import Provenance
    from sortopt.formats import KernelFile
    from sortopt.front import Front
    from sortopt.model import Counterexample, Judgement
    from sortopt.native import Options as BenchOptions
    from sortopt.native import Ranked
    from sortopt.native import Report as BenchReport
    from sortopt.optimize import Result
    from sortopt.tasks import Answer, Checked, Chosen, Kept, Outcome, Plan
    from sortopt.verify import Report as ClaimReport


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
    from sortopt.formats import parse

    return parse(
        text, dialect=dialect, inputs=inputs, outputs=outputs, assume=assume, goal=goal
    ).kernel


def search(
    n: int,
    *,
    isa: str = "x86-cmov",
    outputs: str = "in-place",
    conditions: Sequence[str] | None = None,
    unsigned: bool = False,
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
    from sortopt.search.space import problem_of
    from sortopt.tasks import find as finding

    problem = problem_of(
        n,
        isa=isa,
        conditions=conditions,
        unsigned=unsigned,
        outputs=outputs,
        scratch=scratch,
        distinct=distinct,
        assume=assume,
        goal=goal,
    )
    effort = finding.Effort(time_limit)
    return finding.find(problem, effort, max_length=max_length, every=count)


def check_writable(path: str | PathLike[str]) -> None:
    """Raise InputError where it can be seen beforehand that a new file cannot be written."""
    atomic.check_writable(path)


def plan_survey(
    folder: str | PathLike[str], *, both: bool = False, timeout: float | None = None
) -> Plan:
    """Plan to judge every kernel file in a folder; `timeout` is in seconds for each."""
    from sortopt.tasks import check_folder as survey

    return survey.plan(folder, both=both, timeout=timeout)


def judge_survey(planned: Plan, jobs: int | None = None) -> Iterator[Outcome]:
    """Yield the outcome of every planned file as it is found."""
    from sortopt.tasks import check_folder as survey

    return survey.judge(planned, jobs)


def explain_claim() -> ClaimReport:
    """Examine the bundled claim from the internet."""
    from sortopt.verify import claim

    return claim.examine()


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
    from sortopt.tasks import verify_file

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
    from sortopt.tasks import branchless

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

    `folder` is where kernels are looked for, by default among those found that come with sortopt.
    """
    from sortopt.emit import Provenance, emit_library
    from sortopt.model import key_type
    from sortopt.tasks import choose as library

    chosen = library.choose(
        library.parse_sizes(sizes),
        library.FOUND if folder is None else folder,
        isa=ISAS[isa],
        timeout=timeout,
        progress=progress,
    )
    entries = [(c.kernel, Provenance(c.title, c.source, c.found, c.judgement)) for c in chosen]
    return Library(emit_library(entries, key_type(key), name), chosen)


def bench(kernels: Mapping[str, Kernel], **options: Any) -> BenchReport:
    """Time kernels, given by name, against each other; options as of `BenchOptions`.

    >>> sort2 = parse("; inputs: eax ecx\\n; outputs: eax ecx\\n"
    ...               "mov edx, eax\\ncmp eax, ecx\\ncmovg eax, ecx\\ncmovg ecx, edx")
    >>> report = bench({"mine": sort2}, against=("network",), settings=("standalone",), rounds=30)
    >>> sorted(report.results[0].names)
    ['mine', 'network']
    """
    from sortopt.native import Options, bench

    return bench(list(kernels.items()), Options(**options))


def rank(kernels: Sequence[Kernel], by: str = "latency", **options: Any) -> tuple[Ranked, ...]:
    """Return `kernels` with what they cost, the cheapest first; options as of `native.rank`.

    `by` is length, latency, mca or measured.

    >>> three, two = search(3).kernels[0], search(2).kernels[0]
    >>> [len(entry.kernel) for entry in rank([three, two], by="length")]
    [4, 11]
    """
    from sortopt.native import rank

    return rank(kernels, by, **options)


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
    from sortopt.native import bench, short_names
    from sortopt.tasks import verify_file

    kernels = []
    for path in paths:
        checked = verify_file(path, reading, timeout=timeout)
        require_proof(checked)
        kernels.append(checked.file.kernel)
    return bench(list(zip(short_names(paths), kernels, strict=True)), options, progress=progress)


@dataclass(frozen=True, slots=True)
class Optimized:
    """A kernel file, what became of its kernel, the text of that, and where it was written."""

    path: str
    file: KernelFile
    result: Result
    text: str
    written: str | None


def optimize_file(
    path: str | PathLike[str],
    reading: Reading = AS_WRITTEN,
    *,
    output: str | PathLike[str] | None = None,
    in_place: bool = False,
    **options: Any,
) -> Optimized:
    """Read a kernel file, shorten it, and write the result to `output`, or over the file.

    Other options are those of `sortopt.optimize`.  Only what is proved is written; a file that
    cannot be shortened is left as it is.
    """
    from sortopt import formats, objects
    from sortopt.optimize import optimize

    file = objects.read(path, **asdict(reading))
    if in_place:
        objects.check_rewritable(path, file)
    elif output is not None:
        if Path(output).is_file():
            hint = "choose another name; --in-place overwrites the file that is read"
            raise InputError(f"{output} exists", hint=hint)
        atomic.check_writable(output)
    result = optimize(file.kernel, **options)
    name, title, source = formats.shown_name(path), file.title, file.source
    if result.steps:
        title, source = "", f"sortopt optimize, from {Path(name).name}"
    text = formats.print_kernel(
        result.kernel, file.dialect, title=title, expect="proved", source=source
    )
    target = path if in_place and result.steps else output
    if target is not None:
        atomic.write(target, text, force=in_place)
    return Optimized(name, file, result, text, None if target is None else fspath(target))


def front_file(path: str | PathLike[str], reading: Reading = AS_WRITTEN, **options: Any) -> Front:
    """Read a kernel file and find the front of its contract; options as of `optimize.front`."""
    from sortopt import objects
    from sortopt.front import front

    return front(objects.read(path, **asdict(reading)).kernel, **options)


def require_proof(checked: Checked) -> None:
    """Raise InputError where the kernel is refuted, LimitReached where it is not proved."""
    match checked.judgement.verdict:
        case Refuted():
            hint = f"sortopt verify {checked.path} shows where"
            raise InputError(f"the kernel in {checked.path} is refuted", hint=hint)
        case Unknown(reason):
            raise LimitReached(f"the kernel in {checked.path} could not be proved: {reason}")


def verify(
    kernel: Kernel,
    *,
    assume: Precondition | str | None = None,
    timeout: float | None = None,
    bits: int | None = None,
    key: str | None = None,
) -> Judgement:
    """Prove or refute that `kernel` fulfils its contract; see `sortopt.verify.judge.verify`."""
    from sortopt.verify import verify

    return verify(kernel, assume=assume, timeout=timeout, bits=bits, key=key)


def counterexample(
    kernel: Kernel,
    *,
    assume: Precondition | str | None = None,
    timeout: float | None = None,
) -> Counterexample | None:
    """Return the least input on which `kernel` fails, or None where it is proved right.

    Options, and errors, as of `verify`; raises LimitReached too where the time did not suffice.
    """
    from sortopt.verify import counterexample

    return counterexample(kernel, assume=assume, timeout=timeout)


def emit(
    kernel: Kernel,
    target: str,
    *,
    name: str | None = None,
    key: str | None = None,
    provenance: Provenance | None = None,
) -> str:
    """Return `kernel` as source text in the language `target`; raises InputError."""
    from sortopt.emit import emit

    return emit(kernel, target, name=name, key=key, provenance=provenance)


def optimize(kernel: Kernel, **options: Any) -> Result:
    """Shorten a kernel, each step proved; options as of `sortopt.optimize.optimizer.optimize`."""
    from sortopt.optimize import optimize

    return optimize(kernel, **options)


def front(kernel: Kernel, **options: Any) -> Front:
    """Return the front of length against critical path of the contract of `kernel`."""
    from sortopt.front import front

    return front(kernel, **options)
