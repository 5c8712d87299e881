"""No forger gets past the checker: every way to claim too much ends in a refusal."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from certificates import NOTHING, SORT2, SORT3, listing, made, states_of, with_states, without
from hypothesis import given
from hypothesis import strategies as st

from sortopt.base import UNLIMITED
from sortopt.certificate._checker_kernels import children, enter, find, is_goal
from sortopt.certificate.bounds import tables_of
from sortopt.certificate.checker import check, gap_in, list_of
from sortopt.certificate.model import build
from sortopt.certificate.question import Question
from sortopt.model.orders import parse_precondition
from sortopt.search.space.problem import Problem
from sortopt.targets import X86_MINMAX

MINMAX3 = Problem(3, isa=X86_MINMAX)

FALSE = {
    "two keys": (SORT2, 4),
    "two keys, in place and with ties": (Problem(2), 4),
    "two keys, one more than needed": (SORT2, 5),
    "two keys, min and max": (Problem(2, isa=X86_MINMAX), 3),
    "three keys": (SORT3, 11),
}
"""Problems, and limits under which there is a kernel."""


def goals_of(certificate):
    model = build(certificate.question, UNLIMITED)
    rows, _ = states_of(certificate)
    return {i for i, row in enumerate(rows) if is_goal(np.array(row, np.uint16), model.goal)}


def depths_of(certificate):
    return states_of(certificate)[1]


@pytest.fixture(params=FALSE)
def false(request):
    """A list of all states that lead to a kernel, under a claim that there is none."""
    problem, limit = FALSE[request.param]
    certificate = listing(problem, limit)
    assert goals_of(certificate)
    return certificate


def test_states_that_lead_to_a_goal_are_refused(false):
    assert check(false).fault is not None


def test_goals_left_out_are_noticed(false):
    assert check(without(false, goals_of(false))).fault is not None


def test_the_deepest_states_left_out_are_noticed(false):
    for least in range(1, false.limit + 1):
        deep = {i for i, depth in enumerate(depths_of(false)) if depth >= least}
        assert check(without(false, deep | goals_of(false))).fault is not None


def test_a_list_without_states_is_refused(false):
    assert "start" in check(with_states(false, [], [])).fault


def test_goals_at_the_limit_are_refused_though_nothing_follows_them():
    certificate = listing(SORT2, 4)
    assert certificate.limit == 4 == max(depths_of(certificate))
    assert check(certificate).fault is not None


def test_depths_and_limit_shifted_by_one_are_refused():
    """One more than is true, and the start at depth 1: all else fits."""
    for problem in (SORT2, SORT3, MINMAX3):
        certificate = made(problem)
        rows, depths = states_of(certificate)
        deeper = [depth + 1 for depth in depths]
        shifted = with_states(certificate, rows, deeper, limit=certificate.limit + 1)
        assert "start" in check(shifted).fault


def test_a_higher_limit_is_refused():
    for problem in (SORT2, SORT3, MINMAX3):
        certificate = made(problem)
        assert check(certificate).fault is None
        assert check(replace(certificate, limit=certificate.limit + 1)).fault is not None


def test_states_deeper_than_the_limit_are_refused():
    certificate = made(SORT3)
    lower = replace(certificate, limit=len(certificate.levels) - 2)
    assert "deeper than the limit" in check(lower).fault


def test_each_state_left_out_is_noticed():
    certificate = made(SORT3)
    for state in range(certificate.states):
        assert check(without(certificate, {state})).fault is not None, f"state {state}"


def one_deeper(certificate):
    """Yield the certificate with one state listed a depth too deep, for each state."""
    rows, depths = states_of(certificate)
    for state in range(certificate.states):
        yield with_states(certificate, rows, [d + (i == state) for i, d in enumerate(depths)])


def test_each_state_listed_too_deep_is_noticed():
    for state, moved in enumerate(one_deeper(made(SORT3))):
        assert check(moved).fault is not None, f"state {state}"


def test_without_bounds_every_state_must_be_listed_at_its_depth():
    """Two keys and two instructions, with bounds that rule out nothing."""
    model, tables = tables_of_two_keys()
    nothing = np.zeros_like(tables[2].group)
    costs = tables[2].costs._replace(cost=np.zeros_like(tables[2].costs.cost))
    weak = tables[2]._replace(group=nothing, place=nothing, costs=costs)
    depth = {tuple(model.start.tolist()): 0}
    for level in (1, 2):
        for row in [*depth]:
            pool, sizes = children(np.array(row, np.uint16), level, 0, NOTHING, weak)
            for child in np.split(pool, np.cumsum(sizes)[:-1]):
                depth.setdefault(tuple(child.tolist()), level)
    whole = with_states(listing(SORT2, 2), [*depth], [*depth.values()])
    assert whole.levels[2] > 1
    assert gap_in(whole, model, weak, UNLIMITED) is None
    for wrong in (*one_deeper(whole), *(without(whole, {i}) for i in range(whole.states))):
        assert gap_in(wrong, model, weak, UNLIMITED) is not None


def test_a_state_listed_twice_counts_where_it_is_least_deep():
    certificate = made(SORT3)
    rows, depths = states_of(certificate)
    again = [depth + 1 for depth in depths]
    assert check(with_states(certificate, rows + rows, depths + again)).fault is None


def test_numbers_out_of_range_are_refused_before_they_are_used():
    certificate = made(SORT3)
    size = len(build(certificate.question, UNLIMITED).assignments)
    for value in (size, 65535):
        pool = certificate.pool.copy()
        pool[-1] = value
        assert "does not exist" in check(replace(certificate, pool=pool)).fault
    rows, depths = states_of(certificate)
    wide = with_states(certificate, [*rows, list(range(7))], [*depths, depths[-1]])
    assert "more assignments than the start" in check(wide).fault
    for field in ("pool", "size", "levels"):
        shorter = replace(certificate, **{field: getattr(certificate, field)[:-1]})
        assert "do not fit together" in check(shorter).fault


@pytest.mark.parametrize("problem", [SORT2, SORT3, MINMAX3], ids=Problem.describe)
def test_states_of_restricted_kernels_do_not_answer_for_those_that_compare_anything(problem):
    for restricted in (False, True):
        question = Question.of(problem.record(), restricted=not restricted)
        certificate = made(problem, restricted=restricted)
        assert check(replace(certificate, question=question)).fault is not None


def test_nothing_is_filled_where_nothing_is_undefined():
    assert "filled" in check(replace(made(SORT3, restricted=False), filled=True)).fault


@pytest.mark.parametrize(
    "easier",
    [
        Problem(3, distinct=True, in_place=False, assume=parse_precondition("b<c")),
        Problem(3, distinct=True, in_place=False, assume=parse_precondition("a<b<c")),
        Problem(3, distinct=True, in_place=False, scratch=0),
        Problem(3, distinct=True, in_place=False, isa=X86_MINMAX),
    ],
    ids=Problem.describe,
)
def test_states_of_one_question_do_not_answer_another(easier):
    question = Question.of(easier.record())
    assert check(replace(made(SORT3), question=question)).fault is not None


@cache
def tables_of_two_keys():
    model = build(Question.of(SORT2.record()), UNLIMITED)
    return model, [tables_of(model, False, limit, UNLIMITED) for limit in range(8)]


@st.composite
def lists_of_states(draw):
    """Draw a list for two keys: states that a search reaches, and any others, at any depth."""
    rows, depths = states_of(listing(SORT2, 4))
    size = len(tables_of_two_keys()[0].assignments)
    other = st.lists(st.integers(0, size - 1), min_size=1, max_size=2, unique=True)
    kept = sorted(draw(st.sets(st.sampled_from(range(len(rows))))))
    found = [rows[i] for i in kept] + draw(st.lists(other, max_size=3))
    known = [draw(st.integers(0, depths[i])) for i in kept]
    return found, known + [draw(st.integers(0, 4)) for _ in found[len(kept) :]]


@given(lists_of_states(), st.integers(4, 7))
def test_no_list_of_states_proves_what_is_false(found, limit):
    model, tables = tables_of_two_keys()
    certificate = with_states(listing(SORT2, 4), *found, limit=limit)
    assert gap_in(certificate, model, tables[limit], UNLIMITED) is not None


@given(st.data())
def test_only_a_state_that_is_listed_is_found(data):
    """Of few assignments, so that many states belong at one place of the table."""
    states = st.lists(st.integers(0, 30), min_size=1, max_size=2).map(tuple)
    rows = data.draw(st.lists(states, min_size=1, max_size=40))
    listed = list_of(
        np.array([a for row in rows for a in row], np.uint16),
        np.array([len(row) for row in rows], np.uint16),
        np.zeros(len(rows), np.uint8),
    )
    enter(np.arange(len(rows)), listed)
    for row in (*rows, *data.draw(st.lists(states, max_size=40))):
        found = find(np.array(row, np.uint16), listed)
        assert found == rows.index(row) if row in rows else found < 0


@pytest.mark.parametrize("problem", [SORT2, SORT3], ids=Problem.describe)
@pytest.mark.parametrize("seed", range(3))
def test_any_changed_number_is_refused_or_leaves_the_claim_true(problem, seed):
    certificate = made(problem)
    random = np.random.default_rng(seed)
    for _ in range(20):
        field = ("pool", "size", "levels", "limit")[random.integers(4)]
        value = int(random.integers(12) if random.integers(2) else random.integers(1 << 16))
        changed = np.array(getattr(certificate, field)).ravel().copy()
        changed[random.integers(len(changed))] = value % 255 if field == "limit" else value
        kinds = {"levels": tuple(changed.tolist()), "limit": int(changed[0])}
        forged = replace(certificate, **{field: kinds.get(field, changed)})
        assert check(forged).fault is not None or forged.limit <= certificate.limit
