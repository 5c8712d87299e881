"""Kernels that keep elements: the search against brute force, and what is known of few keys."""

from dataclasses import dataclass
from math import factorial

import naive
import pytest

from sortopt.base import Budget, InputError
from sortopt.model import HIGHER, Proved, Rung
from sortopt.search.space import problem_of
from sortopt.tasks.find import find
from sortopt.tasks.without_search import without_search
from sortopt.verify import elements as elements_of
from sortopt.verify import verify


@dataclass(frozen=True, eq=True)
class Element:
    """One of several keys: compares by rank, is itself."""

    rank: int
    number: int

    def __lt__(self, other):
        return self.rank < other.rank

    def __gt__(self, other):
        return self.rank > other.rank


def elements(n):
    """Return the weak orders of `n` keys, each key an element."""
    return [
        tuple(Element(rank, number) for number, rank in enumerate(order))
        for order in sorted(naive.weak_orders(n))
    ]


CASES = [
    (2, {"conditions": ("l", "g")}, None),
    (2, {"conditions": ("l", "g", "le", "ge")}, None),
    (2, {"conditions": ("l", "e")}, None),
    (2, {"conditions": ("l", "g"), "outputs": "anywhere"}, None),
    (3, {"conditions": ("l", "g"), "goal": "min"}, [0]),
    (3, {"conditions": ("l", "g", "le", "ge"), "goal": "max"}, [2]),
]


def by_brute_force(n, options, ranks, keep):
    """Return the length and number of the shortest kernels on a rung, as `naive` finds them."""
    inputs = elements(n)
    if keep == "safe":
        inputs.append((*inputs[0], naive.ANY_ANSWER))
    return naive.shortest(
        n, inputs, conditions=options["conditions"], ranks=ranks, move_undefined=True,
        keep_lost=False, outputs=options.get("outputs", "in-place"),
        scratch=options.get("scratch", 1), kept=keep != "stable",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("n", "options", "ranks", "keep"),
    [(*case, "stable") for case in CASES]
    + [(*case, keep) for case in CASES[:4] for keep in ("elements", "safe")]
    + [(2, {"conditions": ("le", "ne"), "goal": "min"}, [0], "safe")],
)
def test_length_and_count_are_those_of_brute_force(n, options, ranks, keep):
    problem = problem_of(n, keep=keep, **options)
    answer = find(problem, every=True)
    known = by_brute_force(n, options, ranks, keep)
    count = known.count // (factorial(n) if answer.in_order else 1)
    assert (answer.length, answer.count or 0) == (known.length, count)
    listed = list(answer.listing()) if count else []
    assert len(listed) == count
    for kernel in listed:
        assert kernel.contract.keep is Rung(keep)
        assert verify(kernel).verdict == Proved()
        assert not naive.breaks(kernel, keep)


def test_stable_kernels_of_three_keys_need_no_more_than_others():
    answer = find(problem_of(3, keep="stable"))
    assert (answer.length, answer.proved_minimal) == (11, True)
    assert answer.judgement.verdict == Proved()
    assert not naive.breaks(answer.kernel, "stable")


def test_for_four_keys_an_insertion_sort_is_there_before_any_search():
    answer = find(problem_of(4, keep="stable"), Budget(1e-9))
    assert (answer.length, answer.proved_minimal) == (21, False)
    assert answer.judgement.verdict == Proved()
    assert answer.kernel.contract.keep is Rung.STABLE


def test_no_safe_kernel_of_three_keys_is_as_short_as_others():
    answer = find(problem_of(3, conditions=("l", "g"), keep="safe"))
    assert (answer.length, answer.proved_minimal) == (12, True)
    assert answer.judgement.verdict == Proved()
    assert not naive.breaks(answer.kernel, "safe")


def test_kernels_that_keep_elements_are_those_of_all_shortest_ones_that_do():
    assert find(problem_of(3, conditions=("l", "g"), keep="elements"), every=True).count == 286
    assert find(problem_of(3, conditions=("l", "g"), keep="stable"), every=True).count == 178


def test_of_the_shortest_kernels_with_strict_conditions_some_keep_elements_and_none_is_safe():
    listed = list(find(problem_of(3, conditions=("l", "g")), every=True).listing())
    standing = [
        {rung for rung in HIGHER if isinstance(elements_of.check(kernel, rung), Proved)}
        for kernel in listed
    ]
    assert len(listed) == 2026
    assert [sum(rung in found for found in standing) for rung in HIGHER] == [286, 178, 0]
    assert all(Rung.ELEMENTS in found for found in standing if found)


def test_of_distinct_keys_every_kernel_is_stable():
    plain = find(problem_of(2, distinct=True), every=True)
    assert find(problem_of(2, distinct=True, keep="stable"), every=True).length == plain.length


def test_the_question_in_a_file_names_the_rung():
    assert problem_of(2, keep="stable").record()["keep"] == "stable"
    assert "stable" in problem_of(2, keep="stable").describe()
    assert "keep" not in problem_of(2).record()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keep": "safe", "isa": "x86-minmax"}, "minima and maxima keep no elements"),
        ({"keep": "elements", "isa": "x86-minmax"}, "minima and maxima keep no elements"),
        ({"keep": "stable", "isa": "x86-minmax"}, "minima and maxima keep no elements"),
        ({"keep": "stabel"}, "unknown rung 'stabel'"),
    ],
)
def test_what_is_not_searched_is_refused_in_one_line(options, message):
    with pytest.raises(InputError, match=message):
        problem_of(3, **options)


def test_a_search_on_a_rung_begins_with_a_known_kernel_that_stands_on_it():
    for n, keep, length in [(4, "stable", 21), (4, "elements", 20), (4, "safe", 20)]:
        kernel = without_search(problem_of(n, keep=keep))
        assert (len(kernel), kernel.contract.keep) == (length, Rung(keep))
        assert not naive.breaks(kernel, keep)
    assert without_search(problem_of(3, keep="stable", isa="aarch64")) is None  # not in place
