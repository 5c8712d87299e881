"""Which storage each operand of a text means: parts of registers, and cells of the buffer.

A key has one width, that of the comparisons and memory accesses.  A register may be named by
another part of it where that changes no key: copying 64 bits copies a 32-bit key.  A 32-bit write
clears the upper half, so it cannot move a 64-bit key.  Sources: Intel 64 and IA-32 Architectures
Software Developer's Manual, volume 1, section 3.4.1.1; Arm Architecture Reference Manual, section
B1.2.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sortopt.formats.dialect import Operand, Parsed
from sortopt.formats.lexer import Token
from sortopt.model import Isa, Machine, Place


@dataclass(frozen=True, slots=True)
class Settled:
    """Instructions with one name for each storage, and the keys' width in bits.

    The width is None where the dialect does not tell.  `lost` are the registers, by family, that
    hold something else than their cells at the end, each with what overwrote it; `distinct` says
    that buffers behind different pointers do not overlap.  `aligned` are the addresses that have to
    be at a multiple of 16 bytes, each with what needs it.
    """

    program: tuple[Parsed, ...]
    width: int | None
    lost: Mapping[str, Token] = field(default_factory=dict)
    distinct: bool = False
    aligned: Mapping[str, Token] = field(default_factory=dict)


def settle(isa: Isa, program: Sequence[Parsed], *, distinct: bool = False) -> Settled:
    """Return `program` with one name for each storage.  Raises InputError where a register is of
    the wrong kind, widths do not go together, memory cells overlap, or the register that
    addresses the buffer is used otherwise.
    """
    operands = [o for p in program for o in p.operands]
    _check_kinds(isa, operands)
    if all(operand.width is None and operand.address is None for operand in operands):
        return Settled(tuple(program), None, distinct=distinct)
    for parsed in program:
        _check_one_width(isa, parsed)
    width, place = _key_width(program)
    for parsed in program:
        _check_write(isa.machine, parsed, width, place)
    _check_buffer(isa.machine, program, distinct=distinct)
    _check_cells([o for o in operands if o.address], width)
    return Settled(
        tuple(
            replace(p, operands=tuple(_settled(isa.machine, o, width) for o in p.operands))
            for p in program
        ),
        width,
        distinct=distinct,
    )


def settle_contract(
    isa: Isa, contract: Sequence[Operand], inputs: int, settled: Settled
) -> tuple[Operand, ...]:
    """Return the cells that a contract names as `settle` names those of a program.

    The first `inputs` of them are inputs: the register that addresses the buffer cannot be one,
    but it may be an output once it was overwritten.  Where the program does not tell the width of
    keys, it is that of the narrowest cell named.  Raises InputError as `settle` does.
    """
    program, width = settled.program, settled.width
    _check_kinds(isa, contract)
    for operand in contract[inputs:]:
        if operand.family in settled.lost:
            line = settled.lost[operand.family].line
            raise operand.token.fault(
                f"{operand.name} holds no key at the end: line {line} overwrote it"
            )
    told = [o.width for o in contract if o.width is not None]
    if width is None and told:
        width = min(told)
    memory = [o for p in program for o in p.operands if o.address]
    overwritten = {p.writes.family for p in program if p.writes is not None}
    free = [o for o in contract[inputs:] if o.family in overwritten]
    _check_addresses(
        isa.machine, [*memory, *(o for o in contract if o not in free)], distinct=settled.distinct
    )
    if width is not None:
        _check_cells([*memory, *(o for o in contract if o.address)], width)
    return tuple(_settled(isa.machine, operand, width) for operand in contract)


def _settled(machine: Machine, operand: Operand, width: int | None) -> Operand:
    """Return `operand` as a cell of `width` bits, by the name of that part of its register.

    Raises InputError where it is narrower.
    """
    if width is None or (operand.width is None and operand.address is None):
        return operand
    if operand.width is not None and operand.width < width:
        raise operand.token.fault(
            f"{operand.name} is {operand.width} bits wide, but keys are {width}",
            f"name {machine.part(operand.family, width)}" if not operand.address else None,
        )
    if operand.address is not None or operand.place is Place.VECTOR:
        return operand if operand.address is None else replace(operand, width=width)
    return replace(operand, name=machine.part(operand.family, width), width=width)


def _check_kinds(isa: Isa, operands: Sequence[Operand]) -> None:
    for operand in operands:
        if operand.place in (None, Place.MEMORY) or isa.holds_keys(operand.name):
            continue
        first, last = isa.registers[0], isa.registers[-1]
        raise operand.token.fault(
            f"{operand.name} cannot hold a key here: {isa.name} works on {isa.register_kind} "
            "registers" + f", {first} to {last}" * (operand.place is isa.place)
        )


def access_width(parsed: Parsed) -> int | None:
    """Return the width in bits on which an instruction works: that of its registers."""
    if parsed.mnemonic.width is not None:
        return parsed.mnemonic.width
    return next((o.width for o in parsed.operands if o.width is not None), None)


def _check_one_width(isa: Isa, parsed: Parsed) -> None:
    """Refuse operands of two widths, or one without a register that tells it."""
    width = access_width(parsed)
    first = next((o for o in parsed.operands if o.width is not None), None)
    for operand in parsed.operands:
        if first and operand.width is not None and operand.width != width:
            raise operand.token.fault(
                f"{operand.name} is {operand.width} bits wide, but {first.name} is {first.width}",
                "the operands of an instruction have one width",
            )
    whole = [isa.register_bits(bits) for bits in isa.key_bits]
    if width is not None and width not in whole and parsed.mnemonic.width is None:
        held = " or ".join(map(str, isa.key_bits))
        message = f"keys of {width} bits are outside the model; they have {held}"
        raise parsed.token.fault(message, around=True)


def _key_width(program: Sequence[Parsed]) -> tuple[int, Parsed | None]:
    """Return the keys' width, and the instruction that tells it, if any.

    Comparisons and memory accesses tell it; where there are none, the narrowest move.
    """
    telling = [
        p for p in program if p.writes is None or any(o.address is not None for o in p.operands)
    ]
    known = [(access_width(p), p) for p in telling]
    told = [(width, p) for width, p in known if width is not None]
    for width, parsed in told:
        if width != told[0][0]:
            first = told[0][1]
            raise parsed.token.fault(
                f"{_words(parsed)} works on {width} bits, but {_words(first)} in line "
                f"{first.token.line} on {told[0][0]}",
                "keys have one width; compare, load and store them at that width throughout",
            )
    if told:
        return told[0]
    return min(w for w in map(access_width, program) if w is not None), None


def _words(parsed: Parsed) -> str:
    return parsed.token.text.lower()[:40]


def _check_write(machine: Machine, parsed: Parsed, width: int, place: Parsed | None) -> None:
    """Refuse a 32-bit write where keys have 64 bits."""
    target, own = parsed.writes, access_width(parsed)
    if target is None or own is None or own >= width:
        return
    told = f" ({_words(place)} in line {place.token.line})" if place else ""
    raise target.token.fault(
        f"writing {target.name} clears the upper half of "
        f"{machine.part(target.family, width)}, but keys are {width} bits wide{told}",
        f"move keys between {width}-bit registers",
    )


def _check_addresses(machine: Machine, cells: Sequence[Operand], *, distinct: bool = False) -> None:
    """Refuse cells in two buffers, unless `distinct`, and the address of one named as a key."""
    addressed = [(o, o.address) for o in cells if o.address]
    for operand, address in addressed:
        first, base = addressed[0][0], addressed[0][1].base
        if address.base != base and not distinct:
            raise operand.token.fault(
                f"{operand.name} and {first.name} (line {first.token.line}) may overlap: what "
                f"{machine.part(address.base, 64)} and {machine.part(base, 64)} hold is not "
                "known",
                "address one buffer through one register, or give --distinct-buffers where they do "
                "not overlap",
                around=True,
            )
    bases = {address.base for _, address in addressed}
    for operand in cells:
        if operand.family in bases:
            message = f"{operand.name} holds the buffer's address, not a key"
            raise operand.token.fault(message, around=True)


def _check_buffer(machine: Machine, program: Sequence[Parsed], *, distinct: bool) -> None:
    """Refuse a second buffer, and a base register that holds something else than the address."""
    addressed = [o for p in program for o in p.operands if o.address]
    bases = {o.address.base for o in addressed if o.address}
    overwritten: dict[str, Parsed] = {}
    for parsed in program:
        for operand in parsed.reads:
            if operand.family in bases and operand.family not in overwritten:
                raise operand.token.fault(
                    f"{operand.name} holds the buffer's address, not a key",
                    "a copy of it is not followed: address the buffer through one register"
                    if parsed.writes is not None
                    else "a kernel compares and moves keys only",
                    around=True,
                )
        for operand in parsed.operands:
            if operand.address and operand.address.base in overwritten:
                base = operand.address.base
                raise operand.token.fault(
                    f"{machine.part(base, 64)} no longer holds the buffer's address: line "
                    f"{overwritten[base].token.line} overwrote it",
                    around=True,
                )
        if parsed.writes is not None and parsed.writes.family in bases:
            overwritten.setdefault(parsed.writes.family, parsed)
    _check_addresses(machine, addressed, distinct=distinct)


def _check_cells(operands: Sequence[Operand], width: int) -> None:
    """Refuse memory cells that overlap, or are not aligned to their size."""
    size = width // 8
    for operand in operands:
        if operand.address is None or operand.address.offset % size == 0:
            continue
        near = next((o for o in operands if o.address and _overlap(o, operand, size)), None)
        what = f"overlaps {near.name} (line {near.token.line})" if near else "is not aligned"
        raise operand.token.fault(
            f"{operand.name} {what}: a key takes {size} bytes",
            f"offsets are multiples of {size}",
        )


def _overlap(one: Operand, other: Operand, size: int) -> bool:
    if one.address is None or other.address is None:
        return False
    return 0 < abs(one.address.offset - other.address.offset) < size
