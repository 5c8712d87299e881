"""`sortopt repair FILE`."""

from __future__ import annotations

import click

from sortopt import api
from sortopt.base import Budget, ExitCode
from sortopt.cli import options, output
from sortopt.report import records, tables, words


@click.command(
    epilog="""\b
Examples:
  sortopt repair kernels/cgo25/sort3-len11-depth6.cgo
  sortopt repair kernel.asm --output repaired.asm
  sortopt repair kernel.asm --overwrite
"""
)
@click.argument("file")
@output.path
@output.force
@output.quiet
@click.option("--overwrite", "in_place", is_flag=True, help="Overwrite the file that was read.")
@click.option(
    "--most-added",
    type=click.IntRange(0, 8),
    default=api.MOST_ADDED,
    show_default=True,
    metavar="N",
    help="Add at most N instructions; the time grows steeply with N.",
)
@options.key
@options.reading
@options.time_limit
@options.as_json
def command(
    file: str,
    output_: str | None,
    in_place: bool,
    force: bool,
    most_added: int,
    key: str | None,
    reading: api.Reading,
    budget: Budget,
    as_json: bool,
) -> ExitCode:
    """Repair the kernel in FILE: change conditions on equal keys, else add instructions.

    A kernel that fails only on equal keys can mostly be repaired by another condition, le for l or
    ge for g.  What is found is proved before it is written: to stdout, unless --output or
    --overwrite says where.
    """
    output_ = None if output_ == "-" else output_
    if output_ is not None and in_place:
        raise click.UsageError("--output and --overwrite exclude each other; give one")
    found = api.repair_file(
        file, reading, key=key, most_added=most_added, output=output_,
        in_place=in_place, force=force, budget=budget,
    )  # fmt: skip
    if as_json:
        tables.show_record(records.repaired(found))
    else:
        to_stdout = found.text is not None and found.written is None
        output.answer(*words.repaired(found), stderr=to_stdout)
        if found.text is not None and to_stdout:
            output.write(found.text, None, force=False)
    if found.found is None:
        return ExitCode.UNKNOWN
    return ExitCode.DONE if found.found else ExitCode.REFUTED
