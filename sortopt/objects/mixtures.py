"""Keys that instructions on bits and sums combine, until a key is left again: `a ^ (a ^ b)` is b.

A comparison of two keys makes a mask, 0 or -1, which is a number that is known on each of the ways
that code goes on; so what masks pick is known there as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sortopt.formats import Operand

BITWISE = frozenset(("xor", "not", "and", "or"))
"""Instructions that do the same to each bit."""


@dataclass(frozen=True, slots=True)
class Term:
    """A key, and how often it counts: the same `key` may be in several cells, `cell` is one."""

    key: object
    cell: Operand = field(compare=False)
    factor: int


@dataclass(frozen=True, slots=True)
class Mixture:
    """Keys combined by xor, else added up, and with a number, modulo two to the number of bits.

    No term's factor is zero, and each key is in one term.
    """

    xor: bool
    terms: tuple[Term, ...]
    number: int = 0

    def with_cell(self, key: object, cell: Operand) -> Mixture:
        """Return the same where `key` is in `cell`."""
        terms = (replace(t, cell=cell) if t.key == key else t for t in self.terms)
        return replace(self, terms=tuple(terms))

    def narrowed(self, bits: int) -> Mixture:
        """Return what the lower `bits` of it are, of keys of so many bits."""
        return replace(self, number=self.number % (1 << bits))

    def widened(self, bits: int, to: int) -> Mixture:
        """Return what it is once its sign extends it from `bits` bits to `to`, as it does keys.

        A sum of fewer bits stays one of so many, whose sign is extended.  Sound because each bit of
        a mixture by xor depends on the bits at its place alone, and the sign on those of the keys.
        """
        if not self.xor or not self.number >> (bits - 1):
            return self
        return replace(self, number=self.number + (1 << to) - (1 << bits))

    @property
    def single(self) -> bool:
        """Whether it is one key as it is."""
        return len(self.terms) == 1 and self.terms[0].factor == 1 and self.number == 0


def combined(name: str, bits: int, operands: Sequence[Mixture | int]) -> Mixture | int | None:
    """Return what an instruction makes of keys and numbers; None where that is no such mixture.

    Sound because xor, and sums modulo a power of two, are groups in which keys are unknown
    elements, and masks of only zeros or only ones pick nothing or all.
    """
    full = 1 << bits
    first, second = (*(o % full if isinstance(o, int) else o for o in operands), 0)[:2]
    match name:
        case "xor":
            return _sum(True, full, first, second)
        case "not":
            return _sum(True, full, first, full - 1)
        case "add" | "inc":
            return _sum(False, full, first, second)
        case "sub" | "dec":
            return _sum(False, full, first, _times(full, second, -1))
        case "neg":
            return _times(full, first, -1)
        case "imul":
            number, mixture = (first, second) if isinstance(first, int) else (second, first)
            return _times(full, mixture, number) if isinstance(number, int) else None
        case "and" | "or":
            return _masked(name == "and", full - 1, first, second)
    return None


def _masked(
    both: bool, ones: int, one: Mixture | int, other: Mixture | int
) -> Mixture | int | None:
    """Return `one & other`, or where not `both` are wanted `one | other`."""
    nothing, all_of = (0, ones) if both else (ones, 0)
    if nothing in (one, other):
        return nothing
    if one == all_of:
        return other
    return one if other in (all_of, one) else None


def _sum(
    xor: bool, full: int, one: Mixture | int | None, other: Mixture | int | None
) -> Mixture | int | None:
    """Return the sum of two mixtures; None where one of them is not of that kind."""
    terms: dict[object, Term] = {}
    number = 0
    for each in (one, other):
        if each is None or (isinstance(each, Mixture) and each.xor is not xor and not each.single):
            return None
        added = each if isinstance(each, int) else each.number
        number = number ^ added if xor else (number + added) % full
        for term in () if isinstance(each, int) else each.terms:
            before = terms.pop(term.key, None)
            factor = (term.factor + (before.factor if before else 0)) % (2 if xor else full)
            if factor:
                terms[term.key] = Term(term.key, term.cell, factor)
    return Mixture(xor, tuple(terms.values()), number) if terms else number


def _times(full: int, mixture: Mixture | int | None, number: int) -> Mixture | int | None:
    """Return a multiple of a sum; None for a mixture by xor."""
    if not isinstance(mixture, Mixture):
        return None if mixture is None else mixture * number % full
    if mixture.xor and not mixture.single:
        return None
    terms = [(term, term.factor * number % full) for term in mixture.terms]
    kept = tuple(Term(term.key, term.cell, factor) for term, factor in terms if factor)
    rest = mixture.number * number % full
    return Mixture(False, kept, rest) if kept else rest
