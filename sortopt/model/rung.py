"""What a kernel keeps of its keys, where these are attached to something: four rungs.

Keys are often part of a record, or point to one.  Then it matters not only that the outputs hold
the right values, but which *element* (which of the inputs) each output holds.
"""

from __future__ import annotations

from enum import Enum

from sortopt.base import InputError


class Rung(Enum):
    """What a kernel keeps: each rung holds more than `values`, `stable` and `safe` both more than
    `elements`; neither of these two implies the other.
    """

    VALUES = "values"
    """The outputs hold the values that the goal asks for."""
    ELEMENTS = "elements"
    """And they are input elements, no two outputs the same one, also where keys tie."""
    STABLE = "stable"
    """And elements whose keys tie are as a stable sort leaves them."""
    SAFE = "safe"
    """As `elements`, and whatever each comparison answers, no element is lost or doubled."""

    def __str__(self) -> str:
        return self.value


HIGHER = (Rung.ELEMENTS, Rung.STABLE, Rung.SAFE)
"""The rungs above `values`."""


def parse_rung(text: str) -> Rung:
    """Return the rung called `text`; raises InputError.

    >>> parse_rung("stable") is Rung.STABLE
    True
    """
    word = text.strip().lower()
    for rung in Rung:
        if rung.value == word:
            return rung
    raise InputError(f"unknown rung {text.strip()[:40]!r}", hint=f"use {', '.join(map(str, Rung))}")
