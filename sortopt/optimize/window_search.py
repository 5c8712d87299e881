"""Search for a shorter program of one window of a kernel.

A window sees only how its few cells compare, and the flags: one *local* state for each order of
its cells that occurs.  What it must reach is, for each of them, a set of accepted local states.
The search is depth first under a limit of length, cut off where some single local state is
farther from its accepted ones than instructions are left (the exact cost of each, found by
backward value iteration).  Sound because a program that finishes all finishes each.

Layouts of rows, programs and local states are `_window_kernels`'.  In this model a window never
compares an undefined cell and never tests undefined flags.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from sortopt.model import Action, Instr, commute
from sortopt.optimize import _window_kernels as kernels

Rows = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MOST_CELLS = 5
"""The most cells of a window: 31,104 local states."""

_ACTIONS = {
    Action.COPY: kernels.COPY,
    Action.COMPARE: kernels.COMPARE,
    Action.SELECT: kernels.SELECT,
    Action.MINIMUM: kernels.MINIMUM,
    Action.MAXIMUM: kernels.MAXIMUM,
}
_TABLE = 1 << 20
_CAPS = {1: 9, 2: 9, 3: 9, 4: 6, 5: 3}
"""Up to which cost the costs of single local states are exact, by cells."""


def encode(instructions: Sequence[Instr]) -> Ints:
    """Return a program as the compiled code takes it."""
    lines = np.zeros((len(instructions), 5), np.int64)
    for line, instruction in zip(lines, instructions, strict=True):
        form, reads = instruction.form, instruction.reads
        line[0] = _ACTIONS[form.action]
        line[1] = -1 if instruction.writes is None else instruction.writes
        line[2], line[3] = reads[0], reads[-1]
        if form.condition is not None:
            line[4] = form.condition.holds.bits
    return lines


@dataclass(frozen=True)
class Repertoire:
    """The instructions that a window of `cells` cells (numbered from 0) may use."""

    cells: int
    instructions: tuple[Instr, ...]

    @cached_property
    def digits(self) -> Rows:
        """digits[s] holds the dense ranks of local state s and its flags."""
        base, codes = self.cells + 1, np.arange(4 * (self.cells + 1) ** self.cells)
        columns = [codes // 4 // base**t % base for t in range(self.cells)]
        return np.column_stack([*columns, codes % 4]).astype(np.uint8)

    @cached_property
    def step(self) -> npt.NDArray[np.int32]:
        """step[s, q] is the local state after instruction q, or -1 where that is not defined."""
        digits = self.digits
        found = np.full((len(digits), len(self.instructions)), -1, np.int32)
        for q, instruction in enumerate(self.instructions):
            after, flags = digits[:, :-1].copy(), digits[:, -1].copy()
            kernels.execute_all(after, flags, encode([instruction]))
            read = digits[:, list(instruction.reads)]
            form = instruction.form
            legal = np.ones(len(digits), np.bool_)
            if form.action in (Action.COMPARE, Action.MINIMUM, Action.MAXIMUM):
                legal = (read != 0).all(axis=1)
            elif form.reads_flags:
                legal = digits[:, -1] != 0
            found[:, q] = np.where(legal, self.codes(after, flags), -1)
        return found

    @cached_property
    def follows(self) -> Flags:
        """Whether instruction q may come right after p: no dead result, one order if they commute.

        Sound because leaving out p does the same, or because q before p does.
        """
        count = len(self.instructions)
        may = np.ones((count, count), np.bool_)
        for p, first in enumerate(self.instructions):
            for q, second in enumerate(self.instructions):
                may[p, q] = not (_kills(second, first) or (q < p and commute(first, second)))
        return may

    def codes(self, ranks: Rows, flags: Rows) -> npt.NDArray[np.int32]:
        """Return the number of each local state."""
        code = np.zeros(len(flags), np.int32)
        for t in range(self.cells - 1, -1, -1):
            code = code * (self.cells + 1) + ranks[:, t]
        return np.asarray(code * 4 + flags, np.int32)

    def run(self, states: Ints, program: Sequence[Instr]) -> Ints:
        """Return the local states after `program`, undefined results included as such."""
        digits = self.digits[states]
        after, flags = digits[:, :-1].copy(), digits[:, -1].copy()
        kernels.execute_all(after, flags, encode(program))
        return self.codes(after, flags).astype(np.int64)

    def __hash__(self) -> int:
        return hash((self.cells, self.instructions))


@lru_cache(maxsize=64)
def repertoire(cells: int, instructions: tuple[Instr, ...]) -> Repertoire:
    """Return the repertoire of these instructions, its tables kept for the next window."""
    return Repertoire(cells, instructions)


def _kills(second: Instr, first: Instr) -> bool:
    """Return whether `second` overwrites what `first` wrote without reading it."""
    if first.form.writes_flags:
        return second.form.writes_flags
    return first.writes == second.writes and first.writes not in second.reads


def programs(
    usable: Repertoire,
    start: Ints,
    accepted: Flags,
    limit: int,
    *,
    most: int = 1,
    nodes: int = 1_000_000,
) -> list[tuple[Instr, ...]]:
    """Return up to `most` programs of at most `limit` instructions.

    Each brings local state start[g] to one that accepted[g] marks, for every g.  An empty list
    means that none was found: nothing is proved.
    """
    if limit < 0:
        return []
    if accepted[np.arange(len(start)), start].all():
        return [()]
    digits = usable.digits
    top = digits[:, :-1].max(axis=1).astype(np.int64)
    cost = np.where(accepted, 0, kernels.UNREACHED).astype(np.uint8)
    cap = min(limit, _CAPS[usable.cells])
    kernels.distances(usable.step, top, top[start], cap, cost)
    if (cost[np.arange(len(start)), start] > limit).any():
        return []
    paths = np.full((most, limit + 1), -1, np.int64)
    table = np.zeros(_TABLE, np.uint64)
    count = kernels.solve(usable.step, cost, start, usable.follows, limit, nodes, table, paths)
    return [tuple(usable.instructions[q] for q in path if q >= 0) for path in paths[:count]]
