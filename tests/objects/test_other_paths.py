"""Functions of AArch64 and RISC-V that branch are followed as those of x86-64 are."""

import re
import shutil
import subprocess

import pytest

from sortopt import objects
from sortopt.base.errors import InputError
from sortopt.objects import Branches
from sortopt.targets import MACHINES
from sortopt.verify import verify, verify_branching

SOURCE = """
#define SWAP_IF(i, j) if (p[j] < p[i]) { KEY key = p[i]; p[i] = p[j]; p[j] = key; }
void sort3(KEY *p) { SWAP_IF(0, 1) SWAP_IF(1, 2) SWAP_IF(0, 1) }
void faulty3(KEY *p) { SWAP_IF(0, 1) SWAP_IF(1, 2) }
void insertion3(KEY *p) {
    for (int i = 1; i < 3; i++) {
        KEY key = p[i];
        int j = i - 1;
        for (; j >= 0 && p[j] > key; j--) p[j + 1] = p[j];
        p[j + 1] = key;
    }
}
void pointers3(KEY *p) {
    for (KEY *i = p + 1; i != p + 3; i++) {
        KEY key = *i, *j = i;
        for (; j > p && j[-1] > key; j--) *j = j[-1];
        *j = key;
    }
}
"""
EXPECTED = {"sort3": "proved", "faulty3": "refuted", "insertion3": "proved", "pointers3": "proved"}
FLAGS = {"AArch64": [], "RISC-V": ["-march=rv64gc", "-mabi=lp64d"]}
SWAP = {
    "AArch64": ["ldr w1, [x0]", "ldr w2, [x0, #4]", "cmp w1, w2", "b.le 1f", "str w2, [x0]",
                "str w1, [x0, #4]", "1: ret"],
    "RISC-V": ["lw a1, 0(a0)", "lw a2, 4(a0)", "ble a1, a2, 1f", "sw a2, 0(a0)", "sw a1, 4(a0)",
               "1: ret"],
}  # fmt: skip


@pytest.fixture(params=[m for m in MACHINES.values() if m.tools], ids=lambda machine: machine.name)
def machine(request):
    """A machine whose cross compiler is installed."""
    if shutil.which(f"{request.param.tools}-gcc") is None:
        pytest.skip(f"install {request.param.packages[0]} to compile for {request.param.name}")
    return request.param


def read(machine, lines, **options):
    text = "\n".join([".text", "f:", *lines, ""])
    with pytest.raises(InputError) as caught:
        objects.read("x.s", text=text, dialect=[*machine.syntaxes][-1], **options)
    return caught.value


def verdict(machine, changes, **options):
    """Return the verdict on a swap with some lines changed, or why it is refused."""
    lines = SWAP[machine.name]
    for was, now in changes:
        assert was in lines
        lines = [now if line == was else line for line in lines]
    found = read(machine, lines, **options)
    if not isinstance(found, Branches):
        return found.render()
    return verify_branching(found.branching).verdict.name


@pytest.mark.parametrize(
    ("key", "name", "width"), [("int", "signed", 32), ("unsigned long", "unsigned", 64)]
)
@pytest.mark.parametrize("level", ["0", "1", "2"])
def test_what_gcc_makes_of_swaps_and_loops_is_judged_rightly(
    machine, tmp_path, level, key, name, width
):
    source, made = tmp_path / "x.c", tmp_path / "x.o"
    source.write_text(SOURCE.replace("KEY", key))
    options = [*FLAGS[machine.name], f"-O{level}", "-c"]
    subprocess.run([f"{machine.tools}-gcc", *options, source, "-o", made], check=True)
    for function, expected in EXPECTED.items():
        with pytest.raises(Branches) as caught:
            objects.read(made, function=function)
        found = caught.value
        assert (found.file.width, found.branching.signs) == (width, {name})
        assert verify_branching(found.branching).verdict.name == expected, function


AARCH64 = [
    ([], "proved"),
    ([("b.le 1f", "b.lt 1f")], "proved"),
    ([("b.le 1f", "b.ls 1f")], "proved"),
    ([("b.le 1f", "b.ge 1f")], "refuted"),
    ([("b.le 1f", "b.eq 1f")], "refuted"),
    ([("str w2, [x0]", "str w1, [x0]")], "refuted"),
    ([("b.le 1f", "b.mi 1f")], "something else than the order of two keys"),
    ([("b.le 1f", "b.al 1f")], "a place that is not known"),
    ([("b.le 1f", "b.le g")], "this jumps to g"),
    ([("b.le 1f", "b.le 1f; bl g")], "this calls g, which is not followed"),
    ([("b.le 1f", "br x3")], "a place that is not known"),
    ([("cmp w1, w2", "cmp w1, #3")], "immediate"),
    ([("cmp w1, w2", "cmn w1, w2")], "cmn compares in another way"),
    ([("cmp w1, w2", "cmp w1, w2, lsl #2")], "cmp"),
    ([("b.le 1f", "cbz w1, 1f")], "cbz is a jump"),
    ([("b.le 1f", "tbnz w1, #31, 1f")], "tbnz is a jump"),
    # adding and testing for zero leave the flags alone, subs does not
    ([("b.le 1f", "mov w3, #1; add w3, w3, #1; cbz w3, 2f; 2: b.le 1f")], "proved"),
    ([("b.le 1f", "mov w3, #1; subs w3, w3, #1; b.le 1f")], "x.s"),
    ([("b.le 1f", "add x3, x0, #4; b.le 1f"), ("str w2, [x0]", "str w2, [x3, #-4]")], "proved"),
    ([("str w2, [x0]", "mov w3, #-1; add x4, x0, #4; str w2, [x4, w3, sxtw #2]")], "proved"),
    ([("str w2, [x0]", "mov w3, #-1; add x4, x0, #4; str w2, [x4, w3, uxtw #2]")], "x.s"),
    ([("str w2, [x0]", "mov x3, #2; sub x4, x0, x3, lsl #2; str w2, [x4]")], "sub is arithmetic"),
    ([("str w2, [x0]", "mov x3, #1; add x3, x0, x3, lsl #2; str w2, [x3, #-4]!")], "proved"),
    ([("str w2, [x0]", "str w2, [x0, w1, sxtw #2]")], "depends on an index register"),
    ([("b.le 1f", "mov w3, #1; tst w3, #1; b.lo 1f")], "flags that are not known here"),
    ([("b.le 1f", "mov w3, #1; cmn w3, #1; b.hi 1f; ret")], "x.s"),
    ([("str w2, [x0]", "str wzr, [x0]")], "no key that is known"),
]  # fmt: skip
RISCV = [
    ([], "proved"),
    ([("ble a1, a2, 1f", "blt a1, a2, 1f")], "proved"),
    ([("ble a1, a2, 1f", "bleu a1, a2, 1f")], "proved"),
    ([("ble a1, a2, 1f", "bge a1, a2, 1f")], "refuted"),
    ([("ble a1, a2, 1f", "beq a1, a2, 1f")], "refuted"),
    ([("sw a2, 0(a0)", "sw a1, 0(a0)")], "refuted"),
    ([("ble a1, a2, 1f", "blez a1, 1f")], "blez is a jump"),
    ([("ble a1, a2, 1f", "ble a1, zero, 1f")], "is a jump"),
    ([("ble a1, a2, 1f", "ble a1, a0, 1f")], "no key that is known"),
    ([("ble a1, a2, 1f", "jr a3")], "a place that is not known"),
    ([("ble a1, a2, 1f", "call g; ble a1, a2, 1f")], "this calls g, which is not followed"),
    ([("ble a1, a2, 1f", "j g")], "this jumps to g"),
    ([("lw a1, 0(a0)", "ld a1, 0(a0)")], "this takes"),
    ([("lw a1, 0(a0)", "lwu a1, 0(a0)")], "does not extend keys as lw does"),
    ([("ble a1, a2, 1f", "sext.w a1, a1; ble a1, a2, 1f")], "proved"),
    ([("ble a1, a2, 1f", "addiw a1, a1, 1; ble a1, a2, 1f")], "no key that is known"),
    ([("ble a1, a2, 1f", "sw a1, -4(sp); ble a1, a2, 1f")], "may be overwritten"),
    ([("ble a1, a2, 1f", "addi sp, sp, -16; sw a1, 8(sp); lw a1, 8(sp); addi sp, sp, 16; "
       "ble a1, a2, 1f")], "proved"),
    ([("ble a1, a2, 1f", "addi sp, sp, -16; sw a1, 8(sp); ld a1, 8(sp); addi sp, sp, 16; "
       "ble a1, a2, 1f")], "no key that is known"),
    ([("sw a2, 0(a0)", "li a3, 1; slli a3, a3, 2; add a3, a3, a0; sw a2, -4(a3)")], "proved"),
    # 2**31 is negative once its sign is extended, and zero once shifted out
    ([("ble a1, a2, 1f", "li a3, 1; slliw a3, a3, 31; bltz a3, 2f; ret; 2: ble a1, a2, 1f")],
     "proved"),
    ([("ble a1, a2, 1f", "li a3, 1; slliw a3, a3, 31; slli a3, a3, 32; beqz a3, 2f; ret; 2: "
       "ble a1, a2, 1f")], "x.s"),
    ([("sw a2, 0(a0)", "sw zero, 0(a0)")], "no key that is known"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [("AArch64", *case) for case in AARCH64] + [("RISC-V", *case) for case in RISCV],
)
def test_a_swap_by_a_jump_is_judged_rightly_or_refused(name, changes, expected):
    machine = MACHINES[name]
    if shutil.which(f"{machine.tools}-as") is None:
        pytest.skip("the assembler is not here")
    changes = [(was, now.replace("; ", "\n")) for was, now in changes]
    found = verdict(machine, changes)
    if expected in ("proved", "refuted"):
        assert found == expected
    else:
        assert expected in found


def test_a_jump_is_named_as_written_and_has_a_way_out(machine):
    error = read(machine, SWAP[machine.name])
    assert re.fullmatch(r"(b.le|bge) is a jump, which is outside the model", error.message)
    assert "-O1" in error.hint


SAVES = ["f:", "stp d8, d9, [sp, #-16]!", "ldp q8, q9, [x0]", "smin v0.4s, v8.4s, v9.4s",
         "smax v1.4s, v8.4s, v9.4s", "stp q0, q1, [x0]", "ldp d8, d9, [sp], #16",
         "ret", ""]  # fmt: skip


@pytest.mark.skipif(shutil.which("aarch64-linux-gnu-as") is None, reason="needs its assembler")
@pytest.mark.parametrize(
    ("was", "now", "breaches"), [("", "", 0), ("ldp d8, d9, [", "ldp d9, d8, [", 2)]
)
def test_a_caller_finds_the_lower_halves_of_saved_vector_registers(was, now, breaches):
    """Procedure Call Standard for the Arm 64-bit Architecture, 6.1.2: the upper halves may go."""
    text = "\n".join(SAVES).replace(was, now)
    file = objects.read("x.s", text=text, dialect="aarch64")
    assert len(file.breaches) == breaches
    assert verify(file.kernel).proved
