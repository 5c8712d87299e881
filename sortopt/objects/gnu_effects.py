"""What instructions of AArch64 and RISC-V do besides comparing keys, read from their text.

A table a machine (`aarch64_effects`, `riscv_effects`) says this of each instruction it knows; what
is in no table is an instruction of the model, or refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from sortopt.base import InputError
from sortopt.formats import Operand, Token, instruction, statement
from sortopt.model import Action, Machine
from sortopt.objects.aarch64_effects import aarch64_effects
from sortopt.objects.aarch64_turns import aarch64_decides, aarch64_turn
from sortopt.objects.effects import Bytes, Compute, Effect, Move, Turn
from sortopt.objects.gnu_text import WORD, GnuText
from sortopt.objects.other_machines import dialect_of
from sortopt.objects.riscv_effects import riscv_decides, riscv_effects, riscv_turn

_EFFECTS: Mapping[str, Callable[[GnuText], Sequence[Effect] | None]] = {
    "aarch64": aarch64_effects,
    "riscv64": riscv_effects,
}
_TURNS: Mapping[str, Callable[[GnuText, int], Turn | None]] = {
    "aarch64": aarch64_turn,
    "riscv64": riscv_turn,
}
_DECIDES: Mapping[str, Callable[[str], bool]] = {
    "aarch64": aarch64_decides,
    "riscv64": riscv_decides,
}


def gnu_effects(machine: Machine, text: Token) -> Iterator[Effect]:
    """Yield what a disassembled instruction does, in order; raises InputError for others."""
    found = _EFFECTS[machine.architecture](GnuText.of(machine, text))
    if found is not None:
        yield from found
        return
    parsed = instruction(statement(text), dialect_of(machine))
    operands = tuple(map(_bytes, parsed.operands))
    if parsed.mnemonic.form.action is Action.COPY:
        yield Move(operands[0], ((0, operands[1]),), clears=True)
    else:
        yield Compute(parsed, operands)


def gnu_decides(machine: Machine, mnemonic: str) -> bool:
    """Return whether an instruction makes a number of a condition, which no kernel does."""
    return _DECIDES[machine.architecture](mnemonic)


def gnu_turn(machine: Machine, text: Token, address: int) -> Turn | None:
    """Return how an instruction at `address` goes on; None where no condition decides.

    Or none that is known, and for a jump whose place is not known.
    """
    found = _TURNS[machine.architecture](GnuText.of(machine, text), address)
    if found is None or not found.taken or gnu_decides(machine, statement(text).mnemonic.text):
        return found
    with suppress(InputError):  # what picks numbers may be no instruction of the model
        (plain,) = gnu_effects(machine, text)
        assert isinstance(plain, Compute)
        return replace(found, plain=plain)
    return found


def _bytes(operand: Operand) -> Bytes:
    return Bytes(operand.family, 0, (operand.width or WORD * 8) // 8, operand.token)
