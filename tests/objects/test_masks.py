"""Masks and indices made of comparisons are followed, and keys mixed by bits or sums come apart."""

from itertools import product

import pytest
from assembled import changed, verdict_on

from sortopt import objects
from sortopt.base.errors import InputError, Source
from sortopt.formats import Operand, Token
from sortopt.objects.mixtures import Mixture, Term, combined
from sortopt.objects.numbers import calculated, holds

HEAD = (".intel_syntax noprefix", ".globl f", ".type f, @function", "f:")
BY_XOR = ("mov eax, [rdi]", "mov ecx, [rdi+4]", "xor edx, edx", "cmp ecx, eax", "setl dl",
          "neg edx", "mov esi, eax", "xor esi, ecx", "and esi, edx", "xor eax, esi", "xor ecx, esi",
          "mov [rdi], eax", "mov [rdi+4], ecx", "ret")  # fmt: skip
BY_SUM = ("mov eax, [rdi]", "mov ecx, [rdi+4]", "mov edx, ecx", "sub edx, eax", "xor esi, esi",
          "cmp ecx, eax", "setl sil", "imul edx, esi", "add eax, edx", "sub ecx, edx",
          "mov [rdi], eax", "mov [rdi+4], ecx", "ret")  # fmt: skip
BY_INDEX = ("mov eax, [rdi]", "cmp [rdi+4], eax", "setb al", "movzx eax, al",
            "mov edx, [rdi+rax*4]", "xor eax, 1", "mov eax, [rdi+rax*4]", "mov [rdi], edx",
            "mov [rdi+4], eax", "ret")  # fmt: skip
BY_BORROW = ("mov eax, [rdi]", "mov ecx, [rdi+4]", "mov edx, eax", "xor edx, ecx", "cmp ecx, eax",
             "sbb esi, esi", "and edx, esi", "xor eax, edx", "xor ecx, edx", "mov [rdi], eax",
             "mov [rdi+4], ecx", "ret")  # fmt: skip
BY_CARRY = ("mov eax, [rdi]", "mov edx, 0", "cmp [rdi+4], eax", "adc edx, 0",
            "mov eax, [rdi+rdx*4]", "xor edx, 1", "mov ecx, [rdi+rdx*4]", "mov [rdi], eax",
            "mov [rdi+4], ecx", "ret")  # fmt: skip
BY_DOUBLE = (*BY_CARRY[:1], "mov edx, 1", "cmp [rdi+4], eax", "adc edx, edx", "sub edx, 2",
             *BY_CARRY[4:])  # fmt: skip
BY_POINTER = ("mov eax, [rdi]", "lea rcx, [rdi+4]", "mov rdx, rdi", "cmp [rdi+4], eax",
              "cmovl rdx, rcx", "cmovl rcx, rdi", "mov edx, [rdx]", "mov ecx, [rcx]",
              "setl al", "mov [rdi], edx", "mov [rdi+4], ecx", "ret")  # fmt: skip
IN_MEMORY = ("mov eax, [rdi]", "mov ecx, [rdi+4]", "cmp ecx, eax", "setl dl", "movzx edx, dl",
             "cmovl ecx, eax", "neg edx", "mov esi, eax", "xor esi, [rdi+4]", "and esi, edx",
             "mov [rdi+4], ecx", "xor eax, esi", "mov [rdi], eax", "ret")  # fmt: skip
BY_BYTE = ("mov eax, [rdi]", "cmp [rdi+4], eax", "setae al", "xor eax, 0x1", "movzx eax, al",
           *BY_INDEX[4:])  # fmt: skip
ALL = (IN_MEMORY, BY_BYTE, BY_XOR, BY_SUM, BY_INDEX, BY_BORROW, BY_CARRY, BY_DOUBLE, BY_POINTER)


def verdict(lines):
    """Return the verdict on a function, or the message with which it is refused."""
    with pytest.raises(InputError) as caught:
        objects.read("x.s", text="\n".join([*HEAD, *lines, ""]))
    return verdict_on(caught.value)


@pytest.mark.parametrize("lines", ALL)
def test_a_swap_without_jumps_is_proved(lines):
    assert verdict(lines) == "proved"


@pytest.mark.parametrize(
    ("lines", "was", "now"),
    [
        (BY_XOR, "setl dl", "setg dl"),
        (BY_XOR, "xor ecx, esi", "nop"),
        (BY_SUM, "setl sil", "setge sil"),
        (BY_INDEX, "setb al", "seta al"),
        (BY_INDEX, "xor eax, 1", "xor eax, 0"),
        (BY_BYTE, "setae al", "setb al"),
        (BY_BYTE, "xor eax, 0x1", "xor eax, 256"),
        (BY_BORROW, "cmp ecx, eax", "cmp eax, ecx"),
        (BY_CARRY, "adc edx, 0", "adc edx, edx; xor edx, 1"),
        (BY_POINTER, "cmovl rcx, rdi", "nop"),
    ],
)
def test_a_wrong_one_is_refuted(lines, was, now):
    assert verdict(changed(lines, was, now)) == "refuted"


@pytest.mark.parametrize(
    ("lines", "was", "now", "message"),
    [
        (BY_XOR, "neg edx", "nop", "and works on bits"),
        (BY_XOR, "xor ecx, esi", "xor ecx, edx", "no key that is known"),
        (BY_XOR, "xor eax, esi", "add eax, esi", "no key that is known"),
        (BY_XOR, "setl dl", "nop; inc esi; setl dl", "setl tests flags that line"),
        (BY_XOR, "setl dl", "sets dl", "something else than the order"),
        (BY_XOR, "xor edx, edx", "nop", "neg is arithmetic"),
        (BY_SUM, "imul edx, esi", "imul edx, edx", "imul is arithmetic"),
        (BY_SUM, "sub ecx, edx", "add ecx, edx", "no key that is known"),
        (BY_SUM, "imul edx, esi", "imul edx, esi; shl edx, 1", "no key that is known"),
        (BY_BORROW, "sbb esi, esi", "inc ecx; sbb esi, esi", "sbb tests flags that line"),
        (BY_BORROW, "sbb esi, esi", "sbb esi, 0", "no key that is known"),
        (BY_INDEX, "movzx eax, al", "nop", "depends on an index register"),
        (BY_BYTE, "movzx eax, al", "and eax, 255", "depends on an index register"),
        (BY_INDEX, "setb al", "mov edx, 1; dec edx; setb al", "flags that are not known"),
    ],
)
def test_what_is_no_mask_and_no_key_is_refused(lines, was, now, message):
    said = verdict(changed(lines, was, now))
    assert message in said or (said.startswith("x.s:") and "outside the model" in said)


BITS = 3
CELL = Operand("", "", Token("", Source("", ""), 1, 1))
KEYS = ("a", "b")


def value(found, held):
    """Return what a mixture is where keys have values."""
    if isinstance(found, int):
        return found
    total = found.number
    for term in found.terms:
        total = total ^ held[term.key] if found.xor else total + term.factor * held[term.key]
    return total % (1 << BITS)


def test_mixtures_are_what_the_instructions_make_of_all_values():
    """Two instructions in turn, over keys and numbers of three bits."""
    exact = {"xor": int.__xor__, "and": int.__and__, "or": int.__or__, "add": int.__add__,
             "sub": int.__sub__, "imul": int.__mul__}  # fmt: skip
    first = [*(Mixture(True, (Term(key, CELL, 1),)) for key in KEYS), 0, 1, 5, 7]
    made = {
        (name, a, b): combined(name, BITS, (a, b)) for name, a, b in product(exact, first, first)
    }
    later = {*first, *(found for found in made.values() if found is not None)}
    made |= {
        (name, a, b): combined(name, BITS, (a, b)) for name, a, b in product(exact, later, later)
    }
    kept = [(key, found) for key, found in made.items() if found is not None]
    assert {name for (name, _, _), found in kept if isinstance(found, Mixture)} == {*exact}
    for x, y in product(range(1 << BITS), repeat=2):
        held = dict(zip(KEYS, (x, y), strict=True))
        for (name, a, b), found in kept:
            assert value(found, held) == exact[name](value(a, held), value(b, held)) % (1 << BITS)


def test_calculations_with_a_carry_and_shifts_are_exact():
    for a, b, carry in product(range(16), range(16), (0, 1)):
        total, flags = calculated("adc", 4, (a, b, carry))
        assert (total, holds(flags, "b")) == ((a + b + carry) % 16, a + b + carry > 15)
        rest, flags = calculated("sbb", 4, (a, b, carry))
        assert (rest, holds(flags, "b")) == ((a - b - carry) % 16, a < b + carry)
        assert holds(flags, "e") == (rest == 0)
        assert calculated("imul", 4, (a, b))[0] == a * b % 16
    signed = [a - 16 * (a > 7) for a in range(16)]
    for a, count in product(range(16), range(4)):
        assert calculated("sar", 4, (a, count))[0] == (signed[a] >> count) % 16
        assert calculated("shr", 4, (a, count))[0] == a >> count
        assert calculated("not", 4, (a,))[0] == 15 - a
