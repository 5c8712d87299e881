"""x86."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sortopt.model import Action, Condition, Form, Isa, Order, Place, Signedness

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
