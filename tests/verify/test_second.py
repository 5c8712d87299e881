"""Other solvers judge the exported query, and agree."""

import sys

import pytest
import z3
from kernels_by_hand import ALPHADEV3, FAILS_ON_TIES, MINMAX3, SORT2, UNSIGNED2

from sortopt.base import Budget
from sortopt.base.errors import Disagreement, InputError
from sortopt.model import KEY_TYPES
from sortopt.model.verdict import Proved, Unknown
from sortopt.verify import Question, second, verify
from sortopt.verify.smt import least_width

KERNELS = [SORT2, UNSIGNED2, ALPHADEV3, FAILS_ON_TIES, MINMAX3]


@pytest.mark.parametrize("solver", second.SOLVERS)
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("bits", [None, 8])
def test_second_solver_agrees(solver, kernel, bits):
    verdict = verify(kernel).verdict
    opinion = second.ask(solver, kernel, verdict, Question(bits), Budget(6000))
    assert opinion.answer == ("unsat" if isinstance(verdict, Proved) else "sat")
    assert opinion.bits == (bits or (least_width(kernel) if solver == "bitwuzla" else None))


@pytest.mark.parametrize("solver", second.SOLVERS)
def test_second_solver_agrees_on_keys_of_the_other_sign(solver):
    key = KEY_TYPES["uint32"]
    verdict = verify(SORT2, key="uint32").verdict
    assert second.ask(solver, SORT2, verdict, Question(key=key)).answer == "sat"


@pytest.mark.parametrize("solver", second.SOLVERS)
def test_a_contradiction_is_loud(solver):
    with pytest.raises(Disagreement, match=f"{solver} answers sat, but the verdict is proved"):
        second.ask(solver, FAILS_ON_TIES, Proved())


def test_an_unknown_verdict_contradicts_nothing():
    assert second.ask("cvc5", SORT2, Unknown("out of time")).answer == "unsat"


def test_unknown_and_missing_solvers_are_told(monkeypatch):
    with pytest.raises(InputError, match="unknown solver 'yices'; use cvc5 or bitwuzla"):
        second.ask("yices", SORT2, Proved())
    monkeypatch.setitem(sys.modules, "cvc5", None)
    with pytest.raises(
        InputError, match=r"cvc5 is not installed; pip install 'sortopt\[solvers\]'"
    ):
        second.ask("cvc5", SORT2, Proved())


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("bits", [None, 4])
def test_exported_query_states_its_logic_and_its_answer(kernel, bits):
    verdict = verify(kernel).verdict
    text = second.query(kernel, verdict, Question(bits))
    answer = "unsat" if isinstance(verdict, Proved) else "sat"
    assert f"(set-logic {'QF_BV' if bits else 'QF_LIA'})\n(set-info :status {answer})\n" in text
    assert f"; expected answer: {answer}\n" in text
    solver = z3.Solver()
    solver.from_string(text)
    assert str(solver.check()) == answer


def test_exported_query_of_an_unknown_verdict_states_no_answer():
    assert ":status" not in second.query(SORT2, Unknown("out of time"))
