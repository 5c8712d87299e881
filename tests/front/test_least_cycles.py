"""Cycles no kernel can beat: never more than known kernels take, and what a plain listing says."""

from itertools import product

import pytest
from engines import question
from places import KERNELS

from sortopt.base import Budget, LimitReached
from sortopt.formats import read
from sortopt.front import least_cycles as module
from sortopt.front.least_cycles import least_cycles
from sortopt.front.timed import TimedSearch
from sortopt.model.cost import cpu_families
from sortopt.model.isa import Action
from sortopt.optimize import Measure
from sortopt.search.space.problem import Problem

FOLDERS = [path for path in KERNELS.iterdir() if path.name != "float"]  # zen5 has no such latency
KNOWN = sorted(path for n in (2, 3) for where in FOLDERS for path in where.glob(f"sort{n}*.asm"))
ALL = question(3, "l,g,le,ge")


def problem_of(kernel):
    """Return the problem of all kernels for the contract of `kernel`."""
    contract = kernel.contract
    return Problem(contract.n, kernel.isa, assume=contract.assume, goal=contract.goal)


@pytest.mark.parametrize("cpu", cpu_families("x86-64"))
def test_no_known_kernel_is_faster(cpu):
    assert len(KNOWN) > 5
    for path in KNOWN:
        kernel, measure = read(path).kernel, Measure(cpu=cpu)
        least = least_cycles(problem_of(kernel), measure.latency_of)
        assert 0 < least <= measure.critical_path(kernel), path


def by_action(compare, select):
    """Return the latency of a form, moves being free; minima and maxima take 1."""
    return lambda form: {
        Action.COPY: 0, Action.COMPARE: compare, Action.SELECT: select,
    }.get(form.action, 1)  # fmt: skip


def listed(problem, compare, select, longest):
    """Return when all outputs can be ready, by listing all functions for every unit of time."""
    orders = [order for order in problem.orders if max(order) == problem.n] or problem.orders
    rows = range(len(orders))
    values = [{tuple(order[key] for order in orders) for key in range(problem.n)}]
    wanted = [
        tuple(sorted(order)[rank] for order in orders) for rank in problem.goal.ranks(problem.n)
    ]
    for time in range(1, longest + 1):
        if set(wanted) <= values[-1]:
            return time - 1
        made = set(values[-1])
        if time >= compare + select:
            read = values[time - select]
            compared = values[time - select - compare]
            splits = {tuple(u[i] < v[i] for i in rows) for u, v in product(compared, repeat=2)}
            for split, one, other in product(splits, read, read):
                made.add(tuple(one[i] if split[i] else other[i] for i in rows))
        values.append(made)
    return longest


@pytest.mark.parametrize(("compare", "select"), [(1, 1), (1, 2), (2, 1), (2, 3)])
@pytest.mark.parametrize(
    "problem",
    [question(2), question(3, assume="a<b"), question(3, goal="merge:1,2"),
     question(3, assume="a=b"), question(3, goal="min"), question(3, assume="a<b,a<c")],
    ids=lambda problem: problem.describe(),
)  # fmt: skip
def test_the_bound_is_that_of_a_plain_listing(problem, compare, select):
    expected = listed(problem, compare, select, 2 * (compare + select))
    found = least_cycles(problem, by_action(compare, select), enough=2 * (compare + select))
    assert found == expected


def test_three_keys_take_four_cycles_with_any_registers_and_length():
    assert least_cycles(ALL, by_action(1, 1)) == 4
    assert least_cycles(ALL, by_action(1, 2)) == 7


def test_no_shorter_kernel_is_ready_before():
    search = TimedSearch.of(question(3), by_action(1, 1))
    assert search.within(least_cycles(question(3), by_action(1, 1)) - 0.5, 11) is None


def test_minima_and_maxima_of_four_keys_take_three_cycles():
    assert least_cycles(question(4, minmax=True), by_action(1, 1)) == 3


def test_the_least_of_four_keys_takes_two_rounds():
    assert least_cycles(question(4, "l,g,le,ge", goal="min"), by_action(1, 1)) == 4


@pytest.mark.parametrize("most", [10, 100, 1000])
@pytest.mark.parametrize(("compare", "select"), [(1, 1), (1, 2), (2, 1)])
def test_families_say_what_lists_say_or_less(monkeypatch, most, compare, select):
    """Where fewer functions may be listed, the bound is proved by sets of rows, or is lower."""
    exact = least_cycles(ALL, by_action(compare, select))
    monkeypatch.setattr(module, "MOST_FUNCTIONS", most)
    assert least_cycles(ALL, by_action(compare, select)) <= exact


def test_families_reach_the_bound_of_lists(monkeypatch):
    monkeypatch.setattr(module, "MOST_FUNCTIONS", 2000)
    assert least_cycles(ALL, by_action(1, 1)) == 4


def test_what_is_known_to_be_enough_ends_the_search():
    assert least_cycles(ALL, by_action(1, 1), enough=2) == 2


def test_nothing_is_proved_of_too_many_inputs_or_free_instructions():
    assert least_cycles(question(5), by_action(1, 1)) == 0
    assert least_cycles(ALL, by_action(1, 0)) == 0


def test_a_spent_budget_ends_the_search():
    with pytest.raises(LimitReached):
        least_cycles(ALL, by_action(1, 1), Budget(1e-9))
