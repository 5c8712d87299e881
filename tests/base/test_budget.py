"""Limits on time and memory, and progress, as a long search meets them."""

import time

import pytest
from engines import SILENT_OVERFLOW, question

from sortopt.base import Budget, budget
from sortopt.base.errors import ExitCode, InputError, LimitReached
from sortopt.base.watch import Watch, peak_memory
from sortopt.base.watch import WatchProgress as Progress
from sortopt.search.exhaustive.deepening import shortest

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)

SOME = Progress(limit=11, depth=3, level_states=1234, states=56789, nbytes=5 << 20)


def test_without_limits_nothing_is_raised_or_reported():
    watch = Watch()
    watch(SOME)
    watch.note("line")
    watch.check()


def test_a_passed_time_limit_names_itself_and_how_to_raise_it():
    watch = Watch(time_limit=5, began=time.perf_counter() - 6)
    for call in (lambda: watch(SOME), watch.check, lambda: watch.note("line")):
        with pytest.raises(LimitReached) as caught:
            call()
        assert caught.value.message == "the time limit of 5 s is reached"
        assert caught.value.hint == "raise --time-limit"
        assert caught.value.exit_code is ExitCode.UNKNOWN
    Watch(time_limit=6000).check()


def test_a_passed_memory_limit_names_itself_and_how_to_raise_it():
    with pytest.raises(LimitReached) as caught:
        Watch(memory_limit=int(0.001 * 2**30))(SOME)
    assert caught.value.render() == (
        "error: the memory limit of 0.001 GiB is reached; raise --memory-limit"
    )
    Watch(memory_limit=2**50).check()


def test_peak_memory_is_in_bytes_and_never_falls():
    before = peak_memory()
    assert 10 * 2**20 < before < 2**40
    block = bytearray(32 * 2**20)
    assert peak_memory() >= before
    del block
    assert peak_memory() >= before


def test_progress_is_reported_at_most_so_often():
    told = []
    watch = Watch(report=told.append, every=1000)
    watch(SOME)
    watch.note("line")
    assert told == []
    watch = Watch(report=told.append, every=0)
    watch(SOME)
    watch.note("line")
    assert told[0].startswith("limit 11: level 3, 1,234 states on it, 56,789 in all, 5 MiB, ")
    assert told[1] == "line"


@pytest.mark.jit_off
def test_a_watched_search_is_the_same_search():
    told = []
    watch = Watch(3600, 2**50, told.append, every=0)
    problem = question(2)
    watched = shortest(problem, watch=watch, progress=watch.note)
    assert watched.kernel == shortest(problem).kernel
    assert told
    assert 0 < watch.seconds < 3600


HERE = budget.Progress("looking", best=12, bound=9, states=5)


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
        with pytest.raises(LimitReached, match=f"the {limit} is reached; raise {option}"):
            act(spent)
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
    assert told == [HERE]
