"""Searching kernels of minima and maxima over two key values (the 0-1 principle)."""

from itertools import product

import pytest

from sortopt.base.errors import InputError
from sortopt.model.goal import parse_goal
from sortopt.model.orders import parse_precondition
from sortopt.model.verdict import Proved
from sortopt.search.exhaustive.deepening import shortest
from sortopt.search.optima.counting import optima
from sortopt.search.space.problem import Problem
from sortopt.targets import X86_MINMAX
from sortopt.tasks import find as finding
from sortopt.verify import verify

SLOW = [pytest.param(4, goal, marks=pytest.mark.slow) for goal in ("min", "median")]


@pytest.mark.parametrize(
    ("n", "goal"),
    [*product((2, 3), ("sort", "min", "median", "minmax")), (4, "sort"), (4, "minmax"), *SLOW],
)
def test_two_values_give_the_shortest_length_of_all_inputs(n, goal):
    over_all = shortest(Problem(n, isa=X86_MINMAX, goal=parse_goal(goal)))
    over_two = shortest(Problem(n, isa=X86_MINMAX, goal=parse_goal(goal), two_values=True))
    assert over_two.proved_minimal
    assert len(over_two.kernel) == len(over_all.kernel)
    assert isinstance(verify(over_two.kernel).verdict, Proved)


@pytest.mark.parametrize("n", [2, 3])
def test_two_values_count_the_same_kernels_as_all_inputs(n):
    length = len(shortest(Problem(n, isa=X86_MINMAX)).kernel)
    over_all = optima(Problem(n, isa=X86_MINMAX), length)
    over_two = optima(Problem(n, isa=X86_MINMAX, two_values=True), length)
    assert over_two.count == over_all.count
    assert set(over_two.kernels()) == set(over_all.kernels())


@pytest.mark.parametrize("options", [{}, {"isa": X86_MINMAX, "assume": parse_precondition("a<b")}])
def test_two_values_are_refused_where_the_principle_does_not_hold(options):
    with pytest.raises(InputError, match="0-1 principle"):
        Problem(3, two_values=True, **options)


def test_problem_for_many_keys_is_searched_over_two_values():
    assert finding.by_zero_one(Problem(6, isa=X86_MINMAX)).two_values
    assert not finding.by_zero_one(Problem(5, isa=X86_MINMAX)).two_values
    assert not finding.by_zero_one(Problem(6)).two_values
