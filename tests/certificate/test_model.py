"""The checker's model: its steps are the interpreter's, and its relaxation only adds ways out."""

from dataclasses import replace
from itertools import product

import engines
import pytest
from certificates import SORT3, number_in_files
from toys import EXTREMA

from sortopt.base import UNLIMITED, Budget
from sortopt.base.errors import LimitReached
from sortopt.certificate import model as checker
from sortopt.certificate.model import DEAD, build, build_relaxed, shadow
from sortopt.certificate.question import Question
from sortopt.model.interpreter import Step, step
from sortopt.model.isa import Action, Order
from sortopt.model.kernel import Instr
from sortopt.search.space.problem import Problem
from sortopt.targets import X86_MINMAX

EVERY = [*engines.CERTIFIED.values(), Problem(3, isa=X86_MINMAX, two_values=True)]


def question_of(problem):
    return Question.of(problem.record())


@pytest.mark.parametrize("problem", EVERY, ids=Problem.describe)
def test_every_instruction_of_the_search_does_the_same_in_the_checkers_model(problem):
    universe, _ = engines.group(problem)
    model, numbers = build(question_of(problem), UNLIMITED), number_in_files(problem)
    assert sorted(numbers.tolist()) == list(range(len(model.assignments)))
    place = {(i.form, i.operands): q for q, i in enumerate(model.instructions)}
    for i, (form, cells) in enumerate(universe.instructions):
        there = model.step[:, place[form, cells]]
        for a, after in enumerate(universe.step[:, i].tolist()):
            assert there[numbers[a]] == (DEAD if after == DEAD else numbers[after])
    assert (model.goal[numbers] == universe.goal).all()
    assert sorted(numbers[universe.start].tolist()) == model.start.tolist()


@pytest.mark.parametrize("problem", EVERY, ids=Problem.describe)
def test_where_anything_may_be_compared_each_step_is_that_of_plain_numbers(problem):
    """Keys are 1, 2, ...; what is no key is 0 or 9, so every comparison has its outcome."""
    n, question = problem.n, Question.of(problem.record(), restricted=False)
    model = build(question, UNLIMITED)

    def numbers(contents):
        return tuple({n: 0, n + 1: 9}.get(value, value + 1) for value in contents)

    known = {(p, numbers(contents), flags): a for (p, contents, flags), a in model.number.items()}
    for (pattern, held, flags), a in known.items():
        assert (flags is None) == (not question.uses_flags)
        for q, instruction in enumerate(model.instructions):
            after = step(instruction, Step(held, flags))
            assert model.step[a, q] == known.get((pattern, after.cells, after.flags), DEAD)
    entries = set()
    for order in problem.orders:
        pattern = tuple(order.count(rank) for rank in range(1, max(order) + 1))
        for other in (0, 9):
            flags = Order.EQUAL if question.uses_flags else None
            entries.add(known[pattern, (*order, *[other] * problem.scratch), flags])
    assert model.start.tolist() == sorted(entries)


def test_numbers_follow_tie_patterns_then_contents_then_flags():
    """As docs/certificates.md says: this sequence is part of the format of certificate files."""
    model = build(question_of(Problem(2)), UNLIMITED)
    flags = (None, Order.LESS, Order.EQUAL, Order.GREATER)
    assert model.assignments == tuple(
        (pattern, contents, flag)
        for pattern in ((1, 1), (2,))
        for contents in product(*3 * [(*range(len(pattern)), 2)])
        for flag in flags
        if set(range(len(pattern))) <= set(contents)
    )


@pytest.fixture
def of_three_operands():
    """The question of two keys for a set whose minima and maxima name their target."""
    return question_of(Problem(2, isa=EXTREMA))


def effect(instruction, cells):
    """Return what an instruction makes of all contents and flags."""
    contents = product((None, *range(cells)), repeat=cells)
    flags = (None, Order.LESS, Order.EQUAL, Order.GREATER)
    return tuple(step(instruction, Step(*before)) for before in product(contents, flags))


def test_what_is_not_listed_does_nothing_or_what_a_listed_instruction_does(of_three_operands):
    """Brute force over all operands of a set of three; a copy is defined wherever a minimum is."""
    listed = list(checker._instructions(of_three_operands))
    known = {effect(instruction, 3) for instruction in listed}
    known.add(tuple(Step(*b) for b in product(product((None, 0, 1, 2), repeat=3), (
        None, Order.LESS, Order.EQUAL, Order.GREATER))))  # fmt: skip
    for form in of_three_operands.forms:
        for operands in product(range(3), repeat=len(form.operands)):
            instruction = Instr(form, operands)
            if instruction not in listed:
                same = set(instruction.reads) == {instruction.reads[0]}
                copied = Instr(EXTREMA.form("mov"), (operands[0], instruction.reads[0]))
                assert same
                assert effect(copied, 3) in known
                assert effect(instruction, 3) == effect(copied, 3)
    assert {i.operands for i in listed if i.form is EXTREMA.form("smin")} == {
        (d, a, b) for d, a, b in product(range(3), repeat=3) if a != b
    }


def test_without_copies_no_instruction_is_left_out(monkeypatch):
    forms = {name: form for name, form in EXTREMA.forms.items() if name != "mov"}
    without = {EXTREMA.name: replace(EXTREMA, forms=forms)}
    monkeypatch.setattr("sortopt.certificate.question.ISAS", without)
    listed = checker._instructions(question_of(Problem(2, isa=EXTREMA)))
    assert len(list(listed)) == 2 * 3**3


def test_comparisons_are_listed_either_way_round_but_not_of_a_cell_with_itself():
    listed = checker._instructions(question_of(SORT3))
    compared = [i.operands for i in listed if i.form.action is Action.COMPARE]
    assert compared == [(a, b) for a, b in product(range(4), repeat=2) if a != b]


def fillings(assignment, n, numbers):
    """Return the numbers of the assignments in which only what was undefined may differ."""
    pattern, contents, flags = assignment
    held = [(*range(len(pattern)), n) if value == n else (value,) for value in contents]
    every = (None, Order.LESS, Order.EQUAL, Order.GREATER)
    found = product([pattern], product(*held), every if flags is None else [flags])
    return {numbers[filled] for filled in found if filled in numbers}


@pytest.mark.parametrize("filled", [False, True], ids=["cells undefined", "cells filled"])
@pytest.mark.parametrize("problem", EVERY, ids=Problem.describe)
def test_whatever_finishes_a_state_finishes_its_shadow(problem, filled):
    """Each instruction takes what stands for an assignment to what stands for the next one.

    What stands for an assignment is any in which only what was undefined differs; goals are kept.
    """
    question = question_of(problem)
    model, relaxed = build(question, UNLIMITED), build_relaxed(question, filled, UNLIMITED)
    assert relaxed.instructions == model.instructions
    bounded = {pattern for pattern, *_ in relaxed.assignments}
    stands = [fillings(a, problem.n, relaxed.number) for a in model.assignments]
    for a, assignment in enumerate(model.assignments):
        image = shadow(assignment, question, filled)
        if assignment[0] not in bounded:
            assert image not in relaxed.number
            continue
        assert relaxed.number[image] in stands[a]
        for b in stands[a]:
            assert not (model.goal[a] & ~relaxed.goal[b]).any()
            for q, after in enumerate(model.step[a].tolist()):
                assert after == DEAD or int(relaxed.step[b, q]) in stands[after]


@pytest.mark.parametrize("problem", EVERY, ids=Problem.describe)
def test_the_relaxed_model_has_nothing_undefined_that_is_to_be_filled(problem):
    question = question_of(problem)
    for filled in (False, True):
        relaxed = build_relaxed(question, filled, UNLIMITED)
        assert all(flags is not None for *_, flags in relaxed.assignments) == question.uses_flags
        held = {value for _, contents, _ in relaxed.assignments for value in contents}
        assert not (filled and problem.n in held)


def test_a_spent_budget_ends_the_building():
    with pytest.raises(LimitReached):
        build(question_of(SORT3), Budget(1e-9))
    with pytest.raises(LimitReached):
        build_relaxed(question_of(SORT3), False, Budget(1e-9))
