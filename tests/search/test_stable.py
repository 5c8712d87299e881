"""Stable kernels: the search over elements against brute force, and what is known of few keys."""

from dataclasses import dataclass

import naive
import pytest

from sortopt.base import InputError
from sortopt.model import HIGHER, Proved, Rung
from sortopt.search.space import problem_of
from sortopt.tasks.find import find
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


@pytest.mark.parametrize(
    ("n", "options", "ranks"),
    [
        (2, {"conditions": ("l", "g")}, None),
        (2, {"conditions": ("l", "g", "le", "ge")}, None),
        (2, {"conditions": ("l", "e")}, None),
        (2, {"conditions": ("l", "g"), "outputs": "anywhere"}, None),
        (3, {"conditions": ("l", "g"), "goal": "min"}, [0]),
        (3, {"conditions": ("l", "g", "le", "ge"), "goal": "max"}, [2]),
    ],
)
def test_length_and_count_are_those_of_brute_force(n, options, ranks):
    problem = problem_of(n, keep="stable", **options)
    answer = find(problem, every=True)
    known = naive.shortest(
        n, elements(n), conditions=options["conditions"], ranks=ranks, keep_lost=False,
        outputs=options.get("outputs", "in-place"), move_undefined=True, list_programs=False,
    )  # fmt: skip
    assert (answer.length, answer.count) == (known.length, known.count)
    listed = list(answer.listing())
    assert len(listed) == known.count
    for kernel in listed:
        assert kernel.contract.keep is Rung.STABLE
        assert verify(kernel).verdict == Proved()
        assert not naive.breaks(kernel, "stable")


def test_stable_kernels_of_three_keys_need_no_more_than_others():
    answer = find(problem_of(3, keep="stable"))
    assert (answer.length, answer.proved_minimal) == (11, True)
    assert answer.judgement.verdict == Proved()
    assert not naive.breaks(answer.kernel, "stable")


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
        ({"keep": "safe"}, "not for the rung safe"),
        ({"keep": "elements"}, "not for the rung elements"),
        ({"keep": "stable", "isa": "x86-minmax"}, "minima and maxima keep no elements"),
        ({"keep": "stabel"}, "unknown rung 'stabel'"),
    ],
)
def test_what_is_not_searched_is_refused_in_one_line(options, message):
    with pytest.raises(InputError, match=message):
        problem_of(3, **options)
