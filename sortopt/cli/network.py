"""`sortopt network`."""

from __future__ import annotations

from dataclasses import dataclass

import click

from sortopt import networks
from sortopt.base import ExitCode
from sortopt.cli import options
from sortopt.cli.output import print_json
from sortopt.cli.verify import status_of
from sortopt.formats import DIALECTS, print_kernel, read_text
from sortopt.model import Proved, Refuted, Signedness, Unknown, Verdict
from sortopt.networks import MOST_CHECKED, Network, buffer, in_memory, lower
from sortopt.report import records
from sortopt.report import words as prose
from sortopt.targets import ISAS

FORMS = (*networks.FORMS, "svg")


@dataclass(frozen=True, slots=True)
class _Found:
    """A network, what it is called in messages, and what the 0-1 check says of it."""

    network: Network
    title: str
    verdict: Verdict


@click.command(
    epilog="""\b
Examples:
  sortopt network --best 5
  sortopt network --best 4 --lower --isa x86-minmax
  sortopt network --best 16 --lower --in-memory > sort16.asm
  sortopt network --best 16 --to svg > sort16.svg
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
@click.option("--seed", type=int, default=0, show_default=True, help="Of --random.")
@click.option("--channels", type=int, metavar="N", help="Of FILE, where not all are named in it.")
@click.option("--from-one", is_flag=True, help="Channels of FILE count from 1.")
@click.option("--untangle", is_flag=True, help="3:1 puts the lesser key on channel 3.")
@click.option("--to", type=click.Choice(FORMS), help="Print the network so, and nothing else.")
@click.option("--lower", "lowered", is_flag=True, help="Print it as a kernel, and nothing else.")
@click.option("--isa", type=click.Choice(list(ISAS)), default="x86-cmov", help="Of --lower.")
@click.option("--unsigned", is_flag=True, help="Keys of --lower are unsigned.")
@click.option("--in-memory", "from_memory", is_flag=True, help="--lower loads and stores keys.")
@click.option("--dialect", type=click.Choice(DIALECTS), default="intel", help="Of --lower.")
@options.as_json
def command(
    file: str | None,
    best: int | None,
    least: networks.Measure,
    random: int | None,
    seed: int,
    channels: int | None,
    from_one: bool,
    untangle: bool,
    to: str | None,
    lowered: bool,
    isa: str,
    unsigned: bool,
    from_memory: bool,
    dialect: str,
    as_json: bool,
) -> ExitCode:
    """Check, draw, convert or lower a comparator network, from FILE ("-" is standard input).

    FILE holds JSON or lists as in Dobbelaere's collection, pairs such as 0:1,2:3, or a Knuth
    diagram as text.  Whether it sorts is decided by the 0-1 principle: exit status 0 where it
    does, 1 where it does not.
    """
    if sum(given is not None for given in (file, best, random)) != 1:
        raise click.UsageError("name a FILE, or give --best N or --random N")
    if to and (lowered or as_json):
        raise click.UsageError("--to prints nothing else; leave out --lower and --json")
    if from_memory and not lowered:
        raise click.UsageError("--in-memory says how to lower; give --lower too")
    if best is not None:
        network, title = networks.best(best, least), f"best network known by {least}"
    elif random is not None:
        network, title = (
            networks.random_optimal(random, seed),
            f"random optimal network, seed {seed}",
        )
    else:
        network, title = _read(file or "-", channels, int(from_one), any_direction=untangle)
    found = _Found(network, title, networks.check(network))
    sign = Signedness.UNSIGNED if unsigned else Signedness.SIGNED
    asm = None
    if lowered and not isinstance(found.verdict, Refuted):
        kernel = lower(network, ISAS[isa], signedness=sign)
        if from_memory:
            kernel = in_memory(kernel, buffer(kernel), buffer(kernel))
        asm = print_kernel(kernel, dialect, source=title)
    _print(found, to, asm, as_json=as_json, silent=lowered)
    return status_of(found.verdict)


def _read(
    path: str, channels: int | None, first: int, *, any_direction: bool
) -> tuple[Network, str]:
    """Read the network at `path`; return it and `path, form`."""
    name = "<stdin>" if path == "-" else path
    found = networks.parse_network(
        read_text(path), name, channels=channels, first=first, any_direction=any_direction
    )
    return found.network, f"{name}, {found.form}"


def _print(found: _Found, to: str | None, asm: str | None, *, as_json: bool, silent: bool) -> None:
    """Print what was asked for; where that is a file, words go to stderr."""
    if as_json:
        print_json(_record(found, asm))
        return
    only = to is not None or silent
    if only and not isinstance(found.verdict, Proved):
        click.echo(_sentence(found), err=True)
    if to is not None:
        click.echo(networks.write_network(found.network, to), nl=False)
    elif asm is not None:
        click.echo(asm, nl=False)
    elif not only:
        click.echo(f"{found.title}: {_measures(found.network)}")
        click.echo(_sentence(found))
        click.echo(networks.write_network(found.network, "diagram"), nl=False)


def _measures(network: Network) -> str:
    return (
        f"{prose.counted(network.channels, 'channel')}, "
        f"{prose.counted(network.size, 'comparator')}, {prose.counted(network.depth, 'layer')}"
    )


def _sentence(found: _Found) -> str:
    """Return whether it sorts, and which comparators do nothing."""
    network = found.network
    match found.verdict:
        case Proved():
            said = f"sorts: all {2**network.channels:,} inputs of 0 and 1 come out in order"
        case Refuted(failing):
            said = (
                f"does not sort: input {prose.row(failing.inputs)} "
                f"comes out as {prose.row(failing.outputs)}"
            )
        case Unknown(reason):
            return f"unknown whether it sorts: {reason}"
    idle = [f"{network.comparators[i][0]}:{network.comparators[i][1]}" for i in _idle(network)]
    if idle:
        said += f"\nnever exchanged, so not needed: {', '.join(idle)}"
    return said


def _idle(network: Network) -> tuple[int, ...]:
    return networks.redundant(network) if network.channels <= MOST_CHECKED else ()


def _record(found: _Found, asm: str | None) -> records.Record:
    network = found.network
    record: records.Record = {
        "channels": network.channels,
        "size": network.size,
        "depth": network.depth,
        "verdict": found.verdict.name,
        "counterexample": records.counterexample(getattr(found.verdict, "counterexample", None)),
        "redundant": list(_idle(network)),
        "comparators": [list(comparator) for comparator in network.comparators],
        "layers": [[list(comparator) for comparator in layer] for layer in network.layers],
    }
    return record if asm is None else record | {"asm": asm}
