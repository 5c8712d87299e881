"""AArch64 vector registers: mov, and minima and maxima of 8, 16 and 32 bits (Advanced SIMD).

Source: Arm Architecture Reference Manual for A-profile architecture (DDI 0487), section C7.2 (MOV
(vector), SMIN, SMAX, UMIN, UMAX, LDR and STR (SIMD&FP)); intrinsics: Arm C Language Extensions.
There are none of 64 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from sortopt.model import Action, Assembly, Form, Isa, Place, Signedness, Vectors
from sortopt.targets.aarch64 import AARCH64_MACHINE

_VECTOR, _MEMORY = Place.VECTOR, Place.MEMORY
_LANES = {32: "4s", 16: "8h", 8: "16b"}


def _extrema() -> Iterator[Form]:
    for bits, lanes in _LANES.items():
        for sign in Signedness:
            for name, action in (("min", Action.MINIMUM), ("max", Action.MAXIMUM)):
                word = sign.value[0] + name
                text = f"{word} {{0}}.{lanes}, {{1}}.{lanes}, {{2}}.{lanes}"
                mnemonic, places = f"{word}.{lanes}", (_VECTOR,) * 3
                yield Form(mnemonic, action, places, 0, (1, 2), None, sign, bits, text)


MOVES = (
    Form("mov.16b", Action.COPY, (_VECTOR, _VECTOR), 0, (1,), text="mov {0}.16b, {1}.16b"),
    Form("ldr.q", Action.COPY, (_VECTOR, _MEMORY), 0, (1,), text="ldr {0}, {1}"),
    Form("str.q", Action.COPY, (_MEMORY, _VECTOR), 0, (1,), text="str {1}, {0}"),
)
"""The copies of whole vector registers."""

_C = Vectors(
    imports="arm_neon.h",
    type="int32x4_t",
    scalar="int",
    put="vdupq_n_s32({key})",
    get="vgetq_lane_s32({vector}, 0)",
    load="vreinterpretq_s32_u8(vld1q_u8((const uint8_t *)(const void *){keys}))",
    store="vst1q_u8((uint8_t *)(void *){keys}, vreinterpretq_u8_s32({vector}))",
)
_RUST = Vectors(
    imports="core::arch::aarch64::{int32x4_t, vdupq_n_s32, vgetq_lane_s32}",
    type="int32x4_t",
    scalar="i32",
    put="vdupq_n_s32({key})",
    get="vgetq_lane_s32::<0>({vector})",
)

AARCH64_MINMAX = Isa(
    "aarch64-minmax",
    MappingProxyType({form.mnemonic: form for form in (*MOVES, *_extrema())}),
    registers=tuple(f"v{i}" for i in (*range(8), *range(16, 32), *range(8, 16))),
    place=_VECTOR,
    key_bits=(32, 16, 8),
    machine=AARCH64_MACHINE,
    summary="smin, smax, umin, umax of .4s, .8h or .16b, mov of .16b, ldr and str of q registers",
    register_kind="v",
    feature="neon",
    assembly=Assembly(
        constraint="w",
        register_class="vreg",
        most_registers=28,
        loads=MappingProxyType({32: "ldr", 16: "ldr", 8: "ldr"}),
        stores=MappingProxyType({32: "str", 16: "str", 8: "str"}),
        modifiers=MappingProxyType({"rust": {32: "v", 16: "v", 8: "v"}}),
        vectors=MappingProxyType({"c": _C, "rust": _RUST}),
    ),
    floats="aarch64-float",
)
"""Minima and maxima of three operands, one key a lane."""
