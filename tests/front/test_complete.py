"""Fronts that are complete: for all kernels up to a length, and for all of any length."""

import pytest
from engines import SILENT_OVERFLOW
from kernels_by_hand import ALPHADEV3, IN_MEMORY3, MEDIAN3, SORT2
from toys import SORT2_EXTREMA

from sortopt.base import Budget, LimitReached
from sortopt.front import complete, front, pareto
from sortopt.front.archive import Archive
from sortopt.front.complete import coverage_of
from sortopt.model.orders import parse_precondition
from sortopt.model.verdict import Proved
from sortopt.networks import best
from sortopt.networks.lowering import lower
from sortopt.optimize import Measure
from sortopt.optimize.program import LENGTH
from sortopt.targets import X86_MINMAX

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)


def coverage(kernel, measure=LENGTH):
    """Return the coverage of the contract of `kernel`, nothing being proved yet."""
    archive = Archive(measure)
    archive.add(kernel)
    return coverage_of(kernel, archive)


def test_of_two_keys_one_kernel_beats_all():
    found = front(SORT2)
    assert [(p.length, p.cycles) for p in found.points] == [(4, 2.0)]
    assert (found.any_length, found.covered, found.least_cycles) == (True, 4, 2.0)


def test_of_three_keys_one_kernel_beats_all_of_any_length():
    found = front(lower(best(3)))
    assert [(p.length, p.cycles) for p in found.points] == [(11, 5.0)]
    assert (found.any_length, found.least_cycles, found.stopped) == (True, 5.0, None)
    assert found.model == "1 scratch cell, conditions l g le ge"
    assert found.points[0].judgement.verdict == Proved()


def test_under_a_precondition_all_shortest_kernels_are_compared():
    merge = lower(best(3)).assuming(parse_precondition("b<=c"))
    found = front(merge)
    assert [(p.length, p.cycles) for p in found.points] == [(7, 3.0)]
    assert (found.any_length, found.covered) == (True, 7)


def test_a_median_is_covered_up_to_a_length_and_cycles_stay_open():
    def report(where):
        if where.doing == "no other of at most 8 instructions: proved":
            raise KeyboardInterrupt

    found = front(MEDIAN3, Budget(report=report))
    assert [(p.length, p.cycles) for p in found.points] == [(8, 5.0)]
    assert found.covered == 8
    assert (found.any_length, found.least_cycles, found.stopped) == (False, 4.0, "interrupted")


def test_four_keys_are_proved_shortest_before_they_are_compared(monkeypatch):
    monkeypatch.setattr(pareto, "_FIRST", (1.0, 1.0))
    found = front(lower(best(4), X86_MINMAX), Budget(6000))
    assert [(p.length, p.cycles) for p in found.points] == [(15, 3.0)]
    assert (found.any_length, found.least_length) == (True, 15)
    assert found.model == "1 scratch cell"


def test_without_time_nothing_is_claimed():
    found = front(lower(best(4)), Budget(1e-9))
    assert (found.covered, found.any_length, found.stopped) == (
        None, False, "the time limit of 1e-09 s is reached",
    )  # fmt: skip
    assert found.seconds_needed == complete.SECONDS
    assert found.points


def test_a_limit_leaves_what_is_proved():
    found = coverage(ALPHADEV3)
    lines = []

    def report(where):
        lines.append(where.doing)
        raise LimitReached("time")

    found.budget = Budget(report=report, every=1e9)
    with pytest.raises(LimitReached):
        found.extend()
    assert (found.covered, found.least_length, found.least_cycles) == (10, 11, 4.0)
    assert len(found.archive.best) == len(lines) == 1


def test_what_is_too_large_or_told_apart_is_not_covered():
    assert coverage(IN_MEMORY3) is None
    assert coverage(lower(best(5))) is None
    assert coverage_of(SORT2_EXTREMA, Archive(LENGTH)) is None
    unsigned = lower(best(3), X86_MINMAX)
    assert coverage(unsigned) is not None


@pytest.mark.parametrize(("cpu", "covered"), [("zen3", True), ("skylake", False)])
def test_conditions_that_differ_in_latency_are_not_mixed(cpu, covered):
    """`cmova` takes 2 cycles on Skylake, but `cmovb` after the exchanged comparison takes 1."""
    kernel = unsigned_sort2()
    assert (coverage(kernel, Measure(cpu=cpu)) is not None) == covered


def unsigned_sort2():
    """Return the kernel of two keys with unsigned conditions."""
    from sortopt.formats import parse

    text = """; inputs: eax ecx
; outputs: eax ecx
    mov    edx, eax
    cmp    eax, ecx
    cmova  eax, ecx
    cmova  ecx, edx
"""
    return parse(text).kernel
