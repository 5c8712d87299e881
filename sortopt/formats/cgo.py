"""CGO'25 text, as published with "Synthesis of Sorting Kernels" (Ullrich, Hack): `CMP 1 2`.

Destination first; registers are numbers from 1, of which the highest is scratch and 1 … n hold
the keys on entry and on exit, unless directives say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sortopt.base import InputError
from sortopt.formats import registers
from sortopt.formats.dialect import Mnemonic, Operand
from sortopt.formats.lexer import Statement, Token, split_words
from sortopt.formats.mnemonics import SPELLINGS, unknown
from sortopt.model import Form, Isa, Machine
from sortopt.targets import X86

HIGHEST = 99
"""The highest register number that is read."""


@dataclass(frozen=True, slots=True)
class Cgo:
    """Instructions as `mnemonic destination source`, cells by number."""

    name: str = "cgo"
    comment: str = "#"
    separated: bool = False
    numbered: bool = True
    machine: Machine = X86

    def mnemonic(self, statement: Statement) -> Mnemonic:
        """Look up a mnemonic."""
        token = statement.mnemonic
        word = token.text.lower()
        if word in SPELLINGS:
            return Mnemonic(*SPELLINGS[word])
        raise unknown(token)

    def operands(self, statement: Statement) -> tuple[Token, ...]:
        """Split at blanks (and commas, which some listings have)."""
        return split_words(statement.rest)

    def cell(self, token: Token) -> Operand:
        """Read a register number."""
        text = token.text
        if re.fullmatch(r"[0-9]+", text):
            digits = text.lstrip("0")
            if not digits:
                raise token.fault("register 0: registers count from 1")
            if len(digits) > 2:
                raise token.fault(f"register numbers go up to {HIGHEST}")
            return Operand(digits, digits, token)
        if text.lstrip("%").lower() in registers.REGISTERS:
            raise token.fault(
                f"{text} is a register name, but the cgo dialect numbers registers",
                "read the file with --dialect " + ("att" if text.startswith("%") else "intel"),
            )
        raise token.fault(
            f"expected a register number, not {text[:40]!r}", "write for example: cmp 1 2"
        )

    def spell(
        self, isa: Isa, names: Sequence[str], avoid: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        """Number the cells from 1; raises InputError where there are more than `HIGHEST`."""
        if len(names) > HIGHEST:
            raise InputError(
                f"the kernel has {len(names)} cells, but register numbers go up to {HIGHEST}"
            )
        return tuple(str(number) for number in range(1, len(names) + 1))

    def default_name(self, isa: Isa, spelled: str) -> str:
        """Return the register of `isa` that stands at this number."""
        number = int(spelled)
        return isa.registers[number - 1] if number <= len(isa.registers) else f"c{number}"

    def write_cell(self, spelled: str) -> str:
        """Write a number."""
        return spelled

    def write(self, form: Form, operands: Sequence[str]) -> str:
        """Write one instruction."""
        return " ".join((form.mnemonic, *operands))
