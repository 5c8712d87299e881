"""Instruction forms and instruction sets as data: the types.

A `Form` says which operand an instruction writes, which it reads and in which role, and what
it does with the flags.  The interpreter (`machine`), the packed step of the search, the SMT
encoder and the printers are all derived from, or tested against, these tables.

Operands stand destination first, as in Intel order.  The tables themselves are in `targets`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, Flag, auto


class Order(Flag):
    """How two keys compare; a union of members is a set of outcomes."""

    LESS = auto()
    EQUAL = auto()
    GREATER = auto()

    def exchanged(self) -> Order:
        """Return the outcomes with the compared keys exchanged: LESS becomes GREATER and back."""
        swapped = self & Order.EQUAL
        if Order.LESS in self:
            swapped |= Order.GREATER
        if Order.GREATER in self:
            swapped |= Order.LESS
        return swapped


class Signedness(Enum):
    """How an instruction reads the bits of a key."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on the flags: it holds after the outcomes `holds` of the last comparison."""

    name: str
    holds: Order
    signedness: Signedness | None = None
    """None where the condition reads signed and unsigned keys alike (`e`, `ne`)."""


class Action(Enum):
    """What an instruction does with its arguments, the values at `Form.arguments` in order."""

    COPY = "copy"
    """target := first"""
    COMPARE = "compare"
    """flags := order of first and second"""
    SELECT = "select"
    """target := first if the condition holds, else second"""
    MINIMUM = "minimum"
    """target := the lesser of first and second"""
    MAXIMUM = "maximum"
    """target := the greater of first and second"""


class Place(Flag):
    """Where a cell lives; a union of members says what an operand admits."""

    REGISTER = auto()
    VECTOR = auto()
    MEMORY = auto()


@dataclass(frozen=True, slots=True)
class Form:
    """One instruction form.

    `operands` gives the places that each operand admits, `target` the operand written (None for
    a comparison), `arguments` the operands read, in the order in which `action` takes them.
    """

    mnemonic: str
    action: Action
    operands: tuple[Place, ...]
    target: int | None
    arguments: tuple[int, ...]
    condition: Condition | None = None
    signedness: Signedness | None = None

    @property
    def reads_flags(self) -> bool:
        """Whether the result depends on the flags."""
        return self.action is Action.SELECT

    @property
    def writes_flags(self) -> bool:
        """Whether the flags are set."""
        return self.action is Action.COMPARE

    @property
    def uses_flags(self) -> bool:
        """Whether the flags are read or set."""
        return self.reads_flags or self.writes_flags


@dataclass(frozen=True, slots=True)
class Isa:
    """An instruction set as the model sees it: what differs between two machines is a field here.

    `registers` are those that may hold keys, in the order in which a printer hands them out: those
    that a function may overwrite first.  `place` says where a cell lives unless told otherwise,
    `key_bits` which widths of keys the forms compare.  `machine` is the processor family, `feature`
    what its members need beyond the baseline, as `/proc/cpuinfo` and compilers call it, or None.
    `conditions` names, for each sign, the conditions searched unless told otherwise; `spellings`
    maps other mnemonics that assemblers accept for a form to the table's.
    """

    name: str
    forms: Mapping[str, Form]
    registers: tuple[str, ...]
    place: Place
    key_bits: tuple[int, ...]
    machine: str
    feature: str | None = None
    conditions: Mapping[Signedness, tuple[str, ...]] = field(default_factory=dict)
    spellings: Mapping[str, str] = field(default_factory=dict)
    max_memory_operands: int = 1

    def form(self, mnemonic: str) -> Form:
        """Return the form called `mnemonic`; raises KeyError."""
        return self.forms[mnemonic]

    def selects(self, conditions: tuple[str, ...]) -> tuple[Form, ...]:
        """Return the conditional moves for `conditions`, in the table's order."""
        return tuple(
            form
            for form in self.forms.values()
            if form.condition is not None and form.condition.name in conditions
        )

    def __repr__(self) -> str:
        return f"Isa({self.name!r})"

    def __hash__(self) -> int:
        return hash(self.name)
