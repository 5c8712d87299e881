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
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from sortopt.base import InputError, Source, Span
from sortopt.networks.network import Comparator, Network

_WIRE = "-─━—="
_ENDS = "oO*●•xX^v┬┴┳┻+"
_THROUGH = "|│┃┼╂"
_CROSSED = "oO*●•xX^v"
"""Ends at which no line that only crosses the channel can go on."""
_CHANNEL = re.compile(rf"[{_WIRE}]{{2}}")
_NUMBERS = re.compile(r"\d\W+\d")
_JOINED = re.compile(rf"(?<!\d)(\d+)\s*[{_WIRE}]+\s*(?!\1\b)\d")


def is_diagram(text: str) -> bool:
    """Return whether `text` looks like a diagram: some line holds a stretch of a channel.

    And none has two numbers beside it, or is all that two numbers have between them: they are a
    comparator.
    """
    lines = text.split("\n")
    return any(map(_CHANNEL.search, lines)) and not any(
        _NUMBERS.search(_CHANNEL.split(line, maxsplit=1)[0]) or _JOINED.search(line)
        for line in lines
    )


def _foreign(line: str) -> bool:
    """Return whether a line is neither a channel nor between two."""
    return not _CHANNEL.search(line) and bool(line.strip(_THROUGH + " \t\r"))


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

    Raises InputError where a line ends nowhere, where two comparators of a column overlap, for an
    end without a line, and for a line of text that is no part of the diagram.
    """
    lines = [line.expandtabs() for line in text.split("\n")]
    for number, line in enumerate(lines, start=1):
        if _foreign(line):
            raise InputError(
                "this is neither a channel of the diagram nor between two",
                hint="leave it out, or begin it with #", source=source, span=Span(number, 1),
            )  # fmt: skip
    wires = [number for number, line in enumerate(lines) if _CHANNEL.search(line)]
    gaps = {
        (channel, column)
        for channel, (above, below) in enumerate(pairwise(wires))
        for line in lines[above + 1 : below]
        for column in _places(line, _THROUGH)
    }
    columns: dict[int, _Column] = {}
    for channel, column in gaps:
        columns.setdefault(column, _Column({}, set())).below.add(channel)
    for channel, number in enumerate(wires):
        line = lines[number] if gaps else _inside(lines[number])
        for column in _places(line, _ENDS + _THROUGH):
            columns.setdefault(column, _Column({}, set())).marks[channel] = line[column]
    comparators: list[Comparator] = []
    for column in sorted(columns):
        ends = columns[column].spaced_ends() if gaps else columns[column].compact_ends()
        if isinstance(ends, int):
            raise _single(source, wires[ends], column)
        comparators += ends
    for channel, number in enumerate(wires if gaps else ()):
        for column in _places(_inside(lines[number]), _CROSSED):
            if channel not in columns[column].joined:
                raise _single(source, number, column)
    return Network(len(wires), tuple(comparators))


def _single(source: Source, line: int, column: int) -> InputError:
    """Return the error for an end at a place, both from 0, from which no line goes on."""
    hint = "join two channels by a line, o at both ends"
    span = Span(line + 1, column + 1)
    return InputError("this comparator has no other end", hint=hint, source=source, span=span)


def _places(line: str, marks: str) -> Iterator[int]:
    """Yield the columns in which `line` has one of `marks`."""
    return (column for column, mark in enumerate(line) if mark in marks)


def _inside(line: str) -> str:
    """Blank what stands before a channel begins and after it ends: names, and dots at its ends."""
    start = min(map(line.find, set(line) & set(_WIRE)))
    stop = max(map(line.rfind, set(line) & set(_WIRE))) + 1
    return " " * start + line[start:stop]


@dataclass(frozen=True, slots=True)
class _Column:
    """One column: what marks it on the channels, and below which channels a line goes on."""

    marks: dict[int, str]
    below: set[int]

    @property
    def joined(self) -> set[int]:
        """The channels at which a line goes on."""
        return self.below | {channel + 1 for channel in self.below}

    def spaced_ends(self) -> list[Comparator] | int:
        """Return the comparators of a column, or the channel at which a line ends nowhere."""
        found: list[Comparator] = []
        start: int | None = None
        for channel in sorted(self.joined):
            mark = self.marks.get(channel, " ")
            above, below = channel - 1 in self.below, channel in self.below
            if above and below and mark not in _CROSSED:
                continue
            if mark not in _ENDS or (above and below):
                return channel
            if above:
                assert start is not None
                found.append((start, channel))
            start = channel
        return found

    def compact_ends(self) -> list[Comparator] | int:
        """Pair the ends of a column from the top; crossings stand between the ends of a pair."""
        found: list[Comparator] = []
        start: int | None = None
        for channel, mark in sorted(self.marks.items()):
            if mark in _ENDS:
                if start is None:
                    start = channel
                else:
                    found.append((start, channel))
                    start = None
            elif start is None:
                return channel
        return found if start is None else start
