"""`sortopt certify FILE`."""

from __future__ import annotations

import click

from sortopt import api
from sortopt.base import Budget, ExitCode
from sortopt.cli import options, output
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
@options.threads
@options.time_limit_of_work
@options.memory_limit
@output.quiet
@options.as_json
def command(
    file: str,
    threads: int | None,
    time_limit: float | None,
    memory: int | None,
    as_json: bool,
) -> ExitCode:
    """Check the lower-bound certificate in FILE.

    The checker is apart from the search and trusts nothing in the file: it rebuilds the model from
    the interpreter, works out its own bounds, and checks every child of every state.
    """
    with progress() as report:
        budget = Budget(time_limit, memory, threads, report)
        found = api.certificates.check_file(file, budget)
    if as_json:
        tables.show_record(search.certified_record(file, found))
    else:
        output.answer(*search.certified(found))
    return ExitCode.DONE if found.fault is None else ExitCode.BAD_INPUT
