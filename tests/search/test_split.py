"""Counting comparisons and moves apart loses no kernel, and shows fewer states."""

import engines
import pytest
from engines import question

from sortopt.search.bounds import Composed, build_database, composed_bounds
from sortopt.search.exhaustive.deepening import relaxations, shortest
from sortopt.search.exhaustive.frontier import Search
from sortopt.search.exhaustive.split import SplitSearch
from sortopt.search.space import Problem
from sortopt.targets import target

ASKED = [
    question(2),
    question(3),
    question(3, "l,g,le,ge,e,ne"),
    question(3, "l", in_place=False),
    question(3, "lt,gt", isa=target("aarch64")),
    question(3, assume="b<c"),
]


def begun(problem, restricted):
    """Return a search for a problem, its bounds additive, to be run under limits."""
    return Search.of(problem, build_database(problem, additive=True), 0, restricted=restricted)


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("problem", ASKED, ids=engines.name_of)
def test_under_each_limit_a_kernel_is_found_where_a_plain_search_finds_one(problem, restricted):
    *_, proved = composed_bounds(problem)
    plain = begun(problem, restricted)
    found = []
    for least in (proved, Composed(1, proved.moves - 1), Composed(proved.comparisons, 0)):
        limit, none = least.length, True
        while none:
            none = plain.under(limit).run() is None
            split = SplitSearch.of_same(plain, limit, least)
            assert (split.run() is None) == none
            assert sum(split.counts) == split.states
            limit += 1
        found.append(limit - 1)
    assert len({*found}) == 1


def test_four_keys_are_settled_for_kernels_that_compare_what_they_like_with_fewer_states():
    problem = Problem(4)
    *_, least = composed_bounds(problem)
    plain = begun(next(relaxations(problem)), restricted=False)
    split = SplitSearch.of_same(plain, least.length, least)
    assert split.run() is None
    shorter = plain.under(least.length - 2)
    assert shorter.run() is None
    assert split.states < shorter.states


def test_a_bound_by_both_counts_is_proved_without_the_model_s_restriction():
    *_, least = composed_bounds(Problem(3))
    found = shortest(question(3), composed=least)
    assert (found.lower_bound, found.restricted) == (11, False)
