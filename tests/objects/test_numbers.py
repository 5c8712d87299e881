"""Arithmetic on known numbers, and its flags, is that of the processor: all numbers of few bits."""

from itertools import product

import pytest

from sortopt.objects.numbers import calculated, holds, wrapped

BITS = 4
ALL = range(1 << BITS)


def signed(value):
    return value - (1 << BITS) * (value >= 1 << (BITS - 1))


@pytest.mark.parametrize("name", ["sub", "cmp"])
def test_conditions_after_a_subtraction_compare_its_operands(name):
    for a, b in product(ALL, ALL):
        result, flags = calculated(name, BITS, (a, b))
        x, y = signed(a), signed(b)
        assert result == (a - b) % 16
        wanted = {"e": a == b, "ne": a != b, "l": x < y, "le": x <= y, "g": x > y, "ge": x >= y,
                  "b": a < b, "be": a <= b, "a": a > b, "ae": a >= b, "s": signed(result) < 0,
                  "ns": signed(result) >= 0, "o": not -8 <= x - y < 8}  # fmt: skip
        assert {code: holds(flags, code) for code in wanted} == wanted


def test_conditions_after_an_addition_are_those_of_the_exact_sum():
    for a, b in product(ALL, ALL):
        result, flags = calculated("add", BITS, (a, b))
        total = signed(a) + signed(b)
        assert result == (a + b) % 16
        wanted = {"e": result == 0, "b": a + b > 15, "l": total < 0, "o": not -8 <= total < 8}
        assert {code: holds(flags, code) for code in wanted} == wanted


def test_bitwise_results_leave_neither_carry_nor_overflow():
    for a, b in product(ALL, ALL):
        for name, result in {"and": a & b, "test": a & b, "or": a | b, "xor": a ^ b}.items():
            found, flags = calculated(name, BITS, (a, b))
            assert found == result
            codes = {"e": result == 0, "l": signed(result) < 0, "b": False, "be": result == 0}
            assert {code: holds(flags, code) for code in codes} == codes


def test_what_is_not_followed_is_not_known():
    assert holds(calculated("dec", BITS, (0, 1))[1], "b") is None
    assert holds(calculated("dec", BITS, (0, 1))[1], "a") is None
    assert holds(calculated("dec", BITS, (1, 1))[1], "e") is True
    assert holds(calculated("shl", 32, (1, 2))[1], "e") is None
    assert holds(calculated("sub", BITS, (1, 1))[1], "p") is None
    assert calculated("shl", 32, (1, 33))[0] == 2
    assert [calculated("neg", BITS, (a,))[0] for a in (0, 1, 8)] == [0, 15, 8]
    assert (wrapped(-8), wrapped(2**64 - 8), wrapped(2**63)) == (-8, -8, -(2**63))
