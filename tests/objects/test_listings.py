"""What objdump and gdb print is read as the code is that they print."""

import pytest

from sortopt import objects
from sortopt.base.errors import InputError
from sortopt.objects import Branches
from sortopt.verify import verify_branching

OBJDUMP = """\
x.o:     file format elf64-x86-64

Disassembly of section .text.order:

0000000000000000 <order>:
   0:\t8b 07                \tmov    (%rdi),%eax
   2:\t8b 16                \tmov    (%rsi),%edx
   4:\t39 d0                \tcmp    %edx,%eax
   6:\t7e 04                \tjle    c <order+0xc>
   8:\t89 17                \tmov    %edx,(%rdi)
   a:\t89 06                \tmov    %eax,(%rsi)
   c:\tc3                   \tret

Disassembly of section .text.sort2:

0000000000000000 <sort2>:
   0:\t48 8d 77 04          \tlea    0x4(%rdi),%rsi
   4:\te8 00 00 00 00       \tcall   9 <sort2+0x9>
\t\t\t5: R_X86_64_PC32\t.text.order-0x4
   9:\tc3                   \tret
"""
REFERENCE = "\t\t\t5: R_X86_64_PC32\t.text.order-0x4\n"
GDB = """\
Dump of assembler code for function order:
   0x0000000000000000 <+0>:\tmov    (%rdi),%eax
   0x0000000000000002 <+2>:\tmov    (%rsi),%edx
=> 0x0000000000000004 <+4>:\tcmp    %edx,%eax
   0x0000000000000006 <+6>:\tjle    0xc <order+12>
   0x0000000000000008 <+8>:\tmov    %edx,(%rdi)
   0x000000000000000a <+10>:\tmov    %eax,(%rsi)
   0x000000000000000c <+12>:\tret
End of assembler dump.
Dump of assembler code for function sort2:
4\t  order(p, p + 1);
   0x000000000000000d <+0>:\tlea    0x4(%rdi),%rsi        # 0x15
   0x0000000000000011 <+4>:\tcall   0x0 <order>
   0x0000000000000016 <+9>:\tret
End of assembler dump.
"""
EXAMINED = """\
   0x40100d <sort2>:\tmov    (%rdi),%eax
   0x40100f <sort2+2>:\tcmp    %eax,0x4(%rdi)
   0x401012 <sort2+5>:\tjge    0x40101c
   0x401014 <sort2+7>:\tmov    0x4(%rdi),%edx
   0x401017 <sort2+10>:\tmov    %eax,0x4(%rdi)
   0x40101a <sort2+13>:\tmov    %edx,(%rdi)
   0x40101c <sort2+15>:\tret
   0x40101d:
"""
WITH_BYTES = """\
Dump of assembler code for function sort2:
   0x000000000000000d <+0>:\t8b 07\tmov    (%rdi),%eax
   0x000000000000000f <+2>:\t39 47 04\tcmp    %eax,0x4(%rdi)
   0x0000000000000012 <+5>:\t7d 08\tjge    0x1c <sort2+15>
   0x0000000000000014 <+7>:\t8b 57 04\tmov    0x4(%rdi),%edx
   0x0000000000000017 <+10>:\t89 47 04\tmov    %eax,0x4(%rdi)
   0x000000000000001a <+13>:\t89 17\tmov    %edx,(%rdi)
   0x000000000000001c <+15>:\tc3\tret
End of assembler dump.
"""
ALL = (OBJDUMP, GDB, EXAMINED, WITH_BYTES)
LINKED = OBJDUMP.replace("section .text.order", "section .text").replace(
    "Disassembly of section .text.sort2:\n", ""
)
for was, now in (
    ("0000000000000000 <sort2>", "000000000000000d <sort2>"), (REFERENCE, ""),
    ("   0:\t48 8d", "   d:\t48 8d"), ("   4:\te8 00 00 00 00", "  11:\te8 ea ff ff ff"),
    ("   9:\tc3", "  16:\tc3"),
):  # fmt: skip
    assert was in LINKED
    LINKED = LINKED.replace(was, now)


def verdict(text, function="sort2"):
    with pytest.raises(Branches) as caught:
        objects.read("x.txt", text=text, function=function)
    return verify_branching(caught.value.branching).verdict.name


def refusal(text, function="sort2"):
    with pytest.raises(InputError) as caught:
        objects.read("x.txt", text=text, function=function)
    assert not isinstance(caught.value, Branches)
    return caught.value.render()


@pytest.mark.parametrize("text", [*ALL, LINKED])
def test_jumps_and_calls_in_a_listing_are_followed(text):
    assert verdict(text) == "proved"


@pytest.mark.parametrize(
    ("text", "was", "now"),
    [
        (OBJDUMP, "7e 04", "7d 04"),
        (LINKED, "7e 04", "7f 04"),
        (GDB, "jle ", "jg "),
        (EXAMINED, "jge ", "jle "),
        (WITH_BYTES, "7d 08", "7e 08"),
    ],
)
def test_a_listing_of_a_wrong_function_is_not_proved(text, was, now):
    assert was in text
    assert verdict(text.replace(was, now)) == "refuted"


@pytest.mark.parametrize(
    ("text", "was", "now", "message"),
    [
        (OBJDUMP, REFERENCE, "", "this calls what the listing does not say"),
        (OBJDUMP, ".text.order-0x4", ".text.order-0x2", "this calls a place that is not known"),
        (OBJDUMP, ".text.order-", "other-", "this calls other-0x4, which is not followed"),
        (OBJDUMP, "R_X86_64_PC32", "R_X86_64_GOTPCREL", "this calls .text.order-0x4"),
        (OBJDUMP, "7e 04     ", "0f 8e 00 00 00 00", "the listing leaves out bytes"),
        (GDB, "call   0x0 <order>", "call   0x16 <sort2+9>", "what a linker fills in"),
        (GDB, "call   0x0 <order>", "call   0x50 <other>", "this calls other, which is"),
        (GDB, "call   0x0 <order>", "jmp    0x50", "this jumps to a place, which is not followed"),
        (GDB, "4\t  order", "and then order", "this is no instruction, as gdb prints them"),
    ],
)
def test_what_leads_out_of_a_listing_is_refused(text, was, now, message):
    assert was in text
    assert message in refusal(text.replace(was, now))
