"""ELF object files.  This is the only home of pyelftools."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from sortopt.base import InputError
from sortopt.model import Machine
from sortopt.objects.extras import library
from sortopt.objects.object_file import Function, ObjectFile, Position, Section, damaged
from sortopt.objects.symbols import CHOSEN_AT_START, Symbol, shortened
from sortopt.targets import MACHINES

MAGIC = b"\x7fELF"
_EXECUTABLE = 4
"""SHF_EXECINSTR of the ELF specification."""
_LOCAL = ".", "$a", "$d", "$t", "$x"
"""How the names of places begin that are inside functions: NASM's and compilers' labels, and where
code and data begin (ELF for the Arm 64-bit Architecture, 5.5; RISC-V ABIs, 8.8)."""
_JUMPS = {
    "EM_X86_64": (2, 4), "EM_AARCH64": (279, 280, 282, 283), "EM_RISCV": (16, 17, 18, 19, 44, 45),
}  # fmt: skip
"""Types of relocations of jumps and calls: PC32, PLT32; TSTBR14, CONDBR19, JUMP26, CALL26; BRANCH,
JAL, CALL, CALL_PLT, RVC_BRANCH, RVC_JUMP."""
_THROUGH = {"EM_X86_64": (9, 41, 42)}
"""The same for those through a table of addresses: GOTPCREL, GOTPCRELX, REX_GOTPCRELX."""
_READ = b"\xff\x15", b"\xff\x25"
"""How the instructions of x86-64 begin that call and jump to where an address beside them says."""
_BEHIND = {"EM_X86_64": 4}
"""How far behind what a linker fills in the instruction ends from which it is counted."""


class ElfFile(ObjectFile):
    """An ELF file of code for one of MACHINES."""

    def __init__(self, data: bytes, shown: str) -> None:
        """Read the symbols of a file, which messages call `shown`.

        Raises InputError for a damaged file, an unknown machine's, or where pyelftools is missing.
        """
        library("elftools", "reading object files")
        try:
            self._elf, machine = _opened(data, shown)
            places = tuple(dict.fromkeys(_symbols(self._elf)))
        except InputError:
            raise
        except Exception as error:  # pyelftools lets many kinds through on damaged files
            raise damaged(shown, "ELF", error) from None
        super().__init__(shown, "ELF", machine, places)

    def whole(self) -> Function:
        """Return the only section of code; raises InputError where there are several."""
        sections = enumerate(self._elf.iter_sections())
        code = [n for n, s in sections if s["sh_flags"] & _EXECUTABLE and s["sh_size"]]
        if not code:
            raise InputError(f"{self.shown} holds no code", hint="a kernel is made of instructions")
        if len(code) > 1:
            message = f"{self.shown} has code in {len(code)} sections, and no label"
            raise InputError(message, hint="put a label where the kernel begins")
        return self.code("the text", code[0], 0, None)

    def section(self, number: int) -> Section:
        """Return a section; may raise whatever pyelftools raises on damaged files."""
        found = self._elf.get_section(number)
        start = 0 if self._elf["e_type"] == "ET_REL" else found["sh_addr"]
        data = found.data()
        references = tuple(_references(self._elf, number))
        return Section(start, data, references, tuple(_inside(self._elf, number, start, data)))


def _opened(data: bytes, shown: str) -> tuple[Any, Machine]:
    from elftools.elf.elffile import ELFFile

    elf = ELFFile(io.BytesIO(data))
    machine = next((m for m in MACHINES.values() if m.elf == elf["e_machine"]), None)
    if machine is None or elf.elfclass != 64 or not elf.little_endian:
        name = str(elf["e_machine"]).removeprefix("EM_")
        order = "little" if elf.little_endian else "big"
        raise InputError(
            f"{shown} is code for {name}, {elf.elfclass} bits, {order}-endian",
            hint=f"code for {', '.join(MACHINES)} is read, of 64 bits, little-endian",
        )
    return elf, machine


def _symbols(elf: Any) -> Iterator[Symbol]:
    """Yield the named places in code."""
    from elftools.elf.sections import SymbolTableSection

    code = {n for n, s in enumerate(elf.iter_sections()) if s["sh_flags"] & _EXECUTABLE}
    for table in elf.iter_sections():
        if not isinstance(table, SymbolTableSection):
            continue
        for symbol in table.iter_symbols():
            section, kind = symbol["st_shndx"], symbol["st_info"]["type"]
            named = symbol.name and not symbol.name.startswith(_LOCAL)
            if named and section in code and kind in ("STT_NOTYPE", "STT_FUNC", CHOSEN_AT_START):
                local = symbol["st_info"]["bind"] == "STB_LOCAL"
                start, size = symbol["st_value"], symbol["st_size"]
                yield Symbol(symbol.name, section, start, size, kind, local)


def _relocations(elf: Any, section: int) -> Iterator[tuple[Any, Any]]:
    """Yield what a linker fills in in a section, each with the symbol that it refers to."""
    from elftools.elf.relocation import RelocationSection

    for table in elf.iter_sections():
        if isinstance(table, RelocationSection) and table["sh_info"] == section:
            symbols = elf.get_section(table["sh_link"])
            for entry in table.iter_relocations():
                yield entry, symbols.get_symbol(entry["r_info_sym"])


def _references(elf: Any, section: int) -> Iterator[tuple[int, str]]:
    """Yield the addresses in a section that a linker fills in, and what they refer to."""
    for entry, symbol in _relocations(elf, section):
        yield entry["r_offset"], shortened(symbol.name) or "a place in the program"


def _inside(elf: Any, section: int, start: int, data: bytes) -> Iterator[tuple[int, Position]]:
    """Yield the jumps and calls that a linker fills in though they lead to code of the file."""
    machine = elf["e_machine"]
    code = {n for n, s in enumerate(elf.iter_sections()) if s["sh_flags"] & _EXECUTABLE}
    for entry, symbol in _relocations(elf, section):
        holder, chosen = symbol["st_shndx"], symbol["st_info"]["type"] == CHOSEN_AT_START
        at = entry["r_offset"]
        reads = machine in _THROUGH and data[max(at - start - 2, 0) : at - start] in _READ
        types = (_THROUGH if reads else _JUMPS).get(machine, ())
        if entry["r_info_type"] in types and holder in code and not chosen:
            yield at, (holder, symbol["st_value"] + entry["r_addend"] + _BEHIND.get(machine, 0))
