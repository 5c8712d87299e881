"""Values that show themselves: `str(value)` is what a command prints, notebooks get a picture.

How a value looks is known floors above it.  `sortopt/__init__.py` names the module that knows;
it is loaded when the first value is shown.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

_HOME: list[str] = []


def shown_by(module: str) -> None:
    """Name the module whose functions `text`, `html` and `svg` show values."""
    _HOME[:] = [module]


@cache
def _home() -> Any:
    return import_module(_HOME[0])


class Shown:
    """A value with a text, and in notebooks a short page, and a picture where there is one."""

    __slots__ = ()

    def __str__(self) -> str:
        text: str = _home().text(self)
        return text

    def _repr_html_(self) -> str:
        html: str = _home().html(self)
        return html

    def _repr_svg_(self) -> str | None:
        svg: str | None = _home().svg(self)
        return svg
