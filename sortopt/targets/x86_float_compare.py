"""x86-64: comparisons of floating-point numbers, and what conditions say after them.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (COMISS, COMISD,
UCOMISS, UCOMISD): of unordered numbers, as one is a NaN, ZF, PF and CF are all set, after "less" CF
alone, after "equal" ZF alone; OF, SF and AF are cleared.  `ucomiss` and `comiss` differ only in
which NaN raises an exception.  -0 and +0 are equal.  Under MXCSR.DAZ, which is off unless a program
sets it, so are all subnormal numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from sortopt.model import Action, Condition, Form, Isa, Order, Place, Signedness
from sortopt.targets.x86_float import X86_AVX_FLOAT, X86_FLOAT
from sortopt.targets.x86_packed import VECTOR_OR_MEMORY

_BITS = {"ss": 32, "sd": 64}


def _comparing(isa: Isa, prefix: str) -> Isa:
    """Return the set with the comparisons whose names begin with `prefix`."""
    forms = {
        f"{prefix}comi{kind}": Form(
            f"{prefix}comi{kind}", Action.COMPARE, (Place.VECTOR, VECTOR_OR_MEMORY), None, (0, 1),
            signedness=Signedness.SIGNED, bits=bits,
        )
        for kind, bits in _BITS.items()
    }  # fmt: skip
    return replace(isa, forms=MappingProxyType({**isa.forms, **forms}))


X86_FLOAT_COMPARING = _comparing(X86_FLOAT, "")
X86_AVX_FLOAT_COMPARING = _comparing(X86_AVX_FLOAT, "v")
"""The sets of minima and maxima, with comparisons."""

X86_FLOAT_COMPARISONS: Mapping[str, tuple[Isa, Form]] = MappingProxyType(
    {
        f"{prefix}{unordered}comi{kind}": (isa, isa.form(f"{prefix}comi{kind}"))
        for prefix, isa in (("", X86_FLOAT_COMPARING), ("v", X86_AVX_FLOAT_COMPARING))
        for unordered in ("", "u")
        for kind in _BITS
    }
)
"""The comparisons by mnemonic, with their sets."""

_LESS, _EQUAL, _GREATER = Order.LESS, Order.EQUAL, Order.GREATER

X86_FLOAT_CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        c.name: c
        for c in (
            Condition("a", _GREATER),
            Condition("ae", _GREATER | _EQUAL),
            Condition("b", _LESS, unordered=True),
            Condition("be", _LESS | _EQUAL, unordered=True),
            Condition("e", _EQUAL, unordered=True),
            Condition("ne", _LESS | _GREATER),
            Condition("p", Order(0), unordered=True),
            Condition("np", _LESS | _EQUAL | _GREATER),
        )
    }
)
"""What condition codes say after a comparison; the others say nothing of an order."""
