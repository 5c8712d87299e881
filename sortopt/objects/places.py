"""What registers, the stack and buffers hold while code is run on symbols."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sortopt.base import InputError
from sortopt.formats import Operand, Token, memory, register
from sortopt.model import Machine, Place
from sortopt.objects.effects import Bytes
from sortopt.objects.mixtures import Mixture
from sortopt.objects.numbers import wrapped
from sortopt.objects.shape import STACK, VECTOR, WORD, Shape

FRAME = "frame"
"""How the stack behind its pointer on entry is called as a place."""
RETURN = "return to "
"""How the families are called of addresses to which calls come back; no register is of them."""
UPPER = "upper half of "
"""How the families are called of what the upper halves of vector registers held on entry."""
LENGTH = "length"
"""How the word of a buffer that holds its length is called as a place."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the register `family` held on entry, plus `offset`."""

    family: str
    offset: int


@dataclass(frozen=True, slots=True)
class Number:
    """A number that is known, without sign."""

    value: int

    def bytes(self, first: int, count: int) -> Number:
        """Return the number that `count` bytes are, from the byte numbered `first`, least first."""
        return Number(self.value >> 8 * first & (1 << 8 * count) - 1)


@dataclass(frozen=True, slots=True)
class Known:
    """A number that is known on entry: in the register `family`, or in the word it points to.

    A register holds it in its first `size` bytes; or it points to so many keys behind `base`.
    """

    family: str
    value: int
    size: int = WORD
    memory: bool = False
    base: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """`size` bytes at `offset` of some place, and what they hold.

    That is an entry value, a number, or the key in a cell: of the register itself, of a buffer, or
    of a slot that stands for what is kept elsewhere and is never written while any piece names it.
    Where registers hold keys extended by their sign, a piece of less than their size is a key as it
    is in memory.
    Or it is a mixture of keys in slots; then a sum of their size is one of the size of keys in
    memory, whose sign is extended.
    """

    offset: int
    size: int
    value: Entry | Number | Operand | Mixture

    def outside(self, start: int, end: int) -> Iterator[Piece]:
        """Yield what is left of it once the bytes from `start` to `end` are overwritten."""
        last = self.offset + self.size
        if last <= start or end <= self.offset:
            yield self
        elif isinstance(self.value, Number):
            for first, behind in ((self.offset, start), (end, last)):
                if first < behind:
                    part = self.value.bytes(first - self.offset, behind - first)
                    yield Piece(first, behind - first, part)

    @property
    def cells(self) -> list[Operand]:
        """The cells that it names."""
        if isinstance(self.value, Mixture):
            return [term.cell for term in self.value.terms]
        return [self.value] if isinstance(self.value, Operand) else []


class Places:
    """What each place holds, and which instruction wrote it last.

    Sound because the stack below its pointer on entry is the function's own, so that no buffer
    that a caller hands over can overlap it; all other stack is refused.  Source: System V
    Application Binary Interface, AMD64, section 3.2.
    """

    def __init__(self, shape: Shape, machine: Machine, pointers: frozenset[str] | None) -> None:
        """Begin with an empty stack.

        The registers of the families `pointers` hold what they held on entry, others a key; None
        stands for all families.  `known` is a number that is known on entry.
        """
        self.shape = shape
        self.machine = machine
        self.pointers = pointers
        self.known: Known | None = None
        self.held: dict[str, list[Piece]] = {}
        self.writer: dict[str, Token] = {}
        self.bases: set[str] = set()
        self.aligned: dict[tuple[str, int], Token] = {}
        """What has to be at a multiple of 16: a register on entry plus a number, and for what."""
        self.at: Token

    def pieces(self, space: str) -> list[Piece]:
        """Return what a register, or the stack behind its pointer on entry, holds."""
        if space not in self.held:
            self.held[space] = [*self._on_entry(space)]
        return self.held[space]

    def _on_entry(self, space: str) -> Iterator[Piece]:
        place, known = self.machine.place_of(space), self.known
        if known and known.base and space == known.family:
            yield Piece(0, WORD, Entry(known.base, known.value * self.shape.cell))
        elif known and space == (LENGTH if known.memory else known.family):
            size = self.shape.cell if known.memory else known.size
            yield Piece(0, size, Number(known.value))
        elif space == self.machine.zero:
            yield Piece(0, WORD, Number(0))
        elif self._is_entry(space):
            yield from self.given(space)
        elif place is self.shape.isa.place and self._can_hold_key(space):
            yield Piece(0, self.shape.key, self.own(space, self.at))

    def _is_entry(self, family: str) -> bool:
        """Return whether a register holds, where nothing wrote it, what it held on entry."""
        named = self.pointers is None or family in self.pointers
        general = self.machine.place_of(family) is Place.REGISTER
        return named and (general or family in self.machine.saved)

    def given(self, family: str) -> list[Piece]:
        """Return what a register held on entry, as far as a caller may expect it back."""
        found = [Piece(0, WORD, Entry(family, 0))]
        vector = self.machine.place_of(family) is Place.VECTOR
        if vector and self.machine.saved_bytes > WORD:
            found.append(Piece(WORD, WORD, Entry(f"{UPPER}{family}", 0)))
        return found

    def _can_hold_key(self, family: str) -> bool:
        return self.machine.registers[self.machine.part(family, self._bits)].obstacle is None

    @property
    def _bits(self) -> int:
        """The width of a register as keys name it."""
        return self.shape.isa.register_bits(self.shape.key * 8)

    def own(self, family: str, token: Token) -> Operand:
        """Return the cell that is the register `family` itself."""
        return register(token, self.machine.part(family, self._bits), "", self.machine)

    def entry(self, family: str) -> Entry | None:
        """Return the entry value in a whole register; None where it holds something else."""
        values = [p.value for p in self.pieces(family) if (p.offset, p.size) == (0, WORD)]
        return values[0] if values and isinstance(values[0], Entry) else None

    def key_in(self, where: Bytes) -> Operand | None:
        """Return the cell that holds the key which these bytes are; None where they are none."""
        held = [p.value for p in self.read(where) if (p.offset, p.size) == (0, where.size)]
        return held[0] if held and isinstance(held[0], Operand) else None

    def number(self, where: Bytes) -> int | None:
        """Return the number that these bytes are known to be, without sign; None where not."""
        value, end = 0, 0
        for piece in sorted(self.read(where), key=lambda piece: piece.offset):
            if piece.offset != end or not isinstance(piece.value, Number):
                return None
            value |= piece.value.value << 8 * end
            end += piece.size
        return value if end == where.size else None

    def sum(self, where: Bytes, size: int = WORD) -> Entry | Number | None:
        """Return what base, offset and scaled index of an address amount to, where it is known.

        Of a number its first `size` bytes are wanted.  Sound because addresses are calculated
        modulo 2**64, as here, and those bytes depend on no others.
        """
        base, total = None, where.offset
        for family, scale in ((where.family, 1), (where.index, where.scale)):
            found = self.entry(family) if family else None
            known = self.number(Bytes(family, 0, size, where.token)) if family else 0
            if known is not None:
                total += known * scale
            elif found is None or base is not None or scale != 1:
                return None
            else:
                base = found
        total += base.offset if base else 0
        return Entry(base.family, wrapped(total)) if base else Number(total % (1 << 64))

    def place(self, where: Bytes) -> tuple[str, int]:
        """Return the register on entry, and the offset from it, that memory is addressed by."""
        found = self.sum(where)
        if where.index and not isinstance(found, Entry):
            raise memory.indexed(where.token)
        family = found.family if isinstance(found, Entry) else ""
        if not isinstance(found, Entry) or self.machine.place_of(family) is not Place.REGISTER:
            raise where.token.fault(
                f"{self.machine.part(where.family, 64)} holds no address that is known here"
                f"{self.story(where)}",
                "the cells of a kernel must be known before it runs",
            )
        offset = found.offset
        if where.aligned:
            self.aligned.setdefault((found.family, offset % VECTOR), self.at)
        if found.family != STACK:
            self.bases.add(found.family)
            return (LENGTH if self._of_length(where, found) else found.family), offset
        top = self.entry(STACK)
        home = WORD <= offset <= WORD + self.machine.home - where.size
        if offset + where.size > 0 and not home:
            raise where.token.fault(
                "this addresses the stack of the caller, which is outside the model",
                "a kernel's keys are in registers or in a buffer whose address is in one",
            )
        if top is None or offset < top.offset - self.machine.red_zone:
            raise where.token.fault("this addresses the stack where it may be overwritten")
        return STACK, offset

    def _of_length(self, where: Bytes, found: Entry) -> bool:
        """Return whether an access is one of the word that holds the length, and of no key."""
        if not self.known or not self.known.memory or self.known.family != found.family:
            return False
        first, end = found.offset, found.offset + where.size
        if first < 0 < end or first < self.shape.cell < end:
            raise where.token.fault(
                f"this takes the length, {self.shape.cell} bytes, together with what is beside it",
                "load and store the length and the keys each on their own",
            )
        return 0 <= first < self.shape.cell

    def story(self, where: Bytes) -> str:
        """Return, as a clause, why nothing is known of a register; "" where that is not known."""
        if where.memory and self.entry(where.family) is not None:
            return ""
        writer = self.writer.get(where.family)
        return f": line {writer.line} overwrote it" if writer else ""

    def shrink(self) -> None:
        """Forget what lies so far below the stack pointer that it may be overwritten."""
        top = self.entry(STACK)
        end = top.offset - self.machine.red_zone if top else 0
        self.held[FRAME] = [p for p in self.pieces(FRAME) if p.offset >= end]

    # Reading

    def read(self, where: Bytes) -> list[Piece]:
        """Return what is known of a stretch of bytes, offsets counted from its beginning."""
        if not where.memory:
            return self._within(where.family, where.offset, where)
        base, offset = self.place(where)
        if base in (STACK, LENGTH):
            return self._within(FRAME if base == STACK else base, offset, where)
        return [
            Piece(i * self.shape.key, self.shape.key, cell)
            for i, cell in enumerate(self.cells(where, base, offset))
        ]

    def _within(self, space: str, start: int, where: Bytes) -> list[Piece]:
        found, end = [], start + where.size
        for piece in self.pieces(space):
            if start <= piece.offset and piece.offset + piece.size <= end:
                found.append(replace(piece, offset=piece.offset - start))
                continue
            apart = piece.offset + piece.size <= start or end <= piece.offset
            if not apart and isinstance(piece.value, Operand | Mixture):
                narrowed = self.shape.extends and where.size == self.shape.cell
                if narrowed and (piece.offset, piece.size) == (start, self.shape.key):
                    value = piece.value
                    lower = value.narrowed(where.size * 8) if isinstance(value, Mixture) else value
                    found.append(Piece(0, where.size, lower))
                elif isinstance(piece.value, Operand):
                    raise self.cut(where)
            if not apart and isinstance(piece.value, Number):
                low, high = max(start, piece.offset), min(end, piece.offset + piece.size)
                part = piece.value.bytes(low - piece.offset, high - low)
                found.append(Piece(low - start, high - low, part))
        return found

    def cells(self, where: Bytes, base: str, offset: int) -> list[Operand]:
        """Return the cells of a buffer that an access covers."""
        size = self.shape.cell
        if where.size % size:
            raise self.cut(where)
        name = self.machine.part(base, 64)
        return [
            memory.cell(where.token, name, at, size * 8, memory.EXAMPLE, self.machine)
            for at in range(offset, offset + where.size, size)
        ]

    def cut(self, where: Bytes) -> InputError:
        """Return the error for an access that is not of whole keys."""
        if where.size == self.shape.cell < self.shape.key:
            return where.token.fault(
                f"this takes {where.size * 8} of the {self.shape.key * 8} bits that hold a key",
                "compile with -O1 or more, so that keys stay in registers",
            )
        bits = where.size * 8
        keys = f"this takes {bits} bits, but keys are {self.shape.cell * 8} bits wide"
        if where.size == self.shape.cell:
            keys = f"the {bits} bits that this takes are parts of two places, and no key"
        return where.token.fault(keys, "compare and move whole keys")
