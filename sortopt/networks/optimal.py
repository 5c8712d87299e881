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

from sortopt.base import InputError
from sortopt.networks.network import Comparator, Network

LEAST_SIZE = {1: 0, 2: 1, 3: 3, 4: 5, 5: 9, 6: 12, 7: 16, 8: 19}
"""The proven least number of comparators (Knuth, volume 3, section 5.3.4)."""

_WIDTHS = (300, 4800)
"""Sets that the first beam keeps a level, and the most that a later one keeps."""
_NOISE = 0.2
_BARREN_ROUNDS = 2

_Level = dict[int, list[tuple[int, Comparator]]]
"""From each set of outputs to the sets it was reached from, each with its last comparator."""


def optimal_networks(channels: int, seed: int = 0) -> Iterator[Network]:
    """Yield optimal networks, no two alike up to renaming of channels, in an order set by `seed`.

    Beams get wider as new networks get rare; the networks end when two rounds of the widest find
    nothing new.  There are at least 351 for 5 channels, 177 for 6, 1,133 for 7 and 60 for 8; no
    promise that all come.  Cost: under 0.2 s for the first, some milliseconds for each of
    the next 50, minutes for all of 7 channels.  Raises InputError beyond 8 channels.
    """
    if channels not in LEAST_SIZE:
        raise InputError(
            f"optimal networks are generated for 1 to {max(LEAST_SIZE)} channels, not {channels}"
        )
    seen: set[int] = set()
    width, barren = _WIDTHS[0], 0
    for turn in count():
        random = Random(f"{seed} {turn}")
        levels, before, draws = _beam(channels, width, random), len(seen), width // 4
        for _ in range(draws if levels else 0):
            network = _draw(channels, levels, random)
            signature = structure(network)
            if signature not in seen:
                seen.add(signature)
                yield network
        found = len(seen) - before
        barren = barren + 1 if found == 0 and width == _WIDTHS[1] else 0
        if barren == _BARREN_ROUNDS:
            return
        if 10 * found < draws:
            width = min(2 * width, _WIDTHS[1])


def random_optimal(channels: int, seed: int = 0) -> Network:
    """Return an optimal network of up to 8 channels; the same seed gives the same.

    >>> random_optimal(6, seed=1).size
    12
    """
    return next(islice(optimal_networks(channels, seed), 1))


def structure(network: Network) -> int:
    """Return a hash of `network` as a graph: equal for networks equal up to renaming channels.

    An edge says which output of a comparator it leaves, the lesser or the greater; a comparator
    takes its two inputs alike.  Comparators are refined by their neighbours' hashes (Weisfeiler,
    Leman) for `depth` rounds; unequal networks may, rarely, share a hash.
    """
    links: list[list[tuple[int, int]]] = [[] for _ in network.comparators]
    last: dict[int, tuple[int, int]] = {}
    for index, comparator in enumerate(network.comparators):
        for channel in comparator:
            if channel in last:
                other, output = last[channel]
                links[other].append((output, index))
                links[index].append((2 + output, other))
        last.update({channel: (index, output) for output, channel in enumerate(comparator)})
    hashes = [0] * network.size
    for _ in range(network.depth):
        hashes = [
            hash((own, *sorted((kind, hashes[other]) for kind, other in links[index])))
            for index, own in enumerate(hashes)
        ]
    return hash(tuple(sorted(hashes)))


def _beam(channels: int, width: int, random: Random) -> list[_Level]:
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
        kept = sorted(reached, key=weighed.__getitem__)[:width]
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
