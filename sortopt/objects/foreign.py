"""Files that are not read: named for what they are, with the way to one that is."""

from __future__ import annotations

import re

from sortopt.base import InputError, Source

_BINARY = (
    (b"!<thin>", "an archive that names its members only", "hand in the object file itself"),
    (b"\xca\xfe\xba\xbe", "a Mach-O file for several processors", "take one: lipo -thin x86_64"),
    (b"\xce\xfa\xed\xfe", "a Mach-O file of 32 bits", "compile for a processor of 64 bits"),
    (b"\0\0\xff\xff", "COFF as /bigobj or /GL writes it", "compile without /bigobj and /GL"),
    (b"MZ", "a Windows program", "hand in the object file itself"),
    (b"BC\xc0\xde", "LLVM bitcode", "compile it to an object file (-c)"),
)
_LANGUAGES = (
    (
        re.compile(r"\b(?:naked_|global_)?asm!\s*\("), "Rust",
        "hand in its object file: rustc -O --crate-type lib --emit obj FILE",
    ),
    (
        re.compile(r"\A(?:.*GAS LISTING|Iterations:\s)"), "the report of an assembler or llvm-mca",
        "hand in the text that it was given",
    ),
    (
        re.compile(r"^TEXT\s+\S*\(SB\)|\bSTEXT\b", re.M), "Go assembly",
        "hand in its object file: go build, then objdump -d",
    ),
    (
        re.compile(r"^(?:import|from)[ ]\w[\w., ]*$|^def[ ]\w+\(.*:$", re.M), "Python",
        "hand in what it was made from, or the same kernel in another language",
    ),
)  # fmt: skip
_OBJECT_FILE = "hand in the object file that its compiler makes of it"
_SUFFIXES = {
    ".rs": "Rust", ".zig": "Zig", ".d": "D", ".go": "Go", ".swift": "Swift", ".nim": "Nim",
    ".java": "Java", ".js": "JavaScript", ".ts": "TypeScript", ".cs": "C#", ".py": "Python",
    ".f90": "Fortran", ".pas": "Pascal", ".wat": "WebAssembly", ".ptx": "PTX", ".cu": "CUDA",
}  # fmt: skip
"""Languages that are not read, by what the names of their files end in."""
_PREPROCESSOR = re.compile(
    r"^[ \t]*#(?P<blank>[ \t]*)"
    r"(?:if|ifdef|ifndef|elif|else|endif|define|undef|include|error|pragma|line)\b.*",
    re.M,
)
_NASM = re.compile(
    r"^[ \t]*%[ \t]*(?:i?macro|endmacro|i?x?define|undef|(?:el)?ifn?\w*|else|endif|include|i?assign"
    r"|rep|endrep|rotate|use|push|pop)\b.*",
    re.M | re.I,
)
_JOINED = re.compile(r"\\[ \t]*\r?$|^[^#\n]*#.*/\*", re.M)
"""What the C preprocessor alone takes for a longer line or comment."""


def check_binary(data: bytes, shown: str) -> None:
    """Raise InputError for a binary file that is not read, where it is known what it is."""
    for magic, what, hint in _BINARY:
        if data.startswith(magic):
            raise InputError(f"{shown} is {what}, which is not read", hint=hint)


def check_language(source: Source, suffix: str) -> None:
    """Raise InputError for source text of a language that is not read, or not preprocessed."""
    for pattern, name, way in _LANGUAGES:
        if pattern.search(source.text) or name == _SUFFIXES.get(suffix):
            message = f"this is {name}, which is not read"
            raise InputError(message, hint=way, source=source)
    if suffix in _SUFFIXES:
        message = f"this is {_SUFFIXES[suffix]}, which is not read"
        raise InputError(message, hint=_OBJECT_FILE, source=source)


def check_preprocessed(source: Source, suffix: str) -> None:
    """Raise InputError where the C preprocessor would change assembly text."""
    hint = "preprocess it first: gcc -E FILE > FILE.s"
    for line in _PREPROCESSOR.finditer(source.text):
        if suffix == ".S" or not line["blank"]:
            what = "a line for the C preprocessor"
            raise InputError(what, hint=hint, source=source, span=source.span(*line.span()))
    nasm = _NASM.search(source.text)
    if nasm:
        hint = "preprocess it first: nasm -E FILE > FILE.asm"
        what = "a line for NASM's preprocessor"
        raise InputError(what, hint=hint, source=source, span=source.span(*nasm.span()))
    joined = _JOINED.search(source.text) if suffix == ".S" else None
    if joined:
        what = "the C preprocessor reads on into the next line here"
        raise InputError(what, hint=hint, source=source, span=source.span(*joined.span()))
