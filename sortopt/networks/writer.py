"""Network to text, in the forms that `reader` reads, and as SVG."""

from __future__ import annotations

import json

from sortopt.networks.diagram import columns, draw_text
from sortopt.networks.network import Network


def write_network(network: Network, form: str) -> str:
    """Write `network` as "json", "list", "pairs", "diagram" or "svg"; the text ends in a newline.

    >>> write_network(Network(3, ((0, 2), (0, 1), (1, 2))), "pairs")
    '0:2,0:1,1:2\\n'
    """
    match form:
        case "json":
            return to_json(network)
        case "list":
            layers = (", ".join(f"({i},{j})" for i, j in layer) for layer in network.layers)
            return "".join(f"[{layer}]\n" for layer in layers)
        case "pairs":
            return ",".join(f"{i}:{j}" for i, j in network.comparators) + "\n"
        case "diagram":
            return draw_text(network)
        case "svg":
            return draw_svg(network)
        case _:
            raise ValueError(f"unknown form {form!r}")


def to_json(network: Network, source: str | None = None) -> str:
    """Write `network` as Dobbelaere does, a line a layer, and `source`: where it comes from."""
    layers = ",\n".join(
        "    " + ", ".join(f"[{i},{j}]" for i, j in layer) for layer in network.layers
    )
    lines = [f'  "N": {network.channels}', f'  "L": {network.size}', f'  "D": {network.depth}']
    if source is not None:
        lines.append(f'  "source": {json.dumps(source, ensure_ascii=False)}')
    lines.append(f'  "nw": [\n{layers}\n  ]' if layers else '  "nw": []')
    return "{\n" + ",\n".join(lines) + "\n}\n"


_STEP, _LAYER_GAP, _PITCH, _RADIUS = 12, 20, 20, 4
"""Pixels between columns of a layer, between layers, between channels, and of a dot."""

_INK = "#7a7a7a"
"""Seen on light ground and on dark."""


def draw_svg(network: Network) -> str:
    """Draw `network` as an SVG image: channels from the top, comparators as lines with dots."""
    x, shapes = _LAYER_GAP, []
    for layer in network.layers:
        for column in columns(layer):
            for i, j in column:
                shapes += _comparator(x, _y(i), _y(j))
            x += _STEP
        x += _LAYER_GAP - _STEP
    width, height = x, _y(network.channels)
    wires = [_line(0, _y(channel), width, _y(channel)) for channel in range(network.channels)]
    body = "\n".join(f"  {shape}" for shape in [*wires, *shapes])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" stroke="{_INK}" fill="{_INK}" stroke-width="1.5">\n'
        f"  <title>{network.channels} channels, {network.size} comparators, "
        f"{network.depth} layers</title>\n{body}\n</svg>\n"
    )


def _y(channel: int) -> int:
    return _PITCH * (channel + 1)


def _comparator(x: int, top: int, bottom: int) -> list[str]:
    dots = [f'<circle cx="{x}" cy="{y}" r="{_RADIUS}"/>' for y in (top, bottom)]
    return [_line(x, top, x, bottom), *dots]


def _line(x1: int, y1: int, x2: int, y2: int) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'
