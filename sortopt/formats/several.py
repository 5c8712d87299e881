"""Texts of several kernels, one behind the other, as `search --all` writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress

from sortopt.base import InputError

_INPUTS = re.compile(r"[ \t]*(?:;|#|//)[;#/ \t]*inputs[ \t]*:", re.I)
_COMMENT = re.compile(r"[ \t]*(?:;|#|//)")
_ASSEMBLER = re.compile(r'^[ \t]*(?:\.|[\w.$@?"]+[ \t]*:)|/\*', re.M)


class SeveralKernels(InputError):
    """A text holds several kernels where one is wanted; `texts` are these, by what they are called.

    Those of the file k.asm are called `k.asm, kernel 1` and so on.
    """

    def __init__(self, name: str, texts: tuple[str, ...]) -> None:
        super().__init__(
            f"{name} holds {len(texts):,} kernels",
            hint="sortopt verify judges them all; else hand in one of them",
        )
        self.name = name
        self.texts: Mapping[str, str] = {
            f"{name}, kernel {number}": text for number, text in enumerate(texts, 1)
        }


def check_single(data: bytes, name: str) -> None:
    """Raise SeveralKernels where the file `name`, of these bytes, holds more than one kernel."""
    with suppress(UnicodeDecodeError):  # then it is no text at all
        texts = _kernels(data.decode()) if data.lower().count(b"inputs") > 1 else ()
        if len(texts) > 1:
            raise SeveralKernels(name, texts)


def _kernels(text: str) -> tuple[str, ...]:
    """Split a text into its kernels: another one begins with the comments that name its inputs.

    A text for an assembler is one, whatever its comments say: it is assembled as a whole.
    """
    lines = re.split(r"(?<=\n)", text)  # at line feeds and nowhere else
    starts, comments, code = [0], 0, False
    for number, line in enumerate(lines):
        if not _COMMENT.match(line):
            comments = number + 1
            code = code or bool(line.strip())
        elif code and _INPUTS.match(line):
            starts.append(comments)
            code = False
    if len(starts) == 1 or _ASSEMBLER.search(text):
        return (text,)
    return tuple(
        "".join(lines[start:end])
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)
    )
