"""`sortopt certify FILE`."""

from __future__ import annotations

import click

from sortopt import api
from sortopt.base import ExitCode
from sortopt.cli import options
from sortopt.cli.progress import progress
from sortopt.report import search, tables


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
        effort = api.Effort(time_limit, threads=threads)
        found = api.find.certify(file, effort, report=report)
    if as_json:
        tables.show_record(search.certified_record(file, found))
    else:
        tables.show(*search.certified(found))
    return ExitCode.DONE if found.fault is None else ExitCode.REFUTED
