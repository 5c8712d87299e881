"""Texts that several test modules read, and what comes of reading them."""

from sortopt.objects import Branches
from sortopt.verify import verify_branching

SORT3_LINES = (
    "mov 4(%rdi), %eax",
    "mov 8(%rdi), %ecx",
    "cmp %eax, %ecx",
    "mov %eax, %edx",
    "cmovl %ecx, %edx",
    "mov (%rdi), %r8d",
    "cmovg %ecx, %eax",
    "cmp %r8d, %eax",
    "mov %r8d, %ecx",
    "cmovl %eax, %ecx",
    "cmovle %r8d, %eax",
    "mov %eax, 8(%rdi)",
    "cmp %ecx, %edx",
    "cmovle %edx, %r8d",
    "mov %r8d, (%rdi)",
    "cmovg %edx, %ecx",
    "mov %ecx, 4(%rdi)",
)
"""AlphaDev's sort3 with loads and stores, AT&T."""

ASSEMBLY = "\n".join(
    [
        '\t.file\t"sort3.c"',
        "\t.text",
        "\t.p2align 4",
        "\t.globl\tsort3",
        "\t.type\tsort3, @function",
        "sort3:                                  # @sort3",
        ".LFB0:",
        "\t.cfi_startproc",
        "# %bb.0:",
        "\tendbr64",
        *(f"\t{line}" for line in SORT3_LINES),
        "\tret",
        "\t.cfi_endproc",
        ".LFE0:",
        "\t.size\tsort3, .-sort3",
        '\t.ident\t"GCC: (Debian 12.2.0) 12.2.0"',
        '\t.section\t.note.GNU-stack,"",@progbits',
        "",
    ]
)
"""The same as gcc and clang write it."""


def inline_c(lines=SORT3_LINES, operands='"+r"(buffer) : : "eax", "ecx", "edx", "r8d", "memory"'):
    """Return a C++ file in the form of AlphaDev's test file."""
    body = "\n".join(
        f'      "{line.replace("%", "%%").replace("%%rdi", "%0"):<30} \\n"' for line in lines
    )
    return f"""\
#include <vector>
// asm in a comment, "quoted"
namespace {{ int helper(int x) {{ return x > 0 ? x : -x; }} }}

void Sort3(int* buffer) {{
  asm volatile(
{body}
      : {operands});
}}
"""


def changed(lines, was, now):
    """Return lines with one of them exchanged."""
    assert was in lines
    return [now if line == was else line for line in lines]


def verdict_on(found):
    """Return the verdict on a function without jumps on keys, or the message that refuses it.

    `found` is the error with which reading it as a kernel ends.
    """
    if not isinstance(found, Branches):
        return found.render()
    assert found.branching.branches == 0
    return verify_branching(found.branching).verdict.name
