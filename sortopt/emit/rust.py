"""Rust: `asm!` on the kernel's machine, and a generic form over `is_less` elsewhere."""

from __future__ import annotations

from collections.abc import Collection

from sortopt.emit.c import WHOLE, check_registers, used_keys
from sortopt.emit.header import comment
from sortopt.emit.operands import assembly_of, memory_cells, written
from sortopt.emit.plain import Choice, Less, Plain, plain
from sortopt.emit.request import Request
from sortopt.emit.total import in_rust
from sortopt.model import Kernel, KeyType, Place, Rung, Vectors

SUFFIX = ".rs"
"""How a file of this target is called."""


def emit(request: Request) -> str:
    """Return the module as text; needs Rust 1.59 (stable `asm!`).

    Raises InputError where the kernel needs more registers than the machine has to spare.
    """
    if request.items.compare:
        any_key = request.items.needs is Rung.SAFE and request.in_place
        function = _moving_function(request) if any_key else _generic_function(request, "")
        return f"{comment(request, '//')}\n{function}"
    check_registers(request.kernel)
    numbers = type_name(request.numbers or request.key), type_name(request.key)
    return (
        f"{comment(request, '//')}\n{_asm_function(request.inner)}\n"
        f"{_generic_function(request.inner)}{in_rust(request, numbers)}"
    )


def type_name(key: KeyType) -> str:
    """Return what Rust calls a key type."""
    return f"{'f' if key.floating else 'i' if key.signed else 'u'}{key.bits}"


def _parameters(request: Request, key: str) -> str:
    kernel = request.kernel
    if request.in_place:
        return f"keys: &mut [{key}; {kernel.n}]"
    return f"keys: &[{key}; {kernel.n}], out: &mut [{key}; {len(kernel.contract.outputs)}]"


def _asm_function(request: Request) -> str:
    kernel, name, key = request.kernel, request.name, type_name(request.key)
    parameters = _parameters(request, key)
    target = "keys" if request.in_place else "out"
    call = f"{name}_by({'keys' if request.in_place else 'keys, out'}, |a, b| a < b);"
    machine, needed = kernel.isa.machine, kernel.isa.feature
    vectors = assembly_of(kernel).vectors_of("rust", request.key.bits)
    lines = _vector_lines(request, vectors) if vectors else _scalar_lines(request)
    outputs = [output(kernel, cell) for cell in kernel.contract.outputs]
    if vectors:
        cast = "" if key == vectors.scalar else f" as {key}"
        moved = [vectors.get.format(vector=output) for output in outputs]
        outputs = [_granted(kernel, each) + cast for each in moved]
    elif request.held != request.key:
        outputs = [f"{output} as {key}" for output in outputs]
    feature = f'#[target_feature(enable = "{needed}")]\n' if needed else ""
    safety = f"/// # Safety\n/// The processor must have {needed.upper()}.\n" if needed else ""
    function = f"#[inline]\npub {'unsafe ' if needed else ''}fn {name}({parameters}) {{\n"
    where = f'target_arch = "{machine.architecture}"'
    body = "".join(f"    {line}\n" for line in [*lines, f"*{target} = [{', '.join(outputs)}];"])
    return (
        f"/// The kernel itself, in assembly.\n{safety}#[cfg({where})]\n{feature}"
        f"{function}{body}}}\n\n"
        f"/// The plain form, where there is no {machine.name}.\n#[cfg(not({where}))]\n"
        f"{function}    {call}\n}}\n"
    )


def _scalar_lines(request: Request) -> list[str]:
    kernel, key, held = request.kernel, type_name(request.key), type_name(request.held)
    memory, cast = memory_cells(kernel), "" if held == key else f" as {held}"
    lines = []
    for cell in range(kernel.n):
        if cell not in memory:
            mutable = "mut " * (cell in kernel.contract.outputs)
            lines.append(f"let {mutable}k{cell} = keys[{cell}]{cast};")
    if memory:
        held = ", ".join(f"keys[{c}]" if c < kernel.n else "0" for c in memory)
        lines.append(f"let mut m: [{key}; {len(memory)}] = [{held}];")
    lines += [f"let s{cell}: {held};" for cell in scratch_outputs(kernel)]
    return [*lines, *asm(request)]


def _vector_lines(request: Request, vectors: Vectors) -> list[str]:
    kernel = request.kernel
    cast = "" if type_name(request.key) == vectors.scalar else f" as {vectors.scalar}"
    return [
        f"use {vectors.imports};",
        *(
            f"let {'mut ' * (cell in kernel.contract.outputs)}k{cell} = "
            f"{_granted(kernel, vectors.put.format(key=f'keys[{cell}]{cast}'))};"
            for cell in range(kernel.n)
        ),
        *(f"let s{cell}: {vectors.type};" for cell in scratch_outputs(kernel)),
        *asm(request),
    ]


def _granted(kernel: Kernel, call: str) -> str:
    """Return a call of an intrinsic, which is unsafe where the function around it is not."""
    return call if kernel.isa.feature else f"unsafe {{ {call} }}"


def scratch_outputs(kernel: Kernel) -> list[int]:
    """Return the cells that hold an output, but nothing on entry."""
    memory = memory_cells(kernel)
    return [c for c in kernel.scratch if c in kernel.contract.outputs and c not in memory]


def output(kernel: Kernel, cell: int) -> str:
    """Return what holds the output in a cell."""
    if kernel.cells[cell].place is Place.MEMORY:
        return f"m[{memory_cells(kernel).index(cell)}]"
    return f"k{cell}" if cell < kernel.n else f"s{cell}"


def asm(request: Request, wide: Collection[int] = ()) -> list[str]:
    """Return the asm! statement; memory cells are the array m, addressed through {p}.

    What `wide` cells hold is moved whole.
    """
    kernel, memory = request.kernel, memory_cells(request.kernel)
    assembly, syntaxes = assembly_of(kernel), list(kernel.isa.machine.syntaxes.values())
    register, syntax = assembly.register_class, syntaxes[-1]

    def operand(cell: int) -> str:
        if cell in memory:
            offset = memory.index(cell) * request.key.bytes
            size = syntax.sizes.get(request.key.bits, "")
            return syntax.memory.format(size=size, base="{p}", offset=offset)
        modifier = assembly.modifier("rust", WHOLE if cell in wide else request.held.bits)
        return f"{{c{cell}:{modifier}}}" if modifier else f"{{c{cell}}}"

    lines = [f'    "{written(i, syntax, operand)}",' for i in kernel.instructions]
    registers = [cell for cell in range(len(kernel.cells)) if cell not in memory]
    used = {cell for instruction in kernel.instructions for cell in instruction.operands}
    idle = [operand(cell) for cell in registers if cell not in used]
    idle += ["{p}"] * (bool(memory) and used.isdisjoint(memory))
    if idle:
        lines.append(f'    "/* {" ".join(idle)} */",')  # Rust wants each operand to be named
    for cell in registers:
        exit_place = output(kernel, cell) if cell in kernel.contract.outputs else "_"
        access = (
            f"inout({register}) k{cell} => {exit_place}"
            if cell < kernel.n
            else (f"out({register}) {exit_place}")
        )
        lines.append(f"    c{cell} = {access},")
    if memory:
        lines.append("    p = in(reg) m.as_mut_ptr(),")
    options = "nostack" if memory else "pure, nomem, nostack"
    lines.append(f"    options({options}),")
    note = "// SAFETY: it reads and writes only the operands it names, and the flags."
    if kernel.isa.feature:  # then the whole function is unsafe
        return [note, "core::arch::asm!(", *lines, ");"]
    return [note, "unsafe {", "    core::arch::asm!(", *(f"    {x}" for x in lines), "    );", "}"]


def plain_lines(form: Plain, less: str) -> list[str]:
    """Return the statements of the plain form; `less` has places for {left} and {right}."""
    lines = []
    for statement in form.statements:
        match statement:
            case Less(name, left, right):
                lines.append(f"let {name} = {less.format(left=left, right=right)};")
            case Choice(name, tests, then, otherwise):
                test = " | ".join(tests)
                lines.append(f"let {name} = if {test} {{ {then} }} else {{ {otherwise} }};")
    return lines


def _generic_function(request: Request, suffix: str = "_by") -> str:
    form = plain(request.kernel)
    lines = [f"let k{i} = keys[{i}];" for i in used_keys(form, request.kernel.n)]
    lines += plain_lines(form, "is_less(&{left}, &{right})")
    target = "keys" if request.in_place else "out"
    lines.append(f"*{target} = [{', '.join(form.outputs)}];")
    return (
        f"/// The plain form, for any copyable key; see `ties` above for keys that compare equal.\n"
        f"{_by_comparator(request, suffix, 'T: Copy', lines)}"
    )


def _moving_function(request: Request) -> str:
    """Return the function for keys that need not be copyable: it chooses among pointers."""
    form = plain(request.kernel)
    lines = [
        *(f"let k{i}: *const T = &keys[{i}];" for i in used_keys(form, request.kernel.n)),
        "// SAFETY: the keys stay where they are while `is_less` sees them, and may panic; what is",
        "// then written is a permutation of them, whatever it answered (see `keeps` above).",
        "unsafe {",
        *(f"    {line}" for line in plain_lines(form, "is_less(&*{left}, &*{right})")),
        f"    let sorted = [{', '.join(f'core::ptr::read({name})' for name in form.outputs)}];",
        "    core::ptr::write(keys, sorted);",
        "}",
    ]
    return f"/// For any key and any `is_less`.\n{_by_comparator(request, '', 'T', lines)}"


def _by_comparator(request: Request, suffix: str, key: str, lines: list[str]) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return (
        f"#[inline]\npub fn {request.name}{suffix}<{key}>(\n    {_parameters(request, 'T')},\n"
        f"    mut is_less: impl FnMut(&T, &T) -> bool,\n) {{\n{body}}}\n"
    )
