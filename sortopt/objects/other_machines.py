"""Machine code of other machines than x86-64, disassembled to text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sortopt.formats import Dialect, by_name
from sortopt.model import Machine
from sortopt.objects.extras import library
from sortopt.objects.object_file import Function

_CAPSTONE = {
    "aarch64": ("CS_ARCH_ARM64", ("CS_MODE_ARM",)),
    "riscv64": ("CS_ARCH_RISCV", ("CS_MODE_RISCV64", "CS_MODE_RISCVC")),
}
"""What capstone calls an architecture and its modes."""


def dialect_of(machine: Machine) -> Dialect:
    """Return the dialect in which code of `machine` is shown."""
    return by_name([*machine.syntaxes][-1])


def disassemble(function: Function) -> Iterator[tuple[int, int, str, str]]:
    """Yield address, size, mnemonic and operands of each instruction, as far as there are any.

    Two that a linker makes a call or jump of are yielded as one.
    """
    patched = {address for address, _ in function.references}
    pending = None
    for each in _each(function):
        if pending is not None:
            address, size, *text = pending
            far = function.machine.far.get((_text(*text), _text(*each[2:])))
            if address in patched and far:
                yield address, size + each[1], far, ""
                pending = None
                continue
            yield pending
        pending = each
    if pending is not None:
        yield pending


def _text(mnemonic: str, operands: str) -> str:
    return f"{mnemonic} {operands}".strip()


def _each(function: Function) -> Iterator[tuple[int, int, str, str]]:
    capstone, machine = library("capstone", "decoding machine code"), function.machine
    architecture, modes = _CAPSTONE[machine.architecture]
    engine = capstone.Cs(
        getattr(capstone, architecture), sum(getattr(capstone, mode) for mode in modes)
    )
    at = 0
    while at < len(function.code):
        found: Any = next(engine.disasm(function.code[at:], function.start + at, 1), None)
        if found is not None:
            size, mnemonic, operands = found.size, found.mnemonic, found.op_str
        elif text := _unknown_to_capstone(machine, function.code[at : at + 4]):
            size, (mnemonic, _, operands) = 4, text.partition(" ")
        else:
            return
        yield function.start + at, size, mnemonic, operands
        at += size


def _unknown_to_capstone(machine: Machine, code: bytes) -> str:
    """Return the instruction with the encoding `code`, "" where that is none of the machine's."""
    word = int.from_bytes(code, "little") if len(code) == 4 else 0
    for (mask, value), text in machine.encodings.items():
        if word & mask == value:
            return re.sub(r"{(\d+)}", lambda bit: str(word >> int(bit[1]) & 31), text)
    return ""
