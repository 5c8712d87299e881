"""The 0-1 principle: a comparator network does its job iff it does so for all keys 0 and 1.

(Knuth, The Art of Computer Programming, volume 3, theorem 5.3.4-Z.)  It holds for every goal that
names ranks: minima and maxima commute with thresholds, so a channel always holds the key of rank r
iff, whatever the zeros and ones, it holds a one just where at most r keys are zero.  Runs that
ascend on entry (merges) still do behind a threshold.  The principle does not hold for kernels: a
comparison with conditional moves is no comparator.

What channels hold is kept in groups, one for the channels that comparators have joined: channels
of two groups are independent.  Comparators that do not touch are run in the sequence that joins
groups as late as can be.  So the sets of a good network stay small: some thousands of sequences
for 32 channels, where 2^32 inputs are covered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from sortopt.base import UNLIMITED, Budget, LimitReached, Progress
from sortopt.model import SORT, Counterexample, Goal, Proved, Refuted, Unknown, Verdict
from sortopt.networks.network import Network

MOST_SEQUENCES = 1 << 22
"""The most sequences kept of a group, 64 MiB: all of 22 channels, and far more of good networks."""
_DRAWN = 1 << 12
"""Inputs tried, drawn at random, where there are too many to try all."""

_Sequences: TypeAlias = npt.NDArray[np.uint64]
"""Sequences of 0 and 1, one an entry: channel c of n is bit n - 1 - c."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What the 0-1 principle says of a network and a goal.

    `idle` are the comparators, by index, that never exchange their keys: without all of them at
    once the network does the same (none are known where the verdict is unknown).
    """

    verdict: Verdict
    idle: tuple[int, ...] = ()


def examine(network: Network, goal: Goal = SORT, budget: Budget = UNLIMITED) -> Examination:
    """Return whether `network` serves `goal`; a refutation holds the least 0-1 input it fails on.

    Least: read as a binary number, channel 0 first.  A rank is wanted on the channel of that
    number: no other can hold it always, as keys that ascend stay where they are.  Where more than
    `MOST_SEQUENCES` would have to be kept, inputs are drawn at random instead, and the verdict is
    unknown unless one fails; it is also where the budget is spent.  Raises InputError where `goal`
    does not fit the channels.
    """
    goal.ranks(network.channels)
    try:
        group, idle = _run(network, _entry(network.channels, goal), budget)
    except _TooMany:
        return Examination(_drawn(network, goal))
    except LimitReached as stop:
        return Examination(Unknown(stop.message))
    least = _least_failing(group.outputs, group.inputs, network, goal)
    return Examination(Proved() if least is None else _refuted(network, goal, least), idle)


def check(network: Network, goal: Goal = SORT) -> Verdict:
    """Return whether `network` serves `goal`, as `examine` does."""
    return examine(network, goal).verdict


def redundant(network: Network) -> tuple[int, ...]:
    """Return the indices of the comparators that never exchange their keys: they can go."""
    return examine(network).idle


class _TooMany(Exception):
    """More than `MOST_SEQUENCES` sequences."""


@dataclass(frozen=True, slots=True)
class _Group:
    """What joined channels may hold: distinct `outputs`, and for each the least of its inputs.

    Both are 0 on all other channels.
    """

    channels: frozenset[int]
    outputs: _Sequences
    inputs: _Sequences

    def beside(self, other: _Group) -> _Group:
        """Return the group of the channels of two.

        The least input of a pair is that of its parts, as they share no bit.
        """
        if len(self.outputs) * len(other.outputs) > MOST_SEQUENCES:
            raise _TooMany
        outputs = (self.outputs[:, None] | other.outputs).ravel()
        inputs = (self.inputs[:, None] | other.inputs).ravel()
        return _Group(self.channels | other.channels, outputs, inputs)

    def compared(self, low: np.uint64, high: np.uint64) -> _Group | None:
        """Return the group behind a comparator of two bits; None where it never exchanges keys."""
        exchanged = (self.outputs & low != 0) & (self.outputs & high == 0)
        if not exchanged.any():
            return None
        outputs = np.where(exchanged, self.outputs ^ (low | high), self.outputs)
        order = np.argsort(outputs, kind="stable")
        outputs = outputs[order]
        firsts = np.flatnonzero(np.append(True, outputs[1:] != outputs[:-1]))
        inputs = np.minimum.reduceat(self.inputs[order], firsts)
        return _Group(self.channels, outputs[firsts], inputs)


def _entry(n: int, goal: Goal) -> list[_Group]:
    """Return the groups on entry: the runs that ascend, and every other channel by itself."""
    runs = goal.ascending_runs() or tuple(range(c, c + 1) for c in range(n))
    groups = []
    for run in runs:
        ones = [sum(1 << (n - 1 - c) for c in run[start:]) for start in range(len(run), -1, -1)]
        sequences = np.array(ones, dtype=np.uint64)
        groups.append(_Group(frozenset(run), sequences, sequences))
    return groups


def _run(network: Network, entry: list[_Group], budget: Budget) -> tuple[_Group, tuple[int, ...]]:
    """Return what all channels hold together in the end, and the comparators that are idle."""
    n = network.channels
    of = {channel: group for group in entry for channel in group.channels}
    idle = []
    for done, index in enumerate(_sequence(network, of)):
        budget.tell(Progress("comparators", done=done, total=network.size))
        i, j = network.comparators[index]
        group = of[i] if j in of[i].channels else of[i].beside(of[j])
        after = group.compared(np.uint64(1 << (n - 1 - i)), np.uint64(1 << (n - 1 - j)))
        if after is None:
            idle.append(index)
        of.update(dict.fromkeys(group.channels, after or group))
    whole, *others = sorted({id(group): group for group in of.values()}.values(), key=_size)
    for group in others:
        whole = whole.beside(group)
    return whole, tuple(sorted(idle))


def _size(group: _Group) -> int:
    return len(group.outputs)


def _sequence(network: Network, of: dict[int, _Group]) -> Iterator[int]:
    """Yield the comparators by index, each behind those it depends on; `of` is read in between.

    First what joins no groups, then what makes the smallest one.
    """
    waiting: list[list[int]] = [[] for _ in range(network.channels)]
    for index in reversed(range(network.size)):
        for channel in network.comparators[index]:
            waiting[channel].append(index)

    def cost(index: int) -> tuple[int, int]:
        i, j = network.comparators[index]
        return (0 if j in of[i].channels else _size(of[i]) * _size(of[j])), index

    while True:
        heads = [queue[-1] for queue in waiting if queue]
        ready = {index for index in heads if heads.count(index) == 2}
        if not ready:
            return
        index = min(ready, key=cost)
        for channel in network.comparators[index]:
            waiting[channel].pop()
        yield index


def _wrong(outputs: _Sequences, n: int, rank: int) -> npt.NDArray[np.bool_]:
    """Return in which sequences the channel of that number does not hold the key of `rank`.

    It must hold a one just where at most `rank` keys are zero: where more than n - 1 - rank are
    one (comparators keep their number).
    """
    ones = sum((outputs >> np.uint64(bit)) & np.uint64(1) for bit in range(n))
    held = (outputs >> np.uint64(n - 1 - rank)) & np.uint64(1)
    return np.asarray((held == 1) != (ones > n - 1 - rank))


def _least_failing(
    outputs: _Sequences, inputs: _Sequences, network: Network, goal: Goal
) -> int | None:
    """Return the least of `inputs` whose entry of `outputs` misses a rank of `goal`, or None."""
    n = network.channels
    failing = np.any([_wrong(outputs, n, rank) for rank in goal.ranks(n)], axis=0)
    return int(inputs[failing].min()) if failing.any() else None


def _drawn(network: Network, goal: Goal) -> Verdict:
    """Return a refutation by an input drawn at random, or that nothing is known."""
    n, random = network.channels, np.random.default_rng(0)
    inputs = np.zeros(_DRAWN, dtype=np.uint64)
    for group in _entry(n, goal):
        inputs |= random.choice(group.inputs, _DRAWN)
    outputs = inputs.copy()
    for i, j in network.comparators:
        low, high = np.uint64(1 << (n - 1 - i)), np.uint64(1 << (n - 1 - j))
        exchanged = (outputs & low != 0) & (outputs & high == 0)
        outputs[exchanged] ^= low | high
    least = _least_failing(outputs, inputs, network, goal)
    if least is not None:
        return _refuted(network, goal, least)
    return Unknown(
        f"more than {MOST_SEQUENCES:,} sequences of 0 and 1 would have to be kept; "
        f"{_DRAWN:,} drawn at random do not fail"
    )


def _refuted(network: Network, goal: Goal, sequence: int) -> Verdict:
    n = network.channels
    keys = tuple(sequence >> (n - 1 - channel) & 1 for channel in range(n))
    held, ordered, ranks = network.apply(keys), sorted(keys), goal.ranks(n)
    outputs = tuple(held[rank] for rank in ranks)
    return Refuted(Counterexample(keys, outputs, tuple(ordered[rank] for rank in ranks)))
