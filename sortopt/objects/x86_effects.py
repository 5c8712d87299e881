"""What x86-64 instructions do besides comparing keys: moves, shuffles, the stack, addresses.

A table of our own over capstone's operands.  Source: Intel 64 and IA-32 Architectures Software
Developer's Manual, volume 2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sortopt.base import InputError
from sortopt.formats import REGISTERS, SPELLINGS, Mnemonic, Token, memory, unknown
from sortopt.formats import immediate as no_immediate
from sortopt.formats import register as key_register
from sortopt.model import Action, Condition
from sortopt.objects.effects import (
    Address,
    Arithmetic,
    Bytes,
    Compute,
    Constant,
    Effect,
    Move,
    Overwrite,
    Source,
    SpoilFlags,
    joined,
)
from sortopt.targets import X86_FLOAT_COMPARISONS, X86_FLOAT_MASKS

REGISTER, IMMEDIATE, MEMORY = 1, 2, 3
"""capstone's kinds of operands."""
_JUMP = 1
"""capstone's group of jumps."""
_VECTOR = 16
_WORD = 8
_FAULTS = re.compile(r"vmovap|vmovdqa|(?!v|movu|movdqu|lddqu)")
"""Instructions that fault where the vector in memory is not aligned (volume 1, 4.1.1, 14.9)."""

_SIZES = {
    "movd": 4, "movss": 4, "movq": 8, "movsd": 8,
    **dict.fromkeys(
        ("movdqa", "movdqu", "movaps", "movups", "movapd", "movupd", "lddqu", "vmovdqa64",
         "vmovdqu64", "vmovdqa32", "vmovdqu32"), _VECTOR,
    ),
}  # fmt: skip
"""Moves between vector registers, memory and others, with the bytes that they move."""

_SHUFFLES: dict[str, tuple[int, Callable[[int], Sequence[Source]]]] = {
    "punpckldq": (4, lambda _: ((0, 0), (1, 0), (0, 4), (1, 4))),
    "punpckhdq": (4, lambda _: ((0, 8), (1, 8), (0, 12), (1, 12))),
    "punpcklqdq": (8, lambda _: ((0, 0), (1, 0))),
    "punpckhqdq": (8, lambda _: ((0, 8), (1, 8))),
    "pshufd": (4, lambda order: [(0, (order >> 2 * i & 3) * 4) for i in range(4)]),
    "shufps": (4, lambda order: [(i // 2, (order >> 2 * i & 3) * 4) for i in range(4)]),
    "shufpd": (8, lambda order: [(i, (order >> i & 1) * 8) for i in range(2)]),
    "movlhps": (8, lambda _: ((0, 0), (1, 0))),
    "movhlps": (8, lambda _: ((1, 8), (0, 8))),
    "psrldq": (1, lambda count: [(0, i + count) for i in range(16 - count)]),
    "palignr": (1, lambda count: [
        ((1, i + count) if i + count < 16 else (0, i + count - 16))
        for i in range(16) if i + count < 32
    ]),
    "blendps": (4, lambda mask: [(mask >> i & 1, 4 * i) for i in range(4)]),
    "psrlq": (4, lambda bits: ((0, 4), None, (0, 12)) if bits == 32 else ()),
    "insertps": (4, lambda order: [
        None if order >> i & 1 else (1, (order >> 6) * 4) if i == order >> 4 & 3 else (0, 4 * i)
        for i in range(4)
    ]),
    "pblendw": (2, lambda mask: [(mask >> i & 1, 2 * i) for i in range(8)]),
}  # fmt: skip
"""Vector shuffles: the size of a part, and where the parts of the result come from."""
_SHUFFLES |= {
    "unpcklps": _SHUFFLES["punpckldq"], "unpckhps": _SHUFFLES["punpckhdq"],
    "unpcklpd": _SHUFFLES["punpcklqdq"], "unpckhpd": _SHUFFLES["punpckhqdq"],
    "blendpd": (8, lambda mask: [(mask >> i & 1, 8 * i) for i in range(2)]),
}  # fmt: skip
_SHUFFLES |= {
    "pblendd": _SHUFFLES["blendps"], "permilps": _SHUFFLES["pshufd"],
    "permilpd": (8, lambda order: [(0, (order >> i & 1) * 8) for i in range(2)]),
    "movshdup": (4, lambda _: [(0, 4 * (i | 1)) for i in range(4)]),
}  # fmt: skip
_MERGES: dict[str, tuple[int, Callable[[int], Sequence[Source]]]] = {
    "vmovss": (4, lambda _: [(int(not i), 4 * i) for i in range(4)]),
    "vmovsd": (8, lambda _: ((1, 0), (0, 8))),
}
_ONE_SOURCE = frozenset(("pshufd", "psrldq", "permilps", "permilpd", "psrlq", "movshdup"))
_HALVES = {"movlps": 0, "movlpd": 0, "movhps": 8, "movhpd": 8}
"""Moves of half a vector register from or to memory, by where the half begins."""
_ARITHMETIC = frozenset(
    ("add", "sub", "inc", "dec", "cmp", "test", "and", "or", "xor", "not", "neg", "imul",
     "shl", "sal", "shr", "sar")
)  # fmt: skip
"""Calculations that are followed on known numbers, counters and indices."""
_SHIFTS = ("shl", "sal", "shr", "sar")
_LANES = {"pinsrb": 1, "pinsrw": 2, "pinsrd": 4, "pinsrq": 8,
          "pextrb": 1, "pextrw": 2, "pextrd": 4, "pextrq": 8, "extractps": 4}  # fmt: skip

_NO_AVX512 = "compile without -mavx512vl, and without intrinsics of such instructions"
"""What helps against masks, shuffles that a register decides, and values repeated from memory."""

_SCALAR = frozenset(("minss", "maxss", "minsd", "maxsd"))
"""Minima and maxima of the first lane; the others are taken for unknown."""

_COPIES = ("movss", "movsd", "movq", "movdqu", "lddqu", "movshdup")
PREFIXED = frozenset((*_COPIES, *_SCALAR, *X86_FLOAT_MASKS))
"""Instructions in whose encoding F2 or F3 is no prefix."""


def x86_effects(detail: Any, mnemonic: Token, tokens: Sequence[Token]) -> Iterator[Effect]:
    """Yield what an instruction does, in order; raises InputError for one in no table.

    `detail` is capstone's view of it; messages put it and its operands at the tokens.
    """
    return _Instruction(detail, mnemonic, tokens).effects()


def x86_operands(detail: Any, mnemonic: Token, tokens: Sequence[Token]) -> tuple[Bytes | int, ...]:
    """Return the operands of an instruction, destination first."""
    return _Instruction(detail, mnemonic, tokens).operands()


def x86_outside(mnemonic: Token, name: str) -> InputError:
    """Return the error for an instruction in no table."""
    return unknown(Token(name, mnemonic.source, mnemonic.line, mnemonic.column))


def x86_address(token: Token, detail: Any, operand: Any) -> tuple[str, int]:
    """Return the register and the offset by which an operand is addressed; raises InputError."""
    place = operand.mem
    if place.segment:
        raise memory.segment(token)
    if place.index:
        raise memory.indexed(token)
    if not place.base:
        raise memory.absolute(token, memory.EXAMPLE)
    return detail.reg_name(place.base), place.disp


def x86_condition(code: str) -> Condition | None:
    """Return what a condition code says of the order of two keys; None for one that does not."""
    known = SPELLINGS.get(f"cmov{code}")
    return known[1].condition if known else None


class _Instruction:
    """One machine instruction of x86-64."""

    def __init__(self, detail: Any, mnemonic: Token, tokens: Sequence[Token]) -> None:
        self._detail = detail
        self._word = mnemonic
        self._tokens = tokens
        self._name: str = detail.mnemonic

    def effects(self) -> Iterator[Effect]:
        """Yield what it does, in order."""
        name = self._name
        plain = name[1:] if name.startswith("v") else name
        known = SPELLINGS.get(name) or X86_FLOAT_COMPARISONS.get(name)
        if name in _ARITHMETIC and not (self._clears() or (known and not self._is(1, IMMEDIATE))):
            yield self._arithmetic()
        elif known is not None and known[1].action is not Action.COPY:
            operands = tuple(self._bytes(i) for i in range(len(self._detail.operands)))
            if plain in _SCALAR or name in X86_FLOAT_COMPARISONS:
                size = (known[1].bits or 0) // 8
                operands = tuple(operand.cut(size) for operand in operands)
            self._need(len(operands) == len(known[1].operands))
            yield Compute.of(Mnemonic(*known), self._word, operands)
        elif name in _MERGES and len(self._detail.operands) == 3:
            yield from self._shuffle(*_MERGES[name])
        elif name == "mov" or plain in _SIZES or name in _SIZES:
            yield self._move(_SIZES.get(name, _SIZES.get(plain, 0)))
        elif name in ("movsxd", "cdqe", "movzx", "movsx"):
            self._need(not self._detail.operands or self._bytes(0).size >= 4)
            yield self._extension()
        elif plain in _SHUFFLES:
            yield from self._shuffle(*_SHUFFLES[plain])
        elif plain in _HALVES:
            yield self._half(_HALVES[plain])
        elif plain in _LANES:
            yield self._lane(_LANES[plain])
        elif name in ("push", "pop", "leave"):
            yield from self._stack()
        elif name == "lea":
            target, place = self._bytes(0), self._bytes(1)
            self._need(target.size >= 4)
            target = replace(target, token=place.token)
            yield Address(target, place.family, place.offset, place.index, place.scale)
        elif name == "xchg":
            one, other = self._bytes(0), self._bytes(1)
            kept = Bytes("exchanged", 0, other.size, other.token)
            fills = [not each.memory and each.size >= 4 for each in (one, other)]
            yield _whole(kept, other)
            yield _whole(other, one, clears=fills[1])
            yield _whole(one, kept, clears=fills[0])
        elif name in ("xor", "sub", "pxor", "vpxor", "xorps", "vxorps"):
            self._need(len({self._bytes(i).offset for i in range(len(self._detail.operands))}) == 1)
            yield from self._zero()
        else:
            raise self._outside()

    def _outside(self) -> InputError:
        word = self._word
        if _JUMP in self._detail.groups and self._name != "jmp":
            return word.fault(
                f"{self._name} is a jump, which is outside the model",
                "a kernel is straight-line code; gcc makes it of std::min, std::max and ?: with "
                "-O1, or with -O2 -fno-thread-jumps",
            )
        return x86_outside(word, self._name)

    def _need(self, understood: bool) -> None:
        if not understood:
            raise self._outside()

    def _is(self, index: int, kind: int) -> bool:
        operands = self._detail.operands
        return index < len(operands) and operands[index].type == kind

    def _bytes(self, index: int) -> Bytes:
        """Return an operand that is a register, or memory behind one; raises InputError."""
        operands = self._detail.operands
        operand = operands[index]
        token = self._tokens[index] if len(self._tokens) == len(operands) else self._word
        if operand.type == REGISTER:
            return register(self._detail.reg_name(operand.reg), token)
        if operand.type != MEMORY:
            raise no_immediate(token)
        place = operand.mem
        aligned = operand.size == _VECTOR and _FAULTS.match(self._name) is not None
        if place.index and not place.segment:
            names = [self._detail.reg_name(r) for r in (place.base, place.index) if r]
            if any(n not in REGISTERS or REGISTERS[n].width != _WORD * 8 for n in names):
                raise memory.indexed(token)
            families = [REGISTERS[name].family for name in names]
            base = families[0] if place.base else ""
            found = Bytes(base, place.disp, operand.size, token, True, aligned=aligned)
            return replace(found, index=families[-1], scale=place.scale)
        name, offset = x86_address(token, self._detail, operand)
        family = "sp" if name == "rsp" else memory.base_register(token, name, memory.EXAMPLE).family
        return Bytes(family, offset, operand.size, token, memory=True, aligned=aligned)

    def _immediate(self, index: int) -> int:
        value: int = self._detail.operands[index].imm
        return value

    def _move(self, size: int) -> Effect:
        target = self._bytes(0)
        if self._is(1, IMMEDIATE):
            return Constant(target if target.memory else _cleared(target), self._immediate(1))
        source = self._bytes(1)
        size = size or min(target.size, source.size)
        merges = self._name in ("movss", "movsd") and not target.memory and not source.memory
        self._need(len(self._detail.operands) == 2 and not (target.memory and source.memory))
        clears = not merges and not target.memory and size >= 4
        return _whole(target.cut(size), source.cut(size), clears=clears)

    def _extension(self) -> Effect:
        if not self._detail.operands:
            token = self._word
            whole = _whole(register("eax", token), register("eax", token), clears=True)
            return replace(whole, signed=_WORD)
        target, source = self._bytes(0), self._bytes(1)
        whole = _whole(target.cut(source.size), source, clears=target.size >= 4)
        return whole if self._name == "movzx" else replace(whole, signed=target.size)

    def _shuffle(self, size: int, order: Callable[[int], Sequence[Source]]) -> Iterator[Effect]:
        operands = len(self._detail.operands)
        last = operands - 1 if self._is(operands - 1, IMMEDIATE) else operands
        number = self._immediate(last) & 255 if last < operands else 0
        plain = self._name.removeprefix("v")
        one = plain in _ONE_SOURCE
        by_register = last == operands and plain != "movshdup"
        if last not in ((1, 2) if one else (2, 3)) or (one and by_register):
            raise self._word.fault(
                f"{self._name} with a mask, or a register that says how, is outside the model",
                _NO_AVX512,
            )
        if one:
            sources = [self._bytes(last - 1)]
        else:
            sources = [self._bytes(0 if last == 2 else 1), self._bytes(last - 1)]
        size, order_of = joined(order(number), size)
        target = self._bytes(0)
        self._need(plain != "insertps" or number < 64 or not sources[1].memory)
        if sources[-1].memory and sources[-1].size != _VECTOR and plain != "insertps":
            message = f"{self._name} of a value repeated from memory is outside the model"
            raise self._word.fault(message, _NO_AVX512)
        if sources[-1].memory and sources[-1].size == _VECTOR:  # all of it is read
            loaded = Bytes("loaded", 0, _VECTOR, sources[-1].token)
            yield _whole(loaded, sources[-1])
            sources[-1] = loaded
        parts = (
            (i * size, sources[source[0]].cut(size, source[1]))
            for i, source in enumerate(order_of)
            if source is not None
        )
        yield Move(target.cut(_VECTOR), tuple(parts), clears=True)

    def _half(self, start: int) -> Effect:
        self._need(len(self._detail.operands) == 2)
        target, source = self._bytes(0), self._bytes(1)
        if target.memory:
            return _whole(target.cut(8), source.cut(8, start))
        return _whole(target.cut(8, start), source.cut(8))

    def _lane(self, size: int) -> Effect:
        at = self._immediate(len(self._detail.operands) - 1) % (_VECTOR // size) * size
        target = self._bytes(0)
        if "extr" in self._name:
            return _whole(target.cut(size), self._bytes(1).cut(size, at), not target.memory)
        into, source = self._bytes(len(self._detail.operands) - 3), self._bytes(-2)
        rest = [(i, into.cut(size, i)) for i in range(0, _VECTOR, size) if i != at]
        return Move(target.cut(_VECTOR), (*rest, (at, source.cut(size))), clears=True)

    def _stack(self) -> Iterator[Effect]:
        token, pointer = self._word, register("rsp", self._word)
        top = Bytes("sp", 0, _WORD, token, memory=True)
        if self._name == "leave":
            yield Address(pointer, "bp", 0)
            operand = register("rbp", token)
        else:
            self._need(not self._is(0, IMMEDIATE))
            operand = self._bytes(0)
            self._need(operand.size == _WORD and operand.family != "sp")
        self._need(self._name != "leave" or len(self._detail.bytes) == 1)
        if self._name == "push":
            self._need(not operand.memory)
            yield Address(pointer, "sp", -_WORD)
            yield _whole(top, operand)
        else:
            self._need(not operand.memory)
            yield _whole(operand, top, clears=True)
            yield Address(pointer, "sp", _WORD)

    def _clears(self) -> bool:
        """Return whether it clears a register whatever that held."""
        same = self._is(1, REGISTER) and self._bytes(0).family == self._bytes(1).family
        return self._name in ("sub", "xor") and same

    def _arithmetic(self) -> Effect:
        target = self._bytes(0)
        operands = [*self.operands()]
        compares = self._name in ("cmp", "test")
        at = self._tokens[1] if len(self._tokens) == 2 else self._word
        refused = no_immediate(at) if self._name == "cmp" else self._outside()
        if self._name in ("inc", "dec") or (self._name in _SHIFTS and len(operands) == 1):
            operands.append(1)
        if self._name == "imul":
            self._need(len(operands) > 1)
            operands = operands[-2:]
        return Arithmetic(
            self._name, None if compares else target, tuple(operands), target.size, refused,
            keeps=self._name == "not",
        )  # fmt: skip

    def operands(self) -> tuple[Bytes | int, ...]:
        """Return all operands, numbers as they are."""
        return tuple(
            self._immediate(i) if self._is(i, IMMEDIATE) else self._bytes(i)
            for i in range(len(self._detail.operands))
        )

    def _zero(self) -> Iterator[Effect]:
        *_, one, other = (self._bytes(i) for i in range(len(self._detail.operands)))
        self._need((one.family, one.memory) == (other.family, False) and one.size == other.size)
        if one.size == _VECTOR:
            yield Overwrite(self._bytes(0))
        else:
            yield Constant(_cleared(self._bytes(0)), 0)
            yield SpoilFlags()


def register(name: str, token: Token) -> Bytes:
    """Return all bytes of the register called `name`; raises InputError where it is not known."""
    known = REGISTERS.get(name)
    if known is None:
        key_register(token, name, "")
        raise AssertionError(f"{name} is in no table")
    second = known.width == 8 and name.endswith("h")
    return Bytes(known.family, int(second), known.width // 8, token)


def _cleared(found: Bytes) -> Bytes:
    """Return what a write to a register overwrites."""
    return found.cut(max(found.size, _WORD)) if found.size >= 4 else found


def _whole(target: Bytes, source: Bytes, clears: bool = False) -> Move:
    return Move(target, ((0, source),), clears)
