"""The packed step equals the interpreter: one semantics, two executions."""

import pytest
from engines import SMALL, group, question
from hypothesis import given
from hypothesis import strategies as st

from sortopt.model.interpreter import Step, step
from sortopt.model.isa import Action, Order, Signedness
from sortopt.model.kernel import Instr
from sortopt.search.space.problem import Problem
from sortopt.search.space.universe import DEAD
from sortopt.targets import ISAS

PROBLEMS = [
    *SMALL.values(),
    question(4, "l,g,le,ge,e,ne", distinct=True),
    question(3, "b,ae"),
    *(Problem(2, isa, signedness=sign) for isa in ISAS.values() for sign in Signedness),
]
FLAGS = (None, Order.LESS, Order.EQUAL, Order.GREATER)

pytestmark = pytest.mark.jit_off


@st.composite
def steps(draw):
    """Draw (universe, number of an assignment, number of an instruction)."""
    universe, _ = group(draw(st.sampled_from(PROBLEMS)))
    number = draw(st.integers(0, universe.size - 1))
    return universe, number, draw(st.integers(0, len(universe.instructions) - 1))


def unpacked(universe, number):
    n = universe.problem.n
    cells = tuple(None if value == n else int(value) for value in universe.contents[number])
    return Step(cells, FLAGS[universe.flags[number]])


def uses_undefined(form, before, cells):
    """Whether the model forbids this: comparing an undefined cell, or testing undefined flags."""
    if form.action is Action.SELECT:
        return before.flags is None
    return form.action is not Action.COPY and None in (before.cells[c] for c in cells)


def keeps_wanted(universe, number, after):
    pattern = universe.tie_patterns[universe.patterns[number]]
    keys = [rank for rank, many in enumerate(pattern) for _ in range(many)]
    problem = universe.problem
    return all(keys[rank] in after.cells for rank in problem.goal.ranks(problem.n))


@given(steps())
def test_packed_step_is_the_interpreters(drawn):
    universe, number, i = drawn
    form, cells = universe.instructions[i]
    before = unpacked(universe, number)
    after = step(Instr(form, cells), before)
    packed = universe.step[number, i]
    if uses_undefined(form, before, cells) or not keeps_wanted(universe, number, after):
        assert packed == DEAD
    else:
        assert unpacked(universe, packed) == after
        assert universe.patterns[packed] == universe.patterns[number]
