"""What a dialect is: how one assembly text names instructions and cells, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sortopt.base import InputError
from sortopt.formats.lexer import Statement, Token
from sortopt.model import Form, Isa, Machine, Place


@dataclass(frozen=True, slots=True)
class Address:
    """A memory operand's address: the family of the 64-bit register `base`, and a byte offset."""

    base: str
    offset: int


@dataclass(frozen=True, slots=True)
class Operand:
    """A cell as a dialect names it.

    `name` is the canonical spelling; two operands of one `family` are the same storage; `width`
    is in bits and `place` says where the cell lives, both None where the dialect does not tell.
    A cell in memory has an `address`.
    """

    name: str
    family: str
    token: Token
    width: int | None = None
    place: Place | None = None
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Mnemonic:
    """An instruction form as a dialect names it; `width` in bits where the spelling tells it."""

    isa: Isa
    form: Form
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """One instruction as read, operands destination first."""

    mnemonic: Mnemonic
    token: Token
    operands: tuple[Operand, ...]

    @property
    def reads(self) -> tuple[Operand, ...]:
        """The operands it reads, in argument order."""
        return tuple(self.operands[i] for i in self.mnemonic.form.arguments)

    @property
    def writes(self) -> Operand | None:
        """The operand it writes, or None."""
        target = self.mnemonic.form.target
        return None if target is None else self.operands[target]


class Dialect(Protocol):
    """Reads and writes one dialect.

    Readers raise InputError with the place of the fault.  Operands are destination first on
    sortopt's side, whatever the text's order.
    """

    @property
    def name(self) -> str:
        """The name that `--dialect` takes."""

    @property
    def machine(self) -> Machine:
        """The machine whose registers and instructions it names."""

    @property
    def comment(self) -> str:
        """What begins a comment where the dialect is written."""

    @property
    def separated(self) -> bool:
        """Whether `;` separates instructions."""

    @property
    def numbered(self) -> bool:
        """Whether cells are numbered, so that a file without directives still has a contract."""

    def mnemonic(self, statement: Statement) -> Mnemonic:
        """Look up the instruction form."""

    def operands(self, statement: Statement) -> tuple[Token, ...]:
        """Split a statement's operands, destination first."""

    def cell(self, token: Token) -> Operand:
        """Read one operand, as instructions and directives name it."""

    def spell(
        self, isa: Isa, names: Sequence[str], avoid: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        """Choose what to call the cells `names` of a kernel, each by a distinct canonical name.

        No register of a family in `avoid` is chosen in place of a name that does not serve.
        """

    def default_name(self, isa: Isa, spelled: str) -> str:
        """Return the name of the cell that is spelled so where no `cells` directive names it."""

    def write_cell(self, spelled: str) -> str:
        """Write one operand."""

    def write(self, form: Form, operands: Sequence[str]) -> str:
        """Write one instruction; `operands` are spelled, destination first."""


def too_many_cells(isa: Isa, count: int, room: int, dialect: str) -> InputError:
    """Return the error for a kernel of `count` cells with `room` registers of `isa` for them."""
    beside = "" if room == len(isa.registers) else " beside the one that addresses the buffer"
    return InputError(
        f"the kernel has {count} cells, but {isa.name} has {room} registers{beside}",
        hint=f"the {dialect} dialect cannot write it; use cgo",
    )
