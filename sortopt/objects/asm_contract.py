"""What an asm statement does, held against what it declares to the compiler.

The compiler gives an output that has no `&` the register of an input where it likes, keeps values
in registers and memory that are not declared as written, and deletes a statement whose outputs
nobody reads.  Source: GCC manual, "Extended Asm", "Modifiers", "Clobbers", "Volatile"; that clang
lets an output that is read as well ("+r") share a register: TwoAddressInstructionPass.cpp.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field

from sortopt.base import Source
from sortopt.formats import REGISTERS, Parsed
from sortopt.model import Breach
from sortopt.objects.asm_statement import AsmStatement
from sortopt.targets import X86


@dataclass(slots=True)
class Amendment:
    """What has to be declared: by operand, `&` and that it is read and written; and clobbers.

    `possible` says that this is all that is missing.
    """

    early: set[int] = field(default_factory=set)
    both: set[int] = field(default_factory=set)
    clobbers: list[str] = field(default_factory=list)
    volatile: bool = False
    possible: bool = True

    def constraint(self, found: AsmStatement, index: int) -> str:
        """Return the constraint that the operand `index` should have."""
        operand = found.operands[index]
        old = operand.constraint[: len(operand.constraint) - len(operand.letters)]
        output = operand.is_output or index in self.both
        sign = "+" if index in self.both or "+" in old else "=" if output else ""
        return sign + ("&" if index in self.early or "&" in old else "") + operand.letters


@dataclass(frozen=True, slots=True)
class Contract:
    """An asm statement, the register of each operand by family, and its instructions.

    `keys` are the families of registers that hold keys on entry; `discarded` says that nobody
    reads its outputs.
    """

    found: AsmStatement
    families: tuple[str, ...]
    program: tuple[Parsed, ...]
    keys: Set[str]
    discarded: bool

    def breaches(self) -> tuple[tuple[Breach, ...], Amendment]:
        """Return what is not declared, and what to declare instead."""
        amendment = Amendment()
        found = (
            *self._without_value(amendment), *self._undeclared(amendment),
            *self._shared(amendment), *self._memory(amendment), *self._deleted(amendment),
        )  # fmt: skip
        return found, amendment

    def _shared(self, amendment: Amendment) -> Iterator[Breach]:
        """Outputs without & that are written while an input is still to be read."""
        reads = [_reads(parsed) for parsed in self.program]
        last = {family: at for at, families in enumerate(reads) for family in families}
        for index, output in enumerate(self.found.outputs):
            written = self._first_write(self.families[index])
            if written is None or "&" in output.constraint:
                continue
            others = [
                other
                for other in self._inputs()
                if last.get(self.families[other], -1) > written and self._may_share(index, other)
            ]
            if not others:
                continue
            waiting = {self.families[other] for other in others}
            read = next(at for at in range(written + 1, len(reads)) if reads[at] & waiting)
            amendment.early.add(index)
            same = " where both hold one value" if self._has_value(index, amendment) else ""
            shown = " and ".join(map(self._shown, others))
            yield self._breach(
                written,
                f"{self._shown(index)} is written by `{self._text(written)}` while {shown} "
                f"{'is' if len(others) == 1 else 'are'} still to be read, next by "
                f"`{self._text(read)}`: without & the compiler may give it the same register{same}",
                f"write {self._wanted(index, amendment)}",
            )

    def _without_value(self, amendment: Amendment) -> Iterator[Breach]:
        """Keys and addresses in registers to which no input gives a value."""
        bound = {self.families[i] for i, o in enumerate(self.found.operands) if o.is_input}
        for at, parsed in enumerate(self.program):
            needed = _bases(parsed) | (_reads(parsed) & self.keys)
            for family in sorted(needed - bound):
                bound.add(family)
                index = next(
                    (i for i in range(len(self.found.outputs)) if self.families[i] == family), None
                )
                what = X86.whole(family) if index is None else self._shown(index)
                if index is None:
                    amendment.possible = False
                    fix = f'make it an operand, for example "r"(buffer) in place of {what}'
                else:
                    amendment.both.add(index)
                    fix = f"write {self._wanted(index, amendment)}"
                message = f"`{self._text(at)}` reads {what}, to which no input gives a value"
                yield self._breach(at, message, fix)
            if parsed.writes is not None and not parsed.writes.address:
                bound.add(parsed.writes.family)

    def _undeclared(self, amendment: Amendment) -> Iterator[Breach]:
        """Registers that are written, and are neither outputs nor clobbers."""
        words = [word.lower().lstrip("%") for word in self.found.clobbers]
        known = {REGISTERS[word].family for word in words if word in REGISTERS}
        known |= set(self.families[: len(self.found.outputs)])
        for at, parsed in enumerate(self.program):
            target = parsed.writes
            if target is None or target.address or target.family in known:
                continue
            known.add(target.family)
            index = next((i for i in self._inputs() if self.families[i] == target.family), None)
            if index is None:
                amendment.clobbers.append(target.name)
                amendment.possible &= self.found.extended
                message = f"`{self._text(at)}` writes {target.name}, which is not declared"
                yield self._breach(at, message, f'add "{target.name}" to the clobbers')
            else:
                amendment.both.add(index)
                amendment.possible &= len(self.found.operands[index].expression) == 1
                message = f"`{self._text(at)}` writes {self._shown(index)}, which is an input only"
                fix = f"make it an output, {self._wanted(index, amendment)}"
                yield self._breach(at, message, fix)

    def _memory(self, amendment: Amendment) -> Iterator[Breach]:
        stores, uses = self._stores(), [any(o.address for o in p.operands) for p in self.program]
        if any(uses) and self.found.extended and "memory" not in self.found.clobbers:
            amendment.clobbers.append("memory")
            at, does = (stores[0], "writes") if stores else (uses.index(True), "reads")
            message = f"`{self._text(at)}` {does} memory, which is not declared"
            yield self._breach(at, message, 'add "memory" to the clobbers')

    def _deleted(self, amendment: Amendment) -> Iterator[Breach]:
        stores = self._stores()
        if self.discarded and not self.found.volatile and self.found.outputs and stores:
            amendment.volatile = True
            yield self._breach(
                stores[0],
                f"`{self._text(stores[0])}` may never run: the compiler deletes a statement whose "
                "outputs nobody reads",
                "write volatile behind asm",
            )

    def _stores(self) -> list[int]:
        """Return the instructions that write memory."""
        return [at for at, p in enumerate(self.program) if p.writes and p.writes.address]

    def _inputs(self) -> Iterator[int]:
        """Yield the inputs that are not in the register of an output."""
        outputs = self.families[: len(self.found.outputs)]
        many = range(len(outputs), len(self.families))
        return (index for index in many if self.families[index] not in outputs)

    def _may_share(self, output: int, other: int) -> bool:
        """Return whether one register can serve both operands."""
        one, two = (X86.constraints[self.found.operands[i].letters] for i in (output, other))
        return not set(one).isdisjoint(two)

    def _has_value(self, output: int, amendment: Amendment) -> bool:
        """Return whether an output has a value on entry too."""
        tied = self.families[output] in self.families[len(self.found.outputs) :]
        return tied or self.found.operands[output].is_input or output in amendment.both

    def _first_write(self, family: str) -> int | None:
        return next(
            (at for at, p in enumerate(self.program) if p.writes and p.writes.family == family),
            None,
        )

    def _shown(self, index: int) -> str:
        operand = self.found.operands[index]
        name = f"%[{operand.name}]" if operand.name else f"%{index}"
        return f'{name} "{operand.constraint}"'

    def _wanted(self, index: int, amendment: Amendment) -> str:
        return f'"{amendment.constraint(self.found, index)}" for %{index}'

    def _breach(self, at: int, message: str, fix: str) -> Breach:
        return Breach(message, fix, self.program[at].token.line)

    def _text(self, at: int) -> str:
        """Return an instruction as it is written."""
        tokens = [self.program[at].token, *(o.token for o in self.program[at].operands)]
        first = tokens[0]
        end = max(t.column + len(t.text) for t in tokens if t.line == first.line)
        return " ".join(first.source.line(first.line)[first.column - 1 : end - 1].split())


def _bases(parsed: Parsed) -> set[str]:
    return {operand.address.base for operand in parsed.operands if operand.address}


def _reads(parsed: Parsed) -> set[str]:
    """Return the families of the registers that an instruction reads, addresses included."""
    return _bases(parsed) | {o.family for o in parsed.reads if not o.address}


def amended(
    file: Source, found: AsmStatement, amendment: Amendment, *, numbered: bool
) -> str | None:
    """Return the text of `file` with what `amendment` declares; None where that is not enough.

    Nor where it would number the operands anew while options name them so, as `numbered` says.
    """
    if not amendment.possible:
        return None
    many = len(found.outputs)
    moved = [index for index in range(many, len(found.operands)) if index in amendment.both]
    kept = [index for index in range(many, len(found.operands)) if index not in moved]
    order = [*range(many), *moved, *kept]
    if numbered and order != sorted(order):
        return None
    outputs = [_operand(file, found, amendment, index) for index in [*range(many), *moved]]
    inputs = [_operand(file, found, amendment, index) for index in kept]
    clobbers = [f'"{word}"' for word in (*found.clobbers, *amendment.clobbers)]
    sections = (", ".join(section) for section in (outputs, inputs, clobbers))
    edits = [(found.ends[0], found.ends[-1], "".join(f" : {text}".rstrip() for text in sections))]
    if amendment.volatile:
        edits.append((found.keyword.end, found.keyword.end, " volatile"))
    text = "".join(letter.text for letter in found.template)
    for match in re.finditer(r"%%|%[a-zA-Z]?(\d{1,2})", text):
        if match[1] and order.index(int(match[1])) != int(match[1]):
            start, end = (found.template[at].place for at in (match.start(1), match.end(1) - 1))
            edits.append((start, end + 1, str(order.index(int(match[1])))))
    written = file.text
    for start, end, new in sorted(edits, reverse=True):
        written = written[:start] + new + written[end:]
    return written


def _operand(file: Source, found: AsmStatement, amendment: Amendment, index: int) -> str:
    operand = found.operands[index]
    name = f"[{operand.name}] " if operand.name else ""
    expression = file.text[operand.expression[0].start : operand.expression[-1].end]
    return f'{name}"{amendment.constraint(found, index)}"({expression})'
