"""A kernel file and what the proofs say of it: judged, explained, studied, mended."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from os import PathLike, fspath
from typing import TYPE_CHECKING

from sortopt import formats, objects
from sortopt.base import Deadline, atomic
from sortopt.formats import KernelFile
from sortopt.model import Judgement, Kernel, KeyType, Precondition, Refuted, key_type
from sortopt.objects import AS_WRITTEN, Reading
from sortopt.verify import (
    MOST_ADDED,
    Explanation,
    NoRepair,
    Repair,
    Study,
    as_seen,
    check_width,
    dead_results,
    default_key,
    explain,
    remark,
    repair,
    study,
    verify,
    weakest_preconditions,
)

if TYPE_CHECKING:
    from sortopt.verify import Opinion

MOST_KEYS_TO_MEND = 4
"""The most keys for which a refuted kernel's weakest preconditions are looked for."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A kernel file and what the proofs say of it.

    A refutation comes with `explanation`; `mends` are the weakest preconditions under which the
    kernel is right, where they were asked for.  `key` is the type of the keys: the one asked for,
    or the one that operands and conditions tell, or None.  `study` and `second` are what was found
    beside, where asked for.
    """

    path: str
    file: KernelFile
    judgement: Judgement
    explanation: Explanation | None = None
    mends: tuple[Precondition, ...] = ()
    key: str | None = None
    study: Study | None = None
    second: Opinion | None = None


@dataclass(frozen=True, slots=True)
class Mended:
    """A kernel file and its repair: the text of the mended kernel, and where it was written.

    `text` is None where nothing was found or nothing was wrong.
    """

    path: str
    file: KernelFile
    result: Repair | NoRepair
    text: str | None
    written: str | None


def verify_file(
    path: str | PathLike[str],
    reading: Reading = AS_WRITTEN,
    *,
    timeout: float | None = None,
    bits: int | None = None,
    key: str | None = None,
) -> Checked:
    """Read a kernel file, prove or refute it, and explain a refutation; options as of `verify`."""
    file = objects.read(path, **asdict(reading))
    typed = None if key is None else key_type(key, bits)
    if key is not None and bits is None:
        check_width(key_type(key), file.kernel, file.width)
    judgement = verify(file.kernel, timeout=timeout, bits=bits, key=key)
    name = "<stdin>" if fspath(path) == "-" else fspath(path)
    told = key or default_key(file.kernel, file.width)
    return Checked(name, file, judgement, _explanation(file.kernel, judgement, typed), key=told)


def study_file(found: Checked, timeout: float | None = None) -> Checked:
    """Find what a judged kernel could do without, or which precondition it lacks."""
    deadline = Deadline.after(timeout)
    kernel, verdict = found.file.kernel, found.judgement.verdict
    if _misread(found, None) is not None:
        return replace(found, study=Study(None, None, dead_results(kernel)))
    return replace(found, study=study(kernel, verdict, deadline))


def second_opinion(
    found: Checked, solver: str, *, bits: int | None = None, timeout: float | None = None
) -> Checked:
    """Let another solver judge the same query; raises Disagreement where it contradicts."""
    from sortopt.verify import ask

    deadline = Deadline.after(timeout)
    kernel, verdict = found.file.kernel, found.judgement.verdict
    key = _misread(found, bits)
    opinion = ask(solver, kernel, verdict, bits=bits, key=key, deadline=deadline)
    return replace(found, second=opinion)


def export_query(found: Checked, path: str | PathLike[str], bits: int | None = None) -> None:
    """Write the query that Z3 was asked as SMT-LIB 2 text, with the answer to expect."""
    from sortopt.verify import query

    text = query(found.file.kernel, found.judgement.verdict, bits, _misread(found, bits))
    atomic.write(path, text)


def repair_file(
    path: str | PathLike[str],
    reading: Reading = AS_WRITTEN,
    *,
    key: str | None = None,
    most_added: int = MOST_ADDED,
    timeout: float | None = None,
    output: str | PathLike[str] | None = None,
    in_place: bool = False,
) -> Mended:
    """Read a kernel file, mend it, and write the mended kernel to `output`, or over the file.

    With `key`, the type of the keys, conditions of the other sign are changed too.
    """
    file = objects.read(path, **asdict(reading))
    if in_place:
        objects.check_rewritable(path, file)
    elif output is not None:
        atomic.check_writable(output)
    sign = None
    if key is not None:
        check_width(key_type(key), file.kernel, file.width)
        sign = key_type(key).signedness
    deadline = Deadline.after(timeout)
    result = repair(file.kernel, signedness=sign, most_added=most_added, deadline=deadline)
    name, text = formats.shown_name(path), None
    target = fspath(path) if in_place else output
    if isinstance(result, Repair) and (result.changes or output is not None):
        text = formats.print_kernel(
            result.kernel, file.dialect, title=file.title or None, expect="proved",
            source=file.source,
        )  # fmt: skip
        if target is not None:
            atomic.write(target, text, force=in_place)
    written = fspath(target) if target is not None and text is not None else None
    return Mended(name, file, result, text, written)


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


def _explanation(
    kernel: Kernel, judgement: Judgement, key: KeyType | None = None
) -> Explanation | None:
    """Return the trace of a refutation; of keys that the kernel misreads, as it sees them."""
    if not isinstance(judgement.verdict, Refuted):
        return None
    found = judgement.verdict.counterexample
    if key is None or key.fits(kernel) or key.sees(found.inputs):
        return explain(kernel, found)
    explanation = explain(kernel, as_seen(found, key))
    return replace(explanation, sentence=f"{explanation.sentence}; {remark(key, kernel, found)}")


def _misread(found: Checked, bits: int | None) -> KeyType | None:
    """Return the keys' type where the kernel takes them to have the other sign, else None."""
    typed = None if found.key is None else key_type(found.key, bits)
    return None if typed is None or typed.fits(found.file.kernel) else typed
