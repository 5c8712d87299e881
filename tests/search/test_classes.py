"""One kernel of each class: as a list of all kernels has them, and without such a list."""

from collections import Counter
from itertools import islice

import pytest
from engines import SILENT_OVERFLOW, name_of, question

from sortopt.search.exhaustive import as_listed
from sortopt.search.optima import classes_of, counting, optima
from sortopt.search.optima.classes import _renamings
from sortopt.tasks.enumerate import class_of
from sortopt.verify import WEAK_ORDERS, verify

pytestmark = pytest.mark.filterwarnings(SILENT_OVERFLOW)

QUESTIONS = [
    (question(2, "l,g,le,ge"), 4),
    (question(2, in_place=False), 4),
    (question(2, scratch=2), 4),
    (question(3, minmax=True), 8),
    (question(3, assume="b<c"), 7),
    (question(3, goal="min", in_place=False), 4),
]


@pytest.mark.parametrize(("problem", "length"), QUESTIONS, ids=[name_of(q) for q, _ in QUESTIONS])
def test_classes_are_those_of_all_kernels_each_once(problem, length):
    found = optima(problem, length)
    listed = [class_of(kernel, problem) for kernel in classes_of(found)]
    assert len(listed) == len(set(listed))
    assert set(listed) == {class_of(kernel, problem) for kernel in found.kernels()}


def test_a_renamed_word_has_the_instructions_of_the_renamed_program():
    """Conditions are exchanged behind each comparison that a renaming turns round."""
    problem = question(2)
    found = optima(problem, 4)
    listed = found.search.universe.instructions
    _, exchange = _renamings(found.search.universe)
    for path, _ in found.paths():
        word, turned = (), False
        for q in path:
            word, turned = exchange.extended(word, turned, q)
        taken = [listed[q] for q in path]
        renamed = [(form, tuple((1, 0, 2)[c] for c in cells)) for form, cells in taken]
        assert Counter(listed[q] for q in word) == Counter(as_listed(problem, renamed))


def test_three_keys_have_428_classes():
    """As many as a list of the 2,026 kernels has."""
    problem = question(3)
    assert len({class_of(kernel, problem) for kernel in classes_of(optima(problem, 11))}) == 428


def test_what_is_remembered_changes_no_class(monkeypatch):
    found = optima(question(2), 4)
    listed, kernels = list(classes_of(found)), list(found.kernels())
    monkeypatch.setattr(counting, "MOST_REMEMBERED", 1)
    assert list(classes_of(found)) == listed
    assert list(found.kernels()) == kernels


def test_the_first_classes_of_four_keys_come_without_a_list_of_all():
    problem = question(4, minmax=True)
    found = optima(problem, 15)
    first = list(islice(classes_of(found), 100))
    assert len({class_of(kernel, problem) for kernel in first}) == 100 < found.count
    assert all(verify(kernel, methods=(WEAK_ORDERS,)).verdict.name == "proved" for kernel in first)
