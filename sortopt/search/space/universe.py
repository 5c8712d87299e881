"""The universe of a problem: every viable assignment as a number, every instruction as a table.

An *assignment* is what all cells and the flags hold for one input.  Cells hold ranks (0 for the
least key value), not keys, so assignments of different inputs coincide; how many keys share each
rank is the assignment's *tie pattern* (a composition of n).  The assignments that can still reach
the goal (every rank the goal needs is held somewhere) are numbered; an instruction is a table from
number to number.  A *state* of the search is a set of these numbers.

Sound because a kernel sees only how keys compare: inputs with the same ranks in the same cells,
the same flags and the same tie pattern behave alike from there on.

Where the problem asks for more than values, cells hold elements instead, and a comparison may lead
to several assignments (see `elements`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import comb

import numpy as np
import numpy.typing as npt

from sortopt.base import InputError, Table
from sortopt.model import Action, Form, Order, list_instructions
from sortopt.search.space._answer_kernels import Answers
from sortopt.search.space._symmetry_kernels import DEAD, Ids
from sortopt.search.space.elements import (
    Bytes,
    label_count,
    numbered_alike,
    ranks_seen,
    wanted_labels,
)
from sortopt.search.space.problem import ANY_ANSWER, Problem

MAX_ASSIGNMENTS = 65_533
"""The most assignments that 16-bit numbers name, DEAD not being one."""

MAX_CODES = 1 << 28
"""The largest index from codes to numbers that is built."""

MAX_CELLS = 8
"""The most cells (keys and scratch) that the goal's bit sets hold."""

UNDEFINED_FLAGS = 0
LESS, EQUAL, GREATER = Order.LESS.number, Order.EQUAL.number, Order.GREATER.number


@dataclass(frozen=True, eq=False)
class Universe:
    """The assignments of a problem and what each instruction does to them.

    `contents[id, cell]` is the rank a cell holds (n: undefined), `flags[id]` the flags,
    `patterns[id]` the number of the tie pattern in `tie_patterns` (ranks' multiplicities).
    `step[id, i]` is the assignment after instruction i, DEAD where it loses a needed key or uses
    something undefined.  `goal[id, j]` is the bit set of the cells in which output j may lie.
    `start` lists the assignments of the problem's inputs.  `instructions[i]` is (form, cells);
    behind these come the `pairs`: two loads or stores in one, by their numbers.
    """

    problem: Problem
    instructions: tuple[tuple[Form, tuple[int, ...]], ...]
    tie_patterns: tuple[tuple[int, ...], ...]
    contents: Bytes
    flags: Bytes
    patterns: Bytes
    step: Table[np.uint16]
    goal: Bytes
    start: Ids
    index: Ids
    """`index[code]` is the number of the assignment with that code (see `codes`), or DEAD."""
    pairs: tuple[tuple[int, int], ...] = ()

    @property
    def size(self) -> int:
        """The number of assignments."""
        return len(self.flags)

    def parts(self, number: int) -> list[tuple[Form, tuple[int, ...]]]:
        """Return the instruction of that number, or the two that a pair stands for."""
        single = len(self.instructions)
        numbers = (number,) if number < single else self.pairs[number - single]
        return [self.instructions[q] for q in numbers]

    @cached_property
    def compares(self) -> npt.NDArray[np.bool_]:
        """Which instructions set the flags."""
        single = [form.writes_flags for form, _ in self.instructions]
        return np.array(single + [False] * len(self.pairs), np.bool_)

    @cached_property
    def answers(self) -> Answers:
        """Which instructions lead to several assignments (see `elements`)."""
        apart = np.zeros(len(self.compares), np.int64)
        if not self.problem.any_answer:
            return Answers(self.size, apart)
        free = np.flatnonzero(self.patterns == self.tie_patterns.index(ANY_ANSWER))
        apart[self.compares] = len(free) // 4
        return Answers(int(free[0]), apart)

    @property
    def width(self) -> int:
        """The most assignments that a state's children hold, duplicates included."""
        return len(self.start) + 3 * (self.size - self.answers.first)

    @cached_property
    def without(self) -> npt.NDArray[np.int64]:
        """Return, per assignment and cell, twice the number of what all other cells hold and of
        the tie pattern, plus 1 where keys tie: the measure of beams (`_score_kernels`).
        """
        n, cells = self.problem.n, self.problem.cells
        ties = np.array([len(pattern) < n for pattern in self.tie_patterns])
        table = np.empty((self.size, cells), np.int64)
        for left_out in range(cells):
            code = self.patterns.astype(np.int64)
            for cell in range(cells):
                if cell != left_out:
                    code = code * (n + 1) + self.contents[:, cell]
            table[:, left_out] = 2 * code + ties[self.patterns]
        return table

    def numbers_of(self, other: Universe, contents: Bytes, flags: Bytes) -> Ids:
        """Return the numbers here of `other`'s assignments, whose contents and flags are given.

        DEAD where the tie pattern does not occur here.
        """
        places = {pattern: i for i, pattern in enumerate(self.tie_patterns)}
        place = np.array([places.get(pattern, -1) for pattern in other.tie_patterns])
        patterns = place[other.patterns]
        known = np.maximum(patterns, 0).astype(np.uint8)
        return np.where(patterns < 0, DEAD, self.index[self.codes(contents, flags, known)])

    def codes(self, contents: Bytes, flags: Bytes, patterns: Bytes) -> npt.NDArray[np.int64]:
        """Return the mixed-radix code of each assignment: an index into `index`."""
        return _codes(self.problem.n, contents, flags, patterns)


def with_entries(universe: Universe) -> Universe:
    """Return `universe` with a start in which nothing is undefined.

    Scratch cells hold a copy of the same key, any of them, and the flags are "equal".  A kernel
    that is right for all that scratch cells and flags can hold on entry is right for these, and
    here it may compare and test what it likes, at any time.  So what is proved of all kernels that
    are right for this start holds of every kernel that is right, without the model's restriction.
    """
    problem, start = universe.problem, universe.start
    contents = np.repeat(universe.contents[start], problem.n, axis=0)
    copied = np.tile(np.arange(problem.n), len(start))
    contents[:, problem.n :] = contents[np.arange(len(contents)), copied][:, None]
    patterns = np.repeat(universe.patterns[start], problem.n)
    has_flags = any(form.writes_flags for form in problem.forms)
    flags = np.full(len(contents), EQUAL if has_flags else UNDEFINED_FLAGS, np.uint8)
    return replace(
        universe, start=np.unique(universe.index[universe.codes(contents, flags, patterns)])
    )


def instructions_of(problem: Problem) -> tuple[tuple[Form, tuple[int, ...]], ...]:
    """Return every instruction of the problem but those that no shortest kernel needs."""
    listed = list_instructions(problem.isa, problem.forms, problem.places)
    return tuple((instruction.form, instruction.operands) for instruction in listed)


def _pairs_of(
    problem: Problem, instructions: tuple[tuple[Form, tuple[int, ...]], ...]
) -> tuple[tuple[int, int], ...]:
    """Return the loads and stores that are one instruction together, that of the first place first.

    Two loads into one register are none; two stores may be of one.
    """
    moves = [
        (q, form, cells, min(cells))  # cells of keys in memory have the least numbers
        for q, (form, cells) in enumerate(instructions)
        if problem.pairs and form.mnemonic in problem.isa.machine.pairs.values()
    ]
    return tuple(
        (q, other)
        for q, form, cells, place in moves
        for other, same, more, next_place in moves
        if same is form
        and cells[form.target or 0] != more[form.target or 0]
        and (place < next_place if problem.scattered else place + 1 == next_place)
    )


def check_size(problem: Problem) -> None:
    """Raise InputError where the problem is too large to be packed."""
    if (why := excess(problem)) is not None:
        raise InputError(
            f"the exhaustive search of {problem.n} keys needs {why}",
            hint="search fewer keys or scratch cells, or distinct keys only (--distinct)",
        )


def excess(problem: Problem) -> str | None:
    """Return in words why the problem is too large to be packed, or None where it is not."""
    if problem.cells > MAX_CELLS:
        return f"{problem.cells} cells, keys and scratch; it packs {MAX_CELLS}"
    codes = len(problem.tie_patterns) * 4 * (problem.n + 1) ** problem.cells
    if codes > MAX_CODES:
        return f"{codes:,} codes of assignments; it numbers {MAX_CODES:,}"
    if (size := estimated_size(problem)) > MAX_ASSIGNMENTS:
        return f"{size:,} assignments; it packs {MAX_ASSIGNMENTS:,}"
    return None


def estimated_size(problem: Problem) -> int:
    """Return the number of assignments of the problem's universe without building it."""
    cells = problem.cells
    has_flags = any(form.writes_flags for form in problem.forms)
    if problem.ties_alike or problem.any_answer:
        return len(_viable(problem, problem.tie_patterns, 4)[1])
    total = 0
    for pattern in problem.tie_patterns:
        needed = len(set(wanted_labels(problem, pattern)))
        ranks = label_count(problem, pattern)
        total += sum(
            (-1) ** left_out * comb(needed, left_out) * (ranks + 1 - left_out) ** cells
            for left_out in range(needed + 1)
        )
    return total * (4 if has_flags else 1)


def build(problem: Problem) -> Universe:
    """Build the universe of `problem`.

    Cost: memory and time grow with (n + 1)^cells times the tie patterns; n = 4 with ties has
    8,404 assignments, n = 5 with distinct keys 10,080.
    """
    if problem.isa.floating and not problem.values_only:
        raise InputError(f"kernels of {problem.isa.name} are searched by values")
    n, cells = problem.n, problem.cells
    tie_patterns = problem.tie_patterns
    has_flags = any(form.writes_flags for form in problem.forms)
    contents, flags, patterns = _viable(problem, tie_patterns, 4 if has_flags else 1)
    index = np.full(len(tie_patterns) * 4 * (n + 1) ** cells, DEAD, np.uint16)
    index[_codes(n, contents, flags, patterns)] = np.arange(len(flags), dtype=np.uint16)
    instructions = instructions_of(problem)
    pairs = _pairs_of(problem, instructions)
    step = np.empty((len(flags), len(instructions) + len(pairs)), np.uint16)
    seen = ranks_seen(problem, tie_patterns)[patterns[:, None], contents]
    any_answer = np.array([pattern == ANY_ANSWER for pattern in tie_patterns])[patterns]
    for i, (form, operands) in enumerate(instructions):
        after, new_flags, legal = _execute(form, operands, contents, flags, seen, n)
        if form.writes_flags:  # the first of the answers, see Answers
            new_flags = np.where(any_answer, LESS, new_flags).astype(np.uint8)
        else:
            after = numbered_alike(problem, after, patterns)
        step[:, i] = np.where(legal, index[_codes(n, after, new_flags, patterns)], DEAD)
    for i, (first, second) in enumerate(pairs, len(instructions)):
        between = step[:, first]
        alive = between != DEAD
        step[:, i] = np.where(alive, step[np.where(alive, between, 0), second], DEAD)
    return Universe(
        problem,
        instructions,
        tie_patterns,
        contents,
        flags,
        patterns,
        step,
        _goal(problem, tie_patterns, contents, patterns, seen),
        _start(problem, tie_patterns, index),
        index,
        pairs,
    )


def _viable(
    problem: Problem, tie_patterns: tuple[tuple[int, ...], ...], flag_count: int
) -> tuple[Bytes, Bytes, Bytes]:
    """Enumerate the assignments that hold every rank their goal needs.

    Sound because a rank held nowhere can never be held again.
    """
    n, cells = problem.n, problem.cells
    grid = np.indices((n + 1,) * cells, dtype=np.uint8).reshape(cells, -1).T
    blocks = []
    for number, pattern in enumerate(tie_patterns):
        possible = ((grid < label_count(problem, pattern)) | (grid == n)).all(axis=1)
        for value in set(wanted_labels(problem, pattern)):
            possible &= (grid == value).any(axis=1)
        kept = grid[possible]
        alike = numbered_alike(problem, kept, np.full(len(kept), number, np.uint8))
        kept = kept[(kept == alike).all(axis=1)]
        for flag in range(flag_count):
            blocks.append(
                (kept, np.full(len(kept), flag, np.uint8), np.full(len(kept), number, np.uint8))
            )
    contents, flags, patterns = (np.concatenate(part) for part in zip(*blocks, strict=True))
    return np.ascontiguousarray(contents), flags, patterns


def _codes(n: int, contents: Bytes, flags: Bytes, patterns: Bytes) -> npt.NDArray[np.int64]:
    code = patterns.astype(np.int64) * 4 + flags
    for cell in range(contents.shape[1]):
        code = code * (n + 1) + contents[:, cell]
    return code


def _execute(
    form: Form,
    operands: tuple[int, ...],
    contents: Bytes,
    flags: Bytes,
    seen: Bytes,
    undefined: int,
) -> tuple[Bytes, Bytes, npt.NDArray[np.bool_]]:
    """Return contents and flags after an instruction, and where it is legal.

    `seen` is what a comparison sees of `contents`.
    """
    values = [contents[:, operands[i]] for i in form.arguments]
    legal = np.ones(len(flags), np.bool_)
    if form.action in (Action.COMPARE, Action.MINIMUM, Action.MAXIMUM):
        for value in values:
            legal &= value != undefined
    match form.action:
        case Action.COMPARE:
            first, second = (seen[:, operands[i]] for i in form.arguments)
            outcome = np.where(first < second, LESS, np.where(first > second, GREATER, EQUAL))
            return contents, outcome.astype(np.uint8), legal
        case Action.COPY:
            result = values[0]
        case Action.SELECT:
            assert form.condition is not None
            legal &= flags != UNDEFINED_FLAGS
            holds = (form.condition.holds.bits >> flags) & 1 == 1
            result = np.where(holds, values[0], values[1])
        case Action.MINIMUM:
            result = np.minimum(values[0], values[1])
        case Action.MAXIMUM:
            result = np.maximum(values[0], values[1])
    after = contents.copy()
    after[:, operands[form.target or 0]] = result
    return after, flags, legal


def _goal(
    problem: Problem,
    tie_patterns: tuple[tuple[int, ...], ...],
    contents: Bytes,
    patterns: Bytes,
    seen: Bytes,
) -> Bytes:
    """Return, per assignment and output, the set of cells that hold that output's key."""
    allowed = problem.n if problem.in_place else problem.cells
    wanted = np.array([wanted_labels(problem, pattern) for pattern in tie_patterns], np.uint8)
    held = contents if problem.stable else seen
    if held is seen:
        wanted = ranks_seen(problem, tie_patterns)[np.arange(len(tie_patterns))[:, None], wanted]
    masks = np.zeros((len(patterns), wanted.shape[1]), np.uint8)
    for output in range(wanted.shape[1]):
        value = wanted[patterns, output]
        in_order = problem.fixed_places and problem.in_order
        for cell in (output,) if in_order else range(allowed):
            masks[:, output] |= ((held[:, cell] == value) << cell).astype(np.uint8)
    return masks


def _start(problem: Problem, tie_patterns: tuple[tuple[int, ...], ...], index: Ids) -> Ids:
    """Return the assignments on entry, ascending: each input's ranks, scratch undefined."""
    rows, numbers = [], []
    for order in problem.orders:
        pattern = tuple(order.count(rank) for rank in range(1, max(order) + 1))
        held = [rank - 1 for rank in order]
        if problem.stable or problem.ties_alike:
            in_order = sorted(range(problem.n), key=order.__getitem__)
            held = [in_order.index(key) for key in range(problem.n)]
        rows.append(held + [problem.n] * problem.scratch)
        numbers.append(tie_patterns.index(pattern))
    if problem.any_answer:
        rows.append([*range(problem.n)] + [problem.n] * problem.scratch)
        numbers.append(tie_patterns.index(ANY_ANSWER))
    patterns = np.array(numbers, np.uint8)
    contents = numbered_alike(problem, np.array(rows, np.uint8), patterns)
    flags = np.zeros(len(rows), np.uint8)
    return np.unique(index[_codes(problem.n, contents, flags, patterns)])
