"""AT&T text, as compilers and the GNU assembler write it: `cmovl %ecx, %eax`, source first.

So `cmp b, a` compares a to b.  Mnemonics may carry a size suffix, l for 32 and q for 64 bits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sortopt.formats import memory, registers
from sortopt.formats.dialect import Mnemonic, Operand
from sortopt.formats.intel import OfRegisters, immediate, register
from sortopt.formats.lexer import Statement, Token, split_commas
from sortopt.formats.mnemonics import SPELLINGS, unknown
from sortopt.model import Form, Machine
from sortopt.targets import X86

_SUFFIXED = {
    word + suffix: (isa, form, width)
    for word, (isa, form) in SPELLINGS.items()
    for suffix, width in isa.suffixes.items()
}
"""The instruction set, form and width of every mnemonic with a size suffix."""


@dataclass(frozen=True, slots=True)
class Att(OfRegisters):
    """Instructions as `mnemonic source, destination`, registers behind `%`."""

    name: str = "att"
    comment: str = "#"
    separated: bool = True
    numbered: bool = False
    machine: Machine = X86

    def mnemonic(self, statement: Statement) -> Mnemonic:
        """Look up a mnemonic, with or without a size suffix."""
        token = statement.mnemonic
        word = token.text.lower()
        if word in SPELLINGS:
            return Mnemonic(*SPELLINGS[word])
        if word in _SUFFIXED:
            isa, form, width = _SUFFIXED[word]
            if width in isa.key_bits:
                return Mnemonic(isa, form, width)
            fitting = (word[:-1] + s for s, bits in isa.suffixes.items() if bits in isa.key_bits)
            raise token.fault(
                f"{word} works on {width} bits; "
                f"keys are {' or '.join(map(str, isa.key_bits))} bits wide",
                f"write {' or '.join(fitting)}",
            )
        if ";" in token.source.line(token.line)[: token.column - 1]:
            raise token.fault(
                f"unknown mnemonic {word[:40]!r}",
                "in the att dialect ; separates instructions; begin a comment with #",
            )
        raise unknown(token, tuple(w for w, (isa, _, b) in _SUFFIXED.items() if b in isa.key_bits))

    def operands(self, statement: Statement) -> tuple[Token, ...]:
        """Split at commas and put the destination first."""
        return split_commas(statement.rest)[::-1]

    def cell(self, token: Token) -> Operand:
        """Read a register, or a memory cell such as `4(%rdi)`."""
        text = token.text
        if text.startswith("$"):
            raise immediate(token)
        if "(" in text and not text.lower().startswith("%st"):
            return memory.att(token)
        if re.match(r"%[c-g]s:", text, re.I):
            raise memory.segment(token)
        if text.startswith("%"):
            return register(token, text[1:], "%")
        name = text.lower()
        if name in registers.REGISTERS:
            raise token.fault(
                "registers begin with % in the att dialect",
                f"write %{name}, or read the file with --dialect intel",
            )
        if re.fullmatch(r"[-+]?\d\w*|[a-z_.]\w*(@\w+)?", name) and not registers.nearest(name):
            raise memory.absolute(token, "4(%rdi)")
        return register(token, text, "%")

    def write_cell(self, spelled: str) -> str:
        """Write a register or a memory cell."""
        return memory.to_att(spelled) if spelled.startswith("[") else "%" + spelled

    def write(self, form: Form, operands: Sequence[str]) -> str:
        """Write one instruction without a size suffix: its registers tell the size."""
        return f"{form.mnemonic:<6} {', '.join(map(self.write_cell, reversed(operands)))}"
