"""Listings of `objdump -d`, and gdb's `disassemble /r`: read from the bytes in them, whatever their
text says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace

from sortopt.base import Source
from sortopt.formats import Token
from sortopt.objects.decode import Code, Decoded, Place, decode, elsewhere
from sortopt.objects.object_file import Function, Position
from sortopt.objects.symbols import Symbol, choose, shortened
from sortopt.targets import X86

_SHOWN = re.compile(
    r"^[0-9a-f]+ <.+>:[ \t]*\r?$|^[ \t]*[0-9a-f]+:[ \t]+[0-9a-f]{2}(?: [0-9a-f]{2})*[ \t]"
    r"|^(?:=>)?[ \t]*0x[0-9a-f]+(?: <[^\n]+>)?:\t[0-9a-f]{2}(?: [0-9a-f]{2})*[ \t]",
    re.M,
)
_FUNCTION = re.compile(r"[0-9a-f]{1,16} <(.+)>:\s*|Dump of assembler code for function (.+):\s*")
_BYTES = re.compile(
    r"(?:=>)?\s*(?:0x)?([0-9a-f]{1,16})(?: <.+?>)?:\s+([0-9a-f]{2}(?: [0-9a-f]{2})*)(?:\s.*)?"
)
_HEADER = re.compile(r"^\S+:\s+file format \S+\s*$", re.M)
_REFERENCE = re.compile(r"\s*([0-9a-f]{1,16}):\s+(R_\w+)\s+(\S+)")
_JUMPS = ("R_X86_64_PC32", "R_X86_64_PLT32")
_TARGET = re.compile(r"(.+?)([-+]0x[0-9a-f]+)?")
_FORMAT = re.compile(r".*:\s+file format (\S+)\s*")
_SECTION = re.compile(r"Disassembly of section (.+):\s*")
_PASSED_OVER = re.compile(r"\s*(?:\.\.\.\s*|#.*|End of assembler dump\.\s*|\d+\t.*)?")
_UNKNOWN = "what the listing does not say"
_PLACE_BYTES = 4
"""How many bytes a linker fills in in a jump or call of x86-64."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """A function as far as it was read, and in which line its instructions stand."""

    name: str
    section: str
    start: int = 0
    code: bytearray = field(default_factory=bytearray)
    lines: dict[int, int] = field(default_factory=dict)
    references: list[tuple[int, str, str]] = field(default_factory=list)


def is_listing(source: Source) -> bool:
    """Return whether a text is what `objdump -d` prints."""
    found = _SHOWN.search(source.text) or _HEADER.search(source.text)
    return found is not None


def read_listing(source: Source, wanted: str | None) -> Code:
    """Return the code of the function `wanted`, or of the only one there is.

    Raises InputError for a line that is not understood, and where bytes are left out.
    """
    listed = tuple(_functions(source))
    sections = dict.fromkeys(function.section for function in listed)
    listing = _Listing(source, listed, {name: number for number, name in enumerate(sections)})
    symbols = [
        Symbol(f.name, n, f.start, 0, "STT_FUNC", False) for n, f in enumerate(listing.listed)
    ]
    return listing.code(choose(symbols, wanted, source.name).section)


@dataclass(frozen=True, slots=True)
class _Listing:
    """All functions of a listing."""

    source: Source
    listed: tuple[_Listed, ...]
    sections: Mapping[str, int]
    """The number of each section."""

    def code(self, number: int) -> Code:
        """Return the code of one function."""
        found, after = self.listed[number], self.listed[number + 1 : number + 2]
        behind = after[0].name if after else "the end of the listing"
        function = Function(
            shortened(found.name), bytes(found.code), found.start,
            [(at, name) for at, _, name in found.references], shortened(behind),
            inside=tuple(self._inside(found)), section=self.sections[found.section],
        )  # fmt: skip
        decoded = decode(function)
        named = {at for at, _ in function.references}
        unnamed = (d.address for d in decoded if _is_left_out(d, named))
        references = (*function.references, *((at, _UNKNOWN) for at in unnamed))

        def place(instruction: Decoded) -> Place:
            line = found.lines[instruction.address]
            text = self.source.lines[line - 1]
            return Place(Token(text, self.source, line, 1).part(0, len(text)), ())

        function = replace(function, references=references)
        return Code(function, decoded, place, beginning=self._beginning)

    def _beginning(self, position: Position) -> Code | None:
        """Return the code of the function that begins at a position."""
        places = [(self.sections[f.section], f.start) for f in self.listed]
        return self.code(places.index(position)) if position in places else None

    def _inside(self, found: _Listed) -> Iterator[tuple[int, Position]]:
        """Yield the jumps and calls that a linker fills in though they lead to listed code."""
        for at, kind, name in found.references:
            target = _TARGET.fullmatch(name)
            if kind not in _JUMPS or target is None:
                continue
            named = [(f.section, f.start) for f in self.listed if f.name == target[1]]
            named = named or [(each, 0) for each in self.sections if each == target[1]]
            if len(named) == 1:
                ((section, start),) = named
                behind = start + int(target[2] or "0", 16) + _PLACE_BYTES
                yield at, (self.sections[section], behind)


def _is_left_out(decoded: Decoded, named: Set[int]) -> bool:
    """Return whether a jump or call may lead elsewhere than to the next instruction.

    As one does that a linker has yet to fill in, where the listing does not say so (`-r`).
    """
    end = decoded.address + decoded.size
    jumps = elsewhere(decoded, X86) is not None
    zero = bytes(decoded.detail.bytes[-_PLACE_BYTES:]) == bytes(_PLACE_BYTES)
    return (
        jumps
        and zero
        and decoded.size > _PLACE_BYTES
        and named.isdisjoint(range(decoded.address, end))
    )


def _functions(source: Source) -> Iterator[_Listed]:
    current: _Listed | None = None
    section = ""
    for number, text in enumerate(source.lines, start=1):
        line = Token(text, source, number, 1).part(0, len(text))
        header, code = _FUNCTION.fullmatch(text), _BYTES.fullmatch(text)
        reference, form = _REFERENCE.fullmatch(text), _FORMAT.fullmatch(text)
        if begins := _SECTION.fullmatch(text):
            section = begins[1]
        elif header:
            if current is not None:
                yield current
            current = _Listed(header[1] or header[2], section)
        elif code:
            at = int(code[1], 16)
            current = current or _Listed("the listing", section)
            if not current.code:
                current = replace(current, start=at)
            if at != current.start + len(current.code):
                raise line.fault("the listing leaves out bytes before this line", _WHOLE)
            current.lines[at] = number
            current.code.extend(bytes.fromhex(code[2]))
        elif reference and current is not None:
            current.references.append((int(reference[1], 16), reference[2], reference[3]))
        elif form and form[1] != "elf64-x86-64":
            raise line.fault(f"this is code of the format {form[1][:40]}", "x86-64 code is read")
        elif not (form or _PASSED_OVER.fullmatch(text)):
            raise line.fault("this is no line of bytes, as objdump -d prints them", _WHOLE)
    if current is not None:
        yield current


_WHOLE = "hand in the object file, or all that objdump -dw prints"
