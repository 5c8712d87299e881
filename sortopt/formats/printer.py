"""Kernel to text: `parse(print_kernel(kernel, dialect)).kernel == kernel`, in every dialect."""

from __future__ import annotations

import re

from sortopt.base import InputError, Source
from sortopt.formats.detection import DIALECTS, by_name
from sortopt.formats.dialect import Dialect
from sortopt.formats.directives import EXPECTATIONS, check_spelling, directive_name
from sortopt.formats.lexer import Token
from sortopt.formats.memory import base_of
from sortopt.formats.mnemonics import first_with
from sortopt.formats.pairs import joined
from sortopt.model import SORT, Instr, Kernel, Place, Rung

_NAME = re.compile(r"[^\s,=]+")


def print_kernel(
    kernel: Kernel,
    dialect: str | None = None,
    *,
    title: str | None = None,
    expect: str | None = None,
    source: str | None = None,
    pairs: bool = False,
) -> str:
    """Write `kernel` with all its directives in `dialect`; the text ends in a newline.

    The dialect defaults to the one in which kernels for that machine are written.
    Cells keep their names where these are registers of the dialect, else a `cells` directive
    records them.  A kernel in registers that not all processors have says so in a comment.
    `title` defaults to the goal and the length.  With `pairs` two loads or stores of neighbours are
    written as one instruction, where the machine has such.  Raises InputError where the dialect has
    no room for the kernel (more cells than registers, a cell in memory), or where `title`, `expect`
    or a cell's name could not be read back.
    """
    target = _dialect(kernel, dialect)
    spelled = _spell(kernel, target)
    directives = _directives(kernel, target, spelled)
    if expect is not None:
        if expect not in EXPECTATIONS:
            raise InputError(f"unknown expectation {expect!r}", hint=" or ".join(EXPECTATIONS))
        directives["expect"] = expect
    if source is not None and source.strip():
        directives["source"] = " ".join(source.split())
    body = instruction_lines(kernel, target.name, pairs=pairs)
    lines = [f"{target.comment} {_title(title or '', default_title(kernel, len(body)))}"]
    lines += [f"{target.comment} {name + ':':<8} {value}" for name, value in directives.items()]
    if needed := _needed(kernel, spelled):
        lines.append(f"{target.comment} {needed}")
    return "\n".join([*lines, *(f"    {line}" for line in body)]) + "\n"


def instruction_lines(
    kernel: Kernel, dialect: str | None = None, *, pairs: bool = True
) -> list[str]:
    """Return the instructions of `kernel` as `print_kernel` writes them, without indentation."""
    lines = [print_instruction(kernel, each, dialect) for each in kernel.instructions]
    return joined(lines, kernel.isa.machine) if pairs else lines


def print_instruction(kernel: Kernel, instruction: Instr, dialect: str | None = None) -> str:
    """Write one instruction of `kernel` as `print_kernel` does, without indentation."""
    target = _dialect(kernel, dialect)
    spelled = _spell(kernel, target)
    return target.write(instruction.form, [spelled[c] for c in instruction.operands])


def comment_mark(kernel: Kernel) -> str:
    """Return what begins a comment where `print_kernel` writes `kernel` by default."""
    return _dialect(kernel, None).comment


def _dialect(kernel: Kernel, name: str | None) -> Dialect:
    """Return the dialect called `name`, or the usual one; raises InputError where it cannot be."""
    machine = kernel.isa.machine
    own = [DIALECTS[0], *machine.syntaxes][-1]
    chosen = by_name(own if name is None else name)
    if machine.syntaxes and chosen.machine is not machine:
        raise InputError(
            f"the {chosen.name} dialect cannot write {kernel.isa.name} kernels",
            hint=f"use {' or '.join(machine.syntaxes)}",
        )
    return chosen


def default_title(kernel: Kernel, length: int | None = None) -> str:
    """Return for example `sort3, 11 instructions`; `length` says how many there are."""
    goal, count = kernel.contract.goal, len(kernel) if length is None else length
    plural = "" if count == 1 else "s"
    return f"{goal.name}{kernel.n}, {count} instruction{plural}"


def _title(given: str, default: str) -> str:
    text = " ".join(given.split()).lstrip(";#/ ") or default
    comment = Token(text, Source("title", text), 1, 1)
    if directive_name(comment):
        raise comment.fault("the title would be read as a directive", "leave out the colon")
    check_spelling(comment)
    return text


def _spell(kernel: Kernel, target: Dialect) -> tuple[str, ...]:
    """Return what to call each cell: registers as the dialect chooses, memory by its address."""
    in_memory = [cell.name for cell in kernel.cells if cell.place is Place.MEMORY]
    bases = {name: base_of(name, kernel.isa.machine) for name in in_memory}
    if in_memory and target.numbered:
        raise InputError(f"the {target.name} dialect writes kernels of registers only")
    for name, base in bases.items():
        if base is None:
            raise InputError(
                f"the memory cell {name!r} cannot be written: its name is no address",
                hint="call it for example [rdi+4]",
            )
    avoid = frozenset(filter(None, bases.values()))
    names = [cell.name for cell in kernel.cells if cell.place is not Place.MEMORY]
    chosen = iter(target.spell(kernel.isa, _apart(kernel, names, avoid), avoid))
    return tuple(cell.name if cell.place is Place.MEMORY else next(chosen) for cell in kernel.cells)


def _apart(kernel: Kernel, names: list[str], bases: frozenset[str]) -> list[str]:
    """Return the registers `names` with a free one for each that the buffer's address needs."""
    machine = kernel.isa.machine
    found = [machine.registers[name] for name in names if name in machine.registers]
    clashing = [r.name for r in found if r.family in bases and not _freed(kernel, r.name)]
    if not clashing:
        return names
    taken = bases | {r.family for r in found}
    families = (machine.registers[name].family for name in kernel.isa.registers)
    free = (machine.part(family, found[0].width) for family in families if family not in taken)
    return [next(free, "") if name in clashing else name for name in names]


def _freed(kernel: Kernel, name: str) -> bool:
    """Return whether the cell `name` may be in the register that addressed the buffer.

    That is, it is first written when the buffer is done with.
    """
    cell = next(i for i, held in enumerate(kernel.cells) if held.name == name)
    written = cell in kernel.contract.inputs
    for instruction in kernel.instructions:
        places = {kernel.cells[operand].place for operand in instruction.operands}
        if Place.MEMORY in places if written else cell in instruction.reads:
            return False
        written = written or instruction.writes == cell
    return cell not in kernel.contract.inputs


def _needed(kernel: Kernel, spelled: tuple[str, ...]) -> str | None:
    """Return what to say of a kernel whose cells are in registers of its machine's extension.

    Or in memory that one addresses; None for any other.
    """
    machine = kernel.isa.machine
    families = {r.family for r in machine.registers.values() if r.extended}
    named = {r.family for word in spelled if (r := machine.registers.get(word))}
    needs = families & (named | {base_of(word, machine) for word in spelled})
    return machine.extension.needed if machine.extension and needs else None


def _directives(kernel: Kernel, target: Dialect, spelled: tuple[str, ...]) -> dict[str, str]:
    """Return the contract's directives in the order in which they are printed."""
    contract = kernel.contract
    directives = {
        role: " ".join(target.write_cell(spelled[cell]) for cell in cells)
        for role, cells in (("inputs", contract.inputs), ("outputs", contract.outputs))
    }
    renamed = [
        (target.write_cell(word), cell.name)
        for word, cell in zip(spelled, kernel.cells, strict=True)
        if target.default_name(kernel.isa, word) != cell.name
    ]
    for _, name in renamed:
        if not _NAME.fullmatch(name):
            raise InputError(f"a cell called {name!r} cannot be written", hint="rename it")
    if renamed:
        directives["cells"] = " ".join(f"{word}={name}" for word, name in renamed)
    forms = [instruction.form for instruction in kernel.instructions]
    if not forms or first_with(forms) is not kernel.isa:
        directives["isa"] = kernel.isa.name
    if contract.assume:
        directives["assume"] = str(contract.assume)
    if contract.goal != SORT:
        directives["goal"] = str(contract.goal)
    if contract.keep is not Rung.VALUES:
        directives["keep"] = str(contract.keep)
    return directives
