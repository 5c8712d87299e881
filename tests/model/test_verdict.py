"""Verdicts are frozen, named values."""

import dataclasses

import pytest
from kernels_by_hand import SORT2

from sortopt.model.verdict import Counterexample, Judgement, Proved, Refuted, Unknown, Unsafe

WITNESS = Counterexample((2, 1), (2, 1), (1, 2))


def test_verdicts_are_told_apart_by_name():
    names = [v.name for v in (Proved(), Refuted(WITNESS), Unknown("time ran out"))]
    assert names == ["proved", "refuted", "unknown"]


@pytest.mark.parametrize(
    "verdict",
    [
        Proved(),
        Refuted(WITNESS),
        Unknown("x"),
        Unsafe((), Proved()),
        Judgement(Proved(), (), SORT2),
    ],
)
def test_a_verdict_has_no_truth_value(verdict):
    with pytest.raises(TypeError, match=r"may be unknown; use \.proved"):
        bool(verdict)


def test_only_a_proof_counts_as_proved():
    verdicts = [Proved(), Refuted(WITNESS), Unknown("x"), Unsafe((), Proved())]
    assert [v.proved for v in verdicts] == [True, False, False, False]
    assert [Judgement(v, (), SORT2).proved for v in verdicts] == [True, False, False, False]


def test_a_verdict_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Unknown("time").reason = "memory"
