"""Key types: the integers that an emitted or executed kernel sorts.

A kernel sees only how keys compare, so it sorts every totally ordered type once it sorts one;
for another signedness its conditions change to their twins (`cmovl` and `cmovb`).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from sortopt.base import InputError
from sortopt.model import Action, Form, Instr, Isa, Kernel, Signedness
from sortopt.targets import X86_MINMAX


@dataclass(frozen=True, slots=True)
class KeyType:
    """A machine integer type."""

    name: str
    bits: int
    signedness: Signedness

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


KEY_TYPES = MappingProxyType(
    {
        f"{prefix}int{bits}": KeyType(f"{prefix}int{bits}", bits, signedness)
        for prefix, signedness in (("", Signedness.SIGNED), ("u", Signedness.UNSIGNED))
        for bits in (32, 64)
    }
)
"""int32, int64, uint32 and uint64 by name."""


def key_type(name: str) -> KeyType:
    """Return the key type called `name`; raises InputError."""
    if name not in KEY_TYPES:
        raise InputError(f"unknown key type {name!r}", hint=f"use one of {', '.join(KEY_TYPES)}")
    return KEY_TYPES[name]


def natural_key_type(kernel: Kernel) -> KeyType:
    """Return the 32-bit key type of the kernel's own signedness; signed where it has none."""
    return KEY_TYPES["uint32" if kernel.signedness is Signedness.UNSIGNED else "int32"]


def for_keys(kernel: Kernel, key: KeyType) -> Kernel:
    """Return `kernel` with its conditions (or minima and maxima) read as `key` needs it.

    Its verdict carries over: both read the same order.  Raises InputError for min/max kernels
    on 64-bit keys, which have no such instruction before AVX-512.
    """
    if kernel.isa is X86_MINMAX and key.bits != 32:
        raise InputError(
            f"min/max kernels sort 32-bit keys, not {key.name}",
            hint="use int32 or uint32, or a kernel of conditional moves",
        )
    if kernel.signedness in (None, key.signedness):
        return kernel
    return kernel.with_instructions(
        Instr(_twin(kernel.isa, i.form, key.signedness), i.operands) for i in kernel.instructions
    )


def _twin(isa: Isa, form: Form, signedness: Signedness) -> Form:
    """Return the form that does for keys of `signedness` what `form` does for its own."""
    if form.signedness is None or form.signedness is signedness:
        return form
    for other in isa.forms.values():
        same_outcomes = form.action is not Action.SELECT or (
            form.condition and form.condition.holds
        ) == (other.condition and other.condition.holds)
        if other.action is form.action and other.signedness is signedness and same_outcomes:
            return other
    raise InputError(f"{form.mnemonic} has no {signedness.value} twin in {isa.name}")
