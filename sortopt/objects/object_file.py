"""Object files of any format: the machine code of one function, by symbol."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sortopt.base import InputError
from sortopt.model import Machine
from sortopt.objects.symbols import CHOSEN_AT_START, Symbol, choose, shortened
from sortopt.targets import X86

Position = tuple[int, int]
"""The number of a section, and an address in it."""
OURS = "sortopt."
"""How the names begin that sortopt itself puts into a text."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function's machine code, and in `behind` what follows it where it runs on.

    `start` is its address; `references` are the addresses in its section that a linker fills in,
    each with the symbol it then refers to, `inside` those of jumps and calls within the file, each
    with the position that it leads to.  `beginning` returns the function that begins at one.
    """

    name: str
    code: bytes
    start: int
    references: Sequence[tuple[int, str]]
    behind: str
    machine: Machine = X86
    inside: Sequence[tuple[int, Position]] = ()
    section: int = 0
    beginning: Callable[[Position], Function | None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Section:
    """The bytes of a section, the address of the first, and what a linker fills in."""

    start: int
    data: bytes
    references: Sequence[tuple[int, str]]
    inside: Sequence[tuple[int, Position]] = ()


class ObjectFile(ABC):
    """A file of machine code for `machine`, which messages call `shown`, and its named places."""

    def __init__(self, shown: str, kind: str, machine: Machine, places: Sequence[Symbol]) -> None:
        """Take what was read of a file of the format `kind`."""
        self.shown = shown
        self.machine = machine
        self._kind = kind
        self._places = tuple(places)

    @abstractmethod
    def section(self, number: int) -> Section:
        """Return a section; may raise whatever a library raises on damaged files."""

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The named places in code, but those that sortopt named."""
        return tuple(s for s in self._places if not s.name.startswith(OURS))

    def function(self, wanted: str | None) -> Function:
        """Return the function called `wanted`, as `choose` does, from its beginning to its end.

        Its end is where its size says, else where the next function begins.
        """
        symbol = choose(self.symbols, wanted, self.shown)
        if symbol.kind == CHOSEN_AT_START:
            raise InputError(
                f"{shortened(symbol.name)} is chosen among several functions when a program starts",
                hint="give --function with the name of the one that is meant",
            )
        return self._whole(symbol)

    def beginning(self, position: Position) -> Function | None:
        """Return the function that begins at a position; None where no place has a name there.

        Or where it is known only when a program starts which function that is.
        """
        here = [s for s in self.symbols if (s.section, s.start) == position]
        if not here or any(symbol.kind == CHOSEN_AT_START for symbol in here):
            return None
        return self._whole(max(here, key=lambda symbol: (symbol.function, symbol.size)))

    def _whole(self, symbol: Symbol) -> Function:
        later = [
            s.start
            for s in self._places
            if s.function and s.section == symbol.section and s.start > symbol.start
        ]
        end = symbol.start + symbol.size if symbol.size else min(later, default=None)
        return self.code(symbol.name, symbol.section, symbol.start, end)

    def between(self, begin: str, end: str) -> Function:
        """Return the code between the places called `begin` and `end`."""
        places = {s.name: s for s in self._places}
        first, last = places[begin], places.get(end)
        if last is None or last.section != first.section:
            raise InputError("the code does not end in the section in which it begins")
        return self.code(begin, first.section, first.start, last.start)

    def code(self, name: str, number: int, start: int, end: int | None) -> Function:
        """Return the code from `start` to `end`, by default to the end of its section."""
        try:
            section = self.section(number)
            last = section.start + len(section.data)
            if end is None:
                end = last
            if not section.start <= start <= end <= last:
                raise ValueError
        except InputError:
            raise
        except Exception as error:  # libraries let many kinds through on damaged files
            raise damaged(self.shown, self._kind, error) from None
        following = (s.name for s in self._places if (s.section, s.start) == (number, end))
        behind = next(following, "the end of its section" if end == last else "other code")
        code = section.data[start - section.start : end - section.start]
        return Function(
            shortened(name), code, start, section.references, shortened(behind), self.machine,
            section.inside, number, self.beginning,
        )  # fmt: skip


def damaged(shown: str, kind: str, error: Exception) -> InputError:
    """Return the error for a file of the format `kind` that is not as it should be."""
    said = type(error).__name__
    return InputError(f"{shown} is a damaged {kind} file ({said})", hint="compile it anew")
