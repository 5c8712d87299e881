"""The interpreter, checked against what the processor manuals say."""

import naive
import pytest

from sortopt.model.goal import parse_goal
from sortopt.model.interpreter import Step, entry, expected, run, step, trace
from sortopt.model.isa import Order
from sortopt.model.kernel import build
from sortopt.targets import X86_CMOV, X86_MINMAX

SORT2 = "mov s a; cmp a b; cmovg a b; cmovg b s"


def kernel(text, inputs="ab", outputs=None, isa=X86_CMOV, **more):
    program = [(isa.form(m), tuple(cells)) for m, *cells in map(str.split, text.split(";"))]
    return build(isa, program, inputs=inputs, outputs=outputs or inputs, **more)


@pytest.mark.parametrize("keys", [(1, 2), (2, 1), (1, 1), (-5, -7)])
def test_a_sorting_kernel_sorts(keys):
    built = kernel(SORT2)
    assert run(built, keys) == expected(built, keys) == tuple(sorted(keys))


@pytest.mark.parametrize("condition", naive.HOLDS)
@pytest.mark.parametrize(("a", "b"), [(1, 2), (2, 2), (3, 2)])
def test_a_conditional_move_moves_where_its_condition_holds(condition, a, b):
    built = kernel(f"cmp a b; cmov{condition} a b")
    moves = naive.outcome(a, b) in naive.HOLDS[condition]
    assert run(built, (a, b)) == (b if moves else a, b)


@pytest.mark.parametrize("sign", "su")
def test_extrema_replace_their_destination(sign):
    assert run(kernel(f"pmin{sign}d a b", isa=X86_MINMAX), (5, 3)) == (3, 3)
    assert run(kernel(f"pmax{sign}d b a", isa=X86_MINMAX), (5, 3)) == (5, 5)
    assert run(kernel(f"movdqa s a; pmin{sign}d a b", isa=X86_MINMAX), (1, 3)) == (1, 3)


def test_scratch_is_unknown_until_it_is_written():
    assert run(kernel("mov a s"), (1, 2)) == (None, 2)
    assert run(kernel("mov s a; mov a s"), (1, 2)) == (1, 2)


def test_what_depends_on_scratch_or_flags_on_entry_is_unknown():
    assert run(kernel("cmp a s; cmovl a b"), (1, 2)) == (None, 2)
    assert run(kernel("cmovl a b"), (1, 2)) == (None, 2)
    assert run(kernel("pminsd a s", isa=X86_MINMAX), (1, 2)) == (None, 2)


def test_what_does_not_depend_on_them_is_known():
    assert run(kernel("cmovl a b"), (2, 2)) == (2, 2)
    assert run(kernel("cmp a s; cmovl a b"), (2, 2)) == (2, 2)


def test_scratch_and_flags_on_entry_can_be_given():
    assert run(kernel("mov a s"), (1, 2), scratch=(7,)) == (7, 2)
    assert run(kernel("cmovl a b"), (1, 2), flags=Order.LESS) == (2, 2)
    assert run(kernel("cmovl a b"), (1, 2), flags=Order.EQUAL) == (1, 2)


def test_entry_places_the_keys_and_leaves_the_rest_unknown():
    built = kernel("mov t s; cmp a b", inputs="ba", outputs="ba")
    assert entry(built, (1, 2)) == Step((1, 2, None, None), None)
    assert entry(built, (1, 2), (3,), Order.LESS) == Step((1, 2, 3, None), Order.LESS)


def test_a_trace_shows_the_cells_and_flags_after_each_instruction():
    assert trace(kernel(SORT2), (2, 1)) == (
        Step((2, 1, None), None),
        Step((2, 1, 2), None),
        Step((2, 1, 2), Order.GREATER),
        Step((1, 1, 2), Order.GREATER),
        Step((1, 2, 2), Order.GREATER),
    )


def test_only_a_comparison_changes_the_flags():
    before = Step((1, 2, 3), Order.GREATER)
    for instruction in kernel(SORT2).instructions:
        after = step(instruction, before).flags
        assert after == (Order.LESS if instruction.form.writes_flags else before.flags)


def test_outputs_follow_the_contract_not_the_cells():
    assert run(kernel("cmp a b", outputs="ba"), (1, 2)) == (2, 1)


def test_expected_follows_the_goal():
    median = kernel("cmp a b", inputs="abc", outputs="b", goal=parse_goal("median"))
    assert expected(median, (3, 9, 5)) == (5,)


def test_a_wrong_number_of_keys_is_a_fault_of_the_caller():
    with pytest.raises(ValueError, match="argument"):
        run(kernel(SORT2), (1, 2, 3))
