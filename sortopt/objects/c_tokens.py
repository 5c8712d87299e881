"""C and C++ source as tokens, each with its place in the file.

A backslash at a line's end joins it with the next, before anything else is recognised; trigraphs
are off, as they are for gcc and clang.  Sources: ISO C17, 5.1.1.2 and 6.4; C++20, [lex.phases].
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from sortopt.base import Source
from sortopt.formats import Token
from sortopt.objects.c_conditions import Conditions

_JOINT = re.compile(r"\\[ \t]*\r?\n")
_TOKEN = re.compile(
    r"""(?P<blank>\s+)
    |(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<raw>(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\()
    |(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<char>'(?:[^'\\\n]|\\.)*')
    |(?P<open>["'][^\n]*)
    |(?P<word>[^\W\d][\w$]*)
    |(?P<number>\.?\d(?:[eEpP][-+]|'?[\w.])*)
    |(?P<other>%:|::|.)""",
    re.X | re.S,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "v": "\v", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Piece:
    """One token of C: `kind` is the name of its group in the grammar above.

    `start` and `end` say where it stands in the file; `text` is what it is once lines are joined.
    """

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Letter:
    """One character of a string, and where in the file it is written."""

    text: str
    place: int


def line_starts(text: str) -> list[int]:
    """Return where each line of `text` begins."""
    return [0, *(match.end() for match in re.finditer("\n", text))]


class Tokens:
    """The tokens of a file that may be compiled, and what is said to the preprocessor."""

    def __init__(self, source: Source) -> None:
        """Take `source` apart; raises InputError for a carriage return inside a line."""
        self.source = source
        self._lines = line_starts(source.text)
        stray = re.search(r"\r(?!\n)", source.text)
        if stray:
            raise self.token(*stray.span()).fault(
                "a carriage return inside a line", "end each line with a line feed"
            )
        joints = [match.span() for match in _JOINT.finditer(source.text)]
        self._text = _JOINT.sub("", source.text)
        self._removed = [0, *accumulate(end - start for start, end in joints)]
        self._joined = [span[0] - gone for span, gone in zip(joints, self._removed, strict=False)]
        self._ends = [end for _, end in joints]
        self.code: list[Piece] = []
        self.conditions = Conditions()
        self._read()

    def token(self, start: int, end: int) -> Token:
        """Return a stretch of the file as a token."""
        line = bisect_right(self._lines, start)
        column = start - self._lines[line - 1] + 1
        return Token(self.source.text[start:end], self.source, line, column)

    def place(self, piece: Piece) -> Token:
        """Return a piece as a token of the file."""
        return self.token(piece.start, piece.end)

    def letters(self, piece: Piece) -> Iterator[Letter]:
        """Yield the characters that a string stands for; raises InputError for any other token."""
        if piece.kind == "raw":
            first = piece.text.index("(") + 1
            for offset, text in enumerate(piece.text[first : piece.text.rindex(")")], first):
                yield Letter(text, piece.start + offset)
            return
        if piece.kind != "string":
            raise self.place(piece).fault(
                "the template of an asm statement is made of string literals",
                "expand macros first: gcc -E FILE > FILE.i",
            )
        first = piece.start - self._removed[bisect_right(self._ends, piece.start)]
        for match in re.finditer(r"\\?.", piece.text[1:-1], re.S):
            place = self._origin(first + 1 + match.start())
            text = _ESCAPES.get(match[0][1:], "") if match[0][0] == "\\" else match[0]
            if not text:
                raise self.token(place, place + 2).fault(
                    f"the escape {match[0]!r} is not read in an asm template"
                )
            yield Letter(text, place)

    def _origin(self, at: int) -> int:
        """Return where in the file the character `at` of the joined text stands."""
        return at + self._removed[bisect_right(self._joined, at)]

    def _read(self) -> None:
        line = 0
        directive: list[Piece] = []
        for piece in self._pieces():
            newline = piece.kind == "blank" and "\n" in piece.text
            if newline and directive:
                self._close(directive)
                directive = []
            if piece.kind in ("blank", "comment"):
                line = 0 if newline else line
                continue
            if directive or (line == 0 and piece.text in ("#", "%:")):
                directive.append(piece)
            elif self.conditions.compiled:
                self.code.append(piece)
            line += 1
        if directive:
            self._close(directive)

    def _close(self, pieces: list[Piece]) -> None:
        words = tuple(piece.text for piece in pieces[1:])
        place = (pieces[0].start, pieces[-1].end)
        self.conditions.read(words, len(self.code), place)

    def _pieces(self) -> Iterator[Piece]:
        at = 0
        while at < len(self._text):
            match = _TOKEN.match(self._text, at)
            assert match
            start, end = self._origin(at), self._origin(match.end() - 1) + 1
            text, kind = match[0], match.lastgroup or "other"
            at = match.end()
            if kind == "raw":  # lines are not joined in it
                behind = self.source.text.find(f'){match["mark"]}"', start)
                end = len(self.source.text) if behind < 0 else behind + len(match["mark"]) + 2
                text = self.source.text[start:end]
                kind = "raw" if behind >= 0 else "open"
                at = end - self._removed[bisect_right(self._ends, end)]
            yield Piece(kind, text, start, end)
