"""Kernels written as GNU inline assembly: one asm statement, assembled as the compiler does.

What the statement declares to the compiler is judged as well, and so is the type of its keys.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from sortopt.base import InputError, SortoptError, Source
from sortopt.formats import (
    REGISTERS,
    Dialect,
    Header,
    KernelFile,
    Options,
    Token,
    by_name,
    is_return,
    memory,
    to_file,
)
from sortopt.objects.asm_branching import undeclared
from sortopt.objects.asm_contract import Contract, amended
from sortopt.objects.asm_rewriting import rewritten
from sortopt.objects.asm_statement import AsmStatement, asm_statement
from sortopt.objects.assembly import assembled_piece
from sortopt.objects.branches import Branches, read_branches
from sortopt.objects.c_cells import check_beside, moved_keys
from sortopt.objects.c_restrict import apart
from sortopt.objects.c_source import CFile, CFunction
from sortopt.objects.c_types import CType, Declarations
from sortopt.objects.decode import Code, Decoded, program
from sortopt.objects.jumps import first_jump
from sortopt.objects.template import Allocation, Filled, allocate

_NAMING = '--inputs "%0 %1" and --outputs "%0 %1"'
"""How options name the operands of an asm statement."""
_OPTIONS = "--inputs", "--outputs"
_ONLY_STATEMENT = (
    "an asm statement only compares and moves keys; more is understood around a kernel "
    "in an object file: gcc -O2 -c"
)
"""What helps where a statement holds instructions that are outside the model."""


def read_inline(
    source: Source, options: Options, *, function: str | None = None, dialect: str | None = None
) -> KernelFile:
    """Read the asm statement of `function`, or the only one of the file.

    The template is att unless `dialect` says that the compiler is told otherwise (-masm=intel).
    Raises InputError with the place of the first fault, and Branches for a statement that branches.
    """
    compiled = by_name(dialect or "att")
    if compiled.numbered:
        raise InputError("inline assembly is att or intel", hint="leave out --dialect")
    file = CFile(source)
    at, around = file.choose(function)
    found = asm_statement(file, at)
    declarations = Declarations(file, around, at)
    types = tuple(declarations.type_of(operand.expression) for operand in found.operands)
    allocation = allocate(found, types)
    filled = Filled(source, found, allocation, compiled.name)
    syntax = by_name(filled.syntax or compiled.name)
    discarded = _discarded(file, at, around, declarations)
    statement = _Statement(file, at, around, found, types, allocation, syntax, discarded)
    moved = None
    if options.inputs is None and options.outputs is None:
        moved = moved_keys(file, around, at, found, declarations)
    try:
        code = assembled_piece(filled.source, syntax, compiled.name).located()
        places = code.places
        code = replace(code, places=lambda decoded: filled.place(places(decoded)))
        for decoded in code.decoded:
            if is_return(decoded.text):
                raise code.places(decoded).mnemonic.fault(
                    "this returns from the function around it",
                    "compile the file (-c) and hand in the object file",
                )
        given = statement.filled(options, moved)
        jump = first_jump(code)
        if jump is not None or options.length is not None:
            branches = statement.branches(code, jump, given)
            branches.file = statement.noted(branches.file, moved)
            raise branches
        read = statement.noted(statement.kernel(code, options, given), moved)
    except SortoptError as error:
        if moved is not None and error.source is not None and error.source.name in _OPTIONS:
            raise statement.place.fault(
                f"{around.name} loads {moved[0]} as keys and stores {moved[1]}: {error.message}",
                f"declare keys as wide as they are read; or say what holds keys: {_NAMING}",
            ) from None
        if isinstance(error, InputError) and error.listed:
            error.hint = _ONLY_STATEMENT
        raise filled.located(error) from None
    if not read.key:
        unknown = "the declared type of the keys is not known: it is not looked at"
        read = replace(read, notes=(*read.notes, unknown))
    plainly = found.extended and filled.syntax is None
    return replace(
        read, rewritten=partial(rewritten, source, found, allocation) if plainly else None
    )


@dataclass(frozen=True, slots=True)
class _Statement:
    """The asm statement at a token of a file, in the function `around`.

    Its operands have `types`, and `discarded` says that nobody reads its outputs.
    """

    file: CFile
    at: int
    around: CFunction
    found: AsmStatement
    types: tuple[CType | None, ...]
    allocation: Allocation
    syntax: Dialect
    discarded: bool

    @property
    def place(self) -> Token:
        """Where it begins."""
        return self.file.tokens.place(self.file.code[self.at])

    @property
    def because(self) -> str:
        """What is read."""
        return f"asm statement of {self.around.name}"

    def filled(self, options: Options, moved: tuple[str, str] | None) -> Options:
        """Return options with registers for operands; `moved` are the keys that C code names."""
        inputs, outputs = moved or (options.inputs, options.outputs)
        fill = partial(self.allocation.fill_option, syntax=self.syntax.name)
        return replace(
            options, inputs=fill(inputs), outputs=fill(outputs), length=fill(options.length)
        )

    def noted(self, read: KernelFile, moved: tuple[str, str] | None) -> KernelFile:
        """Return what was read, and what is to be said of the C code beside the statement."""
        name = self.around.name
        if moved is not None:
            inputs, outputs = moved
            note = f"inputs {inputs}, outputs {outputs}, as {name} loads and stores them"
        elif check_beside(self.file, self.around, self.at, self._buffers(read)):
            note = f"what {name} does beside its asm statement is not looked at"
        else:
            return read
        return replace(read, notes=(*read.notes, note))

    def _buffers(self, read: KernelFile) -> set[str]:
        """Return the variables that point to keys."""
        bases = _bases(read)
        return {
            operand.expression[0].text
            for operand, family in zip(self.found.operands, self.allocation.families, strict=True)
            if family in bases and len(operand.expression) == 1
        }

    def branches(self, code: Code, jump: Decoded | None, given: Options) -> Branches:
        """Return what a statement is that branches, held against what it declares."""
        families, found = self.allocation.families, self.found
        operands = zip(families, found.operands, strict=True)
        handed = frozenset(family for family, operand in operands if operand.is_input)
        branches = read_branches(
            code, jump, Header("", {}), self.syntax, given, self.because, _NAMING, handed
        )
        file = branches.file
        lacking = undeclared(
            found, families, branches.walked, _key_registers(file),
            memory=self.place if _bases(file) else None, discarded=self.discarded,
        )  # fmt: skip
        key = _key_type(found, families, self.types, file)
        branches.file = replace(file, key=key, breaches=(*file.breaches, *lacking))
        return branches

    def kernel(self, code: Code, options: Options, given: Options) -> KernelFile:
        """Return the kernel that a statement is, held against what it declares."""
        families, found = self.allocation.families, self.found
        instructions = program(code)
        bases = {o.address.base for p in instructions for o in p.operands if o.address}
        if len(bases) > 1 and apart(self.file, self.at, self.around, found, families, bases):
            given = replace(given, promised="restrict")
        read = to_file(
            instructions, Header("", {}), self.syntax, given, because=self.because, naming=_NAMING
        )
        keys = _key_registers(read)
        contract = Contract(found, families, instructions, keys, discarded=self.discarded)
        breaches, amendment = contract.breaches()
        numbered = re.search(r"%[a-z]?\d", f"{options.inputs} {options.outputs}") is not None
        text = amended(self.file.source, found, amendment, numbered=numbered) if breaches else None
        return replace(
            read, plain=False, key=_key_type(found, families, self.types, read),
            breaches=breaches, amended=text,
            mnemonics=tuple(parsed.token for parsed in instructions),
        )  # fmt: skip


def _key_registers(read: KernelFile) -> frozenset[str]:
    """Return the families of the registers that hold keys on entry."""
    names = (read.kernel.cells[cell].name for cell in read.kernel.contract.inputs)
    return frozenset(REGISTERS[name].family for name in names if name in REGISTERS)


def _bases(read: KernelFile) -> frozenset[str]:
    """Return the families of the registers that hold the addresses of keys."""
    return frozenset(filter(None, (memory.base_of(cell.name) for cell in read.kernel.cells)))


def _key_type(
    found: AsmStatement,
    families: Sequence[str],
    types: Sequence[CType | None],
    read: KernelFile,
) -> str | None:
    """Return the declared type of the keys, None where the file does not say it plainly.

    It is that of the operands that hold keys, or of what the buffer's address points to.  Raises
    InputError where it is none that is judged, or where the kernel works on another width.
    """
    bases, keys = _bases(read), _key_registers(read)
    told: str | None = None
    for operand, family, declared in zip(found.operands, families, types, strict=True):
        if declared is None or family not in bases | keys:
            continue
        kind = declared.deeper(-1) if family in bases else declared
        if kind is None or not (kind.key or kind.no_key):
            continue
        if kind.key is None or told not in (None, kind.key):
            what = (
                f"keys of type {kind.name}" if kind.key is None else f"{told} and {kind.key} keys"
            )
            raise operand.place.fault(
                f"{what} are not judged",
                "keys have one type, an integer of 32 or 64 bits; where they are float or double, "
                "hand in the object file: gcc -O2 -c",
            )
        told = kind.key
        bits = 32 if read.width == 128 else read.width
        if bits is not None and not told.endswith(str(bits)):
            raise operand.place.fault(
                f"the keys are declared as {told}, but the instructions read {bits} bits of each",
                f"load, compare and store {told[-2:]} bits",
            )
    return told


def _discarded(file: CFile, at: int, around: CFunction, declarations: Declarations) -> bool:
    """Return whether nothing behind the asm statement at a token reads its outputs.

    As far as it is plain: outputs are variables of the function, which has no loop.
    """
    found = asm_statement(file, at)
    body = {piece.text for piece in file.code[around.body : around.end]}
    names = [o.expression[0].text for o in found.outputs if len(o.expression) == 1]
    behind = {piece.text for piece in file.code[file.closing[file.bracket(at)] : around.end]}
    return (
        len(names) == len(found.outputs)
        and all(map(declarations.is_local, names))
        and behind.isdisjoint(names)
        and body.isdisjoint(("for", "while", "do", "goto"))
    )
