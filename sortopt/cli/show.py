"""`sortopt show FILE`."""

from __future__ import annotations

import click

from sortopt import api
from sortopt.base import Budget, ExitCode
from sortopt.cli import options, output
from sortopt.report import show, tables


def _keys(ctx: click.Context, param: click.Parameter, text: str | None) -> tuple[int, ...] | None:
    """Return the keys that `text` lists; raise BadParameter where it lists anything else."""
    try:
        return None if text is None else tuple(map(int, text.replace(",", " ").split()))
    except ValueError:
        raise click.BadParameter(f"{text!r} is no list of keys such as 3,1,2", ctx, param) from None


@click.command(
    epilog="""\b
Examples:
  sortopt show kernels/alphadev/sort3.asm
  sortopt show kernels/alphadev/sort3.asm --input 3,1,2
  sortopt show kernels/alphadev/sort3.asm --svg sort3.svg
"""
)
@click.argument("file")
@click.option("--input", "keys", callback=_keys, metavar="KEYS", help="For example 3,1,2.")
@click.option("--cpu", metavar="NAME", help="The CPU whose critical path is shown.")
@output.svg("how values flow, with the critical path,")
@output.force
@output.quiet
@options.reading
@options.time_limit
@options.as_json
def command(
    file: str,
    keys: tuple[int, ...] | None,
    cpu: str | None,
    svg_file: str | None,
    force: bool,
    reading: api.Reading,
    budget: Budget,
    as_json: bool,
) -> ExitCode:
    """Show the kernel in FILE at work on one input, right or wrong: every step of it.

    Beside each instruction stands which instructions made what it reads; "entry" is what came in.
    What is marked by a star has changed.  Without --input the keys come in descending.
    """
    output.check(svg_file, force=force)
    kernel = api.load(file, reading, budget=budget)
    budget.check()
    found = api.show(kernel, keys, cpu=cpu)
    if as_json:
        tables.show_record(show.record(found))
    else:
        output.answer(*show.lines(found))
    output.write_picture(lambda: show.picture(found), svg_file, force=force)
    return ExitCode.DONE if found.right else ExitCode.REFUTED
