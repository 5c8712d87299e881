"""What decoded instructions do, in the few words that lifting needs: moves, addresses, the rest.

A table a processor family (`x86_effects`, `gnu_effects`) says this of each instruction that it
knows; one that is in no table is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sortopt.base import InputError
from sortopt.formats import Mnemonic, Operand, Parsed, Token
from sortopt.model import Condition


@dataclass(frozen=True, slots=True)
class Bytes:
    """A stretch of `size` bytes at `offset` of the register `family`, or of what it points to.

    `aligned` says that the processor faults where they are not at a multiple of their size.
    """

    family: str
    offset: int
    size: int
    token: Token
    memory: bool = False
    index: str = ""
    scale: int = 1
    aligned: bool = False

    def cut(self, size: int, at: int = 0) -> Bytes:
        """Return `size` of the bytes, from the one numbered `at`."""
        return replace(self, offset=self.offset + at, size=size)


Source = tuple[int, int] | None
"""Which operand, and which of its bytes, begins a part of a result; None for no key."""
_LARGEST = 8
"""The largest part of a vector that moves as one, in bytes."""


def joined(sources: Sequence[Source], size: int) -> tuple[int, Sequence[Source]]:
    """Return the parts of a result, two as one where all are neighbours as in their sources.

    With their size in bytes.
    """
    pairs = [*zip(sources[::2], sources[1::2], strict=False)]
    behind = [None if one is None else (one[0], one[1] + size) for one, _ in pairs]
    plain = len(sources) % 2 == 0 and behind == [other for _, other in pairs]
    return joined(sources[::2], 2 * size) if plain and size < _LARGEST else (size, sources)


@dataclass(frozen=True, slots=True)
class Move:
    """Bytes copied as they are: each source to its offset in `target`, all at once.

    `clears` says that the rest of the register is overwritten too; where the bytes are a number,
    it is extended by its sign to `signed` bytes, and by zeros beyond.
    """

    target: Bytes
    parts: tuple[tuple[int, Bytes], ...]
    clears: bool = False
    signed: int = 0


@dataclass(frozen=True, slots=True)
class Address:
    """A register becomes what another one holds, and `offset`, and `scale` times a third one."""

    target: Bytes
    base: str
    offset: int
    index: str = ""
    scale: int = 1


@dataclass(frozen=True, slots=True)
class Constant:
    """Bytes become a number."""

    target: Bytes
    value: int


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Calculate with numbers, to `target` where there is one.

    The flags are those of the result, unless it `keeps` them.  `refused` is the error where an
    operand is not known to be a number.
    """

    name: str
    target: Bytes | None
    operands: tuple[Bytes | int, ...]
    size: int
    refused: InputError
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Overwrite:
    """Bytes of a register become what is no key and no address."""

    target: Bytes


@dataclass(frozen=True, slots=True)
class SpoilFlags:
    """The flags become those of something else than comparing two keys."""


@dataclass(frozen=True, slots=True)
class Compute:
    """An instruction of the model that is no move; its operands as bytes, destination first."""

    parsed: Parsed
    operands: tuple[Bytes, ...]

    @classmethod
    def of(cls, mnemonic: Mnemonic, token: Token, operands: Iterable[Bytes]) -> Compute:
        """Return it with operands of the widths they have; lifting puts cells in their places."""
        found = tuple(operands)
        written = tuple(Operand("", "", each.token, each.size * 8) for each in found)
        return cls(Parsed(mnemonic, token, written), found)


Effect = Move | Address | Constant | Arithmetic | Overwrite | SpoilFlags | Compute


def read_by(effect: Effect) -> set[str]:
    """Return the families of the registers that an effect reads, also to address memory."""
    read: list[Bytes | int] = []
    named = set[str]()
    match effect:
        case Move(target, parts):
            read, others = [source for _, source in parts], [target]
        case Address(target, base, _, index):
            named, others = {base, index}, [target]
        case Arithmetic(_, written, operands):
            read, others = [*operands], [] if written is None else [written]
        case Compute(parsed, places):
            read = [places[i] for i in parsed.mnemonic.form.arguments]
            others = [*places]
        case Constant(target) | Overwrite(target):
            others = [target]
        case SpoilFlags():
            others = []
    read += [each for each in others if each.memory]
    found = [each for each in read if isinstance(each, Bytes)]
    return named.union(*({each.family, each.index} for each in found)) - {""}


@dataclass(frozen=True, slots=True)
class Turn:
    """Where code goes on in one of two ways: a jump, or an instruction that a condition decides.

    It goes on at `target`, None for the next instruction, where `code` holds, as `numbers.holds`
    names conditions, "" for always; `condition` is what that says of the order of two keys, None
    where nothing, and `floats` what of floating-point keys.  `before` is done first, and where it
    `keeps` them, the flags are afterwards what they were; `taken` and `passed` are done on the two
    ways.  Where integer keys are all that it picks from, it is the `plain` instruction instead.  A
    target is in the `section` of the instruction where that is None; where it `calls` one, code
    comes back behind the instruction.
    """

    code: str
    condition: Condition | None
    target: int | None = None
    before: tuple[Effect, ...] = ()
    taken: tuple[Effect, ...] = ()
    passed: tuple[Effect, ...] = ()
    keeps: bool = False
    plain: Compute | None = None
    floats: Condition | None = None
    section: int | None = None
    calls: bool = False
