"""Object files of macOS (Mach-O) and Windows (COFF).  This is the only home of LIEF.

LIEF, because it alone reads both, is maintained, needs nothing else, and is one wheel of 4 MB.
Sources: Apple, OS X ABI Mach-O File Format Reference; Microsoft, PE Format.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sortopt.base import InputError
from sortopt.model import Machine
from sortopt.objects.extras import library
from sortopt.objects.object_file import ObjectFile, Position, Section, damaged
from sortopt.objects.symbols import Symbol, shortened
from sortopt.targets import AARCH64_APPLE, AARCH64_WINDOWS, X86, X86_WINDOWS

MACH_O = b"\xcf\xfa\xed\xfe"
COFF = b"\x64\x86", b"\x64\xaa"
_INSTRUCTIONS = 0x80000400
"""S_ATTR_PURE_INSTRUCTIONS and S_ATTR_SOME_INSTRUCTIONS."""
_CODE = 0x20000020
"""IMAGE_SCN_MEM_EXECUTE and IMAGE_SCN_CNT_CODE."""
_KIND, _IN_SECTION, _EXTERNAL = 0xEE, 0x0E, 1
"""N_STAB with N_TYPE, N_SECT and N_EXT."""
_WIDE, _NARROW = ("BRANCH", "AMD64_REL32"), ("BRANCH26", "ARM64_BRANCH26")
"""Types of references of jumps and calls, of x86-64 and of AArch64."""
_DIRECT = re.compile(rb"[\xe8\xe9]$|\x0f[\x80-\x8f]$", re.S)
"""How the instructions of x86-64 begin that call, jump, and jump where a condition holds."""
_BRANCHES = {"X86_64": "BRANCH", "ARM64": "BRANCH26"}
"""How that of jumps and calls is called in Mach-O, by processor."""
_BRANCH = 2
"""X86_64_RELOC_BRANCH and ARM64_RELOC_BRANCH26."""
_Reference = tuple[int, str, str, Position | None]
"""The address of what a linker fills in, what it refers to, its type, and its position."""
_OWN = re.compile(r"L|ltmp\d+$|\.|\$|@")
"""How the names begin that assemblers and compilers make up."""


class LiefFile(ObjectFile):
    """What LIEF read of an object file, copied: what it hands out lives no longer than its file."""

    def __init__(
        self, shown: str, kind: str, machine: Machine, places: Sequence[Symbol],
        sections: Mapping[int, Section],
    ) -> None:  # fmt: skip
        """Take places in the sections, which are numbered as there."""
        super().__init__(shown, kind, machine, places)
        self._sections = sections

    def section(self, number: int) -> Section:
        """Return a section of code."""
        return self._sections[number]


def lief_file(data: bytes, shown: str) -> ObjectFile:
    """Read a Mach-O or COFF object file of 64 bits, which messages call `shown`.

    Raises InputError for a damaged file, an unknown machine's, or where LIEF is missing.
    """
    lief = library("lief", "reading object files of macOS and Windows")
    lief.logging.disable()
    kind, read = ("Mach-O", _mach_o) if data.startswith(MACH_O) else ("COFF", _coff)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # LIEF warns of values that it does not know
            return read(lief, data, shown)
    except InputError:
        raise
    except Exception as error:  # LIEF lets many kinds through on damaged files
        raise damaged(shown, kind, error) from None


def _mach_o(lief: Any, data: bytes, shown: str) -> ObjectFile:
    files = lief.MachO.parse(io.BytesIO(data))
    found = files.at(0) if files is not None and len(files) else None
    if found is None or found.header.file_type != lief.MachO.Header.FILE_TYPE.OBJECT:
        raise InputError(
            f"{shown} is no Mach-O object file", hint="hand in what the compiler makes with -c"
        )
    processor = found.header.cpu_type.name
    machine = _machine(shown, processor, {"X86_64": X86, "ARM64": AARCH64_APPLE})
    sections = {
        number: _checked(
            section.virtual_address, bytes(section.content), section.size,
            [*_mach_o_references(data, section, [*found.symbols], _BRANCHES[processor])],
            section.numberof_relocations,
        )
        for number, section in enumerate(found.sections, start=1)
        if int(section.flags) & _INSTRUCTIONS
    }  # fmt: skip
    places = [
        Symbol(
            symbol.name.removeprefix("_"), symbol.numberof_sections, symbol.value, 0, "STT_FUNC",
            not symbol.raw_type & _EXTERNAL,
        )
        for symbol in found.symbols
        if symbol.raw_type & _KIND == _IN_SECTION
        and symbol.numberof_sections in sections
        and not _OWN.match(symbol.name)
    ]  # fmt: skip
    return LiefFile(shown, "Mach-O", machine, places, sections)


def _mach_o_references(
    data: bytes, section: Any, symbols: Sequence[Any], branch: str
) -> Iterator[_Reference]:
    """Yield what a linker fills in, read from the file: LIEF leaves out the first symbol."""
    for number in range(section.numberof_relocations):
        at, word = struct.unpack_from("<iI", data, section.relocation_offset + 8 * number)
        symbol = symbols[word & 0xFFFFFF] if word & 1 << 27 else None
        yield (
            section.virtual_address + at,
            symbol.name.removeprefix("_") if symbol else "",
            branch if word >> 28 == _BRANCH else "",
            (symbol.numberof_sections, symbol.value) if symbol else None,
        )


def _coff(lief: Any, data: bytes, shown: str) -> ObjectFile:
    found = lief.COFF.parse(io.BytesIO(data))
    processor = found.header.machine.name
    machine = _machine(shown, processor, {"AMD64": X86_WINDOWS, "ARM64": AARCH64_WINDOWS})
    sections = {
        number: _checked(
            0, bytes(section.content), section.sizeof_raw_data,
            [
                (entry.address, entry.symbol.name, entry.type.name,
                 (entry.symbol.section_idx, entry.symbol.value))
                if entry.symbol is not None else (entry.address, "", "", None)
                for entry in section.relocations
            ],
            section.numberof_relocations,
        )
        for number, section in enumerate(found.sections, start=1)
        if int(section.characteristics) & _CODE
    }  # fmt: skip
    places = [
        Symbol(
            symbol.name, symbol.section_idx, symbol.value, 0,
            "STT_FUNC" if symbol.is_function else "STT_NOTYPE",
            symbol.storage_class.name != "EXTERNAL",
        )
        for symbol in found.symbols
        if symbol.storage_class.name in _PLACES
        and symbol.section_idx in sections
        and not _OWN.match(symbol.name)
    ]  # fmt: skip
    return LiefFile(shown, "COFF", machine, places, sections)


_PLACES = ("EXTERNAL", "STATIC", "LABEL")
"""The storage classes of places in a section."""


def _machine(shown: str, name: str, known: Mapping[str, Machine]) -> Machine:
    if name not in known:
        message, hint = f"{shown} is code for {name}", "code for x86-64 and AArch64 is read"
        raise InputError(message, hint=hint)
    return known[name]


def _checked(
    start: int, data: bytes, size: int, references: Sequence[_Reference], count: int
) -> Section:
    """Return a section; raises ValueError where LIEF left out a part of it.

    A reference that is left out would make a jump to elsewhere one to the next instruction.
    """
    outside = [at for at, *_ in references if not start <= at < start + size]
    if len(data) != size or len(references) != count or outside:
        raise ValueError
    named = [(at, shortened(name) or "a place in the program") for at, name, *_ in references]
    return Section(start, data, named, tuple(_inside(start, data, references)))


def _inside(
    start: int, data: bytes, references: Sequence[_Reference]
) -> Iterator[tuple[int, Position]]:
    """Yield direct jumps and calls that a linker fills in though they lead to code of the file."""
    for at, _, kind, position in references:
        section, address = position or (0, 0)
        place = at - start
        behind = int.from_bytes(data[place : place + 4], "little", signed=True)
        direct = kind in _WIDE and _DIRECT.search(data[max(place - 2, 0) : place])
        if section > 0 and direct:
            yield at, (section, address + behind)
        elif section > 0 and kind in _NARROW and not behind & 0x3FFFFFF:
            yield at, (section, address)
