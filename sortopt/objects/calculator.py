"""Numbers while code is followed on symbols: counters, indices, and pointers moved by them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sortopt.formats import Operand, Token, memory
from sortopt.model import Machine, Place
from sortopt.objects.answers import Answers
from sortopt.objects.effects import Arithmetic, Bytes, Move
from sortopt.objects.mixtures import BITWISE, Mixture, Term, combined
from sortopt.objects.numbers import NumberFlags, calculated, wrapped
from sortopt.objects.places import Entry, Number, Piece, Places
from sortopt.objects.shape import STACK, WORD, Shape

_ON_CARRY = ("b", "ae", "be", "a")
"""Conditions that read the carry, as `numbers.holds` names them."""
_PAGE = 4096
"""The least size of a page, in bytes."""


class Calculator(Places, ABC):
    """Places whose numbers are calculated with; `flags` are those of a number, where known.

    Sound because a result is written only where all of its operands are known, and everything else
    overwrites what was known before, or is refused.
    """

    def __init__(self, shape: Shape, machine: Machine, pointers: frozenset[str] | None) -> None:
        """Begin as `Places` does; `spoiler` is what set the flags last, if not to those of keys.

        `combines` says whether bits and sums of keys are followed.
        """
        super().__init__(shape, machine, pointers)
        self.spoiler: Token | None = None
        self.flags: NumberFlags | None = None
        self.answers = Answers(floating=shape.isa.floating)
        self.combines = False
        self.relied: dict[str, Token] = {}

    @abstractmethod
    def write(self, where: Bytes, pieces: list[Piece], *, clears: bool) -> None:
        """Put `pieces`, offsets counted from its beginning, into a stretch of bytes."""

    @abstractmethod
    def copy(self, target: Operand, source: Operand) -> None:
        """Copy a key from cell to cell."""

    @abstractmethod
    def slot(self, pending: Iterable[Piece]) -> Operand:
        """Return the first slot that no piece names."""

    def extended(self, move: Move) -> int | None:
        """Return the number that a move puts into a whole register, where it is known."""
        target = move.target
        if not move.clears or target.memory or len(move.parts) != 1:
            return None
        ((start, source),) = move.parts
        if start or self.machine.place_of(target.family) is Place.VECTOR:
            return None
        value = self.number(source)
        if value is not None and move.signed and value >> (8 * source.size - 1):
            value += (1 << 8 * move.signed) - (1 << 8 * source.size)
        return value

    def write_number(self, target: Bytes, value: int) -> None:
        """Put a number into bytes; in 32 bits of a register, the rest of it becomes zero.

        Of a vector register the rest stays.
        """
        number = Number(value).bytes(0, target.size)
        vector = self.machine.place_of(target.family) is Place.VECTOR
        clears = not target.memory and target.size >= 4 and not vector
        size = WORD if clears else target.size
        self.write(replace(target, size=size), [Piece(0, size, number)], clears=clears)

    def write_sum(self, target: Bytes, value: Entry | Number | None, *, known: bool) -> None:
        """Put an address into bytes; raises InputError where it must be `known` and is not."""
        if isinstance(value, Number):
            self.write_number(target, value.value)
        elif known and (value is None or target.size < WORD):
            raise memory.indexed(target.token)
        else:
            pieces = [Piece(0, WORD, value)] if value else []
            self.write(target, pieces, clears=not target.memory)

    def calculate(self, effect: Arithmetic) -> None:
        """Calculate with numbers, combine keys, or move a pointer by a number."""
        if not all(isinstance(o, int) or not o.memory or self.sum(o) for o in effect.operands):
            raise effect.refused
        values = [o if isinstance(o, int) else self.number(o) for o in effect.operands]
        numbers = [value for value in values if value is not None]
        target, flags = effect.target, None
        if len(numbers) == len(values):
            result, flags = calculated(effect.name, effect.size * 8, numbers)
            if target is not None:
                self.write_number(target, result)
        elif target is None or not (
            (self.combines and self._combine(effect, target))
            or self._move_pointer(effect, target, numbers)
            or self._calculate_bytes(effect, target)
        ):
            raise effect.refused
        if not effect.keeps:
            self.spoil(flags)

    def _calculate_bytes(self, effect: Arithmetic, target: Bytes) -> bool:
        """Combine those bytes bit by bit that are known with a number; return whether any is."""
        first, other = (*effect.operands, 0)[:2]
        if effect.name not in BITWISE or isinstance(first, int) or not isinstance(other, int):
            return False
        found = [
            replace(piece, value=Number(calculated(
                effect.name, 8 * piece.size, (piece.value.value, other >> 8 * piece.offset)
            )[0]))
            for piece in self.read(first)
            if isinstance(piece.value, Number)
        ]  # fmt: skip
        if found:
            self.write(target, found, clears=not target.memory and target.size >= 4)
        return bool(found)

    def _combine(self, effect: Arithmetic, target: Bytes) -> bool:
        """Combine keys as bits or in a sum; return whether that is what it does."""
        operands = [o if isinstance(o, int) else self._mixture(o) for o in effect.operands]
        given = [operand for operand in operands if operand is not None]
        if len(given) < len(operands) or not self._of_keys(effect):
            return False
        found = combined(effect.name, effect.size * 8, given)
        if found is None:
            return False
        if isinstance(found, int):
            self.write_number(target, found)
            return True
        value: Operand | Mixture = found.terms[0].cell
        if not found.single:
            value, pending = found, list[Piece]()
            for term in found.terms:
                slot = term.cell if term.cell.place is None else self.slot(pending)
                if slot is not term.cell:
                    self.copy(slot, term.cell)
                pending.append(Piece(0, effect.size, slot))
                value = value.with_cell(term.key, slot)
        self.write(target, [Piece(0, effect.size, value)], clears=not target.memory)
        return True

    def _of_keys(self, effect: Arithmetic) -> bool:
        """Return whether a calculation is one of as many bits as keys have.

        Where registers hold keys extended by their sign, it is where they have as many as in
        memory, and one of each bit apart commutes with extending.
        """
        if self.shape.extends and effect.size == self.shape.key:
            return effect.name in BITWISE
        return effect.size == self.shape.cell

    def _mixture(self, where: Bytes) -> Mixture | int | None:
        """Return the number, key or mixture of keys that these bytes are; None for others."""
        number = self.number(where)
        if number is not None:
            return number
        key = self.key_in(where)
        if key is not None:
            return Mixture(True, (Term(self.answers.key(key.name), key, 1),))
        values = [p.value for p in self.read(where) if (p.offset, p.size) == (0, where.size)]
        return values[0] if values and isinstance(values[0], Mixture) else None

    def _move_pointer(self, effect: Arithmetic, target: Bytes, numbers: list[int]) -> bool:
        """Move a pointer by a number, or subtract two; return whether that is what it does."""
        signs = {"add": 1, "inc": 1, "sub": -1, "dec": -1}
        if effect.name not in signs or target.size != WORD:
            return False
        entries = [None if isinstance(o, int) else self.pointer(o) for o in effect.operands]
        pointer = next((entry for entry in entries if entry is not None), None)
        if target.memory and pointer is None:
            return False
        if effect.name == "sub" and None not in entries:
            one, other = (entry for entry in entries if entry is not None)
            if one.family != other.family:
                return False
            self.write_number(target, one.offset - other.offset)
        elif not isinstance(effect.operands[1], int) and not (
            pointer and numbers and (entries[0] or effect.name == "add")
        ):
            return False
        elif pointer is None:
            self.write(target, [], clears=True)
        else:
            moved = wrapped(pointer.offset + signs[effect.name] * numbers[0])
            self.write_sum(target, Entry(pointer.family, moved), known=False)
        return True

    def pointer(self, where: Bytes) -> Entry | None:
        """Return the entry value that these bytes are, None where they hold something else."""
        pieces = self.read(where) if where.size == WORD else []
        values = [p.value for p in pieces if (p.offset, p.size) == (0, WORD)]
        return values[0] if values and isinstance(values[0], Entry) else None

    def compared_otherwise(self, operands: Sequence[Bytes]) -> bool:
        """Return whether two numbers, or two pointers into one buffer, are compared, and do it.

        A register compared with itself counts as a pointer where it is known for one.  Which of two
        is less, as numbers without sign, is known near what the pointer pointed to on entry, since
        the first and the last page of memory hold nothing that is pointed to.
        """
        values = [self.number(operand) for operand in operands]
        numbers = [value for value in values if value is not None]
        one, other = map(self.pointer, operands)
        if len(numbers) == 2:
            self.spoil(calculated("sub", operands[0].size * 8, numbers)[1])
        elif (
            one
            and other
            and one.family == other.family
            and (one != other or one.family in self.bases)
        ):
            near = max(abs(one.offset), abs(other.offset)) < _PAGE
            below = one.offset < other.offset if near else None
            equal = one.offset == other.offset
            self.spoil(NumberFlags(zero=equal, carry=below, address=one.family))
        else:
            return False
        return True

    def rely(self, flags: NumberFlags, code: str) -> None:
        """Note where a condition holds only if a register holds an address."""
        if flags.address and code in _ON_CARRY:
            self.relied.setdefault(flags.address, self.at)

    def check_addresses(self) -> None:
        """Raise InputError where it was relied on that a register is one, and none shows it."""
        for family, at in self.relied.items():
            if family not in self.bases | {STACK}:
                raise at.fault(
                    f"this depends on whether {self.machine.whole(family)} is an address, through "
                    "which nothing is read or written",
                    "compare addresses of keys, or numbers that are known",
                )

    def spoil(self, flags: NumberFlags | None) -> None:
        """Take the flags for those of something else than keys."""
        self.spoiler, self.flags = self.at, flags
