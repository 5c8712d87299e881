"""Kernel files as lines of tokens, each of which knows its place.

Common to all dialects: one instruction a line, `;`, `#` and `//` begin comments.  Where a dialect
separates instructions by `;` (AT&T text, as in the GNU assembler), `;` begins a comment only at
the start of a line.  A line ends at a line feed and nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from sortopt.base import InputError, Source, Span

BLANKS = " \t\f\v"
"""What may stand between words."""


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of one line of `source`, without blanks around it."""

    text: str
    source: Source
    line: int
    column: int

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.line, self.column, max(1, len(self.text)))

    def part(self, start: int, end: int) -> Token:
        """Return text[start:end] as a token, blanks around it dropped."""
        piece = self.text[start:end]
        blanks = len(piece) - len(piece.lstrip(BLANKS))
        return Token(piece.strip(BLANKS), self.source, self.line, self.column + start + blanks)

    def fault(
        self, message: str, hint: str | None = None, *, around: bool = False, listed: bool = False
    ) -> InputError:
        """Return an error at this token; `around` and `listed` as there."""
        error = InputError(message, hint=hint, source=self.source, span=self.span)
        error.around, error.listed = around, listed
        return error


@dataclass(frozen=True, slots=True)
class Statement:
    """One instruction as written: its mnemonic, and the text of its operands."""

    mnemonic: Token
    rest: Token


@dataclass(frozen=True, slots=True)
class Line:
    """The code pieces of one line, and the text of its comment without the marker.

    `semicolon` says whether `;` began the comment.
    """

    code: tuple[Token, ...]
    comment: Token | None
    semicolon: bool = False


_BRACKETS_AND_COMMAS = re.compile(r"[][(),]")
_BETWEEN_SEPARATORS, _ALL = re.compile("[^;]+"), re.compile(".+", re.S)
_MARKERS = re.compile(rf"[{BLANKS}]*(?:;+|#+|/{{2,}})[;#/]*")
_UP_TO_OTHERS = re.compile("[^#/]*")
"""What stands before comments that a `;` does not begin."""
_LABEL = re.compile(r'(?:"[^"]*"|[\w.$@?]+)[ \t]*:[ \t]*')
_WORD = re.compile(r"[^\W\d][\w.]*")
_CELL = re.compile(r"(?:\[[^][]{0,60}\]|\([^()]{0,60}\)|[^\s,])+")


def lines(source: Source, *, separated: bool = False, mark: str = "") -> tuple[Line, ...]:
    """Return the lines of `source`; `separated` says whether `;` separates instructions.

    Where the dialect's `mark` of a comment is `//`, a `#` is one at the start of a line only.

    Raises InputError for a carriage return inside a line, where some programs see its end.
    """
    return _lines(source, separated, mark)


@lru_cache(maxsize=2)
def _lines(source: Source, separated: bool, mark: str) -> tuple[Line, ...]:
    """Return what `lines` does; kept, as detection and several readers look at a text in turn."""
    return tuple(
        read_line(Token(text, source, number, 1), separated=separated, mark=mark)
        for number, text in enumerate(source.lines, start=1)
    )


def read_line(whole: Token, *, separated: bool = False, mark: str = "") -> Line:
    """Take one line apart, as `lines` does."""
    text = whole.text
    if "\r" in text:
        raise whole.fault("a carriage return inside a line", "end each line with a line feed")
    joined = text.rstrip().endswith("\\") and _UP_TO_OTHERS.match(text)
    if joined and ";" in joined[0]:
        raise whole.part(len(text.rstrip()) - 1, len(text)).fault(
            "NASM reads on into the next line behind a \\", "end the comment with another character"
        )
    lead = _MARKERS.match(text)
    if lead:
        return Line((), whole.part(lead.end(), len(text)), ";" in lead[0])
    marks = mark if mark == "//" else "#|//" if separated else ";|#|//"
    found = re.search(marks, text)
    end = found.start() if found else len(text)
    comment = None
    if found:
        marker = _MARKERS.match(text, end)
        comment = whole.part(marker.end() if marker else found.end(), len(text))
    pattern = _BETWEEN_SEPARATORS if separated else _ALL
    pieces = (whole.part(*match.span()) for match in pattern.finditer(text, 0, end))
    code = tuple(piece for piece in pieces if piece.text)
    return Line(code, comment, found is not None and found[0] == ";")


def without_labels(piece: Token) -> Token:
    """Return a piece of code without the labels before it; the piece itself where there is none."""
    end = 0
    while label := _LABEL.match(piece.text, end):
        end = label.end()
    return piece.part(end, len(piece.text)) if end else piece


def statement(piece: Token) -> Statement:
    """Split one piece of code into mnemonic and operands; raises InputError for anything else."""
    label = _LABEL.match(piece.text)
    if label:
        name = piece.part(0, label.end())
        raise name.fault(
            f"{_shown(name)} is a label, which is outside the model",
            "a kernel is straight-line code; keep only its instructions",
            around=True,
        )
    if piece.text.startswith("."):
        word = piece.part(0, len(piece.text.split()[0]))
        raise word.fault(f"{_shown(word)} is an assembler directive", "keep only the instructions")
    match = _WORD.match(piece.text)
    if match is None:
        raise piece.fault("expected an instruction here", "a line begins with a mnemonic")
    mnemonic = piece.part(0, match.end())
    rest = piece.part(match.end(), len(piece.text))
    glued = rest.text[:1] if rest.column == mnemonic.column + match.end() else ""
    if glued and glued not in "%$[(-,*":
        raise rest.part(0, 1).fault(f"unexpected {glued!r} after a mnemonic")
    return Statement(mnemonic, rest)


def split_commas(rest: Token) -> tuple[Token, ...]:
    """Split operands at commas outside brackets; raises InputError where one is empty."""
    if not rest.text:
        return ()
    parts, start, depth = [], 0, 0
    for mark in _BRACKETS_AND_COMMAS.finditer(rest.text):
        depth += (mark[0] in "([") - (mark[0] in ")]")
        if mark[0] == "," and depth <= 0:
            parts.append(rest.part(start, mark.start()))
            start = mark.end()
    parts.append(rest.part(start, len(rest.text)))
    for part in parts:
        if not part.text:
            raise part.fault("an operand is missing here", "write operands joined by commas")
    return tuple(parts)


def split_words(rest: Token) -> tuple[Token, ...]:
    """Split at blanks and commas outside brackets."""
    return tuple(rest.part(m.start(), m.end()) for m in _CELL.finditer(rest.text))


def _shown(token: Token) -> str:
    return repr(token.text if len(token.text) <= 40 else token.text[:37] + "...")
