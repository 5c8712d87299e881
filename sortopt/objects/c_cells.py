"""Where a C function loads keys for its asm statement from, and where it stores them to.

This is read off functions of the plainest kind alone, as sortopt itself writes them: nothing but
`int32_t k0 = keys[0];` before the statement and `keys[0] = k0;` behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sortopt.objects.asm_statement import AsmStatement
from sortopt.objects.c_source import CFile, CFunction
from sortopt.objects.c_tokens import Piece
from sortopt.objects.c_types import Declarations

_Cell = tuple[str, int, str]
"""A place of an array and the variable that it is moved to or from: `keys[1]` and `k1`."""


def moved_keys(
    file: CFile, function: CFunction, at: int, found: AsmStatement, declarations: Declarations
) -> tuple[str, str] | None:
    """Return the operands that hold the keys on entry and on exit, such as `%0 %1` and `%1 %0`.

    In the sequence of the array.  None where the function around the asm statement at the token
    `at` does anything that is not understood.
    """
    loads, stores = [], []
    for place, pieces in _statements(file, function, at):
        words = [piece.text for piece in pieces]
        behind, cell = place > at, None
        if behind and words[4:5] == ["="]:
            cell = _cell(pieces[:4], pieces[5:], declarations)
            stores += [cell] if cell else []
        elif not behind and words[-5:-4] == ["="] and len(words) > 6:
            cell = _cell(pieces[-4:], pieces[-6:-5], declarations)
            loads += [cell] if cell else []
        plain = not behind and len(words) > 1 and all(piece.kind == "word" for piece in pieces)
        if cell is None and not plain:
            return None
    inputs = {o.expression[0].text: i for i, o in enumerate(found.operands) if o.is_input}
    outputs = {o.expression[0].text: i for i, o in enumerate(found.outputs)}
    on_entry, on_exit = _operands(loads, inputs), _operands(stores, outputs)
    arrays = {array for array, _, _ in (*loads, *stores)}
    plain = all(len(operand.expression) == 1 for operand in found.operands)
    if not plain or len(arrays) != 1 or on_entry is None or on_exit is None:
        return None
    return on_entry, on_exit


def _statements(file: CFile, function: CFunction, at: int) -> Iterator[tuple[int, Sequence[Piece]]]:
    """Yield the other statements of the function: where each begins, and its tokens."""
    end = file.closing[file.bracket(at)] + 1  # the semicolon behind the asm statement
    for first, behind in ((function.body + 1, at), (end + 1, function.end)):
        start = first
        for place in range(first, behind):
            if file.code[place].text == ";":
                yield start, file.code[start:place]
                start = place + 1
        if start < behind:
            yield start, file.code[start:behind]


def _cell(
    place: Sequence[Piece], variable: Sequence[Piece], declarations: Declarations
) -> _Cell | None:
    """Return the place and the variable, where both are of one type; None for anything else."""
    words = [piece.text for piece in place]
    if len(words) != 4 or len(variable) != 1 or (words[1], words[3]) != ("[", "]"):
        return None
    declared = declarations.type_of(place)
    known = declared is not None and declared == declarations.type_of(variable)
    local = declarations.is_local(variable[0].text) and place[0].kind == "word"
    if not (known and local and words[2].isdecimal() and len(words[2]) < 4):
        return None
    return words[0], int(words[2]), variable[0].text


def _operands(cells: Sequence[_Cell], named: Mapping[str, int]) -> str | None:
    """Return the operands of all `cells`, which are 0, 1 … of an array and of one operand each."""
    cells = sorted(cells, key=lambda cell: cell[1])
    variables = [variable for _, _, variable in cells]
    if [index for _, index, _ in cells] != list(range(len(cells))) or not cells:
        return None
    if len(set(variables)) != len(cells) or not all(name in named for name in variables):
        return None
    return " ".join(f"%{named[variable]}" for variable in variables)
