"""`sortopt verify FILE`, and `sortopt verify --all-of FOLDER`."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial

import click

from sortopt import api
from sortopt.base import Budget, ExitCode, SortoptError
from sortopt.cli import options, output
from sortopt.report import lengths, paths, records, tables, words

_PAUSE = 0.3
"""Seconds between two looks at a file that is watched."""


@click.command(
    epilog="""\b
Examples:
  sortopt verify kernels/alphadev/sort3.asm
  sortopt verify kernel.asm --inputs "eax ecx edx" --outputs "eax ecx edx" --assume "b<c"
  sortopt verify sort.o --function sort3 --key uint32
  sortopt verify kernels/*/sort3*.asm --expect
  sortopt verify copy.s --distinct-buffers --lifted
  sortopt verify varsort.o --length "[rdi]=1..3"
  sortopt verify --all-of kernels
"""
)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option(
    "--all-of", "folder", metavar="FOLDER", help="Judge every kernel file in FOLDER, in parallel."
)
@click.option("--both", is_flag=True, help="With --all-of: both proofs for all, not for a sample.")
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Processes for --all-of.")
@click.option(
    "--expect",
    is_flag=True,
    help="Succeed where the verdict is the one that the file expects (; expect: refuted).",
)
@click.option("--watch", is_flag=True, help="Judge FILE again whenever it changes, until Ctrl-C.")
@output.quiet
@click.option("--explain", is_flag=True, help="Say what is redundant, dead, or lacking.")
@click.option(
    "--lifted", is_flag=True, help="Show the plain kernel that was judged, and what was taken off."
)
@click.option("--smt2", metavar="FILE", help="Write the query as SMT-LIB 2 text.")
@click.option(
    "--second-solver", "solver", metavar="NAME", help="Let cvc5 or bitwuzla judge the query too."
)
@click.option(
    "--length",
    metavar="PLACE=N..M",
    help='How many keys a function is given: "[rdi]=2..3", before its keys, esi=2..5, in a '
    "register, or rsi-rdi=2..5, up to a pointer.",
)
@output.force
@options.key
@options.reading
@options.time_limit
@options.bits
@options.as_json
def command(
    files: tuple[str, ...],
    folder: str | None,
    both: bool,
    jobs: int | None,
    expect: bool,
    watch: bool,
    explain: bool,
    lifted: bool,
    smt2: str | None,
    solver: str | None,
    length: str | None,
    force: bool,
    key: str | None,
    reading: api.Reading,
    budget: Budget,
    bits: int | None,
    as_json: bool,
) -> ExitCode:
    """Prove or refute the kernel in FILE ("-" is standard input), for all inputs, twice over.

    All weak orders of the keys run through an interpreter, and Z3 looks for an input that fails;
    both must agree.  A refutation comes with the least counterexample and its trace.  FILE is a
    kernel file, a compiler's assembly text, an ELF object file, or a C or C++ file with GNU inline
    assembly; nothing in it is executed.  Of a function that branches, every path is followed.
    """
    if bool(files) == (folder is not None):
        raise click.UsageError("give a FILE, or a folder with --all-of")
    reading = replace(reading, length=length)
    alone = {
        "explain": explain, "smt2": smt2, "second-solver": solver, "key": key, "bits": bits,
        "watch": watch, "lifted": lifted,
    }  # fmt: skip
    given = [
        f"--{name.replace('_', '-')}" for name, value in (alone | asdict(reading)).items() if value
    ]
    many = partial(_judge_many, budget=budget, jobs=jobs, expect=expect, as_json=as_json)
    if given and folder is not None:
        raise click.UsageError(f"{given[0]} takes a FILE, not --all-of")
    planned = _plan(files, folder, both=both)
    if planned is not None:
        if given:
            raise click.UsageError(f"{given[0]} takes a FILE, not several")
        return many(planned)
    (file,) = files
    output.check(smt2, force=force)
    idle = [name for name in given if name in _OF_A_KERNEL]
    if length is not None and idle:
        raise click.UsageError(f"{idle[0]} takes a kernel without jumps, not --length")

    def judge(budget: Budget) -> ExitCode:
        if length is not None:
            return _judge_lengths(api.verify_lengths(file, reading, key, budget), expect, as_json)
        try:
            found = api.verify_file(file, reading, bits=bits, key=key, climb=True, budget=budget)
        except api.Branches as branches:
            judged = [name for name in given if name in _OF_A_KERNEL]
            if judged:
                branches.hint = f"{judged[0]} takes a kernel without jumps"
                raise
            judged_paths = api.verify_paths(file, branches, key, budget, climb=True)
            return _judge_paths(judged_paths, expect, as_json)
        except api.SeveralKernels as several:
            if given:
                several.hint = f"{given[0]} takes one"
                raise
            output.say(f"{several.name}: a list of {len(several.texts):,} kernels")
            return many(api.plan_kernels(several, both=both))
        if solver is not None:
            found = api.second_opinion(found, solver, budget)
        if smt2 is not None:
            api.export_query(found, smt2, force=force)
        if explain:
            found = api.study_file(found, budget)
        if as_json:
            tables.show_record(records.checked(found) | records.beside(found, lifted=lifted))
        else:
            output.answer(*words.checked(found, key), *words.beside(found, smt2, lifted=lifted))
        verdict = found.judgement.verdict
        return output.status_of(verdict, (found.file.expect or "proved") if expect else None)

    return _watch(file, judge, budget) if watch else judge(budget)


_OF_A_KERNEL = ("--explain", "--smt2", "--second-solver", "--bits", "--lifted")
"""The options that ask something of a kernel that is not decided of code that branches."""


def _judge_paths(found: api.CheckedPaths, expect: bool, as_json: bool) -> ExitCode:
    """Print what was found of a function that branches; return the status of the verdict."""
    if as_json:
        tables.show_record(paths.record(found))
    else:
        output.answer(*paths.lines(found))
    expected = (found.file.expect or "proved") if expect else None
    return output.status_of(found.judgement.verdict, expected)


def _judge_lengths(found: api.CheckedLengths, expect: bool, as_json: bool) -> ExitCode:
    """Print what was found of a function for each length; return the status of the verdict."""
    if as_json:
        tables.show_record(lengths.record(found))
    else:
        output.answer(*lengths.lines(found))
    return output.status_of(found.verdict, "proved" if expect else None)


def _plan(files: Sequence[str], folder: str | None, *, both: bool) -> api.Plan | None:
    """Return the plan for many files, or None where one file is judged alone."""
    if folder is not None:
        return api.plan_folder(folder, both=both)
    if len(files) == 1 and (os.path.exists(files[0]) or not any(m in files[0] for m in "*?[")):
        return None
    return api.plan_files(files, both=both)


def _watch(file: str, judge: Callable[[Budget], ExitCode], budget: Budget) -> ExitCode:
    """Judge `file` now and whenever it changes, each time with the whole budget, until Ctrl-C."""
    status, seen = ExitCode.UNKNOWN, None
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            with contextlib.suppress(FileNotFoundError):  # an editor may be replacing it
                if (now := os.stat(file).st_mtime_ns) != seen:
                    seen = now
                    try:
                        status = judge(replace(budget, began=time.monotonic()))
                    except SortoptError as error:
                        status = error.exit_code
                        output.say(error.render())
            time.sleep(_PAUSE)
    return status


def _judge_many(
    planned: api.Plan, *, budget: Budget, jobs: int | None, expect: bool, as_json: bool
) -> ExitCode:
    """Judge every file of a plan; return the status of the worst, of what is not expected."""
    from rich.console import Console
    from rich.progress import track

    from sortopt.report import folder as folder_report

    start, console = time.perf_counter(), Console(stderr=True)
    found = {path: api.Outcome(path, "unknown", problem="interrupted") for path in planned.paths}
    with contextlib.suppress(KeyboardInterrupt):
        for outcome in track(
            api.judge_folder(planned, jobs, budget),
            "verifying",
            total=len(planned.paths),
            console=console,
            transient=True,
            disable=not console.is_terminal or output.is_quiet(),
        ):
            found[outcome.path] = outcome
    outcomes = list(found.values())
    seconds = time.perf_counter() - start
    if as_json:
        tables.show_record(folder_report.record(planned, outcomes, seconds))
    else:
        output.answer(*folder_report.lines(planned, outcomes, seconds))
    verdicts = {o.verdict for o in outcomes if not (expect and o.as_expected)}
    if api.FAULTY in verdicts:
        return ExitCode.BAD_INPUT
    if verdicts & ({"refuted", "unsafe"} | ({"proved"} if expect else set())):
        return ExitCode.REFUTED
    return ExitCode.UNKNOWN if "unknown" in verdicts else ExitCode.DONE
