"""Knuth diagrams as text: a row a channel, a vertical line a comparator.

    0 --o--o-----
        |  |
    1 --o--|--o--
           |  |
    2 -----o--o--

After the diagrams of Knuth, The Art of Computer Programming, volume 3, section 5.3.4.  Rows of
vertical lines between the channels may be left out; then the ends of the lines in a column belong
together two by two, from the top.
"""

from __future__ import annotations

import re
from itertools import pairwise

from sortopt.base import InputError, Source, Span
from sortopt.networks.network import Comparator, Network

_WIRE = "-─━—="
_ENDS = "oO*●•xX^v┬┴┳┻+"
_THROUGH = "|│┃┼╂"
_CHANNEL = re.compile(rf"[{_WIRE}]{{2}}")


def is_diagram(text: str) -> bool:
    """Return whether `text` looks like a diagram: some line holds a stretch of a channel."""
    return any(_CHANNEL.search(line) for line in text.splitlines())


def draw_text(network: Network) -> str:
    """Draw `network` as text, one group of columns a layer; the text ends in a newline.

    Reading it back gives the network in the sequence of its layers.
    """
    n, width = network.channels, len(str(network.channels - 1))
    rows = ["" for _ in range(2 * n - 1)]
    for layer in network.layers:
        for column in columns(layer):
            _append_column(rows, column)
    lines = [
        f"{row // 2:>{width}} --{cells}--" if row % 2 == 0 else f"{'':>{width}}   {cells}"
        for row, cells in enumerate(rows)
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def columns(layer: tuple[Comparator, ...]) -> list[tuple[Comparator, ...]]:
    """Share out a layer over columns so that no two lines of a column overlap, first fit."""
    made: list[list[Comparator]] = []
    for i, j in sorted(layer):
        free = (column for column in made if column[-1][1] < i)
        column = next(free, None)
        if column is None:
            made.append(column := [])
        column.append((i, j))
    return [tuple(column) for column in made]


def _append_column(rows: list[str], column: tuple[Comparator, ...]) -> None:
    gap = "--" if rows[0] else ""
    for row in range(len(rows)):
        on_channel = row % 2 == 0
        mark = "-" if on_channel else " "
        for i, j in column:
            if row in (2 * i, 2 * j):
                mark = "o"
            elif 2 * i < row < 2 * j:
                mark = "|"
        rows[row] += (gap if on_channel else " " * len(gap)) + mark


def read_diagram(text: str, source: Source) -> Network:
    """Read a diagram; `text` is that of `source`, comments blanked.

    Raises InputError where a line ends nowhere, or where two comparators of a column overlap.
    """
    lines = [line.expandtabs() for line in text.splitlines()]
    wires = [number for number, line in enumerate(lines) if _CHANNEL.search(line)]
    gaps = [_overlay(lines[above + 1 : below]) for above, below in pairwise(wires)]
    spaced = any(mark in _THROUGH for gap in gaps for mark in gap)
    grid = {number: lines[number] if spaced else _inside(lines[number]) for number in wires}
    comparators: list[Comparator] = []
    for column in range(max(len(line) for line in lines)):
        marks = [_at(grid[number], column) for number in wires]
        between = [_at(gap, column) in _THROUGH for gap in gaps]
        ends = _spaced_ends(marks, between) if spaced else _compact_ends(marks)
        if isinstance(ends, int):
            span = Span(wires[ends] + 1, column + 1)
            raise InputError(
                "this comparator has no other end",
                hint="join two channels by a line, o at both ends",
                source=source,
                span=span,
            )
        comparators += ends
    return Network(len(wires), tuple(comparators))


def _inside(line: str) -> str:
    """Blank what stands before a channel begins and after it ends: names, and dots at its ends."""
    places = [column for column, mark in enumerate(line) if mark in _WIRE]
    start, stop = places[0], places[-1] + 1
    return " " * start + line[start:stop]


def _overlay(lines: list[str]) -> str:
    """Lay the lines between two channels over each other, keeping vertical lines."""
    width = max((len(line) for line in lines), default=0)
    return "".join(
        "|" if any(_at(line, column) in _THROUGH for line in lines) else " "
        for column in range(width)
    )


def _at(line: str, column: int) -> str:
    return line[column] if column < len(line) else " "


def _spaced_ends(marks: list[str], between: list[bool]) -> list[Comparator] | int:
    """Return the comparators of a column, or the channel at which a line ends nowhere."""
    found: list[Comparator] = []
    start: int | None = None
    for channel, mark in enumerate(marks):
        above = channel > 0 and between[channel - 1]
        below = channel < len(between) and between[channel]
        crosses = above and below and mark not in "oO*●•xX^v"
        if crosses:
            continue
        if above:
            if start is None or below or mark not in _ENDS:
                return channel
            found.append((start, channel))
            start = None
        elif below:
            if mark not in _ENDS:
                return channel
            start = channel
    return found


def _compact_ends(marks: list[str]) -> list[Comparator] | int:
    """Pair the ends of a column from the top; crossings stand between the ends of a pair."""
    found: list[Comparator] = []
    start: int | None = None
    for channel, mark in enumerate(marks):
        if mark in _ENDS:
            if start is None:
                start = channel
            else:
                found.append((start, channel))
                start = None
        elif start is None and mark in _THROUGH:
            return channel
    return found if start is None else start
