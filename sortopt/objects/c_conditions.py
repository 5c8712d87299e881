"""The lines for the C preprocessor, as far as they decide what a function is.

Conditions are decided where a compiler that reads GNU asm for x86-64 leaves no doubt: `#if 0`,
`#ifdef __x86_64__`, a header's guard.  All others are open, as are macros.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

_DEFINED: Mapping[str, bool] = MappingProxyType(
    dict.fromkeys(("__GNUC__", "__x86_64__", "__x86_64", "__amd64__", "__amd64"), True)
    | dict.fromkeys(("_MSC_VER", "__i386__", "__arm__", "__aarch64__", "__riscv"), False)
)
"""What gcc and clang define, or do not, when they compile for x86-64."""
_COMPARED = r"[A-Za-z_]\w* ?[=!<>] ?=? ?[0-9]+"
_TERM = re.compile(rf"defined ?\( ?\w+ ?\)|defined \w+|{_COMPARED}|[0-9]+|& ?&|\| ?\||[!()]")
_MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro: what stands for it, and where in the file it is defined."""

    body: tuple[str, ...]
    place: tuple[int, int]


@dataclass(slots=True)
class Part:
    """A conditional part: whether its present branch is compiled, None where that is open.

    It reaches from the token `first` to before the token `end`; `taken` says whether one of its
    branches was compiled so far, `decided` that nothing about it is open.
    """

    first: int
    place: tuple[int, int]
    now: bool | None
    taken: bool | None
    decided: bool
    end: int | None = None


class Conditions:
    """What the lines for the preprocessor say, one after the other."""

    def __init__(self) -> None:
        """Begin at the beginning of a file."""
        self.macros: dict[str, Macro] = {}
        self.parts: list[Part] = []
        """All conditional parts, in the sequence of the file."""
        self._defined = dict(_DEFINED)
        self._open: list[Part] = []
        self._left_out = 0
        self._before: tuple[str, ...] = ()

    @property
    def compiled(self) -> bool:
        """Whether what stands here may be compiled."""
        return self._left_out == 0

    def read(self, words: tuple[str, ...], before: int, place: tuple[int, int]) -> None:
        """Note a line, without its #, that stands before the token numbered `before`."""
        word = words[0] if words else ""
        if word in ("if", "ifdef", "ifndef"):
            now = _value(_condition(words), self._defined)
            part = Part(before, place, now, now, now is not None)
            self.parts += [part] if self.compiled else []
            self._open.append(part)
            self._left_out += now is False
        elif word.startswith("el") and self._open:
            self._branch(self._open[-1], words)
        elif word == "endif" and self._open:
            part = self._open.pop()
            part.end = before
            self._left_out -= part.now is False
        elif word == "define" and len(words) > 1 and self.compiled:
            if self._before == ("ifndef", words[1]) and len(self.parts) == 1:
                part = self.parts[0]  # the guard of a header: this is the first time it is read
                part.now, part.taken, part.decided = True, True, True
            self.macros[words[1]] = Macro(words[2:], place)
        if word in ("define", "undef"):
            self._defined.pop("".join(words[1:2]), None)
        self._before = words

    def _branch(self, part: Part, words: tuple[str, ...]) -> None:
        """Begin another branch of a part: it is compiled where none was before, if it is true."""
        condition = "1" if words[0] == "else" else _condition((words[0][2:], *words[1:]))
        value = _value(condition, self._defined)
        self._left_out -= part.now is False
        if part.taken is True or value is False:
            part.now = False
        else:
            part.now = value if part.taken is False else None
        self._left_out += part.now is False
        part.decided = part.decided and part.now is not None
        part.taken = part.taken or part.now


def _condition(words: Sequence[str]) -> str:
    """Return the condition of an #if, #ifdef or #ifndef."""
    if words[0] == "if":
        return " ".join(words[1:_MOST_WORDS])
    return f"{'!' if words[0] == 'ifndef' else ''}defined {' '.join(words[1:2])}"


def _value(condition: str, defined: Mapping[str, bool]) -> bool | None:
    """Return what a condition of names and numbers comes to; None where that is open.

    `defined` says of some names whether they are defined.
    """
    terms = _TERM.findall(condition)
    if "".join(terms).replace(" ", "") != condition.replace(" ", ""):
        return None
    value, rest = _either([term.replace(" ", "") for term in terms], defined)
    return None if rest else value


_Rest = tuple[bool | None, Sequence[str]]
"""What the first terms come to, and those behind them."""


def _either(terms: Sequence[str], defined: Mapping[str, bool]) -> _Rest:
    value, rest = _both(terms, defined)
    while rest[:1] == ["||"]:
        other, rest = _both(rest[1:], defined)
        value = True if value or other else None if None in (value, other) else False
    return value, rest


def _both(terms: Sequence[str], defined: Mapping[str, bool]) -> _Rest:
    value, rest = _single(terms, defined)
    while rest[:1] == ["&&"]:
        other, rest = _single(rest[1:], defined)
        value = False if False in (value, other) else None if None in (value, other) else True
    return value, rest


def _single(terms: Sequence[str], defined: Mapping[str, bool]) -> _Rest:
    first, rest = (terms[0] if terms else ""), terms[1:]
    if first == "!":
        value, rest = _single(rest, defined)
        return (None if value is None else not value), rest
    if first == "(":
        value, rest = _either(rest, defined)
        return (value, rest[1:]) if rest[:1] == [")"] else (None, [first])
    if first.startswith("defined"):
        return defined.get(first.removeprefix("defined").strip("()")), rest
    if re.fullmatch(_COMPARED, first):
        return None, rest
    return (int(first) != 0, rest) if first.isdigit() else (None, [first])
