"""Comparator networks: frozen values, validated once, when built.

A comparator (i, j) with i < j puts the lesser of two keys on channel i and the greater on j.
Channels count from 0.  Two networks that differ only in the sequence of comparators that do not
touch each other have the same `layers`; `layered` makes them equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sortopt.base import InputError, Shown

MOST_CHANNELS = 64
"""The most channels a network may have."""

Comparator = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Network(Shown):
    """A comparator network on `channels` channels; it need not sort.

    Raises InputError where a comparator touches a channel that is not there, or twice the same,
    or puts the lesser key below (then `untangle` makes a network of the usual kind).
    """

    channels: int
    comparators: tuple[Comparator, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.channels <= MOST_CHANNELS:
            raise InputError(f"a network has 1 to {MOST_CHANNELS} channels, not {self.channels}")
        for position, comparator in enumerate(self.comparators, start=1):
            check_comparator(comparator, self.channels, f"comparator {position}, ")

    @property
    def size(self) -> int:
        """The number of comparators."""
        return len(self.comparators)

    @property
    def depth(self) -> int:
        """The number of layers."""
        return len(self.layers)

    @property
    def layers(self) -> tuple[tuple[Comparator, ...], ...]:
        """The comparators in layers, each as early as can be, sorted within its layer.

        No two comparators of a layer touch, so a layer takes one step in parallel.
        """
        busy = [0] * self.channels
        layers: list[list[Comparator]] = []
        for i, j in self.comparators:
            layer = max(busy[i], busy[j])
            busy[i] = busy[j] = layer + 1
            layers += [[]] * (layer == len(layers))
            layers[layer] = [*layers[layer], (i, j)]
        return tuple(tuple(sorted(layer)) for layer in layers)

    def layered(self) -> Network:
        """Return this network with its comparators in the sequence of `layers`."""
        return Network(self.channels, tuple(c for layer in self.layers for c in layer))

    def without(self, index: int) -> Network:
        """Return the network that lacks comparator `index`."""
        kept = self.comparators[:index] + self.comparators[index + 1 :]
        return Network(self.channels, kept)

    def needed(self, outputs: Iterable[int]) -> tuple[tuple[bool, bool], ...]:
        """Return, for each comparator, whether its lesser and its greater key may reach `outputs`.

        `outputs` are channels; of a comparator with two of these no half can go for this reason.
        """
        live, found = set(outputs), []
        for i, j in reversed(self.comparators):
            found.append((i in live, j in live))
            if found[-1] != (False, False):
                live |= {i, j}
        return tuple(reversed(found))

    def apply(self, keys: Sequence[int]) -> tuple[int, ...]:
        """Return what the channels hold after the network, given `keys` on entry."""
        held = list(keys)
        for i, j in self.comparators:
            held[i], held[j] = min(held[i], held[j]), max(held[i], held[j])
        return tuple(held)

    def __len__(self) -> int:
        return len(self.comparators)


def check_comparator(comparator: Comparator, channels: int, where: str = "comparator ") -> None:
    """Raise InputError, its message beginning with `where`, unless `comparator` is a usual one."""
    i, j = comparator
    where = f"{where}{i}:{j}"
    if i == j:
        raise InputError(f"{where} joins a channel with itself")
    beyond = [channel for channel in (i, j) if not 0 <= channel < channels]
    if beyond:
        raise InputError(
            f"{where} names channel {beyond[0]}, but the channels are 0 to {channels - 1}"
        )
    if i > j:
        raise InputError(
            f"{where} puts the lesser key on the lower channel",
            hint=f"write {j}:{i}, or untangle the network (--untangle)",
        )


def untangle(channels: int, pairs: Iterable[Comparator]) -> Network:
    """Return a network that does what `pairs` do: (i, j) puts the lesser key on i, also if i > j.

    The channels are exchanged behind each comparator that puts the lesser key below; the result
    sorts iff `pairs` leave their keys in one fixed sequence (Knuth, The Art of Computer
    Programming, volume 3, exercise 5.3.4-16).
    """
    place = list(range(channels))
    comparators: list[Comparator] = []
    for i, j in pairs:
        check_comparator((min(i, j), max(i, j)), channels)
        comparators.append((min(place[i], place[j]), max(place[i], place[j])))
        if place[i] > place[j]:
            place[i], place[j] = place[j], place[i]
    return Network(channels, tuple(comparators))
