"""The anytime search: improvements are checked, ordered, repeatable, and kept on Ctrl-C."""

import naive
import pytest
from toys import EXTREMA, SELECTS

from sortopt.base import Budget
from sortopt.base.errors import InputError
from sortopt.search.beams import anytime
from sortopt.search.beams.anytime import improve
from sortopt.search.space.problem import Problem
from sortopt.tasks.find import find
from sortopt.tasks.ways import has_anytime


@pytest.mark.parametrize(
    ("n", "beam", "published"), [(2, 40, 4), (3, 40, 11), (4, 40, 20), (5, 10, 33)]
)
def test_one_round_reaches_the_best_published(n, beam, published):
    result = improve(n, rounds=1, beam=beam)
    assert len(result.kernel) <= published
    assert not naive.failures(result.kernel)
    assert result.stopped is None


def test_improvements_get_shorter_and_are_all_handed_out():
    told = []
    result = improve(4, Budget(report=told.append, every=1000), rounds=2, beam=5)
    lengths = [len(i.kernel) for i in result.improvements]
    assert [progress.best for progress in told] == lengths
    assert lengths == sorted(set(lengths), reverse=True)
    for improvement in result.improvements:
        assert improvement.kernel.contract.in_place
        assert not naive.failures(improvement.kernel)


def test_threads_do_not_change_the_result():
    one, two = (improve(4, Budget(threads=t), rounds=2, beam=10, seed=3) for t in (1, 2))
    assert [i.kernel for i in one.improvements] == [i.kernel for i in two.improvements]
    assert one.states == two.states


def test_an_interrupt_keeps_what_was_found():
    def interrupt(progress):
        raise KeyboardInterrupt

    result = improve(3, Budget(report=interrupt, every=1000), beam=20)
    assert result.stopped == "interrupted"
    assert result.kernel is not None
    assert not naive.failures(result.kernel)


def test_time_ends_the_search():
    result = improve(4, Budget(1e-9))
    assert result.stopped == "the time limit of 1e-09 s is reached"
    assert result.kernel is None


def test_two_scratch_cells_are_searched():
    result = improve(3, rounds=1, beam=20, scratch=2)
    assert len(result.kernel) <= 11
    assert not naive.failures(result.kernel)


@pytest.mark.parametrize("number", [0, 1, 4, 9, 100])
@pytest.mark.parametrize("n", range(2, 9))
def test_beams_never_narrow_from_round_to_round(n, number):
    plan, later = anytime.plan_of(n, number, None), anytime.plan_of(n, number + 4, None)
    assert later.comparator_width >= plan.comparator_width
    assert later.free_width >= plan.free_width
    assert 0 <= plan.open_from < 1


@pytest.mark.parametrize(
    "options",
    [{"n": 1}, {"n": 9}, {"n": 5, "scratch": 0}, {"n": 5, "scratch": 3}, {"n": 5, "beam": 0}],
)  # fmt: skip
def test_options_out_of_range_are_refused(options):
    with pytest.raises(InputError):
        improve(**options)


def test_minima_of_three_operands_are_searched_where_proofs_are_not():
    for n, least in ((3, 6), (4, 10)):
        found = improve(n, isa=EXTREMA, beam=100, rounds=1)
        assert len(found.kernel) == least
        assert not naive.failures(found.kernel)
    assert not has_anytime(Problem(5, EXTREMA))
    assert has_anytime(Problem(6, EXTREMA, two_values=True))


def test_a_proof_of_three_operands_does_not_begin_with_beams():
    answer = find(Problem(5, SELECTS), Budget(1e-9), prove=True)
    assert (answer.length, answer.improvements, answer.anytime) == (27, (), False)


def test_selections_of_three_operands_are_searched_where_proofs_are_not():
    found = improve(3, isa=SELECTS, beam=100, rounds=1)
    assert len(found.kernel) == 9
    assert {len(i.operands) for i in found.kernel.instructions} == {2, 3}
    assert not naive.failures(found.kernel)
    for n in (3, 4, 5, 8):
        assert has_anytime(Problem(n, SELECTS)) == (n > 4)
