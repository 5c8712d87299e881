"""Arguments of assembler macros on which assemblers differ: where one ends and the next begins.

GNU as joins `4(%rdi) %eax` to one argument and takes `%eax -4(%rdi)` for two, LLVM does it the
other way round.  Both split alike at commas, and at blanks between plain words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sortopt.formats import Line, without_labels

_DEFINED = re.compile(r"\.macro\s+([^\s,]+)(.*)", re.I)
_REPEATED = re.compile(r"\.irpc?\s+[^\s,]+[\s,]", re.I)
_COMPARED = re.compile(r"\.ifn?c\s", re.I)
_ALTERNATIVE = re.compile(r"\.altmacro\b", re.I)
_WORD = re.compile(r"\S+\s*")
_STRING = r'"(?:[^"\\]|\\.)*"'
_PLAIN = re.compile(rf"(?<=[\w\"])\s+(?=[\w%$\\\"]|\.\w)|\s*,\s*|{_STRING}(?=[\s,]|$)|[^\s\"']")
"""What both split alike: a blank between words, one at a comma, a string, and anything else."""
_BETWEEN = re.compile(r"(?<=[\w\)])\s+([-+*/])\s+(?=[\w$(\\])")
_WITHIN = re.compile(r"\([^()]*\s|\.irpc\s+\w+\s*,?.*[\s<]", re.I)
_ALTERNATIVES = re.compile(
    r"(?<=\w)\s+(?=[\w%$\\])|\s*,\s*|(?:^|(?<=[\s,]))<[^<>!\"']*>(?=\s*(?:,|$))|[^\s\"'<>=!]"
)
"""The same where `.altmacro` is on: <> quotes, ! escapes, and = names no parameter."""


def check_macros(read: Sequence[Line]) -> None:
    """Raise InputError at the first argument of a macro that assemblers end in different places."""
    pieces = [without_labels(piece) for line in read for piece in line.code]
    defined = [found for piece in pieces if (found := _DEFINED.match(piece.text))]
    loose = {found[1].lower(): ":vararg" not in found[2].lower() for found in defined}
    alternative = any(_ALTERNATIVE.match(piece.text) for piece in pieces)
    for piece in pieces:
        begin = _REPEATED.match(piece.text) or _COMPARED.match(piece.text)
        word = _WORD.match(piece.text)
        if begin is None and word and word[0].strip().lower() in loose:
            begin = word
        if begin is None:
            continue
        arguments = piece.text[begin.end() :].strip()
        lenient = loose.get(begin[0].strip().lower(), False)
        if lenient and not alternative:
            arguments = _BETWEEN.sub(r"\1", arguments)
        joined = not lenient and _WITHIN.search(piece.text)
        if joined or not _is_clear(arguments, _ALTERNATIVES if alternative else _PLAIN):
            raise piece.fault(
                "assemblers differ on where the arguments of this macro end",
                "separate them by commas, and leave out other blanks",
            )


def _is_clear(arguments: str, part: re.Pattern[str]) -> bool:
    at = 0
    while at < len(arguments):
        found = part.match(arguments, at)
        if found is None or found.end() == at:
            return False
        at = found.end()
    return True
