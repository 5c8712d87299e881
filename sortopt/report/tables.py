"""Tables, and the one place that prints: coloured on a terminal, plain text elsewhere.

Where NO_COLOR is set, or TERM is `dumb`, a terminal gets plain text, too; FORCE_COLOR and
CLICOLOR_FORCE colour any output.  What `colour` was given goes before all of these.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TextIO

from sortopt.model import LESS_AND_EQUAL, Order

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from sortopt.verify import Explanation, Row

_WIDE = 1000
"""Columns of a table, in any terminal: what does not fit goes on in the next line, whole."""
SIGNS = {Order.LESS: "<", Order.EQUAL: "=", Order.GREATER: ">", LESS_AND_EQUAL: "<=",
         Order(0): "unordered"}  # fmt: skip
_CHANGED = "bold yellow"
_MARK = "*"
_CLEARED = "\r\x1b[2K"
_RED, _GREEN, _YELLOW = 1, 2, 3
"""Colours by their number in ANSI's codes."""
_COLOURS = MappingProxyType(
    dict.fromkeys(("refuted", "unsafe", "rejected"), _RED)
    | dict.fromkeys(("proved", "certified"), _GREEN)
    | {"unknown": _YELLOW}
)
"""The colour of each verdict."""
_VERDICT = re.compile(rf"^((?:[^\n:]+: )?)({'|'.join(_COLOURS)})\b", re.M)
"""A verdict that begins a line, or follows the name of what was judged."""
_NONE: Mapping[str, Sequence[str]] = MappingProxyType({})


_renewed = False
"""Whether the last line on stderr is one that the next takes the place of."""

_when = "auto"
"""When to colour what is printed: always, never, or auto, as the stream and the environment say."""


def colour(when: str) -> None:
    """Colour what is printed from now on "always", "never", or as it is fit ("auto")."""
    global _when
    _when = when


def _colours(stream: TextIO | None) -> bool:
    """Return whether to colour what is printed on `stream`."""
    if _when != "auto":
        return _when == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if any(
        os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")
    ):
        return True
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def renew(line: str) -> None:
    """Print a line on stderr; on a terminal the next one takes its place."""
    global _renewed
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 1
        print(f"{_CLEARED}{line[:width]}", end="", file=sys.stderr, flush=True)
        _renewed = True
    else:
        print(line, file=sys.stderr)


def clear() -> None:
    """Take away the line that would be renewed, before anything else is printed."""
    global _renewed
    if _renewed:
        print(_CLEARED, end="", file=sys.stderr, flush=True)
        _renewed = False


def show(*parts: str | Table, stderr: bool = False) -> None:
    """Print each part, a text or a table, on lines of its own."""
    clear()
    stream = sys.stderr if stderr else sys.stdout
    for part in parts:
        print(text(part, coloured=_colours(stream)), file=stream)


def text(*parts: str | Table, coloured: bool = False) -> str:
    """Return each part, a text or a table, on lines of its own."""
    return "\n".join(
        part if isinstance(part, str) and not coloured else _rendered(part, coloured=coloured)
        for part in parts
    )


def remarks(parts: Iterable[str | Table], mark: str = ";") -> Iterator[str]:
    """Yield the lines of `parts` as comments, which begin with `mark`."""
    for part in parts:
        yield from (f"{mark} {line}".rstrip() for line in text(part).splitlines())


def show_record(record: Mapping[str, Any]) -> None:
    """Print one JSON object on stdout."""
    clear()
    print(json.dumps(record))


def rows(cells: Iterable[Sequence[str]], header: Sequence[str] = ()) -> Table:
    """Return a table of rows of text."""
    from rich.text import Text

    table = _table(header)
    for row in cells:
        table.add_row(*(Text(c, f"color({_COLOURS[c]})" if c in _COLOURS else "") for c in row))
    return table


def trace(explanation: Explanation, beside: Mapping[str, Sequence[str]] = _NONE) -> Table:
    """Return a trace: one row an instruction; what changed is coloured and marked by a star.

    `beside` holds further columns, by their heading.
    """
    from rich.text import Text

    flags = ["flags"] if explanation.uses_flags else []
    table = _table(["", "instruction", *explanation.cells, *flags, *beside])
    for number, row in enumerate(explanation.rows):
        table.add_row(
            Text(str(row.number) if row.number else ""),
            Text(row.text),
            *(_value(row, cell) for cell in range(len(explanation.cells))),
            *([_flags(row)] if flags else []),
            *(Text(column[number]) for column in beside.values()),
        )
    return table


def _table(header: Sequence[str]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=bool(header), pad_edge=False, padding=(0, 2, 0, 0))
    for name in header:
        table.add_column(Text(name, "bold"), no_wrap=True)
    return table


def _value(row: Row, cell: int) -> Text:
    value = row.cells[cell]
    return _mark("?" if value is None else str(value), changed=row.changed[cell])


def _flags(row: Row) -> Text:
    return _mark("?" if row.flags is None else SIGNS[row.flags], changed=row.compared)


def _mark(text: str, *, changed: bool) -> Text:
    from rich.text import Text

    return Text(text + _MARK, _CHANGED) if changed else Text(text)


def _rendered(part: str | Table, *, coloured: bool) -> str:
    """Return a line with its verdict in colour, or a table indented by two, without the spaces
    that pad the last column.
    """
    if isinstance(part, str):
        return _VERDICT.sub(lambda m: f"{m[1]}\x1b[3{_COLOURS[m[2]]}m{m[2]}\x1b[0m", part)
    from rich.console import Console

    console = Console(
        highlight=False, markup=False, emoji=False, width=_WIDE, force_terminal=coloured,
        color_system="standard" if coloured else None, no_color=not coloured,
    )  # fmt: skip
    with console.capture() as captured:
        console.print(part)
    lines = captured.get().splitlines()
    return "\n".join("  " + line.rstrip() if line.strip() else "" for line in lines)
