"""Calls: which functions of a file a function may call, and how it is found where they return to.

What a return address is, no number and no address of a buffer, nobody looks at: it is copied, and
a return is followed where exactly it, unchanged, is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from sortopt.base import InputError
from sortopt.formats import Token
from sortopt.objects.decode import Code
from sortopt.objects.effects import Address, Bytes
from sortopt.objects.jumps import turn
from sortopt.objects.lift import Run
from sortopt.objects.object_file import Position
from sortopt.objects.places import RETURN, Entry, Piece
from sortopt.objects.shape import STACK, WORD

_MOST_FUNCTIONS = 32
"""How many functions are looked at beside the first."""


def with_called(code: Code) -> list[Code]:
    """Return the code of a function, then that of those of its file that it may go on in."""
    found = [code]
    begun = {(code.function.section, code.function.start)}
    for each in found:
        for position in _elsewhere(each):
            other = code.beginning(position) if position not in begun else None
            begun.add(position)
            if other is not None and len(found) <= _MOST_FUNCTIONS:
                found.append(other.located())
    return found


def _elsewhere(code: Code) -> Iterator[Position]:
    """Yield where the jumps and calls of a function lead to, but within it."""
    function = code.function
    own = range(function.start, function.start + len(function.code))
    for decoded in code.decoded:
        with suppress(InputError):
            found = turn(code, decoded)
            if found is None or found.target is None:
                continue
            section = function.section if found.section is None else found.section
            if section != function.section or found.target not in own:
                yield section, found.target


def call(run: Run, at: Token, back: Position) -> None:
    """Note where a called function finds the position that it returns to."""
    pieces = [Piece(0, WORD, _address(back))]
    if run.machine.link:
        run.write(Bytes(run.machine.link, 0, WORD, at), pieces, clears=True)
        return
    run.follow([(at, (Address(_pointer(at), STACK, -WORD),))])
    run.write(Bytes(STACK, 0, WORD, at, memory=True), pieces, clears=False)


def come_back(run: Run, at: Token, back: Position) -> None:
    """Return from a called function; raises InputError where it would not come back to there."""
    link = run.machine.link
    where = Bytes(link or STACK, 0, WORD, at, memory=not link)
    if run.pointer(where) != _address(back):
        raise at.fault(
            "this returns to another place than the function was called from",
            "leave the return address and the stack pointer as they are, or restore them before",
        )
    if not link:
        run.follow([(at, (Address(_pointer(at), STACK, WORD),))])


def _address(back: Position) -> Entry:
    section, address = back
    return Entry(f"{RETURN}{section}:{address}", 0)


def _pointer(at: Token) -> Bytes:
    return Bytes(STACK, 0, WORD, at)
