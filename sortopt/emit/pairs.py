"""C, C++ and Rust that sort keys with what is attached to them.

Where a key goes its payload goes, by a choice under the same condition: `c0 ? k1 : k0` and
`c0 ? p1 : p0`.  An argsort attaches to each key its place.  GCC likes to make a branch of two such
choices, so there is inline assembly wherever a payload fits in a register, and C and C++ choose
integers by their bits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sortopt.base import InputError
from sortopt.emit import c, rust
from sortopt.emit.header import comment
from sortopt.emit.operands import memory_cells
from sortopt.emit.plain import plain, with_payloads
from sortopt.emit.request import Request
from sortopt.model import KEY_TYPES, Action, Form, Goal, Kernel, build, dead_instructions


def emit(language: str, request: Request) -> str:
    """Return the header, or module, as text; `language` is a name of LANGUAGES."""
    if language == "rust":
        return f"{comment(request, '//')}\n{_rust(request)}"
    guard = f"SORTOPT_{request.name.upper()}_{'H' if language == 'c' else 'HPP'}"
    includes = "#include <stddef.h>\n#include <stdint.h>\n"
    return (
        f"{comment(request, '//')}\n#ifndef {guard}\n#define {guard}\n\n{includes}\n"
        f"{_c(request, *_C[language])}\n#endif\n"
    )


_C: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"c": ("static inline", "const int"), "cpp": ("inline", "const bool")}
)
"""How C and C++ declare functions and truth values."""

LANGUAGES = (*_C, "rust")


@dataclass(frozen=True, slots=True)
class _Places:
    """Where keys and payloads lie on entry and on return, with a place for the number."""

    key: str
    payload: str
    key_out: str
    payload_out: str


def _places(request: Request, key_field: str, payload_field: str) -> _Places:
    if request.items.argsort:
        return _Places("keys[{}]", "{}", "", "places[{}]")
    if request.items.layout == "records":
        out = "records" if request.in_place else "out"
        fields = (f"[{{}}].{key_field}", f"[{{}}].{payload_field}")
        return _Places(*(array + field for array in ("records", out) for field in fields))
    out = "" if request.in_place else "out_"
    return _Places("keys[{}]", "payloads[{}]", f"{out}keys[{{}}]", f"{out}payloads[{{}}]")


def _stores(request: Request, outputs: tuple[str, ...], places: _Places) -> list[str]:
    stored = [(places.payload_out, outputs)]
    if not request.items.argsort:
        half = len(outputs) // 2
        stored = [(places.key_out, outputs[:half]), (places.payload_out, outputs[half:])]
    return [
        f"{place.format(rank)} = {name};"
        for place, names in stored
        for rank, name in enumerate(names)
    ]


def _c(request: Request, function: str, truth: str) -> str:
    items, n = request.items, request.kernel.n
    key, payload = request.key.c_name, items.payload_in({k: f"{k}_t" for k in KEY_TYPES})
    integer = _INTEGER.fullmatch(payload) is not None
    form = with_payloads(plain(request.kernel), keys=not items.argsort)
    places = _places(request, "key", "payload")
    lines = [
        *(f"const {key} k{i} = {places.key.format(i)};" for i in c.used_keys(form, n)),
        *(f"{payload} const p{i} = {places.payload.format(i)};" for i in c.used_keys(form, n, "p")),
        *c.plain_lines(form, key, "{left} < {right}", truth, payload, masks=integer),
        *_stores(request, form.outputs, places),
    ]
    definition, parameters, arguments = _c_parameters(request, key, payload)
    start = f"{function} void {request.name}"
    by_hand = _assembly(request, key, payload, places)
    if by_hand is None:
        return f"{definition}{start}({parameters})\n{{\n{c.indented(lines)}}}\n"
    return (
        f"{definition}// The plain form, for any compiler: it may make branches of it.\n"
        f"{start}_plain({parameters})\n{{\n{c.indented(lines)}}}\n\n"
        f"{c.only_where(request.kernel)}{start}({parameters})\n{{\n{c.indented(by_hand)}}}\n"
        f"#else\n{start}({parameters})\n{{\n    {request.name}_plain({arguments});\n}}\n#endif\n"
    )


def _c_parameters(request: Request, key: str, payload: str) -> tuple[str, str, str]:
    """Return the type of records where there are some, the parameters, and their names."""
    items, n, outputs = request.items, request.kernel.n, len(request.kernel.contract.outputs)
    if items.argsort:
        return "", f"const {key} keys[{n}], {payload} places[{outputs}]", "keys, places"
    if items.layout == "records":
        record = f"struct {request.name}_record"
        definition = f"{record} {{\n    {key} key;\n    {payload} payload;\n}};\n\n"
        whole = f"{record} records[{n}]"
        if request.in_place:
            return definition, whole, "records"
        return definition, f"const {whole}, {record} out[{outputs}]", "records, out"
    if request.in_place:
        return "", f"{key} keys[{n}], {payload} payloads[{n}]", "keys, payloads"
    entry = f"const {key} keys[{n}], {payload} const payloads[{n}]"
    out = f"{key} out_keys[{outputs}], {payload} out_payloads[{outputs}]"
    return "", f"{entry},\n    {out}", "keys, payloads, out_keys, out_payloads"


_NARROW = re.compile(r"(std::)?u?int(8|16)_t")
"""The integers of C that are extended to fit in a register."""
_INTEGER = re.compile(
    r"(std::)?(u?int(8|16|32|64|ptr)_t|size_t|ptrdiff_t)|(unsigned )?(int|long( long)?)|unsigned"
)


def _assembly(request: Request, key: str, payload: str, places: _Places) -> list[str] | None:
    """Return the lines of C with inline assembly, or None where there can be none."""
    twin = _twin(request) if _INTEGER.fullmatch(payload) or payload.endswith("*") else None
    if twin is None:
        return None
    held = request.held.c_name, "uint32_t" if _NARROW.fullmatch(payload) else payload
    variable = {cell: held.name for cell, held in enumerate(twin.cells)}
    wide, entry = _wide(twin), _entry(request, places)
    lines = [
        f"{held[cell in wide]} {name}" + (f" = {entry[cell]};" if cell < len(entry) else ";")
        for cell, name in variable.items()
    ]
    lines += c.asm(replace(request, kernel=twin), variable, wide)
    casts = "" if held[0] == key else f"({key})", f"({payload})" * (held[1] != payload)
    outputs = tuple(casts[cell in wide] + variable[cell] for cell in twin.contract.outputs)
    return lines + _stores(request, outputs, places)


def _rust_assembly(request: Request, key: str, payload: str, places: _Places) -> list[str] | None:
    """Return the same in Rust; what is attached to key 0 of three is called k3, and so on."""
    integer = re.fullmatch(r"[iu](8|16|32|64|size)", payload)
    twin = _twin(request) if integer or payload.startswith("*") else None
    if twin is None:
        return None
    held = rust.type_name(request.held), "u32" if payload[1:] in ("8", "16") else payload
    wide, outputs = _wide(twin), twin.contract.outputs
    lines = []
    for cell, place in enumerate(_entry(request, places)):
        change, kind = "mut " * (cell in outputs), held[cell in wide]
        cast = f" as {kind}" * (kind != (key, payload)[cell in wide])
        lines.append(f"let {change}k{cell}: {kind} = {place}{cast};")
    lines += [f"let s{cell}: {held[cell in wide]};" for cell in rust.scratch_outputs(twin)]
    lines += rust.asm(replace(request, kernel=twin), wide)
    casts = tuple(f" as {t}" * (t != h) for t, h in zip((key, payload), held, strict=True))
    stored = tuple(rust.output(twin, cell) + casts[cell in wide] for cell in outputs)
    return lines + _stores(request, stored, places)


def _twin(request: Request) -> Kernel | None:
    """Return the kernel that moves payloads too, or None where it cannot be inline assembly: not of
    moves and conditional moves in registers, or too many cells.
    """
    kernel = request.kernel
    moved = {Action.COMPARE, Action.COPY, Action.SELECT}
    if not {i.form.action for i in kernel.instructions} <= moved or memory_cells(kernel):
        return None
    twin = doubled(kernel, keys=not request.items.argsort)
    try:
        c.check_registers(twin)
    except InputError:
        return None
    return twin


def _wide(twin: Kernel) -> list[int]:
    """Return the cells of payloads."""
    return [cell for cell, held in enumerate(twin.cells) if held.name[0] == "p"]


def _entry(request: Request, places: _Places) -> list[str]:
    """Return where the keys are on entry, and then the payloads."""
    n = request.kernel.n
    return [place.format(i) for place in (places.key, places.payload) for i in range(n)]


def doubled(kernel: Kernel, *, keys: bool) -> Kernel:
    """Return `kernel` with a cell more for the payload of each: where a key moves its payload does.

    The outputs are the keys, where `keys` come out too, and then the payloads.  What no output
    needs is left out.
    """
    program: list[tuple[Form, tuple[str, ...]]] = []
    for instruction in kernel.instructions:
        for kind in "k" if instruction.form.action is Action.COMPARE else "kp":
            names = tuple(f"{kind}{cell}" for cell in instruction.operands)
            program.append((instruction.form, names))
    outputs = [f"{kind}{c}" for kind in "kp"[not keys :] for c in kernel.contract.outputs]
    while True:
        twin = build(
            kernel.isa,
            program,
            inputs=[f"{kind}{cell}" for kind in "kp" for cell in kernel.contract.inputs],
            outputs=outputs,
            goal=Goal("smallest", (len(outputs),)),
        )
        if not (dead := dead_instructions(twin)):
            return twin
        program = [each for place, each in enumerate(program) if place not in dead]


def _rust(request: Request) -> str:
    items, n = request.items, request.kernel.n
    key = rust.type_name(request.key)
    payload = items.payload_in(
        {"size": "usize"} | {name: rust.type_name(kind) for name, kind in KEY_TYPES.items()}
    )
    form = with_payloads(plain(request.kernel), keys=not items.argsort)
    places = _places(request, "0", "1")
    lines = [
        *(f"let k{i} = {places.key.format(i)};" for i in c.used_keys(form, n)),
        *(f"let p{i}: {payload} = {places.payload.format(i)};" for i in c.used_keys(form, n, "p")),
        *rust.plain_lines(form, "{left} < {right}"),
        *_stores(request, form.outputs, places),
    ]
    outputs, change = len(request.kernel.contract.outputs), "mut " * request.in_place
    if items.argsort:
        parameters = [f"keys: &[{key}; {n}]", f"places: &mut [{payload}; {outputs}]"]
    elif items.layout == "records":
        pair = f"({key}, {payload})"
        parameters = [f"records: &{change}[{pair}; {n}]"]
        parameters += [] if request.in_place else [f"out: &mut [{pair}; {outputs}]"]
    else:
        kinds = (("keys", key), ("payloads", payload))
        parameters = [f"{array}: &{change}[{kind}; {n}]" for array, kind in kinds]
        if not request.in_place:
            parameters += [f"out_{array}: &mut [{kind}; {outputs}]" for array, kind in kinds]
    listed = "".join(f"    {each},\n" for each in parameters)
    start = f"#[inline]\npub fn {request.name}(\n{listed})"
    plain_form = f"{start} {{\n{c.indented(lines)}}}\n"
    by_hand = _rust_assembly(request, key, payload, places)
    if by_hand is None:
        return plain_form
    where = f'target_arch = "{request.kernel.isa.machine.architecture}"'
    return (
        f"#[cfg({where})]\n{start} {{\n{c.indented(by_hand)}}}\n\n"
        f"/// The plain form, elsewhere.\n#[cfg(not({where}))]\n{plain_form}"
    )
