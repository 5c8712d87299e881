"""AT&T text, as compilers and the GNU assembler write it: `cmovl %ecx, %eax`, source first.

So `cmp b, a` compares a to b.  Mnemonics may carry a size suffix, l for 32 and q for 64 bits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sortopt.formats import memory, registers
from sortopt.formats.dialect import Mnemonic, Operand
from sortopt.formats.intel import immediate, register, register_names
from sortopt.formats.lexer import Statement, Token, split_commas
from sortopt.formats.mnemonics import SPELLINGS, unknown
from sortopt.model import Isa
from sortopt.targets import X86_CMOV

_SUFFIXES = {"l": 32, "q": 64}
_NARROW = {"b": 8, "w": 16}


@dataclass(frozen=True, slots=True)
class Att:
    """Instructions as `mnemonic source, destination`, registers behind `%`."""

    name: str = "att"
    comment: str = "#"
    separated: bool = True
    numbered: bool = False

    def mnemonic(self, token: Token) -> Mnemonic:
        """Look up a mnemonic, with or without a size suffix."""
        word = token.text.lower()
        if word in SPELLINGS:
            return Mnemonic(*SPELLINGS[word])
        isa, form = SPELLINGS.get(word[:-1], (None, None))
        if isa is X86_CMOV and form is not None:
            if word[-1] in _SUFFIXES:
                return Mnemonic(isa, form, _SUFFIXES[word[-1]])
            if word[-1] in _NARROW:
                raise token.fault(
                    f"{word} works on {_NARROW[word[-1]]} bits; keys are 32 or 64 bits wide",
                    f"write {word[:-1]}l or {word[:-1]}q",
                )
        if ";" in token.source.line(token.line)[: token.column - 1]:
            raise token.fault(
                f"unknown mnemonic {word[:40]!r}",
                "in the att dialect ; separates instructions; begin a comment with #",
            )
        raise unknown(token, tuple(name + s for name in X86_CMOV.forms for s in _SUFFIXES))

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

    def spell(
        self, isa: Isa, names: Sequence[str], avoid: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        """Keep the names where they are registers that go together, else take `isa.registers`."""
        return register_names(isa, names, self.name, avoid)

    def default_name(self, isa: Isa, spelled: str) -> str:
        """Return the register's own name."""
        return spelled

    def write_cell(self, spelled: str) -> str:
        """Write a register or a memory cell."""
        return memory.to_att(spelled) if spelled.startswith("[") else "%" + spelled

    def write(self, mnemonic: str, operands: Sequence[str]) -> str:
        """Write one instruction without a size suffix: its registers tell the size."""
        return f"{mnemonic:<6} {', '.join(map(self.write_cell, reversed(operands)))}"
