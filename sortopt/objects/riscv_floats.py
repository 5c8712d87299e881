"""What RISC-V does with floating-point numbers: moves, minima, maxima and comparisons.

Source: The RISC-V Instruction Set Manual, volume I, chapters F and D.
"""

from __future__ import annotations

import re
from dataclasses import replace

from sortopt.formats import Mnemonic
from sortopt.objects.effects import Bytes, Compute, Constant, Effect, Move, Overwrite, Turn
from sortopt.objects.gnu_text import WORD, GnuText
from sortopt.targets import (
    RISCV_FLOAT_BITS,
    RISCV_FLOAT_COMPARING,
    RISCV_FLOAT_CONDITIONS,
)

_OF_FLOAT = ".s"
"""What is behind the name of a register where it is taken for a float."""
_ACCESSES = {"w": "s", "wsp": "s", "d": "d", "dsp": "d"}
"""What loads and stores access, by what is behind `fl` and `fs` in their names."""
_WORD = re.compile(r"(f\w+)\.([sd])")
_MOVES = {"fmv.x.w": "s", "fmv.w.x": "s", "fmv.x.d": "d", "fmv.d.x": "d"}
"""Moves of bits between a floating-point register and another one."""
COMPARES = frozenset(f"{w}.{letter}" for w in RISCV_FLOAT_CONDITIONS for letter in RISCV_FLOAT_BITS)
"""Instructions that make a number of a comparison."""


def riscv_float_access(word: str) -> tuple[str, bool] | None:
    """Return which numbers, and whether a load, accesses; None for another instruction."""
    kind = _ACCESSES.get(word[2:]) if word[:2] in ("fl", "fs") else None
    return (kind, word[1] == "l") if kind else None


def as_number(found: Bytes, kind: str) -> Bytes:
    """Return what instructions on numbers of a kind see of a register."""
    size = RISCV_FLOAT_BITS[kind] // 8
    family = found.family + _OF_FLOAT * (kind == "s")
    return replace(found, family=family, size=size)


def over(found: Bytes, kind: str) -> Effect:
    """Return that what other instructions see of a register is no more what it was."""
    return Overwrite(as_number(found, "d" if kind == "s" else "s"))


def riscv_float_effects(text: GnuText, word: str) -> list[Effect] | None:
    """Return what an instruction does, in order; None for one that is in no table."""
    match text.values:
        case (Bytes() as target, Bytes() as source) if word in _MOVES:
            kind = _MOVES[word]
            if word[4] == "x":
                signed = WORD if kind == "s" else 0
                return [Move(target, ((0, as_number(source, kind)),), clears=True, signed=signed)]
            number = as_number(target, kind)
            return [Move(number, ((0, replace(source, size=number.size)),), clears=True),
                    over(target, kind)]  # fmt: skip
    known = _WORD.fullmatch(word)
    if known is None:
        return None
    name, kind = known[1], known[2]
    held = [v for v in text.values if isinstance(v, Bytes)]
    found = [as_number(v, kind) for v in held]
    same = len(found) == 3 and found[1].family == found[2].family
    if (name == "fmv" and len(found) == 2) or (name == "fsgnj" and same):
        return [Move(found[0], ((0, found[1]),), clears=True), over(held[0], kind)]
    if name in ("fmin", "fmax") and len(found) == 3:
        return [_compute(text, word, *found), over(held[0], kind)]
    return None


def riscv_float_turn(text: GnuText, word: str) -> Turn | None:
    """Return how code goes on at one of COMPARES: with one or with zero."""
    match text.values:
        case (Bytes() as target, Bytes() as one, Bytes() as other) if word in COMPARES:
            name, _, kind = word.partition(".")
            compared = _compute(
                text, f"compare.{kind}", *(as_number(o, kind) for o in (one, other))
            )
            ways = (Constant(target, 1),), (Constant(target, 0),)
            condition = RISCV_FLOAT_CONDITIONS[name]
            return Turn("l", None, before=(compared,), taken=ways[0], passed=ways[1],
                        floats=condition)  # fmt: skip
    return None


def _compute(text: GnuText, name: str, *found: Bytes) -> Compute:
    mnemonic = Mnemonic(RISCV_FLOAT_COMPARING, RISCV_FLOAT_COMPARING.form(name))
    return Compute.of(mnemonic, text.token, found)
