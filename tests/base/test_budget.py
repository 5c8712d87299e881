"""Limits on time and memory, and progress, as a long search meets them."""

import time
from dataclasses import replace

import pytest
from engines import SILENT_OVERFLOW, question

from sortopt.base import STOPS, Budget, Progress, why_stopped
from sortopt.base.budget import peak_memory
from sortopt.base.errors import ExitCode, InputError, LimitReached
from sortopt.search.exhaustive.deepening import shortest

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)


def test_peak_memory_is_in_bytes_and_never_falls():
    before = peak_memory()
    assert 10 * 2**20 < before < 2**40
    block = bytearray(32 * 2**20)
    assert peak_memory() >= before
    del block
    assert peak_memory() >= before


@pytest.mark.jit_off
def test_a_search_that_reports_is_the_same_search():
    told = []
    problem = question(2)
    watched = shortest(problem, Budget(3600, 2**50, report=told.append, every=0))
    assert watched.kernel == shortest(problem).kernel
    assert {where.level for where in told} >= {1, 2, 3, 4}
    assert all(0 < where.seconds < 3600 for where in told)


HERE = Progress("looking", best=12, bound=9, states=5)


def test_an_unlimited_budget_is_never_out():
    free = Budget()
    free.check()
    free.tell(HERE)
    assert (free.left, free.out) == (None, False)
    assert free.cores >= 1


@pytest.mark.parametrize("act", [Budget.check, lambda spent: spent.tell(HERE)])
def test_a_spent_budget_names_its_limit_and_how_to_raise_it(act):
    for spent, limit, option in (
        (Budget(5, began=time.monotonic() - 6), "time limit of 5 s", "--time-limit"),
        (Budget(memory=1 << 20), "memory limit of 0.0009766 GiB", "--memory-limit"),
    ):
        with pytest.raises(LimitReached, match=f"the {limit} is reached; raise {option}") as caught:
            act(spent)
        assert caught.value.exit_code is ExitCode.UNKNOWN
        assert spent.out


def test_what_was_spent_before_a_restart_does_not_count():
    started = Budget(5000, began=time.monotonic() - 6000)
    started.restart()
    assert not started.out
    assert started.left > 4000


def test_a_share_never_outlasts_its_budget():
    whole = Budget(100)
    assert whole.share(10).left <= 10
    assert whole.share(1000).left <= 100
    assert whole.share(None).left <= 100
    assert Budget().share(None).left is None
    assert Budget(5, began=time.monotonic() - 6).share(10).left < 1e-6


@pytest.mark.parametrize("limits", [{"seconds": 0}, {"seconds": -1}, {"memory": 0}, {"threads": 0}])
def test_a_limit_that_allows_nothing_is_refused(limits):
    with pytest.raises(InputError, match="above zero, not"):
        Budget(**limits)


def test_a_budget_reports_at_most_so_often():
    told = []
    Budget(report=told.append, every=1000).tell(HERE)
    assert told == []
    Budget(report=told.append, every=0).tell(HERE)
    assert [replace(where, seconds=0.0) for where in told] == [HERE]


def test_news_is_reported_at_once():
    told = []
    Budget(report=told.append, every=1000).tell(HERE, at_once=True)
    assert len(told) == 1


def test_memory_that_would_pass_the_limit_is_refused_before_it_is_taken():
    budget = Budget(memory=2**40)
    budget.check(2**20)
    with pytest.raises(LimitReached, match="the memory limit of 1024 GiB is reached"):
        budget.check(2**40)


def test_why_work_stopped_is_the_limit_or_the_interruption():
    assert set(STOPS) == {LimitReached, KeyboardInterrupt}
    assert why_stopped(LimitReached("the time limit of 5 s is reached")).startswith("the time")
    assert why_stopped(KeyboardInterrupt()) == "interrupted"
