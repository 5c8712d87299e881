"""Archives of object files (.a, .lib), and the function that is read of a file of machine code.

Source: the formats of ar, of System V (GNU and Windows) and BSD, in ar(5) of FreeBSD.
"""

from __future__ import annotations

from collections.abc import Iterator

from sortopt.base import InputError
from sortopt.objects.elf import MAGIC, ElfFile
from sortopt.objects.lief_file import COFF, MACH_O, lief_file
from sortopt.objects.object_file import Function, ObjectFile
from sortopt.objects.symbols import choose, matching, shortened

_ARCHIVE = b"!<arch>\n"
_HEADER = 60
_MOST_SHOWN = 12


def is_machine_code(data: bytes) -> bool:
    """Return whether a file is an object file that is read, or an archive."""
    return data.startswith((_ARCHIVE, MAGIC, MACH_O, *COFF))


def function_of(data: bytes, shown: str, wanted: str | None) -> Function:
    """Return the function `wanted`, or the only one, of an object file or archive.

    Raises InputError naming those there are, and the members of an archive where it is in several.
    """
    if not data.startswith(_ARCHIVE):
        return _opened(data, shown).function(wanted)
    files = [
        (name, _opened(content, f"{shown}({name})"))
        for name, content in members(data, shown)
        if is_machine_code(content) and not content.startswith(_ARCHIVE)
    ]
    holders = [(name, file) for name, file in files if matching(file.symbols, wanted)]
    if len(holders) == 1:
        return holders[0][1].function(wanted)
    if not holders:
        choose([symbol for _, file in files for symbol in file.symbols], wanted, shown)
    names = ", ".join(name for name, _ in holders[:_MOST_SHOWN])
    names += " …" * (len(holders) > _MOST_SHOWN)
    if wanted is None:
        raise InputError(f"{shown} holds functions in {names}", hint="give --function")
    raise InputError(
        f"{shortened(wanted)} is in {names}", hint=f"unpack one: ar x {shown} {holders[0][0]}"
    )


def _opened(data: bytes, shown: str) -> ObjectFile:
    return ElfFile(data, shown) if data.startswith(MAGIC) else lief_file(data, shown)


def members(data: bytes, shown: str) -> Iterator[tuple[str, bytes]]:
    """Yield the members of an archive by name, those that list its symbols and names too."""
    at, long_names = len(_ARCHIVE), b""
    while at < len(data):
        header = data[at : at + _HEADER]
        size, end = header[48:58].strip(), header[58:]
        content = data[at + _HEADER : at + _HEADER + int(size)] if size.isdigit() else b""
        if end != b"`\n" or not size.isdigit() or len(content) != int(size):
            raise InputError(f"{shown} is a damaged archive", hint="make it anew: ar rcs")
        name = header[:16].rstrip()
        at += _HEADER + len(content) + len(content) % 2
        if name == b"//":
            long_names = content
        elif name.startswith(b"/") and name[1:].isdigit():
            name = long_names[int(name[1:]) :].partition(b"\n")[0].partition(b"\0")[0]
        elif name.startswith(b"#1/") and name[3:].isdigit():
            length = int(name[3:])
            name, content = content[:length].rstrip(b"\0"), content[length:]
        yield shortened(name.rstrip(b"/").decode("utf-8", "replace")), content
