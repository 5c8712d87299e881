"""Whatever an assembler understands is read as it runs: texts made of kernels that are known.

Each instruction of a kernel is written in one of many ways, among things that do not run; what is
read must be the kernel.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import buffer_kernels

from sortopt.formats import parse, print_kernel
from sortopt.native.assembler import assemble
from sortopt.objects import read
from sortopt.objects.elf import ElfFile

DEAD = ("cmovg %ecx, %eax", "mov %edi, %edi", "inc %eax", "jmp .", "mov $1, %eax", "frobnicate 1")


def plain(line, number, dead):
    return [line]


def conditional(line, number, dead):
    return [".if 1", line, ".else", dead, ".endif"]


def nested(line, number, dead):
    return [".if 0", dead, ".if 1", dead, ".endif", ".elseif 1", line, ".endif"]


def compared(line, number, dead):
    return [f".set x{number}, 3", f".if x{number} < 3", dead, ".else", line, ".endif"]


def macro(line, number, dead):
    """A macro with arguments; another of its branches is not taken."""
    mnemonic, first, second = split(line)
    body = [f".macro m{number} a, b=%eax, no=1", f"{mnemonic} \\a, \\b"]
    body += [".ifeq \\no", dead, ".endif", ".endm"]
    return [*body, f"m{number} {first}, {second}"]


def unused_macro(line, number, dead):
    return [f".macro never{number}", dead, ".endm", line]


def repeated(line, number, dead):
    return [".rept 0", dead, ".endr", ".rept 1", line, ".endr"]


def over_words(line, number, dead):
    mnemonic, first, second = split(line)
    return [f".irp word, {second}", f"{mnemonic} {first}, \\word", ".endr"]


def elsewhere(line, number, dead):
    other = dead if assembles(dead) else "nop"
    return ['.pushsection .text.cold,"ax",@progbits', other, ".popsection", line]


def subsection(line, number, dead):
    return [".subsection 1", "ud2", ".previous", line]


def as_bytes(line, number, dead):
    code = function_bytes(f"f: {line}\n")
    return [".byte " + ",".join(f"{byte:#x}" for byte in code)]


def aligned(line, number, dead):
    return [".p2align 4", "nopw 8(%rax)", line]


def commented(line, number, dead):
    return [f"/* {dead}", f"{dead} */ {line} # ; {dead}", f"# {dead}"]


def separated(line, number, dead):
    return [f"; ; {line} ; nop"]


def offset_by_symbol(line, number, dead):
    return [f".set o{number}, 4", line.replace("4(%", f"o{number}(%")]


WAYS = (
    plain, conditional, nested, compared, macro, unused_macro, repeated, over_words, elsewhere,
    subsection, as_bytes, aligned, commented, separated, offset_by_symbol,
)  # fmt: skip


def split(line):
    mnemonic, _, operands = line.partition(" ")
    first, second = operands.split(",")
    return mnemonic, first.strip(), second.strip()


def assembles(line):
    return not line.startswith("frob")


def function_bytes(text):
    return ElfFile(assemble(text), "x.o").function("f").code


def lines_of(kernel):
    printed = print_kernel(kernel, "att").splitlines()
    header = [line for line in printed if line.startswith("#") and "cells:" not in line]
    return header, [line.strip() for line in printed if line.strip() and line[0] != "#"]


def same(kernel, other):
    """Whether two kernels differ in the names of their registers at most."""
    return (kernel.instructions, kernel.contract) == (other.instructions, other.contract)


@settings(max_examples=120)
@given(buffer_kernels(), st.data())
def test_what_runs_is_read_however_it_is_written(kernel, data):
    header, body = lines_of(kernel)
    text = [*header, ".globl f", ".type f, @function", "f:"]
    for number, line in enumerate(body):
        way = data.draw(st.sampled_from(WAYS))
        text += way(line, number, data.draw(st.sampled_from(DEAD)))
    text += ["ret", ".size f, .-f", "g: inc %eax", "ret", ""]
    assert same(read("x.s", text="\n".join(text), function="f").kernel, kernel)


BLANKS = st.sampled_from([" ", "  ", "\t", " \t "])
NUMBERS = st.sampled_from([str, hex, lambda n: f"{n:#X}".replace("X", "x"), lambda n: f"+{n}"])


@st.composite
def respelled(draw, line):
    """Draw another spelling of one AT&T instruction that means the same."""
    mnemonic, first, second = split(line)
    wide = any(name in line for name in ("%rax", "%rcx", "%rdx"))
    if draw(st.booleans()):
        mnemonic += "q" if wide else "l"
    operands = []
    for operand in (first, second):
        offset, bracket, base = operand.partition("(")
        if bracket:
            offset = draw(NUMBERS)(int(offset or 0)) if offset or draw(st.booleans()) else ""
            operand = f"{offset}({draw(st.sampled_from(['', ' ']))}{base}"
        operands.append(operand)
    text = f"{mnemonic}{draw(BLANKS)}{operands[0]}{draw(st.sampled_from(['', ' ']))},{operands[1]}"
    text = text.upper() if draw(st.booleans()) and "X" not in text.upper() else text
    behind = draw(st.sampled_from(["", " # note", "\t// note; ret", " ; nop", "  "]))
    return draw(st.sampled_from(["", "\t", "    "])) + text + behind


@settings(max_examples=150)
@given(buffer_kernels(), st.data())
def test_what_the_parser_accepts_is_what_the_assembler_makes_of_it(kernel, data):
    header, body = lines_of(kernel)
    spelled = [data.draw(respelled(line)) for line in body]
    parsed = parse("\n".join([*header, *spelled, ""]), dialect="att").kernel
    assembled = read("x.s", text="\n".join([*header, "f:", *spelled, "ret", ""])).kernel
    assert parsed == kernel
    assert same(assembled, kernel)


@settings(max_examples=100)
@given(buffer_kernels(), st.sampled_from(["intel", "att"]))
def test_printed_kernels_are_what_the_assembler_makes_of_them(kernel, dialect):
    printed = print_kernel(kernel, dialect).splitlines()
    comments = [line for line in printed if line.startswith((";", "#"))]
    header = ["#" + line[1:] for line in comments if "cells:" not in line]
    body = [line for line in printed if not line.startswith((";", "#"))]
    start = [".intel_syntax noprefix"] if dialect == "intel" else []
    text = "\n".join([*header, *start, "f:", *body, "ret", ""])
    assert same(read("x.s", text=text).kernel, kernel)
