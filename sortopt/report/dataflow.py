"""The data flow of a kernel as an SVG drawing: what each instruction needs, and the critical path.

A column for each cell, and one for the flags: an instruction stands in the column of what it
writes, below all that it reads.  In a page, colours and fonts are those of the page around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import pairwise

from sortopt.model import ENTRY, FLAGS, Kernel, key_name, producers
from sortopt.verify import spell

_STYLE = (
    "text{font:12px monospace;fill:#222;text-anchor:middle;dominant-baseline:central}"
    "rect{fill:#f3f5f8;stroke:#c9ced6}path{fill:none;stroke:#5a6068;stroke-width:1.3}"
    "path.critical{stroke:#c2410c;stroke-width:3}.critical rect{stroke:#c2410c;stroke-width:2}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}rect{fill:#1f2329;stroke:#3d434c}"
    "path{stroke:#a3aab4}path.critical,.critical rect{stroke:#fb923c}}"
)
"""What a drawing looks like that stands alone."""

_PITCH, _HEIGHT, _LETTER = 46, 26, 7.5
"""Pixels between rows, of a node from top to bottom, and of a letter from left to right."""


def draw(kernel: Kernel, critical: Sequence[int], *, in_page: bool = True) -> str:
    """Return the drawing; `critical` names the instructions of the critical path, first to last."""
    texts = [" ".join(spell(kernel, i).split()) for i in kernel.instructions]
    names = [cell.name for cell in kernel.cells]
    width = _LETTER * max(map(len, [*texts, *names, "flags ?"])) + 16
    needs = producers(kernel)
    columns = [FLAGS if i.writes is None else i.writes for i in kernel.instructions]
    uses_flags = FLAGS in columns or any(FLAGS in need for need in needs)
    places = len(kernel.cells) + uses_flags

    def middle(resource: int) -> float:
        return (width + 24) * ((resource if resource != FLAGS else places - 1) + 0.5)

    shapes = list(_edges(kernel, needs, columns, set(pairwise(critical)), middle))
    keys = {c: key_name(k, kernel.n) for k, c in enumerate(kernel.contract.inputs)}
    entered = {r for need in needs for r, maker in need.items() if maker == ENTRY}
    for resource in sorted(entered, key=middle):
        name = "flags" if resource == FLAGS else names[resource]
        shapes.append(_node(middle(resource), 0, width, f"{name} {keys.get(resource, '?')}"))
    for index, text in enumerate(texts):
        node = _node(middle(columns[index]), index + 1, width, text)
        mark = ' class="critical"' if index in critical else ""
        shapes.append(f'<g data-step="{index + 1}"{mark}>{node}</g>')
    for position, cell in enumerate(kernel.contract.outputs, start=1):
        label = f"{names[cell]} output {position}"
        shapes.append(_node(middle(cell), len(kernel) + 1, width, label))
    across, down = (width + 24) * places, _PITCH * (len(kernel) + 2)
    title = f"Data flow of {len(kernel)} instructions over {', '.join(names)}"
    body = "\n".join(shapes if in_page else [f"<style>{_STYLE}</style>", *shapes])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="flow-name" '
        f'viewBox="0 0 {across:g} {down}" width="{across:g}" height="{down}">\n'
        f'<title id="flow-name">{escape(title)}</title>\n{body}\n</svg>'
    )


def _edges(
    kernel: Kernel,
    needs: Sequence[dict[int, int]],
    columns: Sequence[int],
    critical: set[tuple[int, int]],
    middle: Callable[[int], float],
) -> Iterator[str]:
    """Yield a line from each instruction, or key on entry, to each that reads what it wrote."""
    for index, need in enumerate(needs):
        for resource, maker in sorted(need.items()):
            target = columns[index] if index < len(kernel) else resource
            x1, y1 = middle(resource), _PITCH * (maker + 1.5) + _HEIGHT / 2
            x2, y2 = middle(target), _PITCH * (index + 1.5) - _HEIGHT / 2
            bend = min(_PITCH, (y2 - y1) / 2)
            mark = ' class="critical"' if (maker, index) in critical else ""
            yield (
                f'<path{mark} d="M{x1:g} {y1:g}C{x1:g} {y1 + bend:g} '
                f'{x2:g} {y2 - bend:g} {x2:g} {y2:g}"/>'
            )


def _node(x: float, row: int, width: float, text: str) -> str:
    y = _PITCH * (row + 0.5)
    return (
        f'<rect x="{x - width / 2:g}" y="{y - _HEIGHT / 2:g}" width="{width:g}" '
        f'height="{_HEIGHT}" rx="6"/><text x="{x:g}" y="{y:g}">{escape(text)}</text>'
    )
