"""A simulator of x86 kernels, written apart from the package, for `fuzz.py`.

It knows instructions by their mnemonics only, and tries every order of the keys and of what the
scratch cells hold, and every setting of the flags that a processor can have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

Instruction = tuple[str, int, int]
"""A mnemonic, and the numbers of destination and source."""

MET: dict[str, Callable[[bool, bool], bool]] = {
    "l": lambda less, equal: less,
    "ge": lambda less, equal: not less,
    "e": lambda less, equal: equal,
    "ne": lambda less, equal: not equal,
    "le": lambda less, equal: less or equal,
    "g": lambda less, equal: not (less or equal),
}
"""Whether a condition is met, by the bits "less" and "equal"."""

UNSIGNED = {"b": "l", "ae": "ge", "be": "le", "a": "g"}


def run(
    program: Sequence[Instruction], cells: Sequence[int], flags: tuple[bool, bool]
) -> list[int]:
    """Return what the cells hold after the program."""
    held = list(cells)
    for mnemonic, d, s in program:
        if mnemonic == "cmp":
            flags = held[d] < held[s], held[d] == held[s]
        elif mnemonic.startswith("cmov"):
            condition = mnemonic[4:]
            if MET[UNSIGNED.get(condition, condition)](*flags):
                held[d] = held[s]
        elif mnemonic.startswith("pmin"):
            held[d] = min(held[d], held[s])
        elif mnemonic.startswith("pmax"):
            held[d] = max(held[d], held[s])
        else:
            assert mnemonic in ("mov", "movdqa"), mnemonic
            held[d] = held[s]
    return held


def rankings(count: int) -> Iterator[tuple[int, ...]]:
    """Yield every order of `count` values, ties included."""
    for ranks in product(range(count), repeat=count):
        if set(ranks) == set(range(max(ranks) + 1)):
            yield ranks


def fails_on(
    program: Sequence[Instruction],
    n: int,
    scratch: int,
    outputs: Sequence[int],
    ranks: Sequence[int],
    admits: Callable[[Sequence[int]], bool],
) -> tuple[int, ...] | None:
    """Return keys on which the program leaves in `outputs` other keys than those of `ranks`.

    Cells 0 to n - 1 hold the keys, `scratch` more cells anything.
    """
    for cells in rankings(n + scratch):
        keys = cells[:n]
        if not admits(keys):
            continue
        wanted = [sorted(keys)[rank] for rank in ranks]
        for less, equal in product((False, True), repeat=2):
            held = run(program, cells, (less, equal))
            if [held[cell] for cell in outputs] != wanted:
                return keys
    return None
