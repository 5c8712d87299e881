"""`sortopt bench FILE…`."""

from __future__ import annotations

import click

from sortopt import api
from sortopt.base import Budget, ExitCode, atomic
from sortopt.cli import options, output
from sortopt.report import bench, tables


def _list(text: str | None, default: tuple[str, ...]) -> tuple[str, ...]:
    if text is None:
        return default
    return tuple(part.strip() for part in text.split(",") if part.strip())


@click.command(
    epilog="""\b
Examples:
  sortopt bench kernels/alphadev/sort3.asm kernels/minmax/sort3-len9-depth5.asm
  sortopt bench kernels/alphadev/sort3.asm --against all --svg sort3.svg"""
)
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--against",
    metavar="RIVALS",
    help="Add built-in rivals: all, or some of network, minmax, alphadev, memory, shuffle, "
    "insertion, ternary, std.",
)
@click.option("--settings", metavar="LIST", help="Of standalone, quicksort, mergesort.")
@click.option("--distributions", metavar="LIST", help="Of random, sorted, reversed, few.")
@click.option(
    "--key",
    type=click.Choice(list(api.KEY_TYPES)),
    default=api.DEFAULTS.key,
    show_default=True,
    help="Type of the keys.",
)
@click.option(
    "--rounds",
    type=click.IntRange(api.FEWEST_ROUNDS, 100_000),
    default=api.DEFAULTS.rounds,
    show_default=True,
    metavar="N",
    help="How often each is timed.",
)
@options.seed("the keys and their order")
@click.option("--csv", "csv_file", metavar="FILE", help="Write the times as CSV.")
@output.svg("the times as bars")
@output.force
@output.quiet
@options.reading
@options.time_limit
@options.as_json
def command(
    files: tuple[str, ...],
    against: str | None,
    settings: str | None,
    distributions: str | None,
    key: str,
    rounds: int,
    seed: int,
    csv_file: str | None,
    svg_file: str | None,
    force: bool,
    reading: api.Reading,
    budget: Budget,
    as_json: bool,
) -> ExitCode:
    """Time the kernels in FILES on this CPU, standalone and as the base case of larger sorts.

    All are proved first, compiled alike, and timed in rounds: each round gives all of them the
    same new keys, in a new random order.  One is called faster than another only where a paired
    test over the rounds shows it.
    """
    for path in (csv_file, svg_file):
        output.check(path, force=force)
    chosen = api.BenchOptions(
        key,
        _list(against, ()),
        _list(settings, api.DEFAULTS.settings),
        _list(distributions, api.DEFAULTS.distributions),
        rounds,
        seed,
    )
    budget.every = 0.0  # each of the few things that take seconds is said
    report = api.bench_files(files, reading, chosen, budget)
    if csv_file is not None:
        atomic.write(csv_file, bench.as_csv(report), force=force)
    if as_json:
        tables.show_record(bench.record(report))
    else:
        tables.show(*bench.lines(report))
    if csv_file is not None:
        output.say(f"wrote {csv_file}")
    output.write_picture(lambda: bench.picture(report), svg_file, force=force)
    return ExitCode.DONE
