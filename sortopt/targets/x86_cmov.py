"""x86-64 general-purpose registers: mov, cmp and conditional moves.

Sources: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (MOV, CMP, CMOVcc);
Intel Advanced Performance Extensions Architecture Specification (registers r16 to r31).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sortopt.model import Action, Assembly, Condition, Form, Isa, Order, Place, Signedness
from sortopt.targets.x86 import X86

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


_FORMS = (
    Form("mov", Action.COPY, (_REGISTER_OR_MEMORY, _REGISTER_OR_MEMORY), 0, (1,)),
    Form("cmp", Action.COMPARE, (_REGISTER_OR_MEMORY, _REGISTER_OR_MEMORY), None, (0, 1)),
    *(_cmov(condition) for condition in CONDITIONS.values()),
)

X86_CMOV = Isa(
    "x86-cmov",
    MappingProxyType({form.mnemonic: form for form in _FORMS}),
    registers=(
        "eax", "ecx", "edx", "esi", "edi", "r8d", "r9d", "r10d", "r11d",
        "ebx", "ebp", "r12d", "r13d", "r14d", "r15d", *(f"r{i}d" for i in range(16, 32)),
    ),
    place=Place.REGISTER,
    key_bits=(32, 64),
    machine=X86,
    summary=f"mov, cmp and cmovCC with CC one of {' '.join(CONDITIONS)}",
    conditions=MappingProxyType(
        {_SIGNED: ("l", "g", "le", "ge"), _UNSIGNED: ("b", "a", "be", "ae")}
    ),
    spellings=MappingProxyType({f"cmov{a}": f"cmov{c}" for a, c in CONDITION_ALIASES.items()}),
    suffixes=MappingProxyType({"b": 8, "w": 16, "l": 32, "q": 64}),
    assembly=Assembly(
        constraint="r",
        register_class="reg",
        most_registers=13,
        loads=MappingProxyType({32: "mov", 64: "mov"}),
        stores=MappingProxyType({32: "mov", 64: "mov"}),
        modifiers=MappingProxyType({"llvm": {32: "k", 64: "q"}, "rust": {32: "e", 64: "r"}}),
    ),
)  # fmt: skip
"""mov, cmp and cmovcc on general-purpose registers and memory.

Registers from r16d on are last: they need a CPU with Intel APX.  `e` and `ne` are not searched by
default: they shorten no known kernel.  Inline assembly may use 13 registers: all 16 but the
stack and frame pointers and one for the address of the keys; those of APX are left to whole
functions.
"""
