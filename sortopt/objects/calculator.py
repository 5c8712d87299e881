"""Numbers while code is followed on symbols: counters, indices, and pointers moved by them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from sortopt.formats import Token, memory
from sortopt.model import Machine, Place
from sortopt.objects.effects import Arithmetic, Bytes, Move
from sortopt.objects.numbers import NumberFlags, calculated, wrapped
from sortopt.objects.places import Entry, Number, Piece, Places
from sortopt.objects.shape import WORD, Shape

_PAGE = 4096
"""The least size of a page, in bytes."""


class Calculator(Places, ABC):
    """Places whose numbers are calculated with; `flags` are those of a number, where known.

    Sound because a result is written only where all of its operands are known, and everything else
    overwrites what was known before, or is refused.
    """

    def __init__(self, shape: Shape, machine: Machine, pointers: frozenset[str] | None) -> None:
        """Begin as `Places` does; `spoiler` is what set the flags last, if not to those of keys."""
        super().__init__(shape, machine, pointers)
        self.spoiler: Token | None = None
        self.flags: NumberFlags | None = None

    @abstractmethod
    def write(self, where: Bytes, pieces: list[Piece], *, clears: bool) -> None:
        """Put `pieces`, offsets counted from its beginning, into a stretch of bytes."""

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
        """Put a number into bytes; in 32 bits of a register, the rest of it becomes zero."""
        number = Number(value).bytes(0, target.size)
        clears = not target.memory and target.size >= 4
        size = WORD if clears else target.size
        self.write(replace(target, size=size), [Piece(0, size, number)], clears=clears)

    def write_sum(self, target: Bytes, value: Entry | Number | None, *, known: bool) -> None:
        """Put an address into a register; raises InputError where it must be `known` and is not."""
        if isinstance(value, Number):
            self.write_number(target, value.value)
        elif known and (value is None or target.size < WORD):
            raise memory.indexed(target.token)
        else:
            self.write(target, [Piece(0, WORD, value)] if value else [], clears=True)

    def calculate(self, effect: Arithmetic) -> None:
        """Calculate with numbers, or move a pointer by one."""
        known = [isinstance(o, int) or not o.memory or self.sum(o) for o in effect.operands]
        if not all(known):
            raise effect.refused
        values = [o if isinstance(o, int) else self.number(o) for o in effect.operands]
        numbers = [value for value in values if value is not None]
        if len(numbers) == len(values):
            result, flags = calculated(effect.name, effect.size * 8, numbers)
            if effect.target is not None:
                self.write_number(effect.target, result)
            if not effect.keeps:
                self.spoil(flags)
            return
        target, signs = effect.target, {"add": 1, "inc": 1, "sub": -1, "dec": -1}
        if effect.name not in signs or target is None or target.memory or target.size != WORD:
            raise effect.refused
        entries = [None if isinstance(o, int) else self._pointer(o) for o in effect.operands]
        pointer = next((entry for entry in entries if entry is not None), None)
        if effect.name == "sub" and None not in entries:
            one, other = (entry for entry in entries if entry is not None)
            if one.family != other.family:
                raise effect.refused
            self.write_number(target, one.offset - other.offset)
        elif not isinstance(effect.operands[1], int) and not (
            pointer and numbers and (entries[0] or effect.name == "add")
        ):
            raise effect.refused
        elif pointer is None:
            self.write(target, [], clears=True)
        else:
            moved = wrapped(pointer.offset + signs[effect.name] * numbers[0])
            self.write_sum(target, Entry(pointer.family, moved), known=False)
        if not effect.keeps:
            self.spoil(None)

    def _pointer(self, where: Bytes) -> Entry | None:
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
        one, other = map(self._pointer, operands)
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
            self.spoil(NumberFlags(zero=one.offset == other.offset, carry=below))
        else:
            return False
        return True

    def spoil(self, flags: NumberFlags | None) -> None:
        """Take the flags for those of something else than keys."""
        self.spoiler, self.flags = self.at, flags
