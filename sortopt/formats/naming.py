"""From the cells of a text to the cells of a kernel: one name each."""

from __future__ import annotations

from collections.abc import Sequence

from sortopt.base import InputError
from sortopt.formats.dialect import Dialect, Operand
from sortopt.formats.lexer import Token, split_words
from sortopt.model import Isa


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
