"""Our own dialect: Intel order, destination first, as in `cmovl eax, ecx`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sortopt.base import InputError
from sortopt.formats import memory, registers
from sortopt.formats.dialect import Mnemonic, Operand, too_many_cells
from sortopt.formats.lexer import Statement, Token, split_commas
from sortopt.formats.mnemonics import SPELLINGS, unknown
from sortopt.model import Form, Isa, Machine
from sortopt.targets import ISAS, X86

_MEMORY = re.compile(r"\[|\b(byte|[dqo]?word|xmmword|ptr)\b", re.I)
_IMMEDIATE = re.compile(r"[-+~$]?\s*\d\w*|offset\b.*|'.*", re.I)


class OfRegisters:
    """What dialects share whose cells are registers, called by their own names."""

    __slots__ = ()
    name: str

    def spell(
        self, isa: Isa, names: Sequence[str], avoid: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        """Keep the names where they are usable registers of one width, else take `isa.registers`.

        Those of a family in `avoid` are not chosen.
        """
        known = [isa.machine.registers[name] for name in names if isa.holds_keys(name)]
        distinct = len({r.family for r in known}) == len(names)
        if distinct and len({r.width for r in known}) == 1:
            return tuple(names)
        free = [name for name in isa.registers if isa.machine.registers[name].family not in avoid]
        if len(names) > len(free):
            raise too_many_cells(isa, len(names), len(free), self.name)
        return tuple(free[: len(names)])

    def default_name(self, isa: Isa, spelled: str) -> str:
        """Return the register's own name."""
        return spelled


@dataclass(frozen=True, slots=True)
class Intel(OfRegisters):
    """Instructions as `mnemonic destination, source`, registers by their plain names."""

    name: str = "intel"
    comment: str = ";"
    separated: bool = False
    numbered: bool = False
    machine: Machine = X86

    def mnemonic(self, statement: Statement) -> Mnemonic:
        """Look up a mnemonic; AT&T's size suffixes are refused."""
        token = statement.mnemonic
        word = token.text.lower()
        if word in SPELLINGS:
            return Mnemonic(*SPELLINGS[word])
        if word[-1] in "lq" and word[:-1] in SPELLINGS and "mm" not in statement.rest.text.lower():
            raise token.fault(
                f"unknown mnemonic {word!r}",
                f"write {word[:-1]}; if this is AT&T text, read it with --dialect att",
            )
        raise unknown(token)

    def operands(self, statement: Statement) -> tuple[Token, ...]:
        """Split at commas."""
        return split_commas(statement.rest)

    def cell(self, token: Token) -> Operand:
        """Read a register, or a memory cell such as `[rdi+4]`."""
        text = token.text
        if text.startswith("%"):
            raise token.fault(
                "registers have no % in the intel dialect",
                f"write {text[1:20]}, or read the file with --dialect att",
            )
        if _MEMORY.search(text):
            return memory.intel(token)
        if _IMMEDIATE.fullmatch(text):
            raise immediate(token)
        return register(token, text, "")

    def write_cell(self, spelled: str) -> str:
        """Write a register or a memory cell."""
        return spelled

    def write(self, form: Form, operands: Sequence[str]) -> str:
        """Write one instruction, its operands in one column."""
        return f"{form.mnemonic:<6} {', '.join(operands)}"


def register(token: Token, name: str, sigil: str, machine: Machine = X86) -> Operand:
    """Return the operand that the register `name` is; raises InputError where it cannot be one."""
    key = name.lower()
    why = registers.unsuited(key, machine)
    if why:
        raise token.fault(f"{key} {why}")
    if key not in machine.registers:
        words = name.split()
        if len(words) > 1 and words[0].strip("%").lower() in machine.registers:
            second = token.part(name.index(words[1]) + len(sigil), len(token.text))
            raise second.fault("expected a comma before this operand")
        near = registers.nearest(key, machine)
        usual = next(
            isa.registers
            for isa in ISAS.values()
            if isa.machine.architecture == machine.architecture
        )
        some = ", ".join(sigil + each for each in usual[:2])
        raise token.fault(
            f"unknown register {name[:40]!r}",
            f"did you mean {sigil}{near}?" if near else f"use {some} and so on",
        )
    found = machine.registers[key]
    width = found.width if machine.tells_width(found) else None
    return Operand(machine.part(found.family, found.width), found.family, token, width, found.place)


def immediate(token: Token) -> InputError:
    """Return the error for a constant."""
    if token.source.name.startswith("--"):
        return token.fault(
            "a number is no cell",
            "name cells, as in 'eax ecx'; keys to run on are given to sortopt show --input",
        )
    return token.fault(
        "immediate operands are outside the model",
        "a kernel only compares and moves keys",
        around=True,
    )
