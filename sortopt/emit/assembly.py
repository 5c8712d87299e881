"""Assembly: a whole function for Linux and its like, in one of the machine's syntaxes.

`void NAME(KEY *keys)`, or `void NAME(const KEY *keys, KEY *out)` for goals that return fewer
keys.  Cells are renamed to registers the caller may lose; callee-saved ones are used, and saved,
only where those do not suffice.  More cells than all of these go to registers of the machine's
extension (Intel APX), which the caller may lose too, and the text says that it needs them.
"""

from __future__ import annotations

from sortopt.base import InputError
from sortopt.emit.header import comment
from sortopt.emit.operands import (
    assembly_of,
    memory_cells,
    register_cells,
    whole_functions,
    written,
)
from sortopt.emit.request import Request
from sortopt.formats import joined
from sortopt.model import Place, Syntax

SUFFIX = ".s"
"""How a file of this target is called."""


def emit(syntax_name: str, request: Request) -> str:
    """Return the function in the syntax of that name.

    Raises InputError where the kernel needs more registers than the machine has, keeps keys in
    memory cells that are not the buffer's own, or is for a machine without this syntax.
    """
    syntax = _syntax(request, syntax_name)
    place, saved = _places(request, syntax)
    lines = [line.format(name) for name in saved for line in syntax.save]
    lines += _body(request, syntax, place)
    lines += [line.format(name) for name in reversed(saved) for line in syntax.restore]
    body = "".join(f"    {line}\n" for line in [*lines, request.kernel.isa.machine.returns[0]])
    name = request.name
    needed, extension = "", request.kernel.isa.extension
    if extension and needs_extension(request):
        needed = f"{syntax.comment} {extension.needed} ({extension.assemblers})\n"
    directives = (syntax.prologue, assembly_of(request.kernel).prologue)
    prologue = "".join(f"    {line}\n" for line in directives if line)
    return (
        f"{comment(request, syntax.comment)}{needed}\n{prologue}    .text\n    .p2align 4\n"
        f"    .globl {name}\n    .type {name}, @function\n{name}:\n    .cfi_startproc\n{body}"
        f"    .cfi_endproc\n    .size {name}, .-{name}\n"
        f'    .section .note.GNU-stack,"",@progbits\n'
    )


def _syntax(request: Request, name: str) -> Syntax:
    machine = request.kernel.isa.machine
    assembly_of(request.kernel)
    if name not in machine.syntaxes:
        raise InputError(
            f"{machine.name} has no {name} syntax",
            hint=f"use {whole_functions(machine)}",
        )
    return machine.syntaxes[name]


def listing(request: Request) -> list[str]:
    """Return the instructions alone in GNU's own syntax: the loads, the kernel, the stores.

    They may overwrite callee-saved registers.  Raises InputError as `emit` does.
    """
    syntax = _syntax(request, next(iter(request.kernel.isa.machine.syntaxes)))
    return _body(request, syntax, _places(request, syntax)[0])


def needs_extension(request: Request) -> bool:
    """Return whether the kernel keeps more cells in registers than every processor has."""
    free, saved, extended = _registers(request)
    return bool(extended) and len(register_cells(request.kernel)) > len(free) + len(saved)


def _registers(request: Request) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the registers that the caller may lose, those to be saved, those of the extension.

    None in which an address comes in.
    """
    isa = request.kernel.isa
    known = isa.machine.registers
    addresses = {known[name].family for name in _addresses(request)}
    free, saved, extended = [], [], []
    for name in isa.registers:
        if known[name].family in isa.machine.saved:
            saved.append(name)
        elif known[name].extended:
            extended.append(name)
        elif known[name].family not in addresses:
            free.append(name)
    return tuple(free), tuple(saved), tuple(extended)


def _addresses(request: Request) -> tuple[str, ...]:
    """Return the registers that hold the addresses of the keys and, where apart, of the outputs."""
    return request.kernel.isa.machine.arguments[: 1 if request.in_place else 2]


def _body(request: Request, syntax: Syntax, place: dict[int, str]) -> list[str]:
    kernel, lines = request.kernel, []
    addresses, (load, store) = _addresses(request), _moves(request)
    for key, cell in enumerate(kernel.contract.inputs):
        if kernel.cells[cell].place is not Place.MEMORY:
            slot = _slot(request, syntax, addresses[0], key)
            register = _loaded(request, syntax, place[cell])
            lines.append(syntax.load.format(op=load, register=register, memory=slot))
    lines += [written(i, syntax, place.__getitem__) for i in kernel.instructions]
    for rank, cell in enumerate(kernel.contract.outputs):
        slot = _slot(request, syntax, addresses[-1], rank)
        if place[cell] != slot:
            register = _loaded(request, syntax, place[cell])
            lines.append(syntax.store.format(op=store, register=register, memory=slot))
    return joined(lines, kernel.isa.machine)


def _moves(request: Request) -> tuple[str, str]:
    """Return what loads a key into a register, and what stores one; raises InputError."""
    assembly, bits = assembly_of(request.kernel), request.key.bits
    if bits not in assembly.loads:
        kind = request.kernel.isa.register_kind
        raise InputError(
            f"keys of {bits} bits cannot be loaded into {kind} registers one by one",
            hint="emit the kernel to c, rust or llvm",
        )
    return assembly.loads[bits], assembly.stores[bits]


def _loaded(request: Request, syntax: Syntax, operand: str) -> str:
    """Return what loads and stores call the register that holds a key."""
    isa = request.kernel.isa
    if isa.place is not Place.VECTOR:
        return operand
    name = next(name for name in isa.registers if syntax.register.format(name) == operand)
    return syntax.register.format(isa.machine.nearest_part(name, request.key.bits))


def _places(request: Request, syntax: Syntax) -> tuple[dict[int, str], list[str]]:
    """Return each cell as operand text, and the callee-saved registers used, in full width."""
    kernel = request.kernel
    machine, cells = kernel.isa.machine, register_cells(kernel)
    free, saved, extended = _registers(request)
    pool = free + (extended if needs_extension(request) else ()) + saved
    if len(cells) > len(pool):
        raise InputError(
            f"the kernel keeps {len(cells)} cells in registers; the machine has {len(pool)}",
            hint="emit it to cpp or python, which take any number",
        )
    chosen = pool[: len(cells)]
    place = {
        cell: syntax.register.format(_named(request, name))
        for cell, name in zip(cells, chosen, strict=True)
    }
    place |= _memory_places(request, syntax)
    return place, [
        machine.part(machine.registers[name].family, 64) for name in chosen if name in saved
    ]


def _named(request: Request, register: str) -> str:
    """Return the name of the part of `register` that holds a key."""
    isa = request.kernel.isa
    if isa.place is Place.VECTOR:
        return register
    return isa.machine.part(isa.machine.registers[register].family, request.held.bits)


def _memory_places(request: Request, syntax: Syntax) -> dict[int, str]:
    """Return the memory cells as slots of the buffer."""
    kernel, found = request.kernel, {}
    for cell in memory_cells(kernel):
        own = kernel.contract.outputs.index(cell) if cell in kernel.contract.outputs else cell
        if cell >= kernel.n or own != cell or not request.in_place:
            raise InputError(
                f"memory cell {kernel.cells[cell].name} is not the place of its key in the buffer",
                hint="emit the kernel to c, which takes any memory cells",
            )
        found[cell] = _slot(request, syntax, _addresses(request)[0], cell)
    clash = [c for c in found if kernel.contract.outputs[c] != c]
    if clash:
        raise InputError(
            f"output {clash[0] + 1} is a register, but its place in the buffer is a memory cell",
            hint="emit the kernel to c, which takes any memory cells",
        )
    return found


def _slot(request: Request, syntax: Syntax, base: str, index: int) -> str:
    size = syntax.sizes.get(request.key.bits, "")
    base, offset = syntax.register.format(base), index * request.key.bytes
    return syntax.memory.format(size=size, base=base, offset=offset)
