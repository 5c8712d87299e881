"""A kernel file made shorter, or faster; and the front of length against critical path."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from sortopt import formats, objects
from sortopt.base import UNLIMITED, InputError, atomic
from sortopt.formats import KernelFile
from sortopt.front import Front, front
from sortopt.model import Proved, key_type, latencies, natural_key_type
from sortopt.objects import AS_WRITTEN, Reading
from sortopt.optimize import Measure, Result, optimize
from sortopt.tasks.check import declared
from sortopt.verify import check_width


@dataclass(frozen=True, slots=True)
class Optimized:
    """A kernel file, what became of its kernel, the text of that, and where it was written."""

    path: str
    file: KernelFile
    result: Result
    text: str
    written: str | None
    measure: Measure


def measure_of(cost: str, cpu: str | None) -> Measure:
    """Return what is minimised: length, or latency on `cpu`; raises InputError."""
    if cost not in ("length", "latency"):
        raise InputError(f"unknown cost {cost!r}", hint="use length or latency")
    return Measure(cost == "latency", latencies(cpu).cpu if cpu else None)


def optimize_file(
    path: str | PathLike[str],
    reading: Reading = AS_WRITTEN,
    *,
    output: str | PathLike[str] | None = None,
    in_place: bool = False,
    force: bool = False,
    cost: str = "length",
    cpu: str | None = None,
    key: str | None = None,
    **options: Any,
) -> Optimized:
    """Read a kernel file, shorten it, and write the result to `output`, or over the file.

    Of an asm statement in a C file the text is that file, the statement's operands as they were.
    Options as of `api.optimize`; `key` is the type that the keys must have; with `force` another
    file that exists is replaced.  Only what is proved is written; a file that cannot be shortened
    is left as it is.
    """
    measure, budget = measure_of(cost, cpu), options.get("budget", UNLIMITED)
    file = objects.read(path, budget=budget, **asdict(reading))
    _check_key(file, key)
    if in_place and file.rewritten is None:
        objects.check_rewritable(path, file)
    elif output is not None:
        atomic.check_writable(output, force=force)
    result = optimize(file.kernel, measure=measure, **options)
    name, title, source = formats.shown_name(path), file.title, file.source
    if result.steps:
        title, source = "", f"sortopt optimize, from {Path(name).name}"
    proved = isinstance(result.judgement.verdict, Proved)
    expect = "proved" if proved else None
    if file.rewritten is not None and proved:
        was = file.mnemonics[0].source.text
        shorter = file.rewritten(result.kernel) if result.steps else was
        text = declared(path, shorter, reading, budget)
    else:
        text = formats.print_kernel(
            result.kernel, file.dialect, title=title, expect=expect, source=source
        )
    target = path if in_place and result.steps else output
    if not proved:
        target = None
    if target is not None:
        atomic.write(target, text, force=in_place or force)
    written = None if target is None else fspath(target)
    return Optimized(name, file, result, text, written, measure)


def front_file(
    path: str | PathLike[str],
    reading: Reading = AS_WRITTEN,
    *,
    cpu: str | None = None,
    key: str | None = None,
    **options: Any,
) -> Front:
    """Read a kernel file and find the front of its contract; options as of `front`.

    `key` is the type that the keys must have.
    """
    measure = measure_of("length", cpu)
    file = objects.read(path, **asdict(reading))
    _check_key(file, key)
    return front(file.kernel, measure=measure, **options)


def _check_key(file: KernelFile, key: str | None) -> None:
    """Raise InputError where a kernel does not read keys of the type `key`."""
    if key is None:
        return
    typed, kernel = key_type(key), file.kernel
    typed.check_kind(kernel)
    check_width(typed, kernel, file.width)
    if not typed.fits(kernel):
        other = natural_key_type(kernel, typed.bits).name
        raise InputError(f"the kernel reads keys as {other}, not as {key}", hint=f"use {other}")
