"""Instruction forms and instruction sets as data: the types.

A `Form` says which operand an instruction writes, which it reads and in which role, and what
it does with the flags.  The interpreter (`interpreter`), the packed step of the search, the SMT
encoder and the printers are all derived from, or tested against, these tables.

Operands stand destination first, as in Intel order.  The tables themselves are in `targets`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, Flag, auto

from sortopt.base import InputError
from sortopt.model.machine import Assembly, Extension, Machine, Place


class Order(Flag):
    """How two keys compare; a union of members is a set of outcomes."""

    LESS = auto()
    EQUAL = auto()
    GREATER = auto()

    @property
    def number(self) -> int:
        """How arrays write this outcome: 1 less, 2 equal, 3 greater; 0 is for undefined flags."""
        return self.value.bit_length()

    @property
    def bits(self) -> int:
        """These outcomes as a set of bits 1 << number."""
        return self.value << 1

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
    unordered: bool = False
    """Whether it holds too after floating-point numbers are compared of which one is a NaN."""


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


class Nan(Enum):
    """What a minimum or maximum of a NaN and a number hands on, to which -0 is less than +0."""

    KEPT = "the NaN"
    DROPPED = "the number"


@dataclass(frozen=True, slots=True)
class Form:
    """One instruction form.

    `operands` gives the places that each operand admits, `target` the operand written (None for
    a comparison), `arguments` the operands read, in the order in which `action` takes them.
    `bits` is the width of the keys that it reads, None where the operands decide that.  `tied` is
    the argument, 0 or 1, that a minimum or maximum hands on where neither is less, as they tie or
    are unordered; `nan` is what it hands on of a NaN and a number where it orders zeros; of two NaN
    that is the first.  Both are None where its result is a value of which nobody can say whose it
    is.  `text` is how assemblers want it, operands by number ("csel {0}, {1}, {2}, lt"); by default
    it is the mnemonic and then the operands.
    """

    mnemonic: str
    action: Action
    operands: tuple[Place, ...]
    target: int | None
    arguments: tuple[int, ...]
    condition: Condition | None = None
    signedness: Signedness | None = None
    bits: int | None = None
    text: str = ""
    tied: int | None = None
    nan: Nan | None = None

    def written(self, operands: Sequence[str], *, source_first: bool = False) -> str:
        """Return the instruction as assembly text; `source_first` for a syntax of that order."""
        if self.text:
            return self.text.format(*operands)
        return f"{self.mnemonic} {', '.join(operands[::-1] if source_first else operands)}"

    @property
    def holds(self) -> Order | None:
        """The outcomes after which it takes its first argument; None where it has no condition."""
        return self.condition.holds if self.condition else None

    def admits(self, places: Sequence[Place]) -> bool:
        """Return whether operands may be at `places`, as many as the form has."""
        return len(places) == len(self.operands) and all(
            place in admitted for place, admitted in zip(places, self.operands, strict=True)
        )

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
    """An instruction set as the model sees it: what differs between two sets is a field here.

    `registers` are those that may hold keys, in the order in which a printer hands them out: those
    that a function may overwrite first, those of the machine's extension last; messages call them
    `register_kind`.  `place` says where a cell lives by default, `key_bits` which widths of keys
    the forms compare, the usual one first; they are floating-point numbers where `floating`, and
    `floats` names the set of the same machine that sorts those, where this one does not.
    `feature` is what processors of the family `machine` need beyond the baseline, as compilers call
    it, or None.  `summary` says in one clause which
    instructions there are.  `conditions` names, for each sign, the conditions searched by default;
    `spellings` maps other mnemonics that assemblers accept for a form to the table's, `suffixes`
    what AT&T text may put behind one to a width in bits.  Without `assembly` a kernel is written in
    portable languages only.
    """

    name: str
    forms: Mapping[str, Form]
    registers: tuple[str, ...]
    place: Place
    key_bits: tuple[int, ...]
    machine: Machine
    summary: str
    register_kind: str = "general-purpose"
    feature: str | None = None
    conditions: Mapping[Signedness, tuple[str, ...]] = field(default_factory=dict)
    spellings: Mapping[str, str] = field(default_factory=dict)
    suffixes: Mapping[str, int] = field(default_factory=dict)
    max_memory_operands: int = 1
    assembly: Assembly | None = None
    floating: bool = False
    floats: str | None = None

    @property
    def extension(self) -> Extension | None:
        """The machine's extension, where some of `registers` need it."""
        known = self.machine.registers
        needed = any(name in known and known[name].extended for name in self.registers)
        return self.machine.extension if needed else None

    def holds_keys(self, name: str) -> bool:
        """Return whether a register called `name` may hold keys."""
        register = self.machine.registers.get(name)
        return (
            register is not None
            and register.obstacle is None
            and register.place is self.place
            and register.feature in (None, self.feature)
        )

    def held_bits(self, bits: int) -> int | None:
        """Return the width in which keys of `bits` bits are compared; None where they cannot be.

        Of general-purpose registers narrower keys, extended, take the least width there is.
        """
        wider = (width for width in self.key_bits if width >= bits)
        if self.place is Place.VECTOR:
            return bits if bits in self.key_bits else None
        return min(wider, default=None)

    def register_bits(self, bits: int) -> int:
        """Return the width of a register, or of the part of one, that holds keys of `bits` bits."""
        if self.place is not Place.VECTOR:
            return bits
        return self.machine.registers[self.registers[0]].width

    def buffer(self, keys: int, bits: int) -> tuple[str, ...]:
        """Return the names of adjacent places in memory for `keys` keys of `bits` bits.

        Each takes as much room as a register that holds such a key.
        """
        base, size = self.machine.arguments[0], self.register_bits(bits) // 8
        return tuple(f"[{base}+{size * key}]" if key else f"[{base}]" for key in range(keys))

    def lanes(self, bits: int) -> int:
        """Return how many keys of `bits` bits a register holds side by side."""
        return self.register_bits(bits) // bits

    def form(self, mnemonic: str) -> Form:
        """Return the form called `mnemonic`; raises KeyError."""
        return self.forms[mnemonic]

    def forms_for(
        self,
        signedness: Signedness,
        conditions: Sequence[str] | None = None,
        bits: int | None = None,
    ) -> tuple[Form, ...]:
        """Return the forms for keys of a sign, those with a condition if it is in `conditions`.

        By default these are the set's own for that sign, and keys have the set's usual width.
        """
        if conditions is None:
            conditions = self.conditions.get(signedness, ())
        return tuple(
            form
            for form in self.forms.values()
            if form.bits in (None, bits or self.key_bits[0])
            and (
                form.condition.name in conditions
                if form.condition
                else form.signedness in (None, signedness)
            )
        )

    def find(
        self,
        action: Action,
        signedness: Signedness | None = None,
        holds: Order | None = None,
        places: tuple[Place, ...] | None = None,
        bits: int | None = None,
    ) -> Form | None:
        """Return the first form that does `action`, or None.

        It reads keys of `bits` bits as `signedness`, or in no particular way, selects after the
        outcomes `holds`, and takes operands at `places`; None stands for any of these.
        """
        return next(
            (
                form
                for form in self.forms.values()
                if form.action is action
                and (signedness is None or form.signedness in (None, signedness))
                and (holds is None or form.holds == holds)
                and (places is None or form.admits(places))
                and (bits is None or form.bits in (None, bits))
            ),
            None,
        )

    def of_sign(self, form: Form, signedness: Signedness, bits: int | None = None) -> Form:
        """Return the form that does for keys of `signedness` what `form` does for its own.

        And of `bits` bits, where given, else of its own width.  Raises InputError where there is
        none.
        """
        bits = bits or form.bits
        if form.signedness in (None, signedness) and form.bits in (None, bits):
            return form
        twin = self._twin(form, form.signedness and signedness, form.holds, bits)
        if twin is None:
            raise InputError(f"{form.mnemonic} has no {signedness.value} twin in {self.name}")
        return twin

    def exchanged(self, form: Form) -> Form | None:
        """Return the form that does the same once the compared keys are exchanged, or None."""
        if form.holds is None:
            return form
        return self._twin(form, form.signedness, form.holds.exchanged(), form.bits)

    def otherwise_on_ties(self, form: Form) -> Form | None:
        """Return the form that differs from `form` only where the compared keys are equal."""
        if form.holds is None:
            return None
        return self._twin(form, form.signedness, form.holds ^ Order.EQUAL, form.bits)

    def _twin(
        self, form: Form, signedness: Signedness | None, holds: Order | None, bits: int | None
    ) -> Form | None:
        """Return the form that differs from `form` at most in these, or None."""
        return next(
            (
                other
                for other in self.forms.values()
                if other.action is form.action
                and (other.operands, other.target) == (form.operands, form.target)
                and other.arguments == form.arguments
                and other.signedness is signedness
                and other.holds == holds
                and other.bits in (None, bits)
            ),
            None,
        )

    def __repr__(self) -> str:
        return f"Isa({self.name!r})"

    def __hash__(self) -> int:
        return hash(self.name)
