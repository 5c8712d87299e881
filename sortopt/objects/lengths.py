"""How many keys a function is given: where the number stands, and what the function may touch then.

Of each number all paths are followed apart.  Nothing else than so many keys may be read or written,
so whatever lies behind them comes out as it went in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sortopt.base import InputError
from sortopt.formats import memory
from sortopt.model import MAX_KEYS, Breach, Machine, Place
from sortopt.objects.lift import LEFT_TO_CALLER
from sortopt.objects.paths import Walked
from sortopt.objects.places import STACK, Known

_PLACE = re.compile(r"\[(?P<intel>\w+)\]|0?\(%?(?P<att>\w+)\)|%?(?P<register>\w+)")
_NUMBERS = re.compile(r"(\d{1,9})(?:(?:\.\.|-)(\d{1,9}))?")
_EXAMPLES = (
    "for example [rdi]=2..3, where the first word of the buffer holds it, or esi=2..5, where a "
    "register does"
)


@dataclass(frozen=True, slots=True)
class Lengths:
    """Where a number of keys stands, the register's name in lower case, and which are tried."""

    register: str
    memory: bool
    least: int
    most: int

    @property
    def place(self) -> str:
        """Where the number stands, as options spell it: `[rdi]`, `esi`."""
        return f"[{self.register}]" if self.memory else self.register

    def each(self) -> Iterator[Lengths]:
        """Yield the same for each of the numbers alone."""
        for number in range(self.least, self.most + 1):
            yield replace(self, least=number, most=number)

    def __str__(self) -> str:
        numbers = f"{self.least}" if self.least == self.most else f"{self.least}..{self.most}"
        return f"{self.place}={numbers}"


def parse_lengths(text: str) -> Lengths:
    """Return what an option says: `[rdi]=2..3`, `(%rdi)=3`, `esi=2..5`; raises InputError."""
    place, _, numbers = "".join(text.split()).partition("=")
    where, which = _PLACE.fullmatch(place), _NUMBERS.fullmatch(numbers)
    if where is None or which is None:
        raise InputError(f"--length {text[:40]!r} is not understood", hint=_EXAMPLES)
    least, most = int(which[1]), int(which[2] or which[1])
    if least > most:
        raise InputError(f"--length: there is no number from {least} to {most}")
    if most > MAX_KEYS:
        raise InputError(f"--length: {most} keys are too many; at most {MAX_KEYS} are supported")
    register = where["intel"] or where["att"] or where["register"]
    return Lengths(register.lower(), where["register"] is None, least, most)


def known_on_entry(length: Lengths, machine: Machine) -> Known:
    """Return the number that a function of `machine` is given; raises InputError."""
    register = machine.registers.get(length.register)
    known = register is not None and register.place is Place.REGISTER
    if register is None or not known or register.family in (STACK, machine.link, machine.zero):
        buffer, other = machine.arguments
        other = machine.nearest_part(other, 32)
        raise InputError(
            f"--length: {length.register[:20]!r} is no register of {machine.name} that holds a "
            "length",
            hint=f"for example [{buffer}]=2..3 or {other}=2..5",
        )
    if length.memory and register.width != 64:
        whole = machine.part(register.family, 64)
        raise InputError(
            f"--length: {length.register} is no address, which has 64 bits", hint=f"give [{whole}]"
        )
    return Known(register.family, length.least, (register.width or 64) // 8, length.memory)


def key_cells(known: Known, walked: Walked, machine: Machine) -> tuple[str, ...]:
    """Return the names of the cells of so many keys; of one where there are none.

    They follow the word that holds the length, or are the first of the buffer that is touched.
    """
    size = (walked.settled.width or 0) // 8
    touched = {o.address.base for p in walked.settled.program for o in p.operands if o.address}
    handed = [machine.registers[name].family for name in machine.arguments]
    base = known.family
    if not known.memory:
        base = next((f for f in handed if f in touched), handed[handed[0] == base])
    first = size if known.memory else 0
    name = machine.part(base, 64)
    return tuple(memory.written(name, first + size * i) for i in range(max(known.value, 1)))


def beyond(known: Known, cells: tuple[str, ...], walked: Walked) -> Iterator[Breach]:
    """Yield what is touched besides the keys, each cell once."""
    admitted = set(cells[: known.value])
    for parsed in walked.settled.program:
        for operand in parsed.operands:
            if operand.address is None or operand.name in admitted:
                continue
            admitted.add(operand.name)
            does = "writes" if operand is parsed.writes else "reads"
            keys = f"{known.value} key{'s' * (known.value != 1)}"
            yield Breach(
                f"given {keys}, the function {does} {operand.name}, which is "
                f"{'none of them' if known.value else 'no key'}",
                "touch only as many keys as the length says",
                parsed.token.line,
                LEFT_TO_CALLER,
            )
