"""Listings of `objdump -d`: read from the bytes in them, whatever their text says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sortopt.base import Source
from sortopt.formats import Token
from sortopt.objects.decode import Code, Decoded, Place, decode
from sortopt.objects.object_file import Function
from sortopt.objects.symbols import Symbol, choose, shortened

_SHOWN = re.compile(
    r"^[0-9a-f]+ <.+>:[ \t]*\r?$|^[ \t]*[0-9a-f]+:[ \t]+[0-9a-f]{2}(?: [0-9a-f]{2})*[ \t]", re.M
)
_FUNCTION = re.compile(r"([0-9a-f]{1,16}) <(.+)>:\s*")
_BYTES = re.compile(r"\s*([0-9a-f]{1,16}):\s+([0-9a-f]{2}(?: [0-9a-f]{2})*)(?:\s.*)?")
_HEADER = re.compile(r"^\S+:\s+file format \S+\s*$", re.M)
_REFERENCE = re.compile(r"\s*([0-9a-f]{1,16}):\s+R_\w+\s+(\S+)")
_FORMAT = re.compile(r".*:\s+file format (\S+)\s*")
_PASSED_OVER = re.compile(r"\s*(?:\.\.\.\s*|#.*|Disassembly of section .*)?")


@dataclass(frozen=True, slots=True)
class _Listed:
    """A function as far as it was read, and in which line its instructions stand."""

    name: str
    start: int
    code: bytearray = field(default_factory=bytearray)
    lines: dict[int, int] = field(default_factory=dict)
    references: list[tuple[int, str]] = field(default_factory=list)


def is_listing(source: Source) -> bool:
    """Return whether a text is what `objdump -d` prints."""
    found = _SHOWN.search(source.text) or _HEADER.search(source.text)
    return found is not None


def read_listing(source: Source, wanted: str | None) -> Code:
    """Return the code of the function `wanted`, or of the only one there is.

    Raises InputError for a line that is not understood, and where bytes are left out.
    """
    listed = [*_functions(source)]
    symbols = [Symbol(f.name, n, f.start, 0, "STT_FUNC", False) for n, f in enumerate(listed)]
    number = choose(symbols, wanted, source.name).section
    found = listed[number]
    behind = listed[number + 1].name if number + 1 < len(listed) else "the end of the listing"
    function = Function(
        shortened(found.name), bytes(found.code), found.start, found.references, shortened(behind)
    )

    lines = source.lines

    def place(instruction: Decoded) -> Place:
        line = found.lines[instruction.address]
        text = lines[line - 1]
        return Place(Token(text, source, line, 1).part(0, len(text)), ())

    return Code(function, decode(function), place)


def _functions(source: Source) -> Iterator[_Listed]:
    current: _Listed | None = None
    for number, text in enumerate(source.lines, start=1):
        line = Token(text, source, number, 1).part(0, len(text))
        header, code = _FUNCTION.fullmatch(text), _BYTES.fullmatch(text)
        reference, form = _REFERENCE.fullmatch(text), _FORMAT.fullmatch(text)
        if header:
            if current is not None:
                yield current
            current = _Listed(header[2], int(header[1], 16))
        elif code:
            at = int(code[1], 16)
            current = current or _Listed("the listing", at)
            if at != current.start + len(current.code):
                raise line.fault("the listing leaves out bytes before this line", _WHOLE)
            current.lines[at] = number
            current.code.extend(bytes.fromhex(code[2]))
        elif reference and current is not None:
            current.references.append((int(reference[1], 16), reference[2]))
        elif form and form[1] != "elf64-x86-64":
            raise line.fault(f"this is code of the format {form[1][:40]}", "x86-64 code is read")
        elif not (form or _PASSED_OVER.fullmatch(text)):
            raise line.fault("this is no line of bytes, as objdump -d prints them", _WHOLE)
    if current is not None:
        yield current


_WHOLE = "hand in the object file, or all that objdump -dw prints"
