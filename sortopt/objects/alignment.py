"""Accesses of memory that fault where they are not at a multiple of 16 bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sortopt.formats import Token, memory
from sortopt.model import Breach, Machine
from sortopt.objects.shape import STACK

Aligned = Mapping[tuple[str, int], Token]
"""What has to be at a multiple of 16: a register on entry plus a number, and what needs it."""


def aligned_buffers(aligned: Aligned, machine: Machine) -> dict[str, Token]:
    """Return the places of buffers that have to be aligned, by name, and what needs it."""
    return {_name(place, machine): token for place, token in aligned.items() if place[0] != STACK}


def misaligned(aligned: Aligned, machine: Machine, *, returns: bool) -> Iterator[Breach]:
    """Yield accesses that fault wherever the buffers are.

    Sound because a function begins with the stack pointer 8 bytes behind a multiple of 16: System V
    Application Binary Interface, AMD64, section 3.2.2; on Windows as well.
    """
    first = {STACK: 8} if returns else {}
    for (family, behind), token in aligned.items():
        known = first.setdefault(family, behind)
        if behind != known:
            where = f"{_name((family, behind), machine)} and {_name((family, known), machine)} are"
            where = "this place of the stack is not" if family == STACK else f"{where} not both"
            yield Breach(
                f"{token.text.lower()} faults: {where} at a multiple of 16 bytes",
                "use movups or movdqu",
                token.line,
                "how it accesses memory",
            )


def _name(place: tuple[str, int], machine: Machine) -> str:
    return memory.written(machine.part(place[0], 64), place[1])
