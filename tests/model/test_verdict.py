"""Verdicts are frozen, named values."""

import dataclasses

import pytest

from sortopt.model.verdict import Counterexample, Proved, Refuted, Unknown

WITNESS = Counterexample((2, 1), (2, 1), (1, 2))


def test_verdicts_are_told_apart_by_name():
    names = [v.name for v in (Proved(), Refuted(WITNESS), Unknown("time ran out"))]
    assert names == ["proved", "refuted", "unknown"]


def test_verdicts_are_never_a_bare_truth_value():
    # Whoever writes `if verdict:` gets True for all three; comparing names is the only way.
    assert Proved() == Proved() != Refuted(WITNESS)
    assert bool(Proved()) == bool(Refuted(WITNESS)) == bool(Unknown("x"))


def test_a_verdict_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Unknown("time").reason = "memory"
