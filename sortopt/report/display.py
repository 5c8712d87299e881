"""Values as `print`, and a notebook, show them: what the commands print, escaped, and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from sortopt import model, native, networks, tasks
from sortopt.formats import print_kernel
from sortopt.report import bench, landscape, network, search, show, tables, words

if TYPE_CHECKING:
    from rich.table import Table


def text(value: Any) -> str:
    """Return `value` as a command prints it."""
    return tables.text(*_lines(value))


def html(value: Any) -> str:
    """Return `value` for a notebook: its text, or the first line of that over what draws it all."""
    drawn = isinstance(
        value, networks.Network | tasks.CheckedNetwork | native.Report | tasks.Landscape
    )
    picture = svg(value) if drawn else None
    if picture is None:
        return f"<pre>{escape(text(value))}</pre>"
    first = text(value).strip().split("\n", 1)[0]
    return f"<p>{escape(first)}</p>\n{picture}"


def svg(value: Any) -> str | None:
    """Return the picture of `value` as SVG, or None where there is none."""
    match value:
        case model.Kernel():
            return show.picture(tasks.picture(value))
        case tasks.Picture():
            return show.picture(value)
        case tasks.Answer():
            return search.picture(value)
        case networks.Network():
            return networks.write_network(value, "svg")
        case tasks.CheckedNetwork():
            return networks.write_network(value.network, "svg")
        case native.Report():
            return bench.picture(value)
        case tasks.Landscape():
            return landscape.picture(value)
        case _:
            return None


def _lines(value: Any) -> Iterator[str | Table]:
    match value:
        case model.Kernel():
            yield print_kernel(value).removesuffix("\n")
        case model.Judgement():
            yield words.verdict(value.kernel, value)
            if isinstance(value.verdict, model.Unsafe):
                yield from (f"line {b.line}: {b.message}; {b.fix}" for b in value.verdict.breaches)
            yield tables.rows(words.methods(value, None))
            yield words.decided(value)
        case model.Counterexample():
            yield words.came_out(value)
        case tasks.Answer():
            yield from search.lines(value, "sortopt search")
        case tasks.Landscape():
            yield from landscape.lines(value)
        case tasks.Picture():
            yield from show.lines(value)
        case networks.Network():
            yield network.size(value)
            yield networks.write_network(value, "diagram").removesuffix("\n")
        case tasks.CheckedNetwork():
            yield from network.lines(value)
        case native.Report():
            yield from bench.lines(value)
        case _:
            yield repr(value)
