"""The asm statement of a C file with other instructions: its operands and clobbers stay."""

from __future__ import annotations

from sortopt.base import Source
from sortopt.emit import in_every_syntax
from sortopt.formats import REGISTERS, memory
from sortopt.model import Kernel, Place, Syntax
from sortopt.objects.asm_statement import AsmStatement
from sortopt.objects.template import Allocation
from sortopt.targets import X86


def rewritten(file: Source, found: AsmStatement, allocation: Allocation, kernel: Kernel) -> str:
    """Return the text of `file` with the instructions of `kernel` in the statement `found`.

    `kernel` has the cells that reading the statement gave.  Its template fits both syntaxes, so the
    statement has to have operands, and to choose no syntax itself.
    """

    def register(name: str, syntax: Syntax) -> str:
        family, width = REGISTERS[name].family, REGISTERS[name].width
        if family not in allocation.families:
            return syntax.register.format(name).replace("%", "%%")
        index = allocation.families.index(family)
        letter = next(m for m, bits in X86.modifiers.items() if bits == width)
        return f"%{'' if allocation.widths[index] == width else letter}{index}"

    def operand(cell: int, syntax: Syntax) -> str:
        name = kernel.cells[cell].name
        if kernel.cells[cell].place is not Place.MEMORY:
            return register(name, syntax)
        base, offset = memory.address(name)
        written = register(base, syntax)
        if syntax.source_first:
            return f"{offset or ''}({written})"
        return f"[{written}{offset:+}]" if offset else f"[{written}]"

    start, end = found.sections[0][0].start, found.ends[0]
    indent = " " * (start - file.text.rfind("\n", 0, start) - 1)
    lines = (in_every_syntax(kernel, i, operand) for i in kernel.instructions)
    template = f"\n{indent}".join(f'"{line}\\n\\t"' for line in lines)
    return file.text[:start] + template + file.text[end:]
