"""`sortopt verify FILE`."""

from __future__ import annotations

import click

from sortopt import pipeline
from sortopt.cli import options, prose, records
from sortopt.errors import ExitCode
from sortopt.pipeline import Checked, Reading
from sortopt.verdict import Verdict

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
"""
)
@click.argument("file")
@options.reading
@options.timeout
@options.bits
@options.as_json
def command(
    file: str, reading: Reading, timeout: float | None, bits: int | None, as_json: bool
) -> ExitCode:
    """Prove or refute the kernel in FILE ("-" is standard input), for all inputs, twice over.

    All weak orders of the keys run through an interpreter, and Z3 looks for an input that fails;
    both must agree.  A refutation comes with the least counterexample and its trace.
    """
    found = pipeline.verify_file(file, reading, timeout=timeout, bits=bits)
    if as_json:
        records.print_json(records.checked(found, bits))
    else:
        print_checked(found, bits)
    return status_of(found.judgement.verdict)


def status_of(verdict: Verdict) -> ExitCode:
    """Return the exit status that stands for `verdict`."""
    return _STATUS[verdict.name]


def print_checked(found: Checked, bits: int | None) -> None:
    """Print what was read, the verdict, each proof, and the trace of a refutation."""
    from sortopt.cli import tables  # rich: not for --json

    kernel = found.file.kernel
    click.echo(prose.heading(found))
    for note in found.file.notes:
        click.echo(f"note: {note}")
    click.echo(prose.verdict(kernel, found.judgement))
    tables.print_rows(prose.methods(found.judgement, bits))
    if found.explanation is not None:
        click.echo()
        tables.print_trace(found.explanation)
        click.echo(found.explanation.sentence)
