"""What instructions of AArch64 do besides comparing keys: moves, addresses, counters, bits.

Source: Arm Architecture Reference Manual for A-profile architecture (DDI 0487), chapter C6.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from sortopt.formats import Mnemonic, immediate, memory, spellings
from sortopt.model import Place
from sortopt.objects.effects import (
    Address,
    Arithmetic,
    Bytes,
    Compute,
    Constant,
    Effect,
    Move,
    Overwrite,
)
from sortopt.objects.gnu_text import WORD, GnuText, in_two, total
from sortopt.targets import (
    AARCH64_FLOAT_COMPARING,
    AARCH64_FLOAT_COMPARISONS,
    AARCH64_FLOAT_SCALARS,
    MACHINES,
)

_LOADS = {"ldr": 0, "ldur": 0, "ldp": 0, "ldrsw": 4, "ldursw": 4, "ldrb": 1, "ldrh": 2}
_STORES = {"str": 0, "stur": 0, "stp": 0, "strb": 1, "strh": 2}
"""Loads and stores with the bytes that they access, 0 for all of a register."""
_SIGNED = frozenset(("ldrsw", "ldursw", "sxtb", "sxth", "sxtw"))
_EXTENSIONS = {"sxtb": 1, "sxth": 2, "sxtw": 4, "uxtb": 1, "uxth": 2, "uxtw": 4}
_ARITHMETIC = {
    "add": "add", "sub": "sub", "subs": "sub", "neg": "neg", "and": "and", "ands": "tst",
    "orr": "or", "eor": "xor", "mvn": "not", "mul": "imul", "lsl": "shl", "lsr": "shr",
    "asr": "sar", "tst": "tst", "cmp": "sub",
}  # fmt: skip
_FIELDS = {"sbfiz": True, "ubfiz": False}
"""What extends the lower bits of a register, whether by their sign, and shifts them."""
_IN_TWO = {"bic": ("not", "and"), "orn": ("not", "or"), "eon": ("not", "xor")}
"""What is done to the last operand first, and then to the first with the result."""
_SETTING = frozenset(("subs", "ands", "tst", "cmp", "cmn"))
"""Calculations that set the flags; `cmn` is a comparison with the negative of a number."""
FLOAT_COMPARES = ("fcmp", "fcmpe")
"""Comparisons of floating-point numbers."""
_COMPARING = frozenset(("tst", "cmp", "cmn"))
_COMPARE = Mnemonic(*spellings(MACHINES["AArch64"])["cmp"])
_PLACE = re.compile(
    r"\[(?P<base>\w+)(?:, ?#?(?P<offset>-?\w+)"
    r"(?:, ?(?P<how>lsl|sxtw|uxtw)(?: ?#(?P<shift>\w+))?)?)?\](?P<before>!?)"
)
_SHIFTED = re.compile(r"(lsl|sxtw|uxtw)(?: #(\w+))?")


def aarch64_effects(text: GnuText) -> Sequence[Effect] | None:
    """Return what an instruction does, in order; None for one that is in no table."""
    word, values = text.word, text.values
    if word in _LOADS or word in _STORES:
        return _access(text)
    match values:
        case (Bytes() as target, int(value)) if word in ("mov", "fmov"):
            vector = text.machine.place_of(target.family) is Place.VECTOR
            return [Overwrite(replace(target, size=WORD)) if vector else Constant(target, value)]
        case (Bytes() as target, Bytes() as source) if word in ("mov", "fmov"):
            return [Move(target, ((0, source),), clears=True)] if _alike(values) else None
        case (Bytes() as target, Bytes() as source) if word in _EXTENSIONS:
            signed = target.size if word in _SIGNED else 0
            return [_extension(target, source, _EXTENSIONS[word], signed)]
        case (Bytes() as target, Bytes() as base, int(step)) if (
            word in ("add", "sub") and target.size == base.size == WORD
        ):
            return [total(target, base, -step if word == "sub" else step)]
        case (Bytes() as target, Bytes() as base, Bytes() as index, None) if word == "add":
            return _scaled(text, target, base, index)
        case (Bytes() as one, int(number)) if word == "cmn" and number > 0:
            return [_arithmetic(text, "sub", (one, -number))]
        case (Bytes(), Bytes()) if word == "cmp":
            return None
        case (Bytes() as target, Bytes() as one, Bytes() as other) if word == "subs":
            if not _alike(values):
                return None
            left = replace(_arithmetic(text, "sub", (target, one, other)), keeps=True)
            return [Compute.of(_COMPARE, text.token, (one, other)), left]
        case (Bytes() as one, Bytes() as other) if word in FLOAT_COMPARES:
            form = AARCH64_FLOAT_COMPARISONS.get(one.size * 8)
            if form is None or not _alike(values):
                return None
            mnemonic = Mnemonic(AARCH64_FLOAT_COMPARING, form)
            return [Compute.of(mnemonic, text.token, (one, other))]
        case (Bytes() as target, Bytes() as one, Bytes() as other) if _alike(values):
            scalar = AARCH64_FLOAT_SCALARS.get((word, target.size * 8))
            if scalar is not None:
                return [Compute.of(Mnemonic(*scalar), text.token, (target, one, other))]
    found = [v for v in values if v is not None]
    if word in _ARITHMETIC and _alike(found) and len(found) == len(values) == _arity(word):
        return [_arithmetic(text, _ARITHMETIC[word], found)]
    match values:
        case (Bytes() as target, Bytes() as one, Bytes() as other) if word in _IN_TWO:
            return in_two(text, _IN_TWO[word], target, one, other) if _alike(values) else None
        case (Bytes() as target, Bytes() as source, int(step), int(bits)) if word in _FIELDS:
            if bits not in (8, 16, 32):
                return None
            whole = Bytes(_EXTENDED, 0, target.size, text.token)
            signed = target.size if _FIELDS[word] else 0
            return [
                _extension(whole, source, bits // 8, signed),
                Arithmetic("shl", target, (whole, step), target.size, text.refused, keeps=True),
            ]
    return None


def _arity(word: str) -> int:
    return 2 if word in ("neg", "mvn") or word in _COMPARING else 3


def _alike(values: Sequence[Bytes | int | None]) -> bool:
    """Return whether all registers among the operands are equally wide."""
    return len({v.size for v in values if isinstance(v, Bytes)}) == 1


def _arithmetic(text: GnuText, name: str, values: Sequence[Bytes | int]) -> Arithmetic:
    """Return a calculation with all operands of the instruction, or in their place `values`."""
    word, (first, *rest) = text.word, values
    assert isinstance(first, Bytes)
    compares = word in _COMPARING
    refused = immediate(text.operands[1]) if word == "cmp" else text.refused
    return Arithmetic(
        name, None if compares else first, tuple(values if compares else rest), first.size, refused,
        keeps=word not in _SETTING,
    )  # fmt: skip


def _extension(target: Bytes, source: Bytes, size: int, signed: int) -> Effect:
    return Move(target, ((0, replace(source, size=size)),), clears=True, signed=signed)


def _scaled(text: GnuText, target: Bytes, base: Bytes, index: Bytes) -> list[Effect] | None:
    """Return what adding a register does that is shifted, or extended and shifted."""
    how = _SHIFTED.fullmatch(text.operands[3].text.lower())
    if how is None or not target.size == base.size == WORD:
        return None
    indexed = _index(how[1], how[2], index)
    if indexed is None:
        return None
    before, family, scale = indexed
    return [*before, Address(target, base.family, 0, family, scale)]


_Indexed = tuple[list[Effect], str, int]
"""What is done to an index first, where it then is, and its scale."""


def _index(how: str | None, shift: str | None, index: Bytes) -> _Indexed | None:
    """Return how an index counts that is shifted or extended; None for others."""
    scale = 1 << int(shift or "0", 0)
    if how in (None, "lsl"):
        return ([], index.family, scale) if index.size == WORD else None
    if index.size == WORD:
        return None
    extended = Bytes(_EXTENDED, 0, WORD, index.token)
    return [_extension(extended, index, 4, WORD if how == "sxtw" else 0)], _EXTENDED, scale


_EXTENDED = "extended"
"""How the place is called where an index is extended."""


def _access(text: GnuText) -> list[Effect] | None:
    """Return what a load or store of one or two registers does, with its change of the address.

    Of two loads the one that overwrites the register with the address comes last.  None where the
    operands are others.
    """
    word, loads = text.word, text.word in _LOADS
    registers = [v for v in text.values if isinstance(v, Bytes)]
    rest = text.operands[len(registers) :]
    match = _PLACE.fullmatch(rest[0].text.lower()) if rest else None
    base = match and text.register(rest[0], match["base"])
    if match is None or base is None or base.size != WORD:
        return None
    behind = text.values[-1] if len(rest) == 2 else None
    if len(registers) != (2 if word in ("ldp", "stp") else 1) or len(rest) > 2:
        return None
    written = match["offset"] or "0"
    index = text.register(rest[0], written)
    if (len(rest) == 2 and not isinstance(behind, int)) or (index and match["before"]):
        return None
    indexed: _Indexed | None
    if index is None:
        if match["how"] or not re.fullmatch(r"-?(0x[0-9a-f]+|\d+)", written):
            return None
        indexed = [], "", 1
        offset = int(written, 0)
    else:
        indexed = _index(match["how"], match["shift"], index)
        offset = 0
    if indexed is None:
        raise memory.indexed(rest[0])
    first, family, scale = indexed
    before = offset if match["before"] else 0
    step = before or (behind if isinstance(behind, int) else 0)
    if step and any(held.family == base.family for held in registers):
        return None
    moves: list[Effect] = []
    for held in sorted(registers, key=lambda r: r.family == base.family):
        size = (_LOADS if loads else _STORES)[word] or held.size
        at = (0 if before else offset) + size * registers.index(held)
        place = Bytes(base.family, at, size, rest[0], True, family, scale)
        if loads:
            signed = held.size if word in _SIGNED else 0
            moves.append(Move(held, ((0, place),), clears=True, signed=signed))
        else:
            moves.append(Move(place, ((0, replace(held, size=size)),)))
    change: list[Effect] = [Address(base, base.family, step)] if step else []
    return [*change, *moves] if before else [*first, *moves, *change]
