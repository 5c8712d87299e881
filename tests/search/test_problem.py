"""A problem names its model completely, and knows its own symmetries."""

import re
from itertools import combinations

import naive
import pytest
from engines import THREE_KEYS, TWO_KEYS, from_record, name_of, question
from toys import EXTREMA, SELECTS

from sortopt.base.errors import InputError
from sortopt.model.goal import parse_goal
from sortopt.model.isa import Signedness
from sortopt.model.orders import parse_precondition
from sortopt.search.space import Problem, problem_of
from sortopt.targets import ISAS, X86_MINMAX
from sortopt.tasks.find import find


@pytest.mark.parametrize(("n", "orders"), [(1, 1), (2, 3), (3, 13), (4, 75)])
def test_orders_are_all_weak_orders_by_default(n, orders):
    assert len(Problem(n).orders) == orders
    assert set(Problem(n).orders) == naive.weak_orders(n)


def test_a_precondition_and_a_merge_restrict_the_orders():
    assumed = question(3, assume="a<b").orders
    assert set(assumed) == {o for o in naive.weak_orders(3) if o[0] < o[1]}
    merged = question(4, goal="merge:2,2", assume="a<c").orders
    assert set(merged) == {
        o for o in naive.weak_orders(4) if o[0] <= o[1] and o[2] <= o[3] and o[0] < o[2]
    }


def test_distinct_keys_are_the_permutations_and_a_kernel_may_rely_on_them():
    problem = question(3, distinct=True, assume="a<b")
    assert problem.orders == ((1, 2, 3), (1, 3, 2), (2, 3, 1))
    assert str(problem.granted) == "a < b and a != b and a != c and b != c"
    assert problem.granted.orders(3) == problem.orders
    assert question(3, assume="a<b").granted == question(3, assume="a<b").assume


def test_forms_are_those_of_the_conditions_or_of_the_signedness():
    assert [f.mnemonic for f in question(2, "g,l").forms] == ["mov", "cmp", "cmovl", "cmovg"]
    assert [f.mnemonic for f in Problem(2, X86_MINMAX).forms] == ["movdqa", "pminsd", "pmaxsd"]
    unsigned = Problem(2, X86_MINMAX, signedness=Signedness.UNSIGNED)
    assert [f.mnemonic for f in unsigned.forms] == ["movdqa", "pminud", "pmaxud"]


@pytest.mark.parametrize("signed", [("l", "g", "le", "ge", "e", "ne"), ("b", "a", "be", "ae")])
def test_exchangeable_says_whether_the_conditions_are_closed_under_exchange(signed):
    for size in range(1, len(signed) + 1):
        for chosen in combinations(signed, size):
            expected = naive.is_exchangeable(chosen)
            assert question(2, ",".join(chosen)).exchangeable == expected


@pytest.mark.parametrize(
    ("goal", "reversible"),
    [("sort", True), ("min", False), ("max", False), ("median", True), ("minmax", True),
     ("kth:1", False), ("kth:2", True)],
)  # fmt: skip
def test_reversible_says_whether_the_goal_is_symmetric(goal, reversible):
    assert question(3, goal=goal).reversible == reversible
    assert question(3, goal=goal, minmax=True).reversible == reversible
    assert not question(3, "l", goal=goal).reversible


def test_description_names_all_that_a_claim_depends_on():
    told = question(
        3, "l,g", scratch=2, in_place=False, distinct=True, assume="b<c", goal="min"
    ).describe()
    for part in ("goal min", "3 keys", "x86-cmov", "conditions l g", "2 scratch cells",
                 "outputs anywhere", "distinct keys only", "given b < c",
                 "undefined cells and flags are never compared or tested"):  # fmt: skip
        assert part in told
    assert "1 key," in Problem(1).describe()
    plain = Problem(4, X86_MINMAX, scratch=1, signedness=Signedness.UNSIGNED).describe()
    for part in ("unsigned keys", "1 scratch cell,", "in order", "all inputs, ties included"):
        assert part in plain
    assert "condition" not in plain
    assert "given" not in plain


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"n": 0}, "0 keys cannot be sorted; use n from 2 to 8"),
        ({"n": 3, "scratch": -1}, "the number of scratch cells is negative"),
        ({"n": 3, "conditions": ("l", "x")}, "unknown condition 'x'"),
        ({"n": 3, "conditions": ("b",)}, "signed keys do not go with the conditions b"),
        ({"n": 3, "isa": X86_MINMAX, "conditions": ("l",)}, "does not apply to x86-minmax"),
        ({"n": 3, "conditions": ("l", "a")}, "signed and unsigned conditions are mixed"),
        ({"n": 3, "goal": parse_goal("kth:4")}, "goal kth:4 asks for key 4 of 3"),
        ({"n": 3, "goal": parse_goal("merge:1,1")}, "merges 2 keys, but the kernel has 3"),
    ],
)
def test_parts_that_do_not_fit_are_refused_in_one_line(options, said):
    with pytest.raises(InputError) as caught:
        Problem(**options)
    assert said in caught.value.render()
    assert "\n" not in caught.value.render()
    assert caught.value.hint


def test_preconditions_that_no_input_satisfies_are_refused():
    with pytest.raises(InputError, match="no input satisfies"):
        question(3, assume="a<b and b<a")
    with pytest.raises(InputError, match="no distinct keys satisfy the precondition 'a = b'"):
        question(3, assume="a=b", distinct=True)


def test_conditions_of_both_signs_go_with_equality():
    for conditions in ("l,e,ne", "b,e", "e"):
        assert question(2, conditions).forms


def test_conditions_are_the_sets_own_for_the_sign_unless_named():
    unsigned = Problem(2, signedness=Signedness.UNSIGNED)
    assert Problem(2).conditions == ("l", "g", "le", "ge")
    assert unsigned.conditions == ("b", "a", "be", "ae")
    assert Problem(2, SELECTS).conditions == ("lt", "gt", "le", "ge")
    assert Problem(2, X86_MINMAX).conditions == Problem(2, EXTREMA).conditions == ()
    assert Problem(2, conditions=("g", "e")).conditions == ("g", "e")


def test_a_problem_is_what_the_options_say():
    assert problem_of(3) == Problem(3)
    assert problem_of(3, isa="x86-minmax", unsigned=True, scratch=2) == Problem(
        3, X86_MINMAX, scratch=2, signedness=Signedness.UNSIGNED
    )
    options = {"assume": "b<c", "goal": "median", "distinct": True, "in_place": False}
    assert problem_of(
        3, conditions=["L ", "g", "l"], outputs="anywhere", assume="b<c", goal="median",
        distinct=True,
    ) == question(3, **options)  # fmt: skip
    assert problem_of(2, assume=parse_precondition("a<b")) == question(2, "l,g,le,ge", assume="a<b")
    assert problem_of(2, conditions=["b", "e"]) == question(2, "b,e")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"isa": "x86"}, "unknown instruction set 'x86'"),
        ({"outputs": "inplace"}, "unknown outputs 'inplace'; use in-order, in-place or anywhere"),
        ({"conditions": []}, "no conditions are named"),
        ({"conditions": ["l"], "unsigned": True}, "unsigned keys do not go with the conditions l"),
        ({"conditions": ["l", "b"]}, "signed and unsigned conditions are mixed"),
        ({"conditions": ["l"], "isa": "x86-minmax"}, "--conditions does not apply to x86-minmax"),
        ({"assume": "a<<b"}, "unknown relation '<<'"),
        ({"goal": "medain"}, "unknown goal 'medain'"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, said):
    with pytest.raises(InputError, match=re.escape(said)):
        problem_of(3, **options)


@pytest.mark.parametrize("problem", TWO_KEYS + THREE_KEYS, ids=name_of)
def test_a_record_gives_the_problem_back(problem):
    if problem.isa.name in ISAS:
        assert from_record(problem.record()) == problem


@pytest.mark.parametrize("options", [{}, {"distinct": True}, {"scratch": 2}])
def test_in_order_and_in_place_are_one_question_where_any_order_may_come_in(options):
    in_order = problem_of(2, outputs="in-order", **options)
    assert in_order == problem_of(2, **options) == problem_of(2, outputs="in-place", **options)
    contract = find(in_order).kernel.contract
    assert contract.outputs == contract.inputs
    assert in_order.outputs == "in-order"


@pytest.mark.parametrize("options", [{"assume": "a<b"}, {"goal": "min"}, {"goal": "merge:1,2"}])
def test_in_order_is_refused_where_it_is_another_question(options):
    assert problem_of(3, **options) == problem_of(3, outputs="in-place", **options)
    assert problem_of(3, **options).outputs == "in-place"
    with pytest.raises(InputError, match="in any order on entry; use --outputs in-place"):
        problem_of(3, outputs="in-order", **options)
