"""What a comparator network looks like: its measures, its drawing, and whether it sorts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import TYPE_CHECKING

from sortopt.model import SORT, Proved, Refuted, Unknown
from sortopt.networks import Network, write_network
from sortopt.report.records import Record, counterexample
from sortopt.report.words import counted, row

if TYPE_CHECKING:
    from sortopt.tasks import CheckedNetwork

_MOST_DRAWN = 1_000
"""The most layers of a network that is drawn unasked."""
_MOST_LISTED = 100
"""The most comparators that a sentence lists."""


def lines(found: CheckedNetwork) -> Iterator[str]:
    """Yield the network's measures, whether it sorts, and its drawing, unless that is too wide."""
    yield f"{found.title}: {size(found.network)}"
    yield sentence(found)
    if found.network.depth <= _MOST_DRAWN:
        yield write_network(found.network, "diagram").removesuffix("\n")
    else:
        yield f"more than {_MOST_DRAWN:,} layers are drawn on request: --to diagram"


def size(network: Network) -> str:
    """Return the measures of a network."""
    return (
        f"{counted(network.channels, 'channel')}, {counted(network.size, 'comparator')}, "
        f"{counted(network.depth, 'layer')}"
    )


def sentence(found: CheckedNetwork) -> str:
    """Return whether it serves its goal, and which comparators do nothing, or half, for it."""
    network, sorts = found.network, found.goal == SORT
    channels = found.goal.ranks(network.channels)
    on = f"channel{'s' * (len(channels) > 1)} {' '.join(map(str, channels))}"
    match found.verdict:
        case Proved():
            tried = f"all {_inputs(found):,} inputs of 0 and 1"
            said = "sorts" if sorts else f"serves the goal {found.goal} on {on}"
            said += f": {tried} come out {'in order' if sorts else 'right'}"
        case Refuted(failing):
            fails = "does not sort" if sorts else f"does not serve the goal {found.goal}"
            said = f"{fails}: input {row(failing.inputs)} comes out as {row(failing.outputs)}"
            said += "" if sorts else f" on {on}"
        case Unknown(reason):
            return f"unknown whether it {'sorts' if sorts else 'serves its goal'}: {reason}"
    said += _listed("never exchanged, so not needed", network, found.redundant)
    if isinstance(found.verdict, Proved) and not all(map(all, found.needed)):
        without = [i for i, halves in enumerate(found.needed) if not any(halves)]
        said += _listed("no output depends on it, so not needed", network, without)
        halves = sum(map(sum, found.needed))
        said += f"\nminima and maxima that the outputs depend on: {halves}"
    if isinstance(found.verdict, Refuted) and min(network.comparators, default=(0,))[0] > 0:
        said += "\nno comparator names channel 0: where channels count from one, give --from-one"
    return said


def _inputs(found: CheckedNetwork) -> int:
    """Return the number of inputs of 0 and 1 that the goal admits."""
    runs = found.goal.ascending_runs()
    return prod(len(run) + 1 for run in runs) if runs else 2**found.network.channels


def _listed(title: str, network: Network, indices: Sequence[int]) -> str:
    named = ["{}:{}".format(*network.comparators[index]) for index in indices[:_MOST_LISTED]]
    more = len(indices) - len(named)
    tail = f" and {more:,} more" if more else ""
    return f"\n{title}: {', '.join(named)}{tail}" if named else ""


def record(found: CheckedNetwork, asm: str | None = None) -> Record:
    """Return the JSON record of a network, with its kernel where it was lowered."""
    network = found.network
    record: Record = {
        "channels": network.channels,
        "size": network.size,
        "depth": network.depth,
        "verdict": found.verdict.name,
        "counterexample": counterexample(getattr(found.verdict, "counterexample", None)),
        "goal": str(found.goal),
        "outputs": list(found.goal.ranks(network.channels)),
        "redundant": list(found.redundant),
        "comparators": [list(comparator) for comparator in network.comparators],
        "layers": [[list(comparator) for comparator in layer] for layer in network.layers],
    }
    return record if asm is None else record | {"asm": asm}
