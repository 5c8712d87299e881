"""A benchmark as an SVG chart: one bar a subject, one panel a setting and distribution."""

from __future__ import annotations

from xml.sax.saxutils import escape

from sortopt.model import Place
from sortopt.native import Report, Result

_LABEL, _BAR, _VALUE, _ROW, _HEAD = 190, 420, 110, 20, 34
_WIDTH = _LABEL + _BAR + _VALUE
_STYLE = (
    "text{font:12px sans-serif;fill:#222}.h{font-weight:bold}.n{text-anchor:end}"
    ".b{fill:#6b9bd1}.m{fill:#e0a458}.w{stroke:#222;stroke-width:1.2}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.w{stroke:#ddd}}"
)


def draw(report: Report) -> str:
    """Return the chart of `report` as SVG text: medians as bars, quartiles as whiskers.

    Min/max kernels have a colour of their own; less is better.
    """
    parts, top = [], 10
    vector = {s.name for s in report.subjects if s.kernel and s.kernel.isa.place is Place.VECTOR}
    for result in report.results:
        parts.append(_panel(result, vector, top))
        top += _HEAD + _ROW * len(result.names) + 14
    title = f"Sorting {report.n} keys ({report.options.key}) on {report.cpu}, less is better"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" '
        f'width="{_WIDTH}" height="{top}" role="img">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n{''.join(parts)}</svg>\n"
    )


def _panel(result: Result, vector: set[str], top: int) -> str:
    most = max(spread.high for spread in result.times) or 1.0
    scale = _BAR / most
    heading = f"{result.setting}, {result.distribution} keys, {result.unit}"
    lines = [f'<text class="h" x="0" y="{top + 14}">{escape(heading)}</text>\n']
    order = sorted(range(len(result.names)), key=lambda i: result.times[i].median)
    for row, index in enumerate(order):
        spread, name = result.times[index], result.names[index]
        y = top + _HEAD - 10 + row * _ROW
        middle = y + _ROW / 2 - 1
        low, high = (_LABEL + scale * value for value in (spread.low, spread.high))
        lines.append(
            f'<text class="n" x="{_LABEL - 8}" y="{y + 13}">{escape(name)}</text>'
            f'<rect class="{"m" if name in vector else "b"}" x="{_LABEL}" y="{y + 2}" '
            f'width="{scale * spread.median:.1f}" height="{_ROW - 6}"/>'
            f'<path class="w" d="M{low:.1f} {middle}H{high:.1f}"/>'
            f'<text x="{high + 8:.1f}" y="{y + 13}">{spread.median:.3g}</text>\n'
        )
    return "".join(lines)
