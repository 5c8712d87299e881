"""Tables on stdout: coloured on a terminal, plain text elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sortopt.model import Order
from sortopt.verify import Explanation, Row

_WIDE = 1000
_SIGNS = {Order.LESS: "<", Order.EQUAL: "=", Order.GREATER: ">"}
_CHANGED = "bold yellow"
_MARK = "*"


def console() -> Console:
    """Return the console for stdout; where it is no terminal, lines are never wrapped."""
    found = Console(highlight=False, markup=False, emoji=False)
    return (
        found
        if found.is_terminal
        else Console(highlight=False, markup=False, emoji=False, width=_WIDE)
    )


def print_rows(rows: Sequence[Sequence[str]], header: Sequence[str] = ()) -> None:
    """Print rows of text in columns, indented by two."""
    table = _table(header)
    for cells in rows:
        table.add_row(*(Text(cell) for cell in cells))
    _print(table)


def print_trace(explanation: Explanation) -> None:
    """Print a trace: one row an instruction; what changed is coloured and marked by a star."""
    flags = ["flags"] if explanation.uses_flags else []
    table = _table(["", "instruction", *explanation.cells, *flags])
    for row in explanation.rows:
        table.add_row(
            Text(str(row.number) if row.number else ""),
            Text(row.text),
            *(_value(row, cell) for cell in range(len(explanation.cells))),
            *([_flags(row)] if flags else []),
        )
    _print(table)


def _table(header: Sequence[str]) -> Table:
    table = Table(box=None, show_header=bool(header), pad_edge=False, padding=(0, 2, 0, 0))
    for name in header:
        table.add_column(Text(name, "bold"), no_wrap=True)
    return table


def _value(row: Row, cell: int) -> Text:
    value = row.cells[cell]
    return _mark("?" if value is None else str(value), changed=row.changed[cell])


def _flags(row: Row) -> Text:
    return _mark(_SIGNS[row.flags] if row.flags else "?", changed=row.compared)


def _mark(text: str, *, changed: bool) -> Text:
    return Text(text + _MARK, _CHANGED) if changed else Text(text)


def _print(table: Table) -> None:
    """Print `table` indented by two, without the spaces that pad the last column."""
    target = console()
    with target.capture() as captured:
        target.print(table)
    for line in captured.get().splitlines():
        target.out("  " + line.rstrip() if line.strip() else "", highlight=False)
