"""Which dialect a text is written in, and what shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from sortopt.base import InputError, Source
from sortopt.formats.att import Att
from sortopt.formats.cgo import Cgo
from sortopt.formats.dialect import Dialect
from sortopt.formats.directives import read_header
from sortopt.formats.intel import Intel
from sortopt.formats.lexer import lines
from sortopt.formats.registers import REGISTERS

_ALL: tuple[Dialect, ...] = (Intel(), Att(), Cgo())
DIALECTS: tuple[str, ...] = tuple(dialect.name for dialect in _ALL)
"""The names of the dialects, our own first."""

_SIGIL = re.compile(r"%[a-z]\w*", re.I)
_NUMBERS = re.compile(r"[a-z]\w*((\s+|\s*,\s*)\d+)+$", re.I)
_WORD = re.compile(r"[a-z]\w*", re.I)


@dataclass(frozen=True, slots=True)
class Detected:
    """A dialect and, as a clause, why it was chosen."""

    dialect: Dialect
    because: str


def by_name(name: str) -> Dialect:
    """Return the dialect called `name`, in any case; raises InputError."""
    for dialect in _ALL:
        if dialect.name == name.strip().lower():
            return dialect
    near = get_close_matches(name.lower(), DIALECTS, 1)
    raise InputError(
        f"unknown dialect {name!r}",
        hint=f"did you mean {near[0]}?" if near else f"choose {', '.join(DIALECTS)}",
    )


def detect(source: Source) -> Detected:
    """Choose by the first line that shows a dialect: instructions first, then the directives.

    Signs are a `%` before a register (att), registers without it (intel) and operands that are
    all numbers (cgo).  Where nothing shows it, our own dialect is chosen.
    """
    read = tuple(lines(source))
    code = [piece for line in read for piece in line.code]
    for piece in code:
        shown = _sign(piece.text)
        if shown:
            return Detected(by_name(shown[0]), f"line {piece.line} {shown[1]}")
    if not code:
        values = read_header(read).values
        for name in ("inputs", "outputs", "cells"):
            shown = _sign(f"x {values[name].text.replace('=', ' ')}") if name in values else None
            if shown:
                return Detected(by_name(shown[0]), f"line {values[name].line} {shown[1]}")
    return Detected(by_name("intel"), "nothing shows another")


def _sign(code: str) -> tuple[str, str] | None:
    """Return the dialect that one instruction shows, and what shows it."""
    sigil = _SIGIL.search(code)
    if sigil:
        return "att", f"names {sigil[0].lower()}"
    if _NUMBERS.match(code):
        return "cgo", "numbers its registers"
    for word in _WORD.findall(code)[1:]:
        if word.lower() in REGISTERS:
            return "intel", f"names {word.lower()} without %"
    return None
