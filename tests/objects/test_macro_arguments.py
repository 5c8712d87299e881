"""Arguments of macros mean one thing: what assemblers split in different ways is refused."""

import shutil
import subprocess

import pytest

from sortopt import objects
from sortopt.base.errors import InputError, Source
from sortopt.formats import lines
from sortopt.native.assembler import assemble
from sortopt.objects.elf import ElfFile
from sortopt.objects.macro_arguments import check_macros

CLEAR = (
    "%eax, %ecx", "%eax %ecx", "%eax , %ecx", "$1 $2", "4(%rdi), %eax", "-4(%rdi),%eax",
    "eax, [rdi + 4]", "[rdi + 4], eax", "1 + 2, 3", "x+y z", "b=1, a=2", "a=1 b=2",
    '"x y", z', '"x" z', ".L1 .L2", "x.y z", "4 + 4(%rdi), %eax", "", "%eax",
)  # fmt: skip
UNCLEAR = (
    "4(%rdi) %eax", "%eax -4(%rdi)", "$1 -2", "1 *2", "(1) (2)", "[rdi + 4] eax", "eax -[rdi]",
    "x: y", "x :y", "x @y", "'a', b", '"1"2', "x- y",
)  # fmt: skip
HEAD = '.macro m a b\n.ascii "(\\a|\\b)"\n.endm\n'


def is_clear(text):
    try:
        check_macros(lines(Source("x.s", text), separated=True))
    except InputError:
        return False
    return True


@pytest.mark.parametrize("arguments", UNCLEAR)
def test_an_argument_that_assemblers_end_in_different_places_is_refused(arguments):
    assert not is_clear(f"{HEAD}m {arguments}\n")
    assert not is_clear(f"{HEAD}.macro n\nx: M {arguments}\n.endm\n")
    assert not is_clear(f".irp x, {arguments}\n.endr\n")
    assert is_clear(f".macro other\n.endm\nm {arguments}\n")


@pytest.mark.parametrize(
    "text",
    [
        ".macro m a b:vararg\n.endm\nm 1 - 2, x",
        ".irp x, 1 - 2\n.endr",
        ".irp x, 4(%rdi, %rax, 4)\n.endr",
        ".irpc x, a b\n.endr",
        ".ifc (%rdi) (%rsi), x\n.endif",
        f".altmacro\n{HEAD}m b=1, a=2",
        f".altmacro\n{HEAD}m x<y, z",
        f".altmacro\n{HEAD}m 1 - 2, x",
    ],
)
def test_arguments_are_split_otherwise_in_lists_and_with_altmacro(text):
    assert not is_clear(text)


@pytest.mark.skipif(not shutil.which("as"), reason="needs GNU as")
def test_arguments_that_are_accepted_are_split_alike_by_gnu_as(tmp_path):
    text = HEAD + "f:\n" + "".join(f"m {arguments}\n" for arguments in CLEAR)
    assert is_clear(text)
    file = tmp_path / "x.o"
    subprocess.run(["as", "-o", file, "-"], input=text, text=True, check=True)
    gnu, ours = (
        ElfFile(data, "x.o").function("f").code for data in (file.read_bytes(), assemble(text))
    )
    assert gnu == ours


def test_a_kernel_of_macros_is_read_and_an_unclear_one_refused():
    text = (
        ".macro load from to\nmovl \\from, \\to\n.endm\n.globl f\n.type f, @function\nf:\n"
        "load (%rdi), %eax\nload 4(%rdi), %ecx\nmovl %eax, %edx\ncmpl %ecx, %eax\n"
        "cmovg %ecx, %eax\ncmovg %edx, %ecx\nload %eax (%rdi)\nload %ecx, 4(%rdi)\nret\n"
    )
    with pytest.raises(InputError) as caught:
        objects.read("x.s", text=text)
    assert caught.value.render().startswith("x.s:13:1: error: assemblers differ")
    assert objects.read("x.s", text=text.replace("%eax (", "%eax, (")).kernel.n == 2
