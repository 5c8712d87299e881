"""An asm statement with other instructions: it reads back as they are, in both syntaxes."""

import pytest
from assembled import inline_c

from sortopt.base import Source
from sortopt.formats import Options
from sortopt.objects.inline import read_inline

FOUR = '"mov %0, %2\\n cmp %1, %0\\n cmovg %1, %0\\n cmovg %2, %1"'


def statement(template, operands, keys="int a, int b, int t"):
    return f"void f({keys}) {{\n  asm({template}\n    : {operands});\n}}\n"


CASES = {
    "keys in registers": (statement(FOUR, '"+r"(a), "+r"(b), "=&r"(t)'), "%0 %1"),
    "64 bits": (
        statement(FOUR, '"+r"(a), "+r"(b), "=&r"(t)', "long a, long b, long t"), "%0 %1"),
    "named operands, and parts": (
        statement(FOUR.replace("%0", "%k[x]").replace("%1", "%k1"),
                  '[x] "+r"(a), "+r"(b), "=&r"(t)'), "%0 %1"),
    "a part of a wider operand": (
        statement(FOUR.replace("%2", "%k2"), '"+r"(a), "+r"(b), "=&r"(t)',
                  "int a, int b, long t"), "%0 %1"),
    "registers by name": (
        statement(FOUR.replace("%2", "%%esi"), '"+r"(a), "+r"(b) : : "esi"'), "%0 %1"),
    "vectors": (
        statement('"movdqa %0, %2\\n pminsd %1, %0\\n pmaxsd %2, %1"',
                  '"+x"(a), "+x"(b), "=&x"(t)'), "%0 %1"),
    "a buffer": (inline_c(), None),
}  # fmt: skip


def read(text, keys, dialect=None):
    options = Options(inputs=keys, outputs=keys)
    return read_inline(Source("file.cc", text), options, dialect=dialect)


@pytest.mark.parametrize(("text", "keys"), CASES.values(), ids=CASES)
def test_what_is_written_reads_back_as_the_same_kernel_in_both_syntaxes(text, keys):
    file = read(text, keys)
    written = file.rewritten(file.kernel)
    assert read(written, keys).kernel == file.kernel
    assert read(written, keys, "intel").kernel == file.kernel
    assert written.startswith(text.partition('"')[0])
    assert written.endswith(text[text.index('"+', text.index("asm")) :])


def test_an_instruction_that_goes_leaves_operands_and_what_is_around_as_they_were():
    text, keys = CASES["keys in registers"]
    file = read(text, keys)
    shorter = file.kernel.with_instructions(file.kernel.instructions[1:])
    assert file.rewritten(shorter) == (
        "void f(int a, int b, int t) {\n"
        '  asm("cmp {%1, %0|%0, %1}\\n\\t"\n'
        '      "cmovg {%1, %0|%0, %1}\\n\\t"\n'
        '      "cmovg {%2, %1|%1, %2}\\n\\t"\n'
        '    : "+r"(a), "+r"(b), "=&r"(t));\n}\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        'void f() { asm("mov (%rdi), %eax\\n mov %eax, (%rdi)"); }',
        statement('".intel_syntax noprefix\\n mov eax, [%0]\\n mov [%0], eax\\n'
                  '.att_syntax prefix"', '"+r"(p) : : "eax", "memory"', "int *p"),
    ],
    ids=["no operands", "a syntax of its own"],
)  # fmt: skip
def test_a_template_that_cannot_be_of_both_syntaxes_is_not_written(text):
    assert read(text, None).rewritten is None
