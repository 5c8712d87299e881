"""Machine code to instructions of the model.  This is the only home of capstone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sortopt.base import InputError, Source
from sortopt.formats import (
    PASSED_OVER,
    RETURNS,
    SPELLINGS,
    Mnemonic,
    Operand,
    Parsed,
    Token,
    immediate,
    memory,
    part,
    register,
    unknown,
)
from sortopt.objects.elf import Function
from sortopt.objects.extras import library


@dataclass(frozen=True, slots=True)
class Decoded:
    """One machine instruction: address and length in bytes, its text, and capstone's view."""

    address: int
    size: int
    mnemonic: str
    operands: str
    detail: Any

    @property
    def text(self) -> str:
        """The instruction in Intel syntax."""
        return f"{self.mnemonic} {self.operands}".strip()


@dataclass(frozen=True, slots=True)
class Place:
    """Where messages put an instruction: its mnemonic, and each operand, destination first."""

    mnemonic: Token
    operands: tuple[Token, ...]


Places = Callable[[Decoded], Place]


def decode(function: Function, shown: str) -> tuple[Decoded, ...]:
    """Return the machine instructions of `function` up to its first `ret`, or to its end.

    Raises InputError for bytes that are no instruction, and where capstone is missing.
    """
    capstone = library("capstone", "decoding machine code")
    engine = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    engine.detail = True
    found: list[Decoded] = []
    at = function.start
    for i in engine.disasm(function.code, function.start):
        found.append(Decoded(i.address, i.size, i.mnemonic, i.op_str, i))
        at = i.address + i.size
        if is_return(found[-1]):
            return tuple(found)
    if at < function.start + len(function.code):
        raise InputError(
            f"{shown}: the bytes at {at - function.start:#x} in {function.name} are no instruction",
            hint=_APX_HINT if function.code[at - function.start] == _REX2 else None,
        )
    return tuple(found)


_REX2 = 0xD5
_APX_HINT = (
    "they begin as one of Intel APX does, for r16 to r31, which object files are not read with; "
    "hand in the instructions alone, as text"
)


def is_return(decoded: Decoded) -> bool:
    """Return whether an instruction returns from the function."""
    return decoded.mnemonic.split()[-1] in RETURNS and not decoded.operands


def listing(function: Function, decoded: Sequence[Decoded], shown: str) -> Places:
    """Return places in a disassembly of `function`, one instruction a line."""
    name = f"{shown}[{function.name}]"
    source = Source(name, "\n".join(d.text for d in decoded))
    line = {d.address: number for number, d in enumerate(decoded, start=1)}

    def place(instruction: Decoded) -> Place:
        whole = Token(instruction.text, source, line[instruction.address], 1)
        mnemonic = whole.part(0, len(instruction.mnemonic))
        rest = whole.part(len(instruction.mnemonic), len(whole.text))
        parts, start = [], 0
        for piece in rest.text.split(","):
            parts.append(rest.part(start, start + len(piece)))
            start += len(piece) + 1
        return Place(mnemonic, tuple(parts))

    return place


def program(function: Function, decoded: Sequence[Decoded], place_of: Places) -> tuple[Parsed, ...]:
    """Return the instructions of the model that `function` is made of.

    Raises InputError, at the place that `place_of` tells, at the first one outside it.
    """
    return tuple(_parsed(function, decoded, place_of))


def remarks(program: Sequence[Parsed]) -> tuple[str, ...]:
    """Return what a caller would object to: registers that a function must give back as they were.

    Source: System V Application Binary Interface, AMD64, section 3.2.1.
    """
    written = [p.writes for p in program if p.writes is not None]
    kept = dict.fromkeys(part(o.family, 64) for o in written if o.family in _CALLEE_SAVED)
    if not kept:
        return ()
    return (f"the function overwrites {' '.join(kept)}, which its caller expects back",)


_CALLEE_SAVED = ("b", "bp", "r12", "r13", "r14", "r15")


def _parsed(function: Function, decoded: Sequence[Decoded], place_of: Places) -> Iterator[Parsed]:
    for instruction in decoded:
        if is_return(instruction) or instruction.mnemonic.split()[-1] in PASSED_OVER:
            continue
        place = place_of(instruction)
        known = SPELLINGS.get(instruction.mnemonic)
        if known is None:
            word = place.mnemonic
            spelled = Token(instruction.mnemonic, word.source, word.line, word.column)
            raise unknown(spelled)
        end = instruction.address + instruction.size
        for address, symbol in function.patched.items():
            if instruction.address <= address < end:
                raise place.mnemonic.fault(
                    f"this refers to {symbol}, which is outside the model",
                    "a kernel has only registers and one buffer, addressed through a register",
                )
        operands = tuple(_operands(instruction, place))
        yield Parsed(Mnemonic(*known), place.mnemonic, operands)


def _operands(instruction: Decoded, place: Place) -> Iterator[Operand]:
    detail = instruction.detail
    tokens = place.operands
    for number, operand in enumerate(detail.operands):
        token = tokens[number] if len(tokens) == len(detail.operands) else place.mnemonic
        if operand.type == _REGISTER:
            yield register(token, detail.reg_name(operand.reg), "")
        elif operand.type == _MEMORY:
            yield _cell(token, detail, operand)
        else:
            raise immediate(token)


_REGISTER, _MEMORY = 1, 3
"""capstone's X86_OP_REG and X86_OP_MEM."""


def _cell(token: Token, detail: Any, operand: Any) -> Operand:
    place = operand.mem
    if place.segment:
        raise memory.segment(token)
    if place.index:
        raise memory.indexed(token)
    if not place.base:
        raise memory.absolute(token, "[rdi+4]")
    return memory.cell(token, detail.reg_name(place.base), place.disp, operand.size * 8, "[rdi+4]")
