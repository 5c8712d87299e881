"""Variants of a kernel: what may stand at each place of its program, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from sortopt.model import Instr

MOST_ADDED = 2
"""The most instructions that a repair adds by default."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Instructions that may stand at one place, and what they cost."""

    cost: int
    instructions: tuple[Instr, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """The cheapest right variant: its cost, its instructions, and which choice each place took.

    `exact` says that no state was dropped for lack of room, so that none is cheaper.
    """

    cost: int
    instructions: tuple[Instr, ...]
    chosen: tuple[int, ...]
    exact: bool
