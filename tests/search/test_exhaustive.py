"""The shortest length is the oracle's, proved, under every option; limits end a search cleanly."""

from dataclasses import replace

import naive
import pytest
from engines import (
    SILENT_OVERFLOW,
    TWO_KEYS,
    database,
    each_round,
    name_of,
    oracle,
    program,
    question,
)
from toys import EXTREMA, SELECTS

from sortopt.base import Budget
from sortopt.base.errors import InputError, LimitReached
from sortopt.model.isa import Signedness
from sortopt.model.verdict import Proved
from sortopt.search.bounds.patterns import UNREACHABLE
from sortopt.search.exhaustive import deepening
from sortopt.search.exhaustive.deepening import relaxations, shortest
from sortopt.search.exhaustive.frontier import Search
from sortopt.search.space.problem import Problem
from sortopt.targets import X86_MINMAX
from sortopt.verify import verify

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)


@pytest.mark.jit_off
@pytest.mark.parametrize("problem", TWO_KEYS, ids=name_of)
def test_shortest_length_of_two_keys_is_the_oracles(problem):
    known = problem if problem.conditions else replace(problem, signedness=Signedness.SIGNED)
    expected = oracle(known).length
    found = shortest(problem)
    assert len(found.kernel) == found.lower_bound == expected
    assert found.proved_minimal
    assert found.stopped is None


@pytest.mark.parametrize("problem", TWO_KEYS, ids=name_of)
def test_no_instruction_left_out_makes_a_shorter_kernel_of_two_keys(problem):
    known = problem if problem.conditions else replace(problem, signedness=Signedness.SIGNED)
    assert oracle(known).length == oracle(known, every_instruction=True).length


def test_two_keys_take_three_instructions_of_three_operands():
    found = shortest(Problem(2, EXTREMA))
    assert (
        program(found.kernel, EXTREMA.registers)
        in naive.shortest(
            2, naive.weak_orders(2), isa="toy-minmax", limit=3, list_programs=True
        ).programs
    )
    assert len(found.kernel) == found.lower_bound == 3
    assert isinstance(verify(found.kernel).verdict, Proved)


@pytest.mark.parametrize(
    ("n", "in_place", "length"), [(2, False, 3), (2, True, 4), (3, True, 9), (4, False, 15)]
)
def test_kernels_of_comparisons_and_selects_are_as_short_as_known(n, in_place, length):
    found = shortest(Problem(n, SELECTS, in_place=in_place, distinct=n == 4))
    assert len(found.kernel) == found.lower_bound == length
    assert isinstance(verify(found.kernel).verdict, Proved)


@pytest.mark.parametrize("distinct", [False, True])
@pytest.mark.parametrize("in_place", [False, True])
def test_three_keys_take_eleven_instructions_and_few_states(in_place, distinct):
    found = shortest(Problem(3, in_place=in_place, distinct=distinct))
    assert len(found.kernel) == 11
    assert found.proved_minimal
    assert found.states <= 1000


@pytest.mark.jit_off
def test_the_case_behind_the_swap_move_takes_seven_instructions():
    found = shortest(question(3, assume="b<c"))
    assert (len(found.kernel), found.lower_bound) == (7, 7)


@pytest.mark.parametrize(("n", "length"), [(2, 3), (3, 8), (4, 15)])
@pytest.mark.parametrize("signedness", Signedness)
def test_minmax_kernels_are_as_short_as_published(n, length, signedness):
    found = shortest(Problem(n, X86_MINMAX, signedness=signedness))
    assert len(found.kernel) == found.lower_bound == length
    assert found.kernel.signedness is signedness


@pytest.mark.jit_off
@pytest.mark.parametrize("max_length", [0, 2, 3])
def test_nothing_longer_than_max_length_is_looked_for(max_length):
    found = shortest(question(2), max_length=max_length)
    assert found.kernel is None
    assert found.stopped is None
    assert found.lower_bound > max_length


def test_ten_instructions_do_not_sort_three_keys():
    found = shortest(Problem(3), max_length=10)
    assert (found.kernel, found.lower_bound, found.stopped) == (None, 11, None)
    assert len(shortest(Problem(3), max_length=11).kernel) == 11


@pytest.mark.jit_off
@pytest.mark.parametrize(
    "problem",
    [question(2, scratch=0), question(2, "e,ne"), question(2, minmax=True, scratch=0),
     question(2, "e", goal="max")],
)  # fmt: skip
def test_where_no_kernel_exists_the_search_ends(problem):
    found = shortest(problem)
    assert (found.kernel, found.lower_bound, found.stopped) == (None, UNREACHABLE, None)
    assert not found.proved_minimal
    assert oracle(problem, limit=10).length is None


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("begin", [3, 4], ids=["descent", "no descent"])
def test_a_beam_that_dropped_a_state_proves_nothing(monkeypatch, begin, restricted):
    monkeypatch.setattr(deepening, "_FIRST_WIDTH", 1)
    monkeypatch.setattr(deepening, "_DESCEND_FROM", begin)
    problem = Problem(3, in_place=False, distinct=True)
    found = shortest(problem, max_length=12, restricted=restricted)
    assert found.lower_bound == len(found.kernel) == 11


def test_one_and_two_threads_find_the_same():
    for problem in (Problem(3), question(3, minmax=True), question(3, assume="b<=c")):
        one, two = (shortest(problem, Budget(threads=t)) for t in (1, 2))
        assert (one.kernel, one.lower_bound, one.states) == (
            two.kernel,
            two.lower_bound,
            two.states,
        )


def raising(error, after):
    """Return a budget that raises `error` at a round."""
    calls = []

    def react(told):
        calls.append(told)
        if len(calls) > after:
            raise error

    return each_round(react)


@pytest.mark.jit_off
@pytest.mark.parametrize(
    ("error", "reason"),
    [(LimitReached("the time limit is reached"), "the time limit is reached"),
     (KeyboardInterrupt(), "interrupted")],
)  # fmt: skip
def test_a_stopped_search_tells_what_is_known(error, reason):
    problem = question(3, "l,g", assume="b<c")
    found = shortest(problem, raising(error, 5))
    assert (found.kernel, found.stopped) == (None, reason)
    assert 0 < found.lower_bound <= 7
    assert shortest(problem, raising(error, 10**6)).stopped is None


def test_a_stopped_search_keeps_the_bound_proved_so_far():
    """Of the rounds that a search takes, stopping after more never leaves a lower bound."""
    problem = Problem(3)
    bounds = [shortest(problem, raising(KeyboardInterrupt(), k)).lower_bound
              for k in (0, 5, 15, 30)]  # fmt: skip
    assert bounds == sorted(bounds)
    assert bounds[0] >= 7
    assert bounds[-1] <= 11


def test_progress_names_each_limit_settled():
    told = []
    shortest(Problem(3), Budget(report=told.append, every=0))
    assert any(p.doing == "no kernel of 10 instructions" and p.bound == 11 for p in told)


def test_progress_estimates_the_states_of_a_limit_from_those_before():
    told = []
    problem = Problem(3, in_place=False, conditions=("l", "g", "le", "ge", "e", "ne"))
    shortest(problem, Budget(report=told.append, every=0))
    levels = [p for p in told if p.level is not None]
    estimates = {p.total for p in levels if p.total}
    assert estimates
    for total in estimates:
        found = max(p.states for p in levels if p.total == total)
        assert total / 2 < found < 2 * total


def test_relaxations_only_add_kernels():
    (easier,) = relaxations(Problem(3))
    assert easier == Problem(3, distinct=True, in_place=False)
    assert list(relaxations(easier)) == []
    assert list(relaxations(question(2, assume="a=b"))) == []


def test_too_many_assignments_are_refused_in_one_line():
    with pytest.raises(
        InputError, match="needs 2,174,428 assignments; it packs 65,533; search few"
    ):
        shortest(question(6, goal="min"))
    with pytest.raises(InputError, match=r"distinct keys only \(--distinct\)"):
        Search.of(Problem(5), database(Problem(2)), 1)


def test_a_problem_too_large_is_refused_before_any_table_is_built(monkeypatch):
    monkeypatch.setattr(deepening, "build_database", None)
    with pytest.raises(InputError, match="needs 124,124 assignments"):
        shortest(question(5, assume="a=b"))


def test_states_of_a_search_that_is_stopped_are_counted():
    def stop(told):
        if told.level == 5:
            raise LimitReached("time is up")

    found = shortest(question(3), each_round(stop))
    assert found.stopped == "time is up"
    assert found.states > 0


def test_the_outlook_is_the_growth_of_the_last_two_limits():
    """Three keys: what the states of limits 9 and 10 say of 11; there is a kernel of 11."""
    problem = Problem(3, distinct=True, in_place=False)
    nine, ten = (shortest(problem, max_length=limit) for limit in (9, 10))
    before, last = sum(nine.levels), sum(ten.levels)
    assert (ten.outlook.limit, ten.outlook.states) == (11, last * last // before)
    assert ten.outlook.nbytes > 0
    assert nine.outlook is shortest(problem).outlook is None
