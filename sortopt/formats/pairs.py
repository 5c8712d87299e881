"""Two loads, or two stores, of neighbouring cells in one instruction: read one after the other."""

from __future__ import annotations

from sortopt.formats import memory
from sortopt.formats.dialect import Dialect
from sortopt.formats.lexer import Statement, Token, split_commas


def halves(statement: Statement, dialect: Dialect) -> tuple[Statement, ...]:
    """Return the two loads or stores that `ldp` and its like are, else the statement itself.

    Sound because a store leaves registers alone, and because of two loads the one that overwrites
    the register with the address comes last.
    """
    single = dialect.machine.pairs.get(statement.mnemonic.text.lower())
    tokens = split_commas(statement.rest)
    if single is None or len(tokens) != 3:
        return (statement,)
    first, second, place = tokens
    known = dialect.machine.registers.get(first.text.lower())
    cell = dialect.cell(place)
    if known is None or cell.address is None or first.text.lower() == second.text.lower():
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
