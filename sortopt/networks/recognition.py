"""Kernel to network: the comparators that a kernel carries out one after the other, if it does."""

from __future__ import annotations

from sortopt.model import SORT, Instr, Kernel, Step, liveness, step, writes
from sortopt.networks.network import Comparator, Network, untangle

_ORDERS = (1, 2), (2, 1), (1, 1)
"""All ways in which two keys compare."""


def recognise(kernel: Kernel) -> Network | None:
    """Return the network whose comparators `kernel` carries out in sequence, or None.

    Sound because where n cells are live and no flags, only what these cells hold counts: a stretch
    of instructions from one such place to the next is a comparator where it leaves all keys alone
    but two, and puts these two in order however they compare.  What depends on anything else comes
    out as unknown, and is no comparator.
    """
    points, channel = liveness(kernel), {c: i for i, c in enumerate(kernel.contract.inputs)}
    if kernel.contract.goal != SORT or points[0].cells != channel.keys():
        return None
    pairs: list[Comparator] = []
    start = 0
    for end in range(1, len(kernel) + 1):
        if points[end].flags or len(points[end].cells) != kernel.n:
            continue
        stretch = kernel.instructions[start:end]
        found = _follow(kernel, stretch, channel, points[end].cells)
        if found is not None:
            channel, new = found
            pairs += new
            start = end
    return untangle(kernel.n, pairs) if start == len(kernel) else None


def _follow(
    kernel: Kernel, stretch: tuple[Instr, ...], channel: dict[int, int], live: frozenset[int]
) -> tuple[dict[int, int], list[Comparator]] | None:
    """Return which channel each live cell holds after `stretch`, and its comparator, if it has one.

    None where it is neither a comparator nor a move.
    """
    written = frozenset().union(*map(writes, stretch))
    kept = {cell: channel[cell] for cell in live & channel.keys() - written}
    before, after = sorted(channel.keys() - kept.keys()), sorted(live - kept.keys())
    results = {_results(kernel, stretch, before, keys, after) for keys in _ORDERS}
    if len(before) == 1 and results == {(1,), (2,)}:
        return kept | {after[0]: channel[before[0]]}, []
    if len(before) != 2:
        return None
    for least, greatest in (after, after[::-1]):
        if results == {(1, 2) if least < greatest else (2, 1), (1, 1)}:
            low, high = (channel[cell] for cell in before)
            return kept | {least: low, greatest: high}, [(low, high)]
    return None


def _results(
    kernel: Kernel,
    stretch: tuple[Instr, ...],
    before: list[int],
    keys: tuple[int, ...],
    after: list[int],
) -> tuple[int | None, ...]:
    """Return what the cells `after` hold where those of `before` held `keys`, others anything."""
    cells: list[int | None] = [None] * len(kernel.cells)
    for cell, key in zip(before, keys, strict=False):
        cells[cell] = key
    now = Step(tuple(cells), None)
    for instruction in stretch:
        now = step(instruction, now)
    return tuple(now.cells[cell] for cell in after)
