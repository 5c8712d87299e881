"""Text to kernel: every instruction of the model is read, every fault gets a place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sortopt.base import InputError, SortoptError, Source
from sortopt.formats.detection import Detected, by_name, detect
from sortopt.formats.dialect import Dialect, Parsed
from sortopt.formats.directives import read_header
from sortopt.formats.lexer import Line, Statement, Token, lines, statement
from sortopt.formats.pairs import halves
from sortopt.formats.program import (
    MOST_INSTRUCTIONS,
    KernelFile,
    Options,
    to_file,
    too_long,
)
from sortopt.model import Goal, Place, Precondition, Rung
from sortopt.targets import MACHINES

_STATEMENT = re.compile(r"[^; ][^;]*")
_INSTRUCTION = re.compile(r"[a-z]\w*[ \t]+\S", re.I)
_DIRECTIVE = re.compile(r"\.[a-z_]\w*", re.I)
_RETURNS = "|".join(re.escape(text) for machine in MACHINES.values() for text in machine.returns)
_RETURN = re.compile(rf"(?:(?:rep|repz|bnd)[ \t]+)?(?:{_RETURNS})(?:[ \t]+\$?0)?", re.I)
PASSED_OVER = tuple(word for machine in MACHINES.values() for word in machine.idle)
"""Mnemonics of instructions that do nothing here."""


def parse(
    text: str,
    *,
    name: str = "<text>",
    dialect: str | None = None,
    inputs: str | None = None,
    outputs: str | None = None,
    assume: str | Precondition | None = None,
    goal: str | Goal | None = None,
    keep: str | Rung | None = None,
    distinct_buffers: bool = False,
) -> KernelFile:
    """Read a kernel from `text`, which messages call `name`.

    `dialect` overrides detection; the other options override the file's directives of their name
    (`inputs` and `outputs` list registers of the dialect; an `assume` of "none" lifts the file's);
    `distinct_buffers` says that buffers behind different pointers do not overlap.
    Raises InputError with line, column and a way to mend it.
    """
    source = Source(name, text.removeprefix("\ufeff"))
    try:
        chosen = detect(source) if dialect is None else Detected(by_name(dialect), "as asked")
        options = Options(inputs, outputs, assume, goal, keep, distinct_buffers)
        return _read(source, chosen, options)
    except SortoptError as error:
        raise error.at(source) from None


def _read(source: Source, chosen: Detected, options: Options) -> KernelFile:
    dialect = chosen.dialect
    read = lines(source, separated=dialect.separated, mark=dialect.comment)
    header = read_header(read)
    return to_file(_program(read, dialect), header, dialect, options, because=chosen.because)


def _program(read: Sequence[Line], dialect: Dialect) -> tuple[Parsed, ...]:
    """Read every instruction; raises InputError at the first fault."""
    program: list[Parsed] = []
    end: Token | None = None
    for line in read:
        for piece in line.code:
            written = statement(piece)
            word = written.mnemonic.text.lower()
            if end is not None and word not in PASSED_OVER:
                raise written.mnemonic.fault(
                    f"an instruction behind {end.text.lower()}, which ends the kernel",
                    "a kernel is straight-line code up to its first ret",
                )
            if is_return(piece.text):
                end = written.mnemonic
            elif word not in PASSED_OVER:
                if len(program) == MOST_INSTRUCTIONS:
                    raise too_long(written.mnemonic)
                program += (instruction(each, dialect) for each in halves(written, dialect))
        if line.comment is not None and line.semicolon and (line.code or dialect.separated):
            check_comment(line.comment, dialect)
    return tuple(program)


def is_return(text: str) -> bool:
    """Return whether a statement returns from a function and does nothing else."""
    return _RETURN.fullmatch(text) is not None


def check_comment(comment: Token, dialect: Dialect) -> None:
    """Refuse `mov eax, ecx; cmp ecx, edx`: an assembler that separates by ; would run both."""
    for match in _STATEMENT.finditer(comment.text):
        piece = comment.part(*match.span())
        if not _runs(piece, dialect):
            continue
        if dialect.separated:
            raise piece.fault(
                "an instruction in a comment",
                f"in the {dialect.name} dialect ; separates instructions; begin a comment with #",
            )
        raise piece.fault(
            "an instruction in a comment behind an instruction",
            f"in the {dialect.name} dialect ; begins a comment; write one instruction a line",
        )


def _runs(piece: Token, dialect: Dialect) -> bool:
    """Return whether a piece of a comment is an instruction, a return or a directive."""
    if is_return(piece.text) or _DIRECTIVE.match(piece.text):
        return True
    if not _INSTRUCTION.match(piece.text):
        return False
    try:
        instruction(statement(piece), dialect)
    except InputError:
        return False
    return True


def instruction(written: Statement, dialect: Dialect) -> Parsed:
    """Read one instruction of the model; raises InputError where it is none."""
    mnemonic = dialect.mnemonic(written)
    form = mnemonic.form
    tokens = dialect.operands(written)
    operands = tuple(dialect.cell(token) for token in tokens)
    if len(operands) != len(form.operands):
        example = dialect.spell(mnemonic.isa, mnemonic.isa.registers[: len(form.operands)])
        place = tokens[len(form.operands)] if len(tokens) > len(form.operands) else written.rest
        if not place.text:
            place = written.mnemonic
        raise place.fault(
            f"{form.mnemonic} takes {len(form.operands)} operands, not {len(operands)}",
            f"write for example: {' '.join(dialect.write(form, example).split())}",
        )
    for operand, admitted in zip(operands, form.operands, strict=True):
        if operand.place is not None and operand.place not in admitted:
            kind = mnemonic.isa.register_kind
            taken = f"{kind} registers" + (" and memory" if Place.MEMORY in admitted else "")
            if operand.place is Place.MEMORY:
                taken = f"no memory operand as its destination: only {kind} registers"
            raise operand.token.fault(f"{form.mnemonic} takes {taken}, not {operand.name}")
        if mnemonic.width and operand.width not in (None, mnemonic.width):
            raise operand.token.fault(
                f"{written.mnemonic.text.lower()} works on {mnemonic.width} bits, "
                f"but {operand.name} has {operand.width}",
                "let the size suffix and the registers agree",
            )
    return Parsed(mnemonic, written.mnemonic, operands)
