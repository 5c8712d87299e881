"""Jumps and calls of x86-64, and instructions that make a number of a condition.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (ADC, CALL, CMOVcc,
Jcc, SBB, SETcc).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sortopt.formats import SPELLINGS, Token
from sortopt.objects.effects import Arithmetic, Bytes, Compute, Constant, Effect, Move, Turn
from sortopt.objects.x86_effects import (
    IMMEDIATE,
    MEMORY,
    x86_condition,
    x86_effects,
    x86_operands,
    x86_outside,
)
from sortopt.objects.x86_masks import x86_mask
from sortopt.targets import X86_FLOAT_COMPARISONS, X86_FLOAT_CONDITIONS, X86_FLOAT_MASKS

_WITH_CARRY = ("adc", "sbb")
_SETS = frozenset(
    f"set{code}"
    for code in ("a", "ae", "b", "be", "e", "g", "ge", "l", "le", "ne", "o", "no", "p", "np",
                 "s", "ns")
)  # fmt: skip


def x86_decides(mnemonic: str) -> bool:
    """Return whether no kernel has an instruction, as it makes a number of a condition, or compares
    floating-point numbers: what comes of that is followed path by path.
    """
    return mnemonic in (*_WITH_CARRY, *_SETS, *X86_FLOAT_COMPARISONS, *X86_FLOAT_MASKS)


def x86_turn(detail: Any, mnemonic: Token, tokens: Sequence[Token]) -> Turn | None:
    """Return how an instruction goes on; None where no condition decides, or it computes where to.

    The target is None for a jump or call through an address beside the code.
    """
    name: str = detail.mnemonic
    if name.startswith("j") or name == "call":
        (operand, *_) = detail.operands
        code = "" if name in ("jmp", "call") else name.removeprefix("j")
        if operand.type == MEMORY and detail.reg_name(operand.mem.base) == "rip":
            return Turn("", None, calls=name == "call")
        found = _turn(code, operand.imm) if operand.type == IMMEDIATE else None
        return found and replace(found, calls=name == "call")
    if name in X86_FLOAT_MASKS:
        return x86_mask(detail, mnemonic, tokens)
    if name in _SETS:
        (target,) = x86_operands(detail, mnemonic, tokens)
        assert isinstance(target, Bytes)
        return _turn(name.removeprefix("set"), None, Constant(target, 1), Constant(target, 0))
    if name in _WITH_CARRY:
        target, other = x86_operands(detail, mnemonic, tokens)
        assert isinstance(target, Bytes)
        own: Bytes | int = target
        same = isinstance(other, Bytes) and replace(other, token=target.token) == target
        if name == "sbb" and same:  # what it held cancels out
            own = other = 0
        refused = x86_outside(mnemonic, name)
        ways = (
            Arithmetic(name, target, (own, other, carry), target.size, refused) for carry in (1, 0)
        )
        return _turn("b", None, *ways)
    known = SPELLINGS.get(name)
    if known is not None and known[1].condition is not None:
        target, source = x86_operands(detail, mnemonic, tokens)
        assert isinstance(target, Bytes)
        assert isinstance(source, Bytes)
        moves = (Move(target, ((0, each),), clears=True) for each in (source, target))
        (plain,) = x86_effects(detail, mnemonic, tokens)
        assert isinstance(plain, Compute)
        return replace(_turn(known[1].condition.name, None, *moves), plain=plain)
    return None


def _turn(code: str, target: int | None, *ways: Effect) -> Turn:
    condition = x86_condition(code) if code else None
    floats = X86_FLOAT_CONDITIONS.get(code)
    return Turn(code, condition, target, taken=ways[:1], passed=ways[1:], floats=floats)
