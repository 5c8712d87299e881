"""`sortopt repair FILE`."""

from __future__ import annotations

import click

from sortopt import tasks
from sortopt.base import ExitCode
from sortopt.cli import options
from sortopt.cli.output import print_json
from sortopt.objects import Reading
from sortopt.report import records
from sortopt.report import words as prose
from sortopt.tasks import Mended
from sortopt.verify import MOST_ADDED, NoRepair, Repair


@click.command(
    epilog="""\b
Examples:
  sortopt repair kernels/cgo25/sort3-len11-depth6.cgo
  sortopt repair kernel.asm --output mended.asm
  sortopt repair kernel.asm --in-place
"""
)
@click.argument("file")
@click.option("--output", "-o", metavar="FILE", help="Write the mended kernel to a new file.")
@click.option("--in-place", is_flag=True, help="Overwrite the file that was read.")
@click.option(
    "--most-added",
    type=click.IntRange(0, 8),
    default=MOST_ADDED,
    show_default=True,
    metavar="N",
    help="Add at most N instructions; the time grows steeply with N.",
)
@options.key
@options.reading
@options.timeout
@options.as_json
def command(
    file: str,
    output: str | None,
    in_place: bool,
    most_added: int,
    key: str | None,
    reading: Reading,
    timeout: float | None,
    as_json: bool,
) -> ExitCode:
    """Mend the kernel in FILE: change conditions at equal length, else add instructions.

    A kernel that fails only on equal keys can mostly be mended by another condition, le for l or
    ge for g.  What is found is proved before it is written: to stdout, unless --output or
    --in-place says where.
    """
    if output is not None and in_place:
        raise click.UsageError("--output and --in-place exclude each other; give one")
    found = tasks.repair_file(
        file, reading, key=key, most_added=most_added, timeout=timeout, output=output,
        in_place=in_place,
    )  # fmt: skip
    if as_json:
        print_json(records.mended(found))
    else:
        _print(found)
    return ExitCode.DONE if isinstance(found.result, Repair) else _status(found.result)


def _status(result: NoRepair) -> ExitCode:
    return ExitCode.REFUTED if result.exact else ExitCode.UNKNOWN


def _print(found: Mended) -> None:
    """Print what was done to stderr where the kernel itself goes to stdout, else to stdout."""
    to_stdout = found.text is not None and found.written is None
    for line in prose.mended(found):
        click.echo(line, err=to_stdout)
    if to_stdout:
        click.echo(found.text, nl=False)
