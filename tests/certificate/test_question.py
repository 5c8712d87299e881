"""A certificate's question is read as the search asks it, and refused where it is none."""

import engines
import pytest
from certificates import SORT3
from hypothesis import given
from hypothesis import strategies as st

from sortopt.base import UNLIMITED, InputError
from sortopt.certificate.model import build
from sortopt.certificate.question import MOST_ASSIGNMENTS, MOST_CELLS, Question
from sortopt.search.space.problem import Problem
from sortopt.targets import X86_MINMAX

PROBLEMS = [
    *engines.TWO_KEYS,
    *engines.THREE_KEYS,
    Problem(1),
    Problem(4, isa=X86_MINMAX, two_values=True),
]
RECORD = SORT3.record()


@pytest.mark.parametrize("problem", PROBLEMS, ids=Problem.describe)
def test_the_question_of_a_record_is_the_problem_it_was_made_of(problem):
    """A certificate is about outputs in place, in whatever order: no less than a search claims."""
    question = Question.of(problem.record())
    assert (question.n, question.cells) == (problem.n, problem.cells)
    assert set(question.forms) == set(problem.forms)
    assert set(question.inputs) == set(problem.orders)
    assert question.patterns == problem.tie_patterns
    assert question.ranks == problem.goal.ranks(problem.n)
    assert (question.in_place, question.two_values) == (problem.in_place, problem.two_values)
    for restricted in (True, False):
        described = problem.describe(restricted=restricted).replace("in order", "in place")
        assert Question.of(problem.record(), restricted=restricted).words == described


@pytest.mark.parametrize("field", RECORD)
def test_a_missing_field_is_refused(field):
    with pytest.raises(InputError, match="lacks a field"):
        Question.of({name: value for name, value in RECORD.items() if name != field})


def test_a_field_that_the_checker_does_not_know_is_refused():
    with pytest.raises(InputError, match="unknown"):
        Question.of(RECORD | {"scratch_holds": "keys"})


@pytest.mark.parametrize("record", [None, [], "n", 3, {}])
def test_what_is_no_record_is_refused(record):
    with pytest.raises(InputError):
        Question.of(record)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.sampled_from(sorted(RECORD)), anything)
def test_a_field_of_any_value_is_read_or_refused_in_one_line(field, value):
    try:
        question = Question.of(RECORD | {field: value})
    except InputError:
        with pytest.raises(InputError, match=r"\A.+\Z"):
            Question.of(RECORD | {field: value})
    else:
        assert type(value) is type(RECORD[field])
        assert question.inputs


REFUSED = {
    "no keys": {"n": 0},
    "sixteen keys": {"n": 16},
    "keys beyond all numbers": {"n": 10**4000},
    "more cells than a byte has bits": {"scratch": MOST_CELLS},
    "negative scratch": {"scratch": -1},
    "a number that is a float": {"n": 3.0},
    "a number that is a truth value": {"scratch": True},
    "an infinite number": {"n": float("inf")},
    "an unknown instruction set": {"isa": "z80"},
    "an unknown condition": {"conditions": ["l", "pe"]},
    "conditions that are no text": {"conditions": [["l"]]},
    "no conditions": {"conditions": []},
    "conditions of both signs": {"conditions": ["l", "a"]},
    "an unknown sign": {"signedness": "complex"},
    "an unknown goal": {"goal": "shuffle"},
    "a goal of other keys": {"goal": "merge:2,3"},
    "a goal beyond the keys": {"goal": "kth:4"},
    "a precondition on a key that is not there": {"assume": "a<d"},
    "a precondition that nothing satisfies": {"assume": "a<b<c<a"},
    "a precondition against distinct keys": {"assume": "a=b"},
    "a precondition as long as a book": {"assume": "a<b" + " and a<b" * 1000},
    "comparisons searched over two values": {"two_values": True},
    "more assignments than numbers": {"n": 6, "distinct": False},
    "eight keys that tie": {"n": 8, "scratch": 0, "distinct": False},
    "720 inputs": {"n": 6, "scratch": 0},
}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
def test_a_question_that_cannot_be_asked_is_refused(changes):
    with pytest.raises(InputError):
        Question.of(RECORD | changes)


def test_two_values_do_not_stand_for_all_inputs_under_a_precondition():
    record = Problem(3, isa=X86_MINMAX, two_values=True).record()
    assert Question.of(record)
    for changes in ({"assume": "a<b"}, {"distinct": True}):
        with pytest.raises(InputError, match="0-1 principle"):
            Question.of(record | changes)


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("problem", engines.CERTIFIED.values(), ids=engines.CERTIFIED)
def test_the_size_is_known_before_anything_is_built(problem, restricted, monkeypatch):
    question = Question.of(problem.record(), restricted=restricted)
    size = len(build(question, UNLIMITED).assignments)
    assert size <= MOST_ASSIGNMENTS
    monkeypatch.setattr("sortopt.certificate.question.MOST_ASSIGNMENTS", size)
    assert Question.of(problem.record(), restricted=restricted)
    monkeypatch.setattr("sortopt.certificate.question.MOST_ASSIGNMENTS", size - 1)
    with pytest.raises(InputError, match=f"{size:,} assignments"):
        Question.of(problem.record(), restricted=restricted)
