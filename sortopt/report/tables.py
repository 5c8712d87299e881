"""Tables, and the one place that prints: coloured on a terminal, plain text elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sortopt.model import LESS_AND_EQUAL, Order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table
    from rich.text import Text

    from sortopt.verify import Explanation, Row

_WIDE = 1000
SIGNS = {Order.LESS: "<", Order.EQUAL: "=", Order.GREATER: ">", LESS_AND_EQUAL: "<="}
_CHANGED = "bold yellow"
_MARK = "*"


def show(*parts: str | Table, stderr: bool = False) -> None:
    """Print each part, a text or a table, on lines of its own."""
    stream = sys.stderr if stderr else sys.stdout
    for part in parts:
        print(part if isinstance(part, str) else _rendered(part), file=stream)


def remarks(parts: Iterable[str | Table], mark: str = ";") -> Iterator[str]:
    """Yield the lines of `parts` as comments, which begin with `mark`."""
    for part in parts:
        text = part if isinstance(part, str) else _rendered(part)
        yield from (f"{mark} {line}".rstrip() for line in text.splitlines())


def show_record(record: Mapping[str, Any]) -> None:
    """Print one JSON object on stdout."""
    print(json.dumps(record))


def rows(cells: Iterable[Sequence[str]], header: Sequence[str] = ()) -> Table:
    """Return a table of rows of text."""
    from rich.text import Text

    table = _table(header)
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    return table


def trace(explanation: Explanation) -> Table:
    """Return a trace: one row an instruction; what changed is coloured and marked by a star."""
    from rich.text import Text

    flags = ["flags"] if explanation.uses_flags else []
    table = _table(["", "instruction", *explanation.cells, *flags])
    for row in explanation.rows:
        table.add_row(
            Text(str(row.number) if row.number else ""),
            Text(row.text),
            *(_value(row, cell) for cell in range(len(explanation.cells))),
            *([_flags(row)] if flags else []),
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
    return _mark(SIGNS[row.flags] if row.flags else "?", changed=row.compared)


def _mark(text: str, *, changed: bool) -> Text:
    from rich.text import Text

    return Text(text + _MARK, _CHANGED) if changed else Text(text)


def _rendered(table: Table) -> str:
    """Return `table` indented by two, without the spaces that pad the last column.

    Where stdout is no terminal, lines are never wrapped.
    """
    from rich.console import Console

    plain = not Console().is_terminal
    console = Console(highlight=False, markup=False, emoji=False, width=_WIDE if plain else None)
    with console.capture() as captured:
        console.print(table)
    lines = captured.get().splitlines()
    return "\n".join("  " + line.rstrip() if line.strip() else "" for line in lines)
