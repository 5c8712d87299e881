"""x86-64 vector registers: movdqa and packed minima and maxima of 32-bit keys (SSE4.1).

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (MOVDQA, PMINSD,
PMAXSD, PMINUD, PMAXUD).
"""

from __future__ import annotations

from types import MappingProxyType

from sortopt.model import Action, Assembly, Form, Isa, Place, Signedness, Vectors
from sortopt.targets.x86 import X86

_VECTOR_OR_MEMORY = Place.VECTOR | Place.MEMORY


def _extremum(mnemonic: str, action: Action, signedness: Signedness) -> Form:
    return Form(
        mnemonic,
        action,
        (Place.VECTOR, _VECTOR_OR_MEMORY),
        target=0,
        arguments=(0, 1),
        signedness=signedness,
    )


_FORMS = (
    Form("movdqa", Action.COPY, (_VECTOR_OR_MEMORY, _VECTOR_OR_MEMORY), 0, (1,)),
    _extremum("pminsd", Action.MINIMUM, Signedness.SIGNED),
    _extremum("pmaxsd", Action.MAXIMUM, Signedness.SIGNED),
    _extremum("pminud", Action.MINIMUM, Signedness.UNSIGNED),
    _extremum("pmaxud", Action.MAXIMUM, Signedness.UNSIGNED),
)

_C = Vectors(
    imports="emmintrin.h",
    type="__m128i",
    put="_mm_cvtsi32_si128((int){key})",
    get="_mm_cvtsi128_si32({vector})",
    load="_mm_loadu_si128((const __m128i *)(const void *){keys})",
    store="_mm_storeu_si128((__m128i *)(void *){keys}, {vector})",
)
_RUST = Vectors(
    imports="core::arch::x86_64::{__m128i, _mm_cvtsi128_si32, _mm_cvtsi32_si128}",
    type="__m128i",
    put="_mm_cvtsi32_si128({key})",
    get="_mm_cvtsi128_si32({vector})",
)

X86_MINMAX = Isa(
    "x86-minmax",
    MappingProxyType({form.mnemonic: form for form in _FORMS}),
    registers=tuple(f"xmm{i}" for i in range(16)),
    place=Place.VECTOR,
    key_bits=(32,),
    machine=X86,
    summary=", ".join(form.mnemonic for form in _FORMS),
    register_kind="xmm",
    lanes=4,
    feature="sse4.1",
    assembly=Assembly(
        constraint="x",
        register_class="xmm_reg",
        most_registers=16,
        load="movd",
        store="movd",
        vectors=MappingProxyType({"c": _C, "rust": _RUST}),
    ),
)
"""movdqa and the packed minima and maxima, one key a lane."""
