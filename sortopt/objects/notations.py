"""Assembly text that is not written for the GNU assembler, put into its words line by line.

NASM's, FASM's and MASM's directives, those of compilers for macOS and Windows, the labels of
Compiler Explorer, and Intel text in which `;` begins a comment.  Nothing is left out but what is
known to decide nothing here; the rest goes to the assembler as it stands, which refuses what it
does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sortopt.base import Source
from sortopt.formats import Line, Token, by_name, check_comment, read_line
from sortopt.objects.gdb import from_gdb, is_gdb

_NAME = r"([\w.$@?]+)"
_DIRECTIVES = tuple(
    (re.compile(pattern, re.I), gnu)
    for pattern, gnu in (
        # NASM, manual of version 2.16, chapter 8
        (r"\[?(?:bits\s+64|use64|default\s+rel|cpu\s+x64|extern\s.*)\]?", ""),
        (
            r"\[?(?:section|segment)\s+(\.text[\w.]*)(?:\s+(?:align=\d+|code|exec))*\]?",
            r".section \1",
        ),
        (r"\[?(?:section|segment)\s+(\.[\w.]+)\]?", r".section \1"),
        (rf"\[?global\s+{_NAME}(?::function)?\]?", r'.globl "\1"'),
        (r"align\s+(\d+)", r".balign \1"),
        (rf"{_NAME}\s+equ\s+(0|[1-9]\d*|0x[\da-f]+)", r".set \1, \2"),
        # FASM, manual of version 1.73, sections 2.4.2 and 2.4.3
        (r"format\s+(?:elf64|ms64\s+coff)", ""),
        (r"section\s+'(\.text)'\s+(?:code|readable|executable|align\s+\d+|\s)+", r".section \1"),
        # MASM, as cl /FA writes it
        (rf"public\s+{_NAME}", r'.globl "\1"'),
        (r"([^\"\\]*\S)\s+proc(?:\s+(?:frame|public|private|near|far|export))*", r'"\1":'),
        (r"([^\"\\]*\S)\s+endp", r'.type "\1",@function'),
        (r"([\w$]+)\s*=\s*(-?\d+)", r".set \1, \2"),
        (r"(?:_TEXT|text\$\w+)\s+segment\b.*|\.code", ".text"),
        (r"[\w$]+\s+(?:ends|segment\b.*)|(?:include|includelib|title|extrn)\s.*", ""),
        (r"npad\s+(\d+)", r".nops \1"),
        (r"option\s+casemap:none|\.endprolog", ""),
        (r"end", ".end"),
        # Mach-O, as clang writes it for macOS
        (r"\.section\s+__TEXT,__text(?:,[\w,]+)?", ".text"),
        (r"\.build_version\s.*|\.macosx_version_min\s.*|\.subsections_via_symbols", ""),
        # COFF, as gcc and clang write it for Windows
        (r"\.def\s+\S+;(?:\s*\.scl\s+\d+;\s*\.type\s+\d+;\s*\.endef)?", ""),
        (r"\.scl\s+\d+;?|\.type\s+\d+;?|\.endef|\.seh_\w+(?:\s[^;]*)?", ""),
    )
)
_WORDS = re.compile(
    r"bits|use|default|cpu|ext|sect|segment|glob|align|public|proc|end|code|includ|title|npad"
    r"|\bd[bwdq]\b|\bres[bwdq]\b|\bequ\b|casemap|_version|format|=|\.(?:def|scl|type|seh)",
    re.I,
)
"""What every directive has that is translated."""
_THEIRS = re.compile(
    r"^[ \t]*(?:\[?(?:bits\s+64|default\s+rel|section\s+\.|global\s)|format\s+elf64"
    r"|\S+\s+(?:proc|segment)\b)",
    re.M | re.I,
)
"""What NASM, FASM or MASM alone take: in their text `;` begins a comment."""
_GNUS = re.compile(r"^[ \t]*\.(?:intel_syntax|globl|text|section|type|p2align)\b", re.M | re.I)
_SAVING = re.compile(r"\S+\s+proc\s+(?:.*\s)?(?:uses\b.*|\w+\s*:.*)", re.I)
_SHORT = re.compile(r"(?<=\s)short\s+(?=[\w$@?])", re.I)
_LEADS = re.compile(r"(?:j\w+|call)\s|[$?][\w$@?.]+:", re.I)
"""A jump, a call or a label, in which MASM's names begin with $ or ?."""
_NAME_OF_MASM = re.compile(r"(?<![\w$@?.\"])[$?][\w$@?.]+")
_DATA = re.compile(r"(?:[\w$@?.]+:?\s+)?(?:d|res)[bwdq]\s.*", re.I)
_SEGMENT = re.compile(r"([\w$]+)\s+(segment|ends)\b", re.I)
_SECTION = re.compile(r"\[?(?:section|segment)\s+\.(\w+)", re.I)
_NARROW = re.compile(r"\[?(?:bits|use)\s*(?:16|32)\b", re.I)
_SIZE = re.compile(r"\b([dq]?word|byte)\s+(?=\[)", re.I)
_HEX = re.compile(r"\b([0-9][0-9a-f]*)h\b", re.I)
_PLAIN_LABEL = re.compile(r"[\w.$@?]+:")
_NO_LABEL = re.compile(r"[\"\\;]|//|^#|#(?!\d+\})")
_WINDOWS = re.compile(
    r"^[^;#\n]*\sENDP\b|^[ \t]*(?:\.def|\.seh_proc|format[ \t]+ms64)\b", re.M | re.I
)
_ARM = re.compile(r"^[ \t]+\w+[ \t]+[wx]\d{1,2},", re.M)
_LISTED = re.compile(r"^(?:[ ]{2}[0-9a-f]{5})?\t(?:[0-9a-f]{2}(?: |\t|$))+", re.I)
"""Address and bytes in front of an instruction, as cl /FAc writes them."""
_OCTAL = re.compile(r"\b0[0-9]+\b")


def for_windows(source: Source) -> bool:
    """Return whether a text holds what only compilers for Windows, and MASM, write."""
    return _WINDOWS.search(source.text) is not None


def for_apple(source: Source) -> bool:
    """Return whether a text is what clang writes for macOS on AArch64."""
    return "__TEXT,__text" in source.text and _ARM.search(source.text) is not None


def translated(source: Source) -> Source:
    """Return the text with directives and labels of others in the GNU assembler's words.

    A line stands for a line; the text itself where there is nothing to translate.  Raises
    InputError for code of 16 or 32 bits.
    """
    if is_gdb(source):
        return from_gdb(source)
    if ".macro" in source.text.lower():  # then these words may be macros
        return source
    written = [*_translated(source)]
    return source if written == source.lines else Source(source.name, "\n".join(written))


def _translated(source: Source) -> Iterator[str]:
    data, windows, apple = False, for_windows(source), for_apple(source)
    theirs = _THEIRS.search(source.text) is not None and not _GNUS.search(source.text)
    for number, text in enumerate(source.lines, start=1):
        if apple:
            text = text.replace(";", "//", 1)
        if windows:
            text = _LISTED.sub(lambda found: " " * len(found[0]), text)
        if theirs and ";" in text and read_line(Token(text, source, number, 1)).semicolon:
            text = re.sub(";+", lambda found: "#" * len(found[0]), text, count=1)
        label = _label(text.strip())
        if label or not _WORDS.search(text):
            yield label or text
            continue
        read = read_line(Token(text, source, number, 1))
        if not read.code:
            yield text
            continue
        code = read.code[0]
        segment = _SEGMENT.match(code.text)
        if segment:
            begins = segment[2].lower() == "segment"
            data = begins and not re.match(r"_TEXT$|text\$", segment[1], re.I)
        if section := _SECTION.match(code.text):
            data = section[1].lower() in ("data", "rodata", "bss")
        if data and _DATA.fullmatch(code.text):
            yield ""
        else:
            whole = text.strip() if code.text.startswith(".") else code.text
            yield _directive(code, whole) or text


def _label(line: str) -> str | None:
    """Return a label that is a name of C++ or Rust in the GNU assembler's words; None for others.

    Without the # that would begin a comment.

    >>> _label("order(int*)::{lambda(int)#1}::operator()(int) const:")
    '"order(int*)::{lambda(int)1}::operator()(int) const":'
    """
    line = re.sub(r":\s+(?:#|//|;)\s*@.*", ":", line)  # as clang names it once more
    named = line.endswith(":") and ("(" in line or "::" in line)
    if not named or _PLAIN_LABEL.fullmatch(line) or _NO_LABEL.search(line):
        return None
    return f'"{line[:-1].replace("#", "")}":'


def _directive(code: Token, whole: str) -> str | None:
    """Return a directive of others in the GNU assembler's words; None for other code.

    `whole` is the line where `;` in it may separate directives.
    """
    if _NARROW.match(code.text):
        raise code.fault("this is code for a processor of 16 or 32 bits", "x86-64 code is read")
    if _SAVING.fullmatch(code.text):
        raise code.fault(
            "MASM puts instructions of its own into this function, which saves registers or names "
            "what it is given",
            "hand in the object file: ml64 /c",
        )
    for pattern, gnu in _DIRECTIVES:
        match = pattern.fullmatch(whole)
        if match:
            return match.expand(gnu) or " "
    return None


def for_gnu(read: Sequence[Line]) -> list[str]:
    """Return Intel text in which `;` begins a comment as the GNU assembler takes it.

    Raises InputError where that would read the text otherwise: for an instruction in a comment,
    and a number that is octal to one and decimal to the other.
    """
    intel = by_name("intel")
    directives = any(piece.text.startswith(".") for line in read for piece in line.code)
    written = []
    for line in read:
        if line.comment is not None and line.semicolon and (line.code or directives):
            check_comment(line.comment, intel)
        pieces = (" " * (piece.column - 1) + _instruction(piece) for piece in line.code)
        written.append("".join(pieces))
    return written


def _instruction(code: Token) -> str:
    if code.text.startswith((".", '"')):
        return code.text
    octal = _OCTAL.search(code.text)
    if octal:
        raise code.part(*octal.span()).fault(
            f"{octal[0][:40]!r} is octal to one assembler and decimal to another",
            "write it without the leading zero, or in hexadecimal",
        )
    words = _HEX.sub(r"0x\1", _SIZE.sub(r"\1 ptr ", code.text))
    return _NAME_OF_MASM.sub(r'"\g<0>"', _SHORT.sub("", words)) if _LEADS.match(words) else words
