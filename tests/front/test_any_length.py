"""Kernels of any length: what is ruled out is ruled out for each length, and no known kernel is."""

from functools import cache

import pytest
from engines import question

from sortopt.base import Budget, LimitReached
from sortopt.front.any_length import none_within
from sortopt.front.least_cycles import least_cycles
from sortopt.front.timed import TimedSearch
from sortopt.model.dataflow import critical_path
from sortopt.model.isa import Action
from sortopt.search.exhaustive.deepening import shortest

FREE = {Action.COPY: 0, Action.COMPARE: 1, Action.SELECT: 1}
SLOW_MOVES = {Action.COPY: 1, Action.COMPARE: 1, Action.SELECT: 1}
SLOW_SELECTS = {Action.COPY: 0, Action.COMPARE: 1, Action.SELECT: 2}

PROBLEMS = [
    question(2), question(2, scratch=2), question(2, goal="max"), question(3, goal="min"),
    question(3, goal="median", assume="a<b"), question(3, goal="minmax"), question(3, assume="a<b"),
    question(3, goal="merge:1,2"), question(3, minmax=True), question(3, assume="a=b"),
]  # fmt: skip


def latency(cycles):
    """Return the latency of a form; minima and maxima take 1."""
    return lambda form: cycles.get(form.action, 1)


@cache
def shortest_kernel(problem):
    return shortest(problem).kernel


@pytest.mark.parametrize("cycles", [FREE, SLOW_MOVES, SLOW_SELECTS])
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.describe())
def test_no_known_kernel_is_ruled_out(problem, cycles):
    kernel = shortest_kernel(problem)
    reached = critical_path(kernel, lambda instruction: latency(cycles)(instruction.form))[0]
    assert not none_within(problem, reached, latency(cycles))


@pytest.mark.parametrize("cycles", [FREE, SLOW_SELECTS])
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.describe())
def test_what_registers_without_end_rule_out_is_ruled_out(problem, cycles):
    least = least_cycles(problem, latency(cycles))
    assert none_within(problem, least - 0.5, latency(cycles))


def test_two_keys_need_a_comparison_and_a_move():
    assert none_within(question(2), 1.5, latency(FREE))
    assert not none_within(question(2), 2, latency(FREE))


def test_three_keys_with_one_scratch_cell_take_five_cycles():
    """Registers without end would do with four (`least_cycles`)."""
    assert none_within(question(3, "l,g,le,ge"), 4.5, latency(FREE))
    assert none_within(question(3, "l,g,le,ge"), 7.5, latency(SLOW_SELECTS))


def test_no_kernel_up_to_a_length_is_ready_where_none_of_any_length_is():
    problem = question(3)
    assert none_within(problem, 4.5, latency(FREE))
    assert TimedSearch.of(problem, latency(FREE)).within(4.5, 11) is None


def test_forms_of_one_action_count_as_the_fastest():
    """`cmp b,a; cmovb` does in 1 cycle what `cmp a,b; cmova` does in 2."""
    slow = {"cmova": 2, "cmovbe": 2, "mov": 0}
    problem = question(2, "b,a,be,ae")
    assert not none_within(problem, 2, lambda form: slow.get(form.mnemonic, 1))


def test_too_many_states_prove_nothing():
    assert not none_within(question(3), 4.5, latency(FREE), most=100)


def test_a_spent_budget_ends_the_search():
    with pytest.raises(LimitReached):
        none_within(question(3), 4.5, latency(FREE), Budget(1e-9))
