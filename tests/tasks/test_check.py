"""What commands call: a file goes in, a verdict and its explanation come out."""

import pytest
from places import KERNELS

from sortopt.base import Budget
from sortopt.base.errors import InputError, LimitReached
from sortopt.model.verdict import Proved, Unknown
from sortopt.objects import Reading
from sortopt.tasks import explain_file, second_opinion, study_file, verify_file
from sortopt.tasks.check import require_proof

SORT3 = KERNELS / "alphadev" / "sort3.asm"
MOVELESS = KERNELS / "claim" / "without-mov.asm"


def test_a_proved_file_has_no_explanation():
    found = verify_file(SORT3)
    assert found.judgement.verdict == Proved()
    assert (found.explanation, found.study) == (None, None)


def test_a_refuted_file_is_explained():
    found = verify_file(MOVELESS)
    assert found.explanation.sentence.startswith("output 2 (ecx) holds 2 where 1 belongs")
    assert found.study is None


def test_how_to_read_a_file_overrides_what_it_says():
    found = verify_file(MOVELESS, Reading(assume="b<c"))
    assert str(found.file.kernel.contract.assume) == "b < c"
    assert found.judgement.verdict == Proved()


def test_an_explained_file_names_the_preconditions_under_which_it_is_right():
    found = explain_file(MOVELESS)
    assert [str(assume) for assume in found.study.weakest] == ["b < c", "a <= c and b <= c"]
    assert explain_file(SORT3).study is None


def test_a_large_kernel_is_explained_without_a_search_for_preconditions(tmp_path):
    names = "eax ecx edx ebx esi"
    path = tmp_path / "nothing.asm"
    path.write_text(f"; inputs: {names}\n; outputs: {names}\nmov edi, eax\n")
    found = explain_file(path)
    assert found.judgement.verdict.counterexample.inputs == (1, 1, 1, 2, 1)
    assert found.study is None


def test_time_is_shared_by_the_proofs():
    verdict = verify_file(SORT3, budget=Budget(1e-9)).judgement.verdict
    assert isinstance(verdict, Unknown)


def test_time_spent_before_the_proofs_counts():
    """A budget begins where a user's wish enters: what reading took is gone."""
    budget = Budget(60)
    budget.began -= 61
    verdict = verify_file(SORT3, budget=budget).judgement.verdict
    assert verdict == Unknown("weak orders: out of time; z3: out of time")


def test_explaining_spends_what_is_left_of_the_same_budget():
    found = verify_file(SORT3)
    budget = Budget(60)
    budget.began -= 61
    assert "time limit" in study_file(found, budget).study.unfinished
    assert second_opinion(found, "cvc5", Budget(60)).second.answer == "unsat"


def test_a_file_that_is_not_proved_cannot_be_built_on():
    with pytest.raises(InputError, match=r"is refuted; sortopt verify .*without-mov\.asm shows"):
        require_proof(verify_file(MOVELESS))
    with pytest.raises(LimitReached, match="could not be proved"):
        require_proof(verify_file(SORT3, budget=Budget(1e-9)))
