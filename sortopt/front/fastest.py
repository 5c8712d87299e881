"""The least critical path that a shortest kernel can have.

Every shortest kernel is a path in the graph of canonical states of `optima`.  Forward over its
levels, each state is given all vectors of cycles at which its cells and the flags can be ready, of
which only the componentwise least are kept.  Sound because a result is ready no sooner where what
it reads is ready later; so whatever follows a vector follows a lesser one at least as fast.
Vectors are renamed with their states: symmetry maps kernels to kernels with the same dependences.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, permutations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sortopt.base import UNLIMITED, Budget, LimitReached
from sortopt.front import _fastest_kernels as kernels
from sortopt.model import Action, Form, Instr, Kernel, reads, writes
from sortopt.search.exhaustive import child_of, kernel_of
from sortopt.search.optima import Optima
from sortopt.search.space import Problem, canonical, renamings_of

Cycles = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
Row = npt.NDArray[np.uint16]
Latency = Callable[[Form], float]

MOST_VECTORS = 20_000_000
"""The most vectors, copies included, that one level may reach: about 1 GB."""


class _Edges(NamedTuple):
    """Instructions from the states of one level to those of the next, by their places."""

    parent: Numbers
    instruction: Numbers
    child: Numbers
    element: Numbers


class _Level(NamedTuple):
    """The vectors of one depth, cells first, then the flags.

    Line i belongs to the state at place `state[i]`, ascending; it comes from vector `parent[i]`
    of the level before by instruction `taken[i]` and then renaming `renaming[i]`.
    """

    state: Numbers
    ready: Cycles
    parent: Numbers
    taken: Numbers
    renaming: Numbers

    def at(self, index: Numbers) -> _Level:
        """Return some of the vectors."""
        return _Level._make(array[index] for array in self)


def is_exact(problem: Problem, latency: Latency) -> bool:
    """Whether the least critical path can be found: no latency tells conditions apart.

    Symmetry exchanges conditions, and minima with maxima, so these must take equally long.
    """
    found: dict[Action, set[float]] = {}
    for form in problem.forms:
        found.setdefault(_kind(form), set()).add(latency(form))
    return all(len(cycles) == 1 for cycles in found.values())


def _kind(form: Form) -> Action:
    """Return the action, minima and maxima alike."""
    return Action.MINIMUM if form.action is Action.MAXIMUM else form.action


def fastest(
    found: Optima,
    latency: Latency,
    budget: Budget = UNLIMITED,
    *,
    within: float = float("inf"),
) -> Kernel | None:
    """Return the shortest kernel of the least critical path; None where all take over `within`.

    Precondition: `is_exact`.  Latencies are counted as in `dataflow.critical_path`.  A vector
    beyond `within` is dropped, since in a shortest kernel every result matters to an output.
    Raises LimitReached where there are too many vectors or the budget is spent.
    """
    graph = _Graph(found, latency, within, budget)
    nothing = np.zeros(1, np.int64)
    start = np.zeros((1, found.problem.cells + 1), np.float32)
    levels = [_Level(nothing, start, nothing, nothing, nothing)]
    for depth in range(found.length):
        levels.append(graph.after(levels[-1], depth))
    best = graph.best_goal(levels[-1])
    return None if best is None else _kernel(graph, levels, best)


class _Graph:
    """The states of each level that lie on a shortest kernel, numbered by place, and their time."""

    def __init__(self, found: Optima, latency: Latency, within: float, budget: Budget) -> None:
        self.found = found
        self.latency, self.within, self.budget = latency, within, budget
        self.universe = found.search.universe
        self.model = found.search.model
        self.renamings = renamings_of(found.problem)
        self.numbers = [self._on_paths(depth) for depth in range(found.length + 1)]

    def _on_paths(self, depth: int) -> list[Numbers]:
        """Return, per part, the numbers of a level's states that lie on a shortest kernel."""
        numbers = []
        for p, part in enumerate(self.found.search.parts):
            level = self.found.search.level(part, depth)
            span = slice(level.start, level.stop)
            alive = (self.found.low[p][span] | self.found.high[p][span]) != 0
            numbers.append(level.start + np.flatnonzero(alive))
        return numbers

    def count(self, depth: int) -> int:
        """Return the number of places at `depth`."""
        return sum(map(len, self.numbers[depth]))

    def edges(self, depth: int) -> _Edges:
        """Return all instructions from the level at `depth` that stay on a shortest kernel."""
        search = self.found.search
        places, first, count = [], [], 0
        for part, kept in zip(search.parts, self.numbers[depth + 1], strict=True):
            level = search.level(part, depth + 1)
            place = np.full(len(level), -1, np.int64)
            place[kept - level.start] = count + np.arange(len(kept))
            places.append(place)
            first.append(level.start)
            count += len(kept)
        after = kernels.After(np.array(first), tuple(places), len(self.universe.start))
        parts = tuple(part.states for part in search.parts)
        rows, before = [], 0
        for p, kept in enumerate(self.numbers[depth]):
            out = np.empty((len(kept) * len(self.universe.instructions), 4), np.int64)
            used = kernels.edges(parts, kept, p, self.model, after, out)
            out[:used, 0] += before
            rows.append(out[:used])
            before += len(kept)
        return _Edges(*np.concatenate(rows).T)

    def row(self, depth: int, place: int) -> Row:
        """Return the canonical state at a place."""
        for part, numbers in zip(self.found.search.parts, self.numbers[depth], strict=True):
            if place < len(numbers):
                return part.row(int(numbers[place]))
            place -= len(numbers)
        raise IndexError(f"no state at place {place}")

    def after(self, level: _Level, depth: int) -> _Level:
        """Return the componentwise least vectors of the level after `depth`."""
        edges = self.edges(depth)
        flags = (self.found.problem.cells,)
        moved = np.array([(*renaming, *flags) for renaming in self.renamings])
        first = np.searchsorted(level.state, np.arange(self.count(depth) + 1))
        parts: list[_Level] = []
        total = 0
        for q in np.unique(edges.instruction):
            self.budget.check()
            chosen = np.flatnonzero(edges.instruction == q)
            many = np.diff(first)[edges.parent[chosen]]
            parent = np.repeat(first[edges.parent[chosen]], many) + _ramps(many)
            edge = np.repeat(chosen, many)
            ready = self._ready(level.ready[parent], Instr(*self.universe.instructions[q]))
            kept = np.flatnonzero(ready.max(axis=1, initial=0) <= self.within)
            parent, edge, ready = parent[kept], edge[kept], ready[kept]
            renaming = edges.element[edge] % len(self.renamings)
            renamed = np.empty_like(ready)
            np.put_along_axis(renamed, moved[renaming], ready, axis=1)
            taken = np.full(len(parent), q)
            parts.append(_Level(edges.child[edge], renamed, parent, taken, renaming))
            total += len(parent)
            if total > MOST_VECTORS:
                raise LimitReached(f"more than {MOST_VECTORS:,} vectors of cycles")
        return _least(_Level(*map(np.concatenate, zip(*parts, strict=True))), self.budget)

    def _ready(self, ready: Cycles, instruction: Instr) -> Cycles:
        """Return the vectors after an instruction."""
        after = ready.copy()
        latency = np.float32(self.latency(instruction.form))
        after[:, [*writes(instruction)]] = (
            ready[:, [*reads(instruction)]].max(axis=1, keepdims=True) + latency
        )
        return after

    def best_goal(self, level: _Level) -> int | None:
        """Return the vector of a goal whose outputs are ready first."""
        best, found = float("inf"), None
        for index, place in enumerate(level.state):
            state = self.row(self.found.length, int(place))
            cycles, _ = self.first_outputs(state, level.ready[index])
            if cycles < best:
                best, found = cycles, index
        return found

    def first_outputs(self, state: Row, ready: Cycles) -> tuple[float, tuple[int, ...]]:
        """Return when the outputs of a goal state are ready, in cells where they are so first."""
        masks = np.bitwise_and.reduce(self.universe.goal[state], axis=0)
        choices = (
            choice
            for choice in permutations(range(self.found.problem.cells), len(masks))
            if all(mask >> cell & 1 for mask, cell in zip(masks, choice, strict=True))
        )
        return min((float(ready[list(choice)].max()), choice) for choice in choices)


def _ramps(lengths: Numbers) -> Numbers:
    """Return 0, 1 … length - 1 for each length, end to end."""
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def _least(level: _Level, budget: Budget) -> _Level:
    """Keep, of each state, the vectors that no other is at most in every component."""
    keys = np.column_stack([level.state, level.ready])
    _, index = np.unique(keys, axis=0, return_index=True)
    level = level.at(index)
    bounds = np.flatnonzero(np.diff(level.state, prepend=-1, append=-1))
    kept = np.ones(len(index), np.bool_)
    for begin, end in pairwise(bounds):
        budget.check()
        own = level.ready[begin:end]
        kept[begin:end] = (own[:, None] >= own[None]).all(axis=2).sum(axis=1) == 1
    return level.at(np.flatnonzero(kept))


def _kernel(graph: _Graph, levels: list[_Level], index: int) -> Kernel:
    """Build the kernel of a vector of the last level.

    The levels name cells as the canonical states do.  From the start the same instructions are
    taken in one naming; `where` says where each of its cells lies in the canonical state.
    """
    chain, ready = [], levels[-1].ready[index]
    for depth in range(graph.found.length, 0, -1):
        level = levels[depth]
        wanted = graph.row(depth, int(level.state[index]))
        renaming = graph.renamings[int(level.renaming[index])]
        chain.append((int(level.taken[index]), renaming, wanted))
        index = int(level.parent[index])
    state = graph.universe.start
    form = np.empty_like(state)
    element = canonical(state, len(state), graph.model.symmetry, form)
    where = graph.renamings[element % len(graph.renamings)]
    taken = []
    for number, renaming, wanted in reversed(chain):
        q, state = _same_instruction(graph, state, where, number, renaming, wanted)
        where = tuple(renaming[cell] for cell in where)
        taken.append(q)
    _, outputs = graph.first_outputs(state, ready[list(where)])
    return kernel_of(graph.universe, taken, outputs)


def _same_instruction(
    graph: _Graph,
    state: Row,
    where: tuple[int, ...],
    number: int,
    renaming: tuple[int, ...],
    wanted: Row,
) -> tuple[int, Row]:
    """Return the instruction that does on `state` what `number` does on its canonical form.

    It works on the same cells, in the naming of `state`, and leads to a state that a variant and
    the renamings map to `wanted`.  There is one, since symmetry maps instructions to instructions.
    """
    form, cells = graph.universe.instructions[number]
    after = graph.renamings.index(tuple(renaming[cell] for cell in where))
    child = np.empty(len(graph.universe.start), np.uint16)
    for q, (other, operands) in enumerate(graph.universe.instructions):
        named = tuple(where[cell] for cell in operands)
        if _kind(other) is not _kind(form) or named not in _spellings(form, cells):
            continue
        size = child_of(state, len(state), q, graph.model, child)
        images = graph.model.symmetry.image[after :: len(graph.renamings), child[:size]]
        if size == len(wanted) and (np.sort(images, axis=1) == wanted).all(axis=1).any():
            return q, child[:size].copy()
    raise AssertionError("an instruction of a canonical state without one that does the same")


def _spellings(form: Form, cells: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Return the operands, a comparison's in either sequence."""
    return (cells, cells[::-1]) if form.action is Action.COMPARE else (cells,)
