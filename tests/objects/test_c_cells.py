"""Which keys an asm statement sorts is read off plain loads and stores around it, or not at all."""

import pytest

from sortopt.base import InputError, Source
from sortopt.formats.program import Options
from sortopt.objects.inline import read_inline
from sortopt.verify import verify

FUNCTION = """
#include <stdint.h>
static inline void two(int32_t keys[2])
{
    int32_t k0 = keys[0];
    int32_t k1 = keys[1];
    int32_t s;
    __asm__("mov %0, %2; cmp %1, %0; cmovg %1, %0; cmovg %2, %1"
            : "+r"(k0), "+r"(k1), "=&r"(s) : : "cc");
    keys[0] = k0;
    keys[1] = k1;
}
"""


def read(text, **options):
    return read_inline(Source("two.c", text), Options(**options))


def test_inputs_and_outputs_are_those_of_the_array():
    file = read(FUNCTION)
    assert "inputs %0 %1, outputs %0 %1, as two loads and stores them" in file.notes
    assert verify(file.kernel, key=file.key).verdict.name == "proved"
    assert file.key == "int32"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("keys[0] = k0;\n    keys[1] = k1;", "keys[1] = k0;\n    keys[0] = k1;"),
        ("cmovg", "cmovl"),
    ],
)
def test_a_function_that_stores_or_compares_the_wrong_way_is_refuted(old, new):
    assert verify(read(FUNCTION.replace(old, new)).kernel).verdict.name == "refuted"


@pytest.mark.parametrize(
    "loads",
    [
        "int32_t k0 = keys[0], k1 = keys[1], s;",
        "int32_t k0, k1, s; k0 = keys[0]; k1 = keys[1];",
        "int32_t s, k1, k0 = keys[0]; k1 = keys[1];",
        "std::int32_t k1 = keys[1], k0 = keys[0]; register int s;",
    ],
)
def test_declarations_may_be_put_together(loads):
    written = "int32_t k0 = keys[0];\n    int32_t k1 = keys[1];\n    int32_t s;"
    assert verify(read(FUNCTION.replace(written, loads)).kernel).verdict.name == "proved"


def test_loads_may_come_in_any_sequence():
    loads = "int32_t k0 = keys[0];\n    int32_t k1 = keys[1];"
    other = "const int32_t k1 = keys[1];\n    int32_t k0 = keys[0];"
    assert verify(read(FUNCTION.replace(loads, other)).kernel).verdict.name == "proved"


def test_unsigned_keys_that_are_read_as_signed_are_refuted():
    file = read(FUNCTION.replace("int32_t", "uint32_t"))
    assert verify(file.kernel, key=file.key).verdict.name == "refuted"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("keys[1] = k1;", "keys[1] = k1; keys[0] = 0;"),
        ("keys[1] = k1;", "keys[1] = k1; k0 = 1;"),
        ("keys[1] = k1;", "keys[1] = s;\n    keys[1] = k1;"),
        ("keys[1] = k1;", "if (s) keys[1] = k1;"),
        ("keys[1] = k1;", "keys[2] = k1;"),
        ("keys[1] = k1;", "keys[01 + 0] = k1;"),
        ("keys[1] = k1;", "keys[1] = k1, k0;"),
        ("keys[1] = k1;", "other[1] = k1;"),
        ("keys[1] = k1;", ""),
        ("keys[0] = k0;", "keys[0] = k1;"),
        ("int32_t s;", "int32_t s; keys = 0;"),
        ("int32_t s;", "int32_t s; k0++;"),
        ("int32_t s;", "int32_t s; return s;"),
        ("int32_t s;", "int32_t s; return;"),
        ("int32_t s;", "int32_t s; goto end;"),
        ("int32_t s;", "int32_t s; k0 = keys[1];"),
        ("int32_t s;", "int32_t s; s = k1;"),
        ("int32_t k1 = keys[1];", "int32_t k1 = keys[01];"),
        ("int32_t k1 = keys[1];", "int32_t k1 = keys[1] - 1;"),
        ("int32_t k1 = keys[1];", "int32_t k1 = keys[1][0];"),
        ("keys[1] = k1;", "keys[1] = k1; return;"),
        ("keys[1] = k1;", "return; keys[1] = k1;"),
        ("int32_t s;", "int32_t s; for (;;);"),
        ("int32_t s;", "int32_t s, k2 = 7;"),
        ("int32_t k1 = keys[1];", "int32_t k1 = keys[0];"),
        ("int32_t k1 = keys[1];", "int32_t k1 = -keys[1];"),
        ("int32_t keys[2]", "uint32_t *keys"),
        ("int32_t keys[2]", "short *keys"),
        ("int32_t keys[2]", "std::vector<int32_t> keys"),
        ('"+r"(k0)', '"+r"(k0 )'.replace("k0 ", "*&k0")),
        ("    __asm__", "    if (s) __asm__"),
        ("    __asm__", "    { __asm__"),
    ],
)
def test_whatever_else_a_function_does_leaves_its_keys_unnamed(old, new):
    text = FUNCTION.replace(old, new, 1)
    assert text != FUNCTION
    with pytest.raises(InputError, match=r"not named|sort of 2 keys has 2 outputs, but 1"):
        read(text)


def test_options_come_before_what_the_function_does():
    assert verify(read(FUNCTION, inputs="%0 %1", outputs="%1 %0").kernel).verdict.name == "refuted"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"%0, %2; cmp %1, %0; cmovg %1, %0; cmovg %2, %1":
          "%q0, %q2; cmp %q1, %q0; cmovg %q1, %q0; cmovg %q2, %q1"}, "keys are 64"),
        ({"    keys[1] = k1;\n": ""}, "1 are named"),
        ({"= k1;\n}": "= s;\n}", "; cmovg %2, %1": "", "mov %0, %2; ": ""}, "never written"),
    ],
)  # fmt: skip
def test_keys_that_code_moves_otherwise_than_instructions_do_are_shown_in_the_file(
    changes, message
):
    text = FUNCTION
    for old, new in changes.items():
        text = text.replace(old, new)
    with pytest.raises(InputError, match=message) as caught:
        read(text)
    assert caught.value.message.startswith("two loads %0 %1 as keys and stores %0")
    assert caught.value.source.name == "two.c"
    assert caught.value.span.line == 8
