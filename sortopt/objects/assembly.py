"""Assembly text with labels and directives, as gcc and clang write it: assembled, then decoded.

Every instruction gets a label of its own, so that machine code is traced back to its line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sortopt.base import InputError, Source, Span
from sortopt.formats import (
    Dialect,
    Line,
    Token,
    by_name,
    check_comment,
    lines,
    split_commas,
    statement,
)
from sortopt.objects.decode import Decoded, Place, Places
from sortopt.objects.elf import ElfFile, Function, read_elf

if TYPE_CHECKING:
    from sortopt.native import AssemblyError

LABEL = re.compile(r"\s*([\w.$@]+)\s*:")
_SYNTAX = re.compile(r"\.(intel|att)_syntax\b")
_KEPT = re.compile(
    r"\.(intel_syntax|att_syntax|globa?l|text|set|equ|type|size|byte|word|long|quad)\b"
)
"""Directives that decide what the instructions are, and which function they belong to."""
_READS_FILES = re.compile(r"\.(incbin|include)\b")
_DROPPED = re.compile(r"\.[\w.]+")
_PREFIX = "sortopt.line."
_INNER = re.compile(r"\.?L|[Ll]tmp|\d|" + re.escape(_PREFIX))
"""Labels that begin no function: local ones, and ours."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """An assembled text: its functions, and the label of each line that holds an instruction."""

    elf: ElfFile
    source: Source
    dialect: Dialect

    def functions(self) -> tuple[Function, ...]:
        """Return the functions: what the text declares as such, else its plain labels.

        A text without labels is one function.
        """
        own = [f for f in self.elf.functions if f.name.startswith(_PREFIX)]
        named = [f for f in self.elf.functions if not _INNER.match(f.name)]
        return tuple(named or own[:1])

    def places(self) -> Places:
        """Return where in the text an instruction stands."""
        starts = sorted(
            (address, int(name.removeprefix(_PREFIX)))
            for name, address in self.elf.labels.items()
            if name.startswith(_PREFIX)
        )
        read = dict(enumerate(lines(self.source, separated=self.dialect.separated), start=1))

        def place(instruction: Decoded) -> Place:
            _, line = starts[bisect_right(starts, (instruction.address, len(read) + 1)) - 1]
            return _place(read[line], line, instruction, self)

        return place


def shows_assembly(read: Sequence[Line]) -> str | None:
    """Say, as a clause, what shows that a text is written for an assembler; None where nothing."""
    for line in read:
        for piece in line.code:
            if LABEL.match(piece.text):
                return f"line {piece.line} is a label"
            if piece.text.startswith("."):
                return f"line {piece.line} is a directive"
    return None


def is_intel(read: Sequence[Line], dialect: Dialect) -> bool:
    """Return whether the instructions are in Intel syntax: as a directive says, or as detected."""
    for line in read:
        for piece in line.code:
            match = _SYNTAX.match(piece.text)
            if match:
                return match[1] == "intel"
    return dialect.name == "intel"


def assembled(source: Source, dialect: Dialect) -> Assembled:
    """Assemble the text; raises InputError at the first line that cannot be assembled."""
    from sortopt.native import AssemblyError, assemble

    read = tuple(lines(source, separated=dialect.separated))
    written, origin = labelled(read, intel=dialect.name == "intel")
    try:
        data = assemble("\n".join(written) + "\n")
    except AssemblyError as error:
        raise _located(error, source, origin) from None
    return Assembled(read_elf(data, source.name), source, dialect)


def _located(error: AssemblyError, source: Source, origin: Sequence[int]) -> InputError:
    if error.line is None or not 1 <= error.line <= len(origin):
        return InputError(error.message, source=source)
    line = origin[error.line - 1]
    text = source.line(line)
    column = len(text) - len(text.lstrip()) + 1
    return InputError(error.message, source=source, span=Span(line, column, len(text.strip()) or 1))


def labelled(read: Sequence[Line], *, intel: bool) -> tuple[list[str], list[int]]:
    """Return the text to assemble, line by line, and which line of the source each comes from."""
    written: list[str] = [".text"]
    origin = [0]
    if intel:
        written.append(".intel_syntax noprefix")
        origin.append(0)
    labels = frozenset(_labels(read))
    for line in read:
        if intel and line.code and line.comment is not None and line.semicolon:
            check_comment(line.comment, by_name("intel"))
        labelled = False
        for piece in line.code:
            for text in _pieces(piece, labels):
                if not labelled and not text.startswith(".") and not text.endswith(":"):
                    written.append(f"{_PREFIX}{piece.line}:")
                    origin.append(piece.line)
                    labelled = True
                written.append(text)
                origin.append(piece.line)
    return written, origin


def _labels(read: Sequence[Line]) -> Iterator[str]:
    for line in read:
        for piece in line.code:
            match = LABEL.match(piece.text)
            if match:
                yield match[1]


def _pieces(piece: Token, labels: frozenset[str]) -> Iterator[str]:
    """Yield the labels of one piece of code, and its instruction or directive where it is kept."""
    text = piece.text
    while match := LABEL.match(text):
        yield f"{match[1]}:"
        text = text[match.end() :].strip()
    if not text:
        return
    if _READS_FILES.match(text):
        raise piece.fault("this directive reads another file", "hand in one text that holds all")
    if not text.startswith(".") or (_KEPT.match(text) and not _is_data(text, labels)):
        yield text
        return
    if not _DROPPED.match(text):
        raise piece.fault("expected a directive here")


def _is_data(text: str, labels: frozenset[str]) -> bool:
    """Return whether a directive sets aside what needs no place here: sizes and types of data."""
    match = re.match(r"\.(?:size|type)\s+([\w.$@]+)", text)
    return match is not None and match[1] not in labels


def _place(read: Line, line: int, instruction: Decoded, text: Assembled) -> Place:
    """Return the tokens of the instruction in `line`, as far as they are told apart."""
    for piece in read.code:
        start = 0
        while match := LABEL.match(piece.text[start:]):
            start += match.end()
        code = piece.part(start, len(piece.text))
        if not code.text or code.text.startswith("."):
            continue
        try:
            written = statement(code)
            operands = split_commas(written.rest)
        except InputError:
            return Place(code, ())
        return Place(written.mnemonic, operands[::-1] if text.dialect.name == "att" else operands)
    return Place(Token(instruction.text, text.source, line, 1), ())
