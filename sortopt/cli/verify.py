"""`sortopt verify FILE`, and `sortopt verify --all-of FOLDER`."""

from __future__ import annotations

import click

from sortopt import api, tasks
from sortopt.base import ExitCode
from sortopt.cli import options, survey
from sortopt.cli.output import print_json
from sortopt.model import Verdict
from sortopt.objects import Reading
from sortopt.report import records
from sortopt.report import words as prose
from sortopt.tasks import Checked

_STATUS = {
    "proved": ExitCode.DONE,
    "refuted": ExitCode.REFUTED,
    "unknown": ExitCode.UNKNOWN,
}


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
@options.timeout
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
    reading: Reading,
    timeout: float | None,
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
    if folder is not None:
        alone = {"--explain": explain, "--smt2": smt2, "--second-solver": solver, "--key": key,
                 "--bits": bits}  # fmt: skip
        _refuse([name for name, given in alone.items() if given])
        return survey.run(folder, both=both, jobs=jobs, timeout=timeout, as_json=as_json)
    assert file is not None
    if smt2 is not None:
        api.check_writable(smt2)
    found = tasks.verify_file(file, reading, timeout=timeout, bits=bits, key=key)
    if solver is not None:
        found = tasks.second_opinion(found, solver, bits=bits, timeout=timeout)
    if smt2 is not None:
        tasks.export_query(found, smt2, bits)
    if explain:
        found = tasks.study_file(found, timeout)
    if as_json:
        print_json(records.checked(found, bits) | records.beside(found))
    else:
        print_checked(found, bits, key)
        _print_beside(found, smt2)
    return status_of(found.judgement.verdict)


def _refuse(given: list[str]) -> None:
    """Raise UsageError where an option of one file is given with --all-of."""
    if given:
        raise click.UsageError(f"{given[0]} takes a FILE, not --all-of")


def status_of(verdict: Verdict) -> ExitCode:
    """Return the exit status that stands for `verdict`."""
    return _STATUS[verdict.name]


def print_checked(found: Checked, bits: int | None, key: str | None = None) -> None:
    """Print what was read, the verdict, each proof, and the trace of a refutation.

    `key` is the type of the keys where one was asked for.
    """
    from sortopt.report import tables

    kernel = found.file.kernel
    click.echo(prose.heading(found))
    for note in found.file.notes:
        click.echo(f"note: {note}")
    click.echo(prose.verdict(kernel, found.judgement, key))
    tables.print_rows(prose.methods(found.judgement, bits))
    click.echo(prose.decided(found.judgement))
    if found.explanation is not None:
        click.echo()
        tables.print_trace(found.explanation)
        click.echo(found.explanation.sentence)


def _print_beside(found: Checked, smt2: str | None) -> None:
    """Print what else was asked for."""
    if found.second is not None:
        click.echo(prose.opinion(found))
    if smt2 is not None:
        click.echo(f"wrote {smt2}")
    if found.study is not None:
        click.echo()
        for line in prose.studied(found):
            click.echo(line)
