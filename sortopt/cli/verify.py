"""`sortopt verify FILE`, and `sortopt verify --all-of FOLDER`."""

from __future__ import annotations

import contextlib
import time
from dataclasses import asdict
from functools import partial

import click

from sortopt import api
from sortopt.base import Budget, ExitCode
from sortopt.cli import options, output
from sortopt.report import folder as folder_report
from sortopt.report import records, tables, words


@click.command(
    epilog="""\b
Examples:
  sortopt verify kernels/alphadev/sort3.asm
  sortopt verify kernel.asm --inputs "eax ecx edx" --outputs "eax ecx edx" --assume "b<c"
  sortopt verify sort.o --function sort3 --key uint32
  sortopt verify --all-of kernels
"""
)
@click.argument("file", required=False)
@click.option(
    "--all-of", "folder", metavar="FOLDER", help="Judge every kernel file in FOLDER, in parallel."
)
@click.option("--both", is_flag=True, help="With --all-of: both proofs for all, not for a sample.")
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Processes for --all-of.")
@click.option("--explain", is_flag=True, help="Say what is redundant, dead, or lacking.")
@click.option("--smt2", metavar="FILE", help="Write the query to a new file, as SMT-LIB 2 text.")
@click.option(
    "--second-solver", "solver", metavar="NAME", help="Let cvc5 or bitwuzla judge the query too."
)
@options.key
@options.reading
@options.time_limit
@options.bits
@options.as_json
def command(
    file: str | None,
    folder: str | None,
    both: bool,
    jobs: int | None,
    explain: bool,
    smt2: str | None,
    solver: str | None,
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
    assembly; nothing in it is executed.
    """
    if (file is None) == (folder is None):
        raise click.UsageError("give a FILE, or a folder with --all-of")
    alone = {"explain": explain, "smt2": smt2, "second-solver": solver, "key": key, "bits": bits}
    given = [f"--{name}" for name, value in (alone | asdict(reading)).items() if value]
    many = partial(_judge_many, budget=budget, jobs=jobs, as_json=as_json)
    if folder is not None:
        if given:
            raise click.UsageError(f"{given[0]} takes a FILE, not --all-of")
        return many(api.plan_folder(folder, both=both))
    assert file is not None
    output.check(smt2)
    try:
        found = api.verify_file(file, reading, bits=bits, key=key, climb=True, budget=budget)
    except api.SeveralKernels as several:
        if given:
            several.hint = f"{given[0]} takes one"
            raise
        tables.show(f"{several.name}: a list of {len(several.texts):,} kernels", stderr=as_json)
        return many(api.plan_kernels(several, both=both))
    if solver is not None:
        found = api.second_opinion(found, solver, budget)
    if smt2 is not None:
        api.export_query(found, smt2)
    if explain:
        found = api.study_file(found, budget)
    if as_json:
        tables.show_record(records.checked(found) | records.beside(found))
    else:
        tables.show(*words.checked(found, key), *words.beside(found, smt2))
    return output.status_of(found.judgement.verdict)


def _judge_many(planned: api.Plan, *, budget: Budget, jobs: int | None, as_json: bool) -> ExitCode:
    """Judge every file of a plan; return the status of the worst."""
    from rich.console import Console
    from rich.progress import track

    start, console = time.perf_counter(), Console(stderr=True)
    found = {path: api.Outcome(path, "unknown", problem="interrupted") for path in planned.paths}
    with contextlib.suppress(KeyboardInterrupt):
        for outcome in track(
            api.judge_folder(planned, jobs, budget),
            "verifying",
            total=len(planned.paths),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        ):
            found[outcome.path] = outcome
    outcomes = list(found.values())
    seconds = time.perf_counter() - start
    if as_json:
        tables.show_record(folder_report.record(planned, outcomes, seconds))
    else:
        tables.show(*folder_report.lines(planned, outcomes, seconds))
    verdicts = {outcome.verdict for outcome in outcomes}
    if api.FAULTY in verdicts:
        return ExitCode.BAD_INPUT
    if verdicts & {"refuted", "unsafe"}:
        return ExitCode.REFUTED
    return ExitCode.UNKNOWN if "unknown" in verdicts else ExitCode.DONE
