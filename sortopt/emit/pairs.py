"""C, C++ and Rust that sort keys with what is attached to them, in plain ternary form.

Where a key goes its payload goes, by a choice under the same condition: `c0 ? k1 : k0` and
`c0 ? p1 : p0`.  An argsort attaches to each key its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sortopt.emit import c, rust
from sortopt.emit.header import comment
from sortopt.emit.plain import plain, with_payloads
from sortopt.emit.request import Request
from sortopt.model import KEY_TYPES


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
    key, payload = f"{request.key.name}_t", items.payload_in({k: f"{k}_t" for k in KEY_TYPES})
    form = with_payloads(plain(request.kernel), keys=not items.argsort)
    places = _places(request, "key", "payload")
    lines = [
        *(f"const {key} k{i} = {places.key.format(i)};" for i in c.used_keys(form, n)),
        *(f"{payload} const p{i} = {places.payload.format(i)};" for i in c.used_keys(form, n, "p")),
        *c.plain_lines(form, key, "{left} < {right}", truth, payload),
        *_stores(request, form.outputs, places),
    ]
    body = "".join(f"    {line}\n" for line in lines)
    record, outputs = f"struct {request.name}_record", len(request.kernel.contract.outputs)
    definition = ""
    if items.argsort:
        parameters = f"const {key} keys[{n}], {payload} places[{outputs}]"
    elif items.layout == "records":
        definition = f"{record} {{\n    {key} key;\n    {payload} payload;\n}};\n\n"
        whole = f"{record} records[{n}]"
        parameters = whole if request.in_place else f"const {whole}, {record} out[{outputs}]"
    elif request.in_place:
        parameters = f"{key} keys[{n}], {payload} payloads[{n}]"
    else:
        parameters = (
            f"const {key} keys[{n}], {payload} const payloads[{n}],\n    "
            f"{key} out_keys[{outputs}], {payload} out_payloads[{outputs}]"
        )
    return f"{definition}{function} void {request.name}({parameters})\n{{\n{body}}}\n"


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
    body = "".join(f"    {line}\n" for line in lines)
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
    return f"#[inline]\npub fn {request.name}(\n{listed}) {{\n{body}}}\n"
