"""Shortest kernels of floating-point keys on a rung, chosen among the shortest by values."""

from collections import Counter

import naive
import pytest

from sortopt.base import Budget, InputError
from sortopt.model import Proved, Rung
from sortopt.search.optima import optima
from sortopt.search.space import problem_of
from sortopt.search.space.universe import build
from sortopt.tasks.find import find
from sortopt.verify import elements, verify


@pytest.mark.parametrize("keep", ["elements", "safe"])
@pytest.mark.parametrize(
    ("isa", "n", "length"),
    [("x86-float", 2, 3), ("x86-float", 3, 8), ("x86-avx-float", 2, 3), ("x86-avx-float", 3, 6),
     ("x86-float", 4, 15)],
)  # fmt: skip
def test_a_shortest_kernel_keeps_every_number(isa, n, length, keep):
    answer = find(problem_of(n, isa=isa, keep=keep))
    assert (answer.length, answer.proved_minimal, answer.verified) == (length, True, True)
    assert str(answer.kernel.contract.keep) == keep
    assert isinstance(verify(answer.kernel.keeping(Rung(keep))).verdict, Proved)
    assert n > 3 or not naive.breaks(answer.kernel, keep)


def test_of_302_shortest_kernels_for_three_numbers_10_keep_each_and_6_nan_too():
    kernels = [*optima(problem_of(3, isa="x86-float"), 8).kernels()]
    kept = Counter()
    for number, kernel in enumerate(kernels):
        for rung in (Rung.ELEMENTS, Rung.SAFE):
            stands = isinstance(elements.check(kernel, rung), Proved)
            kept[str(rung)] += stands
            if stands or number % 60 == 0:
                assert stands != naive.breaks(kernel, str(rung))
    assert (len(kernels), kept) == (302, {"elements": 10, "safe": 6})


def test_without_time_or_room_the_network_is_found_or_nothing():
    problem = problem_of(3, isa="x86-float", keep="safe")
    assert find(problem, Budget(1e-9)).length in (None, 9)
    assert find(problem, max_length=7).kernel is None


def test_what_is_not_searched_is_refused():
    problem = problem_of(2, isa="x86-float", keep="safe")
    with pytest.raises(InputError, match="found one at a time; drop --all, --count"):
        find(problem, every=True)
    with pytest.raises(InputError, match="kernels of x86-float are searched by values"):
        build(problem)
    with pytest.raises(
        InputError, match=r"no kernels of x86-float are searched for the rung stable"
    ):
        problem_of(2, isa="x86-float", keep="stable")
