"""GNU asm statements in C and C++ source: found, and taken apart; nothing is preprocessed.

Syntax: GCC manual, "How to Use Inline Assembly Language in C Code", extended asm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sortopt.base import InputError, Source
from sortopt.formats.lexer import Token

_TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<raw>R"(?P<mark>[^()\s]{0,16})\((?P<body>.*?)(?:\)(?P=mark)"|\Z))
    |(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<char>'(?:[^'\\\n]|\\.)*')
    |(?P<word>[^\W\d]\w*)
    |(?P<other>\d[\w.]*|.)""",
    re.X | re.S,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.)*", re.M | re.S)
_ASM = ("asm", "__asm__", "__asm")
_QUALIFIERS = ("volatile", "__volatile__", "inline", "__inline__", "goto")
_CONTROL = ("if", "for", "while", "switch", "catch", "return", "sizeof", "alignof", "noexcept")
_MOST_ATTRIBUTES = 20
"""How many attributes may stand between a function's parameters and its body."""
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "v": "\v", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Piece:
    """One token of C: `kind` is the name of its group in the grammar above."""

    kind: str
    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Letter:
    """One character of an asm template, and where in the file it is written."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class AsmOperand:
    """An operand of an asm statement: `"+r"(buffer)` has the constraint "+r"."""

    name: str | None
    constraint: str
    expression: str
    place: Token

    @property
    def written(self) -> bool:
        """Whether the statement writes it."""
        return self.constraint.startswith(("+", "="))


@dataclass(frozen=True, slots=True)
class AsmStatement:
    """An asm statement inside the function `function` (None outside any).

    `extended` says that it has operands or clobbers, maybe none: its template writes % as %%.
    """

    function: str | None
    template: tuple[Letter, ...]
    outputs: tuple[AsmOperand, ...]
    inputs: tuple[AsmOperand, ...]
    clobbers: tuple[str, ...]
    extended: bool
    place: Token

    @property
    def operands(self) -> tuple[AsmOperand, ...]:
        """All operands, in the sequence in which %0, %1 … name them."""
        return self.outputs + self.inputs


def asm_statements(source: Source) -> tuple[AsmStatement, ...]:
    """Return the asm statements of a C or C++ file; raises InputError for one that is malformed.

    Declarations such as `int x asm("y")` are passed over.
    """
    pieces = tuple(_pieces(source))
    matching = _matching(pieces)
    found: list[AsmStatement] = []
    scopes: list[str | None] = []
    for at, piece in enumerate(pieces):
        if piece.text == "{":
            scopes.append(_function_before(pieces, matching, at))
        elif piece.text == "}" and scopes:
            scopes.pop()
        elif piece.kind == "word" and piece.text in _ASM and scopes:
            inside = next((name for name in reversed(scopes) if name), None)
            statement = _statement(source, pieces, at, inside)
            if statement is not None:
                found.append(statement)
    return tuple(found)


def _pieces(source: Source) -> Iterator[Piece]:
    """Yield the tokens of a file, without blanks, comments and preprocessor lines."""
    text = _DIRECTIVE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), source.text)
    line, start = 1, 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        kind = "raw" if match["raw"] is not None else kind
        if kind != "blank":
            yield Piece(kind, match[0], line, match.start() - start + 1)
        lines = match[0].count("\n")
        if lines:
            line += lines
            start = match.start() + match[0].rindex("\n") + 1


def _function_before(
    pieces: Sequence[Piece], matching: Mapping[int, int], brace: int, depth: int = 0
) -> str | None:
    """Return the name of the function whose body opens at `brace`, or None for another block."""
    at = brace - 1
    for at in range(brace - 1, max(-1, brace - 40), -1):
        if pieces[at].text in (";", "{", "}", "="):
            return None
        if pieces[at].text == ")":
            opening = matching.get(at)
            if opening is None or opening == 0:
                return None
            before = pieces[opening - 1]
            if before.kind != "word":
                return None
            if before.text not in (*_CONTROL, "__attribute__"):
                return before.text
            if before.text in ("noexcept", "__attribute__"):
                further = depth < _MOST_ATTRIBUTES
                return (
                    _function_before(pieces, matching, opening - 1, depth + 1) if further else None
                )
            return None
    return None


def _matching(pieces: Sequence[Piece]) -> dict[int, int]:
    """Return for each closing bracket ) where its opening one stands."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for at, piece in enumerate(pieces):
        if piece.text == "(":
            opened.append(at)
        elif piece.text == ")" and opened:
            found[at] = opened.pop()
    return found


def _statement(
    source: Source, pieces: Sequence[Piece], at: int, inside: str | None
) -> AsmStatement | None:
    """Take apart the asm statement whose keyword stands at `at`."""
    keyword = pieces[at]
    place = Token(keyword.text, source, keyword.line, keyword.column)
    rest = (pieces[i] for i in range(at + 1, len(pieces)))
    following = next((p for p in rest if p.text not in _QUALIFIERS), None)
    if following is None or following.text != "(":
        if following is not None and following.text == "{":
            raise place.fault(
                "this is an asm block of another compiler", "write a GNU asm statement"
            )
        return None
    sections: list[list[Piece]] = [[]]
    depth = 0
    for piece in rest:
        if piece.text == ")" and depth == 0:
            break
        depth += (piece.text in "([{") - (piece.text in ")]}")
        if piece.text == ":" and depth == 0:
            sections.append([])
        else:
            sections[-1].append(piece)
    else:
        raise place.fault("this asm statement does not end")
    extended = len(sections) > 1
    while len(sections) < 4:
        sections.append([])
    return AsmStatement(
        inside,
        tuple(letter for piece in sections[0] for letter in _letters(source, piece)),
        tuple(_operands(source, sections[1])),
        tuple(_operands(source, sections[2])),
        tuple(_plain(piece) for piece in sections[3] if piece.kind in ("string", "raw")),
        extended,
        place,
    )


def _operands(source: Source, pieces: Sequence[Piece]) -> Iterator[AsmOperand]:
    """Yield the operands of one section: `[name] "constraint" (expression), …`."""
    at = 0
    while at < len(pieces):
        first = pieces[at]
        place = Token(first.text, source, first.line, first.column)
        name = None
        if first.text == "[" and at + 2 < len(pieces):
            name, at = pieces[at + 1].text, at + 3
        constraint = ""
        while at < len(pieces) and pieces[at].kind == "string":
            constraint += _plain(pieces[at])
            at += 1
        if not constraint or at >= len(pieces) or pieces[at].text != "(":
            raise place.fault('expected an asm operand such as "+r"(buffer)')
        depth, start = 0, at
        while at < len(pieces):
            depth += (pieces[at].text == "(") - (pieces[at].text == ")")
            at += 1
            if depth == 0:
                break
        expression = "".join(piece.text for piece in pieces[start + 1 : at - 1])
        yield AsmOperand(name, constraint, expression, place)
        if at < len(pieces) and pieces[at].text != ",":
            raise place.fault("expected a comma behind this asm operand")
        at += 1


def _plain(piece: Piece) -> str:
    return "".join(letter.text for letter in _letters(Source("", ""), piece))


def _letters(source: Source, piece: Piece) -> Iterator[Letter]:
    """Yield the characters that a string literal stands for, each with its place."""
    if piece.kind not in ("string", "raw"):
        raise Token(piece.text, source, piece.line, piece.column).fault(
            "the template of an asm statement is made of string literals",
            "expand macros first: gcc -E FILE > FILE.i",
        )
    if piece.kind == "raw":
        start = piece.text.index("(") + 1
        line, column = piece.line, piece.column + start
        for letter in piece.text[start : piece.text.rindex(")")]:
            yield Letter(letter, line, column)
            line, column = (line + 1, 1) if letter == "\n" else (line, column + 1)
        return
    yield from _unescaped(source, piece)


def _unescaped(source: Source, piece: Piece) -> Iterator[Letter]:
    body = piece.text[1:-1]
    at = 0
    while at < len(body):
        column = piece.column + 1 + at
        if body[at] != "\\":
            yield Letter(body[at], piece.line, column)
            at += 1
            continue
        escape = body[at + 1]
        if escape != "\n":
            if escape not in _ESCAPES:
                raise Token(body[at : at + 2], source, piece.line, column).fault(
                    f"the escape {body[at : at + 2]!r} is not read in an asm template"
                )
            yield Letter(_ESCAPES[escape], piece.line, column)
        at += 2


def choose(source: Source, wanted: str | None) -> AsmStatement:
    """Return the only asm statement of the function `wanted`, or of the file where None.

    Raises InputError that names what there is.
    """
    found = asm_statements(source)
    names = list(dict.fromkeys(s.function for s in found if s.function))
    listed = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    if not found:
        raise InputError(
            "there is no asm statement inside a function",
            hint="a plain C function is read from its object file: compile it with gcc -O2 -c",
        )
    chosen = [s for s in found if wanted in (None, s.function)]
    if not chosen:
        raise InputError(f"no function {wanted!r} has an asm statement", hint=f"there is {listed}")
    if len(chosen) > 1:
        if wanted is None and len(names) > 1:
            raise InputError(f"{len(names)} functions have one: {listed}", hint="give --function")
        raise chosen[1].place.fault(
            "a second asm statement: what the compiler puts between the two is not known",
            "a kernel is one asm statement",
        )
    return chosen[0]
