"""x86-64 vector registers: moves, minima and maxima of three operands (AVX, and AVX-512VL).

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (MOVDQA, VMOVDQA64,
PMINSB to PMAXUQ): the VEX encodings of 128 bits, and for keys of 64 bits the EVEX ones, which reach
xmm16 to xmm31.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from sortopt.model import Action, Assembly, Form, Isa, Place
from sortopt.targets.x86 import X86
from sortopt.targets.x86_packed import RUST, VECTOR_OR_MEMORY, C, extrema

_FORMS = (
    Form("vmovdqa", Action.COPY, (VECTOR_OR_MEMORY, VECTOR_OR_MEMORY), 0, (1,)),
    *extrema("vp", (32, 16, 8), operands=3),
)

X86_AVX = Isa(
    "x86-avx",
    MappingProxyType({form.mnemonic: form for form in _FORMS}),
    registers=tuple(f"xmm{i}" for i in range(16)),
    place=Place.VECTOR,
    key_bits=(32, 16, 8),
    machine=X86,
    summary="vmovdqa, vpminT and vpmaxT",
    register_kind="xmm",
    feature="avx",
    assembly=Assembly(
        constraint="x",
        register_class="xmm_reg",
        most_registers=16,
        loads=MappingProxyType({32: "vmovd"}),
        stores=MappingProxyType({32: "vmovd"}),
        vectors=MappingProxyType({"c": C, "rust": RUST}),
    ),
    floats="x86-avx-float",
)
"""vmovdqa and the packed minima and maxima of three operands, one key a lane."""

_WIDE_FORMS = (
    Form("vmovdqa64", Action.COPY, (VECTOR_OR_MEMORY, VECTOR_OR_MEMORY), 0, (1,)),
    *extrema("vp", (64,), operands=3),
)
_WIDE_C = replace(
    C, scalar="long long", put="_mm_cvtsi64_si128({key})", get="_mm_cvtsi128_si64({vector})"
)
_WIDE_RUST = replace(
    RUST,
    imports="core::arch::x86_64::{__m128i, _mm_cvtsi128_si64, _mm_cvtsi64_si128}",
    scalar="i64",
    put="_mm_cvtsi64_si128({key})",
    get="_mm_cvtsi128_si64({vector})",
)

X86_AVX512 = Isa(
    "x86-avx512",
    MappingProxyType({form.mnemonic: form for form in _WIDE_FORMS}),
    registers=tuple(f"xmm{i}" for i in range(32)),
    place=Place.VECTOR,
    key_bits=(64,),
    machine=X86,
    summary=", ".join(form.mnemonic for form in _WIDE_FORMS),
    register_kind="xmm",
    feature="avx512vl",
    assembly=Assembly(
        constraint="v",
        register_class="xmm_reg",
        most_registers=28,
        loads=MappingProxyType({64: "vmovq"}),
        stores=MappingProxyType({64: "vmovq"}),
        vectors=MappingProxyType({"c": _WIDE_C, "rust": _WIDE_RUST}),
        flags=("-mavx512vl",),
        macro="defined(__AVX512VL__)",
    ),
    floats="x86-avx-float",
)
"""The same for keys of 64 bits, which only AVX-512 compares."""
