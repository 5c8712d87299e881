"""Weakest preconditions: none weaker is right, by brute force, and each is proved."""

from itertools import combinations, permutations, product

import naive
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels_by_hand import ALPHADEV3, FAILS_ON_TIES, compact
from strategies import RELATIONS

from sortopt.base import Budget
from sortopt.base.errors import Disagreement, LimitReached
from sortopt.formats import parse
from sortopt.model import ALWAYS, Precondition, ascending, parse_goal, parse_precondition, rebuild
from sortopt.model.orders import Comparison, weak_orders
from sortopt.verify import preconditions, verify
from sortopt.verify.preconditions import (
    failing_orders,
    weakest_conjunctions,
    weakest_preconditions,
)

OF_THREE = weak_orders(3)
EVERY_CONJUNCTION = [
    Precondition(
        tuple(
            Comparison(i, relation, j)
            for (i, j), relation in zip(combinations(range(3), 2), chosen, strict=True)
            if relation
        )
    )
    for chosen in product((None, *RELATIONS), repeat=3)
]
"""At most one relation of each pair of three keys: two of one pair are one, or a contradiction."""


def admitted(conjunction, orders=OF_THREE):
    return frozenset(filter(conjunction.holds, orders))


def weakest_by_brute_force(failing, orders=OF_THREE):
    """Return the maximal sets of orders that some conjunction admits and that hold no failure."""
    right = {kept for c in EVERY_CONJUNCTION if (kept := admitted(c, orders))}
    right = {kept for kept in right if not kept & set(failing)}
    return {kept for kept in right if not any(kept < other for other in right)}


def test_nothing_to_rule_out_needs_no_precondition():
    assert weakest_conjunctions(OF_THREE, []) == (ALWAYS,)


def test_everything_ruled_out_leaves_only_contradictions():
    assert weakest_conjunctions(OF_THREE, OF_THREE) == ()


def test_a_single_comparison_is_found():
    failing = [order for order in OF_THREE if order[1] >= order[2]]
    assert [str(p) for p in weakest_conjunctions(OF_THREE, failing)] == ["b < c"]


def test_a_longer_conjunction_may_be_weaker_than_a_shorter_one():
    weaker = parse_precondition("a<=b, b<=c, a<c")
    failing = [order for order in OF_THREE if not weaker.holds(order)]
    assert [str(p) for p in weakest_conjunctions(OF_THREE, failing)] == [
        "a <= b and a < c and b <= c"
    ]


@given(st.sets(st.sampled_from(OF_THREE), max_size=12), st.sampled_from([None, (0, 2), (1, 3)]))
def test_weakest_means_that_no_weaker_conjunction_rules_out_the_failures(failing, run):
    orders = OF_THREE if run is None else ascending(range(*run)).orders(3)
    failing = [keys for keys in orders if keys in failing]
    found = weakest_conjunctions(orders, failing)
    assert {admitted(p, orders) for p in found} == weakest_by_brute_force(failing, orders)
    assert len({admitted(p, orders) for p in found}) == len(found)


@given(st.sets(st.sampled_from(OF_THREE), min_size=1, max_size=6))
def test_a_weakest_conjunction_holds_no_comparison_too_many(failing):
    found = weakest_conjunctions(OF_THREE, sorted(failing))
    for precondition in found:
        for shorter in permutations(precondition.comparisons, len(precondition.comparisons) - 1):
            assert admitted(Precondition(shorter)) != admitted(precondition)
    lengths = [len(precondition.comparisons) for precondition in found]
    assert lengths == sorted(lengths)


def test_the_weakest_preconditions_of_a_right_kernel_are_none():
    assert weakest_preconditions(ALPHADEV3) == (ALWAYS,)
    assert failing_orders(ALPHADEV3) == ()


def test_weakest_preconditions_are_found_whatever_the_kernel_assumes():
    (assume, *_) = weakest_preconditions(FAILS_ON_TIES)
    kernel = FAILS_ON_TIES.assuming(assume)
    assert weakest_preconditions(kernel) == weakest_preconditions(FAILS_ON_TIES)


def test_a_kernel_that_comparisons_of_keys_cannot_repair_has_no_weakest_precondition():
    kernel = parse("; inputs: eax ecx\n; outputs: eax edx\nmov edx, esi").kernel
    assert weakest_preconditions(kernel) == ()


@pytest.mark.parametrize("index", range(11))
def test_of_a_kernel_that_lacks_an_instruction_nothing_weaker_is_proved(index):
    rest = [i for n, i in enumerate(ALPHADEV3.instructions) if n != index]
    kernel = rebuild(ALPHADEV3, rest)
    found = {admitted(assume) for assume in weakest_preconditions(kernel)}
    failing = naive.failures(kernel)
    assert found == weakest_by_brute_force(failing)
    for kept in found:
        weaker = [c for c in EVERY_CONJUNCTION if kept < admitted(c)]
        assert all(admitted(c) & failing for c in weaker)


@pytest.mark.parametrize("goal", ["merge:1,2", "merge:2,1"])
def test_what_a_merge_needs_is_found_among_the_inputs_that_it_merges(goal):
    """A precondition that contradicts the runs of a merge says nothing, and is not offered."""
    whole = compact("m43 c13 g31 l41 m14 c42 g12 g24", "123", "123", goal=parse_goal(goal))
    kernel = rebuild(whole, whole.instructions[:-1])
    runs = kernel.contract.precondition
    found = weakest_preconditions(kernel)
    assert {admitted(p, runs.orders(3)) for p in found} == weakest_by_brute_force(
        naive.failures(kernel, lambda *keys: runs.holds(keys)), runs.orders(3)
    )
    assert all(verify(kernel, assume=assume).verdict.name == "proved" for assume in found)
    assert found


def test_a_precondition_that_is_not_proved_is_never_handed_out(monkeypatch):
    monkeypatch.setattr(preconditions, "failing_orders", lambda kernel, budget: ())
    with pytest.raises(Disagreement, match="not proved"):
        weakest_preconditions(FAILS_ON_TIES)


def test_a_search_for_preconditions_ends_with_its_budget():
    with pytest.raises(LimitReached):
        weakest_conjunctions(weak_orders(5), weak_orders(5)[::3], Budget(1e-9))
