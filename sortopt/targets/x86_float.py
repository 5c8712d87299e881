"""x86-64 vector registers: minima and maxima of floating-point numbers (SSE, SSE2 and AVX).

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (MINPS, MINPD, MINSS,
MINSD, MAXPS …): where both operands are zeros, or either is a NaN, the second source operand is
handed on, unchanged, even a signaling NaN.  So the result is always one of the operands, bit for
bit; but not under MXCSR.DAZ, which is off unless a program sets it.  Of the scalar forms (minss)
the model sees what they do to the first lane, which is what the packed forms do to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from sortopt.model import Action, Assembly, Form, Isa, Place, Signedness, Vectors
from sortopt.targets.x86 import X86
from sortopt.targets.x86_packed import VECTOR_OR_MEMORY

_LETTERS = {32: "s", 64: "d"}


def _forms(prefix: str, operands: int) -> Iterator[Form]:
    """Yield the move, and the minima and maxima, of two or three operands."""
    yield Form(f"{prefix}movaps", Action.COPY, (VECTOR_OR_MEMORY, VECTOR_OR_MEMORY), 0, (1,))
    places = (*(Place.VECTOR,) * (operands - 1), VECTOR_OR_MEMORY)
    arguments = (operands - 2, operands - 1)
    for bits, letter in _LETTERS.items():
        for name, action in (("min", Action.MINIMUM), ("max", Action.MAXIMUM)):
            yield Form(
                f"{prefix}{name}p{letter}", action, places, 0, arguments,
                signedness=Signedness.SIGNED, bits=bits, tied=1,
            )  # fmt: skip


def _spellings(prefix: str) -> Iterator[tuple[str, str]]:
    yield f"{prefix}movapd", f"{prefix}movaps"
    for letter in _LETTERS.values():
        for name in ("min", "max"):
            yield f"{prefix}{name}s{letter}", f"{prefix}{name}p{letter}"


_C = Vectors(
    imports="emmintrin.h",
    type="__m128",
    scalar="float",
    put="_mm_set_ss({key})",
    get="_mm_cvtss_f32({vector})",
    load="_mm_loadu_ps({keys})",
    store="_mm_storeu_ps({keys}, {vector})",
)
_C64 = replace(
    _C,
    type="__m128d",
    scalar="double",
    put="_mm_set_sd({key})",
    get="_mm_cvtsd_f64({vector})",
    load="_mm_loadu_pd({keys})",
    store="_mm_storeu_pd({keys}, {vector})",
)
_RUST = Vectors(
    imports="core::arch::x86_64::{__m128, _mm_cvtss_f32, _mm_set_ss}",
    type="__m128",
    scalar="f32",
    put="_mm_set_ss({key})",
    get="_mm_cvtss_f32({vector})",
)
_RUST64 = Vectors(
    imports="core::arch::x86_64::{__m128d, _mm_cvtsd_f64, _mm_set_sd}",
    type="__m128d",
    scalar="f64",
    put="_mm_set_sd({key})",
    get="_mm_cvtsd_f64({vector})",
)

X86_FLOAT = Isa(
    "x86-float",
    MappingProxyType({form.mnemonic: form for form in _forms("", 2)}),
    registers=tuple(f"xmm{i}" for i in range(16)),
    place=Place.VECTOR,
    key_bits=(32, 64),
    machine=X86,
    summary="movaps, minT and maxT with T one of ps ss pd sd",
    register_kind="xmm",
    spellings=MappingProxyType(dict(_spellings(""))),
    assembly=Assembly(
        constraint="x",
        register_class="xmm_reg",
        most_registers=16,
        loads=MappingProxyType({32: "movss", 64: "movsd"}),
        stores=MappingProxyType({32: "movss", 64: "movsd"}),
        vectors=MappingProxyType({"c": _C, "rust": _RUST, "c64": _C64, "rust64": _RUST64}),
    ),
    floating=True,
)
"""movaps, minima and maxima of two operands, one key a lane."""

assert X86_FLOAT.assembly is not None
X86_AVX_FLOAT = replace(
    X86_FLOAT,
    name="x86-avx-float",
    forms=MappingProxyType({form.mnemonic: form for form in _forms("v", 3)}),
    summary="vmovaps, vminps and so on",
    feature="avx",
    spellings=MappingProxyType(dict(_spellings("v"))),
    assembly=replace(
        X86_FLOAT.assembly,
        loads=MappingProxyType({32: "vmovss", 64: "vmovsd"}),
        stores=MappingProxyType({32: "vmovss", 64: "vmovsd"}),
    ),
)
"""The same with three operands."""
