"""What decoded instructions do, in the few words that lifting needs: moves, addresses, the rest.

A table a processor family (`x86_effects`, `gnu_effects`) says this of each instruction that it
knows; one that is in no table is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from sortopt.formats import Parsed, Token


@dataclass(frozen=True, slots=True)
class Bytes:
    """A stretch of `size` bytes at `offset` of the register `family`, or of what it points to."""

    family: str
    offset: int
    size: int
    token: Token
    memory: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """Bytes copied as they are: each source to its offset in `target`, all at once.

    `clears` says that the rest of the register is overwritten too.
    """

    target: Bytes
    parts: tuple[tuple[int, Bytes], ...]
    clears: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """A 64-bit register becomes what another one holds, and `offset`."""

    target: Bytes
    base: str
    offset: int


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


Effect = Move | Address | Overwrite | SpoilFlags | Compute
