"""Asm statements that branch: what they write on any path, held against what they declare.

`asm_contract` does so for a statement without jumps.  Sound because each path is followed, and on
each of them every register that an instruction reads is looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sortopt.formats import REGISTERS, Token
from sortopt.model import Breach
from sortopt.objects.asm_statement import AsmStatement
from sortopt.objects.paths import Walked
from sortopt.targets import X86


def undeclared(
    found: AsmStatement, families: tuple[str, ...], walked: Walked,
    keys: Collection[str], *, memory: Token | None, discarded: bool,
) -> Iterator[Breach]:  # fmt: skip
    """Yield what a statement does that the compiler is not told of.

    `walked` are its paths; `keys` are the registers that hold keys on entry, by family; `memory` is
    where it stands if it touches memory, and `discarded` says that nobody reads its outputs.
    """
    outputs = families[: len(found.outputs)]
    words = [word.lower().lstrip("%") for word in found.clobbers]
    known = {REGISTERS[word].family for word in words if word in REGISTERS}
    inputs = {f for f, o in zip(families, found.operands, strict=True) if o.is_input}
    admitted = {
        family: frozenset(X86.constraints.get(operand.letters, ()))
        for family, operand in reversed([*zip(families, found.operands, strict=True)])
    }
    line = found.operands[0].place.line if found.operands else 1
    for family in sorted(set(keys) - inputs):
        message = f"{X86.whole(family)} is read as a key, to which no input gives a value"
        yield Breach(message, "make it an input", line)
    for family, token in walked.written.items():
        name = X86.whole(family)
        if family in outputs:
            early = "&" in found.outputs[outputs.index(family)].constraint
            waiting = (
                other
                for other in inputs.difference(outputs)
                if (family, other) in walked.late and admitted[family] & admitted[other]
            )
            other = min(waiting, default=None)
            if not early and other is not None:
                written, read = walked.late[family, other]
                yield Breach(
                    f"`{written.text}` writes output {name} while {X86.whole(other)}, an input, is "
                    f"still to be read, by `{read.text}` in line {read.line}: without & the "
                    "compiler may give it the same register",
                    "write & in its constraint",
                    written.line,
                )
        elif family in inputs:
            message = f"`{token.text}` writes {name}, which is an input only"
            yield Breach(message, 'make it an output, "+&r"', token.line)
        elif family not in known:
            message = f"`{token.text}` writes {name}, which is not declared"
            yield Breach(message, f'add "{name}" to the clobbers', token.line)
    if memory is not None and found.extended and "memory" not in words:
        message = "the statement uses memory, which is not declared"
        yield Breach(message, 'add "memory" to the clobbers', memory.line)
    if memory is not None and discarded and found.outputs and not found.volatile:
        message = "the compiler deletes a statement whose outputs nobody reads"
        yield Breach(message, "write volatile behind asm", memory.line)
