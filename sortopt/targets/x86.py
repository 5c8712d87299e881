"""x86-64: its registers, the System V calling convention, and how its assembly is written.

Sources: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, section 3.4;
registers r16 to r31: Intel Advanced Performance Extensions Architecture Specification; System V
Application Binary Interface, AMD64, section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from sortopt.model import Extension, Machine, Place, Register, Syntax
from sortopt.targets.x86_outside import BROADLY_OUTSIDE, OUTSIDE, UNSUITED


def _parts(
    family: str, *names: tuple[int, str], obstacle: str = "", extended: bool = False
) -> Iterator[Register]:
    for width, name in names:
        narrow = f"is {width} bits wide; keys are held in 32- or 64-bit registers"
        why = obstacle or (None if width in (32, 64) else narrow)
        yield Register(name, family, width, Place.REGISTER, why, extended)


def _registers() -> Iterator[Register]:
    for letter in "abcd":
        wide = (64, f"r{letter}x"), (32, f"e{letter}x"), (16, f"{letter}x")
        yield from _parts(letter, *wide, (8, f"{letter}l"), (8, f"{letter}h"))
    stack = "is the stack pointer, which cannot hold a key"
    for stem in ("si", "di", "bp", "sp"):
        names = (64, f"r{stem}"), (32, f"e{stem}"), (16, stem), (8, f"{stem}l")
        yield from _parts(stem, *names, obstacle=stack if stem == "sp" else "")
    for number in range(8, 32):
        stem = f"r{number}"
        wide = (64, stem), (32, f"{stem}d"), (16, f"{stem}w")
        yield from _parts(stem, *wide, (8, f"{stem}b"), (8, f"{stem}l"), extended=number >= 16)
    for number in range(32):
        name, feature = f"xmm{number}", None if number < 16 else "avx512vl"
        yield Register(name, name, 128, Place.VECTOR, feature=feature)


_INTEL = Syntax(
    prologue=".intel_syntax noprefix",
    register="{}",
    memory="{size} ptr [{base}+{offset}]",
    load="{op} {register}, {memory}",
    store="{op} {memory}, {register}",
    save=("push {}", ".cfi_adjust_cfa_offset 8", ".cfi_rel_offset {}, 0"),
    restore=("pop {}", ".cfi_adjust_cfa_offset -8", ".cfi_restore {}"),
    sizes=MappingProxyType({32: "dword", 64: "qword"}),
)
_ATT = Syntax(
    prologue=".att_syntax prefix",
    register="%{}",
    memory="{offset}({base})",
    load="{op} {memory}, {register}",
    store="{op} {register}, {memory}",
    save=("push %{}", ".cfi_adjust_cfa_offset 8", ".cfi_rel_offset {}, 0"),
    restore=("pop %{}", ".cfi_adjust_cfa_offset -8", ".cfi_restore {}"),
    source_first=True,
)

_GENERAL = (
    "di", "si", "d", "c", "a", "r8", "r9", "r10", "r11", "b", "bp", "r12", "r13", "r14", "r15",
)  # fmt: skip
"""General-purpose registers by family, those first that a caller hands arguments over in."""

X86 = Machine(
    name="x86-64",
    architecture="x86_64",
    aliases=("x86_64", "amd64", "x64"),
    macro="defined(__x86_64__)",
    elf="EM_X86_64",
    cpu="zen3",
    red_zone=128,
    registers=MappingProxyType({register.name: register for register in _registers()}),
    arguments=("rdi", "rsi"),
    saved=("b", "bp", "r12", "r13", "r14", "r15"),
    syntaxes=MappingProxyType({"att": _ATT, "intel": _INTEL}),
    clobbers=("flags", "dirflag", "fpsr"),
    extension=Extension("Intel APX", "registers r16 to r31", "GNU as 2.42 and LLVM 18 know them"),
    unsuited=UNSUITED,
    outside=OUTSIDE,
    broadly_outside=BROADLY_OUTSIDE,
    returns=("ret", "retq"),
    idle=("endbr64", "endbr32", "nop", "nopw", "nopl"),
    constraints=MappingProxyType(
        dict.fromkeys(("r", "q", "Q", "R", "l"), _GENERAL)
        | {"x": tuple(f"xmm{number}" for number in range(16))}
        | {"a": ("a",), "b": ("b",), "c": ("c",), "d": ("d",), "S": ("si",), "D": ("di",)}
    ),
    modifiers=MappingProxyType({"b": 8, "w": 16, "k": 32, "q": 64, "x": 128}),
)
"""The processor family of the sets called x86-…; "zen3", where every instruction takes one cycle
and moves take none, is like most of its processors since 2015."""

X86_WINDOWS = replace(
    X86,
    red_zone=0,
    saved_bytes=16,
    home=32,
    arguments=("rcx", "rdx"),
    saved=(*X86.saved, "si", "di", *(f"xmm{number}" for number in range(6, 16))),
)
"""The same by the calling convention of Windows (Microsoft, x64 calling convention)."""
