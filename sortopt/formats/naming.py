"""From the cells of a text to the cells of a kernel: one storage each, one name each."""

from __future__ import annotations

from collections.abc import Sequence

from sortopt.errors import InputError
from sortopt.formats.dialect import Dialect, Operand
from sortopt.formats.lexer import Token, split_words
from sortopt.isa import Isa, Place


def check_storage(isa: Isa, operands: Sequence[Operand]) -> None:
    """Raise InputError where two names mean one register, widths differ, or the kind is wrong."""
    vector = isa.registers[0].startswith("xmm")
    seen: dict[str, Operand] = {}
    first: Operand | None = None
    for operand in operands:
        if operand.place is not None and (operand.place is Place.VECTOR) is not vector:
            kind = "xmm" if vector else "general-purpose"
            raise operand.token.fault(
                f"{operand.name} cannot hold a key here: {isa.name} works on {kind} registers"
            )
        other = seen.setdefault(operand.family, operand)
        if other.name != operand.name:
            raise operand.token.fault(
                f"{operand.name} and {other.name} are one physical register",
                f"use {other.name} throughout",
            )
        first = first or operand
        if operand.width != first.width:
            raise operand.token.fault(
                f"{operand.name} is {operand.width} bits wide, but {first.name} is {first.width}",
                "keys have one width; use registers of that width throughout",
            )


def name_cells(
    dialect: Dialect, isa: Isa, operands: Sequence[Operand], value: Token | None
) -> dict[str, str]:
    """Return the kernel's name for each cell of the text: its own, or what `cells` says.

    `value` is the directive `cells: spelled=name …`.  Raises InputError where it is malformed,
    names a cell that does not occur, or gives two cells one name.
    """
    spelled = dict.fromkeys(operand.name for operand in operands)
    names: dict[str, str] = {}
    place: dict[str, Token] = {}
    for pair in split_words(value) if value is not None else ():
        left, equals, right = pair.text.partition("=")
        if not (left and equals and right) or "=" in right:
            raise pair.fault(
                f"{pair.text[:40]!r} names no cell", "write for example: cells: 1=eax 2=ecx"
            )
        cell = dialect.cell(pair.part(0, len(left))).name
        if cell not in spelled:
            raise pair.fault(f"the kernel has no cell {cell}")
        if cell in names:
            raise pair.fault(f"cell {cell} is named twice")
        names[cell], place[cell] = right, pair
    names |= {cell: dialect.default_name(isa, cell) for cell in spelled if cell not in names}
    owner: dict[str, str] = {}
    for cell, name in names.items():
        other = owner.setdefault(name, cell)
        if other != cell:
            token = place.get(cell) or place.get(other)
            message = f"cells {other} and {cell} are both called {name[:40]!r}"
            raise token.fault(message) if token else InputError(message)
    return names
