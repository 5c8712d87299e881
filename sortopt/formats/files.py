"""Kernel files on disk and on standard input, with one clear line for what cannot be read."""

from __future__ import annotations

import sys
from os import PathLike, fspath
from pathlib import Path

from sortopt.errors import InputError
from sortopt.formats.program import KernelFile
from sortopt.formats.reader import parse
from sortopt.goal import Goal
from sortopt.orders import Precondition

LARGEST = 1 << 20
"""The largest file that is read, in bytes: some ten thousand times a sort8."""


def read(
    path: str | PathLike[str],
    *,
    dialect: str | None = None,
    inputs: str | None = None,
    outputs: str | None = None,
    assume: str | Precondition | None = None,
    goal: str | Goal | None = None,
) -> KernelFile:
    """Read the kernel file at `path`, or standard input where it is "-"; else as `parse`.

    Raises InputError also for a file that is missing, unreadable, empty, larger than `LARGEST`,
    or no text.
    """
    name = fspath(path)
    return parse(
        read_text(path),
        name="<stdin>" if name == "-" else name,
        dialect=dialect,
        inputs=inputs,
        outputs=outputs,
        assume=assume,
        goal=goal,
    )


def read_text(path: str | PathLike[str]) -> str:
    """Return the text of a file, or of standard input where `path` is "-"; raises InputError."""
    name = fspath(path)
    shown = "<stdin>" if name == "-" else name
    try:
        if name == "-":
            data = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(LARGEST + 1)
    except IsADirectoryError:
        raise InputError(f"{shown} is a folder", hint="name a kernel file in it") from None
    except FileNotFoundError:
        raise InputError(f"there is no file {shown}", hint="check its name") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"cannot read {shown}: {why}") from None
    return _decode(data, shown)


def _decode(data: bytes, shown: str) -> str:
    if len(data) > LARGEST:
        raise InputError(
            f"{shown} is larger than {LARGEST >> 20} MiB", hint="a kernel file is a short text"
        )
    if b"\0" in data:
        raise InputError(f"{shown} is a binary file", hint="a kernel file is assembly text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{shown} is not UTF-8 text (byte {error.start + 1}, line {line})",
            hint="save it as UTF-8",
        ) from None
    if not text.strip():
        raise InputError(f"{shown} is empty", hint="a kernel file holds one instruction a line")
    return text
