"""AArch64: its registers, calling convention and assembly; cmp and csel; scalar minima, maxima.

Sources: Arm Architecture Reference Manual for A-profile architecture (DDI 0487), sections B1.2
(registers), C1.2.4 (condition codes) and C6.2 (MOV, CMP, CSEL, LDR, STR, LDP, STP; SMIN, SMAX,
UMIN, UMAX of FEAT_CSSC); Procedure Call Standard for the Arm 64-bit Architecture (AAPCS64), section
6.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from sortopt.model import (
    Action,
    Assembly,
    Condition,
    Form,
    Isa,
    Machine,
    Order,
    Place,
    Register,
    Signedness,
    Syntax,
)
from sortopt.targets.aarch64_outside import BROADLY_OUTSIDE, OUTSIDE, UNSUITED


def _registers() -> Iterator[Register]:
    for number in range(31):
        obstacle = "holds the return address, so it cannot hold a key" if number == 30 else None
        for width, letter in ((64, "x"), (32, "w")):
            yield Register(f"{letter}{number}", f"x{number}", width, Place.REGISTER, obstacle)
    for width, name in ((64, "xzr"), (32, "wzr")):
        yield Register(name, "xzr", width, Place.REGISTER, "is always zero, which is no key")
    stack = "is the stack pointer, which cannot hold a key"
    yield Register("sp", "sp", 64, Place.REGISTER, stack)
    yield Register("wsp", "sp", 32, Place.REGISTER, stack)
    for number in range(32):
        for width, letter in ((128, "v"), (128, "q"), (64, "d"), (32, "s"), (16, "h"), (8, "b")):
            narrow = f"is {width} bits wide; min/max kernels use v0 to v31, which have 128"
            obstacle = narrow if width < 128 else None
            yield Register(f"{letter}{number}", f"v{number}", width, Place.VECTOR, obstacle)


_SYNTAX = Syntax(
    prologue="",
    register="{}",
    memory="[{base}, #{offset}]",
    load="{op} {register}, {memory}",
    store="{op} {register}, {memory}",
    save=("str {}, [sp, #-16]!", ".cfi_adjust_cfa_offset 16", ".cfi_rel_offset {}, 0"),
    restore=("ldr {}, [sp], #16", ".cfi_adjust_cfa_offset -16", ".cfi_restore {}"),
    comment="//",
    at_base="[{base}]",
    loaded_vector="q",
)

AARCH64_MACHINE = Machine(
    name="AArch64",
    architecture="aarch64",
    aliases=("aarch64", "arm64"),
    macro="defined(__aarch64__)",
    elf="EM_AARCH64",
    cpu="neoverse-n1",
    link="x30",
    zero="xzr",
    registers=MappingProxyType({register.name: register for register in _registers()}),
    arguments=("x0", "x1"),
    saved=(*(f"x{i}" for i in range(19, 30)), *(f"v{i}" for i in range(8, 16))),
    syntaxes=MappingProxyType({"aarch64": _SYNTAX}),
    clobbers=("cc",),
    unsuited=UNSUITED,
    outside=OUTSIDE,
    broadly_outside=BROADLY_OUTSIDE,
    returns=("ret", "ret x30"),
    idle=("nop", "bti"),
    pairs=MappingProxyType({"ldp": "ldr", "stp": "str"}),
    pair_bits=32,
    encodings=MappingProxyType(
        {
            (0xFFE0FC00, wide | 0x1AC06000 | number << 10): (
                f"{name} {letter}{{0}}, {letter}{{5}}, {letter}{{16}}"
            )
            for wide, letter in ((0, "w"), (1 << 31, "x"))
            for number, name in enumerate(("smax", "umax", "smin", "umin"))
        }
    ),
    tools="aarch64-linux-gnu",
    emulator=("qemu-aarch64", "-cpu", "max"),
    packages=("gcc-aarch64-linux-gnu", "qemu-user"),
)
"""The processor family of the sets called aarch64….

Of v8 to v15 a function must give back the lower halves.
"""

AARCH64_APPLE = replace(AARCH64_MACHINE, red_zone=128, saved=(*AARCH64_MACHINE.saved, "x18"))
AARCH64_WINDOWS = replace(AARCH64_MACHINE, saved=AARCH64_APPLE.saved)
"""The same by the calling conventions of Apple and of Windows, which keep x18 for themselves.

Sources: Apple, Writing ARM64 Code for Apple Platforms; Microsoft, Overview of ARM64 ABI
Conventions.
"""

_LESS, _EQUAL, _GREATER = Order.LESS, Order.EQUAL, Order.GREATER
_SIGNED, _UNSIGNED = Signedness.SIGNED, Signedness.UNSIGNED
_REGISTER, _MEMORY = Place.REGISTER, Place.MEMORY

_CONDITIONS = (
    Condition("lt", _LESS, _SIGNED),
    Condition("gt", _GREATER, _SIGNED),
    Condition("le", _LESS | _EQUAL, _SIGNED),
    Condition("ge", _GREATER | _EQUAL, _SIGNED),
    Condition("eq", _EQUAL),
    Condition("ne", _LESS | _GREATER),
    Condition("lo", _LESS, _UNSIGNED),
    Condition("hi", _GREATER, _UNSIGNED),
    Condition("ls", _LESS | _EQUAL, _UNSIGNED),
    Condition("hs", _GREATER | _EQUAL, _UNSIGNED),
)


def _select(condition: Condition) -> Form:
    return Form(
        mnemonic="csel" + condition.name,
        action=Action.SELECT,
        operands=(_REGISTER,) * 3,
        target=0,
        arguments=(1, 2),
        condition=condition,
        signedness=condition.signedness,
        text=f"csel {{0}}, {{1}}, {{2}}, {condition.name}",
    )


def _extremum(mnemonic: str, action: Action, signedness: Signedness) -> Form:
    return Form(mnemonic, action, (_REGISTER,) * 3, 0, (1, 2), None, signedness)


_MOVES = (
    Form("mov", Action.COPY, (_REGISTER, _REGISTER), 0, (1,)),
    Form("ldr", Action.COPY, (_REGISTER, _MEMORY), 0, (1,)),
    Form("str", Action.COPY, (_MEMORY, _REGISTER), 0, (1,), text="str {1}, {0}"),
)
_COMPARING = (
    *_MOVES,
    Form("cmp", Action.COMPARE, (_REGISTER, _REGISTER), None, (0, 1)),
    *map(_select, _CONDITIONS),
)
_SCALAR_EXTREMA = (
    *_MOVES,
    _extremum("smin", Action.MINIMUM, _SIGNED),
    _extremum("smax", Action.MAXIMUM, _SIGNED),
    _extremum("umin", Action.MINIMUM, _UNSIGNED),
    _extremum("umax", Action.MAXIMUM, _UNSIGNED),
)

_HANDED_OUT = (*(f"w{i}" for i in range(18)), *(f"w{i}" for i in range(19, 29)))
_PARTS = {32: "w", 64: "x"}
_LOADS = {8: "ldrsb", 16: "ldrsh", 32: "ldr", 64: "ldr"}
_STORES = {8: "strb", 16: "strh", 32: "str", 64: "str"}

_ASSEMBLY = Assembly(
    constraint="r",
    register_class="reg",
    most_registers=26,
    loads=MappingProxyType(_LOADS),
    stores=MappingProxyType(_STORES),
    modifiers=MappingProxyType({"c": _PARTS, "llvm": _PARTS, "rust": _PARTS}),
)

AARCH64 = Isa(
    "aarch64",
    MappingProxyType({form.mnemonic: form for form in _COMPARING}),
    registers=_HANDED_OUT,
    place=_REGISTER,
    key_bits=(32, 64),
    machine=AARCH64_MACHINE,
    summary=f"mov, cmp, csel on one of {' '.join(c.name for c in _CONDITIONS)}, ldr and str",
    conditions=MappingProxyType(
        {_SIGNED: ("lt", "gt", "le", "ge"), _UNSIGNED: ("lo", "hi", "ls", "hs")}
    ),
    spellings=MappingProxyType({"cselcc": "csello", "cselcs": "cselhs"}),
    assembly=_ASSEMBLY,
)
"""mov, cmp and csel on general-purpose registers; loads and stores stand apart.

Some platforms keep w18 for themselves, so it is read but never handed out.  The conditions left out
(`mi`, `vs` and the like) are no outcomes of comparing keys.
"""

AARCH64_CSSC = Isa(
    "aarch64-cssc",
    MappingProxyType({form.mnemonic: form for form in _SCALAR_EXTREMA}),
    registers=_HANDED_OUT,
    place=_REGISTER,
    key_bits=(32, 64),
    machine=AARCH64_MACHINE,
    summary="smin, smax, umin, umax of registers, mov, ldr and str",
    feature="cssc",
    assembly=replace(
        _ASSEMBLY,
        prologue=".arch_extension cssc",
        flags=("-march=armv8.7-a+cssc",),
        macro="defined(__ARM_FEATURE_CSSC)",
    ),
)
"""Minima and maxima of general-purpose registers: FEAT_CSSC, optional from Armv8.7 on."""
