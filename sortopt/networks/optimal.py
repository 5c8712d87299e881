"""Many different networks of least size for up to eight channels, quickly.

A prefix of a network matters only through the set of 0-1 outputs it can produce, here the bits of
one integer of 2^n bits; a comparator is two masks and a shift.  A beam keeps, level by level, the
sets of fewest members (with some noise, so that rounds differ); where it reaches the n + 1 sorted
sequences at the known least size, every path that leads there is an optimal network, and paths
are drawn at random.  Sets of outputs as states: Codish, Cruz-Filipe, Frank, Schneider-Kamp,
"Twenty-Five Comparators is Optimal when Sorting Nine Inputs (and Twenty-Nine for Ten)", 2014.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, count, islice
from math import log
from random import Random

from sortopt.errors import InputError
from sortopt.networks.network import Comparator, Network

LEAST_SIZE = {1: 0, 2: 1, 3: 3, 4: 5, 5: 9, 6: 12, 7: 16, 8: 19}
"""The proven least number of comparators (Knuth, volume 3, section 5.3.4)."""

_WIDTH = 300
_NOISE = 0.2
_DRAWS = 50
_BARREN_ROUNDS = 10

_Level = dict[int, list[tuple[int, Comparator]]]
"""From each set of outputs to the sets it was reached from, each with its last comparator."""


def optimal_networks(channels: int, seed: int = 0) -> Iterator[Network]:
    """Yield optimal networks, no two alike up to renaming of channels, in an order set by `seed`.

    Ends when ten rounds in a row find nothing new: at once for 2 channels, after very many
    networks for 6 and more.  Cost: 0.2 s for the first of 8 channels, then about a millisecond
    each.  Raises InputError beyond 8 channels.
    """
    if channels not in LEAST_SIZE:
        raise InputError(
            f"optimal networks are generated for 1 to {max(LEAST_SIZE)} channels, not {channels}"
        )
    seen: set[int] = set()
    barren = 0
    for turn in count():
        random = Random(f"{seed} {turn}")
        levels, before = _beam(channels, random), len(seen)
        for _ in range(_DRAWS if levels else 0):
            network = _draw(channels, levels, random)
            signature = structure(network)
            if signature not in seen:
                seen.add(signature)
                yield network
        barren = barren + 1 if len(seen) == before else 0
        if barren == _BARREN_ROUNDS:
            return


def random_optimal(channels: int, seed: int = 0) -> Network:
    """Return an optimal network of up to 8 channels; the same seed gives the same.

    >>> random_optimal(6, seed=1).size
    12
    """
    return next(islice(optimal_networks(channels, seed), 1))


def structure(network: Network) -> int:
    """Return a hash of `network` as a graph: equal for networks equal up to renaming channels.

    Comparators are refined by their neighbours' hashes (Weisfeiler, Leman) until `depth` steps
    have seen the whole graph; unequal networks may, rarely, share a hash.
    """
    links: list[list[tuple[int, int, int]]] = [[] for _ in network.comparators]
    last: dict[int, tuple[int, int]] = {}
    for index, comparator in enumerate(network.comparators):
        for port, channel in enumerate(comparator):
            if channel in last:
                other, its_port = last[channel]
                links[other].append((port, index, its_port))
                links[index].append((2 + port, other, its_port))
            last[channel] = (index, port)
    hashes = [0] * network.size
    for _ in range(network.depth):
        hashes = [
            hash((own, *sorted((port, hashes[other], its) for port, other, its in links[index])))
            for index, own in enumerate(hashes)
        ]
    return hash(tuple(sorted(hashes)))


def _beam(channels: int, random: Random) -> list[_Level]:
    """Return the levels of one beam whose last holds the sorted sequences alone; [] on failure."""
    moves = [(pair, *_exchange(channels, *pair)) for pair in combinations(range(channels), 2)]
    levels: list[_Level] = [{(1 << (1 << channels)) - 1: []}]
    for _ in range(LEAST_SIZE[channels]):
        reached: _Level = {}
        for outputs in levels[-1]:
            for pair, unsorted, shift in moves:
                if moved := outputs & unsorted:
                    after = (outputs ^ moved) | (moved << shift)
                    reached.setdefault(after, []).append((outputs, pair))
        weighed = {after: log(after.bit_count()) + _NOISE * random.random() for after in reached}
        kept = sorted(reached, key=weighed.__getitem__)[:_WIDTH]
        levels.append({after: reached[after] for after in kept})
    # Standard comparators keep what is sorted, so n + 1 outputs are the n + 1 sorted sequences.
    goal = {s: ways for s, ways in levels[-1].items() if s.bit_count() == channels + 1}
    return [*levels[:-1], goal] if goal else []


def _exchange(channels: int, i: int, j: int) -> tuple[int, int]:
    """Return the mask of the sequences with 1 on channel i and 0 on j, and how far they move.

    Bit v of a set stands for the sequence whose channel c is bit c of v.
    """
    mask = sum(1 << v for v in range(1 << channels) if v >> i & 1 and not v >> j & 1)
    return mask, (1 << j) - (1 << i)


def _draw(channels: int, levels: list[_Level], random: Random) -> Network:
    """Draw one path from the last level back to the start."""
    (outputs,) = levels[-1]
    comparators: list[Comparator] = []
    for level in reversed(levels[1:]):
        outputs, comparator = random.choice(level[outputs])
        comparators.append(comparator)
    return Network(channels, tuple(reversed(comparators))).layered()
