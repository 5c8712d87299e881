"""Memory operands: a cell of the buffer, as `dword ptr [rdi+4]` or as `4(%rdi)`.

Only base and offset are read: the cells of a kernel are known before it runs.  The canonical name
of a cell is `[rdi+4]`, in every dialect.
"""

from __future__ import annotations

import re

from sortopt.base import InputError
from sortopt.formats import registers
from sortopt.formats.dialect import Address, Operand
from sortopt.formats.lexer import Token
from sortopt.model import Machine, Place, Register
from sortopt.targets import X86

EXAMPLE = "[rdi+4]"
"""A memory operand as messages show one."""
LARGEST_OFFSET = 2**31 - 1
"""The largest offset, in bytes, that x86 can encode."""

_SIZES = {"byte": 8, "word": 16, "dword": 32, "qword": 64, "xmmword": 128, "oword": 128}
_SIZE = re.compile(r"(?:([a-z]+)\s+ptr\b|(byte|[dqo]?word|xmmword)\b)\s*", re.I)
_INTEL = re.compile(r"(?P<before>[^][]{0,20})\[(?P<inside>[^][]{1,60})\]")
_ATT = re.compile(r"(?P<before>[^()]{0,20})\((?P<inside>[^()]{1,60})\)")
_TERM = re.compile(r"\s*([-+]?)\s*(\w+)\s*(?=[-+]|$)")
_SIGNED = re.compile(r"([-+]?)\s*(.*)")
_NUMBER = re.compile(
    r"0x(?P<hex>[0-9a-f]{1,9})|(?P<masm>[0-9][0-9a-f]{0,9})h|(?P<dec>0|[1-9][0-9]{0,9})"
)
_ADDRESS = re.compile(r"\[(\w+)(?:([-+][0-9]+))?\]")


def intel(token: Token, machine: Machine = X86) -> Operand:
    """Read `[rdi+4]`, `4[rdi]` or `dword ptr [rdi + 0x4]`; raises InputError for anything else."""
    text = token.text
    size = _SIZE.match(text)
    width = None
    if size:
        word = (size[1] or size[2]).lower()
        width = _SIZES.get(word)
        if width is None:
            raise token.fault(f"unknown size {word[:40]!r}", "write for example: dword ptr [rdi+4]")
        text = text[size.end() :]
    if ":" in text:
        raise segment(token)
    match = _INTEL.fullmatch(text)
    if match is None:
        raise _malformed(token, EXAMPLE)
    base, offset = _intel_terms(token, match["inside"], machine)
    before = match["before"].strip()
    if before:
        offset += _signed(token, before, EXAMPLE)
    return cell(token, base, offset, width, EXAMPLE, machine)


def _intel_terms(token: Token, inside: str, machine: Machine) -> tuple[str, int]:
    """Return the base register and the sum of the numbers of `inside`."""
    if "*" in inside:
        raise indexed(token)
    bases: list[str] = []
    offset = 0
    end = 0
    while end < len(inside):
        term = _TERM.match(inside, end)
        if term is None or (end > 0 and not term[1]):
            raise _malformed(token, EXAMPLE)
        sign, word = term[1], term[2].lower()
        if word in machine.registers or registers.unsuited(word, machine):
            if sign == "-":
                raise _malformed(token, EXAMPLE)
            bases.append(word)
        else:
            offset += _signed(token, sign + word, EXAMPLE)
        end = term.end()
    if len(bases) > 1:
        raise indexed(token)
    if not bases:
        raise absolute(token, EXAMPLE)
    return bases[0], offset


def att(token: Token) -> Operand:
    """Read `(%rdi)` or `4(%rdi)`; raises InputError for anything else."""
    if ":" in token.text:
        raise segment(token)
    match = _ATT.fullmatch(token.text)
    if match is None:
        raise _malformed(token, "4(%rdi)")
    inside, before = match["inside"].strip(), match["before"].strip()
    if "," in inside:
        raise indexed(token)
    if not inside.startswith("%"):
        raise _malformed(token, "4(%rdi)")
    base_register(token, inside[1:].lower(), "4(%rdi)")
    offset = _signed(token, before, "4(%rdi)") if before else 0
    return cell(token, inside[1:].lower(), offset, None, "4(%rdi)")


def cell(
    token: Token, base: str, offset: int, width: int | None, example: str, machine: Machine = X86
) -> Operand:
    """Return the cell at `offset` bytes from what the register `base` (lower case) holds.

    Raises InputError where `base` cannot hold an address of the model; `example` shows one.
    """
    register = base_register(token, base, example, machine)
    if abs(offset) > LARGEST_OFFSET:
        raise token.fault(f"the offset {offset} does not fit in 32 bits")
    name = written(machine.part(register.family, 64), offset)
    return Operand(name, name, token, width, Place.MEMORY, Address(register.family, offset))


def base_register(token: Token, base: str, example: str, machine: Machine = X86) -> Register:
    """Return the register `base`; raises InputError where it is no 64-bit one for addresses."""
    register = machine.registers.get(base)
    if base in ("rip", "eip"):
        raise token.fault(
            "this addresses a variable by its place in the program, which is outside the model",
            f"address the buffer through a register, as in {example}",
            around=True,
        )
    if register is None or register.place is not Place.REGISTER:
        raise token.fault(f"{base[:40]!r} cannot hold an address", f"write for example {example}")
    if register.family == "sp":
        raise token.fault(
            "this addresses the stack, which is outside the model",
            "keep the kernel's keys in registers or in the buffer",
            around=True,
        )
    if register.width != 64:
        raise token.fault(
            f"{base} is {register.width} bits wide; an address has 64",
            f"write {machine.part(register.family, 64)}",
        )
    return register


def written(base: str, offset: int) -> str:
    """Return the canonical name of the cell at `offset` bytes from the register `base`."""
    return f"[{base}{offset:+}]" if offset else f"[{base}]"


def address(name: str) -> tuple[str, int]:
    """Return the base register and the offset of the cell with the canonical name `name`."""
    match = _ADDRESS.fullmatch(name)
    assert match
    return match[1], int(match[2] or 0)


def to_att(name: str) -> str:
    """Return AT&T's spelling of the cell with the canonical name `name`."""
    base, offset = address(name)
    return f"{offset or ''}(%{base})"


def base_of(name: str, machine: Machine = X86) -> str | None:
    """Return the family of the base register of a canonical name; None for any other text."""
    match = _ADDRESS.fullmatch(name)
    register = machine.registers.get(match[1]) if match else None
    if match is None or register is None or register.width != 64 or register.family == "sp":
        return None
    return register.family if name == written(register.name, int(match[2] or 0)) else None


def _signed(token: Token, text: str, example: str) -> int:
    """Return the number that `text` is, with one sign or none; raises InputError."""
    signed = _SIGNED.fullmatch(text.lower())
    match = _NUMBER.fullmatch(signed[2]) if signed else None
    if signed is None or match is None:
        shown = repr(text.lstrip("+")[:40])
        if re.fullmatch(r"[-+]?0[0-9]+", text):
            message = f"{shown} is octal to one assembler and decimal to another"
        else:
            message = f"{shown} is no number: the cells of a kernel must be known before it runs"
        raise token.fault(message, f"write for example {example}")
    digits = match["hex"] or match["masm"]
    number = int(digits, 16) if digits else int(match["dec"])
    return -number if signed[1] == "-" else number


def indexed(token: Token) -> InputError:
    """Return the error for an address with an index register."""
    return token.fault(
        "this address depends on an index register, which is outside the model",
        "the cells of a kernel must be known before it runs: use one base and a number",
        around=True,
    )


def _malformed(token: Token, example: str) -> InputError:
    return token.fault(f"{token.text[:40]!r} is no memory operand", f"write for example {example}")


def absolute(token: Token, example: str) -> InputError:
    """Return the error for an operand that names memory without a register."""
    return token.fault(
        "this names memory by a fixed address, which is outside the model",
        f"address the buffer through a register, as in {example}",
        around=True,
    )


def segment(token: Token) -> InputError:
    """Return the error for an operand in a segment."""
    return token.fault(
        "segment registers are outside the model",
        "address the buffer without one; where a compiler checks the stack by fs:40, compile with "
        "-fno-stack-protector",
        around=True,
    )
