"""From a question to a checked answer: found, verified, counted, or stopped with what is known."""

import subprocess
import sys
from dataclasses import replace
from importlib import import_module

import pytest
from engines import SILENT_OVERFLOW, each_round, question
from toys import EXTREMA, SELECTS

import sortopt
from sortopt import api
from sortopt.base import Budget
from sortopt.base.errors import Disagreement, InputError, LimitReached
from sortopt.model.goal import parse_goal
from sortopt.networks import best
from sortopt.report import search
from sortopt.search.optima import counting
from sortopt.search.space.problem import Problem
from sortopt.tasks import find as finding
from sortopt.tasks.find import find
from sortopt.tasks.ways import simple_bound
from sortopt.verify import verify

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)


@pytest.mark.parametrize(
    ("problem", "length"),
    [
        (question(2), 4),
        (question(3, assume="b<c"), 7),
        (question(3, distinct=True, in_place=False), 11),
        (question(3, goal="min"), 4),
        (question(3, minmax=True), 8),
        (question(3, goal="merge:1,2", minmax=True), 5),
        (Problem(1), 0),
    ],
)
def test_an_answer_is_verified_by_both_proofs_and_proved_minimal(problem, length):
    answer = find(problem)
    assert (answer.length, answer.lower_bound) == (length, length)
    assert answer.proved_minimal
    assert answer.verified
    assert [m.verdict.name for m in answer.judgement.methods] == ["proved", "proved"]
    assert answer.kernels == (answer.kernel,)
    assert verify(answer.kernel).verdict.name == "proved"
    assert (answer.count, answer.listing, answer.stopped) == (None, None, None)


def test_a_kernel_for_distinct_keys_says_so_in_its_contract():
    answer = find(question(2, distinct=True))
    assert str(answer.kernel.contract.assume) == "a != b"
    assert answer.verified


@pytest.mark.jit_off
def test_a_count_comes_with_its_listing():
    answer = find(question(2), every=True)
    assert (answer.count, answer.in_order) == (8, True)
    assert len(set(answer.listing())) == 8
    assert answer.states > find(question(2)).states


def test_where_no_kernel_exists_none_is_found_and_that_is_proved():
    answer = find(question(2, scratch=0), every=True)
    assert (answer.kernel, answer.length, answer.stopped) == (None, None, None)
    assert not answer.proved_minimal
    assert not answer.verified
    assert answer.kernels == ()
    assert find(question(3), max_length=8).lower_bound >= 9


@pytest.mark.parametrize(("isa", "length"), [(EXTREMA, 18), (SELECTS, 27)])
def test_where_nothing_else_is_found_in_time_it_is_the_kernel_of_the_best_network(isa, length):
    answer = find(Problem(5, isa), Budget(1e-9))
    assert answer.length == length
    assert answer.verified
    assert (answer.stopped is None) == answer.anytime == (isa is SELECTS)
    assert answer.kernel.contract.outputs == answer.kernel.contract.inputs


def test_a_goal_begins_with_a_network_for_it():
    assert find(Problem(5, EXTREMA, goal=parse_goal("median")), Budget(1e-9)).length == 10


def test_of_six_keys_the_composed_bound_is_known_though_they_cannot_be_searched_through():
    answer = find(question(6, in_place=False, distinct=True), prove=True)
    assert len(answer.kernel) == 4 * best(6).size
    assert answer.stopped.startswith("an exhaustive search needs")
    assert answer.composed.comparisons == 10  # 720 orders of six keys, 2**10 outcomes
    assert answer.lower_bound == 10 + answer.composed.moves
    sentence = " ".join(map(str, search.fine_print(answer)))
    assert f"at least 10 comparisons and {answer.composed.moves} moves" in sentence


@pytest.mark.parametrize("problem", [Problem(6), question(7, minmax=True)], ids=["cmov", "minmax"])
def test_from_the_first_moment_there_is_the_kernel_of_the_best_network(problem):
    answer = find(problem, Budget(1e-9))
    a_comparator = 3 if problem.monotone else 4
    assert answer.length <= a_comparator * len(best(problem.n, "size").comparators) + 1
    assert answer.verified
    assert answer.kernel.contract.outputs == answer.kernel.contract.inputs


def test_ctrl_c_before_a_proof_ends_it_and_is_what_is_said(monkeypatch):
    def interrupted(answer, *_, **__):
        return replace(answer, stopped="interrupted")

    monkeypatch.setattr(finding, "_with_beams", interrupted)
    answer = find(Problem(6), prove=True)
    assert answer.stopped == "interrupted"
    assert answer.verified
    assert answer.lower_bound == answer.composed.length


def test_of_up_to_four_keys_the_exhaustive_search_alone_bounds():
    assert find(question(3)).composed is None


@pytest.mark.parametrize("budget", [Budget(1e-9), Budget(memory=1 << 20)])
def test_limits_end_a_search_with_what_is_known(budget):
    answer = find(Problem(3), budget)
    assert answer.kernel is None
    assert answer.stopped.startswith(
        ("the time limit of 1e-09 s", "the memory limit of 0.0009766 GiB")
    )
    assert 0 <= answer.lower_bound <= 11


def test_limits_end_a_count_and_keep_the_kernel(monkeypatch):
    def out_of_time(*arguments):
        raise LimitReached("the time limit of 1 s is reached")

    monkeypatch.setattr(import_module("sortopt.search.optima"), "optima", out_of_time)
    answer = find(question(3), every=True)
    assert (answer.length, answer.verified, answer.count) == (11, True, None)
    assert answer.stopped.startswith("the time limit")
    assert answer.listing is None


@pytest.mark.jit_off
@pytest.mark.parametrize("rounds", [0, 3])
def test_ctrl_c_keeps_what_is_known(rounds):
    told = []

    def interrupt(where):
        told.append(where)
        if len(told) > rounds:
            raise KeyboardInterrupt

    answer = find(question(2), each_round(interrupt))
    assert (answer.kernel, answer.stopped) == (None, "interrupted")
    assert answer.lower_bound <= 4


def test_a_refuted_kernel_is_a_bug_and_says_so(monkeypatch):
    answer = find(question(2))
    broken = answer.kernel.with_instructions(answer.kernel.instructions[:-1])
    with pytest.raises(Disagreement, match="the search found a kernel that fails on"):
        finding._verified(replace(answer, kernel=broken, judgement=None))


def test_only_kernels_proved_shortest_are_counted():
    answer = find(question(2))
    with pytest.raises(InputError, match="only kernels proved shortest can be counted"):
        finding._with_optima(replace(answer, lower_bound=3), Budget())


def test_counting_takes_the_bounds_of_the_proof(monkeypatch):
    """They take most of the time where goals lose keys."""
    monkeypatch.setattr(counting, "build_database", None)
    assert find(question(3, goal="min"), every=True).count


def test_nothing_is_searched_of_a_length_that_a_composed_bound_rules_out():
    answer = find(Problem(5), max_length=22, prove=True)
    assert (answer.lower_bound, answer.states, answer.stopped) == (23, 0, None)


def test_one_and_two_threads_answer_alike():
    one, two = (find(question(3), Budget(threads=t), every=True) for t in (1, 2))
    assert (one.kernel, one.states, one.count) == (two.kernel, two.states, two.count)
    assert list(one.listing()) == list(two.listing())


@pytest.mark.parametrize(
    ("problem", "bound"),
    [
        (Problem(1), 0),
        (Problem(2), 3),
        (Problem(3), 5),
        (Problem(5), 10),
        (question(4, minmax=True), 4),
        (question(4, goal="min"), 0),
        (question(4, in_place=False), 0),
        (question(4, assume="a<b"), 0),
    ],
)
def test_simple_bound_needs_no_search(problem, bound):
    assert simple_bound(problem) == bound


@pytest.mark.parametrize("problem", [Problem(1), Problem(2), Problem(3), question(3, minmax=True)])
def test_simple_bound_never_exceeds_the_shortest_length(problem):
    assert simple_bound(problem) <= find(problem).length


def test_python_interface_is_the_same_function_whatever_was_imported_first():
    """This module imported packages below `sortopt.search`, which bind it over the function."""
    assert sortopt.search(n=2).kernel == api.search(2).kernel
    ran = subprocess.run(
        [sys.executable, "-c", "import sortopt.search.space.problem, sortopt; sortopt.search(0)"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert "0 keys cannot be sorted" in ran.stderr


def test_python_interface_asks_the_same_question():
    answer = sortopt.search(3, assume="b<c", conditions=("l", "g"), count=True)
    assert (answer.length, answer.count, answer.verified) == (7, 62, True)
    assert sortopt.search(3, max_length=10).kernel is None
    assert sortopt.search(2, outputs="anywhere", goal="min", isa="x86-minmax").length == 1
    for options in ({"isa": "arm"}, {"outputs": "there"}, {"goal": "mean"}, {"assume": "a<z"}):
        with pytest.raises(InputError):
            sortopt.search(2, **options)


def test_anytime_answer_tells_when_each_improvement_was_found(monkeypatch):
    from sortopt.search.beams import anytime

    kernel = find(Problem(2)).kernel
    steps = tuple(anytime.Improvement(kernel, seconds, "beam") for seconds in (0.5, 2.0))
    found = anytime.AnytimeResult(2, steps, 7, 1, 3.0, None)
    monkeypatch.setattr(anytime, "improve", lambda *given, **options: found)
    answer = find(Problem(5), Budget(1))
    assert answer.improvements == ((4, 0.5), (4, 2.0))


def test_a_folder_that_cannot_be_written_is_said_before_any_bound(tmp_path, monkeypatch):
    monkeypatch.setattr("sortopt.tasks.find._composed", lambda *_: pytest.fail("bounds first"))
    with pytest.raises(InputError, match="cannot spill to"):
        find(Problem(5), prove=True, spill=str(tmp_path / "nowhere"))
