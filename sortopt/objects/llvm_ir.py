"""LLVM IR, as sortopt writes it: compiled by LLVM, then decoded.

An asm call is a contract with the compiler.  What is read keeps it whatever LLVM makes of the
rest: each of its operands is an output of its own with `&`, its instructions name no other
register and no memory.  Source: LLVM Language Reference, "Inline Assembler Expressions".
"""

from __future__ import annotations

import re
from bisect import bisect_right

from sortopt.base import InputError, Source
from sortopt.formats import REGISTERS
from sortopt.objects.decode import Code, listed
from sortopt.objects.elf import ElfFile
from sortopt.objects.symbols import shortened

_SHOWN = re.compile(r"^(?:define\s.*@|target triple)", re.M)
_COMMENT_OR_STRING = re.compile(r';[^\n]*|"[^"]*"')
_FUNCTION = re.compile(r'^define\b[^@\n]*@("[^"\n]+"|[\w.$-]+)\(', re.M)
_TRIPLE = re.compile(r'^target triple = "(?!x86_64|amd64)([^"]*)"', re.M)
_ASM = re.compile(
    r'\basm\b(?:(?: sideeffect)? "(?P<template>[^"]*)", "(?P<constraints>[^"]*)")?'
    r'|(?P<other>"[^"]*")'
)
_OPERAND = re.compile(r"\$(?:\d+|\{\d+(?::[a-z])?\})")
_ESCAPE = re.compile(r"\\[0-9A-Fa-f]{2}")


def is_ir(source: Source) -> bool:
    """Return whether a text is LLVM IR."""
    return _SHOWN.search(source.text) is not None


def read_ir(source: Source, wanted: str | None) -> Code:
    """Return the code of the function `wanted`, by default the only one with an asm call.

    Without asm calls the only one.  Raises InputError for another machine's code, for what LLVM
    cannot compile, and for an asm call that may be compiled to something else elsewhere.
    """
    from sortopt.native import AssemblyError, compile_ir

    text = _COMMENT_OR_STRING.sub(
        lambda found: found[0] if found[0][0] == '"' else " " * len(found[0]), source.text
    )
    triple = _TRIPLE.search(text)
    if triple:
        span = source.span(*triple.span())
        message = (
            f"this is LLVM IR for {shortened(triple[1])}, which is compiled here for x86-64 alone"
        )
        hint = "hand in its object file: llc -filetype=obj FILE"
        raise InputError(message, hint=hint, source=source, span=span)
    functions = [*_FUNCTION.finditer(text)]
    starts = [function.start() for function in functions]
    around = set()
    for call in _ASM.finditer(text):
        if call["other"]:
            continue
        number = bisect_right(starts, call.start()) - 1
        fault = "it stands outside functions" if number < 0 else _fault(call)
        if fault is not None:
            raise InputError(
                f"this asm call is not read: {fault}",
                hint="hand in the object file: llc -filetype=obj FILE",
                source=source, span=source.span(*call.span()),
            )  # fmt: skip
        around.add(functions[number][1].strip('"'))
    if wanted is None and len(around) == 1:
        (wanted,) = around
    try:
        data = compile_ir(text)
    except AssemblyError as error:
        raise error.at(source) from None
    return listed(ElfFile(data, source.name).function(wanted), source.name)


def apart(source: Source, function: str) -> bool:
    """Return whether the pointers that `function` is given are declared not to overlap.

    Source: LLVM Language Reference, "Parameter Attributes": noalias.
    """
    start = next(
        (
            found.end()
            for found in _FUNCTION.finditer(source.text)
            if found[1].strip('"') == function
        ),
        None,
    )
    if start is None:
        return False
    head = source.text[start:].partition("{")[0]
    if head.count(")") != head.count("(") + 1:
        return False
    given = [words.split() for words in head.split(",")]
    pointers = [words for words in given if words[:1] == ["ptr"]]
    return sum("noalias" in words for words in pointers) >= max(1, len(pointers) - 1)


def _fault(call: re.Match[str]) -> str | None:
    """Return why an asm call may be compiled to something else elsewhere; None where it is not."""
    if call["template"] is None:
        return "its form is not understood"
    constraints = call["constraints"].split(",")
    outputs = [word for word in constraints if word.startswith("=")]
    inputs = [word for word in constraints if not word.startswith(("=", "~"))]
    if constraints[: len(outputs)] != outputs or not all(o.startswith("=&") for o in outputs):
        return "an output without & may share a register with an input"
    if not all(word.isdigit() and int(word) < len(outputs) for word in inputs):
        return "an input that is no output may not be written"
    template = _OPERAND.sub(" ", _ESCAPE.sub(" ", call["template"]))
    named = [word for word in re.findall(r"\w+", template) if word.lower() in REGISTERS]
    if named:
        return f"it names {named[0]}, which is no operand"
    return "it may use memory" if re.search(r"[\[(]", template) else None
