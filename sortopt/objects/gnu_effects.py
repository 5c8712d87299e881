"""What instructions of AArch64 and RISC-V do besides comparing keys, read from their text.

Sources: Arm Architecture Reference Manual, chapter C6 (ADD, LDP, LDR, MOV, STP, STR, SUB); The
RISC-V Instruction Set Manual, volume I, chapters RV64I (ADDI, LD, LW, SD, SW) and C.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sortopt.formats import Operand, Token, instruction, memory, split_commas, statement
from sortopt.model import Action, Machine
from sortopt.objects.effects import Address, Bytes, Compute, Effect, Move, Overwrite
from sortopt.objects.other_machines import dialect_of

_WORD = 8
_LOADS = frozenset(("ldr", "ldur", "ldp", "lw", "ld", "lwsp", "ldsp"))
_STORES = frozenset(("str", "stur", "stp", "sw", "sd", "swsp", "sdsp"))
_NARROW = frozenset(("lw", "sw", "lwsp", "swsp"))
"""Loads and stores of half a register."""
_PLACE = re.compile(
    r"\[(?P<base>\w+)(?:, ?#?(?P<offset>-?\w+))?\](?P<before>!?)|(?P<first>-?\w*)\((?P<only>\w+)\)"
)
_NUMBER = re.compile(r"#?(-?(?:0x[0-9a-f]+|[0-9]+))")


def gnu_effects(machine: Machine, text: Token) -> Iterator[Effect]:
    """Yield what a disassembled instruction does, in order; raises InputError for others."""
    written = statement(text)
    word, tokens = written.mnemonic.text.removeprefix("c."), split_commas(written.rest)
    held = [_register(machine, token) for token in tokens]
    registers = [found for found in held if found is not None]
    number = _NUMBER.fullmatch(tokens[-1].text) if tokens else None
    if word in _LOADS | _STORES:
        found = _access(machine, word, tokens, registers)
        if found is not None:
            yield from found
            return
    elif word in ("add", "sub", "addi", "addi16sp", "addi4spn") and number and registers:
        target, base = registers[0], registers[-1]
        step = int(number[1], 0)
        if len(registers) == len(tokens) - 1 and target.size == base.size == _WORD:
            yield _sum(target, base, -step if word == "sub" else step)
            return
    elif word in ("mov", "mv", "fmov", "li") and registers:
        if number and len(tokens) == 2:
            yield Overwrite(Bytes(registers[0].family, 0, _WORD, registers[0].token))
            return
        if len(registers) == len(tokens) == 2 and registers[0].size == registers[1].size:
            yield Move(registers[0], ((0, registers[1]),), clears=True)
            return
    parsed = instruction(written, dialect_of(machine))
    operands = tuple(map(_bytes, parsed.operands))
    if parsed.mnemonic.form.action is Action.COPY:
        yield Move(operands[0], ((0, operands[1]),), clears=True)
    else:
        yield Compute(parsed, operands)


def _register(machine: Machine, token: Token) -> Bytes | None:
    known = machine.registers.get(token.text.lower())
    return Bytes(known.family, 0, known.width // 8, token) if known else None


def _bytes(operand: Operand) -> Bytes:
    return Bytes(operand.family, 0, (operand.width or _WORD * 8) // 8, operand.token)


def _sum(target: Bytes, base: Bytes, step: int) -> Effect:
    if step == 0:
        return Move(target, ((0, base),), clears=True)
    return Address(target, base.family, step)


def _access(
    machine: Machine, word: str, tokens: Sequence[Token], registers: Sequence[Bytes]
) -> list[Effect] | None:
    """Return what a load or store of one or two registers does, with its change of the address.

    Of two loads the one that overwrites the register with the address comes last.  None where the
    operands are others.
    """
    count, rest = len(registers), tokens[len(registers) :]
    match = _PLACE.fullmatch(rest[0].text.lower()) if rest else None
    if match is None or count != (2 if word in ("ldp", "stp") else 1) or len(rest) > 2:
        return None
    name, written = match["base"] or match["only"], match["offset"] or match["first"] or "0"
    behind = _NUMBER.fullmatch(rest[1].text) if len(rest) == 2 else None
    if written in machine.registers:
        raise memory.indexed(rest[0])
    if not _NUMBER.fullmatch(written) or (len(rest) == 2 and behind is None):
        return None
    base = machine.registers.get(name)
    if base is None or base.width != _WORD * 8:
        return None
    before = int(written, 0) if match["before"] else 0
    at = 0 if match["before"] else int(written, 0)
    moves: list[Effect] = []
    for held in sorted(registers, key=lambda r: r.family == base.family):
        size = 4 if word in _NARROW else held.size
        start = at + size * registers.index(held)
        place = Bytes(base.family, start, size, rest[0], memory=True)
        pair = (held, place) if word in _LOADS else (place, held)
        moves.append(Move(pair[0], ((0, pair[1]),), clears=word in _LOADS))
    pointer = Bytes(base.family, 0, _WORD, rest[0])
    step = before or (int(behind[1], 0) if behind else 0)
    if step and any(held.family == base.family for held in registers):
        return None
    change: list[Effect] = [Address(pointer, base.family, step)] if step else []
    return [*change, *moves] if before else [*moves, *change]
