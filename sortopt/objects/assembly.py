"""Assembly text as compilers and people write it: assembled as it stands, then decoded.

What is read are the bytes that the assembler makes of the whole text: conditional parts, macros,
repetitions, sections and data come out as they would run.  Which line an instruction comes from
is found by assembling the text once more, with a mark before each line: a relocation that changes
nothing.  Only messages depend on that.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sortopt.base import InputError, Source, Span
from sortopt.formats import (
    Dialect,
    Line,
    Token,
    is_return,
    lines,
    split_commas,
    statement,
    without_labels,
)
from sortopt.objects.decode import Code, Decoded, Place, Places, decode, listing
from sortopt.objects.elf import ElfFile
from sortopt.objects.macro_arguments import check_macros
from sortopt.objects.notations import for_gnu
from sortopt.objects.object_file import OURS, Function, Position

_SYNTAX = re.compile(r"\.(intel|att)_syntax\b", re.I)
_REFUSED = (
    (re.compile(r"\.(incbin|include)\b", re.I), "this directive reads another file",
     "hand in one text that holds all"),
    (re.compile(r"\.code(16|32)", re.I), "this is code for a processor of 16 or 32 bits",
     "x86-64 code is read"),
)  # fmt: skip
_EXTENDED = re.compile(r"^(\s*)movsx(\s+r\w+,\s*(?:e[a-ds][xip]|r[0-9]+d)\s*)$", re.I)
"""How gcc writes what LLVM knows as movsxd."""
_PLACE_IN_SOURCE = re.compile(
    r"\s*(?:\.loc(?:\s+[\w.-]+)*?(?:\s+view\s+(?:-?\d+|([\w.$]+)))?|\.file\s+0(?:\s+\"[^\"]*\")+"
    r"(?:\s+md5\s+\w+)?)\s*(?:(?:#|//)[^*;]*)?", re.A
)  # fmt: skip
"""What compilers say of source lines with -g; LLVM knows no view, and no file that is 0 as well."""
_MOST_MARKED = 20_000
"""The most lines for which it is looked up where each instruction stands."""
_LARGEST_MARKED = 1 << 20
"""The largest object file in which it is looked up, in bytes: a macro may repeat lines."""
_MOST_UNKNOWN = 20
"""The most instructions of other functions that may be unknown."""
_NO_INSTRUCTION = ".byte 6", ".4byte 0"
"""Bytes that are no instruction of x86-64, and of machines whose instructions have four bytes."""
_COUNTED = re.compile(r"\.(?:if|rept|org|set|equ)|[\w.$]+\s*=", re.I)
"""Directives that may depend on how long code is."""
_NAMED = re.compile(r'"?(?!\.L|L\d|\d)([^":\s]+)"?:(?!:)')
_BEGIN, _END, _LINE = f"{OURS}begin", f"{OURS}end", f"{OURS}line."


def shows_assembly(read: Sequence[Line]) -> str | None:
    """Say, as a clause, what shows that a text is written for an assembler; None where nothing."""
    for line in read:
        for piece in line.code:
            if without_labels(piece) is not piece:
                return f"line {piece.line} is a label"
            if piece.text.startswith("."):
                return f"line {piece.line} is a directive"
            if "/*" in piece.text:
                return f"line {piece.line} begins a comment"
    return None


def assembled(source: Source, dialect: Dialect, wanted: str | None) -> Code:
    """Assemble a text, and decode the function `wanted` or its only one.

    A text without labels is one piece of code, a function only where it returns.  Raises InputError
    at the first line that cannot be assembled, and for a function that does not return.
    """
    read = lines(source, separated=dialect.separated, mark=dialect.comment)
    before, body = [], source.lines
    if dialect.name == "intel" and not any(_SYNTAX.match(p.text) for r in read for p in r.code):
        before, body = [".intel_syntax noprefix"], for_gnu(read)
    if dialect.name == "intel":
        body = [_EXTENDED.sub(r"\1movsxd\2", line) for line in body]
    body = [*map(_without_place, body)]
    text, elf = _around(_Text(source, read, dialect, before, body, []), wanted)
    if elf.symbols:
        return text.code(elf, lambda elf: elf.function(wanted), returns=True)
    if wanted is not None:
        message = f"{source.name} is one kernel without functions"
        raise InputError(message, hint="leave out --function")
    code = text.code(elf, ElfFile.whole, returns=False)
    return replace(code, returns=any(is_return(decoded.text) for decoded in code.decoded))


def _without_place(line: str) -> str:
    """Return a line of the text without a place in source code, but with the name of its view."""
    found = _PLACE_IN_SOURCE.fullmatch(line)
    if found is None:
        return line
    return f".set {found[1]}, 0" if found[1] else ""


def _around(text: _Text, wanted: str | None) -> tuple[_Text, ElfFile]:
    """Assemble a text; an instruction of another function than `wanted` may be one of no assembler.

    In its place come bytes that are no instruction, unless the text may depend on how many they
    are.  Raises InputError as `assembled`.
    """
    counted = any(_COUNTED.match(piece.text) for line in text.read for piece in line.code)
    for _ in range(_MOST_UNKNOWN):
        try:
            return text, text.assembled()
        except InputError as error:
            line = error.span.line if error.span else 0
            names = [*text.names(len(text.body))]
            if wanted is None and len(names) > 1:
                error.hint = error.hint or "give --function where another function is meant"
            if (
                counted
                or wanted not in names
                or wanted in [*text.names(line)][-1:]
                or not text.single(line)
            ):
                raise
            body = [*text.body]
            body[line - 1] = _NO_INSTRUCTION[bool(text.dialect.machine.tools)]
            text = replace(text, body=body)
    return text, text.assembled()


def assembled_piece(source: Source, dialect: Dialect, syntax: str) -> Code:
    """Assemble a text that a compiler puts into the middle of a function, and decode it.

    `syntax` is what is in force where it begins, `dialect` what most of it is written in.  Raises
    InputError as `assembled`, and where the code does not go on behind the text.
    """
    read = lines(source, separated=True)
    before = [".intel_syntax noprefix"] if syntax == "intel" else []
    text = _Text(source, read, dialect, [*before, f"{_BEGIN}:"], source.lines, [f"{_END}:"])
    return text.code(text.assembled(), lambda elf: elf.between(_BEGIN, _END), returns=False)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text to assemble: a line of `body` for each line of `source`, and ours around them."""

    source: Source
    read: Sequence[Line]
    dialect: Dialect
    before: Sequence[str]
    body: Sequence[str]
    behind: Sequence[str]

    def assembled(self) -> ElfFile:
        """Return the object file of the text; raises InputError at its first fault."""
        from sortopt.native import AssemblyError

        for read in self.read:
            for piece in read.code:
                for pattern, message, hint in _REFUSED:
                    if pattern.search(piece.text):
                        raise piece.fault(message, hint)
        check_macros(self.read)
        try:
            return ElfFile(self._assemble(self.body), self.source.name)
        except AssemblyError as error:
            if error.line is None:
                self._check_mnemonics()
            line = 0 if error.line is None else error.line - len(self.before)
            raise self._fault(error.message, line, error.column or 1) from None

    def names(self, last: int) -> Iterator[str]:
        """Yield the labels up to the line `last` that are not inside functions."""
        for line in self.read[:last]:
            for piece in line.code:
                label = _NAMED.match(piece.text)
                if label is not None:
                    yield label[1]

    def single(self, line: int) -> bool:
        """Return whether nothing but one instruction stands in a line."""
        code = self.read[line - 1].code if line else ()
        plain = all(without_labels(piece) is piece for piece in code)
        return len(code) == 1 and plain and not code[0].text.startswith(".")

    def _assemble(self, body: Sequence[str]) -> bytes:
        from sortopt.native import assemble, cross_assemble

        text, machine = "\n".join([*self.before, *body, *self.behind, ""]), self.dialect.machine
        return cross_assemble(text, machine) if machine.tools else assemble(text)

    def _check_mnemonics(self) -> None:
        """Raise InputError at the first instruction that is known to be outside the model."""
        for piece in (without_labels(piece) for line in self.read for piece in line.code):
            if not piece.text or piece.text.startswith(".") or is_return(piece.text):
                continue
            try:
                self.dialect.mnemonic(statement(piece))
            except InputError as error:
                if error.around:
                    raise

    def _fault(self, message: str, line: int, column: int) -> InputError:
        if not 1 <= line <= len(self.body):
            return InputError(message, source=self.source)
        word = re.match(r"[%$]?\w+", self.body[line - 1][column - 1 :])
        span = Span(line, column, len(word[0]) if word else 1)
        hint = None
        if ";" in self.body[line - 1][: column - 1]:
            hint = "; separates instructions here; begin a comment with #"
        return InputError(message, hint=hint, source=self.source, span=span)

    def code(self, elf: ElfFile, pick: Callable[[ElfFile], Function], *, returns: bool) -> Code:
        """Decode the function that `pick` takes; `returns` says whether it must return."""
        return self._code(elf, pick(elf), pick, returns=returns)

    def _code(
        self, elf: ElfFile, function: Function, pick: Callable[[ElfFile], Function | None], *,
        returns: bool,
    ) -> Code:  # fmt: skip
        def beginning(position: Position) -> Code | None:
            found = elf.beginning(position)
            if found is None:
                return None
            return self._code(elf, found, lambda elf: elf.beginning(position), returns=True)

        decoded = decode(function)
        places = listing(function, decoded, self.source.name)
        return Code(
            function, decoded, places, returns,
            exact=lambda: self._places(function, pick) or places, beginning=beginning,
        )  # fmt: skip

    def _places(
        self, function: Function, pick: Callable[[ElfFile], Function | None]
    ) -> Places | None:
        """Return where in the text each instruction of `function` stands; None if it is unknown."""
        from sortopt.native import AssemblyError

        if len(self.body) > _MOST_MARKED:
            return None
        nothing = f"R_{self.dialect.machine.elf.removeprefix('EM_')}_NONE"
        marked = [
            f".reloc ., {nothing}, {_LINE}{number}\n{line}"
            for number, line in enumerate(self.body, start=1)
        ]
        try:
            data = self._assemble(marked)
        except AssemblyError:
            return None
        if len(data) > _LARGEST_MARKED:
            return None
        again = pick(ElfFile(data, self.source.name))
        if again is None or again.code != function.code:
            return None
        line_at = {
            address: int(name.removeprefix(_LINE))
            for address, name in again.references
            if name.startswith(_LINE)
        }
        starts = sorted(line_at)

        def place(instruction: Decoded) -> Place:
            line = line_at[starts[bisect_right(starts, instruction.address) - 1]]
            return self._place(line)

        return place

    def _place(self, line: int) -> Place:
        """Return the tokens of the instruction in a line, where nothing else stands in it."""
        pieces = [*map(without_labels, self.read[line - 1].code)]
        pieces = [piece for piece in pieces if piece.text and not piece.text.startswith(".")]
        if len(pieces) != 1:
            text = self.body[line - 1]
            return Place(Token(text, self.source, line, 1).part(0, len(text)), ())
        try:
            written = statement(pieces[0])
            operands = split_commas(written.rest)
        except InputError:
            return Place(pieces[0], ())
        return Place(written.mnemonic, operands[::-1] if self.dialect.name == "att" else operands)
