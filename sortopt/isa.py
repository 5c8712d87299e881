"""Instruction forms as data: one table an instruction set.

A `Form` says which operand an instruction writes, which it reads and in which role, and what
it does with the flags.  The interpreter (`machine`), the packed step of the search, the SMT
encoder and the printers are all derived from, or tested against, these tables.

Operands stand destination first, as in Intel order.  Sources: Intel 64 and IA-32 Architectures
Software Developer's Manual, volume 2 (MOV, CMP, CMOVcc, MOVDQA, PMINSD, PMAXSD, PMINUD, PMAXUD);
Intel Advanced Performance Extensions Architecture Specification (registers r16 to r31).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, Flag, auto
from types import MappingProxyType


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
    """An instruction set: its forms by mnemonic, and the registers a printer names cells by."""

    name: str
    forms: Mapping[str, Form]
    registers: tuple[str, ...]
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


_LESS, _EQUAL, _GREATER = Order.LESS, Order.EQUAL, Order.GREATER
_SIGNED, _UNSIGNED = Signedness.SIGNED, Signedness.UNSIGNED

CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        c.name: c
        for c in (
            Condition("l", _LESS, _SIGNED),
            Condition("g", _GREATER, _SIGNED),
            Condition("le", _LESS | _EQUAL, _SIGNED),
            Condition("ge", _GREATER | _EQUAL, _SIGNED),
            Condition("e", _EQUAL),
            Condition("ne", _LESS | _GREATER),
            Condition("b", _LESS, _UNSIGNED),
            Condition("a", _GREATER, _UNSIGNED),
            Condition("be", _LESS | _EQUAL, _UNSIGNED),
            Condition("ae", _GREATER | _EQUAL, _UNSIGNED),
        )
    }
)
"""The condition codes of the model, by suffix."""

CONDITION_ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "nge": "l", "nle": "g", "ng": "le", "nl": "ge", "z": "e", "nz": "ne",
        "nae": "b", "c": "b", "nbe": "a", "na": "be", "nb": "ae", "nc": "ae",
    }
)  # fmt: skip
"""Other spellings of the same condition codes, which assemblers accept."""

_REGISTER_OR_MEMORY = Place.REGISTER | Place.MEMORY
_VECTOR_OR_MEMORY = Place.VECTOR | Place.MEMORY


def _cmov(condition: Condition) -> Form:
    return Form(
        mnemonic="cmov" + condition.name,
        action=Action.SELECT,
        operands=(Place.REGISTER, _REGISTER_OR_MEMORY),
        target=0,
        arguments=(1, 0),
        condition=condition,
        signedness=condition.signedness,
    )


def _extremum(mnemonic: str, action: Action, signedness: Signedness) -> Form:
    return Form(
        mnemonic,
        action,
        (Place.VECTOR, _VECTOR_OR_MEMORY),
        target=0,
        arguments=(0, 1),
        signedness=signedness,
    )


def _table(*forms: Form) -> Mapping[str, Form]:
    return MappingProxyType({form.mnemonic: form for form in forms})


X86_CMOV = Isa(
    "x86-cmov",
    _table(
        Form("mov", Action.COPY, (_REGISTER_OR_MEMORY, _REGISTER_OR_MEMORY), 0, (1,)),
        Form("cmp", Action.COMPARE, (_REGISTER_OR_MEMORY, _REGISTER_OR_MEMORY), None, (0, 1)),
        *(_cmov(condition) for condition in CONDITIONS.values()),
    ),
    registers=(
        "eax", "ecx", "edx", "esi", "edi", "r8d", "r9d", "r10d", "r11d",
        "ebx", "ebp", "r12d", "r13d", "r14d", "r15d", *(f"r{i}d" for i in range(16, 32)),
    ),
)  # fmt: skip
"""mov, cmp and cmovcc on general-purpose registers and memory.

Registers from r16d on are last: they need a CPU with Intel APX.
"""

X86_MINMAX = Isa(
    "x86-minmax",
    _table(
        Form("movdqa", Action.COPY, (_VECTOR_OR_MEMORY, _VECTOR_OR_MEMORY), 0, (1,)),
        _extremum("pminsd", Action.MINIMUM, _SIGNED),
        _extremum("pmaxsd", Action.MAXIMUM, _SIGNED),
        _extremum("pminud", Action.MINIMUM, _UNSIGNED),
        _extremum("pmaxud", Action.MAXIMUM, _UNSIGNED),
    ),
    registers=tuple(f"xmm{i}" for i in range(16)),
)
"""movdqa and the packed minima and maxima of 32-bit keys (SSE4.1), one key a lane."""

ISAS: Mapping[str, Isa] = MappingProxyType({isa.name: isa for isa in (X86_CMOV, X86_MINMAX)})
"""Every instruction set that sortopt knows, by name."""
