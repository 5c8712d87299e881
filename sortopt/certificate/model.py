"""The checker's own model of a problem, built from the plain interpreter.

Assignments are numbered here by (tie pattern, contents, flags) in lexicographic sequence, which is
the numbering of certificate files; `machine.step` says what each instruction does to each.  The
symmetries are written out as a table of actions and each is checked to be one before it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations, product

import numpy as np
import numpy.typing as npt

from sortopt.model import Action, Instr, Order, Step, Value, step
from sortopt.search.space import Problem

DEAD = 65535

Assignment = tuple[tuple[int, ...], tuple[int, ...], Order | None]
"""Tie pattern (multiplicity of each rank), contents (rank of each cell, n undefined), flags."""

_FLAGS = (None, Order.LESS, Order.EQUAL, Order.GREATER)


@dataclass(frozen=True)
class Plain:
    """The assignments of a problem in the numbering of certificate files, and what they do.

    With `defined_flags` the assignments with undefined flags are left out, with `defined_cells`
    those with undefined cells: the relaxation reads them as if they were defined.
    """

    problem: Problem
    defined_flags: bool = False
    defined_cells: bool = False

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """Every assignment that holds each rank its goal needs somewhere."""
        n, cells = self.problem.n, self.problem.cells
        undefined = () if self.defined_cells else (n,)
        flags: tuple[Order | None, ...] = (None,)
        if any(form.writes_flags for form in self.problem.forms):
            flags = _FLAGS[1:] if self.defined_flags else _FLAGS
        return tuple(
            (pattern, contents, flag)
            for pattern in self.problem.tie_patterns
            for contents in product((*range(len(pattern)), *undefined), repeat=cells)
            if set(self.wanted(pattern)) <= set(contents)
            for flag in flags
        )

    def wanted(self, pattern: tuple[int, ...]) -> list[int]:
        """Return the rank that each output must hold."""
        values = [rank for rank, count in enumerate(pattern) for _ in range(count)]
        return [values[rank] for rank in self.problem.goal.ranks(self.problem.n)]

    @cached_property
    def number(self) -> dict[Assignment, int]:
        """The number of each assignment."""
        return {assignment: i for i, assignment in enumerate(self.assignments)}

    @cached_property
    def instructions(self) -> tuple[Instr, ...]:
        """Every instruction; comparisons one way round where exchanging conditions serves."""
        return tuple(
            Instr(form, cells)
            for form in self.problem.forms
            for cells in permutations(range(self.problem.cells), len(form.operands))
            if not (form.writes_flags and self.problem.exchangeable and cells[0] > cells[1])
        )

    @cached_property
    def step(self) -> npt.NDArray[np.uint16]:
        """`step[a, q]`: the assignment after instruction q, DEAD where it is illegal or lost."""
        table = np.full((len(self.assignments), len(self.instructions)), DEAD, np.uint16)
        for a, assignment in enumerate(self.assignments):
            for q, instruction in enumerate(self.instructions):
                after = self._after(assignment, instruction)
                table[a, q] = DEAD if after is None else self.number.get(after, DEAD)
        return table

    def _after(self, assignment: Assignment, instruction: Instr) -> Assignment | None:
        """Return the assignment after an instruction; None where it uses something undefined."""
        pattern, contents, flags = assignment
        n = self.problem.n
        values: tuple[Value, ...] = tuple(None if rank == n else rank for rank in contents)
        action = instruction.form.action
        if action is Action.SELECT and flags is None:
            return None
        if action in (Action.COMPARE, Action.MINIMUM, Action.MAXIMUM) and any(
            values[cell] is None for cell in instruction.reads
        ):
            return None
        after = step(instruction, Step(values, flags))
        held = tuple(n if value is None else value for value in after.cells)
        return pattern, held, after.flags

    @cached_property
    def goal(self) -> npt.NDArray[np.uint8]:
        """`goal[a, j]`: the bit set of the cells in which output j may lie."""
        allowed = range(self.problem.n if self.problem.in_place else self.problem.cells)
        return np.array(
            [
                [sum(1 << c for c in allowed if contents[c] == rank) for rank in wanted]
                for pattern, contents, _ in self.assignments
                for wanted in [self.wanted(pattern)]
            ],
            np.uint8,
        )

    @cached_property
    def start(self) -> npt.NDArray[np.uint16]:
        """The assignments on entry, ascending."""
        n = self.problem.n
        numbers = set()
        for order in self.problem.orders:
            pattern = tuple(order.count(rank) for rank in range(1, max(order) + 1))
            contents = (*(rank - 1 for rank in order), *[n] * self.problem.scratch)
            numbers.add(self.number[pattern, contents, None])
        return np.array(sorted(numbers), np.uint16)

    def action(self, renaming: tuple[int, ...], reverse: bool, exchange: bool) -> list[int]:
        """Return the image of every assignment under an element of the group.

        The content of cell c goes to cell renaming[c]; `reverse` turns the ranks round, `exchange`
        exchanges LESS and GREATER in the flags.
        """
        n = self.problem.n
        image = []
        for pattern, contents, flags in self.assignments:
            moved = [0] * len(contents)
            for cell, rank in enumerate(contents):
                turned = len(pattern) - 1 - rank if reverse and rank != n else rank
                moved[renaming[cell]] = turned
            after = flags.exchanged() if exchange and flags is not None else flags
            turned_pattern = pattern[::-1] if reverse else pattern
            image.append(self.number[turned_pattern, tuple(moved), after])
        return image

    def is_symmetry(self, image: npt.NDArray[np.uint16], exchanged: npt.NDArray[np.uint16]) -> bool:
        """Return whether an action commutes with the instructions, up to `exchanged`.

        For each instruction q there must be one instruction q' that does to the image of every
        assignment what the image of q does to it, or that with `exchanged` applied as well (LESS
        and GREATER exchanged in the flags; the identity where that is no symmetry).  When all
        elements of a group that contains `exchanged` satisfy this and `keeps_goal`, a state and
        its images have equal cost: by induction on the length of a kernel, whose first
        instruction q is replaced by q'.
        """
        steps = {self.step[image, q].tobytes() for q in range(len(self.instructions))}
        padded = np.append(image, np.full(DEAD + 1 - len(image), DEAD, np.uint16))
        again = np.append(exchanged, np.full(DEAD + 1 - len(exchanged), DEAD, np.uint16))
        for q in range(len(self.instructions)):
            through = padded[self.step[:, q]]
            if through.tobytes() not in steps and again[through].tobytes() not in steps:
                return False
        return True

    def keeps_goal(
        self, image: npt.NDArray[np.uint16], renaming: tuple[int, ...], reverse: bool
    ) -> bool:
        """Return whether an action carries the goal sets of the outputs over."""
        moved = np.zeros_like(self.goal)
        for cell, to in enumerate(renaming):
            moved |= ((self.goal >> cell & 1) << to).astype(np.uint8)
        outputs = self.goal.shape[1]
        return any(
            np.array_equal(self.goal[image], moved[:, list(order)])
            for order in (range(outputs), range(outputs - 1, -1, -1))[: 2 if reverse else 1]
        )

    def fillings(self, assignment: Assignment) -> list[int]:
        """Return the assignments of this model in which only what was undefined may differ."""
        pattern, contents, flags = assignment
        n = self.problem.n
        held = [(*range(len(pattern)), n) if rank == n else (rank,) for rank in contents]
        candidates = product(product(*held), _FLAGS if flags is None else (flags,))
        found = (self.number.get((pattern, filled, flag)) for filled, flag in candidates)
        return [number for number in found if number is not None]

    @cached_property
    def arrays(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int8]]:
        """The contents, and the flags as numbers (-1: undefined), of every assignment."""
        flags = [-1 if flag is None else _FLAGS.index(flag) for *_, flag in self.assignments]
        return np.array([c for _, c, _ in self.assignments], np.uint8), np.array(flags, np.int8)

    def fills(
        self, numbers: npt.NDArray[np.int64], other: Plain, of: npt.NDArray[np.int64]
    ) -> bool:
        """Return whether each assignment in `numbers` is a filling of `other`'s in `of`."""
        (mine, my_flags), (theirs, their_flags) = self.arrays, other.arrays
        cells = (theirs[of] == self.problem.n) | (theirs[of] == mine[numbers])
        flags = (their_flags[of] == -1) | (their_flags[of] == my_flags[numbers])
        return bool(cells.all() and flags.all())
