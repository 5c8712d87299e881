"""`sortopt landscape --n N`."""

from __future__ import annotations

import json

import click

from sortopt import api
from sortopt.base import Budget, ExitCode
from sortopt.cli import options, output
from sortopt.cli.progress import progress
from sortopt.report import islands, landscape, tables

exploration = api.exploration


@click.command(
    epilog="""\b
Examples:
  sortopt landscape --n 2
  sortopt landscape --n 3 -o landscape3.json --svg landscape3.svg
  sortopt landscape --n 3 --slack 1 --islands islands.svg"""
)
@click.option(
    "--n",
    type=click.IntRange(2, exploration.MOST_KEYS),
    required=True,
    metavar="N",
    help="The number of keys.",
)
@click.option(
    "--isa",
    type=click.Choice(list(api.ISAS)),
    default=api.DEFAULT_ISA,
    show_default=True,
    metavar="NAME",
    help=f"{', '.join(api.ISAS)}.",
)
@click.option("--conditions", metavar="LIST", help="Of cmov; by default l,g.")
@click.option("--distinct", is_flag=True, help="Be right for distinct keys only.")
@click.option(
    "--slack",
    type=click.IntRange(1, exploration.MOST_SLACK),
    default=exploration.SLACK,
    show_default=True,
    metavar="L",
    help="How much longer than the shortest; not for four keys with cmov.",
)
@click.option(
    "--drawn",
    type=click.IntRange(1),
    default=exploration.DRAWN,
    show_default=True,
    metavar="K",
    help="Kernels drawn of a length that has too many; a tenth for four keys.",
)
@click.option(
    "--runs",
    type=click.IntRange(1),
    default=exploration.RUNS,
    show_default=True,
    metavar="R",
    help="Walks of each kind; a tenth for four keys.",
)
@options.seed("what is drawn")
@options.time_limit_of_work
@options.threads
@output.svg("shares and means as bars")
@click.option(
    "--islands", "islands_file", metavar="FILE", help="Draw the shortest kernels, joined by edits."
)
@output.path
@output.force
@output.quiet
@options.as_json
def command(
    n: int,
    isa: str,
    conditions: str | None,
    distinct: bool,
    slack: int,
    drawn: int,
    runs: int,
    seed: int,
    time_limit: float | None,
    threads: int | None,
    svg_file: str | None,
    islands_file: str | None,
    output_: str | None,
    force: bool,
    as_json: bool,
) -> ExitCode:
    """Explore all kernels of N keys: how many there are, and where single edits lead.

    A single edit changes an operand, a condition or an operation, exchanges neighbours, or drops an
    instruction.  Says how the kernels of each length are joined, which are local minima, on how
    many inputs programs near a kernel fail, and how often walks led by that number reach one.
    -o writes the JSON record.
    """
    names = None if conditions is None else conditions.split(",")
    problem = exploration.problem_at(n, isa, names, distinct=distinct)
    for path in (output_, svg_file, islands_file):
        output.check(path, force=force)
    with progress() as report:
        budget = Budget(time_limit, threads=threads, report=report)
        found = exploration.explore(problem, budget, slack=slack, drawn=drawn, runs=runs, seed=seed)
    record = landscape.record(found)
    if output_ is not None:
        output.write(json.dumps(record, indent=1) + "\n", output_, force=force)
    if as_json:
        tables.show_record(record)
    elif output_ != "-":
        output.answer(*landscape.lines(found))
    output.write_picture(lambda: landscape.picture(found), svg_file, force=force)
    output.write_picture(lambda: islands.draw(found), islands_file, force=force)
    return ExitCode.UNKNOWN if found.stopped else ExitCode.DONE
