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
from sortopt.model import MAX_KEYS, Breach, Machine, Place, Register
from sortopt.objects.lift import LEFT_TO_CALLER
from sortopt.objects.paths import Walked
from sortopt.objects.places import Known
from sortopt.objects.shape import STACK

_PLACE = re.compile(
    r"\[(?P<intel>%?\w+)\]|0?\((?P<att>%?\w+)\)|(?P<register>%?\w+)(?:-(?P<base>%?\w+))?"
)
_NUMBERS = re.compile(r"(\d{1,9})(?:(?:\.\.|-)(\d{1,9}))?")
_EXAMPLES = (
    "for example [rdi]=2..3, where the first word of the buffer holds it, esi=2..5, where a "
    "register does, or rsi-rdi=2..5, where one points to the end"
)


@dataclass(frozen=True, slots=True)
class Lengths:
    """Where a number of keys stands, the register's name in lower case, and which are tried.

    Where there is a `base`, the register points to so many keys behind what that points to.
    """

    register: str
    memory: bool
    least: int
    most: int
    base: str = ""

    @property
    def place(self) -> str:
        """Where the number stands, as options spell it: `[rdi]`, `esi`, `rsi-rdi`."""
        if self.base:
            return f"{self.register}-{self.base}"
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
    names = [_without_mark(name) for name in (register, where["base"] or "")]
    return Lengths(names[0], where["register"] is None, least, most, names[1])


def _without_mark(name: str) -> str:
    """Return a register's name as it is looked up; `%0`, an operand of an asm statement, as is."""
    return name.lower() if name[1:].isdigit() else name.lower().lstrip("%")


def known_on_entry(length: Lengths, machine: Machine) -> Known:
    """Return the number that a function of `machine` is given; raises InputError."""
    found = [_register(name, machine) for name in (length.register, length.base) if name]
    register, *base = found
    for each in found if length.memory or base else []:
        if each.width != 64:
            whole = machine.part(each.family, 64)
            raise InputError(
                f"--length: {each.name} is no address, which has 64 bits", hint=f"give {whole}"
            )
    known = Known(register.family, length.least, (register.width or 64) // 8, length.memory)
    return replace(known, base=base[0].family) if base else known


def _register(name: str, machine: Machine) -> Register:
    """Return the register that is called so, where it can hold a length; raises InputError."""
    register = machine.registers.get(name)
    general = register is not None and register.place is Place.REGISTER
    if register is None or not general or register.family in (STACK, machine.link, machine.zero):
        buffer, other = machine.arguments
        other = machine.nearest_part(other, 32)
        raise InputError(
            f"--length: {name[:20]!r} is no register of {machine.name} that holds a length",
            hint=f"for example [{buffer}]=2..3 or {other}=2..5",
        )
    return register


def key_cells(known: Known, walked: Walked, machine: Machine) -> tuple[str, ...]:
    """Return the names of the cells of so many keys; of one where there are none.

    They follow the word that holds the length, or are the first of the buffer that is touched, of
    several the one that a caller hands over first.
    """
    size = (walked.settled.width or 0) // 8
    operands = [o for parsed in walked.settled.program for o in parsed.operands]
    touched = dict.fromkeys(o.address.base for o in operands if o.address)
    handed = [machine.registers[name].family for name in machine.arguments]
    base = known.base or known.family
    if not known.memory and not known.base:
        base = next((f for f in (*handed, *touched) if f in touched), handed[handed[0] == base])
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
