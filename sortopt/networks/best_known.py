"""The best networks known: data files, each with its source.

They sort 2 to 32 keys, or select the median of an odd number of keys, 3 to 25.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from sortopt.base import InputError
from sortopt.model import SORT, Goal
from sortopt.networks.network import Network
from sortopt.networks.reader import parse_network

Measure = Literal["size", "depth"]

_FILE = re.compile(r"(sort|median)_(\d+)_(\d+)_(\d+)\.json")


@dataclass(frozen=True, slots=True, order=True)
class _Entry:
    """A data file, by what its name says."""

    goal: str
    channels: int
    size: int
    depth: int
    name: str


@cache
def _entries() -> tuple[_Entry, ...]:
    folder = files("sortopt").joinpath("data", "networks")
    names = [match for path in folder.iterdir() if (match := _FILE.fullmatch(path.name))]
    return tuple(sorted(_Entry(m[1], int(m[2]), int(m[3]), int(m[4]), m[0]) for m in names))


def best(channels: int, measure: Measure = "size", goal: Goal = SORT) -> Network:
    """Return a best-known network: least size, then depth, or the other way round.

    Where none is on file for `goal`, it is one that sorts, which serves every other goal too.

    >>> best(5).size, best(16).size, best(16, "depth").depth, best(5, goal=Goal("median")).size
    (9, 60, 9, 7)

    Raises InputError where none is on file.
    """
    entries = [e for e in _entries() if e.channels == channels and e.goal == goal.name]
    if not entries and goal != SORT:
        return best(channels, measure)
    if not entries:
        known = sorted({entry.channels for entry in _entries()})
        raise InputError(
            f"no best-known network of {channels} channels is on file",
            hint=f"there is one for each of {known[0]} to {known[-1]}",
        )
    by_depth = measure == "depth"
    entry = min(entries, key=lambda e: (e.depth, e.size) if by_depth else (e.size, e.depth))
    text = files("sortopt").joinpath("data", "networks", entry.name).read_text()
    return parse_network(text, entry.name).network
