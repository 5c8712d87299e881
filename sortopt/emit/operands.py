"""Instructions as assembly text, in every syntax, with operands given by the caller."""

from __future__ import annotations

from collections.abc import Callable

from sortopt.base import InputError
from sortopt.model import Assembly, Instr, Kernel, Machine, Place, Syntax

OperandText = Callable[[int], str]
"""How a cell is written as an operand."""


def written(instruction: Instr, syntax: Syntax, operand: OperandText) -> str:
    """Return `instruction` as text: `cmovl %ecx, %eax`.

    No size suffix is needed: a model has one memory operand at most, so a register tells it.
    """
    operands = [operand(cell) for cell in instruction.operands]
    return instruction.form.written(operands, source_first=syntax.source_first)


def in_every_syntax(
    kernel: Kernel, instruction: Instr, operand: Callable[[int, Syntax], str]
) -> str:
    """Return `instruction` as an asm template of C that fits whichever syntax is compiled for.

    `operand` writes a cell in a syntax.
    """

    def text(syntax: Syntax) -> str:
        return written(instruction, syntax, lambda cell: operand(cell, syntax))

    first, *others = map(text, kernel.isa.machine.syntaxes.values())
    if not others:
        return first
    mnemonic, _, operands = first.partition(" ")
    alternatives = [operands, *(other.partition(" ")[2] for other in others)]
    return f"{mnemonic} {{{'|'.join(alternatives)}}}"


def assembly_of(kernel: Kernel) -> Assembly:
    """Return how the instructions of `kernel` become assembly; raises InputError where not."""
    if kernel.isa.assembly is None:
        raise InputError(
            f"{kernel.isa.name} kernels cannot become assembly",
            hint="emit them to cpp or python, whose plain forms fit every processor",
        )
    return kernel.isa.assembly


def whole_functions(machine: Machine) -> str:
    """Return the names of the targets that are whole functions in assembly, for a message."""
    return " or ".join(sorted((f"asm-{name}" for name in machine.syntaxes), reverse=True))


def register_cells(kernel: Kernel) -> tuple[int, ...]:
    """Return the cells of `kernel` that are registers, in cell order."""
    return tuple(i for i, cell in enumerate(kernel.cells) if cell.place is not Place.MEMORY)


def memory_cells(kernel: Kernel) -> tuple[int, ...]:
    """Return the cells of `kernel` that are memory, in cell order, each as wide as a key.

    Raises InputError where they are as wide as a vector register: no places of a buffer of keys.
    """
    memory = tuple(i for i, cell in enumerate(kernel.cells) if cell.place is Place.MEMORY)
    if memory and kernel.isa.place is Place.VECTOR:
        raise InputError(
            f"{kernel.isa.name} kernels read whole vectors from memory, no single keys of a buffer",
            hint="emit the kernel to c, or one whose keys come in registers",
        )
    return memory
