"""Floating-point keys in the total order of IEEE 754, by a kernel of integers.

The bits of a key, read as a signed integer, ascend with the key from +0 on, but descend where the
sign is set.  So all bits but the sign are flipped where it is set, the integers are sorted, and the
same bits are flipped back.  Sound because that is its own inverse and maps the total order, which
is -NaN < -inf < ... < -0 < +0 < ... < +inf < +NaN, to that of signed integers (Z3 proves both, of
both widths, in the tests).  Equal integers are equal bits, so every key leaves as it came.
"""

from __future__ import annotations

from sortopt.base import InputError
from sortopt.emit.request import Request
from sortopt.model import KEY_TYPES, Kernel, KeyType

LANGUAGES = ("c", "cpp", "rust", "llvm")
"""The targets that sort so."""

ORDER = "-NaN < -inf < ... < -0 < +0 < ... < +inf < +NaN, NaN among each other by their bits"
"""The order in words."""


def integers(kernel: Kernel, key: KeyType, target: str) -> KeyType:
    """Return the type of the integers that stand for keys; raises InputError where there is none.

    `kernel` must be one of integers, and `target` one of LANGUAGES.
    """
    if not key.floating:
        raise InputError(
            f"the total order is one of floating-point keys, not of {key.name}",
            hint="use --key float32 or float64, or leave --order out",
        )
    if kernel.isa.floating:
        raise InputError(
            f"{kernel.isa.name} kernels compare numbers, for which -0 and +0 are equal",
            hint="leave --order out, or take a kernel of integers, such as one of x86-cmov",
        )
    if target not in LANGUAGES:
        raise InputError(f"{target} has no total order", hint=f"use {', '.join(LANGUAGES)}")
    return KEY_TYPES[f"int{key.bits}"]


def in_c(request: Request, declared: str) -> str:
    """Return the function over `request.inner` in C or C++, which starts as `declared`."""
    if request.numbers is None:
        return ""
    number, held, bits = request.numbers.c_name, request.key.c_name, request.key.bits
    n, outputs = request.kernel.n, len(request.kernel.contract.outputs)
    flip = f"bits[i] ^= ({held})((uint{bits}_t)-(bits[i] < 0) >> 1);"
    parameters = f"{number} keys[{n}]"
    if not request.in_place:
        parameters = f"const {parameters}, {number} out[{outputs}]"
    arguments, target = ("bits", "keys") if request.in_place else ("bits, bits", "out")
    lines = [
        f"{held} bits[{n}];",
        "memcpy(bits, keys, sizeof bits);",
        f"for (int i = 0; i < {n}; i++)",
        f"    {flip}",
        f"{request.inner.name}({arguments});",
        f"for (int i = 0; i < {outputs}; i++)",
        f"    {flip}",
        f"memcpy({target}, bits, {outputs} * sizeof *bits);",
    ]
    body = "".join(f"    {line}\n" for line in lines)
    return (
        f"\n#include <string.h>\n\n// {_SAID}\n"
        f"{declared} {request.name}({parameters})\n{{\n{body}}}\n"
    )


_SAID = "Keys as integers: all bits but the sign are flipped where it is set, and flipped back."


def in_rust(request: Request, types: tuple[str, str]) -> str:
    """Return the function over `request.inner`; `types` are those of keys and of integers."""
    if request.numbers is None:
        return ""
    (number, held), inner = types, request.inner.name
    sign = request.key.bits - 1
    n, outputs = request.kernel.n, len(request.kernel.contract.outputs)
    feature = request.kernel.isa.feature
    safety = (
        f"///\n/// # Safety\n/// The processor must have {feature.upper()}.\n" if feature else ""
    )
    parameters = f"keys: &mut [{number}; {n}]"
    call, sorted_, target = [f"{inner}(&mut bits);"], "bits", "keys"
    if not request.in_place:
        parameters = f"keys: &[{number}; {n}], out: &mut [{number}; {outputs}]"
        call = [f"let mut chosen = [0; {outputs}];", f"{inner}(&bits, &mut chosen);"]
        sorted_, target = "chosen", "out"
    lines = [
        f"let flipped = |bits: {held}| bits ^ ((bits >> {sign}) & {(1 << sign) - 1:#x});",
        f"let {'mut ' * request.in_place}bits = keys.map(|key| flipped(key.to_bits() as {held}));",
        *call,
        f"*{target} = {sorted_}.map(|bits| {number}::from_bits(flipped(bits) as u{held[1:]}));",
    ]
    body = "".join(f"    {line}\n" for line in lines)
    unsafe = "unsafe " if feature else ""
    return (
        f"\n/// {_SAID}\n{safety}#[inline]\n"
        f"pub {unsafe}fn {request.name}({parameters}) {{\n{body}}}\n"
    )


def in_llvm(request: Request) -> str:
    """Return the function over `request.inner` in LLVM IR."""
    if request.numbers is None:
        return ""
    n, outputs = request.kernel.n, len(request.kernel.contract.outputs)
    bits = request.key.bits
    target = "keys" if request.in_place else "out"
    parameters = "ptr %keys" if request.in_place else "ptr %keys, ptr %out"
    arguments = "ptr %bits" if request.in_place else "ptr %bits, ptr %bits"
    lines = [
        f"%bits = alloca [{n} x i{bits}], align 16",
        *(line for i in range(n) for line in _flipped(f"a{i}", i, bits, "keys", "bits")),
        f"call void @{request.inner.name}({arguments})",
        *(line for i in range(outputs) for line in _flipped(f"b{i}", i, bits, "bits", target)),
        "ret void",
    ]
    body = "".join(f"  {line}\n" for line in lines)
    return f"\n; {_SAID}\ndefine void @{request.name}({parameters}) {{\n{body}}}\n"


def _flipped(name: str, index: int, bits: int, source: str, target: str) -> list[str]:
    """Return the lines that copy an integer with its bits flipped, naming values `name`.x."""
    kind, align = f"i{bits}", f"align {bits // 8}"
    return [
        f"%{name}.p = getelementptr inbounds {kind}, ptr %{source}, i64 {index}",
        f"%{name}.k = load {kind}, ptr %{name}.p, {align}",
        f"%{name}.s = ashr {kind} %{name}.k, {bits - 1}",
        f"%{name}.m = lshr {kind} %{name}.s, 1",
        f"%{name}.f = xor {kind} %{name}.k, %{name}.m",
        f"%{name}.q = getelementptr inbounds {kind}, ptr %{target}, i64 {index}",
        f"store {kind} %{name}.f, ptr %{name}.q, {align}",
    ]
