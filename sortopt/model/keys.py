"""Key types: the integers, or the floating-point numbers, that a kernel sorts.

A kernel sees only how keys compare, so it sorts every totally ordered type once it sorts one; for
another signedness its conditions change to their twins (`cmovl` and `cmovb`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from sortopt.base import InputError
from sortopt.model.interpreter import Value
from sortopt.model.isa import Isa, Signedness
from sortopt.model.kernel import Instr, Kernel
from sortopt.model.machine import Place


@dataclass(frozen=True, slots=True)
class KeyType:
    """A type of numbers: its name, its width in bits, its sign, whether it is `floating`."""

    name: str
    bits: int
    signedness: Signedness
    floating: bool = False

    @property
    def c_name(self) -> str:
        """What C calls it."""
        return {32: "float", 64: "double"}[self.bits] if self.floating else f"{self.name}_t"

    @property
    def bytes(self) -> int:
        """The size of a key."""
        return self.bits // 8

    @property
    def signed(self) -> bool:
        """Whether keys may be negative."""
        return self.signedness is Signedness.SIGNED

    @property
    def least(self) -> int:
        """The least key."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def greatest(self) -> int:
        """The greatest key."""
        return (1 << (self.bits - self.signed)) - 1

    def fits(self, kernel: Kernel) -> bool:
        """Return whether `kernel` reads keys with this sign, or with none."""
        return kernel.signedness in (None, self.signedness)

    def check_kind(self, kernel: Kernel) -> None:
        """Raise InputError where `kernel` reads integers and keys are none, or the other way."""
        reading = next((i.form for i in kernel.instructions if i.form.signedness), None)
        if reading is not None and self.floating != kernel.isa.floating:
            kinds = "integers", "floating-point numbers"
            read, wanted = kinds[kernel.isa.floating], kinds[self.floating]
            raise InputError(
                f"{reading.mnemonic} reads keys as {read}, but {self.name} keys are {wanted}",
                hint=f"leave --key out, or give a kernel of instructions that read {wanted}"
                + "; sortopt emit --order total sorts such keys as integers" * self.floating,
            )

    def check_set(self, isa: Isa, *, in_memory: bool = False) -> None:
        """Raise InputError where `isa` compares no keys of this width, or where they lie."""
        if isa.held_bits(self.bits) is not None and not (
            in_memory and self.bits not in isa.key_bits
        ):
            return
        *narrow, widest = map(str, sorted(isa.key_bits))
        widths = f"{', '.join(narrow)} and {widest}" if narrow else widest
        fitting = " or ".join(name for name, each in KEY_TYPES.items() if each.bits in isa.key_bits)
        raise InputError(
            f"{isa.name} kernels{' with memory operands' * in_memory} sort {widths}-bit keys, "
            f"not {self.name}",
            hint=f"use {fitting}",
        )

    def sees(self, keys: Sequence[int]) -> bool:
        """Return whether an instruction of either sign takes all of `keys` for what they are."""
        return all(self.seen(key) == key for key in keys)

    def seen(self, key: Value) -> Value:
        """Return what an instruction of the other sign takes `key` for."""
        if key is None:
            return None
        half, whole = 1 << (self.bits - 1), 1 << self.bits
        return (key + half) % whole - half if not self.signed else key % whole

    def unseen(self, key: Value) -> Value:
        """Return the key of this type that an instruction of the other sign takes for `key`."""
        if key is None:
            return None
        half, whole = 1 << (self.bits - 1), 1 << self.bits
        return key % whole if not self.signed else (key + half) % whole - half


def _name(bits: int, signedness: Signedness) -> str:
    return f"{'u' * (signedness is Signedness.UNSIGNED)}int{bits}"


KEY_TYPES: Mapping[str, KeyType] = MappingProxyType(
    {
        _name(bits, signedness): KeyType(_name(bits, signedness), bits, signedness)
        for signedness in Signedness
        for bits in (32, 64, 16, 8)
    }
)
"""int32, int64, int16, int8, and the same unsigned, by name."""

FLOAT_TYPES: Mapping[str, KeyType] = MappingProxyType(
    {
        f"float{bits}": KeyType(f"float{bits}", bits, Signedness.SIGNED, floating=True)
        for bits in (32, 64)
    }
)
"""float32 and float64, as IEEE 754 has them, by name."""


def key_type(name: str, bits: int | None = None) -> KeyType:
    """Return the key type called `name`, of `bits` bits where given; raises InputError."""
    types = {**KEY_TYPES, **FLOAT_TYPES}
    if name not in types:
        raise InputError(f"unknown key type {name!r}", hint=f"use {', '.join(types)}")
    known = types[name]
    return known if bits is None else replace(known, bits=bits)


def signedness_of(key: KeyType | None, *, unsigned: bool) -> Signedness:
    """Return the sign of keys of a type, where it is named, else as asked; raises InputError where
    unsigned keys are asked for and the type is not.
    """
    if key is None or not (unsigned and key.signed):
        signed = not unsigned if key is None else key.signed
        return Signedness.SIGNED if signed else Signedness.UNSIGNED
    raise InputError(
        f"{key.name} keys are not unsigned",
        hint="leave out --unsigned and conditions for unsigned keys, or name another type",
    )


def key_bits(kernel: Kernel, width: int | None = None) -> int | None:
    """Return the width of the keys that instructions, or operands of `width` bits, show, if any."""
    if kernel.bits is not None or kernel.isa.place is Place.VECTOR:
        return kernel.bits
    return width


def natural_key_type(kernel: Kernel, width: int | None = None) -> KeyType:
    """Return the key type that operands of `width` bits and the instructions used show.

    That is, signed keys where nothing shows a sign, and 32 bits, where the set sorts such keys, if
    nothing shows a width.
    """
    isa = kernel.isa
    bits = key_bits(kernel, width) or (32 if isa.held_bits(32) else isa.key_bits[0])
    if isa.floating:
        return FLOAT_TYPES[f"float{bits}"]
    return KEY_TYPES[_name(bits, kernel.signedness or Signedness.SIGNED)]


def for_keys(kernel: Kernel, key: KeyType) -> Kernel:
    """Return `kernel` with its conditions (or minima and maxima) read as `key` needs it.

    Its verdict carries over: both read the same order.  Raises InputError where no instruction of
    the set compares keys of that width, or of that sign; narrower keys are compared in a wider
    register, but a kernel that finds them in memory would read too much.
    """
    isa = kernel.isa
    key.check_kind(kernel)
    in_memory = kernel.bits is None and any(c.place is Place.MEMORY for c in kernel.cells)
    key.check_set(isa, in_memory=in_memory)
    if key.fits(kernel) and kernel.bits in (None, key.bits):
        return kernel
    return kernel.with_instructions(
        Instr(isa.of_sign(i.form, key.signedness, key.bits), i.operands)
        for i in kernel.instructions
    )
