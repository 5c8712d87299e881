"""An asm statement that branches is followed, and held against what it declares."""

import pytest

from sortopt import objects
from sortopt.base.errors import InputError
from sortopt.objects import Branches, Reading
from sortopt.tasks import verify_lengths, verify_paths

SORT2 = """\
void sort2(int *p) {
  asm volatile(
      "mov (%0), %%eax; mov 4(%0), %%ecx; cmp %%eax, %%ecx; jge 1f;"
      "mov %%ecx, (%0); mov %%eax, 4(%0); 1:"
      : : "r"(p) : "eax", "ecx", "memory", "cc");
}
"""
LEAST = """\
int least(int a, int b) {
  int low;
  asm("mov %1, %0; cmp %2, %1; jle 1f; mov %2, %0; 1:" : "=&r"(low) : "r"(a), "r"(b));
  return low;
}
"""
VARSORT = SORT2.replace(
    '"mov (%0), %%eax; mov 4(%0)', '"cmpl $2, (%0); jl 1f; mov 4(%0), %%eax; mov 8(%0)'
)
VARSORT = VARSORT.replace("mov %%ecx, (%0); mov %%eax, 4(%0)", "mov %%ecx, 4(%0); mov %%eax, 8(%0)")
KEYS = {"inputs": "%1 %2", "outputs": "%0", "goal": "min"}


def judged(text, **options):
    with pytest.raises(Branches) as caught:
        objects.read("x.c", text=text, **options)
    return verify_paths("x.c", caught.value)


def messages(text, **options):
    found = judged(text, **options)
    assert found.judgement.verdict.name == "unsafe"
    return [breach.message for breach in found.file.breaches]


def changed(was, now, text=SORT2):
    assert was in text
    return text.replace(was, now)


def test_a_statement_that_branches_is_proved_or_refuted():
    found = judged(SORT2)
    assert found.judgement.proved
    assert (found.branching.branches, found.key) == (1, "int32")
    assert judged(LEAST, **KEYS).judgement.proved
    for text, options in ((SORT2, {}), (LEAST, KEYS)):
        turned = text.replace("jge", "jle") if "jge" in text else text.replace("jle", "jge")
        assert judged(turned, **options).judgement.verdict.name == "refuted"


EXCHANGE = """\
void f(int *p) {
  int a = p[0], b = p[1];
  asm("cmp %0, %1; jge 1f; xchg %0, %1; 1:" : "+&r"(a), "+&r"(b));
  p[0] = a; p[1] = b;
}
"""
REPEATED = """\
int copied(int a) {
  int b;
  asm("mov $2, %%ecx; 1: mov %1, %0; dec %%ecx; jne 1b" : "=r"(b) : "r"(a) : "ecx");
  return b;
}
"""


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (changed("mov %1, %0; cmp %2, %1; jle 1f; mov %2, %0; 1:",
                 "cmp %2, %1; jle 1f; mov %2, %0; jmp 2f; 1: mov %1, %0; 2:",
                 LEAST.replace("=&r", "=r")), KEYS),
        (LEAST.replace("=&r", "=a").replace('"r"', '"S"', 1).replace('"r"', '"D"'), KEYS),
        (EXCHANGE.replace("&", ""), {}),
    ],
)  # fmt: skip
def test_an_output_needs_no_early_clobber_where_no_input_is_read_behind_it(text, options):
    assert judged(text, **options).judgement.proved


def test_keys_exchanged_by_a_statement_that_branches_are_followed():
    assert judged(EXCHANGE).judgement.proved


def test_a_statement_that_is_given_a_length_is_judged_for_each(tmp_path):
    path = tmp_path / "x.c"
    path.write_text(VARSORT)
    found = verify_lengths(path, Reading(length="[%0]=0..3"))
    assert [each.name for each in found.verdicts.values()] == ["proved"] * 3 + ["refuted"]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (changed('"ecx", ', ""), {}, "writes rcx, which is not declared"),
        (changed('"memory", ', ""), {}, "uses memory, which is not declared"),
        (changed("1:", "1: mov %%eax, %k0"), {}, "writes rdi, which is an input only"),
        (changed('"=&r"', '"=r"', LEAST), KEYS, "without & the compiler may give it the same"),
        (REPEATED, {"inputs": "%1", "outputs": "%0"}, "rsi, an input, is still to be read"),
        (changed("1:", "mov %%eax, %%edx; 1:"), {}, "writes rdx, which is not declared"),
        (changed("%2", "%%edx", LEAST), KEYS | {"inputs": "%1 %edx"}, "rdx is read as a key"),
        (changed("asm volatile", "asm").replace(': : "r"(p)', ': "+r"(p) :'), {}, "deletes"),
    ],
)
def test_what_is_not_declared_is_unsafe(text, options, message):
    assert any(message in said for said in messages(text, **options))


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        ("1:", "push %%rax; pop %%rax; 1:", "uses the stack"),
        ("1:", "ret; 1:", "returns from the function around it"),
        ("mov (%0), %%eax", "mov (%%rsi), %%eax", "rsi holds no address that is known"),
        ("jge 1f", "jge other", "jumps to other, which is not followed"),
    ],
)
def test_what_a_statement_must_not_do_is_refused(was, now, message):
    with pytest.raises(InputError, match=message) as caught:
        objects.read("x.c", text=changed(was, now))
    assert not isinstance(caught.value, Branches)
    assert caught.value.span.line in (3, 4)


def test_keys_are_of_the_type_that_is_declared():
    with pytest.raises(InputError, match="reads keys as int32, not as uint32"):
        judged(changed("int *p", "unsigned *p"))
    assert judged(changed("int *p", "unsigned *p").replace("jge", "jae")).key == "uint32"
