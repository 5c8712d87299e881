"""x86-64 vector registers: what the instruction sets of packed minima and maxima have in common.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (PMINSB to PMAXUQ);
intrinsics: Intel Intrinsics Guide.
"""

from __future__ import annotations

from collections.abc import Iterator

from sortopt.model import Action, Form, Place, Signedness, Vectors

VECTOR_OR_MEMORY = Place.VECTOR | Place.MEMORY
_LETTERS = {8: "b", 16: "w", 32: "d", 64: "q"}
_ACTIONS = {"min": Action.MINIMUM, "max": Action.MAXIMUM}


def extrema(prefix: str, widths: tuple[int, ...], operands: int) -> Iterator[Form]:
    """Yield the minima and maxima of keys of `widths` bits, of two or three operands."""
    places = (*(Place.VECTOR,) * (operands - 1), VECTOR_OR_MEMORY)
    for bits in widths:
        for sign in Signedness:
            for name, action in _ACTIONS.items():
                mnemonic = f"{prefix}{name}{sign.value[0]}{_LETTERS[bits]}"
                yield Form(
                    mnemonic, action, places, 0, (operands - 2, operands - 1), None, sign, bits
                )


C = Vectors(
    imports="emmintrin.h",
    type="__m128i",
    scalar="int",
    put="_mm_cvtsi32_si128({key})",
    get="_mm_cvtsi128_si32({vector})",
    load="_mm_loadu_si128((const __m128i *)(const void *){keys})",
    store="_mm_storeu_si128((__m128i *)(void *){keys}, {vector})",
)
RUST = Vectors(
    imports="core::arch::x86_64::{__m128i, _mm_cvtsi128_si32, _mm_cvtsi32_si128}",
    type="__m128i",
    scalar="i32",
    put="_mm_cvtsi32_si128({key})",
    get="_mm_cvtsi128_si32({vector})",
)
"""Keys of up to 32 bits: the lowest lane is the low part of an int."""
