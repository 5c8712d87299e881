"""Where a C function loads keys for its asm statement from, and where it stores them to.

This is read off functions of the plainest kind alone, as sortopt itself writes them: nothing but
declarations such as `int32_t k0 = keys[0], s;` before the statement and `keys[0] = k0;` behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set

from sortopt.objects.asm_statement import AsmStatement
from sortopt.objects.c_source import CFile, CFunction
from sortopt.objects.c_tokens import Piece
from sortopt.objects.c_types import NO_TYPE, Declarations

_PLACE = r"[A-Za-z_]\w* \[ (?:0|[1-9]\d{0,2}) \]"
_DECLARED = re.compile(r"(?:[A-Za-z_]\w* |:: )*[A-Za-z_]\w*")
_LOAD = re.compile(rf"{_DECLARED.pattern} = {_PLACE}")
_STORE = re.compile(rf"{_PLACE} = [A-Za-z_]\w*")
_HARMLESS = re.compile(rf"{_DECLARED.pattern}(?: = [^=()+-]*)?")
"""A declaration, or its further variables, the stars left out, with a value that does nothing."""
_WRITTEN = (
    r"(?:(?<![\w)*] )\* {0}|\b{0}(?: \[ [^=]*? \])+)(?: \))*"
    r"(?:(?: [-+*/%&|^]| < <| > >)? =(?! =)| \+ \+| - -)"
)
"""What assigns to the target of a pointer, as tokens with blanks between them."""
_Cell = tuple[str, int, str]
"""A place of an array and the variable that it is moved to or from: `keys[1]` and `k1`."""


def moved_keys(
    file: CFile, function: CFunction, at: int, found: AsmStatement, declarations: Declarations
) -> tuple[str, str] | None:
    """Return the operands that hold the keys on entry and on exit, such as `%0 %1` and `%1 %0`.

    In the sequence of the array.  None where the function around the asm statement at the token
    `at` does anything that is not understood.
    """
    loads: list[_Cell | None] = []
    stores: list[_Cell | None] = []
    for place, pieces in _statements(file, function, at):
        if pieces[:1] and pieces[0].text in NO_TYPE:
            return None
        for part in [pieces] if place > at else _split(pieces):
            words = " ".join(piece.text for piece in part)
            if place > at and _STORE.fullmatch(words):
                stores.append(_cell(part[:4], part[5:], declarations))
            elif place < at and _LOAD.fullmatch(words):
                loads.append(_cell(part[-4:], part[-6:-5], declarations))
            elif place > at or not _DECLARED.fullmatch(words):
                return None
    inputs = {o.expression[0].text: i for i, o in enumerate(found.operands) if o.is_input}
    outputs = {o.expression[0].text: i for i, o in enumerate(found.outputs)}
    on_entry, on_exit = _operands(loads, inputs), _operands(stores, outputs)
    arrays = {cell[0] for cell in (*loads, *stores) if cell}
    plain = all(len(operand.expression) == 1 for operand in found.operands)
    if not plain or len(arrays) != 1 or on_entry is None or on_exit is None:
        return None
    return on_entry, on_exit


def check_beside(file: CFile, function: CFunction, at: int, buffers: Set[str]) -> bool:
    """Return whether `function` does more than declare variables and run its asm statement.

    Raises InputError where it plainly assigns to what one of `buffers` points to, which are the
    variables whose targets the statement sorts: then the two together do something else.
    """
    more = False
    for place, pieces in _statements(file, function, at):
        words = " ".join(piece.text for piece in pieces)
        first = words.partition(" ")[0]
        if first in NO_TYPE:
            more |= place < at or first != "return" or re.search(r"[=(]", words) is not None
        else:
            more |= not all(map(_HARMLESS.fullmatch, words.replace("* ", "").split(" , ")))
        for name in buffers:
            if re.search(_WRITTEN.format(re.escape(name)), words):
                where = next(piece for piece in pieces if piece.text == name)
                raise file.tokens.place(where).fault(
                    f"{function.name} assigns to *{name} beside its asm statement",
                    "only the statement is read; compile the file (-c), hand in the object file",
                )
    return more


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


def _split(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """Split a declaration at its commas."""
    start = 0
    for place, piece in enumerate(pieces):
        if piece.text == ",":
            yield pieces[start:place]
            start = place + 1
    yield pieces[start:]


def _cell(
    place: Sequence[Piece], variable: Sequence[Piece], declarations: Declarations
) -> _Cell | None:
    """Return the place and the variable; None unless both are of one type, and it is local."""
    declared = declarations.type_of(place)
    if declared is None or declared != declarations.type_of(variable):
        return None
    local = declarations.is_local(variable[0].text)
    return (place[0].text, int(place[2].text), variable[0].text) if local else None


def _operands(found: Sequence[_Cell | None], named: Mapping[str, int]) -> str | None:
    """Return the operands of all cells, which are 0, 1 … of an array and of one operand each."""
    cells = sorted((cell for cell in found if cell), key=lambda cell: cell[1])
    variables = [variable for _, _, variable in cells]
    if None in found or [index for _, index, _ in cells] != list(range(len(cells))) or not cells:
        return None
    if len(set(variables)) != len(cells) or not all(name in named for name in variables):
        return None
    return " ".join(f"%{named[variable]}" for variable in variables)
