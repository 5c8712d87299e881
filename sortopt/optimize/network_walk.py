"""A random walk over comparator networks, towards those whose kernels need few movs.

A comparator costs four instructions, three where the cell left free by the one before holds a key
that does instead of its mov (`optimize.schedule`).  So a network of more comparators can make a
shorter kernel: of 60 comparators for 16 keys 2 do without their mov, of 61 comparators 8.  The walk
changes one to four comparators at a time, keeps to networks that sort, and takes one that is worth
d more with probability exp(-d / T) (Metropolis).  Starting from a known network and changing it at
random is how SorterHunter (Dobbelaere) finds small networks.

Nothing here is a proof of a kernel: which movs are free is judged on a sample of inputs.  That a
network sorts is exact (0-1 principle, on all 0-1 inputs that its first layers leave different).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt

from sortopt.base import UNLIMITED, Budget
from sortopt.networks import Comparator, Network
from sortopt.optimize import _network_walk_kernels as kernels

_Lines = npt.NDArray[np.int64]
_Rows = npt.NDArray[np.uint8]

FIXED_LAYERS = 2
"""The first layers are left as they are: there no mov is saved."""

SAMPLE = 1000
"""Inputs on which free movs are looked for."""

CHANGES = 400_000
"""Changes tried between two networks yielded: one to three seconds for 16 channels."""

TRIES = 200
"""Greedy choices of a sequence for a network that is yielded."""

LEGS = 15
"""Networks that a walk yields before it sets out anew, by another rule."""

_RULES = (
    ((1.0, 0.45, 0.3), 2),
    ((1.0, 0.25, 0.4), 3),
    ((1.0, 0.3, 0.7), 2),
    ((1.0, 0.0, 0.3), 3),
    ((1.0, 0.6, 0.5), 1),
    ((1.0, 0.3, 0.5), 4),
)
"""Weights of the two lengths and the temperature, and comparators more than the start has.

Found by trying: for 16 channels walks of most kinds come to 236 within some minutes."""

_SIDE_BY_SIDE = 2


@dataclass(frozen=True, slots=True)
class Walker:
    """One walk under way: its first layers, what inputs look like behind them, and the rest."""

    fixed: tuple[Comparator, ...]
    bits: npt.NDArray[np.uint64]
    keys: _Rows
    net: _Lines
    rule: npt.NDArray[np.float64]

    @classmethod
    def of(cls, start: Network, number: int) -> Walker:
        """Return the walk of this number, which sets its rule, from a network that sorts."""
        (first, second, temperature), extra = _RULES[number % len(_RULES)]
        fixed = tuple(c for layer in start.layers[:FIXED_LAYERS] for c in layer)
        rest = [c for layer in start.layers[FIXED_LAYERS:] for c in layer]
        room = kernels.MOST_COMPARATORS - len(rest)
        lines = rest + [(0, start.channels - 1)] * min(extra, room)
        random = np.random.default_rng(number)
        inputs = np.array([random.permutation(start.channels) for _ in range(SAMPLE)], np.uint8)
        return cls(
            fixed,
            packed(images(start.channels, fixed)),
            np.ascontiguousarray(_after(inputs, fixed).T),
            np.array(lines, np.int64),
            np.array([first, second, temperature]),
        )

    def leg(self, changes: int, seed: int) -> Network:
        """Walk on; return the best network met, in a sequence in which many movs are free."""
        best = np.empty_like(self.net)
        kernels.walk(self.bits, self.keys, self.net, best, self.rule, changes, seed)
        idle = np.empty(len(best), np.bool_)
        follows = np.empty(len(best), np.int64)
        before = np.empty(len(best), np.uint64)
        kernels.sorts(self.bits, best, idle)
        kernels.judge(self.keys, best, idle, follows, before, TRIES)
        rest = [(int(best[k, 0]), int(best[k, 1])) for k in in_sequence(follows, before)]
        return Network(len(self.keys), (*self.fixed, *rest))


def networks(
    start: Network, budget: Budget = UNLIMITED, *, seed: int = 0, changes: int = CHANGES
) -> Iterator[Network]:
    """Yield sorting networks met on random walks from `start`, which must sort, without end.

    Two walks take turns, or run side by side; the networks are the same for any number of
    threads.  Comparators stand in a sequence in which many follow one that saves them a mov.
    `changes` are tried between two of them.  Raises ValueError where `start` has more than
    64 comparators.
    """
    if len(start.comparators) > kernels.MOST_COMPARATORS:
        raise ValueError(f"a walk takes at most {kernels.MOST_COMPARATORS} comparators")
    with ThreadPoolExecutor(min(budget.cores, _SIDE_BY_SIDE)) as pool:
        for first in count(step=_SIDE_BY_SIDE):
            numbers = range(first, first + _SIDE_BY_SIDE)
            walkers = [Walker.of(start, number) for number in numbers]
            for leg in range(LEGS):
                budget.check()
                seeds = [hash((seed, leg, number)) & 0xFFFFFFFF for number in numbers]
                yield from pool.map(lambda walker, own: walker.leg(changes, own), walkers, seeds)


def images(channels: int, comparators: Sequence[Comparator]) -> _Rows:
    """Return the different outputs of `comparators` on 0-1 inputs, one a row.

    Channels that no comparator joins are taken apart first, so that few rows arise on the way.
    """
    groups = [([channel], np.array([[0], [1]], np.uint8)) for channel in range(channels)]
    for pair in comparators:
        joined = [group for group in groups if set(pair) & set(group[0])]
        groups = [group for group in groups if not set(pair) & set(group[0])]
        names, rows = joined[0] if len(joined) == 1 else _product(*joined)
        low, high = (names.index(channel) for channel in pair)
        lesser, greater = rows[:, low] & rows[:, high], rows[:, low] | rows[:, high]
        rows[:, low], rows[:, high] = lesser, greater
        groups.append((names, np.unique(rows, axis=0)))
    names, rows = groups[0]
    for group in groups[1:]:
        names, rows = _product((names, rows), group)
    return rows[:, np.argsort(names)]


_Group = tuple[list[int], _Rows]


def _product(one: _Group, other: _Group) -> _Group:
    left = np.repeat(one[1], len(other[1]), axis=0)
    return one[0] + other[0], np.hstack([left, np.tile(other[1], (len(one[1]), 1))])


def packed(rows: _Rows) -> npt.NDArray[np.uint64]:
    """Return one line a channel, 64 rows in a word; rows of 0 fill the last."""
    padded = np.zeros((-(-len(rows) // 64) * 64, rows.shape[1]), np.uint8)
    padded[: len(rows)] = rows
    return np.packbits(np.ascontiguousarray(padded.T), axis=1).view(np.uint64)


def _after(inputs: _Rows, comparators: Sequence[Comparator]) -> _Rows:
    held = inputs.copy()
    for low, high in comparators:
        pair = held[:, [low, high]]
        held[:, low], held[:, high] = pair.min(axis=1), pair.max(axis=1)
    return held


def in_sequence(follows: _Lines, before: npt.NDArray[np.uint64]) -> list[int]:
    """Return the comparators in a sequence that keeps `before`, each right behind what it follows.

    As far as that goes early, in the sequence of their numbers; idle ones are left out.
    """
    followed = {int(j): i for i, j in enumerate(follows) if j >= 0}
    heads = [i for i, j in enumerate(follows) if j < 0 and j != kernels.IDLE]
    taken: list[int] = []
    done = 0
    while heads:
        k = next(k for k in heads if not int(before[k]) & ~done)
        heads.remove(k)
        while True:
            taken.append(k)
            done |= 1 << k
            if k not in followed:
                break
            k = followed[k]
    return taken
