"""Symmetries: each is checked for what it is, and none is taken for granted."""

from functools import cache
from itertools import permutations, product

import engines
import numpy as np
import pytest

from sortopt.base import UNLIMITED, Budget, InputError
from sortopt.base.errors import LimitReached
from sortopt.certificate import group
from sortopt.certificate._checker_kernels import is_goal
from sortopt.certificate.model import DEAD, build, build_relaxed
from sortopt.certificate.question import Question
from sortopt.search.space.problem import Problem

RESTRICTED = pytest.mark.parametrize("restricted", [True, False])


@cache
def model_of(problem, *, restricted=True):
    return build(Question.of(problem.record(), restricted=restricted), UNLIMITED)


def goals_of(model):
    """Return which two assignments make a goal, of every two; of many only of each with itself."""
    count = len(model.assignments)
    pairs = product(range(count), repeat=2) if count < 200 else ((a, a) for a in range(count))
    return {pair: is_goal(np.array(pair, np.uint16), model.goal) for pair in pairs}


def keeps_costs(model, goals, image):
    """Brute force: instructions go to instructions, and goals of any two assignments to goals."""
    count = len(model.assignments)
    if sorted(image) != list(range(count)):
        return False
    columns = {tuple(column) for column in model.step.T.tolist()}
    back = {to: a for a, to in enumerate(image)}
    for column in columns:
        moved = [column[back[a]] for a in range(count)]
        if tuple(DEAD if x == DEAD else image[x] for x in moved) not in columns:
            return False
    return all(goals[image[a], image[b]] == goal for (a, b), goal in goals.items())


@RESTRICTED
@pytest.mark.parametrize("problem", engines.CERTIFIED.values(), ids=engines.CERTIFIED)
def test_every_symmetry_found_keeps_costs(problem, restricted):
    model = model_of(problem, restricted=restricted)
    goals = goals_of(model)
    for image in group.symmetries(model, UNLIMITED).T[:50]:
        assert keeps_costs(model, goals, image.tolist())


@pytest.mark.parametrize("problem", engines.CERTIFIED.values(), ids=engines.CERTIFIED)
def test_a_candidate_passes_exactly_where_brute_force_says_so(problem):
    """So a renaming, a reversal or an exchange too many is refused."""
    model = model_of(problem)
    goals = goals_of(model)
    for renaming in permutations(range(problem.cells)):
        for turned, exchanged in product((False, True), repeat=2):
            element = renaming, turned, exchanged
            image = group._image(model, element)
            passes = image is not None and group.is_symmetry(model, element, image)
            wanted = image is not None and keeps_costs(model, goals, image.tolist())
            assert passes == wanted, element


ORDERS = {
    "in place": 2 * 1 * 4,
    "anywhere": 6 * 4,
    "two scratch cells": 2 * 2 * 4,
    "no scratch cell": 2 * 2,
    "one condition": 2 * 2,
    "not closed under exchange": 2 * 2,
    "six conditions": 2 * 4,
    "distinct keys": 2 * 4,
    "the least": 6 * 2,
    "three keys": 6 * 4,
    "three keys anywhere": 24 * 4,
    "min and max": 6 * 2,
    "min and max of three operands": 2 * 2,
    "selects of three operands": 2 * 4,
    "opposite selects": 2 * 2,
}
"""Renamings, times two where the keys' order may be turned round, times two where less and greater
may be exchanged."""


@RESTRICTED
@pytest.mark.parametrize("name", ORDERS)
def test_all_symmetries_are_found(name, restricted):
    images = group.symmetries(model_of(engines.CERTIFIED[name], restricted=restricted), UNLIMITED)
    assert images.shape[1] == len({column.tobytes() for column in images.T.copy()})
    assert images.shape[1] == ORDERS[name]
    assert (images[:, 0] == np.arange(len(images))).all()


def test_a_relaxed_model_has_the_symmetries_of_outputs_anywhere():
    question = Question.of(engines.CERTIFIED["in place"].record())
    relaxed = build_relaxed(question, False, UNLIMITED)
    assert group.symmetries(relaxed, UNLIMITED).shape[1] == 6 * 4


def test_the_search_knows_no_symmetry_that_the_checker_lacks():
    for problem in engines.CERTIFIED.values():
        _, symmetry = engines.group(problem)
        assert group.symmetries(model_of(problem), UNLIMITED).shape[1] >= symmetry.order


def test_too_many_symmetries_are_refused_before_they_are_made(monkeypatch):
    monkeypatch.setattr(group, "MOST_BYTES", 1000)
    with pytest.raises(InputError, match="too many symmetries"):
        group.symmetries(model_of(Problem(2)), UNLIMITED)


def test_a_spent_budget_ends_the_listing_of_symmetries():
    model = model_of(Problem(2))
    with pytest.raises(LimitReached):
        group.symmetries(model, Budget(1e-9))
