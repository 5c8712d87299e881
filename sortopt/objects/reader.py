"""Any file that holds a kernel: what it is, is told from its content, and said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from os import PathLike, fspath
from pathlib import PurePath

from sortopt.base import (
    UNLIMITED,
    Budget,
    InputError,
    SortoptError,
    Source,
    check_arguments,
)
from sortopt.formats import (
    Detected,
    Dialect,
    Header,
    KernelFile,
    Line,
    Options,
    by_name,
    check_comment,
    check_single,
    detect,
    lines,
    parse,
    read_bytes,
    read_header,
    shown_name,
    to_file,
)
from sortopt.formats import decode as decoded_text
from sortopt.model import Goal, Precondition, Rung
from sortopt.objects.archive import function_of, is_machine_code
from sortopt.objects.assembly import assembled, shows_assembly
from sortopt.objects.branches import read_branches
from sortopt.objects.decode import Code, effects, listed
from sortopt.objects.foreign import (
    check_binary,
    check_language,
    check_preprocessed,
)
from sortopt.objects.inline import read_inline
from sortopt.objects.jumps import first_jump
from sortopt.objects.lift import lift
from sortopt.objects.llvm_ir import apart, is_ir, read_ir
from sortopt.objects.notations import for_apple, for_windows, translated
from sortopt.objects.objdump import is_listing, read_listing
from sortopt.objects.other_machines import dialect_of
from sortopt.targets import AARCH64_APPLE, AARCH64_WINDOWS, X86_WINDOWS

LARGEST = 64 << 20
"""The largest object file that is read, in bytes."""

C_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".c++", ".h", ".hh", ".hpp", ".i", ".ii")
"""Suffixes of C and C++ files, in lower case."""

_INLINE = re.compile(r"\b(asm|__asm__|__asm)\b[^;{}]{0,200}\(\s*(R?\"|$)", re.M)
_COMPILED = (
    "compile with -O1 or more, so that calls are inlined, and order two keys by ?:, min and max; "
    "with -O2 add -fno-thread-jumps"
)
"""What helps where a compiler made instructions of a function that are outside the model."""
_NAMING = '--inputs "edi esi" and --outputs "eax"'


@check_arguments
def read(
    path: str | PathLike[str],
    *,
    text: str | None = None,
    dialect: str | None = None,
    inputs: str | None = None,
    outputs: str | None = None,
    assume: str | Precondition | None = None,
    goal: str | Goal | None = None,
    keep: str | Rung | None = None,
    function: str | None = None,
    distinct_buffers: bool = False,
    length: str | None = None,
    budget: Budget = UNLIMITED,
) -> KernelFile:
    """Read a kernel file, assembly text, an object file or archive, or inline assembly in C.

    `text` stands in for what the file holds; `function` names the function where there are
    several; `distinct_buffers` says that buffers behind different pointers do not overlap; options
    as of `formats.parse`.  A function that is given the `length` 3 in a register (`esi=3`), or in
    the word before its keys (`[rdi]=3`), is read as one that branches; `budget` is for following
    these.  Raises InputError with the place of the first fault, SeveralKernels, which is one, for a
    list of kernels, and Branches for a function that branches.
    """
    shown = shown_name(path)
    data = read_bytes(path, LARGEST) if text is None else text.encode()
    options = Options(inputs, outputs, assume, goal, keep, distinct_buffers, length, budget=budget)
    if is_machine_code(data):
        return _object(data, shown, function, options)
    check_binary(data, shown)
    check_single(data, shown)
    suffix = PurePath(fspath(path)).suffix
    return read_source(
        Source(shown, decoded_text(data, shown)), options,
        suffix=suffix, dialect=dialect, function=function,
    )  # fmt: skip


def read_source(
    source: Source,
    options: Options,
    *,
    suffix: str = "",
    dialect: str | None = None,
    function: str | None = None,
) -> KernelFile:
    """Read a text as `read` reads a file whose name ends in `suffix`."""
    try:
        if suffix.lower() not in C_SUFFIXES and is_ir(source):
            code = read_ir(source, function)
            because = f"LLVM IR, function {code.function.name} as LLVM compiles it here"
            if apart(source, code.function.name):
                options = replace(options, promised="noalias")
            return _file(code, Header("", {}), "intel", options, because, _NAMING)
        if suffix.lower() in C_SUFFIXES or _INLINE.search(source.text):
            if suffix.lower() not in C_SUFFIXES:
                check_language(source, suffix)
            return read_inline(source, options, function=function, dialect=dialect)
        check_language(source, suffix)
        check_preprocessed(source, suffix)
        if is_listing(source):
            code = read_listing(source, function)
            because = f"listing of {code.function.name}, by its bytes"
            return _file(code, Header("", {}), "intel", options, because, _NAMING)
        return _text(source, options, dialect, function)
    except SortoptError as error:
        raise error.at(source) from None


def _object(data: bytes, shown: str, wanted: str | None, options: Options) -> KernelFile:
    if len(data) > LARGEST:
        raise InputError(f"{shown} is larger than {LARGEST >> 20} MiB")
    function = function_of(data, shown, wanted)
    try:
        code = listed(function, shown)
        because = f"object file, function {code.function.name}"
        dialect = dialect_of(function.machine).name
        return _file(code, Header("", {}), dialect, options, because, _NAMING)
    except SortoptError as error:
        raise error.at(Source(f"{shown}[{function.name}]", "")) from None


def _text(source: Source, options: Options, dialect: str | None, wanted: str | None) -> KernelFile:
    """Read a text of instructions: a plain kernel, or what is written for an assembler."""
    written = translated(source)
    try:
        chosen = detect(written) if dialect is None else Detected(by_name(dialect), "as asked")
        spoken = chosen.dialect
        read = lines(written, separated=spoken.separated, mark=spoken.comment)
        shown = None if spoken.numbered else shows_assembly(read)
        if written is not source:
            shown = shown or "it has directives of another assembler"
        if options.length:
            shown = shown or "a length is given to a function"
        if shown is not None:
            code = assembled(written, spoken, wanted)
            for system, machines in _SYSTEMS:
                machine = machines.get(code.function.machine.name)
                if machine is not None and system(source):
                    code = replace(code, function=replace(code.function, machine=machine))
            header = read_header(read, strict=False)
            because = f"assembled, as {shown}"
            return _file(code, header, spoken.name, options, because)
    except SortoptError as error:
        error.source = source if error.source is written else error.source
        raise
    if wanted is not None:
        raise InputError(
            f"{source.name} is one kernel without functions", hint="leave out --function"
        )
    try:
        return parse(
            source.text, name=source.name, dialect=dialect, inputs=options.inputs,
            outputs=options.outputs, assume=options.assume, goal=options.goal,
            keep=options.keep, distinct_buffers=options.distinct,
        )  # fmt: skip
    except InputError as error:
        if not error.around:
            raise
        return _lifted(source, spoken, options, read, error)


_SYSTEMS = (
    (for_windows, {machine.name: machine for machine in (X86_WINDOWS, AARCH64_WINDOWS)}),
    (for_apple, {AARCH64_APPLE.name: AARCH64_APPLE}),
)
"""What text is for a system, and its processors by the calling convention of that."""


def _lifted(
    source: Source, spoken: Dialect, options: Options, read: Sequence[Line], refused: InputError
) -> KernelFile:
    """Read a plain text with instructions around its kernel; raises `refused` where that fails.

    Or what comes later in the text than that.
    """
    for line in read:
        if line.comment is not None and line.semicolon and (line.code or spoken.separated):
            check_comment(line.comment, spoken)
    header = read_header(read)
    try:
        code = assembled(source, spoken, None)
        because = f"assembled, for line {_line(refused)}"
        return _file(code, header, spoken.name, options, because)
    except InputError as error:
        later = error.source is source and _line(error) > _line(refused)
        raise (error if later else refused) from None


def _line(error: InputError) -> int:
    return error.span.line if error.span else 1


def _file(
    code: Code, header: Header, dialect: str, options: Options, because: str,
    naming: str | None = None,
) -> KernelFile:  # fmt: skip
    machine = code.function.machine
    jump = first_jump(code) if code.returns else None
    follows = jump is not None or options.length is not None
    if follows:
        code = code.located()
    try:
        if follows:
            raise read_branches(code, jump, header, by_name(dialect), options, because, naming)
        lifted = lift(effects(code), machine, returns=code.returns, distinct=options.apart)
        read = to_file(
            lifted.settled, header, by_name(dialect), options, because=because, naming=naming
        )
    except InputError as error:
        if code.exact is None:
            if code.returns and error.listed:
                error.hint = _COMPILED
            raise
        return _file(code.located(), header, dialect, options, because, naming)
    if code.exact and (lifted.breaches or lifted.removed or lifted.settled.aligned):
        return _file(code.located(), header, dialect, options, because, naming)
    return replace(
        read, plain=False, notes=(*lifted.notes, *read.notes), breaches=lifted.breaches,
        removed=lifted.removed,
    )  # fmt: skip


def check_rewritable(path: str | PathLike[str], file: KernelFile) -> None:
    """Raise InputError where a kernel's file holds more than the kernel as sortopt prints it."""
    shown = shown_name(path)
    hint = "give --output FILE"
    if shown == "<stdin>":
        raise InputError("standard input cannot be overwritten", hint=hint)
    if not file.plain:
        raise InputError(f"{shown} holds more than a kernel, which would be lost", hint=hint)
