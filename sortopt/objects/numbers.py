"""Arithmetic on numbers that are known while code is followed, with the flags that it leaves.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, section 3.4.3.1,
and volume 2, appendix B.1.4 (the conditions).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class NumberFlags:
    """The flags after a calculation; None where they are not known.

    The carry is right if the register `address`, where there is one, holds an address on entry.
    """

    zero: bool | None = None
    sign: bool | None = None
    carry: bool | None = None
    overflow: bool | None = None
    address: str = ""


def calculated(name: str, bits: int, operands: Sequence[int]) -> tuple[int, NumberFlags]:
    """Return the result of an instruction on `bits` bits, without sign, and the flags.

    `inc` and `dec` are given 1 as their second operand; they leave the carry as it was, which is
    not followed, and neither are the flags of shifts and products.  A third operand of `adc` and
    `sbb` is the carry before.  The carry is that of x86, set
    by a subtraction that borrows; what AArch64's `tst` leaves in it is not followed.
    """
    full = 1 << bits
    a, b, c = (*(operand % full for operand in operands), 0, 0)[:3]
    if name in _SHIFTS:
        return _SHIFTS[name](a, b & (63 if bits == 64 else 31), bits) % full, NumberFlags()
    if name == "neg":
        return calculated("sub", bits, (0, a))
    if name in ("imul", "not"):
        return (a * b if name == "imul" else ~a) % full, NumberFlags()
    if name in _BITWISE:
        result = _BITWISE[name](a, b)
        carry = None if name == "tst" else False
        return result, NumberFlags(result == 0, bool(result >> (bits - 1)), carry, False)
    adds = name in ("add", "inc", "adc")
    result = (a + b + c if adds else a - b - c) % full
    signed = _signed(a, bits) + (_signed(b, bits) + c if adds else -_signed(b, bits) - c)
    carry = a + b + c >= full if adds else a < b + c
    return result, NumberFlags(
        result == 0,
        bool(result >> (bits - 1)),
        None if name in ("inc", "dec") else carry,
        signed != _signed(result, bits),
    )


def holds(flags: NumberFlags, condition: str) -> bool | None:
    """Return whether a condition code (`ge`) holds; None where that is not known."""
    test = _CONDITIONS.get(condition)
    if test is not None:
        return test(flags)
    opposite = _CONDITIONS.get(_OPPOSITE.get(condition, ""))
    found = opposite(flags) if opposite else None
    return None if found is None else not found


def wrapped(value: int) -> int:
    """Return a number of 64 bits as one with a sign."""
    return _signed(value % (1 << 64), 64)


def _signed(value: int, bits: int) -> int:
    return value - (value >> (bits - 1) << bits)


_SHIFTS: Mapping[str, Callable[[int, int, int], int]] = MappingProxyType(
    {
        **dict.fromkeys(("shl", "sal"), lambda a, count, _: a << count),
        "shr": lambda a, count, _: a >> count,
        "sar": lambda a, count, bits: _signed(a, bits) >> count,
    }
)
_BITWISE: Mapping[str, Callable[[int, int], int]] = MappingProxyType(
    {
        **dict.fromkeys(("and", "test", "tst"), int.__and__),
        "or": int.__or__,
        "xor": int.__xor__,
    }
)


def _differs(flags: NumberFlags) -> bool | None:
    known = flags.sign is not None and flags.overflow is not None
    return flags.sign is not flags.overflow if known else None


def _either(one: bool | None, other: bool | None) -> bool | None:
    return None if one is None or other is None else one or other


_CONDITIONS: Mapping[str, Callable[[NumberFlags], bool | None]] = MappingProxyType(
    {
        "e": lambda f: f.zero,
        "s": lambda f: f.sign,
        "b": lambda f: f.carry,
        "o": lambda f: f.overflow,
        "l": _differs,
        "be": lambda f: _either(f.carry, f.zero),
        "le": lambda f: _either(f.zero, _differs(f)),
    }
)
_OPPOSITE: Mapping[str, str] = MappingProxyType(
    {"ne": "e", "ns": "s", "ae": "b", "no": "o", "ge": "l", "a": "be", "g": "le"}
)
