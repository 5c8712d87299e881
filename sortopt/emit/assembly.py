"""Assembly: a whole function for the System V ABI of x86-64, in Intel or AT&T syntax.

`void NAME(KEY *keys)`, or `void NAME(const KEY *keys, KEY *out)` for goals that return fewer
keys.  Cells are renamed to registers the caller may lose; callee-saved ones are used, and saved,
only where those do not suffice.  More cells than all of these go to registers of Intel APX, which
the caller may lose too, and the text says that it needs them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sortopt.base import InputError
from sortopt.emit.header import comment
from sortopt.emit.operands import QUADWORD, att, check_x86, intel, register_cells
from sortopt.emit.request import Request
from sortopt.formats import APX_NEEDED
from sortopt.model import Place
from sortopt.targets import X86_CMOV, X86_MINMAX

SUFFIX = ".s"
"""How a file of this target is called."""

_FREE = ("eax", "ecx", "edx", "esi", "r8d", "r9d", "r10d", "r11d")
_SAVED = ("ebx", "ebp", "r12d", "r13d", "r14d", "r15d")
_APX = tuple(f"r{i}d" for i in range(16, 32))
_ASSEMBLERS = "GNU as 2.42 and LLVM 18 know them"


@dataclass(frozen=True, slots=True)
class _Syntax:
    """How one assembler syntax writes what the model's own instructions do not cover."""

    prologue: str
    register: str
    memory: str
    load: str
    push: str
    pop: str
    att: bool


_INTEL = _Syntax(
    ".intel_syntax noprefix", "{}", "{size} ptr [{base}+{offset}]",
    "{op} {to}, {source}", "push {}", "pop {}", att=False,
)  # fmt: skip
_ATT = _Syntax(
    ".att_syntax prefix", "%{}", "{offset}(%{base})",
    "{op} {source}, {to}", "push %{}", "pop %{}", att=True,
)  # fmt: skip


def emit_intel(request: Request) -> str:
    """Return the function in Intel syntax; raises InputError as `emit_att` does."""
    return _emit(request, _INTEL)


def emit_att(request: Request) -> str:
    """Return the function in AT&T syntax.

    Raises InputError where the kernel needs more registers than Intel APX has, or keeps keys in
    memory cells that are not the buffer's own.
    """
    return _emit(request, _ATT)


def _emit(request: Request, syntax: _Syntax) -> str:
    place, saved = _places(request, syntax)
    lines = [line for name in saved for line in _push(name, syntax)]
    lines += _body(request, syntax, place)
    lines += [line for name in reversed(saved) for line in _pop(name, syntax)]
    body = "".join(f"    {line}\n" for line in [*lines, "ret"])
    name = request.name
    needed = f"# {APX_NEEDED} ({_ASSEMBLERS})\n" if needs_apx(request) else ""
    return (
        f"{comment(request, '#')}{needed}\n    {syntax.prologue}\n    .text\n    .p2align 4\n"
        f"    .globl {name}\n    .type {name}, @function\n{name}:\n    .cfi_startproc\n{body}"
        f"    .cfi_endproc\n    .size {name}, .-{name}\n"
        f'    .section .note.GNU-stack,"",@progbits\n'
    )


def body_att(request: Request) -> list[str]:
    """Return the instructions alone in AT&T syntax: the loads, the kernel, the stores.

    They may overwrite callee-saved registers.  Raises InputError as `emit_att` does.
    """
    return _body(request, _ATT, _places(request, _ATT)[0])


def needs_apx(request: Request) -> bool:
    """Return whether the kernel keeps more cells in registers than a CPU without APX has."""
    wide = len(register_cells(request.kernel)) > len(_free(request)) + len(_SAVED)
    return wide and request.kernel.isa is X86_CMOV


def _free(request: Request) -> tuple[str, ...]:
    """Return the registers that the caller may lose and no address is in."""
    return _FREE if request.in_place else tuple(r for r in _FREE if r != "esi")


def _body(request: Request, syntax: _Syntax, place: dict[int, str]) -> list[str]:
    kernel, lines = request.kernel, []
    for key, cell in enumerate(kernel.contract.inputs):
        if kernel.cells[cell].place is not Place.MEMORY:
            lines.append(_move(request, syntax, place[cell], _slot(request, syntax, "rdi", key)))
    write = att if syntax.att else intel
    lines += [write(instruction, place.__getitem__) for instruction in kernel.instructions]
    base = "rdi" if request.in_place else "rsi"
    for rank, cell in enumerate(kernel.contract.outputs):
        slot = _slot(request, syntax, base, rank)
        if place[cell] != slot:
            lines.append(_move(request, syntax, slot, place[cell]))
    return lines


def _places(request: Request, syntax: _Syntax) -> tuple[dict[int, str], list[str]]:
    """Return each cell as operand text, and the callee-saved registers used (64-bit names)."""
    kernel = request.kernel
    check_x86(kernel)
    cells = register_cells(kernel)
    pool: tuple[str, ...] = kernel.isa.registers
    if kernel.isa is X86_CMOV:
        pool = _free(request) + (_APX if needs_apx(request) else ()) + _SAVED
    if len(cells) > len(pool):
        raise InputError(
            f"the kernel keeps {len(cells)} cells in registers; the machine has {len(pool)}",
            hint="emit it to cpp or python, which take any number",
        )
    chosen = pool[: len(cells)]
    wide = request.key.bits == 64
    place = {
        cell: syntax.register.format(QUADWORD[name] if wide else name)
        for cell, name in zip(cells, chosen, strict=True)
    }
    place |= _memory_places(request, syntax)
    return place, [QUADWORD[name] for name in chosen if name in _SAVED]


def _memory_places(request: Request, syntax: _Syntax) -> dict[int, str]:
    """Return the memory cells as slots of the buffer."""
    kernel, found = request.kernel, {}
    for cell, held in enumerate(kernel.cells):
        if held.place is not Place.MEMORY:
            continue
        own = kernel.contract.outputs.index(cell) if cell in kernel.contract.outputs else cell
        if cell >= kernel.n or own != cell or not request.in_place:
            raise InputError(
                f"memory cell {held.name} is not the place of the same key in the buffer",
                hint="emit the kernel to c, which takes any memory cells",
            )
        found[cell] = _slot(request, syntax, "rdi", cell)
    clash = [c for c in found if kernel.contract.outputs[c] != c]
    if clash:
        raise InputError(
            f"output {clash[0] + 1} is a register, but its place in the buffer is a memory cell",
            hint="emit the kernel to c, which takes any memory cells",
        )
    return found


def _slot(request: Request, syntax: _Syntax, base: str, index: int) -> str:
    size = "dword" if request.key.bits == 32 else "qword"
    return syntax.memory.format(size=size, base=base, offset=index * request.key.bytes)


def _move(request: Request, syntax: _Syntax, to: str, source: str) -> str:
    op = "movd" if request.kernel.isa is X86_MINMAX else "mov"
    return syntax.load.format(op=op, to=to, source=source)


def _push(name: str, syntax: _Syntax) -> list[str]:
    return [syntax.push.format(name), ".cfi_adjust_cfa_offset 8", f".cfi_rel_offset {name}, 0"]


def _pop(name: str, syntax: _Syntax) -> list[str]:
    return [syntax.pop.format(name), ".cfi_adjust_cfa_offset -8", f".cfi_restore {name}"]
