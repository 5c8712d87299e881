"""From a question to a checked answer: found, verified, counted, or stopped with what is known."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from engines import SILENT_OVERFLOW, question

import sortopt
import sortopt.base
from sortopt import api
from sortopt.base import watch as limits
from sortopt.base.errors import Disagreement, InputError
from sortopt.search.exhaustive import compiled
from sortopt.search.space.problem import Problem
from sortopt.tasks import find as finding
from sortopt.tasks.find import Effort, find, simple_bound
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


@pytest.mark.parametrize("effort", [Effort(time_limit=1e-9), Effort(memory_limit=1 << 20)])
def test_limits_end_a_search_with_what_is_known(effort):
    answer = find(Problem(3), effort)
    assert answer.kernel is None
    assert answer.stopped.startswith(
        ("the time limit of 1e-09 s", "the memory limit of 0.0009766 GiB")
    )
    assert 0 <= answer.lower_bound <= 11


def test_limits_end_a_count_and_keep_the_kernel(monkeypatch):
    """The count has a watch of its own; the search before it is over by then."""
    real, watches = limits.Watch, []

    def watch(*arguments):
        watches.append(arguments)
        return real(*arguments) if len(watches) == 1 else real(time_limit=1e-9)

    monkeypatch.setattr(sortopt.base, "Watch", watch)
    answer = find(question(3), every=True)
    assert (answer.length, answer.verified, answer.count) == (11, True, None)
    assert answer.stopped.startswith("the time limit")
    assert answer.listing is None


@pytest.mark.jit_off
@pytest.mark.parametrize("rounds", [0, 3])
def test_ctrl_c_keeps_what_is_known(monkeypatch, rounds):
    calls = []

    def interrupted(self, progress):
        calls.append(progress)
        if len(calls) > rounds:
            raise KeyboardInterrupt

    monkeypatch.setattr(limits.Watch, "__call__", interrupted)
    monkeypatch.setattr(compiled, "load", lambda: None)
    answer = find(question(2))
    assert (answer.kernel, answer.stopped) == (None, "interrupted")
    assert answer.lower_bound <= 4


def test_a_refuted_kernel_is_a_bug_and_says_so(monkeypatch):
    answer = find(question(2))
    broken = answer.kernel.with_instructions(answer.kernel.instructions[:-1])
    with pytest.raises(Disagreement, match="the search found a kernel that fails on"):
        finding._verified(replace(answer, kernel=broken))


def test_only_kernels_proved_shortest_are_counted():
    answer = find(question(2))
    with pytest.raises(InputError, match="only kernels proved shortest can be counted"):
        finding._with_optima(replace(answer, lower_bound=3), Effort(), None)


def test_one_and_two_threads_answer_alike():
    one, two = (find(question(3), Effort(threads=t), every=True) for t in (1, 2))
    assert (one.kernel, one.states, one.count) == (two.kernel, two.states, two.count)
    assert list(one.listing()) == list(two.listing())


def test_all_cores_are_used_unless_told_otherwise():
    assert Effort().cores == len(os.sched_getaffinity(0))
    assert Effort(threads=3).cores == 3


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
    found = anytime.AnytimeResult(2, steps, 7, 1, 3.0, "time")
    monkeypatch.setattr(anytime, "improve", lambda n, **options: found)
    answer = find(Problem(5), Effort(time_limit=1))
    assert answer.improvements == ((4, 0.5), (4, 2.0))
