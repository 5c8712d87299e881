"""A call of a function of the same file is followed into it, and back to where it came from."""

import shutil

import pytest

from sortopt import objects
from sortopt.base.errors import InputError
from sortopt.objects import Branches
from sortopt.targets import MACHINES
from sortopt.verify import verify_branching

SWAP = (
    "mov eax, [rdi]; mov ecx, [rdi+4]; cmp eax, ecx; jle 1f; mov [rdi], ecx; mov [rdi+4], eax; "
    "1: ret"
)
EXCHANGE = "mov eax, [rdi]; mov ecx, [rdi+4]; mov [rdi], ecx; mov [rdi+4], eax; ret"
LEAST = "mov rax, rdi; mov ecx, [rsi]; cmp ecx, [rdi]; cmovl rax, rsi; ret"
REFERRING = (
    "push rbx; sub rsp, 16; mov rbx, rdi; mov eax, [rdi]; mov [rsp+8], eax; mov eax, [rdi+4]; "
    "mov [rsp+12], eax; lea rdi, [rsp+8]; lea rsi, [rsp+12]; call g; mov eax, [rax]; "
    "mov [rbx], eax; call h; mov eax, [rax]; mov [rbx+4], eax; add rsp, 16; pop rbx; ret"
)
MOST = LEAST.replace("cmovl", "cmovg")
X86 = {
    "call": ("call g; ret", SWAP),
    "a call with a saved register": ("push rbx; mov rbx, rdi; call g; pop rbx; ret", SWAP),
    "a call with the buffer moved": ("sub rdi, 4; call g; ret", SWAP.replace("rdi", "rdi+4")),
    "two calls": ("call g; call g; ret", SWAP),
    "a jump to it": ("jmp g", SWAP),
    "a jump to it on a condition": ("mov eax, [rdi]; cmp [rdi+4], eax; jl g; ret", EXCHANGE),
    "a call within a call": ("call g; ret", "call h; ret", SWAP),
    "a jump within a call": ("call g; ret", "jmp h", SWAP),
    "pointers to the stack": (REFERRING, LEAST, MOST),
    "a return address that is restored": ("call g; ret", f"pop rdx; push rdx; {SWAP}"),
    "recursion that ends": (
        "mov edx, 3; jmp g", "sub edx, 1; js 2f; call g; 2: " + SWAP
    ),
}  # fmt: skip


def text(*functions):
    lines = [".intel_syntax noprefix"]
    for name, code in zip("fgh", functions, strict=False):
        lines += [f".globl {name}", f".type {name}, @function", f"{name}:", *code.split("; ")]
    return "\n".join([*lines, ""])


def read(written, dialect=None):
    with pytest.raises(InputError) as caught:
        objects.read("x.s", text=written, function="f", dialect=dialect)
    return caught.value


def verdict(written, dialect=None):
    """Return the verdict on a function, or the message with which it is refused."""
    found = read(written, dialect)
    if not isinstance(found, Branches):
        return found.render()
    return verify_branching(found.branching).verdict.name


@pytest.mark.parametrize("name", X86)
def test_a_function_that_sorts_by_calls_is_proved(name):
    assert verdict(text(*X86[name])) == "proved"


def test_functions_may_be_local_and_in_other_sections():
    for line in (".local g", '.section .text.g, "ax"', ".weak g"):
        written = text("call g; ret", SWAP).replace(".globl g", line)
        found = read(written)
        assert found.file.notes[0] == "calls g, as this file defines it"
        assert verify_branching(found.branching).verdict.name == "proved"


@pytest.mark.parametrize(
    "functions",
    [
        ("call g; ret", EXCHANGE),
        ("call g; call h; ret", SWAP, EXCHANGE),
        ("mov eax, [rdi]; cmp [rdi+4], eax; jg g; ret", EXCHANGE),
        (REFERRING, LEAST, LEAST),
    ],
)
def test_a_wrong_one_is_refuted(functions):
    assert verdict(text(*functions)) == "refuted"


@pytest.mark.parametrize(
    ("functions", "message"),
    [
        (("call k; ret",), "this calls k, which is not followed"),
        (("call rax; ret",), "this calls a place that is not known"),
        (("call [rdi]; ret",), "this calls a place that is not known"),
        (("call [rip+g]; ret", SWAP), "this calls g, which is not followed"),
        (("call g+1; ret", SWAP), "this calls a place that is not known"),
        (("syscall; ret",), "syscall"),
        (("call g; ret", "call g; ret"), "more than 16 calls within one another"),
        (("call g; ret", "add rsp, 8; ret"), "this addresses the stack of the caller"),
        (("call g; ret", "push rdi; ret"), "this returns to another place"),
        (("call g; ret", "mov rax, [rsp]; add rax, 1; mov [rsp], rax; ret"),
         "this returns to another place"),
        # the address is of this file, but that of another call
        (("call g; call h; ret", "mov rbx, [rsp]; ret", "mov [rsp], rbx; ret"),
         "this returns to another place"),
        (("call g; ret", f"mov rdx, [rsp]; mov edx, [rdx]; {SWAP}"), "rdx holds no address"),
        (("call g; ret", f"mov edx, [rsp]; {SWAP.replace('rdi', 'rdx')}"), "rdx holds no address"),
        (("call g; ret", "mov eax, [rdi]; push rax"), "runs on into"),
        (("sub rsp, 8; call g; ret", SWAP), "the stack pointer is not what it was on entry"),
        # the call overwrites what was kept below the stack pointer
        (("mov eax, [rdi]; mov [rsp-4], eax; call g; mov eax, [rsp-4]; mov [rdi], eax; ret", "ret"),
         "no key that is known"),
    ],
)  # fmt: skip
def test_what_does_not_come_back_or_is_not_in_the_file_is_refused(functions, message):
    assert message in verdict(text(*functions))


def test_a_function_that_is_chosen_when_a_program_starts_is_not_followed():
    written = text("call g; ret", SWAP).replace(
        ".type g, @function", ".type g, @gnu_indirect_function"
    )
    assert "this calls g, which is not followed" in verdict(written)


OTHERS = {
    "AArch64": (
        "ldp w1, w2, [x0]; cmp w1, w2; b.le 1f; stp w2, w1, [x0]; 1: ret",
        "stp x29, x30, [sp, #-16]!; {}; ldp x29, x30, [sp], #16; ret",
        "bl g", "b g", "mov x30, x0; ret",
    ),
    "RISC-V": (
        "lw a1, 0(a0); lw a2, 4(a0); ble a1, a2, 1f; sw a2, 0(a0); sw a1, 4(a0); 1: ret",
        "addi sp, sp, -16; sd ra, 8(sp); {}; ld ra, 8(sp); addi sp, sp, 16; ret",
        "call g", "tail g", "mv ra, a0; ret",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_calls_of_other_machines_are_followed_through_the_register_that_links_back(name):
    machine = MACHINES[name]
    if shutil.which(f"{machine.tools}-as") is None:
        pytest.skip("the assembler is not here")
    swap, around, call, jump, lost = OTHERS[name]

    def said(*functions, sections=False):
        written = text(*functions).removeprefix(".intel_syntax noprefix")
        written = written.replace(".globl g", '.section .text.g, "ax"' if sections else ".globl g")
        return verdict(written, [*machine.syntaxes][-1])

    assert said(around.format(call), swap) == "proved"
    assert said(around.format(call), swap, sections=True) == "proved"
    assert said(around.format(f"{call}; {call}"), swap) == "proved"
    assert said(jump, swap) == "proved"
    assert said(jump, swap, sections=True) == "proved"
    assert said(around.format(call), swap.replace("le ", "ge ")) == "refuted"
    assert "this returns to another place" in said(around.format(call), lost)
    assert "returns to another place than it was called from" in said(f"{call}; ret", swap)
    assert "this calls g, which is not followed" in said(around.format(call))


def test_a_far_jump_of_risc_v_overwrites_the_register_that_it_goes_through():
    machine = MACHINES["RISC-V"]
    if shutil.which(f"{machine.tools}-as") is None:
        pytest.skip("the assembler is not here")
    swap = "lw a1, 0(t1); lw a2, 4(t1); ble a1, a2, 1f; sw a2, 0(t1); sw a1, 4(t1); 1: ret"
    written = text("mv t1, a0; {} g", swap).removeprefix(".intel_syntax noprefix")
    assert verdict(written.format("j"), "riscv") == "proved"
    assert "t1 holds no address" in verdict(written.format("tail"), "riscv")
