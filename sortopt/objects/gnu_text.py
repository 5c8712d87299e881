"""A disassembled instruction of AArch64 or RISC-V, its operands as what they are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sortopt.base import InputError
from sortopt.formats import Token, split_commas, statement, unknown
from sortopt.model import Machine
from sortopt.objects.effects import Address, Arithmetic, Bytes, Effect, Move

WORD = 8
_NUMBER = re.compile(r"#?(-?(?:0x[0-9a-f]+|[0-9]+))")


@dataclass(frozen=True, slots=True)
class GnuText:
    """An instruction of `machine`: its mnemonic `word`, and its operands."""

    machine: Machine
    token: Token
    word: str
    operands: tuple[Token, ...]

    @classmethod
    def of(cls, machine: Machine, token: Token) -> GnuText:
        """Split the text of an instruction."""
        written = statement(token)
        return cls(machine, token, written.mnemonic.text.lower(), split_commas(written.rest))

    @property
    def values(self) -> tuple[Bytes | int | None, ...]:
        """What the operands are: registers, numbers, or None for anything else."""
        return tuple(map(self._value, self.operands))

    def _value(self, token: Token) -> Bytes | int | None:
        number = _NUMBER.fullmatch(token.text.lower())
        return int(number[1], 0) if number else self.register(token)

    def register(self, token: Token, name: str | None = None) -> Bytes | None:
        """Return the register called `name`, by default as `token`; None where there is none."""
        known = self.machine.registers.get((name or token.text).lower())
        return Bytes(known.family, 0, known.width // 8, token) if known else None

    @property
    def refused(self) -> InputError:
        """The error that says that it is outside the model."""
        token = self.token
        word = Token(self.word, token.source, token.line, token.column)
        return unknown(word, (), self.machine)


def total(target: Bytes, base: Bytes, step: int) -> Effect:
    """Return what adding a number to a whole register does."""
    if step == 0:
        return Move(target, ((0, base),), clears=True)
    return Address(target, base.family, step)


def in_two(
    text: GnuText, names: tuple[str, str], target: Bytes, one: Bytes, other: Bytes
) -> list[Effect]:
    """Return what a calculation with `one` does and with what another one makes of `other`."""
    between = Bytes("between", 0, target.size, text.token)
    first, second = names
    return [
        Arithmetic(first, between, (other,), target.size, text.refused, keeps=True),
        Arithmetic(second, target, (one, between), target.size, text.refused, keeps=True),
    ]
