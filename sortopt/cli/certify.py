"""`sortopt certify FILE`."""

from __future__ import annotations

import click

from sortopt.base import ExitCode
from sortopt.cli import options
from sortopt.cli.output import print_json
from sortopt.cli.search import progress
from sortopt.tasks import Effort
from sortopt.tasks import find as finding


@click.command(
    epilog="""\b
Examples:
  sortopt search --n 3 --certificate sort3.cert
  sortopt certify sort3.cert
"""
)
@click.argument("file")
@click.option("--threads", type=click.IntRange(1, 64), metavar="T", help="By default all cores.")
@click.option("--time-limit", type=click.FloatRange(0, min_open=True), metavar="SECONDS")
@options.as_json
def command(file: str, threads: int | None, time_limit: float | None, as_json: bool) -> ExitCode:
    """Check the lower-bound certificate in FILE.

    The checker is apart from the search and trusts nothing in the file: it rebuilds the model from
    the interpreter, and checks every symmetry, every table entry and every child of every state.
    """
    with progress() as report:
        found = finding.certify(file, Effort(time_limit, threads=threads), report=report)
    certificate = found.certificate
    if as_json:
        print_json(
            {
                "file": file,
                "valid": found.fault is None,
                "fault": found.fault,
                "n": certificate.problem.n,
                "lower_bound": certificate.limit + 1,
                "claim": certificate.claim,
                "entries": found.entries,
                "states": found.states,
            }
        )
    elif found.fault is None:
        click.echo(f"certified: {certificate.claim}")
        click.echo(f"checked {found.entries:,} table entries and {found.states:,} states")
    else:
        click.echo(f"rejected: {found.fault}")
        click.echo(f"the claim was: {certificate.claim}")
    return ExitCode.DONE if found.fault is None else ExitCode.REFUTED
