"""What a comparator network looks like: its measures, its drawing, and whether it sorts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sortopt.model import Proved, Refuted, Unknown
from sortopt.networks import write_network
from sortopt.report.records import Record, counterexample
from sortopt.report.words import counted, row

if TYPE_CHECKING:
    from sortopt.tasks import CheckedNetwork


def lines(found: CheckedNetwork) -> Iterator[str]:
    """Yield the network's measures, whether it sorts, and its drawing."""
    network = found.network
    yield (
        f"{found.title}: {counted(network.channels, 'channel')}, "
        f"{counted(network.size, 'comparator')}, {counted(network.depth, 'layer')}"
    )
    yield sentence(found)
    yield write_network(network, "diagram").removesuffix("\n")


def sentence(found: CheckedNetwork) -> str:
    """Return whether it sorts, and which comparators do nothing."""
    network = found.network
    match found.verdict:
        case Proved():
            said = f"sorts: all {2**network.channels:,} inputs of 0 and 1 come out in order"
        case Refuted(failing):
            said = f"does not sort: input {row(failing.inputs)} comes out as {row(failing.outputs)}"
        case Unknown(reason):
            return f"unknown whether it sorts: {reason}"
    idle = (network.comparators[i] for i in found.redundant)
    named = ", ".join(f"{low}:{high}" for low, high in idle)
    if named:
        said += f"\nnever exchanged, so not needed: {named}"
    if isinstance(found.verdict, Refuted) and all(low > 0 for low, _ in network.comparators):
        said += "\nno comparator names channel 0: where channels count from one, give --from-one"
    return said


def record(found: CheckedNetwork, asm: str | None = None) -> Record:
    """Return the JSON record of a network, with its kernel where it was lowered."""
    network = found.network
    record: Record = {
        "channels": network.channels,
        "size": network.size,
        "depth": network.depth,
        "verdict": found.verdict.name,
        "counterexample": counterexample(getattr(found.verdict, "counterexample", None)),
        "redundant": list(found.redundant),
        "comparators": [list(comparator) for comparator in network.comparators],
        "layers": [[list(comparator) for comparator in layer] for layer in network.layers],
    }
    return record if asm is None else record | {"asm": asm}
