"""`sortopt network`."""

from __future__ import annotations

from typing import Literal

import click

from sortopt import api
from sortopt.base import Budget, ExitCode
from sortopt.cli import options, output
from sortopt.report import network as report
from sortopt.report import tables


@click.command(
    epilog="""\b
Examples:
  sortopt network --best 5
  sortopt network --best 4 --lower --isa x86-minmax
  sortopt network --best 9 --goal median --lower --isa x86-avx
  sortopt network --best 16 --lower --in-memory > sort16.asm
  sortopt network --best 16 --to svg -o sort16.svg
  echo "0:2, 0:1, 1:2" | sortopt network -
"""
)
@click.argument("file", required=False)
@click.option("--best", type=int, metavar="N", help="Take a best-known network of N channels.")
@click.option(
    "--least",
    type=click.Choice(["size", "depth"]),
    default="size",
    show_default=True,
    help="What --best goes by.",
)
@click.option("--random", type=int, metavar="N", help="Generate an optimal network of N <= 8.")
@options.seed("--random")
@click.option("--channels", type=int, metavar="N", help="Of FILE, where not all are named in it.")
@click.option("--goal", default="sort", metavar="GOAL", help=options.GOALS)
@click.option("--from-one", is_flag=True, help="Channels of FILE count from 1.")
@click.option("--untangle", is_flag=True, help="3:1 puts the lesser key on channel 3.")
@click.option(
    "--to", type=click.Choice([*api.FORMS, "svg"]), help="Print the network so, and nothing else."
)
@click.option("--lower", "lowered", is_flag=True, help="Print it as a kernel, and nothing else.")
@options.isa
@options.key_of_kernels
@click.option("--unsigned", is_flag=True, help="Keys of --lower are unsigned.")
@click.option("--in-memory", "from_memory", is_flag=True, help="--lower loads and stores keys.")
@click.option("--dialect", type=click.Choice(list(api.DIALECTS)), help="Of --lower.")
@output.path
@output.force
@output.quiet
@options.time_limit
@options.as_json
def command(
    file: str | None,
    best: int | None,
    least: Literal["size", "depth"],
    random: int | None,
    seed: int,
    channels: int | None,
    goal: str,
    from_one: bool,
    untangle: bool,
    to: str | None,
    lowered: bool,
    isa: str | None,
    key: str | None,
    unsigned: bool,
    from_memory: bool,
    dialect: str | None,
    output_: str | None,
    force: bool,
    budget: Budget,
    as_json: bool,
) -> ExitCode:
    """Check, draw, convert or lower a comparator network, from FILE ("-" is standard input).

    FILE holds JSON or lists as in Dobbelaere's collection, pairs such as 0:1,2:3, or a Knuth
    diagram as text.  Whether it sorts, or serves another goal, is decided by the 0-1 principle:
    exit status 0 where it does, 1 where it does not.
    """
    if sum(given is not None for given in (file, best, random)) != 1:
        raise click.UsageError("name a FILE, or give --best N or --random N")
    if to and (lowered or as_json):
        raise click.UsageError("--to prints nothing else; leave out --lower and --json")
    lowering = (lowered, "--lower")
    options.refuse_idle(
        {
            "least": (best, "--best"),
            "seed": (random is not None, "--random"),
            **dict.fromkeys(("channels", "from_one", "untangle"), (file, "FILE")),
            **dict.fromkeys(("isa", "key", "unsigned", "from_memory", "dialect"), lowering),
            "output_": (to or lowered, "--to or --lower"),
        }
    )
    output.check(output_, force=force)
    to_file = output_ not in (None, "-")
    if best is not None:
        found = api.best_network(best, least, goal, budget)
    elif random is not None:
        found = api.random_network(random, seed, goal, budget)
    else:
        found = api.read_network(
            file or "-", channels=channels, first=int(from_one), any_direction=untangle,
            goal=goal, budget=budget,
        )  # fmt: skip
    status, asm = output.status_of(found.verdict), None
    if lowered and status is not ExitCode.REFUTED:
        kernel = found.lower(isa, key=key, unsigned=unsigned, from_memory=from_memory)
        asm = api.print_kernel(kernel, dialect, source=found.title)
    text = asm if to is None else api.write_network(found.network, to)
    if text is not None and (to_file or not as_json):
        output.write(text, output_, force=force)
    if as_json:
        tables.show_record(report.record(found, asm))
    elif to is None and not lowered:
        output.answer(*report.lines(found))
    elif to_file or status is not ExitCode.DONE:
        output.say(report.sentence(found))
    if to_file and text is not None:
        output.say(f"wrote {output_}")
    return status
