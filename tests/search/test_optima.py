"""All shortest kernels: their number and each of them, as the oracle and the literature say."""

from collections import Counter
from itertools import islice

import naive
import numpy as np
import pytest
from engines import (
    IN_MEMORY,
    SILENT_OVERFLOW,
    THREE_KEYS,
    TWO_KEYS,
    each_round,
    name_of,
    oracle,
    program,
    question,
)

from sortopt.base import Budget, LimitReached
from sortopt.model.isa import Signedness
from sortopt.search.exhaustive.deepening import shortest
from sortopt.search.optima import counting as optima_module
from sortopt.search.optima.counting import optima
from sortopt.search.space.problem import Problem
from sortopt.targets import X86_CMOV
from sortopt.tasks.enumerate import class_of

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)

KNOWN = [p for p in TWO_KEYS if p.conditions or p.signedness is Signedness.SIGNED]
"""The problems whose forms the oracle knows: not minima of unsigned keys."""


def in_order(problem, word):
    """Whether a program of the oracle leaves every wanted key in the cell of its rank."""
    state = naive.start_state(problem.orders, problem.scratch)
    for instruction in word:
        state = naive.apply(instruction, state, True, True)
    return all(cells[rank] == tag[rank] for cells, _, tag in state for rank in range(problem.n))


@pytest.mark.jit_off
@pytest.mark.parametrize("problem", [*KNOWN, *IN_MEMORY], ids=name_of)
def test_count_and_kernels_of_two_keys_are_the_oracles(problem):
    expected = oracle(problem, list_programs=True)
    found = optima(problem, expected.length)
    wanted = expected.programs
    if found.in_order:
        assert expected.count == 2 * found.count
        wanted = [word for word in wanted if in_order(problem, word)]
    else:
        assert expected.count == found.count
    listed = [program(kernel, problem.names) for kernel in found.kernels()]
    assert len(listed) == found.count
    assert sorted(listed) == sorted(wanted)


@pytest.mark.parametrize("problem", THREE_KEYS, ids=name_of)
def test_length_and_count_of_three_keys_are_the_oracles(problem):
    expected, best = oracle(problem), shortest(problem)
    assert len(best.kernel) == best.lower_bound == expected.length
    found = optima(problem, expected.length)
    assert expected.count == found.count * (6 if found.in_order else 1)
    listed = [program(kernel, problem.names) for kernel in found.kernels()]
    assert len(set(listed)) == len(listed) == found.count


@pytest.mark.parametrize(
    ("problem", "in_order"),
    [(question(3), True), (question(3, distinct=True), True), (question(3, goal="min"), False),
     (question(3, in_place=False), False), (question(3, assume="a<b"), False),
     (question(3, goal="merge:1,2"), False)],
)  # fmt: skip
def test_one_in_n_factorial_is_in_order_where_the_inputs_are_symmetric(problem, in_order):
    found = optima(problem, shortest(problem).lower_bound)
    assert found.in_order == in_order
    for kernel in islice(found.kernels(), 200):
        assert not in_order or kernel.contract.outputs == kernel.contract.inputs


def right_on_ties(word):
    """Whether a program sorts every weak order of three keys and never compares the undefined."""
    state = naive.start_state(naive.weak_orders(3), 1)
    for instruction in word:
        state = naive.apply(instruction, state, True, True)
        if state is None:
            return False
    return all(cells[:3] == tag for cells, _, tag in state)


def test_kernels_of_three_keys_are_the_published_ones_and_with_ties_those_right_on_ties():
    """5,602 are published for l and g on distinct keys, 2 of which need the scratch to be 0.

    A kernel of 11 that is right on ties is one of the 5,600 right for distinct keys; so those of
    them that the oracle finds right on ties are exactly what a search with ties must count.
    """
    found = optima(question(3, distinct=True), 11)
    distinct = [program(kernel, X86_CMOV.registers) for kernel in found.kernels()]
    assert len(set(distinct)) == len(distinct) == 5602 - 2
    tied = optima(question(3), 11)
    assert tied.count == 2026
    assert sorted(program(kernel, X86_CMOV.registers) for kernel in tied.kernels()) == sorted(
        word for word in distinct if right_on_ties(word)
    )


def test_three_keys_have_428_classes_of_shortest_kernels():
    problem = question(3)
    classes = Counter(class_of(k, problem) for k in optima(problem, 11).kernels())
    assert (len(classes), classes.total()) == (428, 2026)


def test_weak_conditions_multiply_the_kernels():
    assert optima(Problem(3), 11).count == 383_712


def test_minmax_has_302_kernels_of_three_keys():
    assert optima(question(3, minmax=True), 8).count == 302


def test_counts_and_kernels_do_not_depend_on_the_threads():
    for problem in (question(3), question(3, distinct=True), question(3, "l,g", in_place=False)):
        one, two = (optima(problem, 11, Budget(threads=t)) for t in (1, 2))
        assert (one.count, one.states, one.on_paths) == (two.count, two.states, two.on_paths)
    listed = [list(optima(question(3), 11, Budget(threads=t)).kernels()) for t in (1, 2)]
    assert listed[0] == listed[1]


@pytest.mark.jit_off
def test_counts_beyond_64_bits_are_exact(monkeypatch):
    """Where each goal counts as 2**64 - 1 ways, sums carry into the upper half."""
    plain = optima(question(2, "l,g,le,ge"), 4).count
    goals = optima_module._goals

    def many_goals(search):
        return [low * np.uint64(2**64 - 1) for low in goals(search)]

    monkeypatch.setattr(optima_module, "_goals", many_goals)
    found = optima(question(2, "l,g,le,ge"), 4)
    assert found.count == plain * (2**64 - 1)


@pytest.mark.jit_off
def test_states_on_paths_are_some_of_those_kept():
    found = optima(question(2), 4)
    assert 5 <= found.on_paths <= found.search.states <= found.states


@pytest.mark.jit_off
def test_progress_names_both_passes():
    told = []
    optima(question(2), 4, Budget(report=told.append, every=0))
    passes = [p for p in told if p.level is None and p.done is None]
    assert [p.doing for p in passes] == ["relaxed problem", "full problem"]


@pytest.mark.jit_off
def test_a_spent_budget_ends_the_count():
    def stop(told):
        raise LimitReached("time is up")

    with pytest.raises(LimitReached):
        optima(question(2), 4, each_round(stop))


def test_the_bounds_that_add_up_lose_none_of_the_shortest_kernels_of_three_keys():
    """The number that bounds by pairs alone find in 6,670 states."""
    found = optima(question(3, in_place=False, distinct=True), 11)
    assert found.count == 122_904
    assert found.states < 400
