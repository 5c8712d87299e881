"""What `restrict` on the parameters of a function says of the buffers of its asm statement.

Source: ISO/IEC 9899:2018, section 6.7.3.1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from sortopt.objects.asm_statement import AsmStatement
from sortopt.objects.c_source import CFile, CFunction

_WORDS = ("restrict", "__restrict", "__restrict__")


def apart(
    file: CFile, at: int, around: CFunction, found: AsmStatement, families: Sequence[str],
    bases: Collection[str],
) -> bool:  # fmt: skip
    """Return whether the buffers behind the registers `bases` are declared not to overlap.

    `found` is the asm statement at the token `at`, with its operands in the registers `families`.
    Sound because each buffer is behind a parameter of its own, which appears nowhere else in the
    function, and no pointer may access what one with `restrict` does where either writes it: so all
    but one of them suffice.
    """
    handed = {
        family: operand.expression[0].text
        for operand, family in zip(found.operands, families, strict=True)
        if operand.is_input and len(operand.expression) == 1
    }
    names = [handed.get(base, "") for base in bases]
    pointers = dict(_pointers(file, around))
    end = file.closing.get(file.bracket(at), around.end)
    outside = (*range(around.body, at), *range(end, min(around.end, len(file.code))))
    elsewhere = {file.code[place].text for place in outside}
    if not elsewhere.isdisjoint(names) or len(set(names)) < len(bases):
        return False
    restricted = sum(pointers.get(name, False) for name in names)
    return pointers.keys() >= set(names) and restricted >= max(1, len(names) - 1)


def _pointers(file: CFile, function: CFunction) -> Iterator[tuple[str, bool]]:
    """Yield each parameter that is plainly a pointer, and whether it is restricted."""
    inside = [piece.text for piece in file.code[function.opening : function.closing + 1]]
    commas = [0, *(i for i, text in enumerate(inside) if text == ","), len(inside) - 1]
    for first, last in pairwise(commas):
        words = inside[first + 1 : last]
        name = next((i for i in reversed(range(len(words))) if words[i].isidentifier()), None)
        if words.count("*") == 1 and name is not None and not {"(", "["} & {*words}:
            star = words.index("*")
            yield words[name], not set(_WORDS).isdisjoint(words[star:name])
