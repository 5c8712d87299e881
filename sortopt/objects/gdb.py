"""What gdb prints of code (`disassemble`, `x/20i`), as text for the assembler.

Its jumps and calls lead to addresses, which become labels; with `/r` it prints bytes as well, which
`objdump` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from sortopt.base import Source
from sortopt.formats import Token

_LINE = re.compile(
    r"(?P<before>(?:=>)?\s*0x(?P<address>[0-9a-f]{1,16})"
    r"(?: <(?:(?P<name>[^+>][^>]*?))?(?P<offset>\+\d+)?>)?:\s+)(?P<code>[a-z].*)"
)
_SHOWN = re.compile(
    r"^Dump of assembler code|^(?:=>)?\s*0x[0-9a-f]+(?: <[^\n]+?>)?:\s+[a-z]{2}\w*(?:[ \t(]|$)",
    re.M,
)
_BEGIN = re.compile(r"Dump of assembler code for function (?P<name>.+):\s*")
_IDLE = re.compile(
    r"\s*|\s*0x[0-9a-f]+:\s*|End of assembler dump\.\s*|\s*(?:\d+\t.*|\.\.\.|warning: .*)"
)
_TARGET = re.compile(r"((?:j|call|b|cb|tb)\S*\s+(?:.*, ?)?)0x([0-9a-f]+)(?: <(.+)>)?\s*")
_BESIDE = re.compile(r"\s+# 0x.*")
_NO_NAME = re.compile(r"[\"\\#;]")
_REST = "hand in all that disassemble prints of the function, or its object file"


def is_gdb(source: Source) -> bool:
    """Return whether a text is what gdb prints of code, without bytes."""
    return _SHOWN.search(source.text) is not None


def from_gdb(source: Source) -> Source:
    """Return the same as text for the assembler, a line for each line.

    Raises InputError for lines of something else, and for what a linker has yet to fill in.
    """
    return Source(source.name, "\n".join(_written(source)))


def _written(source: Source) -> Iterator[str]:
    lines, named = [_LINE.fullmatch(text) for text in source.lines], ""
    known = [int(line["address"], 16) for line in lines if line]
    after = dict(pairwise(known))
    for number, (text, line) in enumerate(zip(source.lines, lines, strict=True), start=1):
        token = Token(text, source, number, 1).part(0, len(text))
        begins = _BEGIN.fullmatch(text)
        if line is None:
            if begins is None and not _IDLE.fullmatch(text):
                raise token.fault("this is no instruction, as gdb prints them", _REST)
            named = begins["name"] if begins else named
            yield _label(named) if begins else ""
            continue
        address, code = int(line["address"], 16), _BESIDE.sub("", line["code"])
        here = _label(line["name"]) if _first(line) and line["name"] != named else ""
        named = line["name"] or named
        target = _TARGET.fullmatch(code)
        if target is not None:
            to = int(target[2], 16)
            if to == after.get(address):
                raise token.fault("this may lead to what a linker fills in", _REST)
            where = _place(to) if to in known else f'"{target[3] or "a place"}"'
            code = target[1] + where
        yield f"{here}{_place(address)}:".ljust(len(line["before"])) + code


def _first(line: re.Match[str]) -> bool:
    """Return whether a function begins with a line."""
    return line["name"] is not None and line["offset"] in (None, "+0")


def _place(address: int) -> str:
    return f".Lgdb{address:x}"


def _label(name: str) -> str:
    name = _NO_NAME.sub("", name)
    return f'"{name}": .type "{name}",@function; '
