"""Which dialect a text is written in, and what shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from sortopt.base import InputError, Source
from sortopt.formats.att import Att
from sortopt.formats.cgo import Cgo
from sortopt.formats.dialect import Dialect
from sortopt.formats.directives import read_header
from sortopt.formats.gnu import Gnu, written_forms
from sortopt.formats.intel import Intel
from sortopt.formats.lexer import lines, without_labels
from sortopt.model import Machine
from sortopt.targets import ISAS, MACHINES

_OWN: tuple[Dialect, ...] = (Intel(), Att(), Cgo())
_ALL: tuple[Dialect, ...] = (
    *_OWN,
    *(
        Gnu(name, machine)
        for machine in MACHINES.values()
        for name in machine.syntaxes
        if name not in [dialect.name for dialect in _OWN]
    ),
)
DIALECTS: tuple[str, ...] = tuple(dialect.name for dialect in _ALL)
"""The names of the dialects, our own first."""

_SIGIL = re.compile(r"%[a-z]\w*(?![\w(])", re.I)
_NUMBERS = re.compile(r"[a-z]\w*((\s+|\s*,\s*)\d+)+$", re.I)
_WORD = re.compile(r"[a-z]\w*", re.I)
_SYNTAX = re.compile(r"\.(intel|att)_syntax\b", re.I)


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

    Signs are a `%` before a register (att), registers that only one machine has (its own dialect,
    intel for x86) or instructions of one on such as several have, and operands that are all
    numbers (cgo).  In text with labels and directives of an assembler, where macros can be called
    anything, `.intel_syntax` decides, else a `%` anywhere.  Where nothing shows it, our own
    dialect is chosen.
    """
    read = lines(source)
    code = [piece for line in read for piece in line.code]
    signs = ((piece.line, _sign(without_labels(piece).text)) for piece in code)
    shown: Iterator[tuple[int, tuple[str, str]]] = ((line, sign) for line, sign in signs if sign)
    if any(piece.text.startswith(".") or without_labels(piece) is not piece for piece in code):
        found = [(line, sign) for line, sign in shown if sign[0] != "cgo"]
        named = [(line, sign) for line, sign in found if sign[1].startswith("says")]
        att = [(line, sign) for line, sign in found if sign[0] == "att"]
        shown = iter(named or att or found)
    for line, (dialect, what) in shown:
        return Detected(by_name(dialect), f"line {line} {what}")
    values = read_header(read, strict=False).values
    for name in ("inputs", "outputs", "cells"):
        sign = _sign(f"x {values[name].text.replace('=', ' ')}") if name in values else None
        if sign:
            return Detected(by_name(sign[0]), f"line {values[name].line} {sign[1]}")
    named_set = ISAS.get(values["isa"].text.lower()) if "isa" in values else None
    if named_set is not None:
        own = [*named_set.machine.syntaxes][-1]
        return Detected(by_name(own), f"line {values['isa'].line} names {named_set.name}")
    return Detected(by_name("intel"), "nothing shows another")


def _sign(code: str) -> tuple[str, str] | None:
    """Return the dialect that one instruction shows, and what shows it."""
    syntax = _SYNTAX.match(code)
    if syntax:
        return syntax[1].lower(), f"says {syntax[0]}"
    if code.startswith("."):
        return None
    sigil = _SIGIL.search(code)
    if sigil:
        return "att", f"names {sigil[0].lower()}"
    if _NUMBERS.match(code):
        return "cgo", "numbers its registers"
    mnemonic, *words = _WORD.findall(code.lower()) or [""]
    for machine in MACHINES.values():
        known = mnemonic in {*written_forms(machine), *machine.pairs}
        others = [other for other in MACHINES.values() if other is not machine]
        for word in words:
            if word in machine.registers and (known or not _is_register(word, others)):
                *beside, own = machine.syntaxes
                return own, f"names {word}" + " without %" * bool(beside)
    return None


def _is_register(word: str, machines: Sequence[Machine]) -> bool:
    return any(word in machine.registers for machine in machines)
