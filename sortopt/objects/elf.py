"""ELF object files: the bytes of one function.  This is the only home of pyelftools."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from sortopt.base import InputError
from sortopt.objects.extras import library

MAGIC = b"\x7fELF"


@dataclass(frozen=True, slots=True)
class Function:
    """A function's machine code.

    `start` is its address; `patched` are addresses, within the code, that a linker fills in, each
    with the symbol it then refers to.
    """

    name: str
    code: bytes
    start: int
    patched: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class ElfFile:
    """What matters of an ELF file: its functions, and all its symbols with their addresses."""

    functions: tuple[Function, ...]
    labels: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Symbol:
    name: str
    section: int
    start: int
    size: int
    function: bool


def read_elf(data: bytes, shown: str) -> ElfFile:
    """Return the functions of an ELF file of x86-64 code, which messages call `shown`.

    Raises InputError for a damaged file, another machine's, or where pyelftools is missing.
    """
    library("elftools", "reading object files")
    try:
        return _read(data, shown)
    except InputError:
        raise
    except Exception as error:  # pyelftools lets many kinds through on damaged files
        raise InputError(
            f"{shown} is a damaged ELF file ({type(error).__name__})", hint="compile it anew"
        ) from None


def _read(data: bytes, shown: str) -> ElfFile:
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import SymbolTableSection

    elf = ELFFile(io.BytesIO(data))
    if elf["e_machine"] != "EM_X86_64":
        machine = str(elf["e_machine"]).removeprefix("EM_")
        raise InputError(f"{shown} is code for {machine}", hint="x86-64 code is read")
    tables = [s for s in elf.iter_sections() if isinstance(s, SymbolTableSection)]
    symbols = [
        symbol for table in tables for symbol in map(_symbol, table.iter_symbols()) if symbol
    ]
    functions = [s for s in symbols if s.function] or [
        s for s in symbols if _is_code(elf.get_section(s.section)) and not s.name.startswith(".L")
    ]
    unique = {(s.name, s.section, s.start): s for s in functions}.values()
    return ElfFile(
        tuple(_function(elf, symbol, symbols) for symbol in unique),
        {symbol.name: symbol.start for symbol in symbols},
    )


def _symbol(symbol: Any) -> _Symbol | None:
    """Return a named symbol that lies in a section, else None."""
    section, kind = symbol["st_shndx"], symbol["st_info"]["type"]
    if not isinstance(section, int) or not symbol.name or kind in ("STT_SECTION", "STT_FILE"):
        return None
    return _Symbol(symbol.name, section, symbol["st_value"], symbol["st_size"], kind == "STT_FUNC")


def _is_code(section: Any) -> bool:
    return section is not None and bool(section["sh_flags"] & 4)  # SHF_EXECINSTR


def _function(elf: Any, symbol: _Symbol, symbols: Sequence[_Symbol]) -> Function:
    """Return the code from `symbol` to its end: by its size, or up to the next function."""
    section = elf.get_section(symbol.section)
    data: bytes = section.data()
    offset = symbol.start - section["sh_addr"]
    later = [s.start for s in symbols if s.section == symbol.section and s.start > symbol.start]
    if symbol.size:
        end = offset + symbol.size
    else:
        functions = [s.start for s in symbols if s.function and s.start in later]
        end = min(functions) - section["sh_addr"] if functions else len(data)
    return Function(
        symbol.name, data[offset:end], symbol.start, dict(_patched(elf, symbol.section))
    )


def _patched(elf: Any, section: int) -> list[tuple[int, str]]:
    """Return the addresses in a section that a linker fills in, and what they refer to."""
    from elftools.elf.relocation import RelocationSection

    found: list[tuple[int, str]] = []
    for table in elf.iter_sections():
        if isinstance(table, RelocationSection) and table["sh_info"] == section:
            symbols = elf.get_section(table["sh_link"])
            for entry in table.iter_relocations():
                name = symbols.get_symbol(entry["r_info_sym"]).name
                found.append((entry["r_offset"], name or "a place in the program"))
    return found


def choose(functions: Sequence[Function], wanted: str | None, shown: str) -> Function:
    """Return the function called `wanted`, by its plain or its mangled C++ name.

    Without `wanted`, the only one there is.  Raises InputError naming those there are.
    """
    names = sorted({f.name for f in functions})
    listed = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    if not names:
        raise InputError(f"{shown} holds no function", hint="name a file with machine code in it")
    if wanted is None:
        if len(names) == 1:
            return functions[0]
        raise InputError(f"{shown} holds {len(names)} functions: {listed}", hint="give --function")
    spelled = (wanted, f"_{wanted}", f"{len(wanted)}{wanted}")
    matches = [f for f in functions if f.name in spelled[:2]] or [
        f for f in functions if f.name.startswith("_Z") and spelled[2] in f.name
    ]
    if not matches:
        near = get_close_matches(wanted, names, 1)
        hint = f"did you mean {near[0]}?" if near else f"there is {listed}"
        raise InputError(f"{shown} holds no function {wanted[:60]!r}", hint=hint)
    if len({f.name for f in matches}) > 1:
        several = ", ".join(sorted(f.name for f in matches))
        raise InputError(f"{wanted!r} may be {several}", hint="give the whole name")
    return matches[0]
