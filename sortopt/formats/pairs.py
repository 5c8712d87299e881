"""Two loads, or two stores, of neighbouring cells in one instruction: read one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from sortopt.formats import memory
from sortopt.formats.dialect import Dialect
from sortopt.formats.lexer import Statement, Token, split_commas
from sortopt.model import Machine, Place
from sortopt.targets import ISAS

_MOVE = re.compile(r"(\w+)( +)(\w+), (\[(\w+)(?:, #(\d+))?\])")
"""A load or store as a syntax with pairs writes it: mnemonic, register, place."""


def halves(statement: Statement, dialect: Dialect) -> tuple[Statement, ...]:
    """Return the two loads or stores that `ldp` and its like are, else the statement itself.

    Sound because a store leaves registers alone, and because of two loads the one that overwrites
    the register with the address comes last; two into one register are no pair.
    """
    single = dialect.machine.pairs.get(statement.mnemonic.text.lower())
    tokens = split_commas(statement.rest)
    if single is None or len(tokens) != 3:
        return (statement,)
    first, second, place = tokens
    known = dialect.machine.registers.get(first.text.lower())
    cell = dialect.cell(place)
    twice = first.text.lower() == second.text.lower()
    if known is None or cell.address is None or (twice and not _stores(single, dialect.machine)):
        return (statement,)
    base, offset = memory.address(cell.name)
    places = (base, offset), (base, offset + known.width // 8)
    pairs = list(zip((first, second), places, strict=True))
    if known.family == cell.address.base:
        pairs.reverse()
    mnemonic = statement.mnemonic
    return tuple(
        Statement(
            Token(single, mnemonic.source, mnemonic.line, mnemonic.column),
            Token(
                f"{held.text}, {dialect.write_cell(memory.written(*at))}",
                held.source, held.line, held.column,
            ),
        )
        for held, at in pairs
    )  # fmt: skip


def joined(lines: Iterable[str], machine: Machine) -> list[str]:
    """Return instructions as text, each two loads or stores that `halves` makes of one as that.

    There are as few as can be without a change of their sequence: neighbours are joined from the
    first on.
    """
    names = {single: pair for pair, single in machine.pairs.items()}
    found: list[str] = []
    free = False  # whether the last line may be the first half of a pair
    for line in lines:
        last, this = _MOVE.fullmatch(found[-1]) if free else None, _MOVE.fullmatch(line)
        if free := not (last and this and this[1] in names and _neighbours(last, this, machine)):
            found.append(line)
        else:
            assert last
            assert this
            mnemonic = f"{names[this[1]]:<{len(last[1] + last[2]) - 1}} "
            found[-1] = f"{mnemonic}{last[3]}, {this[3]}, {last[4]}"
    return found


def _neighbours(first: re.Match[str], second: re.Match[str], machine: Machine) -> bool:
    """Return whether two moves of registers of one width are of a place and the next one."""
    one, other = (machine.registers[move[3]] for move in (first, second))
    overwritten = {other.family, machine.registers[first[5]].family}
    step = int(second[6] or 0) - int(first[6] or 0)
    same = (
        first[1] == second[1]
        and first[5] == second[5]
        and one.width == other.width >= machine.pair_bits
    )
    apart = one.family not in overwritten or _stores(first[1], machine)
    return same and apart and step * 8 == one.width


@cache
def _stores(mnemonic: str, machine: Machine) -> bool:
    """Return whether instructions of `machine` called so write memory."""
    forms = (isa.forms.get(mnemonic) for isa in ISAS.values() if isa.machine is machine)
    return any(form and Place.MEMORY in form.operands[form.target or 0] for form in forms)
