"""Assembly text and objects of AArch64 and RISC-V, as GNU's cross compilers make them."""

import shutil
import subprocess

import pytest

from sortopt import objects
from sortopt.base.errors import InputError
from sortopt.emit import emit
from sortopt.model.verdict import Proved, Refuted
from sortopt.native import AssemblyError, cross_assemble
from sortopt.networks import best, lower
from sortopt.targets import ISAS, MACHINES
from sortopt.verify import verify

C = """
#define ORDER(x, y) t = x < y ? x : y; y = x < y ? y : x; x = t;
void sort3(KEY *p) {
    KEY a = p[0], b = p[1], c = p[2], t;
    ORDER(b, c) ORDER(a, c) FIRST
    p[0] = a; p[1] = b; p[2] = c;
}
"""
FLAGS = {"AArch64": [], "RISC-V": ["-march=rv64gc_zbb", "-mabi=lp64d"]}


@pytest.fixture(params=[m for m in MACHINES.values() if m.tools], ids=lambda machine: machine.name)
def machine(request):
    """A machine whose cross compiler is installed."""
    if shutil.which(f"{request.param.tools}-gcc") is None:
        pytest.skip(f"install {request.param.packages[0]} to compile for {request.param.name}")
    return request.param


def compiled(machine, folder, form, key, order):
    """Return what gcc makes of a function whose last step is `order`."""
    source, made = folder / "sort3.c", folder / f"sort3{form}"
    source.write_text(C.replace("KEY", key).replace("FIRST", order))
    command = [f"{machine.tools}-gcc", *FLAGS[machine.name], "-O2", "-c" if form == ".o" else "-S"]
    subprocess.run([*command, source, "-o", made], check=True)
    return made


@pytest.mark.parametrize("form", [".o", ".s"])
@pytest.mark.parametrize(
    ("key", "name"), [("int", "signed"), ("long", "signed"), ("unsigned long", "unsigned")]
)
def test_what_gcc_makes_of_ternaries_is_read_and_judged(machine, tmp_path, form, key, name):
    file = objects.read(compiled(machine, tmp_path, form, key, "ORDER(a, b)"))
    assert (file.kernel.isa.machine, file.kernel.n) == (machine, 3)
    assert file.kernel.signedness.value == name
    assert verify(file.kernel).verdict == Proved()
    half = objects.read(compiled(machine, tmp_path, form, key, ""))
    assert isinstance(verify(half.kernel).verdict, Refuted)


def test_what_clang_writes_for_macos_on_aarch64_is_read():
    machine = MACHINES["AArch64"]
    if shutil.which(f"{machine.tools}-as") is None:
        pytest.skip("needs an assembler for AArch64")
    text = (
        "\t.section\t__TEXT,__text,regular,pure_instructions\n\t.build_version macos, 14, 0\n"
        "\t.globl\t_order  ; -- Begin function order\n\t.p2align\t2\n_order:  ; @order\n; %bb.0:\n"
        "\tldp\tw8, w9, [x0]\n\tcmp\tw8, w9\n\tcsel\tw18, w8, w9, lt\n"
        "\tcsel\tw8, w8, w9, gt\n\tstp\tw18, w8, [x0]\n\tret\n.subsections_via_symbols\n"
    )
    file = objects.read("x.s", text=text.replace("18", "10"))
    assert verify(file.kernel).verdict == Proved()
    assert not file.breaches
    assert "x18" in objects.read("x.s", text=text).breaches[0].message
    hidden = text.replace("18", "10").replace("\tcsel\tw8", "; \tcsel\tw8")
    assert isinstance(verify(objects.read("x.s", text=hidden).kernel).verdict, Refuted)


def test_a_fault_in_assembled_text_has_its_line(machine, tmp_path):
    path = tmp_path / "x.s"
    path.write_text(".text\nf:\n add x10, x10, x11\n ret\n")
    with pytest.raises(InputError, match="add is arithmetic") as raised:
        objects.read(path, dialect=[*machine.syntaxes][-1])
    assert raised.value.span.line == 3


def test_a_text_that_is_no_assembly_has_the_assemblers_message(machine):
    with pytest.raises(AssemblyError, match="the assembler says: ") as raised:
        cross_assemble(".text\nnonsense x1\n", machine)
    assert raised.value.line == 2


def test_without_the_assembler_it_is_said_what_to_install(machine, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InputError, match=f"needs {machine.tools}-as") as raised:
        cross_assemble("ret\n", machine)
    assert f"apt install {machine.packages[0]}" in raised.value.hint


@pytest.mark.parametrize("isa", ["aarch64", "aarch64-cssc", "aarch64-minmax", "riscv"])
@pytest.mark.parametrize(("target", "suffix"), [("c", ".h"), ("llvm", ".ll")])
def test_what_is_read_for_x86_alone_says_whose_it_is_and_the_way_out(isa, target, suffix):
    kernel = lower(best(2), ISAS[isa])
    with pytest.raises(InputError) as caught:
        objects.read(f"sort2{suffix}", text=emit(kernel, target))
    machine = kernel.isa.machine
    named = machine.name if target == "c" else machine.architecture
    assert f"for {named}" in caught.value.message
    assert "object file" in caught.value.hint


FRAMED = {
    "AArch64": [
        "stp x29, x30, [sp, #-48]!", "mov x29, sp", "stp x19, x20, [sp, #16]", "add x20, x0, #4",
        "ldur w19, [x20, #-4]", "ldr w2, [x20]", "cmp w19, w2", "csel w3, w19, w2, le",
        "csel w4, w19, w2, ge", "str w3, [sp, #40]", "mov w3, #0", "ldr w3, [x29, #40]",
        "stp w3, w4, [x0]", "ldp x19, x20, [sp, #16]", "ldp x29, x30, [sp], #48", "ret",
    ],
    "RISC-V": [
        ".option arch, +zbb", "addi sp, sp, -32", "sd ra, 24(sp)", "sd s0, 16(sp)",
        "addi s0, a0, 8", "lw a4, -8(s0)", "lw a5, -4(s0)", "min a3, a4, a5", "max a5, a4, a5",
        "sd a3, 8(sp)", "li a3, 0", "ld a3, 8(sp)", "sw a3, -8(s0)", "sw a5, -4(s0)", "li ra, 0",
        "ld ra, 24(sp)", "ld s0, 16(sp)", "addi sp, sp, 32", "ret",
    ],
}  # fmt: skip


def judged(machine, lines):
    text = "\n".join([".text", "f:", *lines, ""])
    file = objects.read("x.s", text=text, dialect=[*machine.syntaxes][-1])
    return verify(file.kernel).held_against(file.breaches).verdict.name


def test_a_frame_around_a_kernel_is_taken_off(machine):
    assert judged(machine, FRAMED[machine.name]) == "proved"


def test_a_frame_that_is_not_put_back_is_never_proved(machine):
    lines, unsafe, told = FRAMED[machine.name], 0, []
    for at in range(1, len(lines)):
        if not lines[at].startswith(("ldp x", "ld s", "ld r", "addi sp", "ret")):
            continue
        try:
            unsafe += judged(machine, lines[:at] + lines[at + 1 :]) == "unsafe"
        except InputError as error:
            told.append(error.message)
    assert unsafe == 1
    assert len(told) == (2 if machine.name == "AArch64" else 4), told


def test_half_of_a_key_kept_on_the_stack_is_refused(machine):
    lines = [
        line.replace("str w3, [sp, #40]", "str x3, [sp, #36]") for line in FRAMED[machine.name]
    ]
    lines = [line.replace("sd a3, 8(sp)", "sw a3, 12(sp)") for line in lines]
    with pytest.raises(InputError, match=r"no key that is known|this takes 32 of the 64 bits"):
        judged(machine, lines)
