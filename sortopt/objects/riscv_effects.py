"""What instructions of RISC-V do besides comparing keys: moves, addresses, counters, jumps.

Source: The RISC-V Instruction Set Manual, volume I, chapters RV32I, RV64I, C, M and B (Zba, Zbb);
RISC-V Assembly Programmer's Manual (sgtz and the like).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from sortopt.formats import Mnemonic
from sortopt.objects.effects import (
    Address,
    Arithmetic,
    Bytes,
    Compute,
    Constant,
    Effect,
    Move,
    Overwrite,
    Turn,
)
from sortopt.objects.gnu_text import WORD, GnuText, in_two, total
from sortopt.objects.riscv_floats import (
    COMPARES,
    as_number,
    over,
    riscv_float_access,
    riscv_float_effects,
    riscv_float_turn,
)
from sortopt.targets import RISCV_COMPARING, RISCV_CONDITIONS

_HALF = 4
_LOADS = {"lw": _HALF, "lwsp": _HALF, "ld": WORD, "ldsp": WORD}
_STORES = {"sw": _HALF, "swsp": _HALF, "sd": WORD, "sdsp": WORD}
"""Loads, those of less than a register extend the sign, and stores, with the bytes they access."""
_ARITHMETIC = {
    "add": "add", "addi": "add", "sub": "sub", "neg": "neg", "and": "and", "andi": "and",
    "or": "or", "ori": "or", "xor": "xor", "xori": "xor", "sll": "shl", "slli": "shl",
    "srl": "shr", "srli": "shr", "sra": "sar", "srai": "sar", "mul": "imul", "not": "not",
}  # fmt: skip
_IN_TWO = {"andn": ("not", "and"), "orn": ("not", "or"), "xnor": ("not", "xor")}
"""What is done to the last operand first, and then to the first with the result."""
_OF_HALVES = frozenset(
    ("addw", "addiw", "subw", "negw", "sllw", "slliw", "srlw", "srliw", "sraw", "sraiw", "mulw")
)
"""Calculations with 32 bits, whose sign is extended."""
_SCALED = {"sh1add": 2, "sh2add": 4, "sh3add": 8}
_POINTED = frozenset(("addi", "addi16sp", "addi4spn"))
_CODES = {"eq": "e", "ne": "ne", "lt": "l", "ge": "ge", "ltu": "b", "geu": "ae"}
_WITH_ZERO = {"beqz": "e", "bnez": "ne", "bltz": "l", "bgez": "ge", "blez": "le", "bgtz": "g"}
"""Conditions of jumps by what `numbers.holds` calls them."""
_SETS = {"slt": "blt", "sltu": "bltu", "slti": "blt", "sltiu": "bltu"}
_SETS_WITH_ZERO = {"seqz": "beqz", "snez": "bnez", "sltz": "bltz", "sgtz": "bgtz"}
"""Instructions that make a number of a condition, with the jumps that are taken on it."""
_FAR = "t1"
"""The register that a far jump goes through."""
_PLACE = re.compile(r"(-?(?:0x[0-9a-f]+|\d+))?\((\w+)\)")


def riscv_effects(text: GnuText) -> Sequence[Effect] | None:
    """Return what an instruction does, in order; None for one that is in no table."""
    word, values = text.word.removeprefix("c."), text.values
    if len(values) == 2 and text.word.startswith("c.") and word not in ("mv", "li"):
        values = (values[0], *values)
    if word in _LOADS or word in _STORES or riscv_float_access(word):
        return _access(text, word)
    if word.startswith("f"):
        return riscv_float_effects(text, word)
    match values:
        case (Bytes() as target, int(value)) if word == "li":
            return [Constant(target, value)]
        case (Bytes() as target, Bytes() as source) if word == "mv":
            return [Move(target, ((0, source),), clears=True)]
        case (Bytes() as target, Bytes() as source) if word == "sext.w":
            return [_sign_extension(target, source)]
        case (Bytes() as target, Bytes() as source, 0) if word == "addiw":
            return [_sign_extension(target, source)]
        case (Bytes() as target, Bytes() as source) if word == "zext.b":
            return [Arithmetic("and", target, (source, 255), WORD, text.refused, keeps=True)]
        case (Bytes() as target, Bytes() as base, int(step)) if word in _POINTED:
            return [total(target, base, step)]
        case (Bytes() as target, Bytes() as one, Bytes() as other) if word in _IN_TWO:
            return in_two(text, _IN_TWO[word], target, one, other)
        case (Bytes() as target, Bytes() as index, Bytes() as base) if word in _SCALED:
            return [Address(target, base.family, 0, index.family, _SCALED[word])]
    found = [v for v in values if v is not None]
    arity = 2 if word in ("neg", "negw", "not") else 3
    if len(found) != len(values) or len(found) != arity:
        return None
    result, *operands = found
    assert isinstance(result, Bytes)
    if word in _ARITHMETIC:
        name = _ARITHMETIC[word]
        return [Arithmetic(name, result, tuple(operands), WORD, text.refused, keeps=True)]
    if word not in _OF_HALVES:
        return None
    half = replace(result, size=_HALF)
    halves = tuple(o if isinstance(o, int) else replace(o, size=_HALF) for o in operands)
    name = _ARITHMETIC[word.removesuffix("w")]
    return [
        Arithmetic(name, half, halves, _HALF, text.refused, keeps=True),
        _sign_extension(result, half),
    ]


def riscv_decides(mnemonic: str) -> bool:
    """Return whether an instruction makes a number of a condition, which no kernel does."""
    return mnemonic in _SETS or mnemonic in _SETS_WITH_ZERO or mnemonic in COMPARES


def riscv_turn(text: GnuText, address: int) -> Turn | None:
    """Return how an instruction at `address` goes on; None where no condition decides.

    Also for a jump whose place is not known.  What is compared, an instruction of the model
    compares before.
    """
    word, values = text.word.removeprefix("c."), text.values
    if word in COMPARES:
        return riscv_float_turn(text, word)
    match values:
        case (int(step),) if word in ("j", "jal"):
            return Turn("", None, address + step, calls=word == "jal")
        case () if word in ("call", "tail"):
            over = Overwrite(Bytes(_FAR, 0, WORD, text.token))
            return Turn("", None, taken=(over,) * (word == "tail"), calls=word == "call")
        case (*tested, int(step)) if word in _WITH_ZERO or word in RISCV_CONDITIONS:
            return _turn(text, word, tested, address + step)
        case (Bytes() as target, *tested) if word in _SETS or word in _SETS_WITH_ZERO:
            found = _turn(text, _SETS.get(word) or _SETS_WITH_ZERO[word], tested, None)
            ways = (Constant(target, 1),), (Constant(target, 0),)
            return found and replace(found, taken=ways[0], passed=ways[1])
    return None


def _turn(
    text: GnuText, jump: str, tested: Sequence[Bytes | int | None], target: int | None
) -> Turn | None:
    """Return how code goes on at `jump`; None where what it compares is not known."""
    match tested:
        case (Bytes() as one,) if jump in _WITH_ZERO:
            return Turn(_WITH_ZERO[jump], None, target, (_difference(text, one, 0),))
        case (Bytes() as one, int(number)) if jump in RISCV_CONDITIONS and target is None:
            code = _CODES[RISCV_CONDITIONS[jump].name]
            return Turn(code, None, None, (_difference(text, one, number),))
        case (Bytes() as one, Bytes() as other) if jump in RISCV_CONDITIONS:
            condition = RISCV_CONDITIONS[jump]
            compared = _comparison(text, one, other)
            return Turn(_CODES[condition.name], condition, target, (compared,))
    return None


def _difference(text: GnuText, one: Bytes, number: int) -> Effect:
    return Arithmetic("sub", None, (one, number), WORD, text.refused)


def _comparison(text: GnuText, one: Bytes, other: Bytes) -> Effect:
    mnemonic = Mnemonic(RISCV_COMPARING, RISCV_COMPARING.form("compare"))
    return Compute.of(mnemonic, text.token, (one, other))


def _sign_extension(target: Bytes, source: Bytes) -> Move:
    return Move(target, ((0, replace(source, size=_HALF)),), clears=True, signed=WORD)


def _access(text: GnuText, word: str) -> list[Effect] | None:
    """Return what a load or store does; None where its operands are others."""
    match = _PLACE.fullmatch(text.operands[-1].text.lower())
    held = text.values[0]
    base = match and text.register(text.operands[-1], match[2])
    if match is None or base is None or not isinstance(held, Bytes) or len(text.operands) != 2:
        return None
    floating, after = riscv_float_access(word), list[Effect]()
    loads = word in _LOADS
    if floating:
        kind, loads = floating
        after = [over(held, kind)] * loads
        held = as_number(held, kind)
    size = held.size if floating else (_LOADS if loads else _STORES)[word]
    place = Bytes(base.family, int(match[1] or "0", 0), size, text.operands[1], memory=True)
    if not loads:
        return [Move(place, ((0, replace(held, size=size)),))]
    signed = WORD if size < WORD and not floating else 0
    return [Move(held, ((0, place),), clears=True, signed=signed), *after]
