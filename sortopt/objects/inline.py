"""Kernels written as GNU inline assembly: one asm statement, assembled as the compiler does.

What the statement declares to the compiler is judged as well, and so is the type of its keys.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from sortopt.base import InputError, SortoptError, Source
from sortopt.formats import (
    REGISTERS,
    Header,
    KernelFile,
    Options,
    Parsed,
    by_name,
    is_return,
    to_file,
)
from sortopt.objects.asm_contract import Contract, amended
from sortopt.objects.asm_rewriting import rewritten
from sortopt.objects.asm_statement import AsmStatement, asm_statement
from sortopt.objects.assembly import assembled_piece
from sortopt.objects.c_cells import check_beside, moved_keys
from sortopt.objects.c_restrict import apart
from sortopt.objects.c_source import CFile, CFunction
from sortopt.objects.c_types import CType, Declarations
from sortopt.objects.decode import program
from sortopt.objects.template import Filled, allocate


def read_inline(
    source: Source, options: Options, *, function: str | None = None, dialect: str | None = None
) -> KernelFile:
    """Read the asm statement of `function`, or the only one of the file.

    The template is att unless `dialect` says that the compiler is told otherwise (-masm=intel).
    Raises InputError with the place of the first fault.
    """
    compiled = by_name(dialect or "att")
    if compiled.numbered:
        raise InputError("inline assembly is att or intel", hint="leave out --dialect")
    file = CFile(source)
    at, around = file.choose(function)
    found = asm_statement(file, at)
    declarations = Declarations(file, around, at)
    types = [declarations.type_of(operand.expression) for operand in found.operands]
    allocation = allocate(found, types)
    filled = Filled(source, found, allocation, compiled.name)
    syntax = by_name(filled.syntax or compiled.name)
    moved = None
    if options.inputs is None and options.outputs is None:
        moved = moved_keys(file, around, at, found, declarations)
    inputs, outputs = moved or (options.inputs, options.outputs)
    try:
        code = assembled_piece(filled.source, syntax, compiled.name).located()
        for decoded in code.decoded:
            if is_return(decoded.text):
                raise code.places(decoded).mnemonic.fault(
                    "this returns from inside an asm statement",
                    "compile the file (-c) and hand in the object file",
                )
        instructions = program(replace(code, places=lambda d: filled.place(code.places(d))))
        bases = {o.address.base for p in instructions for o in p.operands if o.address}
        promised = options.promised
        if len(bases) > 1 and apart(file, at, around, found, allocation.families, bases):
            promised = "restrict"
        read = to_file(
            instructions, Header("", {}), syntax,
            replace(
                options, inputs=allocation.fill_option(inputs, syntax.name),
                outputs=allocation.fill_option(outputs, syntax.name), promised=promised,
            ),
            because=f"asm statement of {around.name}",
            naming='--inputs "%0 %1" and --outputs "%0 %1"',
        )  # fmt: skip
    except SortoptError as error:
        raise filled.located(error) from None
    contract = Contract(
        found, allocation.families, instructions, _key_registers(read),
        discarded=_discarded(file, at, around, declarations),
    )  # fmt: skip
    breaches, amendment = contract.breaches()
    key = _key_type(found, allocation.families, types, instructions, read)
    named = f"{options.inputs} {options.outputs}"
    numbered = re.search(r"%[a-z]?\d", named) is not None
    notes = list(read.notes)
    buffers = {
        operand.expression[0].text
        for operand, family in zip(found.operands, allocation.families, strict=True)
        if family in bases and len(operand.expression) == 1
    }
    if moved is None and check_beside(file, around, at, buffers):
        notes.append(f"what {around.name} does beside its asm statement is not looked at")
    elif moved is not None:
        notes.append(f"inputs {inputs}, outputs {outputs}, as {around.name} loads and stores them")
    if not key:
        notes.append("the declared type of the keys is not known: it is not looked at")
    return replace(
        read,
        plain=False,
        notes=tuple(notes),
        key=key,
        breaches=breaches,
        amended=amended(source, found, amendment, numbered=numbered) if breaches else None,
        mnemonics=tuple(parsed.token for parsed in instructions),
        rewritten=(
            partial(rewritten, source, found, allocation)
            if found.extended and filled.syntax is None
            else None
        ),
    )


def _key_registers(read: KernelFile) -> frozenset[str]:
    """Return the families of the registers that hold keys on entry."""
    names = (read.kernel.cells[cell].name for cell in read.kernel.contract.inputs)
    return frozenset(REGISTERS[name].family for name in names if name in REGISTERS)


def _key_type(
    found: AsmStatement,
    families: Sequence[str],
    types: Sequence[CType | None],
    program: Sequence[Parsed],
    read: KernelFile,
) -> str | None:
    """Return the declared type of the keys, None where the file does not say it plainly.

    It is that of the operands that hold keys, or of what the buffer's address points to.  Raises
    InputError where it is none that is judged, or where the kernel works on another width.
    """
    bases = {o.address.base for p in program for o in p.operands if o.address}
    keys = _key_registers(read)
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
                f"{what} are not judged", "keys have one type, an integer of 32 or 64 bits"
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
