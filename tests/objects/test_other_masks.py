"""Masks and indices that AArch64 and RISC-V make of comparisons are followed as those of x86-64."""

import shutil
from itertools import product

import pytest
from assembled import changed, verdict_on

from sortopt import objects
from sortopt.base.errors import InputError, Source
from sortopt.formats import Operand, Token
from sortopt.objects.mixtures import Mixture, Term
from sortopt.targets import MACHINES

LOAD = ["ldp w1, w2, [x0]", "cmp w2, w1"]
STORE = ["stp w1, w2, [x0]", "ret"]
MIX = ["eor w4, w1, w2", "and w4, w4, w3", "eor w1, w1, w4", "eor w2, w2, w4"]
BY_XOR = [*LOAD, "csetm w3, lt", *MIX, *STORE]
BY_INDEX = [*LOAD, "cset x3, lo", "ldr w1, [x0, x3, lsl #2]", "eor x3, x3, #1",
            "ldr w2, [x0, x3, lsl #2]", *STORE]  # fmt: skip
BY_SUM = [*LOAD, "cset w3, lt", "sub w4, w2, w1", "mul w4, w4, w3", "add w1, w1, w4",
          "sub w2, w2, w4", *STORE]  # fmt: skip
BY_BITS = [*LOAD, "csetm w3, lt", "bic w4, w1, w3", "and w5, w2, w3", "orr w4, w4, w5",
           "orn w5, w1, w3", "mvn w6, w3", "orn w6, w2, w6", "and w2, w5, w6", "mov w1, w4",
           *STORE]  # fmt: skip
BY_POINTER = [*LOAD, "add x3, x0, #4", "csel x4, x3, x0, lt", "csel x5, x0, x3, lt",
              "ldr w1, [x4]", "ldr w2, [x5]", "cset w6, lt", *STORE]  # fmt: skip
BY_CHANGES = [*LOAD, "mov w3, #0", "csinc w4, w3, wzr, ge", "cneg w4, w4, lt",
              "csinv w5, w4, wzr, lt", "cinv w5, w5, ge", "csneg w3, w5, w3, lt",
              "cinc w4, w4, gt", *MIX, *STORE]  # fmt: skip
BY_DIFFERENCE = ["ldp w1, w2, [x0]", "subs w4, w2, w1", "cset w3, lt", "mul w4, w4, w3",
                 "add w1, w1, w4", "sub w2, w2, w4", *STORE]  # fmt: skip
BY_FIELD = [*LOAD, "cset w3, lt", "sbfiz x4, x3, #2, #32", "ldr w1, [x0, x4]", "sub w3, w3, #1",
            "sbfiz x4, x3, #2, #32", "sub x4, x0, x4", "ldr w2, [x4]", *STORE]  # fmt: skip
AARCH64 = (BY_DIFFERENCE, BY_FIELD, BY_XOR, BY_INDEX, BY_SUM, BY_BITS, BY_POINTER, BY_CHANGES)

LOADS = ["lw a1, 0(a0)", "lw a2, 4(a0)"]
STORES = ["sw a1, 0(a0)", "sw a2, 4(a0)", "ret"]
XOR = ["xor a4, a1, a2", "and a4, a4, a3", "sext.w a4, a4", "xor a1, a1, a4", "xor a2, a2, a4"]
FROM_XOR = [*LOADS, "slt a3, a2, a1", "negw a3, a3", *XOR, *STORES]
FROM_SUM = [*LOADS, "sltu a3, a2, a1", "subw a4, a2, a1", "mulw a4, a4, a3", "addw a1, a1, a4",
            "subw a2, a2, a4", *STORES]  # fmt: skip
FROM_INDEX = [*LOADS, "slt a3, a2, a1", "slli a3, a3, 2", "add a4, a0, a3", "lw a1, 0(a4)",
              "sub a4, a0, a3", "lw a2, 4(a4)", *STORES]  # fmt: skip
FROM_NUMBERS = [*LOADS, "slt a3, a2, a1", "seqz a3, a3", "snez a3, a3", "sltiu a3, a3, 1",
                "sgtz a3, a3", "neg a3, a3", "sltz a3, a3", "xori a3, a3, 1", "slti a3, a3, 1",
                "neg a3, a3", *XOR, *STORES]  # fmt: skip
FROM_BITS = [*LOADS, "slt a3, a2, a1", "neg a3, a3", "andn a4, a1, a3", "and a5, a2, a3",
             "or a4, a4, a5", "not a5, a3", "xnor a5, a5, zero", "or a5, a5, a2", "orn a3, a1, a3",
             "and a2, a5, a3", "mv a1, a4", *STORES]  # fmt: skip
IN_SLOT = [*LOADS, "slt a3, a2, a1", "negw a3, a3", "xor a4, a1, a2", "addi sp, sp, -16",
           "sw a4, 8(sp)", "lw a4, 8(sp)", "addi sp, sp, 16", "and a4, a4, a3", "xor a1, a1, a4",
           "xor a2, a2, a4", *STORES]  # fmt: skip
SCALED = [*LOADS, "slt a3, a2, a1", "sh2add a4, a3, a0", "lw a1, 0(a4)", "xori a3, a3, 1",
          "sh2add a4, a3, a0", "lw a2, 0(a4)", *STORES]  # fmt: skip
RISCV = (FROM_XOR, FROM_SUM, FROM_INDEX, FROM_NUMBERS, FROM_BITS, IN_SLOT, SCALED)


def read(name, lines):
    """Return the error that reading a function ends with, Branches where it is followed."""
    machine = MACHINES[name]
    if shutil.which(f"{machine.tools}-as") is None:
        pytest.skip("the assembler is not here")
    extensions = [".option arch, +zba, +zbb"] * (name == "RISC-V")
    text = "\n".join([".text", *extensions, "f:", *lines, ""])
    with pytest.raises(InputError) as caught:
        objects.read("x.s", text=text, dialect=[*machine.syntaxes][-1])
    return caught.value


def verdict(name, lines):
    """Return the verdict on a function, or the message with which it is refused."""
    return verdict_on(read(name, lines))


@pytest.mark.parametrize(
    ("name", "lines"),
    [*(("AArch64", lines) for lines in AARCH64), *(("RISC-V", lines) for lines in RISCV)],
)
def test_a_swap_without_jumps_is_proved(name, lines):
    assert verdict(name, lines) == "proved"


@pytest.mark.parametrize(
    ("name", "lines", "was", "now"),
    [
        ("AArch64", BY_XOR, "csetm w3, lt", "csetm w3, ge"),
        ("AArch64", BY_XOR, "eor w2, w2, w4", "nop"),
        ("AArch64", BY_INDEX, "cset x3, lo", "cset x3, hi"),
        ("AArch64", BY_INDEX, "eor x3, x3, #1", "nop"),
        ("AArch64", BY_BITS, "bic w4, w1, w3", "bic w4, w2, w3"),
        ("AArch64", BY_BITS, "orn w5, w1, w3", "orn w5, w2, w3"),
        ("AArch64", BY_POINTER, "csel x5, x0, x3, lt", "csel x5, x3, x0, lt"),
        ("AArch64", BY_DIFFERENCE, "cset w3, lt", "cset w3, gt"),
        ("AArch64", BY_CHANGES, "csneg w3, w5, w3, lt", "csneg w3, w3, w5, lt"),
        ("AArch64", BY_CHANGES, "cinv w5, w5, ge", "cinv w5, w5, lt"),
        ("RISC-V", FROM_XOR, "slt a3, a2, a1", "slt a3, a1, a2"),
        ("RISC-V", FROM_INDEX, "sub a4, a0, a3", "mv a4, a0"),
        ("RISC-V", FROM_NUMBERS, "sltiu a3, a3, 1", "snez a3, a3"),
        ("RISC-V", FROM_NUMBERS, "sltz a3, a3", "sgtz a3, a3"),
        ("RISC-V", FROM_BITS, "andn a4, a1, a3", "andn a4, a2, a3"),
        ("RISC-V", SCALED, "xori a3, a3, 1", "nop"),
    ],
)
def test_a_wrong_one_is_refuted(name, lines, was, now):
    assert verdict(name, changed(lines, was, now)) == "refuted"


@pytest.mark.parametrize(
    ("name", "lines", "was", "now", "message"),
    [
        ("AArch64", BY_XOR, "csetm w3, lt", "cset w3, lt", "and works on bits"),
        ("AArch64", BY_XOR, "csetm w3, lt", "csetm w3, mi", "something else than the order"),
        ("AArch64", BY_XOR, "eor w2, w2, w4", "eor w2, w2, w3", "no key that is known"),
        ("AArch64", BY_XOR, "csetm w3, lt", "adds w3, w1, w2\ncsetm w3, lt", "adds is arithmetic"),
        ("AArch64", BY_XOR, "csetm w3, lt", "mov w5, #1\ntst w5, #1\ncsetm w3, lo",
         "flags that are not known here"),
        ("AArch64", BY_CHANGES, "mov w3, #0", "nop", "csneg makes another value"),
        ("AArch64", BY_FIELD, "sbfiz x4, x3, #2, #32", "ubfiz x4, x3, #2, #32", "x.s"),
        # keys are 32 bits: of 64 bits of them nothing is known
        ("AArch64", BY_XOR, "eor w4, w1, w2", "eor x4, x1, x2", "eor works on bits"),
        ("RISC-V", FROM_XOR, "slt a3, a2, a1", "slt a3, a2, zero", "sltz makes another value"),
        ("RISC-V", FROM_XOR, "slt a3, a2, a1", "slti a3, a2, 5", "slti makes another value"),
        ("RISC-V", FROM_XOR, "slt a3, a2, a1", "slt a3, a2, a0", "no key that is known"),
        ("RISC-V", FROM_XOR, "xor a2, a2, a4", "xor a2, a2, a3", "no key that is known"),
        # a sum of 64 bits is not the one of 32 bits, whose sign is extended
        ("RISC-V", FROM_SUM, "subw a4, a2, a1", "sub a4, a2, a1", "sub is arithmetic"),
        ("RISC-V", FROM_SUM, "addw a1, a1, a4", "add a1, a1, a4", "add is arithmetic"),
        ("RISC-V", IN_SLOT, "lw a4, 8(sp)", "ld a4, 8(sp)", "and works on bits"),
    ],
)  # fmt: skip
def test_what_is_no_mask_and_no_key_is_refused(name, lines, was, now, message):
    assert message in verdict(name, changed(lines, was, now))


@pytest.mark.parametrize(
    ("name", "lines", "sign"),
    [
        ("AArch64", BY_XOR, "signed"),
        ("AArch64", BY_INDEX, "unsigned"),
        ("RISC-V", FROM_XOR, "signed"),
        ("RISC-V", FROM_SUM, "unsigned"),
    ],
)
def test_keys_are_read_with_or_without_a_sign_as_the_condition_does(name, lines, sign):
    assert read(name, lines).branching.signs == {sign}


def test_a_mixture_widens_as_the_keys_in_it_do():
    """Over keys of three bits, extended to five."""
    bits, wide = 3, 5
    cell = Operand("", "", Token("", Source("", ""), 1, 1))

    def extended(value):
        return value + (1 << wide) - (1 << bits) if value >> (bits - 1) else value

    terms = tuple(Term(key, cell, 1) for key in "ab")
    for number, a, b in product(range(1 << wide), *[range(1 << bits)] * 2):
        mixture = Mixture(True, terms, number)
        value = extended(a) ^ extended(b) ^ number
        lower = mixture.narrowed(bits)
        assert a ^ b ^ lower.number == value % (1 << bits)
        widened = lower.widened(bits, wide).number
        assert extended(a) ^ extended(b) ^ widened == extended(value % (1 << bits))
