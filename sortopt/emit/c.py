"""C: a header with GNU inline assembly and a plain ternary form; it is C++ as well.

Every cell of the kernel becomes an operand whose register the compiler picks ("+r" for a cell
that holds a key on entry, "=&r" for scratch), so no register is clobbered behind its back,
callee-saved or not.  The template carries both assembler syntaxes, for -masm=intel.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sortopt.base import InputError
from sortopt.emit.header import comment
from sortopt.emit.operands import (
    assembly_of,
    in_every_syntax,
    memory_cells,
    register_cells,
    whole_functions,
)
from sortopt.emit.plain import Choice, Less, Plain, plain
from sortopt.emit.request import Request
from sortopt.emit.total import in_c
from sortopt.model import Instr, Kernel, Place, Vectors

SUFFIX = ".h"
"""How a file of this target is called."""

_MOST_OPERANDS = 30
"""What GNU C allows; it counts "+r" twice."""

WHOLE = 64
"""The bits of a register."""

_COUNTED = {2: "Two", 4: "Four", 8: "Eight", 16: "Sixteen"}


def emit(request: Request) -> str:
    """Return the header as text.

    Raises InputError where the kernel needs more registers than the machine has to spare.
    """
    guard = f"SORTOPT_{request.name.upper()}_H"
    return (
        f"{comment(request, '//')}\n#ifndef {guard}\n#define {guard}\n\n"
        f"{includes([request.kernel])}\n{functions(request.inner)}"
        f"{in_c(request, 'static inline void')}\n#endif\n"
    )


def includes(kernels: Iterable[Kernel]) -> str:
    """Return the lines that include what the functions of `kernels` need."""
    headers = {}
    for kernel in kernels:
        if vectors := assembly_of(kernel).vectors.get("c"):
            headers[vectors.imports] = f"{only_where(kernel)}#include <{vectors.imports}>\n#endif\n"
    sizes = "#include <stddef.h>\n" if headers else ""
    return f"{sizes}#include <stdint.h>\n" + "".join(headers.values())


def only_where(kernel: Kernel) -> str:
    """Return the line that begins what only a GNU compiler for the kernel's machine can read."""
    tests = ("defined(__GNUC__)", kernel.isa.machine.macro, assembly_of(kernel).macro)
    return f"#if {' && '.join(filter(None, tests))}\n"


def functions(request: Request) -> str:
    """Return the functions alone: `NAME_plain`, and `NAME` in assembly where there is a GNU
    compiler for the machine and plain elsewhere; of a vector kernel also `NAME_x4` or the like,
    which sorts as many groups as a register has lanes, and `NAME_rows`, of rows of any length.
    """
    check_registers(request.kernel)
    name, parameters = request.name, _parameters(request)
    arguments = "keys" if request.in_place else "keys, out"
    vector = request.kernel.isa.place is Place.VECTOR
    body = _vector_functions(request) if vector else _scalar_function(request)
    return (
        f"// The plain form, for any compiler; whether it stays free of branches is up to it.\n"
        f"{plain_function(request, f'{name}_plain', 'static inline void')}\n"
        f"{only_where(request.kernel)}{body}"
        f"#else\nstatic inline void {name}({parameters})\n{{\n"
        f"    {name}_plain({arguments});\n}}\n#endif\n{_rows(request) if vector else ''}"
    )


def plain_function(request: Request, name: str, returns: str) -> str:
    """Return the plain form alone, as a function called `name`."""
    return f"{returns} {name}({_parameters(request)})\n{{\n{_plain_body(request)}}}\n"


def check_registers(kernel: Kernel) -> None:
    """Raise InputError where inline assembly cannot hold all cells of `kernel` in registers, or
    where its instructions have no assembly.
    """
    most = assembly_of(kernel).most_registers
    needed = len(register_cells(kernel))
    operands = len(kernel.cells) + kernel.n
    hint = "emit it to cpp or python, which take any number"
    if kernel.isa.extension:
        hint += f", or to {whole_functions(kernel.isa.machine)}"
    if needed > most:
        raise InputError(
            f"the kernel keeps {needed} cells in registers; inline assembly can have {most}",
            hint=hint,
        )
    if operands > _MOST_OPERANDS:
        raise InputError(
            f"the kernel takes {operands} operands; inline assembly can have {_MOST_OPERANDS}",
            hint=hint,
        )


def _parameters(request: Request) -> str:
    kernel, key = request.kernel, request.key.c_name
    if request.in_place:
        return f"{key} keys[{kernel.n}]"
    return f"const {key} keys[{kernel.n}], {key} out[{len(kernel.contract.outputs)}]"


def _plain_body(request: Request) -> str:
    form, target = plain(request.kernel), "keys" if request.in_place else "out"
    key = request.key.c_name
    loads = [f"const {key} k{i} = keys[{i}];" for i in used_keys(form, request.kernel.n)]
    stores = [f"{target}[{i}] = {name};" for i, name in enumerate(form.outputs)]
    return indented([*loads, *plain_lines(form, key, "{left} < {right}", "const int"), *stores])


def used_keys(form: Plain, n: int, letter: str = "k") -> list[int]:
    """Return which of the keys k0 … (or of the payloads, p0 …) the plain form reads."""
    names = set(form.outputs)
    for statement in form.statements:
        match statement:
            case Less(_, left, right):
                names |= {left, right}
            case Choice(_, _, then, otherwise):
                names |= {then, otherwise}
    return [i for i in range(n) if f"{letter}{i}" in names]


def plain_lines(
    form: Plain, key: str, less: str, truth: str, payload: str = "", *, masks: bool = False
) -> list[str]:
    """Return the statements of the plain form in C or C++, over types called `key` and `payload`.

    `less` is the comparison with places for {left} and {right}, `truth` the type of its result.
    With `masks` payloads, which are integers, are chosen by their bits: GCC makes no branch of it.
    """
    lines = []
    for statement in form.statements:
        match statement:
            case Less(name, left, right):
                lines.append(f"{truth} {name} = {less.format(left=left, right=right)};")
            case Choice(name, tests, then, otherwise):
                test = _braced(" | ".join(tests))
                chosen = f"{test} ? {then} : {otherwise}"
                if masks and name[0] == "q":
                    mask = f"(({payload})0 - ({payload}){test})"
                    chosen = f"{otherwise} ^ (({then} ^ {otherwise}) & {mask})"
                kind = f"{payload} const" if name[0] == "q" else f"const {key}"
                lines.append(f"{kind} {name} = {chosen};")
    return lines


def _braced(test: str) -> str:
    return f"({test})" if " " in test else test


def _scalar_function(request: Request) -> str:
    kernel, target = request.kernel, "keys" if request.in_place else "out"
    outputs, direct = kernel.contract.outputs, _direct(request)
    variable = {cell: f"s{i}" for i, cell in enumerate(kernel.scratch)}
    variable |= {cell: f"k{i}" for i, cell in enumerate(kernel.contract.inputs)}
    variable |= {cell: f"keys[{cell}]" for cell in direct}
    declarations = [
        f"{request.held.c_name} {variable[cell]}"
        + (f" = keys[{cell}];" if cell < kernel.n else ";")
        for cell in range(len(kernel.cells))
        if cell not in direct
    ]
    cast = "" if request.held == request.key else f"({request.key.c_name})"
    stores = [
        f"{target}[{i}] = {cast}{variable[cell]};"
        for i, cell in enumerate(outputs)
        if cell not in direct
    ]
    lines = [*declarations, *asm(request, variable), *stores]
    return f"static inline void {request.name}({_parameters(request)})\n{{\n{indented(lines)}}}\n"


def _direct(request: Request) -> tuple[int, ...]:
    """Return the memory cells that can be the buffer's own: those of the same key in and out.

    None where a key ends in the memory cell of another, as storing it would overwrite that.
    """
    kernel = request.kernel
    outputs = kernel.contract.outputs
    memory = [c for c in memory_cells(kernel) if c < kernel.n]
    if not request.in_place or any(c in outputs and outputs[c] != c for c in memory):
        return ()
    return tuple(memory)


def asm(request: Request, variable: Mapping[int, str], wide: Collection[int] = ()) -> list[str]:
    """Return the asm statement over one variable a cell; what `wide` cells hold is moved whole.

    "&" keeps what is written early apart from the registers that address memory operands.
    """
    kernel = request.kernel
    if not kernel.instructions:
        return []
    register = assembly_of(kernel).constraint
    lines = ["__asm__("]
    lines += [f'    "{_template(request, i, wide)}\\n\\t"' for i in kernel.instructions]
    places, memory = [], any(cell.place is Place.MEMORY for cell in kernel.cells)
    for cell in range(len(kernel.cells)):
        kind = "m" if kernel.cells[cell].place is Place.MEMORY else register
        early = "&" if kind != "m" and (cell >= kernel.n or memory) else ""
        access = f"{'+' if cell < kernel.n else '='}{early}{kind}"
        places.append(f'"{access}"({variable[cell]})')
    clobbers = ' : : "cc"' if any(i.form.writes_flags for i in kernel.instructions) else ""
    lines.append(f"    : {', '.join(places)}{clobbers});")
    return lines


def _template(request: Request, instruction: Instr, wide: Collection[int]) -> str:
    """Return the instruction as an asm template in every syntax, `%0` for cell 0 and so on."""
    kernel = request.kernel
    bits = WHOLE if instruction.operands[0] in wide else request.held.bits
    modifier = assembly_of(kernel).modifier("c", bits)
    return in_every_syntax(kernel, instruction, lambda cell, syntax: f"%{modifier}{cell}")


def _vectors(request: Request) -> Vectors:
    vectors = assembly_of(request.kernel).vectors_of("c", request.key.bits)
    assert vectors is not None
    return vectors


def _vector_functions(request: Request) -> str:
    """Return `NAME_vectors`, which sorts vectors lane by lane, and what is built on it."""
    kernel, name = request.kernel, request.name
    vectors, lanes = _vectors(request), kernel.isa.lanes(request.key.bits)
    n, outputs = kernel.n, len(kernel.contract.outputs)
    target = "keys" if request.in_place else "out"
    variable = {cell: f"s{i}" for i, cell in enumerate(kernel.scratch)}
    variable |= {cell: f"k{i}" for i, cell in enumerate(kernel.contract.inputs)}
    declarations = [
        f"{vectors.type} {v}" + (f" = keys[{cell}];" if cell < n else ";")
        for cell, v in sorted(variable.items())
    ]
    stores = [f"keys[{i}] = {variable[cell]};" for i, cell in enumerate(kernel.contract.outputs)]
    cast = "" if request.key.c_name in ("int32_t", vectors.scalar) else f"({request.key.c_name})"
    single = [
        f"{vectors.type} v[{n}];",
        *(f"v[{i}] = {vectors.put.format(key=f'({vectors.scalar})keys[{i}]')};" for i in range(n)),
        f"{name}_vectors(v);",
        *(f"{target}[{i}] = {cast}{vectors.get.format(vector=f'v[{i}]')};" for i in range(outputs)),
    ]
    key, side_by_side = request.key.c_name, _by_lanes(request, "{}[{}]")
    all_lanes = (
        f"{key} keys[{n}][{lanes}]"
        if request.in_place
        else f"{key} keys[{n}][{lanes}], {key} out[{outputs}][{lanes}]"
    )
    return (
        f"static inline void {name}_vectors({vectors.type} keys[{n}])\n{{\n"
        f"{indented([*declarations, *asm(request, variable), *stores])}}}\n\n"
        f"static inline void {name}({_parameters(request)})\n{{\n{indented(single)}}}\n\n"
        f"// {_COUNTED.get(lanes, lanes)} groups at once: "
        f"group g is keys[0][g] … keys[{n - 1}][g].\n"
        f"static inline void {name}_x{lanes}({all_lanes})\n{{\n{indented(side_by_side)}}}\n"
    )


def _by_lanes(request: Request, place: str) -> list[str]:
    """Return what sorts as many groups as there are lanes; `place` is of an array and a number."""
    vectors, target = _vectors(request), "keys" if request.in_place else "out"
    loads = [vectors.load.format(keys=place.format("keys", i)) for i in range(request.kernel.n)]
    return [
        f"{vectors.type} v[{request.kernel.n}];",
        *(f"v[{i}] = {load};" for i, load in enumerate(loads)),
        f"{request.name}_vectors(v);",
        *(
            f"{vectors.store.format(keys=place.format(target, i), vector=f'v[{i}]')};"
            for i in range(len(request.kernel.contract.outputs))
        ),
    ]


def _rows(request: Request) -> str:
    """Return `NAME_rows`: a group in each column of `n` rows, a register's lanes at a time."""
    kernel, name, key = request.kernel, request.name, request.key.c_name
    n, outputs, lanes = kernel.n, len(kernel.contract.outputs), kernel.isa.lanes(request.key.bits)
    if request.in_place:
        parameters, target, arguments = f"{key} *const keys[{n}]", "keys", "group"
    else:
        parameters = f"const {key} *const keys[{n}], {key} *const out[{outputs}]"
        target, arguments = "out", "group, result"
    result = "group" if request.in_place else "result"
    many = _by_lanes(request, "({}[{}] + g)")
    one = [
        f"{key} group[{n}]{'' if request.in_place else f', result[{outputs}]'};",
        *(f"group[{i}] = keys[{i}][g];" for i in range(n)),
        f"{name}({arguments});",
        *(f"{target}[{i}][g] = {result}[{i}];" for i in range(outputs)),
    ]
    return (
        f"\n// Rows of `count` keys: group g is keys[0][g] … keys[{n - 1}][g].  No two rows may"
        f"\n// overlap{'' if request.in_place else ', but a row of out may be one of keys'}.\n"
        f"static inline void {name}_rows({parameters}, size_t count)\n{{\n    size_t g = 0;\n"
        f"{only_where(kernel)}    for (; count - g >= {lanes}; g += {lanes}) {{\n"
        f"{indented([f'    {line}' for line in many])}    }}\n#endif\n"
        f"    for (; g < count; g++) {{\n{indented([f'    {line}' for line in one])}    }}\n}}\n"
    )


def indented(lines: Iterable[str]) -> str:
    """Return lines one level in, as text."""
    return "".join(f"    {line}\n" for line in lines)
