"""Redundancy, repair, and the search for the cheapest right variant behind both."""

import pytest
from kernels_by_hand import ALPHADEV3, ALPHADEV4, FAILS_ON_TIES, MINMAX3, SORT2, UNSIGNED2, compact

from sortopt.base.deadline import Deadline
from sortopt.base.errors import LimitReached
from sortopt.model.isa import Place, Signedness
from sortopt.model.kernel import rebuild
from sortopt.model.orders import parse_precondition
from sortopt.tasks import corpus
from sortopt.verify import cheapest as search
from sortopt.verify import verify
from sortopt.verify.cheapest import cheapest
from sortopt.verify.diagnosis import study
from sortopt.verify.redundancy import dead_results, redundancy
from sortopt.verify.repairs import NoRepair, Repair, repair
from sortopt.verify.variants import Choice

CORPUS = corpus.load("kernels")
RIGHT = [SORT2, UNSIGNED2, ALPHADEV3, ALPHADEV4, MINMAX3]


def with_added(kernel, at, text):
    """Return `kernel` with the instructions of a compact text before index `at`."""
    more = compact(text, "12", "12").instructions
    program = kernel.instructions
    return kernel.with_instructions((*program[:at], *more, *program[at:]))


def without(kernel, *indices):
    return rebuild(kernel, [i for n, i in enumerate(kernel.instructions) if n not in indices])


@pytest.mark.parametrize("kernel", RIGHT)
def test_nothing_is_redundant_in_a_shortest_kernel(kernel):
    found = redundancy(kernel)
    assert (found.alone, found.together, found.exact) == ((), (), True)
    assert found.shortened == kernel


def test_an_instruction_that_does_nothing_is_redundant_alone_and_together():
    padded = with_added(with_added(SORT2, 4, "m11 c12"), 1, "m22")
    found = redundancy(padded)
    assert found.alone == found.together == (1, 5, 6)
    assert found.shortened == SORT2
    assert found.exact


def test_a_set_may_be_redundant_of_which_no_member_is():
    padded = with_added(SORT2, 0, "m31 m12 m23 m31 m12 m23")
    found = redundancy(padded)
    assert found.alone == ()
    assert len(found.together) == 6
    assert verify(found.shortened).verdict.name == "proved"


def test_dead_results_are_named():
    padded = with_added(SORT2, 4, "m31 c12")
    assert [(dead.index, dead.what) for dead in dead_results(padded)] == [
        (4, padded.cells[2].name),
        (5, "the flags"),
    ]


@pytest.mark.parametrize("kernel", RIGHT)
def test_a_right_kernel_needs_no_repair(kernel):
    found = repair(kernel)
    assert isinstance(found, Repair)
    assert (found.kernel, found.changes, found.least) == (kernel, (), True)


def test_the_published_tie_failure_is_mended_at_equal_length():
    found = repair(FAILS_ON_TIES)
    assert isinstance(found, Repair)
    assert (found.added, len(found.kernel), found.least) == (0, 11, True)
    (change,) = found.changes
    assert (change.before.form.mnemonic, change.after.form.mnemonic) == ("cmovl", "cmovle")
    assert found.judgement.verdict.name == "proved"


@pytest.mark.parametrize("index", range(4))
@pytest.mark.parametrize("kernel", [SORT2, UNSIGNED2, MINMAX3])
def test_a_dropped_instruction_is_made_up_for_by_one(kernel, index):
    found = repair(without(kernel, index))
    assert isinstance(found, Repair)
    assert found.added <= 1
    assert verify(found.kernel).verdict.name == "proved"


def test_a_kernel_that_needs_its_scratch_to_hold_something_is_mended():
    found = repair(CORPUS.find("swap/without-first-mov").kernel)
    assert isinstance(found, Repair)
    assert found.added == 1
    assert found.changes[0].before is None


def test_a_kernel_without_scratch_gets_a_register():
    found = repair(compact("c12 g12", "12", "12"))
    assert isinstance(found, Repair)
    assert (found.added, len(found.kernel.cells)) == (2, 3)


def test_memory_cells_are_no_obstacle():
    kernel = CORPUS.find("memory/kauer-sort3").kernel
    found = repair(without(kernel, 2))
    assert isinstance(found, Repair)
    assert found.added == 1
    assert [c.place for c in found.kernel.cells[:3]] == [Place.MEMORY] * 3


def test_what_cannot_be_mended_is_told_exactly():
    shown = CORPUS.find("claim/shown").kernel
    assert repair(shown, most_added=1) == NoRepair(1, exact=True)


def test_a_precondition_makes_a_repair_cheaper():
    shown = CORPUS.find("claim/shown").kernel.assuming(parse_precondition("b<=c"))
    assert repair(shown).changes == ()


def test_time_that_runs_out_is_told():
    with pytest.raises(LimitReached):
        repair(ALPHADEV4, deadline=Deadline.after(0))
    assert study(ALPHADEV3, verify(ALPHADEV3).verdict, Deadline.after(0)).unfinished


def test_a_study_of_a_wrong_kernel_names_the_weakest_preconditions():
    kernel = CORPUS.find("claim/without-mov").kernel
    found = study(kernel, verify(kernel).verdict)
    assert [str(assume) for assume in found.mends] == ["b < c"]
    assert found.redundancy is None


def test_too_little_room_is_told(monkeypatch):
    monkeypatch.setattr(search, "MEMORY", 1)
    places = [(Choice(0, ()), Choice(1, (i,))) for i in ALPHADEV3.instructions]
    _, exact = cheapest(ALPHADEV3, places, most=20, near=True)
    assert not exact
    assert redundancy(with_added(SORT2, 4, "m11")).alone == (4,)


def test_no_choice_within_the_cost_is_no_variant():
    places = [(Choice(5, (i,)),) for i in SORT2.instructions]
    assert cheapest(SORT2, places, most=4) == (None, True)
    assert cheapest(SORT2, places, most=20)[0].cost == 20


@pytest.mark.parametrize("kernel", [SORT2, ALPHADEV3, MINMAX3, FAILS_ON_TIES])
def test_conditions_of_the_other_sign_are_changed_at_equal_length(kernel):
    found = repair(kernel, signedness=Signedness.UNSIGNED)
    assert isinstance(found, Repair)
    assert found.added == 0
    assert found.kernel.signedness is Signedness.UNSIGNED
    assert verify(found.kernel, key="uint32").verdict.name == "proved"
    signs = {i.form.signedness for i in kernel.instructions} - {None}
    assert len(found.changes) == sum(i.form.signedness in signs for i in kernel.instructions)
