"""Kernels written as GNU inline assembly: the template of an asm statement, its operands filled in.

Each operand stands for a register of its own that the template does not name otherwise, as the
compiler would choose one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sortopt.base import InputError, SortoptError, Source, Span
from sortopt.formats import registers
from sortopt.formats.c_source import AsmStatement, Letter, choose
from sortopt.formats.detection import by_name
from sortopt.formats.dialect import Dialect, Parsed
from sortopt.formats.directives import Header
from sortopt.formats.lexer import Token, statement
from sortopt.formats.program import KernelFile, Options, to_file
from sortopt.formats.reader import PASSED_OVER, instruction
from sortopt.model import Place

_ANY = (
    "di", "si", "d", "c", "a", "r8", "r9", "r10", "r11", "b", "bp", "r12", "r13", "r14", "r15",
)  # fmt: skip
_FIXED = {"a": "a", "b": "b", "c": "c", "d": "d", "S": "si", "D": "di"}
_REFERENCE = re.compile(r"%([a-zA-Z]?)(\d{1,2}|\[\w+\])")
_MODIFIERS = {"k": 32, "q": 64, "w": 16, "b": 8, "h": 8}
_SYNTAX = re.compile(r"\.(intel|att)_syntax\b")
_WIDE = re.compile(r"\b(?:u?int64_t|long|size_t|ptrdiff_t)\b")


def read_inline(
    source: Source, options: Options, *, function: str | None = None, dialect: str | None = None
) -> KernelFile:
    """Read the asm statement of `function`, or the only one of the file.

    `dialect` is att unless told, or unless the template says `.intel_syntax`.  Raises InputError
    with the place of the first fault.
    """
    found = choose(source, function)
    syntax = by_name(dialect or _syntax(found.template) or "att")
    if syntax.numbered:
        raise InputError("inline assembly is att or intel", hint="leave out --dialect")
    statements = tuple(_statements(found.template, source, 1 if syntax.name == "intel" else 0))
    filling = _Filling.of(found, statements, syntax)
    virtual = _Virtual(source, syntax)
    try:
        program = tuple(_program(statements, filling, virtual))
        told = Options(
            filling.fill_option(options.inputs), filling.fill_option(options.outputs),
            options.assume, options.goal,
        )  # fmt: skip
        because = f"asm statement of {found.function}" if found.function else "asm statement"
        file = to_file(
            program, Header("", {}), syntax, told, because=because,
            naming='--inputs "%0 %1" and --outputs "%0 %1"',
        )  # fmt: skip
    except SortoptError as error:
        raise virtual.located(error) from None
    return replace(file, notes=(*file.notes, *_remarks(found, filling, program)))


def _syntax(template: Sequence[Letter]) -> str | None:
    match = _SYNTAX.search("".join(letter.text for letter in template))
    return match[1] if match else None


def _statements(
    template: Sequence[Letter], source: Source, variant: int
) -> Iterator[tuple[Letter, ...]]:
    """Yield the statements of a template, comments dropped, of its dialect alternatives one."""
    line: list[Letter] = []
    for letter in [*_variant(template, source, variant), Letter("\n", 0, 0)]:
        if letter.text != "\n":
            line.append(letter)
            continue
        text = "".join(each.text for each in line)
        comment = re.search(r"#|//|/\*", text)
        end = comment.start() if comment else len(text)
        start = 0
        for piece in text[:end].split(";"):
            letters = line[start : start + len(piece)]
            start += len(piece) + 1
            while letters and letters[0].text.isspace():
                letters.pop(0)
            if piece.strip():
                yield tuple(letters)
        line = []


def _variant(template: Sequence[Letter], source: Source, chosen: int) -> Iterator[Letter]:
    """Resolve `{att|intel}`, and the escapes `%{`, `%|`, `%}`; `%%` stays as it is."""
    number, inside, at = 0, False, 0
    while at < len(template):
        letter = template[at]
        following = template[at + 1].text if at + 1 < len(template) else ""
        if letter.text == "%" and following in ("{", "|", "}"):
            at += 1
            letter = template[at]
        elif letter.text == "%" and following == "%":
            if not inside or number == chosen:
                yield letter
            at += 1
            letter = template[at]
        elif letter.text == "{" and not inside:
            inside, number = True, 0
            at += 1
            continue
        elif inside and letter.text in "|}":
            number, inside = number + 1, letter.text == "|"
            at += 1
            continue
        if not inside or number == chosen:
            yield letter
        at += 1
    if inside:
        raise InputError("a { in the asm template has no }", source=source)


@dataclass(frozen=True, slots=True)
class _Filling:
    """Which register stands for each operand: its family, and its width where none is told."""

    syntax: Dialect
    families: tuple[str, ...]
    widths: tuple[int, ...]
    names: Mapping[str, int]
    extended: bool

    @classmethod
    def of(
        cls, found: AsmStatement, statements: Sequence[Sequence[Letter]], syntax: Dialect
    ) -> _Filling:
        """Choose registers for the operands of `found`; raises InputError where one has none."""
        texts = ["".join(letter.text for letter in s) for s in statements]
        words = set(re.findall(r"[a-z]\w*", " ".join([*texts, *found.clobbers]).lower()))
        taken = {registers.REGISTERS[w].family for w in words if w in registers.REGISTERS}
        families: list[str] = []
        for operand in found.operands:
            family = _family(operand.constraint.lstrip("+=&%"), families, taken)
            if family is None:
                raise operand.place.fault(
                    f"the constraint {operand.constraint!r} is not read",
                    'operands are registers: "+r", "=&r" or "r"; a buffer is a pointer in one',
                )
            families.append(family)
        names = {f"[{o.name}]": i for i, o in enumerate(found.operands) if o.name}
        return cls(syntax, tuple(families), _widths(found, texts), names, found.extended)

    def fill(self, letters: Sequence[Letter], source: Source) -> Iterator[tuple[str, Letter]]:
        """Yield the characters of a statement with registers in place of its operands."""
        text = "".join(letter.text for letter in letters)
        at = 0
        while at < len(text):
            if text.startswith("%%", at):
                yield "%", letters[at]
                at += 2
                continue
            if text[at] != "%" or not self.extended:
                yield text[at], letters[at]
                at += 1
                continue
            match = _REFERENCE.match(text, at)
            if match is None or not self.knows(match[2]):
                raise self.missing(text, at, letters, source)
            for character in self.register(match[1], match[2]):
                yield character, letters[at]
            at = match.end()

    def missing(self, text: str, at: int, letters: Sequence[Letter], source: Source) -> InputError:
        """Return the error for a % that begins no reference to an operand."""
        word = re.match(r"%(\[\w{0,20}\]?|\w{0,20})", text[at:])
        shown = word[0] if word else "%"
        place = Token(shown, source, letters[at].line, letters[at].column)
        many = len(self.families)
        if shown[1:].lower() in registers.REGISTERS:
            return place.fault(
                "in an asm template with operands a register has two %", f"write %{shown}"
            )
        return place.fault(f"there is no operand {shown}", f"there are {many}, from %0")

    def knows(self, reference: str) -> bool:
        """Return whether `reference`, a number or `[name]`, is an operand."""
        return reference in self.names or (
            reference.isdigit() and int(reference) < len(self.families)
        )

    def register(self, modifier: str, reference: str) -> str:
        """Return the register that stands for an operand, as the syntax writes it."""
        index = self.names[reference] if reference in self.names else int(reference)
        family = self.families[index]
        sigil = "%" if self.syntax.name == "att" else ""
        if family in registers.REGISTERS and registers.REGISTERS[family].place is Place.VECTOR:
            return sigil + family
        width = _MODIFIERS.get(modifier, self.widths[index])
        return sigil + registers.part(family, width)

    def fill_option(self, text: str | None) -> str | None:
        """Fill in the operands that --inputs or --outputs names, such as `%0`."""
        if text is None:
            return None
        return _REFERENCE.sub(
            lambda m: self.register(m[1], m[2]) if self.knows(m[2]) else m[0], text
        )


def _family(letters: str, chosen: Sequence[str], taken: set[str]) -> str | None:
    """Return a free register family for a constraint, or None for one that is not read."""
    if letters.isdigit():
        return chosen[int(letters)] if int(letters) < len(chosen) else None
    if letters in _FIXED:
        return _FIXED[letters]
    if letters == "x":
        vectors = (f"xmm{number}" for number in range(16))
        return next((v for v in vectors if v not in taken and v not in chosen), None)
    if letters in ("r", "q", "Q", "R", "l"):
        return next((f for f in _ANY if f not in taken and f not in chosen), None)
    return None


def _widths(found: AsmStatement, texts: Sequence[str]) -> tuple[int, ...]:
    """Return the width, in bits, of each operand where it is named without a size.

    Addresses have 64.  The keys of a kernel have one width: 64 where the template's suffixes or
    registers, or an operand's declared type, tell so, else 32.
    """
    wide = any(_shows_wide(text) for text in texts if re.search(r"%\d|%\[", text))
    addresses: list[bool] = []
    for index, operand in enumerate(found.operands):
        reference = rf"%(?:{index}\b|\[{operand.name}\])" if operand.name else rf"%{index}\b"
        addresses.append(any(re.search(rf"[(\[][^)\]]*{reference}", text) for text in texts))
        wide = wide or (not addresses[-1] and _declared_wide(found, operand.expression))
    return tuple(64 if address or wide else 32 for address in addresses)


def _shows_wide(text: str) -> bool:
    """Return whether an instruction works on 64 bits."""
    plain = re.sub(r"\([^)]*\)|\[[^\]]*\]", "", text)  # addresses have 64 bits anyway
    named = (registers.REGISTERS.get(word.lower()) for word in re.findall(r"%%(\w+)", plain))
    word = text.split()[0].lower()
    suffixed = re.fullmatch(r"(mov|cmp|cmov\w+)q", word) is not None
    return suffixed or any(r is not None and r.width == 64 for r in named)


def _declared_wide(found: AsmStatement, expression: str) -> bool:
    """Return whether the variable `expression` was last declared with a 64-bit type."""
    if not re.fullmatch(r"\w+", expression):
        return False
    before = "\n".join(found.place.source.text.splitlines()[: found.place.line])
    declarations = re.findall(rf"([^;(){{}},=]*?[\w*\s])\b{expression}\s*[=,;)\[]", before[-4000:])
    return any(_WIDE.search(d) and "*" not in d for d in declarations[-1:])


class _Virtual:
    """The statements as they are parsed, and the way from a place there to one in the file."""

    def __init__(self, source: Source, syntax: Dialect) -> None:
        self.source = source
        self.syntax = syntax
        self._origin: dict[tuple[int, int], Letter] = {}
        self._texts: dict[int, str] = {}
        self.filled = Source(source.name, "")

    def token(self, filling: _Filling, letters: Sequence[Letter]) -> Token:
        """Return a statement, filled in, as a token that remembers where it came from."""
        filled = list(filling.fill(letters, self.source))
        line = letters[0].line
        start = len(self._texts.get(line, "")) + 1
        text = "".join(character for character, _ in filled)
        self._texts[line] = self._texts.get(line, "") + text + ";"
        for offset, (_, letter) in enumerate(filled):
            self._origin[line, start + offset] = letter
        return Token(text, self.filled, line, start).part(0, len(text))

    def located(self, error: SortoptError) -> SortoptError:
        """Return `error` with its place in the file."""
        if error.source is not self.filled or error.span is None:
            return error
        first = self._origin.get((error.span.line, error.span.column))
        last = self._origin.get((error.span.line, error.span.column + error.span.length - 1), first)
        error.source = self.source
        if first is None or last is None:
            error.span = Span(error.span.line, 1)
        else:
            length = last.column - first.column + 1 if last.line == first.line else 1
            error.span = Span(first.line, first.column, max(1, length))
        return error


def _program(
    statements: Sequence[Sequence[Letter]], filling: _Filling, virtual: _Virtual
) -> Iterator[Parsed]:
    for letters in statements:
        token = virtual.token(filling, letters)
        if _SYNTAX.match(token.text):
            continue
        written = statement(token)
        if written.mnemonic.text.lower() not in PASSED_OVER:
            yield instruction(written, virtual.syntax)


def _remarks(found: AsmStatement, filling: _Filling, program: Sequence[Parsed]) -> Iterator[str]:
    """Yield what the asm statement changes but does not declare: the compiler may rely on it."""
    declared = {f for o, f in zip(found.operands, filling.families, strict=True) if o.written}
    words = [word.lower().lstrip("%") for word in found.clobbers]
    declared |= {registers.REGISTERS[w].family for w in words if w in registers.REGISTERS}
    written = [p.writes for p in program if p.writes is not None]
    undeclared = dict.fromkeys(
        o.name for o in written if not o.address and o.family not in declared
    )
    if undeclared:
        yield f"the asm statement writes {' '.join(undeclared)} without declaring it"
    if any(o.address for o in written) and "memory" not in words:
        yield 'the asm statement writes to memory without the clobber "memory"'
