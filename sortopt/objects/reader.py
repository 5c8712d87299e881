"""Any file that holds a kernel: what it is, is told from its content, and said."""

from __future__ import annotations

import re
from os import PathLike, fspath
from pathlib import PurePath

from sortopt.base import InputError, SortoptError, Source
from sortopt.formats import (
    Detected,
    Header,
    KernelFile,
    Options,
    by_name,
    decode,
    detect,
    inline,
    lines,
    parse,
    read_bytes,
    read_header,
    read_text,
    shown_name,
    to_file,
)
from sortopt.model import Goal, Precondition
from sortopt.objects.elf import MAGIC, choose, read_elf

LARGEST = 64 << 20
"""The largest object file that is read, in bytes."""

C_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".c++", ".h", ".hh", ".hpp", ".i", ".ii")
"""Suffixes of C and C++ files, in lower case."""

_OTHER_OBJECTS = (
    (b"!<arch>", "an archive of object files", "unpack it: ar x"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O object file", "compile for an ELF target, or to assembly (-S)"),
    (b"\x64\x86", "a COFF object file", "compile for an ELF target, or to assembly (-S)"),
    (b"MZ", "a Windows program", "compile for an ELF target, or to assembly (-S)"),
    (b"BC\xc0\xde", "LLVM bitcode", "compile it to an object file (-c)"),
)
_INLINE = re.compile(r"\b(asm|__asm__|__asm)\b[^;{}]{0,200}\(\s*(R?\"|$)", re.M)


def read(
    path: str | PathLike[str],
    *,
    dialect: str | None = None,
    inputs: str | None = None,
    outputs: str | None = None,
    assume: str | Precondition | None = None,
    goal: str | Goal | None = None,
    function: str | None = None,
) -> KernelFile:
    """Read a kernel file, assembly text, an ELF object file, or inline assembly in a C file.

    `function` names the function where there are several; options as of `formats.parse`.  Raises
    InputError with the place of the first fault.
    """
    shown = shown_name(path)
    options = Options(inputs, outputs, assume, goal)
    data = read_bytes(path, LARGEST)
    if data.startswith(MAGIC):
        return _object(data, shown, function, options)
    for magic, what, hint in _OTHER_OBJECTS:
        if data.startswith(magic):
            raise InputError(f"{shown} is {what}; ELF is read", hint=hint)
    text = decode(data, shown)
    if PurePath(fspath(path)).suffix.lower() in C_SUFFIXES or _INLINE.search(text):
        source = Source(shown, text)
        try:
            return inline.read_inline(source, options, function=function, dialect=dialect)
        except SortoptError as error:
            raise error.at(source) from None
    return _text(text, shown, dialect, function, options)


def _object(data: bytes, shown: str, wanted: str | None, options: Options) -> KernelFile:
    from sortopt.objects import decode as machine_code

    if len(data) > LARGEST:
        raise InputError(f"{shown} is larger than {LARGEST >> 20} MiB")
    function = choose(read_elf(data, shown).functions, wanted, shown)
    decoded = machine_code.decode(function, shown)
    places = machine_code.listing(function, decoded, shown)
    try:
        program = machine_code.program(function, decoded, places)
        return to_file(
            program,
            Header("", {}),
            by_name("intel"),
            options,
            because=f"object file, function {function.name}",
            notes=machine_code.remarks(program),
            naming='--inputs "edi esi" and --outputs "eax"',
        )
    except SortoptError as error:
        raise error.at(Source(f"{shown}[{function.name}]", "")) from None


def _text(
    text: str, shown: str, dialect: str | None, function: str | None, options: Options
) -> KernelFile:
    source = Source(shown, text)
    try:
        chosen = detect(source) if dialect is None else Detected(by_name(dialect), "as told")
        because = _assembly(source, chosen)
        if because is not None:
            return _assembled(source, chosen, because, function, options)
    except SortoptError as error:
        raise error.at(source) from None
    if function is not None:
        raise InputError(f"{shown} is one kernel without functions", hint="leave out --function")
    return parse(
        text, name=shown, dialect=dialect, inputs=options.inputs, outputs=options.outputs,
        assume=options.assume, goal=options.goal,
    )  # fmt: skip


def _assembly(source: Source, chosen: Detected) -> str | None:
    """Say what shows that the text is written for an assembler; None for a plain kernel."""
    from sortopt.objects.assembly import shows_assembly

    if chosen.dialect.numbered:
        return None
    return shows_assembly(tuple(lines(source, separated=chosen.dialect.separated)))


def _assembled(
    source: Source, chosen: Detected, because: str, wanted: str | None, options: Options
) -> KernelFile:
    from sortopt.objects import assembly
    from sortopt.objects import decode as machine_code

    read = tuple(lines(source, separated=chosen.dialect.separated))
    dialect = by_name("intel" if assembly.is_intel(read, chosen.dialect) else "att")
    text = assembly.assembled(source, dialect)
    function = choose(text.functions(), wanted, source.name)
    decoded = machine_code.decode(function, source.name)
    program = machine_code.program(function, decoded, text.places())
    notes = machine_code.remarks(program) if decoded and machine_code.is_return(decoded[-1]) else ()
    return to_file(
        program,
        read_header(read, strict=False),
        dialect,
        options,
        because=f"assembled, as {because}",
        notes=notes,
    )


def check_rewritable(path: str | PathLike[str], file: KernelFile) -> None:
    """Raise InputError where a kernel's file holds more than the kernel as sortopt prints it."""
    shown = shown_name(path)
    hint = "give --output FILE"
    if shown == "<stdin>":
        raise InputError("standard input cannot be overwritten", hint=hint)
    text = Source(shown, read_text(path)) if not _is_binary(path) else None
    plain = text is not None and _assembly(text, Detected(by_name(file.dialect), "")) is None
    if not plain or PurePath(fspath(path)).suffix.lower() in C_SUFFIXES:
        raise InputError(f"{shown} holds more than a kernel, which would be lost", hint=hint)


def _is_binary(path: str | PathLike[str]) -> bool:
    return b"\0" in read_bytes(path, 4096)
