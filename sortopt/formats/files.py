"""Kernel files on disk and on standard input, with one clear line for what cannot be read."""

from __future__ import annotations

import sys
from os import PathLike, fspath
from pathlib import Path

from sortopt.base import InputError
from sortopt.formats.program import KernelFile
from sortopt.formats.reader import parse
from sortopt.model import Goal, Precondition, Rung

LARGEST = 1 << 20
"""The largest file that is read, in bytes: some ten thousand times a sort8."""
MOST_LINES = 100_000
"""The most lines of a file that is read."""


def read(
    path: str | PathLike[str],
    *,
    dialect: str | None = None,
    inputs: str | None = None,
    outputs: str | None = None,
    assume: str | Precondition | None = None,
    goal: str | Goal | None = None,
    keep: str | Rung | None = None,
) -> KernelFile:
    """Read the kernel file at `path`, or standard input where it is "-"; else as `parse`.

    Raises InputError also for a file that is missing, unreadable, empty, larger than `LARGEST`,
    or no text.
    """
    return parse(
        read_text(path),
        name=shown_name(path),
        dialect=dialect,
        inputs=inputs,
        outputs=outputs,
        assume=assume,
        goal=goal,
        keep=keep,
    )


def read_text(path: str | PathLike[str]) -> str:
    """Return the text of a file, or of standard input where `path` is "-"; raises InputError."""
    return decode(read_bytes(path), shown_name(path))


def shown_name(path: str | PathLike[str]) -> str:
    """Return what messages call a file."""
    name = fspath(path)
    return "<stdin>" if name == "-" else name


def read_bytes(path: str | PathLike[str], largest: int = LARGEST) -> bytes:
    """Return the first `largest` + 1 bytes of a file, or of standard input; raises InputError."""
    shown = shown_name(path)
    if not fspath(path):
        raise InputError("the name of the file is empty", hint="name a file, or - for stdin")
    try:
        if fspath(path) == "-":
            if sys.stdin is None:
                raise InputError("standard input is closed", hint="name a file")
            return sys.stdin.buffer.read(largest + 1)
        with Path(path).open("rb") as file:
            return file.read(largest + 1)
    except IsADirectoryError:
        raise InputError(f"{shown} is a folder", hint="name a kernel file in it") from None
    except FileNotFoundError:
        raise InputError(f"there is no file {shown}", hint="check its name") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"cannot read {shown}: {why}") from None


_UTF_16 = b"\xff\xfe", b"\xfe\xff"


def decode(data: bytes, shown: str) -> str:
    """Return the text of a file's bytes; raises InputError where it is too large, or no text.

    Text is UTF-8, or begins with the mark of UTF-16, as what PowerShell writes to a file does.
    """
    if len(data) > LARGEST:
        raise InputError(
            f"{shown} is larger than {LARGEST >> 20} MiB", hint="a kernel file is a short text"
        )
    if data.count(b"\n") >= MOST_LINES:
        raise InputError(
            f"{shown} has more than {MOST_LINES:,} lines", hint="a kernel file is a short text"
        )
    wide = data.startswith(_UTF_16)
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\0" in data:
            raise _binary(shown) from None
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{shown} is not UTF-8 text (byte {error.start + 1}, line {line})",
            hint="save it as UTF-8",
        ) from None
    if "\0" in text:
        raise _binary(shown)
    if not text.strip():
        raise InputError(f"{shown} is empty", hint="write into it what is to be read")
    return text


def _binary(shown: str) -> InputError:
    return InputError(f"{shown} is a binary file", hint="a kernel file is assembly text")
