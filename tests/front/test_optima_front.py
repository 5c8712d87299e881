"""The least critical path of shortest kernels: that of an explicit listing of all of them."""

import pytest
from engines import SILENT_OVERFLOW, question

from sortopt.base import Budget, LimitReached
from sortopt.front.fastest import fastest, is_exact
from sortopt.model.dataflow import critical_path
from sortopt.model.isa import Action
from sortopt.model.verdict import Proved
from sortopt.search.exhaustive.deepening import shortest
from sortopt.search.optima.counting import optima
from sortopt.search.space.problem import Problem
from sortopt.verify import orders_check

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)

CYCLES = {
    "moves are free": {Action.COPY: 0, Action.COMPARE: 1, Action.SELECT: 1},
    "moves take time": {Action.COPY: 1, Action.COMPARE: 1, Action.SELECT: 1},
    "slow selects": {Action.COPY: 0, Action.COMPARE: 1, Action.SELECT: 2},
    "slow comparisons": {Action.COPY: 0, Action.COMPARE: 2.5, Action.SELECT: 1},
}

PROBLEMS = {
    "two keys": question(2, "l,g,le,ge"),
    "two keys anywhere": question(2, in_place=False),
    "two keys, two scratch cells": question(2, scratch=2),
    "three keys": question(3),
    "three keys, distinct": question(3, distinct=True),
    "the least anywhere": question(3, goal="min", in_place=False),
    "the least of three": question(3, goal="min"),
    "the middle of three": question(3, goal="median"),
    "given a < b": question(3, "l,g,le,ge", assume="a<b"),
    "a merge": question(3, "l,g,le,ge", goal="merge:1,2"),
}


def latency(name):
    """Return the latency of a form under one of CYCLES; minima and maxima take 1."""
    return lambda form: CYCLES[name].get(form.action, 1)


def path(kernel, name):
    """Return the critical path of `kernel` in cycles."""
    return critical_path(kernel, lambda instruction: latency(name)(instruction.form))[0]


@pytest.fixture(scope="module")
def graphs():
    """Return all shortest kernels of each problem, and the list of them."""
    found = {}
    for name, problem in PROBLEMS.items():
        graph = optima(problem, shortest(problem).lower_bound)
        found[name] = graph, list(graph.kernels())
    return found


@pytest.mark.parametrize("cycles", CYCLES)
@pytest.mark.parametrize("name", PROBLEMS)
def test_the_least_critical_path_is_that_of_all_shortest_kernels(graphs, name, cycles):
    graph, listed = graphs[name]
    least = min(path(kernel, cycles) for kernel in listed)
    found = fastest(graph, latency(cycles))
    assert len(found) == graph.length
    assert path(found, cycles) == least
    assert isinstance(orders_check.check(found), Proved)


@pytest.mark.parametrize("cycles", CYCLES)
def test_a_bound_of_cycles_is_exact(graphs, cycles):
    graph, listed = graphs["three keys"]
    least = min(path(kernel, cycles) for kernel in listed)
    assert path(fastest(graph, latency(cycles), within=least), cycles) == least
    assert fastest(graph, latency(cycles), within=least - 0.5) is None


def test_minima_and_maxima_have_a_least_critical_path():
    problem = question(3, minmax=True)
    graph = optima(problem, 8)
    found = fastest(graph, latency("moves are free"))
    least = min(path(kernel, "moves are free") for kernel in graph.kernels())
    assert path(found, "moves are free") == least


def test_all_conditions_leave_three_keys_at_five_cycles():
    graph = optima(Problem(3), 11)
    assert path(fastest(graph, latency("moves are free")), "moves are free") == 5


def test_latencies_that_symmetry_would_mix_are_refused():
    unsigned = question(3, "b,a,be,ae")
    assert is_exact(unsigned, lambda form: 1)
    assert not is_exact(unsigned, lambda form: 2 if form.mnemonic == "cmova" else 1)
    minmax = question(3, minmax=True)
    assert not is_exact(minmax, lambda form: 2 if form.mnemonic == "pmaxsd" else 1)


def test_a_spent_budget_ends_the_search(graphs):
    with pytest.raises(LimitReached):
        fastest(graphs["two keys"][0], latency("moves are free"), Budget(1e-9))
