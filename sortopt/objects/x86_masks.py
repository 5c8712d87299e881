"""Masks that x86-64 makes of comparing floating-point numbers, and what picks a key by a mask.

Only the first lane is followed; what the instructions leave in the others is taken for unknown.
Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (CMPSS, CMPSD, ANDPS,
ANDNPS, ORPS, BLENDVPS and those of doubles).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sortopt.formats import Mnemonic, Token
from sortopt.objects.effects import (
    Arithmetic,
    Bytes,
    Compute,
    Constant,
    Effect,
    Overwrite,
    SpoilFlags,
    Turn,
)
from sortopt.objects.shape import VECTOR
from sortopt.objects.x86_effects import register, x86_operands, x86_outside
from sortopt.targets import X86_BLEND_MASK, X86_FLOAT_MASKS

_PICKS = {f"{name}p{kind}": size for kind, size in (("s", 4), ("d", 8))
          for name in ("and", "andn", "or", "blendv")}  # fmt: skip
"""Instructions that pick by masks, with the size of a key in bytes."""


def x86_mask(detail: Any, mnemonic: Token, tokens: Sequence[Token]) -> Turn:
    """Return how code goes on at one of X86_FLOAT_MASKS: with all ones, or with zero.

    It sets no flags, but those of a comparison before are not followed beyond it.
    """
    isa, form, condition = X86_FLOAT_MASKS[detail.mnemonic]
    size = (form.bits or 0) // 8
    operands = x86_operands(detail, mnemonic, tokens)
    target, *compared = [replace(o, size=size) for o in operands if isinstance(o, Bytes)]
    compared = [target, *compared][-2:]
    compare = Compute.of(Mnemonic(isa, form), mnemonic, compared)
    over = (Overwrite(replace(target, size=VECTOR)), SpoilFlags())
    ways = [(*over, Constant(target, number)) for number in (-1, 0)]
    return Turn("b", None, before=(compare,), taken=ways[0], passed=ways[1], floats=condition)


def x86_picks(detail: Any, mnemonic: Token, tokens: Sequence[Token]) -> list[Effect]:
    """Return what an instruction does that picks by a mask; nothing for others."""
    name = detail.mnemonic.removeprefix("v")
    if name not in _PICKS:
        return []
    size, refused = _PICKS[name], x86_outside(mnemonic, detail.mnemonic)
    found = [*x86_operands(detail, mnemonic, tokens)]
    if name == detail.mnemonic:
        mask = [register(X86_BLEND_MASK, mnemonic)] if name.startswith("blendv") else []
        found = [found[0], *found, *mask]
    whole = [o for o in found if isinstance(o, Bytes) and not o.memory and o.size == VECTOR]
    if len(whole) < len(found):
        raise refused
    target, *read = [replace(o, size=size) for o in whole]
    picked, other = (Bytes(space, 0, size, mnemonic) for space in ("picked", "other"))

    def bits(name: str, target: Bytes, *operands: Bytes) -> Effect:
        return Arithmetic(name, target, operands, size, refused, keeps=True)

    rest = Overwrite(replace(target, offset=size, size=VECTOR - size))
    if name.startswith("blendv"):
        without, taken, by = read
        return [
            bits("and", picked, taken, by), bits("not", other, by),
            bits("and", other, without, other), bits("or", target, picked, other), rest,
        ]  # fmt: skip
    if name.startswith("andn"):
        return [bits("not", other, read[0]), bits("and", target, read[1], other), rest]
    return [bits(name[:-2], target, *read), rest]
