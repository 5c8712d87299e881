"""Text of machines with one syntax, as the GNU assembler takes it: `csel w0, w1, w2, lt`.

Instructions are written as their forms say (`Form.text`), memory as the machine's syntax does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sortopt.base import InputError
from sortopt.formats import memory
from sortopt.formats.dialect import Mnemonic, Operand
from sortopt.formats.intel import OfRegisters, immediate, register
from sortopt.formats.lexer import Statement, Token, split_commas
from sortopt.formats.mnemonics import unknown
from sortopt.model import Form, Isa, Machine, Place, Syntax
from sortopt.targets import ISAS

_IMMEDIATE = re.compile(r"#?[-+]?\d\w*|#.*")
_OFFSET = re.compile(r"[-+]?(0x[0-9a-f]{1,8}|0|[1-9][0-9]{0,9})")


@dataclass(frozen=True, slots=True)
class Gnu(OfRegisters):
    """Instructions of `machine`, in its syntax of the same name."""

    name: str
    machine: Machine
    separated: bool = True
    numbered: bool = False

    @property
    def syntax(self) -> Syntax:
        """How the machine's assembly is written."""
        return self.machine.syntaxes[self.name]

    @property
    def comment(self) -> str:
        """What begins a comment."""
        return self.syntax.comment

    def mnemonic(self, statement: Statement) -> Mnemonic:
        """Look up the form by the mnemonic, and by what stands among or behind the operands."""
        isa, form, _ = self._read(statement)
        return Mnemonic(isa, form, None if isa.place is Place.VECTOR else form.bits)

    def operands(self, statement: Statement) -> tuple[Token, ...]:
        """Return the operands alone, destination first."""
        return self._read(statement)[2]

    def _read(self, statement: Statement) -> tuple[Isa, Form, tuple[Token, ...]]:
        word, tokens = statement.mnemonic.text.lower(), split_commas(statement.rest)
        known = written_forms(self.machine).get(word)
        if known is None:
            raise unknown(statement.mnemonic, [*written_forms(self.machine)], self.machine)
        fitting = [
            (isa, form, found)
            for isa, form, written in known
            if (found := _fit(written, tokens)) is not None
        ]
        if not fitting:
            raise self._unfit(statement.mnemonic, len(tokens), known)
        if len(fitting) > 1:
            for isa, form, found in fitting:
                if form.admits(tuple(self.cell(token).place or isa.place for token in found)):
                    return isa, form, found
        return fitting[0]

    def _unfit(self, mnemonic: Token, count: int, known: Sequence[Written]) -> InputError:
        """Return the error for an instruction with other operands than in any of `known`."""
        isa, form, written = known[0]
        places = [self._address_example() if p is Place.MEMORY else None for p in form.operands]
        words = [place or name for place, name in zip(places, isa.registers, strict=False)]
        if count != len(written):
            return mnemonic.fault(
                f"{mnemonic.text.lower()} takes {len(written)} operands, not {count}",
                f"write for example: {form.written(words)}",
            )
        summaries = dict.fromkeys(isa.summary for isa, _, _ in known)
        return mnemonic.fault(
            f"{mnemonic.text.lower()} takes no such operands",
            f"the model has {'; or '.join(summaries)}",
        )

    def _address_example(self) -> str:
        return self.syntax.memory.format(base=self.machine.arguments[0], offset=4)

    def cell(self, token: Token) -> Operand:
        """Read a register, or a memory cell in the syntax of the machine."""
        if "(" in token.text or "[" in token.text:
            return self._memory(token)
        if _IMMEDIATE.fullmatch(token.text):
            raise immediate(token)
        return register(token, token.text, "", self.machine)

    def _memory(self, token: Token) -> Operand:
        example = self._address_example()
        text = re.sub(r"[\s#]", "", token.text.lower())
        for template in (self.syntax.memory, self.syntax.at_base):
            match = _address(template).fullmatch(text)
            if match is None:
                continue
            offset = match.groupdict().get("offset", "0")
            if offset in self.machine.registers:
                raise memory.indexed(token)
            if not _OFFSET.fullmatch(offset):
                raise token.fault(
                    f"{offset[:40]!r} is no offset: the cells of a kernel must be known before it "
                    "runs",
                    f"write for example {example}",
                )
            return memory.cell(token, match["base"], int(offset, 0), None, example, self.machine)
        raise token.fault(
            f"{token.text[:40]!r} is no memory operand", f"write for example {example}"
        )

    def write_cell(self, spelled: str) -> str:
        """Write a register or a memory cell."""
        if not spelled.startswith("["):
            return spelled
        base, offset = memory.address(spelled)
        template = self.syntax.memory if offset else self.syntax.at_base
        return template.format(base=base, offset=offset)

    def write(self, form: Form, operands: Sequence[str]) -> str:
        """Write one instruction, its operands in one column."""
        words = [self.write_cell(operand) for operand in operands]
        if any(operand.startswith("[") for operand in operands):
            words = [*map(self._loaded, words)]
        mnemonic, _, rest = form.written(words).partition(" ")
        return f"{mnemonic:<6} {rest}"

    def _loaded(self, word: str) -> str:
        """Return what a register is called in an instruction that accesses memory."""
        known = self.machine.registers.get(word)
        vector = known is not None and known.place is Place.VECTOR
        return self.syntax.loaded_vector + word[1:] if vector else word


Written = tuple[Isa, Form, tuple[str, ...]]
"""A form as it is written: its operands as {0}, {1} …, and what stands among and behind them."""


@cache
def written_forms(machine: Machine) -> Mapping[str, Sequence[Written]]:
    """Return the forms of `machine` by the word with which they begin."""
    found: dict[str, list[Written]] = {}
    for isa in ISAS.values():
        for form, text in _texts(isa) if isa.machine is machine else ():
            word, _, operands = text.partition(" ")
            found.setdefault(word, []).append((isa, form, tuple(operands.split(", "))))
    return found


def _texts(isa: Isa) -> Iterator[tuple[Form, str]]:
    """Yield the forms of `isa` as they are written, in all their spellings."""
    for form in isa.forms.values():
        yield form, form.written([f"{{{i}}}" for i in range(len(form.operands))])
    for other, mnemonic in isa.spellings.items():
        form = isa.form(mnemonic)
        own, spelled = mnemonic, other
        if form.condition:
            own = form.condition.name
            spelled = other.removeprefix(mnemonic.removesuffix(own))
        text = form.written([f"{{{i}}}" for i in range(len(form.operands))])
        yield form, re.sub(rf"\b{own}\b", spelled, text)


def _fit(written: Sequence[str], tokens: Sequence[Token]) -> tuple[Token, ...] | None:
    """Return the operands among `tokens`, in the form's order; None where they do not fit it."""
    if len(written) != len(tokens):
        return None
    found: dict[int, Token] = {}
    for part, token in zip(written, tokens, strict=True):
        text = token.text.lower()
        if not part.startswith("{"):
            if text != part:
                return None
            continue
        number, _, behind = part[1:].partition("}")
        if not text.endswith(behind) or (not behind and re.search(r"\w\.\w", text)):
            return None
        found[int(number)] = token.part(0, len(text) - len(behind))
    return tuple(found[number] for number in sorted(found))


@cache
def _address(template: str) -> re.Pattern[str]:
    """Return the pattern of a memory operand, without blanks, that is written as `template`."""
    text = re.escape(re.sub(r"[\s#]", "", template))
    for name in ("base", "offset"):
        text = text.replace(re.escape(f"{{{name}}}"), rf"(?P<{name}>[-+\w]+)")
    return re.compile(text)
