"""AArch64: comparisons of floating-point numbers, and what conditions say after them.

Source: Arm Architecture Reference Manual for A-profile architecture (DDI 0487), sections C7.2
(FCMP, FCMPE) and C1.2.4: of unordered numbers, as one is a NaN, C and V are set, after "less" N
alone, after "equal" Z and C, after "greater" C alone.  `fcmp` and `fcmpe` differ only in which NaN
raises an exception.  -0 and +0 are equal.  With FPCR.FZ, which is off unless a program sets it, so
are all subnormal numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from sortopt.model import Action, Condition, Form, Isa, Order, Place, Signedness
from sortopt.targets.aarch64_float import AARCH64_FLOAT, AARCH64_FLOAT_NUMBER

AARCH64_FLOAT_COMPARISONS: Mapping[int, Form] = MappingProxyType(
    {
        bits: Form(
            f"fcmp.{letter}", Action.COMPARE, (Place.VECTOR,) * 2, None, (0, 1),
            signedness=Signedness.SIGNED, bits=bits, text="fcmp {0}, {1}",
        )
        for bits, letter in ((32, "s"), (64, "d"))
    }
)  # fmt: skip
"""The comparisons, by the width of keys."""


def _comparing(isa: Isa) -> Isa:
    """Return the set with the comparisons."""
    forms = {form.mnemonic: form for form in AARCH64_FLOAT_COMPARISONS.values()}
    return replace(isa, forms=MappingProxyType({**isa.forms, **forms}))


AARCH64_FLOAT_COMPARING = _comparing(AARCH64_FLOAT)
AARCH64_FLOAT_NUMBER_COMPARING = _comparing(AARCH64_FLOAT_NUMBER)
"""The sets of minima and maxima, with comparisons."""

_LESS, _EQUAL, _GREATER = Order.LESS, Order.EQUAL, Order.GREATER

AARCH64_FLOAT_CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        c.name: c
        for c in (
            Condition("eq", _EQUAL),
            Condition("ne", _LESS | _GREATER, unordered=True),
            Condition("mi", _LESS),
            Condition("pl", _GREATER | _EQUAL, unordered=True),
            Condition("lo", _LESS),
            Condition("cc", _LESS),
            Condition("hs", _GREATER | _EQUAL, unordered=True),
            Condition("cs", _GREATER | _EQUAL, unordered=True),
            Condition("hi", _GREATER, unordered=True),
            Condition("ls", _LESS | _EQUAL),
            Condition("lt", _LESS, unordered=True),
            Condition("ge", _GREATER | _EQUAL),
            Condition("gt", _GREATER),
            Condition("le", _LESS | _EQUAL, unordered=True),
            Condition("vs", Order(0), unordered=True),
            Condition("vc", _LESS | _EQUAL | _GREATER),
        )
    }
)
"""What conditions say after a comparison."""
