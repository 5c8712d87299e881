"""The oracles agree with what is known, and with each other."""

import naive
import pytest

from sortopt.model.kernel import build
from sortopt.targets import X86_CMOV


def kernel(program, inputs, outputs):
    return build(
        X86_CMOV,
        [(X86_CMOV.form(m), tuple(map(str, cells))) for m, *cells in program],
        inputs=list(map(str, inputs)),
        outputs=list(map(str, outputs)),
    )


@pytest.mark.parametrize(("n", "count"), [(1, 1), (2, 3), (3, 13), (4, 75), (5, 541)])
def test_weak_orders_are_as_many_as_fubini_says(n, count):
    assert len(naive.weak_orders(n)) == count


@pytest.mark.parametrize(
    "conditions", [("l", "g"), ("l",), ("g", "le"), ("l", "g", "le", "ge"), ("b", "ae")]
)
@pytest.mark.parametrize("outputs", ["in-place", "anywhere"])
def test_two_keys_take_four_instructions(conditions, outputs):
    orders = naive.weak_orders(2)
    found = naive.shortest(2, orders, conditions=conditions, outputs=outputs, list_programs=True)
    assert found.length == 4
    assert len(set(found.programs)) == found.count
    for program in found.programs:
        cells = range(2) if outputs == "in-place" else range(3)
        assert any(
            not naive.failures(kernel(program, range(2), (low, high)))
            for low in cells
            for high in cells
            if low != high and {low, high} <= {0, 1, *(c for i in program for c in i[1:])}
        )


def test_a_shortest_kernel_does_not_depend_on_how_states_are_told_apart():
    orders = [(a, b, c) for a, b, c in naive.weak_orders(3) if a < c and b < c]
    plain = naive.shortest(3, orders)
    assert plain.length == 4
    for option in ({"tag": "keys"}, {"copy_undefined": False}, {"keep_lost": False}):
        other = naive.shortest(3, orders, **option)
        assert (other.length, other.count) == (plain.length, plain.count)
        assert all(a <= b for a, b in zip(other.new_states, plain.new_states, strict=True))


def test_inserting_a_key_into_two_in_order_takes_seven_instructions():
    orders = [(a, b, c) for a, b, c in naive.weak_orders(3) if b < c and len({a, b, c}) == 3]
    found = naive.shortest(3, orders, tag="keys", copy_undefined=False, keep_lost=False)
    assert (found.length, found.count) == (7, 60)


def test_sorted_keys_need_no_instruction_and_too_short_a_limit_finds_none():
    assert naive.shortest(3, [(1, 2, 3)])[:3] == (0, 1, (1,))
    assert naive.shortest(2, naive.weak_orders(2), limit=3)[:2] == (None, 0)


def test_the_least_of_two_keys_takes_two_instructions():
    assert naive.shortest(2, naive.weak_orders(2), ranks=[0]).length == 2


def test_failures_depend_on_ties_scratch_and_flags():
    sort2 = [("mov", 2, 0), ("cmp", 0, 1), ("cmovg", 0, 1), ("cmovg", 1, 2)]
    assert naive.failures(kernel(sort2, range(2), range(2))) == set()
    assert naive.failures(kernel(sort2[1:], range(2), range(2))) == {(2, 1)}
    assert naive.failures(kernel(sort2[2:], range(2), range(2))) == naive.weak_orders(2)
    assert naive.failures(kernel(sort2, range(2), range(2)), lambda a, b: a < b) == set()
    wrong_on_ties = [("mov", 2, 0), ("mov", 3, 1), *sort2[1:3], ("cmove", 0, 4)]
    assert naive.failures(kernel(wrong_on_ties, range(2), (0, 1))) == {(1, 1), (2, 1)}
