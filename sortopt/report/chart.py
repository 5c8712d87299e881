"""Figures as an SVG chart: panels of horizontal bars, good on light and on dark ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_LABEL, _BAR, _VALUE, _ROW, _HEAD = 190, 420, 110, 20, 34
_WIDTH = _LABEL + _BAR + _VALUE
_STYLE = (
    "text{font:12px sans-serif;fill:#222}.h{font-weight:bold}.n{text-anchor:end}"
    ".b{fill:#6b9bd1}.m{fill:#e0a458}.w{stroke:#222;stroke-width:1.2}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.w{stroke:#ddd}}"
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A value with its name; `spread` is drawn as a whisker, `other` in another colour."""

    name: str
    value: float
    spread: tuple[float, float] | None = None
    other: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars on one scale, from 0 on."""

    heading: str
    bars: Sequence[Bar]


def draw(title: str, panels: Sequence[Panel]) -> str:
    """Return the chart as SVG text."""
    parts, top = [], 10
    for panel in panels:
        parts.append(_panel(panel, top))
        top += _HEAD + _ROW * len(panel.bars) + 14
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" '
        f'width="{_WIDTH}" height="{top}" role="img">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n{''.join(parts)}</svg>\n"
    )


def _panel(panel: Panel, top: int) -> str:
    scale = _BAR / (max((_end(bar) for bar in panel.bars), default=0.0) or 1.0)
    lines = [f'<text class="h" x="0" y="{top + 14}">{escape(panel.heading)}</text>\n']
    for row, bar in enumerate(panel.bars):
        y = top + _HEAD - 10 + row * _ROW
        lines.append(
            f'<text class="n" x="{_LABEL - 8}" y="{y + 13}">{escape(bar.name)}</text>'
            f'<rect class="{"m" if bar.other else "b"}" x="{_LABEL}" y="{y + 2}" '
            f'width="{scale * bar.value:.1f}" height="{_ROW - 6}"/>'
        )
        if bar.spread is not None:
            low, high = (_LABEL + scale * value for value in bar.spread)
            lines.append(f'<path class="w" d="M{low:.1f} {y + _ROW / 2 - 1}H{high:.1f}"/>')
        x = _LABEL + scale * _end(bar) + 8
        lines.append(f'<text x="{x:.1f}" y="{y + 13}">{_figure(bar.value)}</text>\n')
    return "".join(lines)


def _end(bar: Bar) -> float:
    """Return the greatest value that is drawn of `bar`."""
    return bar.value if bar.spread is None else max(bar.value, bar.spread[1])


def _figure(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"
