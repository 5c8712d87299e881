"""The verdict over a kernel: both proofs on kernels of known behaviour, and how they combine."""

import pytest
from kernels_by_hand import (
    ALPHADEV3,
    ALPHADEV4,
    ALPHADEV5,
    FAILS_ON_TIES,
    MINMAX3,
    SORT2,
    UNSIGNED2,
    compact,
)

from sortopt.base import Budget
from sortopt.base.errors import Disagreement, InputError, LimitReached
from sortopt.model import KEY_TYPES
from sortopt.model.goal import parse_goal
from sortopt.model.interpreter import LESS_AND_EQUAL
from sortopt.model.isa import Order
from sortopt.model.kernel import build
from sortopt.model.orders import Precondition, parse_precondition
from sortopt.model.verdict import Counterexample, MethodVerdict, Proved, Refuted, Unknown
from sortopt.targets import X86_CMOV
from sortopt.verify import METHODS, Question, counterexample, orders_check, smt, verify
from sortopt.verify.judge import conclude
from sortopt.verify.replay import replay

SHOWN = compact("m43 c13 g31 l41 m14 c42 g12 g24", "123", "123")
SHORTENED = compact("m43 c13 g31 l41 c42 g12 g24", "123", "123")
WITH_CMOVGE = compact("m43 c13 g31 l41 c42 G12 g24", "123", "123")

NETWORKS = {
    6: "16 24 35 23 45 14 36 12 34 56 23 45",
    7: "17 34 56 13 25 47 12 36 45 23 57 34 56 23 45 67",
    8: "13 24 57 68 15 26 37 48 12 34 56 78 35 46 25 47 23 45 67",
}
"""Comparators that sort n keys, by n."""


def lowered(n):
    """Return the kernel of the network of `n` keys, four instructions a comparator."""
    program = []
    for low, high in NETWORKS[n].split():
        for form, *cells in (("mov", "s", low), ("cmp", low, high), ("cmovg", low, high)):
            program.append((X86_CMOV.form(form), tuple(cells)))
        program.append((X86_CMOV.form("cmovg"), (high, "s")))
    names = [str(i) for i in range(1, n + 1)]
    return build(X86_CMOV, program, inputs=names, outputs=names)


def assembled(text, inputs, outputs, goal="sort", assume=None):
    program = []
    for line in text.split("; "):
        mnemonic, *cells = line.replace(",", "").split()
        program.append((X86_CMOV.form(mnemonic), tuple(cells)))
    kernel = build(X86_CMOV, program, inputs=inputs, outputs=outputs, goal=parse_goal(goal))
    return kernel.assuming(parse_precondition(assume)) if assume else kernel


@pytest.mark.parametrize(
    "kernel", [SORT2, UNSIGNED2, ALPHADEV3, ALPHADEV4, ALPHADEV5, MINMAX3, *map(lowered, NETWORKS)]
)
def test_kernels_that_sort_are_proved_by_both_methods(kernel):
    judgement = verify(kernel)
    assert [m.verdict for m in judgement.methods] == [Proved(), Proved()]
    assert tuple(m.method for m in judgement.methods) == METHODS
    assert judgement.verdict == Proved()


@pytest.mark.parametrize(
    ("kernel", "assume", "fails_on", "outputs"),
    [
        (FAILS_ON_TIES, None, (2, 1, 1), (2, 1, 2)),
        (FAILS_ON_TIES, "b != c", None, None),
        (SHOWN, None, (1, 2, 1), (1, 2, 1)),
        (SHOWN, "a < c < b", (1, 3, 2), (1, 3, 2)),
        (SHOWN, "b <= c", None, None),
        (SHOWN, "b <= a", None, None),
        (SHORTENED, "b < c", None, None),
        (SHORTENED, "b <= c", (2, 1, 1), (2, 1, 2)),
        (SHORTENED, "a > b > c", (3, 2, 1), (3, 2, 3)),
        (WITH_CMOVGE, "b <= c", None, None),
    ],
)
def test_facts_of_the_field_are_recomputed(kernel, assume, fails_on, outputs):
    verdict = verify(kernel, assume=assume).verdict
    if fails_on is None:
        assert verdict == Proved()
    else:
        found = verdict.counterexample
        assert (found.inputs, found.outputs) == (fails_on, outputs)


@pytest.mark.parametrize("n", NETWORKS)
def test_a_large_network_less_one_comparator_is_refuted_by_its_least_input(n):
    whole = lowered(n)
    broken = whole.with_instructions(whole.instructions[:-4])
    judgement = verify(broken)
    names = [method.verdict.name for method in judgement.methods]
    assert names == ["refuted", "refuted"]
    found = judgement.verdict.counterexample
    assert max(found.inputs) == 2  # a network fails on two values if it fails at all
    assert found.outputs != found.expected


@pytest.mark.parametrize(
    ("goal", "outputs", "text"),
    [
        ("min", "a", "cmp a, b; cmovg a, b"),
        ("max", "a", "cmp a, b; cmovl a, b"),
        ("merge:1,1", "ab", "mov s, a; cmp a, b; cmovg a, b; cmovg b, s"),
        ("kth:2", "b", "cmp a, b; cmovg b, a"),
    ],
)
def test_goals_other_than_sorting_are_proved(goal, outputs, text):
    assert verify(assembled(text, "ab", outputs, goal)).verdict == Proved()


def test_a_goal_that_is_not_met_is_refuted():
    kernel = assembled("cmp a, b; cmovg a, b", "abc", "a", "min")
    assert verify(kernel).verdict.counterexample.expected == (1,)


def test_a_merge_may_rely_on_its_runs_alone():
    kernel = assembled("mov s, b; cmp b, c; cmovg b, c; cmovg c, s", "abc", "abc", "merge:2,1")
    assert verify(kernel).verdict.counterexample.inputs == (2, 2, 1)
    assert verify(kernel, assume="a <= c").verdict == Proved()


def test_a_result_that_depends_on_scratch_is_refuted_with_its_content():
    kernel = compact("c21 l12 l23", "12", "12")
    found = verify(kernel).verdict.counterexample
    assert None not in found.scratch
    assert found.outputs != found.expected


def test_a_result_that_depends_on_flags_is_refuted_with_their_value():
    found = verify(compact("g12", "12", "12"), assume="a < b").verdict.counterexample
    assert found.flags is Order.GREATER
    assert found.outputs == (2, 2)


@pytest.mark.parametrize(
    "text",
    [
        "mov t, s; cmp s, t; cmovne a, b",  # s equals its own copy, whatever it holds
        "cmp s, t; mov u, a; cmovl u, b; mov u, a",  # what depended on scratch is overwritten
        "cmp s, a; cmovl a, a; cmovg b, b",  # both choices are the same
        "mov s, a; cmovl s, a; mov a, s",  # no flags are set before, and none matter
    ],
)
def test_a_result_that_only_seems_to_depend_on_scratch_or_flags_is_proved(text):
    kernel = assembled(text, "ab", "ab", assume="a <= b")
    assert [m.verdict for m in verify(kernel).methods] == [Proved(), Proved()]


@pytest.mark.parametrize("less", ["l", "b"])
def test_flags_that_no_comparison_leaves_are_tried_on_entry(less):
    """A processor may hold "less" and "equal" at once: only then a loses its key."""
    text = (
        f"mov t, a; cmov{less} t, b; mov u, a; cmove u, t; mov a, u; mov t, a; cmp a, b; "
        f"cmov{less} t, b; cmov{less} b, a; mov a, b; mov b, t"
    )
    kernel = assembled(text, "ab", "ab")
    judgement = verify(kernel)
    assert [m.verdict.name for m in judgement.methods] == ["refuted", "refuted"]
    assert all(m.verdict.counterexample.flags == LESS_AND_EQUAL for m in judgement.methods)
    compared_first = assembled(f"cmp a, b; {text}", "ab", "ab")
    assert verify(compared_first).verdict == Proved()


def test_a_precondition_of_the_call_takes_the_place_of_the_kernels_own():
    kernel = SHORTENED.assuming(parse_precondition("b < c"))
    assert verify(kernel).verdict == Proved()
    assert verify(kernel, assume="b <= c").verdict.name == "refuted"
    assert verify(kernel, assume=parse_precondition("b < c and a < b")).verdict == Proved()
    assert verify(kernel, assume="none").verdict.name == "refuted"


@pytest.mark.parametrize("check", [orders_check.check, smt.check])
@pytest.mark.parametrize(("assume", "said"), [("a<b, b<a", "no input satisfies"), ("a<d", "'d'")])
def test_no_method_proves_anything_over_no_input(check, assume, said):
    with pytest.raises(InputError, match=said):
        check(ALPHADEV3.assuming(parse_precondition(assume)))


def test_no_large_kernel_is_proved_over_no_input():
    with pytest.raises(InputError, match="no input satisfies"):
        verify(lowered(6), assume="a<b<c<a")


NOTHING = build(X86_CMOV, [], inputs="abcd", outputs="abcd")
IMPOSSIBLE = NOTHING.assuming(parse_precondition("a<b, b<=d, d<=c, c<=a"))


@pytest.mark.parametrize("check", [orders_check.check, smt.check])
def test_a_precondition_that_no_input_satisfies_is_refused_whatever_its_order(check):
    with pytest.raises(InputError, match="no input satisfies"):
        check(IMPOSSIBLE)


@pytest.mark.parametrize("n", [4, 7])
def test_a_proof_over_no_input_is_an_error_in_every_method_by_itself(monkeypatch, n):
    """Also where the check of the precondition itself had missed it."""
    monkeypatch.setattr(Precondition, "check", lambda self, n: None)
    names = "abcdefg"[:n]
    kernel = build(X86_CMOV, [], inputs=names, outputs=names, assume=IMPOSSIBLE.contract.assume)
    with pytest.raises(InputError, match="no input satisfies"):
        orders_check.check(kernel)
    with pytest.raises(InputError, match="no input satisfies"):
        orders_check.check(kernel, Question(key=KEY_TYPES["uint32"]))
    for question in (Question(), Question(bits=8), Question(key=KEY_TYPES["uint32"])):
        with pytest.raises(Disagreement, match="no input that satisfies"):
            smt.check(kernel, question)


@pytest.mark.parametrize("kernel", [ALPHADEV3, lowered(8), FAILS_ON_TIES])
def test_time_running_out_is_unknown_and_never_a_pass(kernel):
    judgement = verify(kernel, budget=Budget(1e-9))
    assert [m.verdict.name for m in judgement.methods] == ["unknown", "unknown"]
    assert judgement.verdict == Unknown("weak orders: out of time; z3: out of time")


def test_z3_gives_up_when_its_time_is_up():
    verdict = smt.check(lowered(6), Question(bits=64), Budget(0.2))
    assert verdict == Unknown("out of time")


def test_more_weak_orders_than_fit_are_unknown():
    names = [f"r{i}" for i in range(12)]
    kernel = build(X86_CMOV, [], inputs=names, outputs=names)
    verdict = orders_check.check(kernel)
    assert verdict == Unknown("more than 20,000,000 weak orders of 12 keys")


def test_a_precondition_makes_many_keys_few_orders():
    names = [f"r{i}" for i in range(12)]
    kernel = build(X86_CMOV, [], inputs=names, outputs=names)
    chain = " < ".join(f"k{i}" for i in range(1, 13))
    assert verify(kernel, assume=chain).verdict == Proved()


FAILS = Refuted(Counterexample((2, 1), (2, 1), (1, 2)))
FAILS_ELSEWHERE = Refuted(Counterexample((3, 1), (3, 1), (1, 3)))


def concluded(*verdicts):
    methods = (MethodVerdict(m, v, 0.0) for m, v in zip(METHODS, verdicts, strict=True))
    return conclude(tuple(methods), None).verdict


def test_proved_is_said_only_where_every_method_proves():
    assert concluded(Proved(), Proved()) == Proved()
    assert concluded(Proved(), Unknown("why")) == Unknown("z3: why")
    assert concluded(Unknown("why"), Proved()) == Unknown("weak orders: why")


def test_one_refutation_refutes_and_the_first_is_shown():
    assert concluded(FAILS, Unknown("why")) == FAILS
    assert concluded(Unknown("why"), FAILS) == FAILS
    assert concluded(FAILS, FAILS_ELSEWHERE) == FAILS


@pytest.mark.parametrize("verdicts", [(Proved(), FAILS), (FAILS, Proved())])
def test_methods_that_contradict_each_other_are_a_bug_and_say_so(verdicts):
    with pytest.raises(Disagreement, match="bug in sortopt"):
        concluded(*verdicts)


@pytest.mark.parametrize("methods", [("weak orders",), ("z3",)])
def test_one_method_can_be_asked_alone(methods):
    judgement = verify(ALPHADEV3, methods=methods)
    assert tuple(m.method for m in judgement.methods) == methods
    assert judgement.verdict == Proved()


@pytest.mark.parametrize("methods", [(), ("z4",)])
def test_an_unknown_method_is_named(methods):
    with pytest.raises(InputError, match="unknown proof method"):
        verify(SORT2, methods=methods)


def test_bit_vectors_follow_the_kernels_sign():
    for kernel in (SORT2, UNSIGNED2, ALPHADEV3, MINMAX3):
        assert smt.check(kernel, Question(bits=8)) == Proved()
    assert verify(UNSIGNED2, assume="a < b", bits=2).verdict == Proved()


@pytest.mark.parametrize(
    ("bits", "said"), [(0, "not supported"), (65, "not supported"), (1, "2 b")]
)
def test_too_few_or_too_many_bits_are_refused(bits, said):
    with pytest.raises(InputError, match=said):
        verify(ALPHADEV3, bits=bits)


def test_scratch_that_matters_counts_in_the_least_width():
    """In one bit scratch holds one of two different keys: a third value would go unnoticed."""
    reads_scratch = compact("c21 l12 l23", "12", "12")
    assert smt.least_width(reads_scratch) == 2
    assert smt.least_width(SORT2) == 1
    with pytest.raises(InputError, match="3 different values do not fit in 1-bit keys"):
        verify(reads_scratch, bits=1)


def test_a_width_counts_beside_a_key_type():
    with pytest.raises(InputError, match="3 different values do not fit in 1-bit keys"):
        verify(ALPHADEV3, key="int32", bits=1)
    found = verify(ALPHADEV3, key="uint32", bits=8).verdict.counterexample
    assert max(found.inputs) == 255


def test_what_fails_on_keys_as_the_kernel_reads_them_is_refuted_by_those():
    assert verify(FAILS_ON_TIES, key="uint32").verdict == verify(FAILS_ON_TIES).verdict
    reads_scratch = compact("c21 l12 l23", "12", "12")
    assert verify(reads_scratch, key="uint32").verdict == verify(reads_scratch).verdict


@pytest.mark.parametrize(("bits", "logic"), [(None, "QF_LIA"), (8, "QF_BV")])
def test_smt_lib_text_names_its_logic_and_asks_once(bits, logic):
    text = smt.smt_lib(SHORTENED, Question(bits))
    assert text.startswith(f"(set-logic {logic})\n")
    assert text.count("(check-sat)") == 1
    assert ("(_ BitVec 8)" in text) == (bits is not None)


def test_counterexample_is_none_for_a_proved_kernel():
    assert counterexample(ALPHADEV3) is None
    assert counterexample(FAILS_ON_TIES).inputs == (2, 1, 1)


def test_counterexample_never_takes_unknown_for_none():
    with pytest.raises(LimitReached, match="out of time"):
        counterexample(ALPHADEV3, budget=Budget(1e-9))


def test_replay_tells_only_what_a_failure_depends_on():
    found = replay(FAILS_ON_TIES, (2, 1, 1), (7,), Order.LESS)
    assert (found.scratch, found.flags) == ((None,), None)


@pytest.mark.parametrize(
    ("kernel", "said"),
    [
        (ALPHADEV3, "the interpreter gets"),
        (FAILS_ON_TIES.assuming(parse_precondition("b < c")), "ruled out"),
    ],
)
def test_replay_refuses_an_input_that_refutes_nothing(kernel, said):
    with pytest.raises(Disagreement, match=said):
        replay(kernel, (2, 1, 1))
