"""A comparator network: read, best known, or random; whether it sorts; and as a kernel."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike

from sortopt import networks
from sortopt.base import InputError
from sortopt.formats import read_text, shown_name
from sortopt.model import Kernel, Refuted, Signedness, Verdict
from sortopt.networks import MOST_CHECKED, Measure, Network
from sortopt.targets import DEFAULT_ISA, target


@dataclass(frozen=True, slots=True)
class CheckedNetwork:
    """A network, what it is called in messages, and what the 0-1 principle says of it."""

    network: Network
    title: str
    verdict: Verdict

    @property
    def redundant(self) -> tuple[int, ...]:
        """The comparators that never exchange keys, by index from 0, as far as that is known."""
        if self.network.channels > MOST_CHECKED:
            return ()
        return networks.redundant(self.network)

    def lower(
        self, isa: str = DEFAULT_ISA, *, unsigned: bool = False, from_memory: bool = False
    ) -> Kernel:
        """Return the network as a kernel; with `from_memory` it loads and stores its keys.

        Raises InputError where the network does not sort.
        """
        if isinstance(self.verdict, Refuted):
            raise InputError("the network does not sort, so it is no kernel")
        sign = Signedness.UNSIGNED if unsigned else Signedness.SIGNED
        kernel = networks.lower(self.network, target(isa), signedness=sign)
        if not from_memory:
            return kernel
        return networks.in_memory(kernel, networks.buffer(kernel), networks.buffer(kernel))


def read_network(
    path: str | PathLike[str],
    *,
    channels: int | None = None,
    first: int = 0,
    any_direction: bool = False,
) -> CheckedNetwork:
    """Read and check the network in a file ("-" is standard input).

    `channels` is their number where not all are named, `first` the number of the first one; with
    `any_direction` a comparator 3:1 puts the lesser key on channel 3.  Raises InputError.
    """
    return parse_network(
        read_text(path), shown_name(path), channels=channels, first=first,
        any_direction=any_direction,
    )  # fmt: skip


def parse_network(
    text: str,
    name: str = "<network>",
    *,
    channels: int | None = None,
    first: int = 0,
    any_direction: bool = False,
) -> CheckedNetwork:
    """Read and check the network in `text`; options, and errors, as of `read_network`."""
    found = networks.parse_network(
        text, name, channels=channels, first=first, any_direction=any_direction
    )
    return _checked(found.network, f"{name}, {found.form}")


def best_network(n: int, least: Measure = "size") -> CheckedNetwork:
    """Return the network of `n` channels that is the best known by `least`; raises InputError."""
    return _checked(networks.best(n, least), f"best network known by {least}")


def random_network(n: int, seed: int = 0) -> CheckedNetwork:
    """Return a random network of `n` channels of the least size; raises InputError."""
    return _checked(networks.random_optimal(n, seed), f"random optimal network, seed {seed}")


def _checked(network: Network, title: str) -> CheckedNetwork:
    return CheckedNetwork(network, title, networks.check(network))
