"""Lifting: what is left of some code once the moves around its kernel are taken off.

The code is run on symbols.  Each stretch of bytes in a register or on the stack holds a key, or
what a register held on entry plus a number: so saved registers, spills, copied pointers and
computed addresses are followed to where they come from, and every access of memory is one of a
cell of a buffer, by its address on entry.  What remains compares and moves keys.

A table of our own over decoded instructions (`effects`) does this in a few hundred lines, in which
an instruction is followed exactly or refused; libraries that lift code to an intermediate language
weigh hundreds of megabytes, need a Z3 of their own, and leave all that is above to be done.

Sound because every value that is followed is exact, and what is not known is refused when read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from sortopt.formats import Mnemonic, Operand, Parsed, Settled, Token
from sortopt.model import Action, Breach, Form, Machine, Place
from sortopt.objects.alignment import aligned_buffers, misaligned
from sortopt.objects.calculator import Calculator
from sortopt.objects.effects import (
    Address,
    Arithmetic,
    Bytes,
    Compute,
    Constant,
    Effect,
    Move,
    Overwrite,
    SpoilFlags,
    read_by,
)
from sortopt.objects.mixtures import Mixture
from sortopt.objects.places import FRAME, LENGTH, Entry, Piece
from sortopt.objects.shape import STACK, VECTOR, WORD, Shape, shape_of

Instructions = Sequence[tuple[Token, Sequence[Effect]]]
"""Decoded instructions: where each stands, and what it does."""

LEFT_TO_CALLER = "what the function leaves to its caller"
"""The rule that a function breaks which changes what its caller expects back."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """A kernel's instructions, those that were taken off, and what the code does not keep to."""

    settled: Settled
    removed: tuple[Token, ...]
    breaches: tuple[Breach, ...]

    @property
    def notes(self) -> Iterator[str]:
        """What a reader of the verdict should know of the lifting."""
        if self.removed:
            words = dict.fromkeys(token.text.lower() for token in self.removed)
            count = len(self.removed)
            yield (
                f"{count} instruction{'s' * (count > 1)} around the kernel taken off "
                f"({', '.join(words)}); --lifted shows them"
            )


def lift(instructions: Instructions, machine: Machine, *, returns: bool, distinct: bool) -> Lifted:
    """Return the kernel that some code is, a whole function where it `returns`.

    `distinct` says that buffers behind different pointers do not overlap.  Raises InputError at the
    first instruction that is not understood.
    """
    shape = shape_of([e for _, effects in instructions for e in effects], machine)
    survey = Run(shape, machine, None)
    survey.follow(instructions)
    kept = frozenset(machine.saved if returns else survey.spilled) - survey.compared
    run = Run(shape, machine, kept.union(survey.bases, (STACK, machine.link)))
    run.follow(instructions)
    breaches = tuple(run.breaches(returns=returns))
    aligned = aligned_buffers(run.aligned, machine)
    settled = Settled(tuple(run.program), shape.cell * 8, run.lost(), distinct, aligned)
    return Lifted(settled, tuple(run.removed), breaches)


class Run(Calculator):
    """One run of some code on symbols."""

    def __init__(self, shape: Shape, machine: Machine, pointers: frozenset[str] | None) -> None:
        """Begin with an empty stack and no instruction.

        The registers of the families `pointers` hold what they held on entry, others a key; None
        stands for a survey, which finds out through which registers memory is accessed.
        """
        super().__init__(shape, machine, pointers)
        self.compared: set[str] = set()
        self.spilled: set[str] = set()
        self.program: list[Parsed] = []
        self.removed: list[Token] = []
        self.earlier: dict[str, Token] = {}
        self.late: dict[tuple[str, str], tuple[Token, Token]] = {}

    def begin(self, at: Token, *, watched: bool) -> None:
        """Begin with an instruction; what was written before counts as earlier, if `watched`."""
        self.at = at
        if watched:
            self.earlier = dict(self.writer)

    def apart(self) -> Run:
        """Return a run that goes on from here on its own, with an empty program."""
        twin = Run(self.shape, self.machine, self.pointers)
        twin.held = {place: [*pieces] for place, pieces in self.held.items()}
        twin.writer, twin.bases, twin.aligned = dict(self.writer), self.bases, dict(self.aligned)
        twin.spoiler, twin.flags, twin.answers = self.spoiler, self.flags, self.answers.copy()
        twin.combines, twin.known = self.combines, self.known
        twin.earlier, twin.late, twin.relied = self.earlier, self.late, self.relied
        return twin

    def follow(self, instructions: Instructions) -> None:
        """Run the instructions; raises InputError at the first that is not understood."""
        for self.at, effects in instructions:
            before = len(self.program)
            for effect in effects:
                for read in read_by(effect).difference(self.earlier) if self.earlier else ():
                    found = {(w, read): (token, self.at) for w, token in self.earlier.items()}
                    self.late.update(found)
                self._follow(effect)
                self.shrink()
            if len(self.program) == before and effects:
                self.removed.append(self.at)

    def _follow(self, effect: Effect) -> None:
        match effect:
            case Move(target, parts, clears):
                pieces = [
                    replace(piece, offset=piece.offset + start)
                    for start, source in parts
                    for piece in self.read(source)
                ]
                if effect.signed and self.shape.extends:
                    pieces = [*map(self._widened, pieces)]
                number = self.extended(effect)
                if number is not None:
                    self.write_number(replace(target, size=WORD), number)
                else:
                    self.write(target, pieces, clears=clears)
            case Address(target, base, offset, index, scale):
                where = Bytes(base, offset, WORD, target.token, False, index, scale)
                found = self.sum(where, target.size)
                self.write_sum(target, found, known=bool(index) or target.size < WORD)
            case Constant(target, value):
                self.write_number(target, value)
            case Arithmetic():
                self.calculate(effect)
            case Overwrite(target):
                self.write(target, [], clears=False)
            case SpoilFlags():
                self.spoil(None)
            case Compute(parsed, operands):
                self._compute(parsed, operands)

    # Keys

    def _key(self, where: Bytes) -> Operand:
        """Return the cell that holds the key which these bytes are; raises InputError."""
        size = self.shape.key
        if where.size != size and not (self.shape.scalar and where.size == VECTOR):
            raise self.cut(where)
        key = self.key_in(replace(where, size=size))
        if key is not None:
            return replace(key, token=where.token)
        if self.pointers is None:
            self.compared |= {found.family} if (found := self.entry(where.family)) else set()
            if where.memory or self.machine.place_of(where.family) is None:  # memory just loaded
                return self.slot([])
            return self.own(where.family, where.token)
        raise where.token.fault(
            f"this holds no key that is known{self.story(where)}",
            "a kernel only compares and moves keys",
        )

    def _widened(self, piece: Piece) -> Piece:
        """Return what a piece is once its sign has extended it to a whole register."""
        value, bits = piece.value, self.shape.key * 8
        if piece.size != self.shape.cell or not isinstance(value, Operand | Mixture):
            return piece
        if isinstance(value, Mixture):
            value = value.widened(piece.size * 8, bits)
        return Piece(piece.offset, self.shape.key, value)

    # Writing

    def _emit(self, form: Form, *operands: Operand) -> None:
        mnemonic = Mnemonic(self.shape.isa, form, self.shape.cell * 8)
        self.program.append(Parsed(mnemonic, self.at, operands))
        self.answers.follow(self.program[-1])

    def copy(self, target: Operand, source: Operand) -> None:
        """Copy a key from cell to cell."""
        isa = self.shape.isa
        only = isa.place is Place.VECTOR and self.shape.scalar
        places = tuple(isa.place if only else o.place or isa.place for o in (target, source))
        form = isa.find(Action.COPY, places=places, bits=self.shape.cell * 8)
        if form is None:
            raise self.at.fault(f"{isa.name} has no instruction that moves a key so")
        self._emit(form, target, source)

    def slot(self, pending: Iterable[Piece]) -> Operand:
        """Return the first slot that no piece names."""
        pieces = [*pending, *(p for held in self.held.values() for p in held)]
        used = {cell.name for piece in pieces for cell in piece.cells}
        name = next(name for n in count(1) if (name := f"slot{n}") not in used)
        return Operand(name, name, self.at)

    def _kept(self, pieces: list[Piece], first: Piece | None) -> list[Piece]:
        """Return `pieces` with every key but `first` in a slot."""
        kept = list(pieces)
        for number, piece in enumerate(pieces):
            if not isinstance(piece.value, Operand) or piece is first or piece.value.place is None:
                continue
            slot = self.slot(kept)
            self.copy(slot, piece.value)
            kept[number] = replace(piece, value=slot)
        return kept

    def write(self, where: Bytes, pieces: list[Piece], *, clears: bool) -> None:
        """Put `pieces`, offsets counted from its beginning, into a stretch of bytes."""
        space, start, first = where.family, where.offset, None
        if where.memory:
            space, start = self.place(where)
            if space not in (STACK, LENGTH):
                self._store(where, space, start, pieces)
                return
            space = FRAME if space == STACK else LENGTH
            self.spilled |= {p.value.family for p in pieces if isinstance(p.value, Entry)}
        elif space == self.machine.zero:
            return
        elif self.machine.place_of(space) is self.shape.isa.place and start == 0:
            sizes = (0, self.shape.key)
            first = next((p for p in pieces if (p.offset, p.size) == sizes), None)
        if any(p.offset + p.size > where.size for p in pieces):
            raise self.cut(where)
        kept = self._kept(pieces, first)
        if first is not None and isinstance(first.value, Operand):
            own = self.own(space, where.token)
            if len(pieces) == 1 or own.name != first.value.name:
                self.copy(own, first.value)
            kept = [replace(p, value=own) if p is first else p for p in kept]
        self.writer[space] = self.at
        before = [] if clears else self.pieces(space)
        rest = [r for piece in before for r in piece.outside(start, start + where.size)]
        self.held[space] = [*rest, *(replace(p, offset=p.offset + start) for p in kept)]

    def _store(self, where: Bytes, base: str, start: int, pieces: list[Piece]) -> None:
        """Copy keys to the cells of a buffer."""
        sizes = (self.shape.key, self.shape.cell)
        by_offset = {p.offset: p.value for p in pieces if p.size in sizes}
        for number, cell in enumerate(self.cells(where, base, start)):
            value = by_offset.get(number * self.shape.key)
            if isinstance(value, Operand):
                self.copy(cell, value)
            elif self.pointers is not None:
                raise where.token.fault(
                    "what this stores into the buffer is no key that is known",
                    "a kernel only compares and moves keys",
                )

    # Comparing

    def _compute(self, parsed: Parsed, operands: Sequence[Bytes]) -> None:
        form, isa = parsed.mnemonic.form, parsed.mnemonic.isa
        if form.action is Action.SELECT and self.spoiler is not None:
            word = self.spoiler
            raise parsed.token.fault(
                f"{parsed.token.text.lower()} reads flags that {word.text.lower()} in line "
                f"{word.line} left",
                "a kernel selects by what its last cmp found",
            )
        if form.target is None and not isa.floating and self.compared_otherwise(operands):
            return
        if isa.floating != self.shape.isa.floating:
            raise parsed.token.fault(
                f"{parsed.token.text.lower()} reads keys as numbers of another kind than the rest "
                "of the code",
                "keys are integers or floating-point numbers; read them as the same throughout",
            )
        if form.target is None:
            self._emit(form, *map(self._key, operands))
            self.spoiler = None
            self.flags = None
            return
        lanes: list[Piece] = []
        if self.shape.scalar:
            operands = [self._loaded(o) for o in operands]
            lanes = [*self._lanes(form, operands)]
        target = operands[form.target]
        self._emit(
            form,
            *(
                self._key(o) if i in form.arguments else self.own(o.family, o.token)
                for i, o in enumerate(operands)
            ),
        )
        self.writer[target.family] = self.at
        first = Piece(0, self.shape.key, self.own(target.family, target.token))
        self.held[target.family] = [first, *lanes]

    def picks_keys(self, select: Compute) -> bool:
        """Return whether an instruction picks one of two keys by how two keys compared."""
        form, operands = select.parsed.mnemonic.form, select.operands
        keys = (self.key_in(operands[i]) is not None for i in form.arguments)
        known = self.spoiler is None and self.answers.compared
        return known and not self.shape.isa.floating and all(keys)

    def _loaded(self, where: Bytes) -> Bytes:
        """Return where the keys of a memory operand are once all of it is read."""
        if not where.memory or where.size == self.shape.key:
            return where
        loaded = replace(where, family="loaded", offset=0, memory=False)
        self.write(loaded, self.read(where), clears=True)
        return loaded

    def _lanes(self, form: Form, operands: Sequence[Bytes]) -> Iterator[Piece]:
        """Do in slots what an instruction does to keys in lanes behind the first; yield them."""
        found = [
            {p.offset: p.value for p in self.read(o) if isinstance(p.value, Operand)}
            for o in (operands[i] for i in form.arguments)
        ]
        done: list[Piece] = []
        for lane in sorted(set(found[0]) & set(found[1]) - {0}):
            slot = self.slot(done)
            if len(operands) == 2:
                self.copy(slot, found[0][lane])
                self._emit(form, slot, found[1][lane])
            else:
                self._emit(form, slot, found[0][lane], found[1][lane])
            done.append(Piece(lane, self.shape.key, slot))
        yield from done

    # What is left at the end

    def lost(self) -> dict[str, Token]:
        """Return the registers that no longer hold what their cells do, and what overwrote them."""
        return {
            family: self.writer[family]
            for family in self.writer
            if self.machine.place_of(family) is self.shape.isa.place
            and not any(p.offset == 0 and isinstance(p.value, Operand) for p in self.held[family])
        }

    def breaches(self, *, returns: bool) -> Iterator[Breach]:
        """Yield what the caller of a function does not find as it left it; raises InputError.

        Code that is no function must leave the stack pointer as it was.
        """
        if STACK in self.writer and self.entry(STACK) != Entry(STACK, 0):
            raise self.writer[STACK].fault(
                "the stack pointer is not what it was on entry when the code ends",
                "pop and add as many bytes as were pushed and subtracted",
            )
        link = self.machine.link
        if returns and link in self.writer and self.entry(link) != Entry(link, 0):
            raise self.writer[link].fault(
                "the function returns to another place than it was called from",
                f"restore {link} before it returns",
            )
        if LENGTH in self.writer and self.known:
            word = Bytes(LENGTH, 0, self.shape.cell, self.writer[LENGTH])
            if self.number(word) != self.known.value:
                yield Breach(
                    "the function overwrites the length, which its caller expects back",
                    "leave the word that holds the length as it is",
                    self.writer[LENGTH].line,
                    LEFT_TO_CALLER,
                )
        yield from misaligned(self.aligned, self.machine, returns=returns)
        for family in self.machine.saved if returns else ():
            written = self.writer.get(family)
            held = self.pieces(family)
            if written is not None and not all(piece in held for piece in self.given(family)):
                name = self.machine.whole(family)
                yield Breach(
                    f"the function overwrites {name}, which its caller expects back",
                    f"save {name} before, and restore it at the end, or use another register",
                    written.line,
                    LEFT_TO_CALLER,
                )
