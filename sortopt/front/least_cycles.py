"""Cycles in less of which no kernel of any length has its outputs ready, with any registers.

A kernel of any length holds, at any cycle, only functions of its keys that were made by then.  So
all functions that *can* be ready by a cycle are listed: the keys, and what one instruction makes of
functions and comparisons ready before; each in a register of its own, moves free.  An output that
is none of them cannot be ready by then.  Sound because this grants a kernel registers, flags and
moves without end, asks it to be right on few inputs (distinct keys, where there are such), and
scratch cells may hold a copy of a key on entry.

Where the functions become too many, only the sets of rows (inputs) are kept on which some of them
agrees with an output; exactly: a conditional move agrees with it on R iff its condition splits R in
two parts, on one of which one operand agrees with it and on the other the other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import permutations
from math import inf

import numpy as np
import numpy.typing as npt

from sortopt.base import UNLIMITED, Budget
from sortopt.model import Action, Form, WeakOrder
from sortopt.search.space import Problem

Codes = npt.NDArray[np.uint64]
"""Functions from rows to ranks below 4: bit 32 + i and bit i are the rank at row i in binary."""
Masks = npt.NDArray[np.uint64]
"""Sets of rows, row i as bit i."""
Family = npt.NDArray[np.bool_]
"""A family of sets of rows, closed under subsets, by mask."""
Latency = Callable[[Form], float]

MOST_KEYS = 4
MOST_ROWS = 24
"""Of more keys or inputs nothing is proved: families have an entry for every set of rows."""

MOST_FUNCTIONS = 500_000
"""The most functions, copies included, that are listed at one cycle."""

MOST_PAIRS = 100_000_000
"""The most pairs of functions that are compared at one cycle."""

_LOW = np.uint64((1 << 32) - 1)
_HIGH = np.uint64(32)
_ONE = np.uint64(1)
_EQUAL = 1e-9
"""Sums of latencies that differ by less are the same."""


def least_cycles(
    problem: Problem, latency: Latency, budget: Budget = UNLIMITED, *, enough: float = inf
) -> float:
    """Return cycles in less of which no kernel of `problem`, whatever its length, is ready.

    0 where nothing is proved.  The search ends at the cycles where the outputs can be ready, where
    the functions are too many to tell, or at `enough`, what a known kernel takes.  Raises
    LimitReached where the budget is spent.
    """
    rows = _rows(problem)
    costs = {form: latency(form) for form in problem.forms if form.action is not Action.COPY}
    if problem.n > MOST_KEYS or len(rows) > MOST_ROWS or min(costs.values()) <= 0:
        return 0.0
    growth = _Growth(problem, rows, costs, budget)
    ranks = sorted(set(problem.goal.ranks(problem.n)))
    while True:
        at = growth.next_time()
        cycles = growth.cycles[at]
        if cycles >= enough or all(growth.can_be_ready(at, rank) for rank in ranks):
            return cycles


def _rows(problem: Problem) -> tuple[WeakOrder, ...]:
    """Return the inputs of distinct keys, or all where there are none."""
    distinct = tuple(order for order in problem.orders if max(order) == problem.n)
    return distinct or problem.orders


class _Growth:
    """What can be ready by each attainable time, by its index; found when it is asked for.

    None stands for what is too large to be listed, index -1 for a time before the entry.
    """

    def __init__(
        self,
        problem: Problem,
        rows: tuple[WeakOrder, ...],
        costs: dict[Form, float],
        budget: Budget,
    ) -> None:
        self.budget = budget
        self.full = np.uint64((1 << len(rows)) - 1)
        self.width = len(rows)
        self.renamings = _renamings(rows)
        keys = [_code([row[key] - 1 for row in rows]) for key in range(problem.n)]
        self.inputs = np.unique(np.array(keys, np.uint64))
        sorts = [sorted(row) for row in rows]
        outputs = [_code([row[rank] - 1 for row in sorts]) for rank in range(problem.n)]
        self.outputs = np.array(outputs, np.uint64)
        self.steps = set(costs.values())
        self.compare = _least(costs, Action.COMPARE)
        self.select = _least(costs, Action.SELECT)
        self.minimum = _least(costs, Action.MINIMUM)
        self.maximum = _least(costs, Action.MAXIMUM)
        conditions = [form.condition for form in costs if form.condition is not None]
        self.tells_equal = any(condition.signedness is None for condition in conditions)
        self.cycles: list[float] = []
        self.heap = [0.0]
        self._functions: dict[int, Codes | None] = {}
        self._splits: dict[int, Masks | None] = {}
        self._families: dict[tuple[int, int], Family | None] = {}

    def next_time(self) -> int:
        """Append the next sum of latencies, when something new can be ready; return its index."""
        while True:
            time = heappop(self.heap)
            if not self.cycles or time > self.cycles[-1] + _EQUAL:
                break
        self.cycles.append(time)
        for step in self.steps:
            heappush(self.heap, time + step)
        return len(self.cycles) - 1

    def before(self, at: int, cycles: float) -> int:
        """Return the index of the last time that is `cycles` or more before time `at`."""
        return bisect_right(self.cycles, self.cycles[at] - cycles + _EQUAL) - 1

    def functions(self, at: int) -> Codes | None:
        """Return the functions that can be ready by time `at`."""
        if at <= 0:
            return self.inputs if at == 0 else self.inputs[:0]
        if at not in self._functions:
            self._functions[at] = self._list_functions(at)
        return self._functions[at]

    def _list_functions(self, at: int) -> Codes | None:
        self.budget.check()
        known = self.functions(at - 1)
        selects = self._selected(self.before(at, self.select))
        if known is None or selects is None:
            return None
        parts = [known, selects]
        for step, wanted in ((self.minimum, 0), (self.maximum, 1)):
            read = self.functions(self.before(at, step))
            if read is None or len(read) ** 2 > MOST_FUNCTIONS:
                return None
            first, second = read[:, None], read[None, :]
            less = _spread(self.less(first, second))
            one, other = (first, second) if wanted == 0 else (second, first)
            parts.append(np.unique(one & less | other & ~less))
        return np.unique(np.concatenate(parts))

    def _selected(self, at: int) -> Codes | None:
        """Return what conditional moves make of functions and comparisons ready by time `at`."""
        values, splits = self.functions(at), self.splits(at)
        if values is None or splits is None or len(values) * len(splits) > MOST_FUNCTIONS:
            return None
        parts: list[Codes] = [values]
        total = 0
        for split in splits:
            on, off = np.unique(values & _spread(split)), np.unique(values & ~_spread(split))
            total += len(on) * len(off)
            if total > MOST_FUNCTIONS:
                return None
            parts.append(np.bitwise_or(on[:, None], off[None, :]).ravel())
        return np.unique(np.concatenate(parts))

    def less(self, first: Codes, second: Codes) -> Masks:
        """Return the rows on which the first function is less than the second."""
        high = ~first & second & self.full << _HIGH
        same = ~(first ^ second) >> _HIGH
        return high >> _HIGH | same & ~first & second & self.full

    def splits(self, at: int) -> Masks | None:
        """Return the sets of rows that conditions can tell from the rest by time `at`.

        One of each set and its complement, as a select can exchange its operands.
        """
        if at not in self._splits:
            values = self.functions(self.before(at, self.compare) if at >= 0 else -1)
            if values is None or len(values) ** 2 > MOST_FUNCTIONS:
                self._splits[at] = None
            else:
                found = np.unique(self._outcomes(values[:, None], values[None, :]))
                found = np.unique(np.minimum(found, found ^ self.full))
                self._splits[at] = found[found != 0]
        return self._splits[at]

    def _outcomes(self, first: Codes, second: Codes) -> Masks:
        """Return the rows on which conditions hold after the comparisons, or do not."""
        less, greater = self.less(first, second), self.less(second, first)
        parts = [less.ravel(), greater.ravel()]
        if self.tells_equal:
            parts.append((less | greater).ravel())
        return np.concatenate(parts)

    def can_be_ready(self, at: int, rank: int) -> bool:
        """Return whether the key of `rank` can be ready by time `at`; True where unknown."""
        self.budget.check()
        values = self.functions(at)
        if values is not None:
            return bool((self.agreement(values, rank) == self.full).any())
        if at > 0 and self.can_be_ready(at - 1, rank):
            return True
        read = self.before(at, self.select)
        family = self.family(read, rank)
        compared = self.functions(self.before(read, self.compare) if read >= 0 else -1)
        if family is None or compared is None:
            return True
        served = family & family[::-1]
        first = self.representatives(compared, _renamed_code)
        if len(first) * len(compared) > MOST_PAIRS:
            return True
        for one in first:
            self.budget.check()
            if served[self._outcomes(one[None], compared)].any():
                return True
        return False

    def agreement(self, values: Codes, rank: int) -> Masks:
        """Return the rows on which each function is the key of `rank`."""
        differs = values ^ self.outputs[rank]
        return (differs >> _HIGH | differs & _LOW) ^ self.full

    def family(self, at: int, rank: int) -> Family | None:
        """Return the sets of rows where some function ready by time `at` is the key of `rank`."""
        if (at, rank) not in self._families:
            values = self.functions(at)
            if values is None:
                self._families[at, rank] = self._selected_family(at, rank)
            else:
                self._families[at, rank] = self._closed(self.agreement(values, rank))
        return self._families[at, rank]

    def _selected_family(self, at: int, rank: int) -> Family | None:
        """Return the family at a time from those before it and the comparisons."""
        read = self.before(at, self.select)
        known, family, splits = (
            self.family(at - 1, rank),
            self.family(read, rank),
            self.splits(read),
        )
        if known is None or family is None or splits is None:
            return None
        largest = _maximal(family, self.width)
        parts = [np.flatnonzero(known).astype(np.uint64) if known is not family else largest]
        for split in self.representatives(splits, self._renamed_split):
            self.budget.check()
            on, off = _undominated(largest & split), _undominated(largest & ~split)
            parts.append((on[:, None] | off[None, :]).ravel())
        found: Masks = np.unique(np.concatenate(parts))
        return self._closed(np.concatenate([_renamed(found, r) for r in self.renamings]))

    def _closed(self, masks: Masks) -> Family:
        """Return all subsets of the sets."""
        family = np.zeros(1 << self.width, np.bool_)
        family[masks] = True
        for row in range(self.width):
            halves = family.reshape(-1, 2, 1 << row)
            halves[:, 0] |= halves[:, 1]
        return family

    def representatives(
        self, items: Codes, renamed: Callable[[Codes, tuple[int, ...]], Codes]
    ) -> Codes:
        """Return one of all items that renamings of the inputs make of each other.

        Sound because what can be ready is closed under them, and the outputs are the same.
        """
        least = np.ones(len(items), np.bool_)
        for renaming in self.renamings:
            self.budget.check()
            least &= renamed(items, renaming) >= items
        return items[least]

    def _renamed_split(self, splits: Masks, renaming: tuple[int, ...]) -> Masks:
        found = _renamed(splits, renaming)
        return np.minimum(found, found ^ self.full)


def _least(costs: dict[Form, float], action: Action) -> float:
    """Return the least latency of the forms of an action, infinite where there are none."""
    return min((cost for form, cost in costs.items() if form.action is action), default=inf)


def _code(ranks: list[int]) -> int:
    """Return the code of a function, its ranks in the sequence of the rows."""
    return sum(((rank & 2) << 31 | rank & 1) << row for row, rank in enumerate(ranks))


def _spread(rows: Masks) -> Codes:
    """Return the bits of codes that belong to the rows."""
    return rows << _HIGH | rows


def _renamings(rows: tuple[WeakOrder, ...]) -> list[tuple[int, ...]]:
    """Return where each row goes under the renamings of the inputs that keep the set of rows."""
    number = {row: i for i, row in enumerate(rows)}
    found = []
    for keys in permutations(range(len(rows[0]))):
        moved = [number.get(tuple(row[key] for key in keys)) for row in rows]
        if None not in moved:
            found.append(tuple(place for place in moved if place is not None))
    return found


def _renamed(masks: Masks, renaming: tuple[int, ...]) -> Masks:
    """Return the sets of rows after a renaming."""
    found = np.zeros_like(masks)
    for row, place in enumerate(renaming):
        found |= (masks >> np.uint64(row) & _ONE) << np.uint64(place)
    return found


def _renamed_code(codes: Codes, renaming: tuple[int, ...]) -> Codes:
    """Return the functions after a renaming of the inputs: ranks stay, rows move."""
    return _renamed(codes >> _HIGH, renaming) << _HIGH | _renamed(codes & _LOW, renaming)


def _maximal(family: Family, width: int) -> Masks:
    """Return the sets of a closed family that no other contains."""
    largest = family.copy()
    for row in range(width):
        largest.reshape(-1, 2, 1 << row)[:, 0] &= ~family.reshape(-1, 2, 1 << row)[:, 1]
    return np.flatnonzero(largest).astype(np.uint64)


def _undominated(masks: Masks) -> Masks:
    """Return the sets that no other contains, each once."""
    masks = np.unique(masks)
    return masks[((masks[:, None] & ~masks[None, :]) == 0).sum(axis=1) == 1]
