"""From instructions as read to a kernel with its contract, whatever they were read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from sortopt.base import UNLIMITED, Budget, InputError, KernelError, Source
from sortopt.formats import memory
from sortopt.formats.buffer import check_bounds
from sortopt.formats.contract import Declared, declare
from sortopt.formats.dialect import Dialect, Operand, Parsed
from sortopt.formats.directives import Header, read_expect
from sortopt.formats.lexer import Token
from sortopt.formats.mnemonics import first_with
from sortopt.formats.naming import name_cells
from sortopt.formats.storage import Settled, settle, settle_contract
from sortopt.model import Breach, Goal, Isa, Kernel, Place, Precondition, Rung, build
from sortopt.targets import ISAS

_T = TypeVar("_T", Precondition, Goal, Rung)


_VECTOR = 128
"""The width of a vector register, in bits."""
MOST_INSTRUCTIONS = 10_000
"""The most instructions that are read; a sort of 16 keys has some 250."""


def too_long(token: Token) -> InputError:
    """Return the error at the first instruction that is one too many."""
    return token.fault(f"more than {MOST_INSTRUCTIONS:,} instructions", "no kernel is so long")


@dataclass(frozen=True, slots=True)
class KernelFile:
    """A kernel and what its file says about it.

    `dialect` is the dialect's name and `because` why it was chosen; `title` the first comment
    line ("" where there is none); `expect` "proved", "refuted" or None; `source` where the kernel
    comes from, or None.  `width` is that of the operands in bits, None where the text does not
    tell; `notes` say what was inferred, or deserves a second look; `plain` says that the file
    holds nothing else, in the form in which sortopt writes kernels.  Of an asm statement, `key` is
    the declared type of its keys, `breaches` what it does not declare, `amended` its file with
    that declared, where it can be, `mnemonics` where its instructions are written, and `rewritten`
    returns its file with the instructions of another kernel, where that can be.  `breaches` are
    also what a function does not keep for its caller, `removed` the instructions around the kernel
    that are no part of it.
    """

    kernel: Kernel
    dialect: str
    title: str
    expect: str | None
    source: str | None
    because: str = ""
    width: int | None = None
    notes: tuple[str, ...] = ()
    plain: bool = True
    key: str | None = None
    breaches: tuple[Breach, ...] = ()
    amended: str | None = None
    mnemonics: tuple[Token, ...] = ()
    rewritten: Callable[[Kernel], str] | None = None
    removed: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """What stands in for the directives of a file, where not None.

    `distinct` says that buffers behind different pointers do not overlap; `promised` is what in the
    text says so, for example `restrict`, or "".  `length` is where a function is given a number of
    keys, and which, as `[rdi]=3`.  `budget` is for following code that branches.
    """

    inputs: str | None = None
    outputs: str | None = None
    assume: str | Precondition | None = None
    goal: str | Goal | None = None
    keep: str | Rung | None = None
    distinct: bool = False
    length: str | None = None
    promised: str = ""
    budget: Budget = UNLIMITED

    @property
    def apart(self) -> bool:
        """Whether buffers behind different pointers are taken not to overlap."""
        return self.distinct or bool(self.promised)


def to_file(
    program: Sequence[Parsed] | Settled,
    header: Header,
    dialect: Dialect,
    options: Options,
    *,
    because: str = "",
    naming: str | None = None,
    bounded: bool = True,
) -> KernelFile:
    """Put instructions, directives and options together; raises InputError at the first fault.

    `dialect` reads the cells that directives and options name; `naming` shows, as part of a
    message, options that name them where there is no place for directives.  Where `bounded`, memory
    that the contract does not name is refused.
    """
    given = program.program if isinstance(program, Settled) else program
    isa = _isa(header.values.get("isa"), given)
    settled = (
        program if isinstance(program, Settled) else settle(isa, program, distinct=options.apart)
    )
    program, width = settled.program, settled.width
    declared = declare(
        dialect, {**header.values, **_named(options)}, program,
        assume=_option_value("assume", options.assume), goal=_option_value("goal", options.goal),
        keep=_option_value("keep", options.keep), naming=naming,
    )  # fmt: skip
    contract = settle_contract(
        isa, [*declared.inputs, *declared.outputs], len(declared.inputs), settled
    )
    declared = declared.with_cells(contract)
    if bounded:
        check_bounds(program, contract)
    operands = [*contract, *(o for p in program for o in p.operands)]
    names = name_cells(dialect, isa, operands, header.values.get("cells"))
    expect, origin = header.values.get("expect"), header.values.get("source")
    return KernelFile(
        _build(isa, settled, declared, names),
        dialect.name,
        header.title,
        read_expect(expect) if expect else None,
        origin.text if origin else None,
        because,
        width,
        (*declared.notes, *_assumed(settled, options.promised)),
    )


def _assumed(settled: Settled, promised: str) -> Iterator[str]:
    """Yield what is taken for granted of the buffers of a program, and what says so."""
    operands = [o for p in settled.program for o in p.operands]
    bases = dict.fromkeys(memory.address(o.name)[0] for o in operands if o.address)
    if len(bases) > 1:
        said = f", as {promised} says" if promised else ""
        yield f"the buffers behind {' and '.join(bases)} are taken not to overlap{said}"
    if settled.width == _VECTOR:
        if bases:
            yield "each cell is a vector of 16 bytes, whose lanes are sorted each on its own"
    else:
        for place, token in settled.aligned.items():
            word = f"{token.text.lower()} in line {token.line}"
            yield f"{place} is taken to be at a multiple of 16 bytes: {word} faults elsewhere"


def _named(options: Options) -> dict[str, Token]:
    """Return the cells that options name, in place of the directives of that name."""
    given = {"inputs": options.inputs, "outputs": options.outputs}
    return {name: _from_option(name, text) for name, text in given.items() if text is not None}


def mixed(program: Sequence[Parsed]) -> InputError:
    """Return the error for instructions that no set has all of."""
    earlier, parsed = next(
        (one, other)
        for one, other in pairwise(program)
        if one.mnemonic.isa is not other.mnemonic.isa
    )
    return parsed.token.fault(
        f"{parsed.token.text.lower()} is of {parsed.mnemonic.isa.name}, but "
        f"{earlier.token.text.lower()} in line {earlier.token.line} of {earlier.mnemonic.isa.name}",
        "a kernel keeps to one instruction set",
        around=True,
    )


def _from_option(option: str, given: str) -> Token:
    text = " ".join(given.split())
    if not text:
        if option in ("inputs", "outputs"):
            hint = f'for example --{option} "eax ecx"'
            raise InputError(f"--{option} names no register", hint=hint)
        raise InputError(f"--{option} is empty", hint="leave it out, or give it a value")
    return Token(text, Source(f"--{option}", text), 1, 1)


def _option_value(option: str, given: str | _T | None) -> Token | _T | None:
    return _from_option(option, given) if isinstance(given, str) else given


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
    forms = [parsed.mnemonic.form for parsed in program]
    isa = first_with(forms, named)
    if isa is None:
        raise mixed(program)
    if value is not None and named is not isa:
        raise value.fault(f"the instructions are of {isa.name}, not of {value.text.lower()}")
    return isa


def _build(isa: Isa, settled: Settled, declared: Declared, names: Mapping[str, str]) -> Kernel:
    """Build the kernel.

    No instruction on vector registers moves one key of several to or from memory: there the cells
    of a buffer count as registers.
    """
    program = settled.program
    operands = [*declared.inputs, *declared.outputs, *(o for p in program for o in p.operands)]
    whole = settled.width in (None, isa.register_bits(isa.key_bits[0]))
    apart = whole or isa.place is not Place.VECTOR
    memory = {names[o.name]: Place.MEMORY for o in operands if o.address and apart}
    try:
        return build(
            isa,
            [(p.mnemonic.form, tuple(names[o.name] for o in p.operands)) for p in program],
            inputs=[names[o.name] for o in declared.inputs],
            outputs=[names[o.name] for o in declared.outputs],
            assume=declared.assume,
            goal=declared.goal,
            keep=declared.keep,
            place_of=memory or None,
        )
    except KernelError as error:
        token = _place(error, program, declared)
        if token is not None:
            error.at(token.source, token.span)
        raise


def _place(error: KernelError, program: Sequence[Parsed], declared: Declared) -> Token | None:
    if error.instruction is not None:
        return program[error.instruction].token
    if error.cell is None:
        return None
    order: list[Operand] = [*declared.inputs, *declared.outputs]
    spelled = list(dict.fromkeys(operand.name for operand in order))[error.cell]
    return next(o.token for o in reversed(order) if o.name == spelled)
