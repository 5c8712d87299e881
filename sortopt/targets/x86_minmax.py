"""x86-64 vector registers: movdqa and packed minima and maxima of 8 to 32 bits (SSE4.1).

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (MOVDQA, PMINSB to
PMAXUD).
"""

from __future__ import annotations

from types import MappingProxyType

from sortopt.model import Action, Assembly, Form, Isa, Place
from sortopt.targets.x86 import X86
from sortopt.targets.x86_packed import RUST, VECTOR_OR_MEMORY, C, extrema

_FORMS = (
    Form("movdqa", Action.COPY, (VECTOR_OR_MEMORY, VECTOR_OR_MEMORY), 0, (1,)),
    *extrema("p", (32, 16, 8), operands=2),
)

X86_MINMAX = Isa(
    "x86-minmax",
    MappingProxyType({form.mnemonic: form for form in _FORMS}),
    registers=tuple(f"xmm{i}" for i in range(16)),
    place=Place.VECTOR,
    key_bits=(32, 16, 8),
    machine=X86,
    summary="movdqa, pminT and pmaxT with T one of sd ud sw uw sb ub",
    register_kind="xmm",
    feature="sse4.1",
    assembly=Assembly(
        constraint="x",
        register_class="xmm_reg",
        most_registers=16,
        loads=MappingProxyType({32: "movd"}),
        stores=MappingProxyType({32: "movd"}),
        vectors=MappingProxyType({"c": C, "rust": RUST}),
    ),
    floats="x86-float",
)
"""movdqa and the packed minima and maxima of two operands, one key a lane."""
