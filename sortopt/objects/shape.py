"""What the instructions of some code show of its keys: their size, and where they are held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sortopt.formats import first_with, mixed
from sortopt.model import Action, Isa, Machine, Place
from sortopt.objects.effects import Bytes, Compute, Effect, Move
from sortopt.targets import ISAS

STACK = "sp"
"""The family of the stack pointer."""
WORD = 8
"""The size of an address, in bytes."""
VECTOR = 16
"""The size of a vector register, in bytes."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The instruction set of some code, and how many bytes a key takes in registers and memory.

    `scalar` says that a vector register has room for several keys.
    """

    isa: Isa
    key: int
    cell: int

    @property
    def scalar(self) -> bool:
        """Whether a vector register has room for several keys."""
        return self.isa.place is Place.VECTOR and self.key < VECTOR

    @property
    def extends(self) -> bool:
        """Whether registers hold keys extended by their sign, from the size they have in memory."""
        return self.cell < self.key


def shape_of(effects: Sequence[Effect], machine: Machine) -> Shape:
    """Return what the instructions of some code show.

    Vector registers hold one key a lane; where they are always moved as a whole, but for saving a
    part on the stack, all lanes are sorted alike, and the register counts as one key.  Raises
    InputError where keys of two widths are compared, and for instructions that no set has all of.
    """
    computing = [e for e in effects if isinstance(e, Compute)]
    forms = [e.parsed.mnemonic.form for e in computing]
    isa = first_with(forms) if forms else _first(machine)
    if isa is None:
        raise mixed([e.parsed for e in computing])
    moves = [e for e in effects if isinstance(e, Move)]
    if isa.place is Place.VECTOR:
        through = [
            m for m in moves
            if any(_in_vector(machine, b) for b in _bytes(m)) and not _saves(m, machine)
        ]  # fmt: skip
        whole = all({b.size for b in _bytes(m)} == {VECTOR} for m in through)
        bits = next((f.bits for f in forms if f.bits), None)
        whole = whole and not any(f.writes_flags for f in forms)
        size = VECTOR if whole or bits is None else bits // 8
        return Shape(isa, size, size)
    comparing = [e for e in computing if e.parsed.mnemonic.form.action is not Action.SELECT]
    for effect in comparing:
        _check_one_width(effect, comparing[0])
    sizes = [e.operands[0].size for e in comparing or computing]
    if not comparing:
        sizes += [m.target.size for m in moves if m.target.size in (4, 8)]
    size = min(sizes, default=4)
    if machine.tells_width(machine.registers[isa.registers[0]]):
        return Shape(isa, size, size)
    loaded = [b.size for m in moves for b in _bytes(m) if b.memory]
    return Shape(isa, WORD, min(loaded, default=WORD))


def _first(machine: Machine) -> Isa:
    """Return the first set of a processor family, whatever the calling convention."""
    return next(i for i in ISAS.values() if i.machine.architecture == machine.architecture)


def _bytes(move: Move) -> list[Bytes]:
    return [move.target, *(source for _, source in move.parts)]


def _in_vector(machine: Machine, found: Bytes) -> bool:
    return not found.memory and machine.place_of(found.family) is Place.VECTOR


def _saves(move: Move, machine: Machine) -> bool:
    """Return whether a move saves a register that a caller expects back, or restores it."""
    saved = any(b.family in machine.saved for b in _bytes(move) if not b.memory)
    return saved and any(b.memory and b.family == STACK for b in _bytes(move))


def _check_one_width(effect: Compute, first: Compute) -> None:
    size, wanted = (e.operands[0].size * 8 for e in (effect, first))
    if size != wanted:
        word, other = effect.parsed.token, first.parsed.token
        raise word.fault(
            f"{word.text.lower()} works on {size} bits, but {other.text.lower()} in line "
            f"{other.line} on {wanted}",
            "keys have one width; compare, load and store them at that width throughout",
        )
