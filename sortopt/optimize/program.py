"""Kernels with other instructions: rebuilt, measured, compared line by line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from sortopt.base import InputError
from sortopt.formats import print_instruction
from sortopt.model import (
    DEFAULT_CPU,
    Form,
    Instr,
    Kernel,
    Signedness,
    latencies,
    latencies_for,
)


@dataclass(frozen=True, slots=True)
class Measure:
    """What is minimised: the length, or first the critical path on `cpu` and then the length.

    The CPU is by default the usual one with the instructions of the kernel.
    """

    latency: bool = False
    cpu: str | None = None

    def of(self, kernel: Kernel) -> tuple[float, ...]:
        """Return the cost of `kernel`; tuples compare, the less the better."""
        size = float(len(kernel))
        return (self.critical_path(kernel), size) if self.latency else (size,)

    def latency_of(self, form: Form) -> float:
        """Return the latency of `form` on registers, in cycles."""
        return latencies(self.cpu or DEFAULT_CPU).latency[form.mnemonic]

    def critical_path(self, kernel: Kernel) -> float:
        """Return the critical path in cycles."""
        return latencies_for(kernel.isa, self.cpu).critical_path(kernel)

    def on(self, kernel: Kernel) -> Measure:
        """Return this measure with the CPU that it takes for `kernel`."""
        return replace(self, cpu=latencies_for(kernel.isa, self.cpu).cpu)


LENGTH = Measure()
"""The number of instructions."""


def forms_for(kernel: Kernel) -> tuple[Form, ...]:
    """Return the forms that windows of `kernel` may use: those of its sign and width."""
    return kernel.isa.forms_for(kernel.signedness or Signedness.SIGNED, bits=kernel.bits)


def show(kernel: Kernel, instruction: Instr) -> str:
    """Write one instruction of `kernel`; cells by their names where no register is left for one."""
    try:
        return print_instruction(kernel, instruction)
    except InputError:
        names = ", ".join(kernel.cells[cell].name for cell in instruction.operands)
        return f"{instruction.form.mnemonic:<6} {names}"


def diff(before: Kernel, after: Kernel) -> tuple[str, ...]:
    """Return the listings of two kernels line by line: "- " gone, "+ " new, "  " kept."""
    old = [show(before, i) for i in before.instructions]
    new = [show(after, i) for i in after.instructions]
    lines: list[str] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [f"  {line}" for line in old[i:j]]
        else:
            lines += [f"- {line}" for line in old[i:j]] + [f"+ {line}" for line in new[k:m]]
    return tuple(lines)
