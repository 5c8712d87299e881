"""AArch64 vector registers: minima and maxima of floating-point numbers (Advanced SIMD).

Source: Arm Architecture Reference Manual for A-profile architecture (DDI 0487), section C7.2 (FMIN,
FMAX, FMINNM, FMAXNM, vector forms).  -0 is less than +0.  Of a NaN and a number `fmin` and `fmax`
hand on the NaN, `fminnm` and `fmaxnm` the number; of two NaN all hand on the first.  That is so of
quiet NaN, and with FPCR as programs find it (neither DN nor AH nor FZ set); of a signaling NaN and
anything else all four make that NaN, quiet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from sortopt.model import Action, Form, Isa, Nan, Signedness, Vectors
from sortopt.targets.aarch64_minmax import AARCH64_MINMAX, MOVES

_LANES = {32: "4s", 64: "2d"}


def _forms(suffix: str, nan: Nan) -> Iterator[Form]:
    yield from MOVES
    for bits, lanes in _LANES.items():
        for name, action in (("fmin", Action.MINIMUM), ("fmax", Action.MAXIMUM)):
            word = name + suffix
            yield Form(
                f"{word}.{lanes}", action, (AARCH64_MINMAX.place,) * 3, 0, (1, 2),
                signedness=Signedness.SIGNED, bits=bits, nan=nan,
                text=f"{word} {{0}}.{lanes}, {{1}}.{lanes}, {{2}}.{lanes}",
            )  # fmt: skip


def _in_c(bits: int, scalar: str) -> Vectors:
    return Vectors(
        imports="arm_neon.h",
        type=f"float{bits}x{128 // bits}_t",
        scalar=scalar,
        put=f"vdupq_n_f{bits}({{key}})",
        get=f"vgetq_lane_f{bits}({{vector}}, 0)",
        load=f"vld1q_f{bits}({{keys}})",
        store=f"vst1q_f{bits}({{keys}}, {{vector}})",
    )


def _in_rust(bits: int) -> Vectors:
    kind = f"float{bits}x{128 // bits}_t"
    return Vectors(
        imports=f"core::arch::aarch64::{{{kind}, vdupq_n_f{bits}, vgetq_lane_f{bits}}}",
        type=kind,
        scalar=f"f{bits}",
        put=f"vdupq_n_f{bits}({{key}})",
        get=f"vgetq_lane_f{bits}::<0>({{vector}})",
    )


assert AARCH64_MINMAX.assembly is not None
AARCH64_FLOAT = replace(
    AARCH64_MINMAX,
    name="aarch64-float",
    forms=MappingProxyType({form.mnemonic: form for form in _forms("", Nan.KEPT)}),
    key_bits=(32, 64),
    summary="fmin and fmax of .4s or .2d, mov of .16b, ldr and str of q registers",
    assembly=replace(
        AARCH64_MINMAX.assembly,
        loads=MappingProxyType({32: "ldr", 64: "ldr"}),
        stores=MappingProxyType({32: "str", 64: "str"}),
        modifiers=MappingProxyType({"rust": {32: "v", 64: "v"}}),
        vectors=MappingProxyType(
            {
                "c": _in_c(32, "float"),
                "c64": _in_c(64, "double"),
                "rust": _in_rust(32),
                "rust64": _in_rust(64),
            }
        ),
    ),
    floating=True,
    floats=None,
)
"""Minima and maxima that hand a NaN on."""

AARCH64_FLOAT_NUMBER = replace(
    AARCH64_FLOAT,
    name="aarch64-float-nm",
    forms=MappingProxyType({form.mnemonic: form for form in _forms("nm", Nan.DROPPED)}),
    summary="fminnm and fmaxnm of .4s or .2d, mov of .16b, ldr and str of q registers",
)
"""Those that hand the number on, which compilers make of C's fmin and fmax."""

AARCH64_FLOAT_SCALARS: Mapping[tuple[str, int], tuple[Isa, Form]] = MappingProxyType(
    {
        (mnemonic.partition(".")[0], form.bits): (isa, form)
        for isa in (AARCH64_FLOAT, AARCH64_FLOAT_NUMBER)
        for mnemonic, form in isa.forms.items()
        if form.bits is not None
    }
)
"""The scalar forms by name and width, with what they do to the first lane; they clear the others.

Source: section C7.2 (FMIN, FMAX, FMINNM, FMAXNM, scalar forms).
"""
