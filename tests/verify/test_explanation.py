"""Explanations: the trace as data, and why an output is wrong."""

import pytest
from kernels_by_hand import FAILS_ON_TIES, MINMAX3, compact

from sortopt.model.goal import parse_goal
from sortopt.model.isa import Order
from sortopt.model.kernel import build
from sortopt.model.verdict import Counterexample
from sortopt.targets import X86_CMOV
from sortopt.verify import counterexample
from sortopt.verify.explanation import explain


def explained(kernel, **options):
    return explain(kernel, counterexample(kernel, **options))


@pytest.mark.parametrize(
    ("kernel", "assume", "sentence"),
    [
        (
            FAILS_ON_TIES,
            None,
            "output 1 (eax) holds 2 where 1 belongs: key 1 is lost and key 2 doubled",
        ),
        (
            compact("m43 c13 g31 l41 m14 c42 g12 g24", "123", "123"),
            "a<c<b",
            "output 2 (ecx) holds 3 where 2 belongs: all keys are there, but out of order",
        ),
        (
            compact("l12", "12", "12"),
            "a<=b",
            "output 1 (eax) holds 2 where 1 belongs: key 1 is lost and key 2 doubled, "
            "which depends on what the flags held on entry",
        ),
        (
            compact("m13 m23", "12", "12"),
            "a=b",
            "output 1 (eax) holds 1 where 2 belongs: 1 is no key, "
            "which depends on what edx held on entry",
        ),
        (
            compact("m12 m23", "12", "12"),
            "a>b",
            "output 2 (ecx) holds 1 where 2 belongs: key 2 is lost and key 1 doubled, "
            "which depends on what edx held on entry",
        ),
    ],
)
def test_the_sentence_names_the_first_wrong_output_and_why(kernel, assume, sentence):
    assert explained(kernel, assume=assume).sentence == sentence


def test_the_sentence_names_the_goal_where_it_is_not_sorting():
    program = [(X86_CMOV.form("mov"), ("a", "b"))]
    kernel = build(X86_CMOV, program, inputs="ab", outputs="a", goal=parse_goal("min"))
    assert explained(kernel).sentence == (
        "output 1 (a) holds 2 where 1 belongs: that is not the key that the goal min asks for"
    )


def test_an_output_that_is_unknown_is_passed_over():
    kernel = compact("m12 m23", "12", "12")
    found = Counterexample((2, 1), (None, 1), (1, 2))
    assert explain(kernel, found).sentence == (
        "output 2 (ecx) holds 1 where 2 belongs: key 2 is lost"
    )


def test_rows_show_the_entry_then_every_instruction():
    explanation = explained(FAILS_ON_TIES)
    assert explanation.cells == ("eax", "ecx", "edx", "esi")
    assert [row.number for row in explanation.rows] == list(range(12))
    entry, move, compare = explanation.rows[:3]
    assert (entry.text, entry.cells, entry.flags) == ("on entry", (2, 1, 1, None), None)
    assert move.text == "mov    esi, eax"
    assert move.cells == (2, 1, 1, 2)
    assert move.changed == (False, False, False, True)
    assert (compare.flags, compare.compared, any(compare.changed)) == (Order.LESS, True, False)


def test_flags_are_shown_only_where_a_kernel_uses_them():
    assert explained(FAILS_ON_TIES).uses_flags
    shorter = MINMAX3.with_instructions(MINMAX3.instructions[:-1])
    assert not explained(shorter).uses_flags
