"""Instructions as assembly text, in both syntaxes, with operands given by the caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sortopt.base import InputError
from sortopt.model import Instr, Kernel, Place
from sortopt.targets import X86_CMOV, X86_MINMAX

OperandText = Callable[[int], str]
"""How a cell is written as an operand."""

QUADWORD: Mapping[str, str] = MappingProxyType(
    {
        "eax": "rax", "ecx": "rcx", "edx": "rdx", "ebx": "rbx", "esi": "rsi", "edi": "rdi",
        "ebp": "rbp", **{f"r{i}d": f"r{i}" for i in range(8, 32)},
    }
)  # fmt: skip
"""The 64-bit name of each 32-bit general-purpose register."""


def intel(instruction: Instr, operand: OperandText) -> str:
    """Return `instruction` in Intel syntax: `cmovl eax, ecx`."""
    operands = ", ".join(operand(cell) for cell in instruction.operands)
    return f"{instruction.form.mnemonic} {operands}"


def att(instruction: Instr, operand: OperandText) -> str:
    """Return `instruction` in AT&T syntax: `cmovl %ecx, %eax`.

    No size suffix is needed: the model has one memory operand at most, so a register tells it.
    """
    operands = ", ".join(operand(cell) for cell in reversed(instruction.operands))
    return f"{instruction.form.mnemonic} {operands}"


def check_x86(kernel: Kernel) -> None:
    """Raise InputError where `kernel` is for another processor than the assembly to be written."""
    if kernel.isa not in (X86_CMOV, X86_MINMAX):
        raise InputError(
            f"{kernel.isa.name} kernels cannot become x86-64 assembly",
            hint="emit them to cpp or python, whose plain forms fit every processor",
        )


def register_cells(kernel: Kernel) -> tuple[int, ...]:
    """Return the cells of `kernel` that are registers, in cell order."""
    return tuple(i for i, cell in enumerate(kernel.cells) if cell.place is not Place.MEMORY)


def memory_cells(kernel: Kernel) -> tuple[int, ...]:
    """Return the cells of `kernel` that are memory, in cell order."""
    return tuple(i for i, cell in enumerate(kernel.cells) if cell.place is Place.MEMORY)
