"""The shortest kernels as islands: a dot a class, a line where a single edit leads across."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from math import sqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx

    from sortopt.tasks import Landscape

_WIDTH, _DOT, _ROOM = 900, 3, 22
"""Pixels of a row of islands, of the radius of a dot, and of an island of one dot."""

_SPRINGS = 400
"""The most dots of an island that are placed by springs; of more stand on a circle."""

_STYLE = (
    "circle{fill:#2f6db5}line{stroke:#9aa4b1;stroke-width:.7}"
    "@media(prefers-color-scheme:dark){circle{fill:#86b7f5}line{stroke:#4a525d}}"
)


def draw(found: Landscape) -> str | None:
    """Return the islands as SVG text, or None where the shortest kernels were not all compared."""
    import networkx as nx

    parts = found.levels[0].parts if found.levels else None
    if parts is None or parts.edges is None:
        return None
    graph: nx.Graph[Any] = nx.Graph(parts.edges)
    graph.add_nodes_from(range(found.levels[0].orders or 0))
    islands = sorted(nx.connected_components(graph), key=lambda nodes: (-len(nodes), min(nodes)))
    shapes: list[str] = []
    x, y, tall = 0.0, 0.0, 0.0
    for nodes in islands:
        side = _ROOM * sqrt(len(nodes)) + _ROOM
        if x + side > _WIDTH:
            x, y, tall = 0.0, y + tall, 0.0
        shapes += _island(graph.subgraph(sorted(nodes)), x + side / 2, y + side / 2, side)
        x, tall = x + side, max(tall, side)
    title = f"{len(graph)} classes of shortest kernels on {len(islands)} islands"
    height = y + tall
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" '
        f'width="{_WIDTH}" height="{height:.0f}" role="img">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n" + "\n".join(shapes) + "\n</svg>\n"
    )


def _island(island: nx.Graph[Any], x: float, y: float, side: float) -> Iterator[str]:
    """Yield the lines and dots of one island around a point."""
    import networkx as nx

    scale = (side - _ROOM) / 2
    if len(island) > _SPRINGS:
        place = nx.circular_layout(island, scale=scale, center=(x, y))
    else:
        place = nx.spring_layout(island, scale=scale, center=(x, y), seed=0, iterations=150)
    for one, other in island.edges:
        (x1, y1), (x2, y2) = place[one], place[other]
        yield f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
    for x1, y1 in place.values():
        yield f'<circle cx="{x1:.1f}" cy="{y1:.1f}" r="{_DOT}"/>'
