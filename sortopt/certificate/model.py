"""The checker's own model of a question: assignments, instructions, steps and goals as tables.

An *assignment* is what all cells and the flags hold for one input, and which keys of that input
tie: a cell holds the rank of a value, not a key.  What an instruction does to it is asked of the
interpreter.  An instruction is *dead* on an assignment where it compares, or decides by, something
undefined, and where it overwrites the last copy of a value that is still wanted: no kernel of the
question does the former, and a lost value never comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from sortopt.base import Budget
from sortopt.certificate.question import Pattern, Question
from sortopt.model import Action, Instr, Order, Step, step

DEAD = 65535

Flags = Order | None
Assignment = tuple[Pattern, tuple[int, ...], Flags]
"""Tie pattern, the value each cell holds (n: undefined), the flags (None: undefined)."""

_FLAGS: tuple[Flags, ...] = (None, Order.LESS, Order.EQUAL, Order.GREATER)


@dataclass(frozen=True, eq=False, slots=True)
class Model:
    """Assignments by number, and what the instructions make of them.

    The numbers follow the sequence of the tie patterns, then of the contents, then of the flags
    (undefined, less, equal, greater).  `step[a, q]` is the assignment after instruction q, or DEAD.
    `goal[a, j]` is the set, as bits, of the cells in which output j may lie.
    """

    question: Question
    assignments: tuple[Assignment, ...]
    number: dict[Assignment, int]
    instructions: tuple[Instr, ...]
    step: npt.NDArray[np.uint16]
    goal: npt.NDArray[np.uint8]

    @property
    def start(self) -> npt.NDArray[np.uint16]:
        """The assignments on entry, ascending: scratch and flags are undefined."""
        n, numbers = self.question.n, set()
        for order in self.question.inputs:
            pattern = tuple(order.count(rank) for rank in range(1, max(order) + 1))
            contents = (*(rank - 1 for rank in order), *[n] * (self.question.cells - n))
            numbers.add(self.number[pattern, contents, None])
        return np.array(sorted(numbers), np.uint16)


def build(question: Question, budget: Budget) -> Model:
    """Build the model of a question; raises LimitReached."""
    flags = _FLAGS if question.uses_flags else (None,)
    found = _assignments(question, question.patterns, (question.n,), flags, budget)
    return _with_tables(question, tuple(found), question.in_place, budget)


def build_relaxed(question: Question, filled: bool, budget: Budget) -> Model:
    """Build an easier model, small enough for tables of costs; raises LimitReached.

    It has distinct keys only (all tie patterns where the question is of two values), outputs
    anywhere, no undefined flags and, if `filled`, no undefined cells.  What it leaves out is
    replaced by its `shadow`.
    """
    patterns = question.patterns if question.two_values else ((1,) * question.n,)
    flags = _FLAGS[1:] if question.uses_flags else (None,)
    found = _assignments(question, patterns, () if filled else (question.n,), flags, budget)
    return _with_tables(question, tuple(found), False, budget)


def shadow(assignment: Assignment, question: Question, filled: bool) -> Assignment:
    """Return what stands for an assignment in the relaxed model.

    Undefined flags become "equal" and, if `filled`, undefined cells hold what the first defined
    one holds.  Whatever finishes a state finishes the shadows of its assignments.  Sound because a
    kernel that compares and tests nothing undefined does the same whatever that holds, and because
    the relaxed model has no fewer goals.
    """
    pattern, contents, flags = assignment
    if question.uses_flags:
        flags = flags or Order.EQUAL
    if filled:
        first = next(value for value in contents if value != question.n)
        contents = tuple(first if value == question.n else value for value in contents)
    return pattern, contents, flags


def _assignments(
    question: Question,
    patterns: tuple[Pattern, ...],
    undefined: tuple[int, ...],
    flags: tuple[Flags, ...],
    budget: Budget,
) -> Iterator[Assignment]:
    """Yield the assignments in which every wanted value is in some cell."""
    for pattern in patterns:
        wanted = set(question.wanted(pattern))
        for contents in product((*range(len(pattern)), *undefined), repeat=question.cells):
            budget.check()
            if wanted <= set(contents):
                yield from ((pattern, contents, flag) for flag in flags)


def _with_tables(
    question: Question, assignments: tuple[Assignment, ...], in_place: bool, budget: Budget
) -> Model:
    number = {assignment: i for i, assignment in enumerate(assignments)}
    instructions = tuple(_instructions(question))
    allowed = range(question.n if in_place else question.cells)
    steps = np.empty((len(assignments), len(instructions)), np.uint16)
    goal = np.empty((len(assignments), len(question.ranks)), np.uint8)
    for a, assignment in enumerate(assignments):
        budget.check()
        after = (_after(assignment, instruction, question.n) for instruction in instructions)
        steps[a] = [DEAD if found is None else number.get(found, DEAD) for found in after]
        pattern, contents, _ = assignment
        for j, value in enumerate(question.wanted(pattern)):
            goal[a, j] = sum(1 << cell for cell in allowed if contents[cell] == value)
    return Model(question, assignments, number, instructions, steps, goal)


def _instructions(question: Question) -> Iterator[Instr]:
    """Yield every instruction, operands that coincide included, but for those that never help.

    A copy of a cell to itself does nothing.  Where there are copies, an instruction whose two
    arguments are one cell is not needed either.  A minimum, a maximum or a conditional move of a
    cell with itself is a copy, or nothing.  A comparison of a cell with itself says "equal" for
    every input, so up to the next comparison each conditional move is a copy, or nothing: with
    those in their place the kernel is right without the comparison, and shorter.
    """
    copies = any(form.action is Action.COPY for form in question.forms)
    for form in question.forms:
        for operands in product(range(question.cells), repeat=len(form.operands)):
            instruction = Instr(form, operands)
            read = set(instruction.reads)
            itself = form.action is Action.COPY and read == {instruction.writes}
            if not itself and (len(read) > 1 or form.action is Action.COPY or not copies):
                yield instruction


def _after(assignment: Assignment, instruction: Instr, n: int) -> Assignment | None:
    """Return the assignment after an instruction; None where it uses something undefined."""
    pattern, contents, flags = assignment
    action = instruction.form.action
    if action is Action.SELECT and flags is None:
        return None
    if action in (Action.COMPARE, Action.MINIMUM, Action.MAXIMUM) and any(
        contents[cell] == n for cell in instruction.reads
    ):
        return None
    before = Step(tuple(None if value == n else value for value in contents), flags)
    after = step(instruction, before)
    return pattern, tuple(n if value is None else value for value in after.cells), after.flags
