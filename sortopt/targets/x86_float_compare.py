"""x86-64: comparisons of floating-point numbers, and what conditions say after them.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (COMISS, COMISD,
UCOMISS, UCOMISD): of unordered numbers, as one is a NaN, ZF, PF and CF are all set, after "less" CF
alone, after "equal" ZF alone; OF, SF and AF are cleared.  `ucomiss` and `comiss` differ only in
which NaN raises an exception.  -0 and +0 are equal.  Under MXCSR.DAZ, which is off unless a program
sets it, so are all subnormal numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

_ALL = _LESS | _EQUAL | _GREATER
_ORDERED = {"eq": _EQUAL, "lt": _LESS, "le": _LESS | _EQUAL, "ge": _GREATER | _EQUAL,
            "gt": _GREATER, "neq_oq": _LESS | _GREATER, "ord": _ALL}  # fmt: skip
_UNORDERED = {"neq": _LESS | _GREATER, "nlt": _GREATER | _EQUAL, "nle": _GREATER, "nge": _LESS,
              "ngt": _LESS | _EQUAL, "eq_uq": _EQUAL, "unord": Order(0)}  # fmt: skip
"""After which outcomes predicates hold; those of the second table after "unordered", too."""


def _predicates() -> Iterator[Condition]:
    for names, unordered in ((_ORDERED, False), (_UNORDERED, True)):
        for name, holds in names.items():
            quiet = [f"{name}_{'u' if unordered else 'o'}q"] if name[-2:] in _SIGNALING else []
            for spelled in (name, *quiet):
                yield Condition(spelled, holds, unordered=unordered)


_SIGNALING = ("lt", "le", "ge", "gt")
"""Predicates that have a twin which raises no exception for a quiet NaN."""

X86_FLOAT_MASKS: Mapping[str, tuple[Isa, Form, Condition]] = MappingProxyType(
    {
        f"{prefix}cmp{condition.name}{kind}": (isa, isa.form(f"{prefix}comi{kind}"), condition)
        for prefix, isa in (("", X86_FLOAT_COMPARING), ("v", X86_AVX_FLOAT_COMPARING))
        for condition in _predicates()
        for kind in _BITS
    }
)
"""Instructions that make a mask, all ones where a predicate holds, else zero, with the comparison.

Source: the same, CMPSS and CMPSD, tables of predicates.  Only the first lane is compared.
"""

X86_BLEND_MASK = "xmm0"
"""The register whose mask `blendvps` and `blendvpd` go by, where they do not name one."""
