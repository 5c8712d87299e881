"""The checker's own model of a question: assignments, instructions, steps and goals as tables.

An *assignment* is what all cells and the flags hold for one input, and which keys of that input
tie: a cell holds the rank of a value, not a key.  What an instruction does to it is asked of the
interpreter.  An instruction is *dead* on an assignment where it overwrites the last copy of a value
that is still wanted, as a lost value never comes back.

Of what scratch cells and flags hold on entry there are two models.  Where kernels are *restricted*,
it is undefined, and an instruction that compares it, or decides by it, is dead.  Otherwise every
input comes twice: once all scratch cells hold a value less than all keys, once a value greater than
all of them; the flags are "equal".  A kernel that is right for whatever they hold is right for
this, whatever it compares.
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
State = tuple[tuple[int, ...], Flags]
Assignment = tuple[Pattern, tuple[int, ...], Flags]
"""Tie pattern, the value each cell holds (n and n + 1: no key), the flags (None: undefined)."""

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
        """The assignments on entry, ascending: scratch cells hold no key."""
        n, numbers = self.question.n, set()
        flags = _flags(self.question)[0]
        for order in self.question.inputs:
            pattern = tuple(order.count(rank) for rank in range(1, max(order) + 1))
            for other in _others(self.question):
                contents = (*(rank - 1 for rank in order), *[other] * (self.question.cells - n))
                numbers.add(self.number[pattern, contents, flags])
        return np.array(sorted(numbers), np.uint16)


def build(question: Question, budget: Budget) -> Model:
    """Build the model of a question; raises LimitReached."""
    others, flags = _others(question), _flags(question)
    found = _assignments(question, question.patterns, others, flags, budget)
    return _with_tables(question, tuple(found), question.in_place, budget)


def build_relaxed(question: Question, filled: bool, budget: Budget) -> Model:
    """Build an easier model, small enough for tables of costs; raises LimitReached.

    It has distinct keys only (all tie patterns where the question is of two values), outputs
    anywhere, no undefined flags and, if `filled`, keys alone in the cells.  What it leaves out is
    replaced by its `shadow`.
    """
    patterns = question.patterns if question.two_values else ((1,) * question.n,)
    others = () if filled else _others(question)
    flags = _FLAGS[1:] if question.uses_flags else (None,)
    found = _assignments(question, patterns, others, flags, budget)
    return _with_tables(question, tuple(found), False, budget)


def shadow(assignment: Assignment, question: Question, filled: bool) -> Assignment:
    """Return what stands for an assignment in the relaxed model.

    Undefined flags become "equal" and, if `filled`, undefined cells hold what the first defined
    one holds.  Whatever finishes a state finishes the shadows of its assignments.  Sound because a
    kernel that compares and tests nothing undefined does the same whatever that holds, and because
    the relaxed model has no fewer goals.  Where nothing is undefined there is nothing to fill.
    """
    pattern, contents, flags = assignment
    if question.uses_flags:
        flags = flags or Order.EQUAL
    if filled:
        first = next(value for value in contents if value != question.n)
        contents = tuple(first if value == question.n else value for value in contents)
    return pattern, contents, flags


def _flags(question: Question) -> tuple[Flags, ...]:
    """Return what the flags may hold, on entry the first."""
    if not question.uses_flags:
        return (None,)
    return _FLAGS if question.restricted else (Order.EQUAL, Order.LESS, Order.GREATER)


def _others(question: Question) -> tuple[int, ...]:
    """Return what a cell may hold that is no key: "undefined", or what is less and greater."""
    return (question.n,) if question.restricted else (question.n, question.n + 1)


def _assignments(
    question: Question,
    patterns: tuple[Pattern, ...],
    others: tuple[int, ...],
    flags: tuple[Flags, ...],
    budget: Budget,
) -> Iterator[Assignment]:
    """Yield the assignments in which every wanted value is in some cell."""
    for pattern in patterns:
        wanted = set(question.wanted(pattern))
        for contents in product((*range(len(pattern)), *others), repeat=question.cells):
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
    alike: dict[State, list[int]] = {}
    for a, (pattern, contents, flags) in enumerate(assignments):
        alike.setdefault((contents, flags), []).append(a)
        for j, value in enumerate(question.wanted(pattern)):
            goal[a, j] = sum(1 << cell for cell in allowed if contents[cell] == value)
    for state, those in alike.items():  # what it becomes is the same whichever keys are equal
        budget.check()
        after = [_after(state, instruction, question) for instruction in instructions]
        for a in those:
            pattern = assignments[a][0]
            steps[a] = [DEAD if f is None else number.get((pattern, *f), DEAD) for f in after]
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


def _after(state: State, instruction: Instr, question: Question) -> State | None:
    """Return contents and flags after an instruction; None where it uses something undefined."""
    contents, flags = state
    n, action = question.n, instruction.form.action
    if action is Action.SELECT and flags is None:
        return None
    compares = action in (Action.COMPARE, Action.MINIMUM, Action.MAXIMUM)
    if question.restricted and compares and any(contents[c] == n for c in instruction.reads):
        return None
    held: list[int | None] = [-1 if value == n else value for value in contents]
    if question.restricted:
        held = [None if value == n else value for value in contents]
    after = step(instruction, Step(tuple(held), flags))
    return tuple(n if v is None or v < 0 else v for v in after.cells), after.flags
