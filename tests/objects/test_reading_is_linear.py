"""A text eight times as long takes about eight times as long to read or refuse, whatever it is.

Quadratic readers take 64 times as long; CPU time is compared, with much room for noise.
"""

import time

import pytest

from sortopt import objects
from sortopt.base import SortoptError, Source
from sortopt.networks import parse_network
from sortopt.objects.foreign import check_preprocessed

SHORT = 3_000
UNITS = [
    " ", "\n", "#", ";", "(", "[", "{", "\"", "'", "\\", "\\\n", ":", "/*", "// ", "a", "1", ".",
    "%", "a: ", "\"a\": ", "%eax,", "[rdi+", "(%rdi", "mov\n", ".text\n", ".if 1\n", "# \\", "-",
    "| ", "o", "f(int a){}\n", "typedef int a;\n", "#define A B\n", "#ifdef A\n", "%if\n",
    "x db 1\n", "R\"a( ", "asm(", "0000 <a>:\n", "10:\t8b 07 \tmov\n", "define @f(\n",
    "; inputs: eax\nret\n", "0:1 ", "(0,1)", "{0,1},", "SWAP(0,1);", "4 inputs\n", "a[0],",
    "--o\n", "{\"nw\":[", "kth:", "a<b and ",
]  # fmt: skip


def seconds(read, text):
    start = time.process_time()
    try:
        read(text)
    except SortoptError as error:
        error.render()
    return time.process_time() - start


def is_linear(read, text, slack):
    """Return whether a text eight times as long takes 24 times as long at most, in some try."""
    return any(seconds(read, text * 8) < 24 * seconds(read, text) + slack for _ in range(3))


def read_as(suffix):
    return lambda text: objects.read(f"x{suffix}", text=text)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("read", [read_as(".S"), read_as(".c"), parse_network], ids="Scn")
def test_time_grows_with_the_length_alone(read, unit):
    text = unit * (SHORT // len(unit))
    assert is_linear(read, text, 0.1)


@pytest.mark.parametrize("unit", ["#", "# ", "\\ ", "#\\"])
def test_lines_of_a_preprocessor_are_found_in_linear_time(unit):
    def check(text):
        check_preprocessed(Source("x.S", text), ".S")

    text = unit * 20_000
    assert is_linear(check, text, 0.02)
