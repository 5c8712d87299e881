"""Jumps and calls of AArch64, and instructions that make a number of a condition.

Source: Arm Architecture Reference Manual for A-profile architecture (DDI 0487), chapter C6, and
section C1.2.4 (the conditions).
"""

from __future__ import annotations

from collections.abc import Sequence

from sortopt.formats import spellings
from sortopt.model import Condition
from sortopt.objects.aarch64_effects import FLOAT_COMPARES
from sortopt.objects.effects import Arithmetic, Bytes, Constant, Effect, Move, Turn
from sortopt.objects.gnu_text import GnuText
from sortopt.targets import AARCH64_FLOAT_CONDITIONS, MACHINES

_CODES = {
    "eq": "e", "ne": "ne", "lt": "l", "le": "le", "gt": "g", "ge": "ge", "lo": "b", "cc": "b",
    "ls": "be", "hi": "a", "hs": "ae", "cs": "ae", "mi": "s", "pl": "ns", "vs": "o", "vc": "no",
}  # fmt: skip
"""Conditions by what `numbers.holds` calls them."""
_SPELLINGS = spellings(MACHINES["AArch64"])
_ZERO = {"cbz": "e", "tbz": "e", "cbnz": "ne", "tbnz": "ne"}
_SETS = {"cset": 1, "csetm": -1}
"""What becomes of a register where the condition holds; 0 where it does not."""
_SECOND = {"csel": "", "fcsel": "", "csinc": "add", "csinv": "not", "csneg": "neg"}
"""What is done to the second operand, which is taken where the condition does not hold."""
_CHANGES = {"cinc": "add", "cinv": "not", "cneg": "neg"}
"""What is done to the operand where the condition holds."""


def aarch64_decides(mnemonic: str) -> bool:
    """Return whether no kernel has an instruction, as it makes a number of a condition, or compares
    floating-point numbers: what comes of that is followed path by path.
    """
    others = ("csinc", "csinv", "csneg", *FLOAT_COMPARES)
    return mnemonic in _SETS or mnemonic in _CHANGES or mnemonic in others


def aarch64_turn(text: GnuText, address: int) -> Turn | None:
    """Return how an instruction goes on; None where no condition decides, or none that is known.

    Also for a jump whose place is not known.
    """
    match text.word, text.values:
        case "b" | "bl", (int(target),):
            return Turn("", None, target, calls=text.word == "bl")
        case "cbz" | "cbnz", (Bytes() as tested, int(target)):
            before = Arithmetic("sub", None, (tested, 0), tested.size, text.refused)
            return Turn(_ZERO[text.word], None, target, (before,), keeps=True)
        case "tbz" | "tbnz", (Bytes() as tested, int(bit), int(target)):
            before = Arithmetic("tst", None, (tested, 1 << bit), tested.size, text.refused)
            return Turn(_ZERO[text.word], None, target, (before,), keeps=True)
        case word, (int(target),) if word.startswith("b.") and word[2:] in _CODES:
            return _turn(word[2:], target)
    code = text.operands[-1].text.lower() if text.operands else ""
    ways = _ways(text, text.values[:-1]) if code in _CODES else None
    if ways is None:
        return None
    return _turn(code, None, *ways)


def _turn(code: str, target: int | None, *ways: Effect) -> Turn:
    return Turn(
        _CODES[code], _condition(code), target, taken=ways[:1], passed=ways[1:],
        floats=AARCH64_FLOAT_CONDITIONS[code],
    )  # fmt: skip


def _condition(code: str) -> Condition | None:
    """Return what a condition says of the order of two keys; None for one that does not."""
    known = _SPELLINGS.get(f"csel{code}")
    return known[1].condition if known else None


def _ways(text: GnuText, values: Sequence[Bytes | int | None]) -> tuple[Effect, Effect] | None:
    """Return what is done where a condition holds and where not; None for other instructions."""
    word = text.word
    match values:
        case (Bytes() as target,) if word in _SETS:
            return Constant(target, _SETS[word]), Constant(target, 0)
        case (Bytes() as target, Bytes() as one, Bytes() as other) if word in _SECOND:
            return _moved(target, one), _changed(text, _SECOND[word], target, other)
        case (Bytes() as target, Bytes() as one) if word in _CHANGES:
            return _changed(text, _CHANGES[word], target, one), _moved(target, one)
    return None


def _moved(target: Bytes, source: Bytes) -> Effect:
    return Move(target, ((0, source),), clears=True)


def _changed(text: GnuText, name: str, target: Bytes, source: Bytes) -> Effect:
    operands = (source, 1) if name == "add" else (source,)
    if not name:
        return _moved(target, source)
    return Arithmetic(name, target, operands, target.size, text.refused, keeps=True)
