"""A comparator network: read, best known, or random; whether it sorts; and as a kernel."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike

from sortopt import networks
from sortopt.base import UNLIMITED, Budget, InputError, Shown
from sortopt.formats import read_text, shown_name
from sortopt.model import (
    SORT,
    Goal,
    Kernel,
    Refuted,
    Verdict,
    for_keys,
    key_type,
    parse_goal,
    signedness_of,
)
from sortopt.networks import Examination, Measure, Network
from sortopt.targets import target_for


@dataclass(frozen=True, slots=True)
class CheckedNetwork(Shown):
    """A network, what it is called in messages, its goal, and what the 0-1 principle says of it."""

    network: Network
    title: str
    goal: Goal
    found: Examination

    @property
    def verdict(self) -> Verdict:
        """Whether the network serves its goal."""
        return self.found.verdict

    @property
    def redundant(self) -> tuple[int, ...]:
        """The comparators that never exchange keys, by index from 0, as far as that is known."""
        return self.found.idle

    @property
    def needed(self) -> tuple[tuple[bool, bool], ...]:
        """Of each comparator, whether the goal depends on its lesser and on its greater key."""
        return self.network.needed(self.goal.ranks(self.network.channels))

    def lower(
        self,
        isa: str | None = None,
        *,
        key: str | None = None,
        unsigned: bool = False,
        from_memory: bool = False,
    ) -> Kernel:
        """Return the network as a kernel; with `from_memory` it loads and stores its keys.

        These are of the type `key`, where it is named.  Raises InputError where the network does
        not serve its goal, or there is no set of instructions for such keys.
        """
        if isinstance(self.verdict, Refuted):
            raise InputError(
                "the network does not sort, so it is no kernel"
                if self.goal == SORT
                else f"the network does not serve the goal {self.goal}, so it is no kernel"
            )
        keys = None if key is None else key_type(key)
        kernel = networks.lower(
            self.network,
            target_for(isa, keys),
            signedness=signedness_of(keys, unsigned=unsigned),
            goal=self.goal,
        )
        if keys is not None:
            kernel = for_keys(kernel, keys)
        if not from_memory:
            return kernel
        places = networks.buffer(kernel)
        return networks.in_memory(kernel, places, places[: len(kernel.contract.outputs)])


def read_network(
    path: str | PathLike[str],
    *,
    channels: int | None = None,
    first: int = 0,
    any_direction: bool = False,
    goal: str = "sort",
    budget: Budget = UNLIMITED,
) -> CheckedNetwork:
    """Read and check the network in a file ("-" is standard input).

    `channels` is their number where not all are named, `first` the number of the first one; with
    `any_direction` a comparator 3:1 puts the lesser key on channel 3.  `goal` is what the network
    is for, such as `median`; whether it serves that is unknown where `budget` is spent.  Raises
    InputError.
    """
    return parse_network(
        read_text(path), shown_name(path), channels=channels, first=first,
        any_direction=any_direction, goal=goal, budget=budget,
    )  # fmt: skip


def parse_network(
    text: str,
    name: str = "<network>",
    *,
    channels: int | None = None,
    first: int = 0,
    any_direction: bool = False,
    goal: str = "sort",
    budget: Budget = UNLIMITED,
) -> CheckedNetwork:
    """Read and check the network in `text`; options, and errors, as of `read_network`."""
    found = networks.parse_network(
        text, name, channels=channels, first=first, any_direction=any_direction
    )
    taken = f" of {found.called}(i,j), which puts the lesser key into i" if found.called else ""
    return _checked(found.network, f"{name}, {found.form}{taken}", parse_goal(goal), budget)


def best_network(
    n: int, least: Measure = "size", goal: str = "sort", budget: Budget = UNLIMITED
) -> CheckedNetwork:
    """Return the network of `n` channels for `goal`, the best known by `least`, and check it.

    Where none is known, it is the best that sorts, and called so.  Raises InputError.
    """
    aim = parse_goal(goal)
    network = networks.best(n, least, aim)
    sorts = aim != SORT and network == networks.best(n, least)
    return _checked(network, f"best {'sorting ' * sorts}network known by {least}", aim, budget)


def random_network(
    n: int, seed: int = 0, goal: str = "sort", budget: Budget = UNLIMITED
) -> CheckedNetwork:
    """Return a random network of `n` channels of the least size that sorts; raises InputError."""
    network = networks.random_optimal(n, seed)
    return _checked(network, f"random optimal network, seed {seed}", parse_goal(goal), budget)


def _checked(network: Network, title: str, goal: Goal, budget: Budget) -> CheckedNetwork:
    return CheckedNetwork(network, title, goal, networks.examine(network, goal, budget))
