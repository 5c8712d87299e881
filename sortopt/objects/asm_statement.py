"""A GNU asm statement taken apart.

Syntax: GCC manual, "How to Use Inline Assembly Language in C Code", extended asm.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sortopt.formats import Token
from sortopt.objects.c_source import CFile
from sortopt.objects.c_tokens import Letter, Piece, Tokens


@dataclass(frozen=True, slots=True)
class AsmOperand:
    """An operand of an asm statement: `[p] "+r"(buffer)`.

    `constraint` is what the string says, `expression` are the tokens between the brackets.
    """

    name: str | None
    constraint: str
    expression: tuple[Piece, ...]
    place: Token

    @property
    def is_output(self) -> bool:
        """Whether the compiler is told that the statement writes it."""
        return self.constraint.startswith(("+", "="))

    @property
    def is_input(self) -> bool:
        """Whether it has a value on entry."""
        return not self.constraint.startswith("=")

    @property
    def letters(self) -> str:
        """The constraint without its modifiers; % stays, as it lets operands change places."""
        return self.constraint.lstrip("+=&")


@dataclass(frozen=True, slots=True)
class AsmStatement:
    """An asm statement; `extended` says that it has operands or clobbers, maybe none.

    The template of an extended one writes % as %%.  `sections` are the tokens of its outputs,
    inputs and clobbers, as far as they are there, and `ends` where each of them ends.
    """

    keyword: Piece
    volatile: bool
    template: tuple[Letter, ...]
    outputs: tuple[AsmOperand, ...]
    inputs: tuple[AsmOperand, ...]
    clobbers: tuple[str, ...]
    sections: tuple[tuple[Piece, ...], ...]
    ends: tuple[int, ...]

    @property
    def extended(self) -> bool:
        """Whether the template may name operands."""
        return len(self.sections) > 1

    @property
    def operands(self) -> tuple[AsmOperand, ...]:
        """All operands, in the sequence in which %0, %1 … name them."""
        return self.outputs + self.inputs


def asm_statement(file: CFile, at: int) -> AsmStatement:
    """Take apart the asm statement whose keyword is the token `at`; raises InputError."""
    tokens, code = file.tokens, file.code
    keyword, opening = code[at], file.bracket(at)
    place = tokens.place(keyword)
    if opening < len(code) and code[opening].text == "{":
        raise place.fault("this is an asm block of another compiler", "write a GNU asm statement")
    if code[opening : opening + 1] and code[opening].text != "(":
        raise place.fault("expected a bracket behind this")
    if opening not in file.closing:
        raise place.fault("this asm statement does not end")
    qualifiers = {piece.text.strip("_") for piece in code[at + 1 : opening]}
    if "goto" in qualifiers:
        raise place.fault("asm goto leaves the kernel", "a kernel is straight-line code")
    sections, ends = _sections(code[opening + 1 : file.closing[opening] + 1])
    parts = [*sections, (), (), ()]
    outputs, inputs = (tuple(_operands(tokens, part)) for part in parts[1:3])
    for operand in outputs:
        if not operand.is_output:
            raise operand.place.fault(
                "the constraint of an output begins with = or +",
                "what is only read is an input: it stands behind the next colon",
            )
    return AsmStatement(
        keyword,
        "volatile" in qualifiers,
        tuple(letter for piece in parts[0] for letter in tokens.letters(piece)),
        outputs,
        inputs,
        tuple(_text(tokens, [piece]) for piece in parts[3] if piece.text != ","),
        sections,
        ends,
    )


def _sections(
    pieces: Sequence[Piece],
) -> tuple[tuple[tuple[Piece, ...], ...], tuple[int, ...]]:
    """Split what stands in the brackets, the closing one included, at its colons."""
    sections: list[list[Piece]] = [[]]
    ends: list[int] = []
    depth = 0
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        if last or (depth == 0 and piece.text in (":", "::")):
            ends.append(sections[-1][-1].end if sections[-1] else piece.start)
            sections += [] if last else [[]]
            if piece.text == "::":
                ends.append(piece.start + 1)
                sections.append([])
        else:
            depth += (piece.text in ("(", "[", "{")) - (piece.text in (")", "]", "}"))
            sections[-1].append(piece)
    return tuple(map(tuple, sections)), tuple(ends)


def _operands(tokens: Tokens, pieces: Sequence[Piece]) -> Iterator[AsmOperand]:
    """Yield the operands of one section: `[name] "constraint" (expression), …`."""
    at = 0
    while at < len(pieces):
        place = tokens.place(pieces[at])
        name = None
        if pieces[at].text == "[" and at + 3 < len(pieces):
            name, at = pieces[at + 1].text, at + 3
        start = at
        while at < len(pieces) and pieces[at].kind in ("string", "raw"):
            at += 1
        constraint = _text(tokens, pieces[start:at])
        if not constraint or at >= len(pieces) or pieces[at].text != "(":
            raise place.fault('expected an asm operand such as "+r"(buffer)')
        opening, depth = at, 0
        while at < len(pieces):
            depth += (pieces[at].text == "(") - (pieces[at].text == ")")
            at += 1
            if depth == 0:
                break
        expression = tuple(pieces[opening + 1 : at - 1])
        if not expression:
            raise place.fault("this asm operand names nothing")
        yield AsmOperand(name, constraint, expression, place)
        if at < len(pieces) and pieces[at].text != ",":
            raise place.fault("expected a comma behind this asm operand")
        at += 1


def _text(tokens: Tokens, pieces: Sequence[Piece]) -> str:
    return "".join(letter.text for piece in pieces for letter in tokens.letters(piece))
