"""The checker accepts the certificate of every proved bound, and says what it has checked."""

import re

import engines
import pytest
from certificates import SORT2, SORT3, listing, made, states_of, with_states

from sortopt.base import Budget
from sortopt.base.errors import LimitReached
from sortopt.certificate.checker import check
from sortopt.certificate.maker import make
from sortopt.certificate.question import Question
from sortopt.model.goal import parse_goal
from sortopt.model.orders import parse_precondition
from sortopt.search.exhaustive.deepening import shortest
from sortopt.search.space.problem import Problem
from sortopt.targets import X86_MINMAX

PROBLEMS = [
    SORT2,
    SORT3,
    Problem(3, conditions=("l", "g")),
    Problem(3, conditions=("l",)),
    engines.question(3, "b,a,be,ae"),
    Problem(3, assume=parse_precondition("b<c")),
    Problem(3, assume=parse_precondition("b=c")),
    Problem(2, goal=parse_goal("max"), scratch=2),
    Problem(3, goal=parse_goal("minmax")),
    Problem(3, goal=parse_goal("merge:1,2")),
    Problem(3, isa=X86_MINMAX),
    Problem(2, scratch=0),
]


MINMAX3 = Problem(3, isa=X86_MINMAX)


@pytest.mark.parametrize("restricted", [True, False], ids=["restricted", "compares anything"])
@pytest.mark.parametrize("problem", PROBLEMS, ids=Problem.describe)
def test_the_certificate_of_a_proved_bound_is_accepted(problem, restricted):
    assert check(made(problem, restricted=restricted)).fault is None


def test_a_certificate_over_two_key_values_is_accepted():
    assert check(made(Problem(4, isa=X86_MINMAX, two_values=True))).fault is None


@pytest.mark.parametrize("problem", [*engines.TWO_KEYS, *engines.THREE_KEYS], ids=Problem.describe)
def test_every_state_of_a_search_below_the_optimum_makes_a_certificate(problem):
    limit = min(shortest(problem).lower_bound - 1, 12)
    if limit < 0:
        pytest.skip("a kernel without instructions")
    assert check(listing(problem, limit)).fault is None


def test_a_certificate_does_not_depend_on_the_sequence_in_a_state():
    certificate = made(SORT3)
    rows, depths = states_of(certificate)
    turned = [row[::-1] for row in rows]
    assert check(with_states(certificate, turned, depths)).fault is None


@pytest.mark.parametrize("restricted", [True, False], ids=["restricted", "compares anything"])
@pytest.mark.parametrize("problem", [SORT2, Problem(2), SORT3, MINMAX3], ids=Problem.describe)
def test_no_certificate_is_made_of_a_length_that_exists(problem, restricted):
    length = shortest(problem).lower_bound
    question = Question.of(problem.record(), restricted=restricted)
    assert make(question, length - 1) is not None
    assert make(question, length) is None
    assert make(question, length + 2) is None


def test_a_certificate_lists_no_more_than_the_search_kept():
    listed, kept = states_of(made(SORT3))[0], states_of(listing(SORT3, 10))[0]
    assert len({tuple(sorted(row)) for row in listed}) == len(listed) < len(kept)


def test_the_claim_says_what_was_checked():
    claim = made(SORT3).claim
    assert re.match(r"no kernel of 10 or fewer instructions exists \(goal sort, 3 keys", claim)
    assert claim.endswith(
        "distinct keys only; undefined cells and flags are never compared or tested)"
    )
    claim = made(SORT3, restricted=False).claim
    assert claim.endswith("distinct keys only; anything may be compared or tested)")


@pytest.mark.parametrize("budget", [Budget(1e-9), Budget(memory=1)], ids=["time", "memory"])
def test_a_spent_budget_ends_the_check(budget):
    with pytest.raises(LimitReached):
        check(made(SORT2), budget)


def test_the_check_tells_what_it_does():
    heard = []
    check(made(SORT2), Budget(report=heard.append, every=0))
    assert {where.doing.split(":")[0] for where in heard} == {
        "building the model of the question",
        "working out bounds",
        "checking the states that are listed",
    }
