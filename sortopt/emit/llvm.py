"""LLVM IR: the kernel as inline assembly, and as `icmp` and `select`, which LLVM may change.

Opaque pointers: LLVM 15 and later.
"""

from __future__ import annotations

from sortopt.emit.c import check_registers, used_keys
from sortopt.emit.header import comment
from sortopt.emit.operands import assembly_of, memory_cells, written
from sortopt.emit.plain import Choice, Less, plain
from sortopt.emit.request import Request
from sortopt.emit.total import in_llvm
from sortopt.model import Kernel, KeyType, Place

SUFFIX = ".ll"
"""How a file of this target is called."""


def emit(request: Request) -> str:
    """Return the module as text; raises InputError where the kernel needs too many registers."""
    return (
        f"{comment(request, ';')}\n"
        f'target triple = "{request.kernel.isa.machine.architecture}"\n\n'
        f"{assembly_function(request.inner)}\n"
        f"; The plain form; LLVM may turn it into branches or minima and maxima.\n"
        f"{_plain_function(request.inner)}{in_llvm(request)}"
    )


def _head(request: Request, suffix: str = "") -> str:
    parameters = "ptr %keys" if request.in_place else "ptr %keys, ptr %out"
    return f"define void @{request.name}{suffix}({parameters})"


def _address(request: Request, name: str, base: str, index: int) -> str:
    return f"%{name} = getelementptr inbounds i{request.key.bits}, ptr %{base}, i64 {index}"


def _load(request: Request, index: int, source: str = "keys") -> list[str]:
    key, size = f"i{request.key.bits}", request.key.bytes
    return [
        _address(request, f"p{index}", source, index),
        f"%k{index} = load {key}, ptr %p{index}, align {size}",
    ]


def _store(request: Request, index: int, value: str, base: str = "") -> list[str]:
    base = base or ("keys" if request.in_place else "out")
    key, size = f"i{request.key.bits}", request.key.bytes
    return [
        _address(request, f"q{index}", base, index),
        f"store {key} {value}, ptr %q{index}, align {size}",
    ]


def assembly_function(request: Request) -> str:
    """Return `define void @NAME(ptr)` with the kernel as inline assembly."""
    target = "keys" if request.in_place else "out"
    lines = [*allocation(request), *body(request, "keys", target), "ret void"]
    feature = request.kernel.isa.feature
    needed = f' "target-features"="+{feature}"' if feature else ""
    return f"{_head(request)}{needed} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def _sorts_buffer(request: Request) -> bool:
    """Return whether the cells of the keys, on entry and on exit, are those of the buffer."""
    kernel = request.kernel
    return memory_cells(kernel) == kernel.contract.inputs == kernel.contract.outputs


def allocation(request: Request) -> list[str]:
    """Return the lines that `body` needs once in the function: an array for the memory cells."""
    memory = () if _sorts_buffer(request) else memory_cells(request.kernel)
    size = f"[{len(memory)} x i{request.key.bits}]"
    return [f"%m = alloca {size}, align 16"] if memory else []


def body(request: Request, source: str, target: str) -> list[str]:
    """Return the lines that load the keys from %source, run the kernel, and store to %target.

    A kernel that sorts a buffer does so in %target, which is to hold the keys.
    """
    kernel, memory = request.kernel, memory_cells(request.kernel)
    check_registers(kernel)
    if _sorts_buffer(request):
        return _call(request, memory, target)
    lines = [line for i in range(kernel.n) for line in _load(request, i, source)]
    lines += _spill(request, memory)
    lines += _call(request, memory)
    for rank, cell in enumerate(kernel.contract.outputs):
        if cell in memory:
            place = memory.index(cell)
            key = f"i{request.key.bits}"
            lines.append(f"%o{rank} = load {key}, ptr %m{place}, align {request.key.bytes}")
        lines += _store(request, rank, f"%o{rank}" if cell in memory else f"%r{cell}", target)
    return lines


def _spill(request: Request, memory: tuple[int, ...]) -> list[str]:
    """Return the lines that put the keys of memory cells into the array %m."""
    key, size = f"i{request.key.bits}", request.key.bytes
    lines = []
    for slot, cell in enumerate(memory):
        lines.append(f"%m{slot} = getelementptr inbounds {key}, ptr %m, i64 {slot}")
        if cell < request.kernel.n:
            lines.append(f"store {key} %k{cell}, ptr %m{slot}, align {size}")
    return lines


def _call(request: Request, memory: tuple[int, ...], array: str = "m") -> list[str]:
    """Return the lines that run the kernel: register cell c ends up in %rc.

    Memory cells are in %array.
    """
    kernel, key = request.kernel, f"i{request.key.bits}"
    vector = kernel.isa.place is Place.VECTOR
    held, extended = held_type(kernel, request.held.bits), request.held != request.key
    registers = [c for c in range(len(kernel.cells)) if c not in memory]
    lines = []
    if vector:
        for c in range(kernel.n):
            lines.append(f"%v{c} = insertelement {held} zeroinitializer, {key} %k{c}, i64 0")
    if extended:
        extend = "sext" if request.key.signed else "zext"
        inputs = [c for c in registers if c < kernel.n]
        lines += [f"%v{c} = {extend} {key} %k{c} to {held}" for c in inputs]
    mark = "v" if vector or extended else "k"
    arguments = [f"{held} %{mark}{c}" for c in registers if c < kernel.n]
    if memory:
        arguments.append(f"ptr %{array}")
    made = _result_type(held, len(registers))
    text, constraints = inline_assembly(kernel, request.held.bits)
    effect = "sideeffect " if memory else ""
    called = f'call {made} asm {effect}"{text}", "{constraints}"({", ".join(arguments)})'
    lines.append(f"%result = {called}" if registers else called)
    for position, c in enumerate(registers):
        whole = f"%w{c}" if vector or extended else f"%r{c}"
        lines.append(
            f"{whole} = extractvalue {made} %result, {position}"
            if len(registers) > 1
            else f"{whole} = freeze {made} %result"
        )
        if vector:
            lines.append(f"%r{c} = extractelement {held} %w{c}, i64 0")
        elif extended:
            lines.append(f"%r{c} = trunc {held} %w{c} to {key}")
    return lines


def held_type(kernel: Kernel, bits: int) -> str:
    """Return the type of what a register of `kernel` holds for keys of `bits` bits."""
    vector = kernel.isa.place is Place.VECTOR
    return f"<{kernel.isa.lanes(bits)} x i{bits}>" if vector else f"i{bits}"


def _result_type(held: str, count: int) -> str:
    if count == 0:
        return "void"
    return held if count == 1 else "{ " + ", ".join([held] * count) + " }"


def inline_assembly(kernel: Kernel, bits: int) -> tuple[str, str]:
    """Return the text and the constraints of `kernel` as an LLVM inline assembly expression.

    Outputs are the register cells in cell order; arguments the inputs among them, then, where
    there are memory cells, a pointer to an array of them in cell order.
    """
    memory = memory_cells(kernel)
    registers = [c for c in range(len(kernel.cells)) if c not in memory]
    position = {cell: i for i, cell in enumerate(registers)}
    arguments = [c for c in registers if c < kernel.n]
    pointer = len(registers) + len(arguments)
    assembly, machine = assembly_of(kernel), kernel.isa.machine
    modifier, syntax = assembly.modifier("llvm", bits), next(iter(machine.syntaxes.values()))

    def operand(cell: int) -> str:
        if kernel.cells[cell].place is Place.MEMORY:
            offset = memory.index(cell) * bits // 8
            return syntax.memory.format(size="", base=f"${pointer}", offset=offset)
        return f"${{{position[cell]}:{modifier}}}" if modifier else f"${position[cell]}"

    text = r"\0A".join(written(i, syntax, operand) for i in kernel.instructions)
    constraints = [f"=&{assembly.constraint}"] * len(registers) + [
        str(position[c]) for c in arguments
    ]
    if memory:
        constraints += ["r", "~{memory}"]
    constraints += [f"~{{{name}}}" for name in machine.clobbers]
    return text, ",".join(constraints)


def _plain_function(request: Request) -> str:
    form, key = plain(request.kernel), f"i{request.key.bits}"
    predicate = "slt" if request.key.signed else "ult"
    lines = [line for i in used_keys(form, request.kernel.n) for line in _load(request, i)]
    for statement in form.statements:
        match statement:
            case Less(name, left, right):
                if request.key.floating:
                    lines += _numbers(request.key, name, (left, right))
                    continue
                lines.append(f"%{name} = icmp {predicate} {key} %{left}, %{right}")
            case Choice(name, tests, then, otherwise):
                test = tests[0]
                if len(tests) > 1:
                    test = f"t{name}"
                    lines.append(f"%{test} = or i1 %{tests[0]}, %{tests[1]}")
                lines.append(f"%{name} = select i1 %{test}, {key} %{then}, {key} %{otherwise}")
    for rank, name in enumerate(form.outputs):
        lines += _store(request, rank, f"%{name}")
    body = "".join(f"  {line}\n" for line in [*lines, "ret void"])
    return f"{_head(request, '_plain')} {{\n{body}}}\n"


def _numbers(key: KeyType, name: str, compared: tuple[str, str]) -> list[str]:
    """Return the lines that compare two keys, given by their bits, as floating-point numbers."""
    number = key.c_name
    bits = [f"%{name}.{i} = bitcast i{key.bits} %{k} to {number}" for i, k in enumerate(compared)]
    return [*bits, f"%{name} = fcmp olt {number} %{name}.0, %{name}.1"]
