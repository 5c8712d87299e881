"""RISC-V of 64 bits: its registers, calling convention and assembly; minima and maxima of Zbb.

Sources: The RISC-V Instruction Set Manual, volume I, chapters RV32I, RV64I (LW, LD, SW, SD), C and
B (Zba: SHnADD; Zbb: ANDN, ORN, XNOR, MIN, MINU, MAX, MAXU); RISC-V ABIs Specification, chapter
"Register Convention"; RISC-V Assembly Programmer's Manual (mv, ret).
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

_NAMES = (
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", *(f"a{i}" for i in range(8)),
    *(f"s{i}" for i in range(2, 12)), *(f"t{i}" for i in range(3, 7)),
)  # fmt: skip
"""What the calling convention calls x0 to x31."""

FLOAT_NAMES = (
    *(f"ft{i}" for i in range(8)), "fs0", "fs1", *(f"fa{i}" for i in range(8)),
    *(f"fs{i}" for i in range(2, 12)), *(f"ft{i}" for i in range(8, 12)),
)  # fmt: skip
"""What it calls f0 to f31."""

_OBSTACLES = {
    "zero": "is always zero, which is no key",
    "ra": "holds the return address, so it cannot hold a key",
    "sp": "is the stack pointer, which cannot hold a key",
    "gp": "belongs to the program, so it cannot hold a key",
    "tp": "belongs to the thread, so it cannot hold a key",
}


def _registers() -> Iterator[Register]:
    for number, name in enumerate(_NAMES):
        for spelled in (name, f"x{number}", *(["fp"] if name == "s0" else [])):
            yield Register(spelled, name, 64, Place.REGISTER, _OBSTACLES.get(name))
    for number, name in enumerate(FLOAT_NAMES):
        for spelled in (name, f"f{number}"):
            yield Register(spelled, name, 64, Place.VECTOR)
        yield Register(f"{name}.s", f"{name}.s", 64, Place.VECTOR)


_SYNTAX = Syntax(
    prologue="",
    register="{}",
    memory="{offset}({base})",
    load="{op} {register}, {memory}",
    store="{op} {register}, {memory}",
    save=(
        "addi sp, sp, -16", ".cfi_adjust_cfa_offset 16", "sd {}, 0(sp)", ".cfi_rel_offset {}, 0",
    ),
    restore=(
        "ld {}, 0(sp)", ".cfi_restore {}", "addi sp, sp, 16", ".cfi_adjust_cfa_offset -16",
    ),
    at_base="0({base})",
)  # fmt: skip

_OUTSIDE = (
    (r"(c\.)?(j|jr|jal|jalr|b\w+|tail)", "is a jump"),
    (r"call|ecall|ebreak|c\.ebreak|[msu]ret", "leaves the kernel"),
    (r"(c\.)?(add|sub|neg|mul|div|rem|abs)\w*|(c\.)?(li|lui)|auipc|la|lla", "is arithmetic"),
    (r"slti?u?|s(eq|ne|lt|gt)z|sgtu?|czero\.\w+", "makes another value than a key"),
    (r"(c\.)?(and|or|xor|not|sll|srl|sra)\w*|andn|orn|xnor|ro[lr]\w*|c[lt]zw?|cpopw?|rev8|[sz]ext\.\w",
     "works on bits"),
    (r"lwu", "does not extend keys as lw does"),
    (r"l[bh]u?|s[bh]|lr\.\w+|sc\.\w+|amo\w+|c\.(lw|ld|sw|sd)sp|f[ls][wd]",
     "accesses memory in another way than lw, ld, sw and sd"),
    (r"f\w+\.[sdhq](\.\w+)?", "is a floating-point instruction"),
    (r"v\w+\.\w+(\.\w+)?|vset\w+", "is a vector instruction, and those are not read"),
    (r"fence(\.\w+)?|csr\w+|pause|wfi", "is no move or comparison"),
)  # fmt: skip

RISCV_MACHINE = Machine(
    name="RISC-V",
    architecture="riscv64",
    aliases=("riscv64",),
    macro="defined(__riscv) && __riscv_xlen == 64",
    elf="EM_RISCV",
    cpu="sifive-p550",
    link="ra",
    zero="zero",
    registers=MappingProxyType({register.name: register for register in _registers()}),
    arguments=("a0", "a1"),
    saved=(*(f"s{i}" for i in range(12)), *(f"fs{i}" for i in range(12))),
    syntaxes=MappingProxyType({"riscv": _SYNTAX}),
    unsuited=((r"v([12]?\d|3[01])|pc", "cannot hold a key here"),),
    outside=_OUTSIDE,
    returns=("ret", "c.jr ra", "jr ra", "jalr zero, 0(ra)"),
    idle=("nop", "c.nop"),
    far=MappingProxyType(
        {
            ("auipc ra, 0", "jalr ra"): "call",
            ("auipc t1, 0", "jr t1"): "tail",
            ("auipc t1, 0", "c.jr t1"): "tail",
        }
    ),
    encodings=MappingProxyType(
        {
            (0xFE00707F, 0x0A004033): "min x{7}, x{15}, x{20}",
            (0xFE00707F, 0x0A005033): "minu x{7}, x{15}, x{20}",
            (0xFE00707F, 0x0A006033): "max x{7}, x{15}, x{20}",
            (0xFE00707F, 0x0A007033): "maxu x{7}, x{15}, x{20}",
            (0xFE00707F, 0x40007033): "andn x{7}, x{15}, x{20}",
            (0xFE00707F, 0x40006033): "orn x{7}, x{15}, x{20}",
            (0xFE00707F, 0x40004033): "xnor x{7}, x{15}, x{20}",
            (0xFE00707F, 0x20002033): "sh1add x{7}, x{15}, x{20}",
            (0xFE00707F, 0x20004033): "sh2add x{7}, x{15}, x{20}",
            (0xFE00707F, 0x20006033): "sh3add x{7}, x{15}, x{20}",
        }
    ),
    tools="riscv64-linux-gnu",
    emulator=("qemu-riscv64",),
    packages=("gcc-riscv64-linux-gnu", "qemu-user"),
)
"""The processor family of `riscv`."""

_REGISTER, _MEMORY = Place.REGISTER, Place.MEMORY


def _moves() -> Iterator[Form]:
    yield Form("mv", Action.COPY, (_REGISTER, _REGISTER), 0, (1,))
    for letter, bits in (("w", 32), ("d", 64)):
        yield Form(f"l{letter}", Action.COPY, (_REGISTER, _MEMORY), 0, (1,), bits=bits)
        store, text = f"s{letter}", f"s{letter} {{1}}, {{0}}"
        yield Form(store, Action.COPY, (_MEMORY, _REGISTER), 0, (1,), bits=bits, text=text)


def _extremum(mnemonic: str, action: Action, signedness: Signedness) -> Form:
    return Form(mnemonic, action, (_REGISTER,) * 3, 0, (1, 2), None, signedness)


_FORMS = (
    *_moves(),
    _extremum("min", Action.MINIMUM, Signedness.SIGNED),
    _extremum("max", Action.MAXIMUM, Signedness.SIGNED),
    _extremum("minu", Action.MINIMUM, Signedness.UNSIGNED),
    _extremum("maxu", Action.MAXIMUM, Signedness.UNSIGNED),
)

RISCV = Isa(
    "riscv",
    MappingProxyType({form.mnemonic: form for form in _FORMS}),
    registers=(
        *(f"a{i}" for i in range(8)), *(f"t{i}" for i in range(7)), *(f"s{i}" for i in range(12)),
    ),
    place=_REGISTER,
    key_bits=(64,),
    machine=RISCV_MACHINE,
    summary="mv, min, max, minu, maxu, lw, ld, sw and sd",
    feature="zbb",
    spellings=MappingProxyType({f"c.{word}": word for word in ("mv", "lw", "ld", "sw", "sd")}),
    assembly=Assembly(
        constraint="r",
        register_class="reg",
        most_registers=25,
        loads=MappingProxyType({8: "lb", 16: "lh", 32: "lw", 64: "ld"}),
        stores=MappingProxyType({8: "sb", 16: "sh", 32: "sw", 64: "sd"}),
        prologue=".option arch, +zbb",
        flags=("-march=rv64gc_zbb", "-mabi=lp64d"),
        macro="defined(__riscv_zbb)",
    ),
)  # fmt: skip
"""Minima and maxima of three operands.

They read all 64 bits of a register, so narrower keys must be extended; lw and its like do so with
the sign, which keeps the order of unsigned keys as well as of signed ones.  The calling convention
extends arguments of 32 bits in the same way, and others as their type wants, which does too.
"""

RISCV_COMPARING = replace(
    RISCV,
    forms=MappingProxyType(
        {**RISCV.forms, "compare": Form("compare", Action.COMPARE, (_REGISTER,) * 2, None, (0, 1))}
    ),
)
"""The same with the comparison that a conditional jump makes, for code that is read.

No instruction does that alone, so no kernel is made of this set.
"""

_LESS, _EQUAL, _GREATER = Order.LESS, Order.EQUAL, Order.GREATER
RISCV_CONDITIONS = MappingProxyType(
    {
        "beq": Condition("eq", _EQUAL),
        "bne": Condition("ne", _LESS | _GREATER),
        "blt": Condition("lt", _LESS, Signedness.SIGNED),
        "bge": Condition("ge", _GREATER | _EQUAL, Signedness.SIGNED),
        "bltu": Condition("ltu", _LESS, Signedness.UNSIGNED),
        "bgeu": Condition("geu", _GREATER | _EQUAL, Signedness.UNSIGNED),
    }
)
"""When the jumps of RISC-V are taken."""
