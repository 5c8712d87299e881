"""RISC-V: comparisons, minima and maxima of floating-point numbers (extensions F and D).

Source: The RISC-V Instruction Set Manual, volume I, chapters F and D (FMIN, FMAX, FEQ, FLT, FLE,
NaN boxing).  -0 is less than +0 to minima and maxima, which are IEEE 754-2019's minimumNumber and
maximumNumber: of a NaN and a number they hand on the number, and of two NaN they make the canonical
one.  To comparisons zeros are equal, and none holds of a NaN.

A register holds a float in its lower half, below ones; one that was loaded as a double is no float
to these instructions.  So what they see of a register, `fa0.s`, stands apart from the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from sortopt.model import Action, Condition, Form, Isa, Nan, Order, Place, Signedness
from sortopt.targets.riscv import FLOAT_NAMES, RISCV_MACHINE

_ANYWHERE = Place.VECTOR | Place.MEMORY
RISCV_FLOAT_BITS: Mapping[str, int] = MappingProxyType({"s": 32, "d": 64})
"""Widths of numbers by the last letter of mnemonics."""


def _forms() -> Iterator[Form]:
    yield Form("fmv", Action.COPY, (_ANYWHERE, _ANYWHERE), 0, (1,))
    for letter, bits in RISCV_FLOAT_BITS.items():
        for word, action in (("fmin", Action.MINIMUM), ("fmax", Action.MAXIMUM)):
            yield Form(
                f"{word}.{letter}", action, (Place.VECTOR,) * 3, 0, (1, 2),
                signedness=Signedness.SIGNED, bits=bits, nan=Nan.DROPPED,
            )  # fmt: skip
        yield Form(
            f"compare.{letter}", Action.COMPARE, (Place.VECTOR,) * 2, None, (0, 1),
            signedness=Signedness.SIGNED, bits=bits,
        )  # fmt: skip


RISCV_FLOAT_COMPARING = Isa(
    "riscv-float",
    MappingProxyType({form.mnemonic: form for form in _forms()}),
    registers=tuple(f"{name}.s" for name in FLOAT_NAMES),
    place=Place.VECTOR,
    key_bits=(32, 64),
    machine=RISCV_MACHINE,
    summary="fmin and fmax of .s or .d, loads, stores and comparisons",
    register_kind="floating-point",
    floating=True,
)
"""Minima, maxima and comparisons, for code that is read; no kernel is made of this set."""

_LESS, _EQUAL = Order.LESS, Order.EQUAL
RISCV_FLOAT_CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        "flt": Condition("lt", _LESS),
        "fle": Condition("le", _LESS | _EQUAL),
        "feq": Condition("eq", _EQUAL),
    }
)
"""What instructions that make a number of a comparison ask."""
