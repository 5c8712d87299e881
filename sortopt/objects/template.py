"""The template of an asm statement as the assembler gets it: its operands filled in.

Each operand stands for a register of its own that the template does not name otherwise, as the
compiler would choose one.  Source: GCC manual, "Assembler Template", "x86 Operand Modifiers".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sortopt.base import InputError, SortoptError, Source
from sortopt.formats import REGISTERS, SPELLINGS, Token, part
from sortopt.model import KEY_TYPES
from sortopt.model import Place as Kind
from sortopt.objects.asm_statement import AsmOperand, AsmStatement
from sortopt.objects.c_tokens import Letter, line_starts
from sortopt.objects.c_types import CType
from sortopt.objects.decode import Place
from sortopt.targets import X86

_REFERENCE = re.compile(r"%([a-zA-Z]?)(\d{1,2}|\[\w+\])")
_REFERENCE_TO = r"%[a-zA-Z]?(?:{0}\b|\[{1}\])"
_SYNTAX = re.compile(r"\s*\.(intel|att)_syntax\b")
_ADDRESS = re.compile(r"[(\[][^)\]\n]{0,60}[)\]]")
_VECTOR = 128
"""The width of a vector register, in bits."""
_LONGEST_DIRECTIVE = 40
_MOST_OPERANDS = 30
"""As many operands as gcc allows."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """Which register stands for each operand: its family, and its width where none is told."""

    families: tuple[str, ...]
    widths: tuple[int, ...]
    names: Mapping[str, int]

    def index(self, reference: str) -> int | None:
        """Return which operand `reference`, a number or `[name]`, is; None where there is none."""
        if reference.isdigit():
            return int(reference) if int(reference) < len(self.families) else None
        return self.names.get(reference)

    def register(self, modifier: str, reference: str, syntax: str) -> str | None:
        """Return the register that `%` and these stand for; None where they stand for none."""
        index = self.index(reference)
        if index is None:
            return None
        own = self.widths[index]
        width = X86.modifiers.get(modifier) if modifier else own
        if width is None or (width == _VECTOR) is not (own == _VECTOR):
            return None
        return X86.syntaxes[syntax].register.format(part(self.families[index], width))

    def fill_option(self, text: str | None, syntax: str) -> str | None:
        """Fill in the operands that --inputs or --outputs names, such as `%0`."""
        if text is None:
            return None
        return _REFERENCE.sub(lambda m: self.register(m[1], m[2], syntax) or m[0], text)


def allocate(found: AsmStatement, types: Sequence[CType | None]) -> Allocation:
    """Choose registers for the operands of `found`, whose types are known or None.

    Raises InputError where an operand can be no register, or two must be the same one.
    """
    if len(found.operands) > _MOST_OPERANDS:
        raise found.operands[_MOST_OPERANDS].place.fault(
            f"an asm statement has at most {_MOST_OPERANDS} operands"
        )
    for operand, declared in zip(found.operands, types, strict=True):
        if declared is not None and declared.register:
            raise operand.place.fault(
                "a variable in a register of its own is not read",
                "leave out its asm(...); where the template names the register, write its "
                'constraint, for example "+a" for eax',
            )
        if any(_same(operand, other) for other in found.outputs if operand.is_output):
            raise operand.place.fault("two outputs are one variable", "name another one")
    template = "".join(letter.text for letter in found.template)
    words = set(re.findall(r"[a-z]\w*", " ".join([template, *found.clobbers]).lower()))
    taken = {REGISTERS[word].family for word in words if word in REGISTERS}
    clobbered = {
        REGISTERS[name].family
        for word in found.clobbers
        if (name := word.lower().lstrip("%")) in REGISTERS
    }
    fixed = [f for o in found.operands if len(f := X86.constraints.get(o.letters, ())) == 1]
    taken |= {family for families in fixed for family in families}
    names = {f"[{o.name}]": i for i, o in enumerate(found.operands) if o.name}
    families: list[str] = []
    for operand in found.operands:
        kind = operand.letters
        tied = Allocation(tuple(families), (), names).index(kind)
        if tied is not None and tied < len(found.outputs) and not operand.is_output:
            families.append(families[tied])
            continue
        admitted = X86.constraints.get(kind, ())
        free = (f for f in admitted if f not in taken and f not in families)
        family = admitted[0] if len(admitted) == 1 else next(free, None)
        if family is None:
            index = len(families)
            named = re.search(_REFERENCE_TO.format(index, operand.name or index), template)
            raise operand.place.fault(
                f"the constraint {operand.constraint[:40]!r} is not read",
                _instead(kind, named=named is not None),
            )
        group = families[len(found.outputs) :] if len(families) >= len(found.outputs) else families
        if family in group:
            raise operand.place.fault(f"two operands are both in {X86.whole(family)}")
        if family in clobbered:
            name = X86.whole(family)
            raise operand.place.fault(f"{name} is both an operand and a clobber", "leave out one")
        families.append(family)
    return Allocation(tuple(families), tuple(_widths(found, families, types, template)), names)


def _instead(letters: str, *, named: bool) -> str:
    """Return what to write instead of a constraint that is not read.

    `named` says that the template names the operand.
    """
    if letters.startswith("@cc"):
        return f'make a number of it in the template, set{letters[3:]} %b0, with "=&q"'
    if letters in ("i", "n", "e", "I", "J", "K", "N"):
        return "write the number into the template, and leave out the operand"
    if letters == "m" and not named:
        return 'the template does not name it: leave it out, and add "memory" to the clobbers'
    if not {"m", "o", "V"}.isdisjoint(letters):
        return (
            'give its address in a register, "r"(&x), write (%0), and add "memory" to the clobbers'
        )
    return 'operands are registers: "+r", "=&r" or "r"; a buffer is a pointer in one'


def _same(one: AsmOperand, other: AsmOperand) -> bool:
    """Return whether two operands are written to one place."""
    words = ([piece.text for piece in operand.expression] for operand in (one, other))
    return one is not other and next(words) == next(words)


def _widths(
    found: AsmStatement, families: Sequence[str], types: Sequence[CType | None], template: str
) -> Iterator[int]:
    """Yield the width, in bits, of each operand where it is named without a size.

    It is that of its type; where that is not known, addresses have 64, and keys as many as other
    keys have, or the suffixes and registers of the template tell.
    """
    addresses = " ".join(_ADDRESS.findall(template))
    words = re.findall(r"\w+", _ADDRESS.sub("", template).lower())
    bits = {KEY_TYPES[t.key].bits for t in types if t and t.key and not t.depth}
    bits |= {REGISTERS[word].width for word in words if word in REGISTERS}
    wide = 64 in bits or any(w.endswith("q") and w[:-1] in (*SPELLINGS, "") for w in words)
    for index, (operand, family) in enumerate(zip(found.operands, families, strict=True)):
        reference = _REFERENCE_TO.format(index, operand.name or index)
        declared = types[index]
        if family in REGISTERS and REGISTERS[family].place is Kind.VECTOR:
            yield _VECTOR
        elif declared is not None and declared.key is not None:
            yield KEY_TYPES[declared.key].bits
        else:
            yield 64 if wide or re.search(reference, addresses) else 32


class Filled:
    """A template with registers in place of its operands, and the way back to the file."""

    def __init__(
        self, file: Source, found: AsmStatement, allocation: Allocation, syntax: str
    ) -> None:
        """Fill in the template, which begins in `syntax` as the assembler reads it.

        Raises InputError for a reference to no operand, and where it ends in another syntax.
        """
        self._file = file
        self._allocation = allocation
        self._text: list[str] = []
        self._places: list[int] = []
        self._statement = ""
        self.syntax: str | None = None
        """The syntax that a directive of the template chooses, or None."""
        self._now = syntax
        if found.extended:
            self._fill(found.template, 1 if syntax == "intel" else 0)
        else:
            for letter in found.template:
                self._put(letter.text, letter.place)
        self._end_of_statement()
        if self._now != syntax:
            raise InputError(
                f"the template leaves .{self._now}_syntax on, also for what follows it",
                hint=f"end it with .{syntax}_syntax", source=file,
            )  # fmt: skip
        self.source = Source(file.name, "".join(self._text))
        self._lines = line_starts(self.source.text)
        self._file_lines = line_starts(file.text)

    def _put(self, text: str, place: int) -> None:
        self._text.append(text)
        self._places.append(place)
        if text in "\n;":
            self._end_of_statement()
        elif len(self._statement) < _LONGEST_DIRECTIVE:
            self._statement += text

    def _end_of_statement(self) -> None:
        match = _SYNTAX.match(self._statement)
        if match:
            self._now = match[1]
            self.syntax = self.syntax or match[1]
        self._statement = ""

    def _fill(self, letters: Sequence[Letter], variant: int) -> None:
        """Put in registers, and of the alternatives `{att|intel}` the one numbered `variant`."""
        text = "".join(letter.text for letter in letters)
        at, alternative = 0, None
        while at < len(letters):
            start, mark, two = at, text[at], text[at : at + 2]
            at += 2 if two in _ESCAPED else 1
            if two in _ESCAPED:
                mark = _ESCAPED[two]
            elif mark == "{" and alternative is None:
                alternative = 0
                continue
            elif mark in "|}" and alternative is not None:
                alternative = alternative + 1 if mark == "|" else None
                continue
            if alternative not in (None, variant):
                continue
            match = _REFERENCE.match(text, start) if two not in _ESCAPED and mark == "%" else None
            if match is None and mark == "%" and two != "%%":
                raise self._missing(text[start:], letters[start].place)
            if match is None:
                self._put(mark, letters[start].place)
                continue
            register = self._allocation.register(match[1], match[2], self._now)
            if register is None:
                raise self._missing(text[start:], letters[start].place)
            at = match.end()
            for offset, character in enumerate(register):
                self._put(character, letters[min(start + offset, at - 1)].place)
        if alternative is not None:
            raise InputError("a { in the asm template has no }", source=self._file)

    def _missing(self, text: str, place: int) -> InputError:
        """Return the error for a % that begins no reference to an operand."""
        word = re.match(r"%(?:\[\w{0,20}\]?|\w{0,20})", text)
        shown = word[0] if word else "%"
        span = self._file.span(place, place + len(shown))
        token = Token(shown, self._file, span.line, span.column)
        if shown[1:].lower() in REGISTERS:
            return token.fault(
                "in an asm template with operands a register has two %", f"write %{shown}"
            )
        match = _REFERENCE.match(text)
        if match and self._allocation.index(match[2]) is not None:
            return token.fault(
                f"the modifier {match[1]!r} is not read here", "write %0, %k0 or %q0"
            )
        many = len(self._allocation.families)
        return token.fault(f"there is no operand {shown}", f"there are {many}, from %0")

    def _stretch(self, line: int, column: int, length: int) -> tuple[int, int]:
        """Return where in the file a stretch of a line of the filled text is written."""
        first = self._lines[line - 1] + column - 1
        last = min(first + max(1, length), len(self._places)) - 1
        return self._places[min(first, last)], self._places[last] + 1

    def token(self, token: Token) -> Token:
        """Return a token of the filled text as the stretch of the file that it comes from."""
        if token.source is not self.source or not self._places:
            return token
        start, end = self._stretch(token.line, token.column, len(token.text))
        line = bisect_right(self._file_lines, start)
        column = start - self._file_lines[line - 1] + 1
        return Token(self._file.text[start:end], self._file, line, column)

    def place(self, place: Place) -> Place:
        """Return a place in the filled text as a place in the file."""
        return Place(self.token(place.mnemonic), tuple(map(self.token, place.operands)))

    def located(self, error: SortoptError) -> SortoptError:
        """Return `error` with its place in the file."""
        if error.source is self.source:
            error.source = self._file
            if error.span is not None and self._places:
                span = error.span
                error.span = self._file.span(*self._stretch(span.line, span.column, span.length))
        return error


_ESCAPED = {"%%": "%", "%{": "{", "%|": "|", "%}": "}", "%=": "0"}
"""What stands for a character in a template, and a number of its own for each statement."""
