"""`sortopt sort-library --n 2..8 --to c`."""

from __future__ import annotations

import click

from sortopt import api
from sortopt.base import Budget, ExitCode
from sortopt.cli import options, output
from sortopt.report import records, tables, words


@click.command(
    epilog="""\b
Examples:
  sortopt sort-library --n 2..8 --to c -o sort_small.h
  sortopt sort-library --n 3,5 --to c --kernels my-kernels --key uint64
  sortopt sort-library --n 2..8 --keep stable -o sort_stable.h
  sortopt sort-library --n 3..5 --rank measured -o sort_fast.h"""
)
@click.option(
    "--n", "sizes", default="2..8", show_default=True, metavar="SIZES", help="2..8, or 3,4,5."
)
@click.option("--to", "target", type=click.Choice(["c"]), default="c", help="What to write: c.")
@click.option(
    "--kernels",
    metavar="FOLDER",
    help="Where to look for kernel files; by default among those that come with sortopt. "
    "Sizes without a kernel there get the best network known, or an insertion sort.",
)
@click.option(
    "--name",
    default="sort_small",
    show_default=True,
    metavar="NAME",
    help="The dispatcher; NAME_3 sorts 3 keys.",
)
@click.option(
    "--key",
    type=click.Choice(options.TYPES),
    default="int32",
    show_default=True,
    help="Type of the keys.",
)
@options.isa
@click.option(
    "--rank",
    type=click.Choice(["length", "measured"]),
    default="length",
    show_default=True,
    help="Choose the shortest, or the fastest on this CPU.",
)
@click.option("--keep", metavar="RUNG", help=options.RUNGS)
@output.path
@output.force
@output.quiet
@options.time_limit
@options.as_json
def command(
    sizes: str,
    target: str,
    kernels: str | None,
    name: str,
    key: str,
    isa: str | None,
    keep: str | None,
    rank: str,
    output_: str | None,
    force: bool,
    budget: Budget,
    as_json: bool,
) -> ExitCode:
    """Write one self-contained file with a proved kernel for each number of keys."""
    output.check(output_, force=force)
    library = api.choose_library(
        sizes, kernels, name=name, key=key, isa=isa, keep=keep, rank=rank, budget=budget
    )
    if output_ is not None or not as_json:
        output.write(library.text, output_, force=force)
    if as_json:
        names = {"target": target, "key": key, "name": name, "output": output_}
        tables.show_record(names | records.library(library))
    else:
        output.say(*words.library(library))
    return ExitCode.DONE
