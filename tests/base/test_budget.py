"""Limits on time and memory, and progress, as a long search meets them."""

import time

import pytest
from engines import SILENT_OVERFLOW, question

from sortopt.base.errors import ExitCode, LimitReached
from sortopt.base.watch import Watch, peak_memory
from sortopt.search.exhaustive.deepening import shortest
from sortopt.search.exhaustive.frontier import Progress

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
    Watch(time_limit=60).check()


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
