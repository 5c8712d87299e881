"""A file made shorter is a file of the same kind."""

import pytest
from places import ROOT

from sortopt.base import InputError
from sortopt.formats import print_kernel
from sortopt.model import Proved
from sortopt.networks import best, lower
from sortopt.objects import Reading
from sortopt.targets import ISAS
from sortopt.tasks import optimize_file, verify_file

KEYS = Reading(inputs="%0 %1", outputs="%0 %1")
LONG = """\
#include <stdint.h>
static void sort2(int32_t *p)
{
    int32_t a = p[0], b = p[1], t;
    asm("mov %0, %2\\n\\t"
        "mov %0, %2\\n\\t"   // superfluous
        "cmp %1, %0\\n\\t"
        "cmovg %1, %0\\n\\t"
        "cmovg %2, %1"
        : "+r"(a), "+r"(b), "=&r"(t) : : "cc");
    p[0] = a, p[1] = b;
}
"""


@pytest.fixture
def long(tmp_path):
    path = tmp_path / "sort2.c"
    path.write_text(LONG)
    return path


def test_a_statement_is_given_back_shorter_with_its_operands_and_proved(long, tmp_path):
    found = optimize_file(long, KEYS, output=tmp_path / "short.c")
    assert len(found.result.kernel) == 4
    assert found.text == (tmp_path / "short.c").read_text()
    assert long.read_text() == LONG
    judged = verify_file(tmp_path / "short.c", KEYS)
    assert judged.judgement.verdict == Proved()
    assert len(judged.file.kernel) == 4
    for line in (*LONG.splitlines()[:4], *LONG.splitlines()[-3:]):
        assert line in found.text.splitlines()


def test_a_statement_that_cannot_be_shortened_is_given_back_as_it_is(long):
    short = LONG.replace(LONG.splitlines(keepends=True)[5], "")
    long.write_text(short)
    found = optimize_file(long, KEYS, in_place=True)
    assert found.result.steps == ()
    assert found.text == short
    assert long.read_text() == short


def test_a_statement_is_shortened_in_its_file(long):
    optimize_file(long, KEYS, in_place=True)
    assert len(verify_file(long, KEYS).file.kernel) == 4


def test_a_file_that_would_lose_what_is_around_its_kernel_is_not_overwritten(long):
    long.write_text('void f() { asm("mov (%rdi), %eax\\n mov %eax, (%rdi)"); }')
    with pytest.raises(InputError, match="holds more than a kernel"):
        optimize_file(long, in_place=True)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("float32", "cmp|cmov.* reads keys as integers, but float32 keys are floating-point"),
        ("uint32", "the kernel reads keys as int32, not as uint32"),
        ("float23", "unknown key type 'float23'"),
    ],
)
def test_a_kernel_of_keys_of_another_type_is_refused_in_a_line(key, message):
    with pytest.raises(InputError, match=message):
        optimize_file(ROOT / "kernels" / "alphadev" / "sort3.asm", key=key)


def test_latencies_that_no_table_has_are_said_to_be_unknown(tmp_path):
    file = tmp_path / "sort2.s"
    file.write_text(print_kernel(lower(best(2), ISAS["aarch64-float"]), "aarch64"))
    with pytest.raises(InputError) as caught:
        optimize_file(file, cost="latency", key="float32")
    assert "its latency is unknown here" in caught.value.render()
