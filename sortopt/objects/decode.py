"""Machine code to instructions of the model.  This is the only home of capstone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, takewhile
from typing import Any, TypeVar

from sortopt.base import InputError, Source
from sortopt.formats import (
    MOST_INSTRUCTIONS,
    PASSED_OVER,
    SPELLINGS,
    Mnemonic,
    Operand,
    Parsed,
    Token,
    immediate,
    is_return,
    memory,
    outside,
    register,
    too_long,
    unknown,
)
from sortopt.model import Machine
from sortopt.objects import other_machines
from sortopt.objects.effects import Effect
from sortopt.objects.extras import library
from sortopt.objects.gnu_effects import gnu_effects
from sortopt.objects.lift import Instructions
from sortopt.objects.object_file import Function, Position
from sortopt.objects.x86_effects import (
    MEMORY,
    PREFIXED,
    REGISTER,
    x86_address,
    x86_effects,
    x86_outside,
)
from sortopt.objects.x86_masks import x86_picks

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Decoded:
    """One machine instruction: address and length in bytes, its text, and capstone's view."""

    address: int
    size: int
    mnemonic: str
    operands: str
    detail: Any = None

    @property
    def text(self) -> str:
        """The instruction in Intel syntax, or that of its machine."""
        return f"{self.mnemonic} {self.operands}".strip()


@dataclass(frozen=True, slots=True)
class Place:
    """Where messages put an instruction: its mnemonic, and each operand, destination first."""

    mnemonic: Token
    operands: tuple[Token, ...]


Places = Callable[[Decoded], Place]


@dataclass(frozen=True, slots=True)
class Code:
    """Decoded code, and where each instruction of it stands.

    `returns` says that it is a whole function.  Where `places` are those in a listing, `exact`
    finds those in the text that was assembled, for messages.  `beginning` returns the function of
    the file that begins at a position.
    """

    function: Function
    decoded: tuple[Decoded, ...]
    places: Places
    returns: bool = True
    exact: Callable[[], Places] | None = None
    beginning: Callable[[Position], Code | None] = lambda _: None

    def located(self) -> Code:
        """Return this code with the exact places of its instructions."""
        return self if self.exact is None else replace(self, places=self.exact(), exact=None)


def listed(function: Function, shown: str) -> Code:
    """Decode a function of an object file."""
    decoded = decode(function)

    def beginning(position: Position) -> Code | None:
        found = function.beginning(position)
        return listed(found, shown) if found is not None else None

    return Code(function, decoded, listing(function, decoded, shown), beginning=beginning)


def decode(function: Function) -> tuple[Decoded, ...]:
    """Return the machine instructions of `function`, as far as its bytes are instructions.

    Not many more than a kernel may have.  Raises InputError where capstone is missing.
    """
    most = MOST_INSTRUCTIONS + _MOST_IDLE
    if function.machine.tools:
        found = islice(other_machines.disassemble(function), most)
        return tuple(Decoded(*instruction) for instruction in found)
    capstone = library("capstone", "decoding machine code")
    engine = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    engine.detail = True
    return tuple(
        Decoded(i.address, i.size, _NARROW * _is_narrow(i) + i.mnemonic, i.op_str, i)
        for i in engine.disasm(function.code, function.start, most)
    )


_NARROW = "data16 "
"""What begins the mnemonic of a jump, call or return that counts with 16 bits."""


def _is_narrow(detail: Any) -> bool:
    """Return whether one takes 16 bits off the stack, or, on processors of AMD, goes to 16 bits."""
    goes = any(detail.group(group) for group in (1, 2, 3))
    return goes and _OPERAND_SIZE in detail.prefix


_MOST_IDLE = 1000
"""How many instructions that do nothing are read beside."""
_REX2 = 0xD5
_APX_HINT = (
    "they begin as one of Intel APX does, for r16 to r31, which object files are not read with; "
    "hand in the instructions alone, as text"
)


def listing(function: Function, decoded: Sequence[Decoded], shown: str) -> Places:
    """Return places in a disassembly of `function`, one instruction a line."""
    name = f"{shown}[{function.name}]"
    source = Source(name, "\n".join(d.text for d in decoded))
    line = {d.address: number for number, d in enumerate(decoded, start=1)}

    def place(instruction: Decoded) -> Place:
        whole = Token(instruction.text, source, line[instruction.address], 1)
        mnemonic = whole.part(0, len(instruction.mnemonic))
        rest = whole.part(len(instruction.mnemonic), len(whole.text))
        parts, start = [], 0
        for piece in rest.text.split(","):
            parts.append(rest.part(start, start + len(piece)))
            start += len(piece) + 1
        return Place(mnemonic, tuple(parts))

    return place


def program(code: Code) -> tuple[Parsed, ...]:
    """Return the instructions of the model that x86-64 `code` is made of, up to its first `ret`.

    Raises InputError as `effects`, and at the first instruction that is not of the model.
    """
    return tuple(parsed for _, found in _read(code, _parsed) for parsed in found)


def effects(code: Code) -> Instructions:
    """Return what each instruction of `code` does, up to its first `ret`.

    Raises InputError at the first instruction that is not understood, for bytes that are none, and
    for a function that does not return.
    """
    return [*_read(code, partial(_effects, code.function.machine))]


def does(code: Code, decoded: Decoded) -> tuple[Token, tuple[Effect, ...]]:
    """Return where an instruction stands, and what it does; raises InputError as `effects`."""
    check_alone(code, decoded)
    place = code.places(decoded)
    return place.mnemonic, tuple(_effects(code.function.machine, decoded, place))


def check_alone(code: Code, decoded: Decoded) -> None:
    """Raise InputError for an instruction with a prefix, or that a linker changes."""
    function = code.function
    _check_alone(decoded, code.places(decoded), dict(function.references), function.machine)


def _effects(machine: Machine, found: Decoded, place: Place) -> Iterator[Effect]:
    word = place.mnemonic
    if found.detail is None:
        yield from gnu_effects(machine, Token(found.text, word.source, word.line, word.column))
        return
    read = found.detail, word, place.operands
    yield from x86_picks(*read) or x86_effects(*read)


def _read(
    code: Code, read: Callable[[Decoded, Place], Iterable[_T]]
) -> Iterator[tuple[Token, tuple[_T, ...]]]:
    """Yield what `read` makes of each instruction up to the first `ret`, and where it stands."""
    function, patched = code.function, dict(code.function.references)
    done = 0
    for instruction in code.decoded:
        if code.returns and is_return(instruction.text):
            return
        place = code.places(instruction)
        if done == MOST_INSTRUCTIONS:
            raise too_long(place.mnemonic)
        if instruction.mnemonic not in PASSED_OVER:
            done += 1
            _check_alone(instruction, place, patched, function.machine)
            yield place.mnemonic, tuple(read(instruction, place))
    last = code.decoded[-1] if code.decoded else None
    if last and len(code.decoded) == MOST_INSTRUCTIONS + _MOST_IDLE:
        raise too_long(code.places(last).mnemonic)
    at = last.address + last.size - function.start if last else 0
    if at < len(function.code):
        raise InputError(
            f"the bytes at {at:#x} in {function.name} are no instruction that is known here",
            hint=_APX_HINT if function.code[at] == _REX2 and not function.machine.tools else None,
        )
    if code.returns:
        raise InputError(
            f"{function.name} has no ret: it runs on into {function.behind}",
            hint="a function ends in ret; a kernel without one is handed in without labels",
        )


_PREFIXES = bytes.fromhex("66 67 26 2e 36 3e 64 65 f0 f2 f3")
_OPERAND_SIZE = 0x66
_VECTORS = range(148, 155)
"""capstone's groups of SSE instructions, many of which a prefix tells apart from others."""
_REPEAT_OR_LOCK = frozenset((0xF0, 0xF2, 0xF3))
"""Prefixes with which the manual does not say what an instruction of the model does."""


JUMP, CALL = "is a jump", "leaves the kernel"
"""What machines say of such instructions, and here of those with capstone's groups 1 and 2."""


def elsewhere(decoded: Decoded, machine: Machine) -> str | None:
    """Return whether code goes on elsewhere than behind an instruction: by JUMP, CALL, or not."""
    if decoded.mnemonic.startswith(_NARROW):
        return None
    if decoded.detail is not None:
        kinds = (JUMP, CALL)
        return next(
            (kind for group, kind in enumerate(kinds, 1) if group in decoded.detail.groups), None
        )
    said = outside(decoded.mnemonic, machine)
    return said if said in (JUMP, CALL) else None


def _check_alone(
    instruction: Decoded, place: Place, patched: Mapping[int, str], machine: Machine
) -> None:
    """Refuse an instruction with a prefix, or that a linker changes, with `patched` as references.

    Jumps and calls are refused for what they are, whatever is their target.
    """
    detail = instruction.detail
    if elsewhere(instruction, machine):
        return
    for address in range(instruction.address, instruction.address + instruction.size):
        if address in patched:
            raise place.mnemonic.fault(
                f"this refers to {patched[address]}, which is outside the model",
                "a kernel has only registers and one buffer, addressed through a register; "
                "compilers inline small functions with -O1 or more, and look nothing up in a table "
                "with -fno-jump-tables",
            )
    if detail is not None and instruction.mnemonic not in PREFIXED:
        prefixes = takewhile(_PREFIXES.__contains__, detail.bytes)
        found = not _REPEAT_OR_LOCK.isdisjoint(prefixes)
        if found and instruction.mnemonic not in SPELLINGS and any(map(detail.group, _VECTORS)):
            raise x86_outside(place.mnemonic, instruction.mnemonic)
        if found or instruction.mnemonic.startswith(_NARROW):
            raise place.mnemonic.fault("an instruction with a prefix is outside the model")


def _parsed(instruction: Decoded, place: Place) -> Iterator[Parsed]:
    """Yield the instruction of the model that one of x86-64 is."""
    word = place.mnemonic
    known = SPELLINGS.get(instruction.mnemonic)
    if known is None:
        raise unknown(Token(instruction.mnemonic, word.source, word.line, word.column))
    yield Parsed(Mnemonic(*known), word, tuple(_operands(instruction, place)))


def _operands(instruction: Decoded, place: Place) -> Iterator[Operand]:
    detail = instruction.detail
    tokens = place.operands
    for number, operand in enumerate(detail.operands):
        token = tokens[number] if len(tokens) == len(detail.operands) else place.mnemonic
        if operand.type == REGISTER:
            yield register(token, detail.reg_name(operand.reg), "")
        elif operand.type == MEMORY:
            name, offset = x86_address(token, detail, operand)
            yield memory.cell(token, name, offset, operand.size * 8, memory.EXAMPLE)
        else:
            raise immediate(token)
