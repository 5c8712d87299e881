"""Text to kernel: tokens, directives and options are put together and every fault gets a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sortopt.errors import InputError, KernelError, SortoptError, Source
from sortopt.formats.contract import Declared, declare
from sortopt.formats.detect import Detected, by_name, detect
from sortopt.formats.dialect import Dialect, Mnemonic, Operand
from sortopt.formats.directives import read_expect, read_header
from sortopt.formats.lexer import Line, Statement, Token, lines, statement
from sortopt.formats.naming import check_storage, name_cells
from sortopt.goal import Goal
from sortopt.isa import ISAS, Isa, Place
from sortopt.kernel import Kernel, build
from sortopt.orders import Precondition

_T = TypeVar("_T", Precondition, Goal)


@dataclass(frozen=True, slots=True)
class KernelFile:
    """A kernel and what its file says about it.

    `dialect` is the dialect's name and `because` why it was chosen; `title` the first comment
    line ("" where there is none); `expect` "proved", "refuted" or None; `source` where the kernel
    comes from, or None.
    """

    kernel: Kernel
    dialect: str
    title: str
    expect: str | None
    source: str | None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """One instruction as read, operands destination first."""

    mnemonic: Mnemonic
    token: Token
    operands: tuple[Operand, ...]


def parse(
    text: str,
    *,
    name: str = "<text>",
    dialect: str | None = None,
    inputs: str | None = None,
    outputs: str | None = None,
    assume: str | Precondition | None = None,
    goal: str | Goal | None = None,
) -> KernelFile:
    """Read a kernel from `text`, which messages call `name`.

    `dialect` overrides detection; the other options override the file's directives of their name
    (`inputs` and `outputs` list registers of the dialect; an `assume` of "none" lifts the file's).
    Raises InputError with line, column and a way to mend it.
    """
    source = Source(name, text.removeprefix("\ufeff"))
    try:
        chosen = detect(source) if dialect is None else Detected(by_name(dialect), "as told")
        return _read(source, chosen, _Options(inputs, outputs, assume, goal))
    except SortoptError as error:
        raise error.at(source) from None


@dataclass(frozen=True, slots=True)
class _Options:
    inputs: str | None
    outputs: str | None
    assume: str | Precondition | None
    goal: str | Goal | None


def _read(source: Source, chosen: Detected, options: _Options) -> KernelFile:
    dialect = chosen.dialect
    read = tuple(lines(source, separated=dialect.separated))
    header = read_header(read)
    program = _program(read, dialect)
    isa = _isa(header.values.get("isa"), program)
    values = dict(header.values)
    for option in ("inputs", "outputs"):
        given = getattr(options, option)
        if given is not None:
            values[option] = _from_option(option, given)
    declared = declare(
        dialect, values, [operand for parsed in program for operand in parsed.operands],
        assume=_option_value("assume", options.assume), goal=_option_value("goal", options.goal),
    )  # fmt: skip
    operands = [*declared.inputs, *declared.outputs, *(o for p in program for o in p.operands)]
    check_storage(isa, operands)
    names = name_cells(dialect, isa, operands, header.values.get("cells"))
    expect = header.values.get("expect")
    origin = header.values.get("source")
    return KernelFile(
        _build(isa, program, declared, names),
        dialect.name,
        header.title,
        read_expect(expect) if expect else None,
        origin.text if origin else None,
        chosen.because,
    )


def _from_option(option: str, given: str) -> Token:
    text = " ".join(given.split())
    if not text:
        raise InputError(f"--{option} names no register", hint=f'for example --{option} "eax ecx"')
    return Token(text, Source(f"--{option}", text), 1, 1)


def _option_value(option: str, given: str | _T | None) -> Token | _T | None:
    return _from_option(option, given) if isinstance(given, str) else given


def _program(read: Sequence[Line], dialect: Dialect) -> tuple[Parsed, ...]:
    """Read every instruction; raises InputError at the first fault."""
    program: list[Parsed] = []
    for line in read:
        for piece in line.code:
            parsed = _instruction(statement(piece), dialect)
            if program and parsed.mnemonic.isa is not program[0].mnemonic.isa:
                first = program[0]
                raise parsed.token.fault(
                    f"{parsed.token.text.lower()} is of {parsed.mnemonic.isa.name}, but "
                    f"{first.token.text.lower()} in line {first.token.line} of "
                    f"{first.mnemonic.isa.name}",
                    "a kernel keeps to one instruction set",
                )
            program.append(parsed)
        if line.code and line.comment is not None and line.semicolon:
            _check_comment_is_no_instruction(line.comment, dialect)
    return tuple(program)


def _check_comment_is_no_instruction(comment: Token, dialect: Dialect) -> None:
    """Refuse `mov eax, ecx; cmp ecx, edx`: its second half would silently be a comment."""
    try:
        _instruction(statement(comment), dialect)
    except InputError:
        return
    raise comment.fault(
        "an instruction in a comment behind an instruction",
        f"in the {dialect.name} dialect ; begins a comment; write one instruction a line",
    )


def _instruction(written: Statement, dialect: Dialect) -> Parsed:
    mnemonic = dialect.mnemonic(written.mnemonic)
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
            f"write for example: {' '.join(dialect.write(form.mnemonic, example).split())}",
        )
    for operand, admitted in zip(operands, form.operands, strict=True):
        if operand.place is not None and operand.place not in admitted:
            kind = "xmm" if Place.VECTOR in admitted else "general-purpose"
            raise operand.token.fault(f"{form.mnemonic} takes {kind} registers, not {operand.name}")
        if mnemonic.width and operand.width != mnemonic.width:
            raise operand.token.fault(
                f"{written.mnemonic.text.lower()} works on {mnemonic.width} bits, "
                f"but {operand.name} has {operand.width}",
                "let the size suffix and the registers agree",
            )
    return Parsed(mnemonic, written.mnemonic, operands)


def _isa(value: Token | None, program: Sequence[Parsed]) -> Isa:
    """Return the instruction set: what the instructions are of, or what the directive names."""
    named = None
    if value is not None:
        named = ISAS.get(value.text.lower())
        if named is None:
            raise value.fault(
                f"unknown instruction set {value.text[:40]!r}", f"choose {', '.join(ISAS)}"
            )
    if not program:
        if named is None:
            raise InputError(
                "there is no instruction",
                hint='a kernel that does nothing needs the directive "isa: x86-cmov"',
            )
        return named
    isa = program[0].mnemonic.isa
    if value is not None and named is not isa:
        raise value.fault(f"the instructions are of {isa.name}, not of {value.text.lower()}")
    return isa


def _build(
    isa: Isa, program: Sequence[Parsed], declared: Declared, names: dict[str, str]
) -> Kernel:
    try:
        return build(
            isa,
            [(p.mnemonic.form, tuple(names[o.name] for o in p.operands)) for p in program],
            inputs=[names[o.name] for o in declared.inputs],
            outputs=[names[o.name] for o in declared.outputs],
            assume=declared.assume,
            goal=declared.goal,
        )
    except KernelError as error:
        token = None
        if error.instruction is not None:
            token = program[error.instruction].token
        elif error.cell is not None:
            order = [*declared.inputs, *declared.outputs]
            spelled = list(dict.fromkeys(operand.name for operand in order))[error.cell]
            token = next(o.token for o in reversed(order) if o.name == spelled)
        if token is not None:
            error.at(token.source, token.span)
        raise
