"""How many moves a kernel needs, whatever it compares: universal sequences of moves.

Call the instructions that write a cell *moves*: each keeps what its target holds or takes what its
source holds.  Leave the choice, at each input anew, to an adversary of the bound: a sequence of
moves is *universal* if for every order of the keys some of its moves, taken in turn, sort it.  The
moves of a kernel are universal, because the kernel itself makes such a choice.  So a kernel has no
fewer moves than the shortest universal sequence, and with the comparisons, which are no moves:

    length >= ceil(log2(orders)) + moves of the shortest universal sequence

Sound because both numbers hold for every kernel that is right for all contents of the scratch cell
and all flags on entry, whatever it compares or tests:

- Comparisons.  Let the scratch cell hold a copy of the first key.  Two orders of distinct keys in
  which every comparison came out alike have had the same moves taken, so the same cells hold the
  same inputs; a comparison of two cells has then at most two outcomes (one, if both hold the same
  input).  If all came out alike up to the end, the same inputs stand at the outputs, which is right
  for one order only.  So c comparisons serve at most 2**c orders.
- Moves.  Let the scratch cell hold what is no key.  Follow each output back to the input it came
  from: at any time each key has one cell from which its output descends, and one cell has none, the
  *free* one.  A move that is taken on this way goes to the free cell; its source is free
  afterwards.  Other moves may be left.  So each order is sorted by some of the moves, taken from
  an arrangement of the keys, one cell free, to the same arrangement of outputs.

A sequence reaches a set of arrangements, its *reach*.  Reaches are equal for our purpose up to
renaming of cells and of keys; one contained in another can be left out, as all that follows reaches
no less from the other.  A sequence of j + k moves is universal if and only if a reach of j moves
and one of k moves backwards (which is a reach of k moves again) meet in every order, cells renamed
in some way.  See `Reaches.universal`; `counted` bounds the same by sizes alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from math import factorial

import numpy as np

from sortopt.base import UNLIMITED, Budget, Line, Progress, Table
from sortopt.model import SORT, Action, Form
from sortopt.search.bounds._universal_kernels import (
    BLOCK,
    Arrangements,
    Listed,
    Symmetries,
    canonical_reaches,
    extend,
    maximal,
    meeting,
    nothing_kept,
    widest,
)
from sortopt.search.bounds.comparisons import counts_comparisons
from sortopt.search.bounds.in_memory import writes_in_memory
from sortopt.search.bounds.merges import least_merges
from sortopt.search.space import Numbers, Problem

COUNTED_MOVES = 7
"""How many moves are counted out; longer sequences are bounded by products."""

MOST_COMPARED = 30_000
"""Of more reaches than this, those contained in others are kept: finding them takes longer."""

MOST_COMPARED_LATER = 100_000
"""The same once the reaches of one move more are wanted."""

LARGEST_SEARCHED = 5
"""The most keys for which universal sequences are searched: (n + 1)! arrangements have products."""

_WIDEST = 10
"""How many reaches are tried before the list of one move more is made."""

_COMPARED_AT_ONCE = 500
_PADDING = np.uint16(65535)


@dataclass(frozen=True, slots=True)
class Composed:
    """A lower bound that adds up: so many comparisons and so many moves."""

    comparisons: int
    moves: int

    @property
    def length(self) -> int:
        """The number of instructions that every kernel has at least."""
        return self.comparisons + self.moves


def composed_bounds(problem: Problem, budget: Budget = UNLIMITED) -> Iterator[Composed]:
    """Yield ever better lower bounds for `problem`, the first at once; nothing where none applies.

    They apply to sorting by instructions that have one source, with one scratch cell, and else,
    without a precondition, to those that choose between two cells (see `merges`); in memory by
    other arguments (see `in_memory`).  For one source and few keys, without a precondition, the
    best is found in the end.  Raises LimitReached.
    """
    orders = sum(max(order) == problem.n for order in problem.granted.orders(problem.n))
    if problem.goal != SORT or orders == 0:  # the arguments are about distinct keys
        return
    comparisons = (orders - 1).bit_length() if counts_comparisons(problem) else 0
    if problem.in_memory:
        every = problem.in_place and 1 < orders == factorial(problem.n)
        writes = writes_in_memory(problem) if every else None
        if writes is not None:
            yield Composed(comparisons, writes)
        return
    if problem.scratch != 1 or any(_sources(form) > 1 for form in problem.forms):
        two = all(len(form.arguments) <= 2 for form in problem.forms)
        if two and orders == factorial(problem.n):
            yield Composed(comparisons, least_merges(problem.n, extrema=problem.monotone))
        return
    moves = counted(orders)
    yield Composed(comparisons, moves)
    if orders < factorial(problem.n) or problem.n > LARGEST_SEARCHED:
        return
    reaches = Reaches(problem.n)
    while not reaches.universal(moves, budget):
        moves += 1
        yield Composed(comparisons, moves)


def _sources(form: Form) -> int:
    """Return from how many cells other than its target an instruction may take what it writes."""
    return 0 if form.action is Action.COMPARE else len({*form.arguments} - {form.target})


def counted(orders: int) -> int:
    """Return how many moves must at least be made to sort so many orders, by counting alone.

    Sound because of the arrangements that j + k moves reach with one cell free there are at most
    as many as the greatest reach of j moves times the greatest part, with one cell free, of a reach
    of k moves: each is one of the latter from one of the former.  For the same reason there are at
    most as many as the sum of products of their profiles, which is greatest where both descend.
    Untouched cells do not matter, so these sizes are the same for any number of cells.
    """
    moves = 0
    while _most_meetings(moves) < orders:
        moves += 1
    return moves


@cache
def _most_meetings(moves: int) -> int:
    """Return a bound on the arrangements that `moves` moves reach with one cell free."""
    sizes, parts, profiles = _greatest_reaches()
    if moves < len(parts):
        return parts[moves]
    bounds = [sizes[j] * _most_meetings(moves - j) for j in range(1, len(sizes)) if j < moves]
    if moves // 2 < len(profiles) > moves - moves // 2:
        bounds.append(int((profiles[moves // 2] @ profiles[moves - moves // 2].T).max()))
    return min(bounds)


@cache
def _greatest_reaches() -> tuple[tuple[int, ...], tuple[int, ...], tuple[Table[np.int64], ...]]:
    """Return, by number of moves: the greatest reach, the greatest part, and the profiles."""
    arrangements = arrangements_of(COUNTED_MOVES + 1)
    rows, counts = _start()
    sizes, parts, profiles = [1], [1], [_profiles(rows, counts, arrangements)]
    for _ in range(COUNTED_MOVES):
        rows, counts = _distinct(*extend(rows, counts, arrangements, True))
        profiles.append(np.unique(_profiles(rows, counts, arrangements), axis=0))
        sizes.append(int(counts.max()))
        parts.append(int(profiles[-1].max()))
    size, part = widest(rows, counts, arrangements)
    return (*sizes, size), (*parts, part), tuple(profiles)


class Reaches:
    """The reaches of 0, 1, 2, ... moves of n keys in n + 1 cells, as far as they were needed.

    Up to symmetry, and without those that are contained in others: see the module.
    """

    def __init__(self, n: int) -> None:
        self.arrangements = arrangements_of(n + 1)
        self.symmetries = symmetries_of(self.arrangements)
        self.orders = np.flatnonzero(self.arrangements.free == n).astype(np.uint16)
        self.levels = [_listed(*_start(), self.arrangements)]

    def of(self, moves: int, budget: Budget = UNLIMITED) -> Listed:
        """Return the reaches of so many moves.  Raises LimitReached."""
        while len(self.levels) <= moves:
            budget.tell(Progress("what moves can reach", done=len(self.levels), total=moves))
            last = self.levels[-1]
            rows, sizes = last.rows, last.sizes
            if MOST_COMPARED < len(rows) <= MOST_COMPARED_LATER:
                rows, sizes = self._maximal(rows, sizes, budget)
                self.levels[-1] = _listed(rows, sizes, self.arrangements)
            rows, sizes = _distinct(*extend(rows, sizes, self.arrangements, False))
            rows, sizes = _distinct(canonical_reaches(rows, sizes, self.symmetries), sizes)
            if len(rows) <= MOST_COMPARED:
                rows, sizes = self._maximal(rows, sizes, budget)
            self.levels.append(_listed(rows, sizes, self.arrangements))
        return self.levels[moves]

    def _maximal(
        self, rows: Table[np.uint16], sizes: Numbers, budget: Budget
    ) -> tuple[Table[np.uint16], Numbers]:
        """Return the reaches that no other contains.  Raises LimitReached."""
        descending = np.argsort(-sizes, kind="stable")
        rows, sizes = rows[descending], sizes[descending]
        keep = np.zeros(len(rows), np.bool_)
        kept = nothing_kept(self.symmetries)
        for first in range(0, len(rows), _COMPARED_AT_ONCE):
            budget.tell(Progress("what moves can reach", done=first, total=len(rows)))
            last = min(first + _COMPARED_AT_ONCE, len(rows))
            kept = maximal(rows, sizes, first, last, self.symmetries, kept, keep)
        return rows[keep], sizes[keep]

    def universal(self, moves: int, budget: Budget = UNLIMITED) -> bool:
        """Return whether a sequence of so many moves is universal.  Raises LimitReached.

        The reaches listed last have the widest parts.  They are tried first, and before all
        others those that follow from a few of them: that settles the 21 moves of five keys.
        """
        backward = self.of(moves // 2, budget)
        if moves % 2 and self._meet(self._after(backward, _WIDEST), backward, moves, budget):
            return True
        return self._meet(self.of(moves - moves // 2, budget), backward, moves, budget)

    def _after(self, reaches: Listed, last: int) -> Listed:
        """Return the reaches of one move more than the `last` ones of a list."""
        rows, sizes = reaches.rows[-last:], reaches.sizes[-last:]
        rows, sizes = _distinct(*extend(rows, sizes, self.arrangements, False))
        return _listed(rows, sizes, self.arrangements)

    def _meet(self, forward: Listed, backward: Listed, moves: int, budget: Budget) -> bool:
        """Return whether some of these make a universal sequence of so many moves."""
        total, share = len(forward.rows), 4 * BLOCK * budget.cores
        for last in range(total, 0, -share):
            budget.tell(Progress(f"sequences of {moves} moves", done=total - last, total=total))
            first = max(last - share, 0)
            if meeting(
                forward, backward, first, last, self.symmetries, self.orders, moves % 2 == 0
            ):
                return True
        return False


@cache
def arrangements_of(cells: int) -> Arrangements:
    """Return the arrangements of cells - 1 keys in `cells` cells, in lexicographic sequence."""
    cell = np.array(list(permutations(range(cells))), np.uint8)
    pairs = [(target, source) for target in range(cells) for source in range(cells)]
    moves = np.array([pair for pair in pairs if pair[0] != pair[1]], np.uint8)
    after = np.empty((len(moves), len(cell)), np.uint16)
    for number, (target, source) in enumerate(moves):
        exchange = np.arange(cells)
        exchange[[target, source]] = source, target
        after[number] = _numbers(exchange[cell])
    return Arrangements(cell, cell[:, -1].copy(), after, moves[:, 0].copy(), moves[:, 1].copy())


def symmetries_of(arrangements: Arrangements) -> Symmetries:
    """Return the products of arrangements and the renamings of keys: (n + 1)! squared numbers."""
    cell = arrangements.cell.astype(np.int64)
    product = np.array([_numbers(row[cell]) for row in cell], np.uint16)
    inverse = _numbers(np.argsort(cell, axis=1))
    renamings = np.flatnonzero(arrangements.free == cell.shape[1] - 1)
    renamed = np.array([product[product[r], inverse[r]] for r in renamings], np.uint16)
    kind = np.random.default_rng(0).integers(0, 2**63, len(cell), np.uint64)
    return Symmetries(product, inverse, renamed, kind[renamed.min(axis=0)])


def _numbers(cell: Table[np.int64]) -> Line[np.uint16]:
    """Return the places of permutations, as rows, in lexicographic sequence."""
    cells = cell.shape[1]
    numbers = np.zeros(len(cell), np.int64)
    for i in range(cells):
        numbers = numbers * (cells - i) + (cell[:, i + 1 :] < cell[:, i : i + 1]).sum(axis=1)
    return numbers.astype(np.uint16)


def _start() -> tuple[Table[np.uint16], Numbers]:
    """Return the reach of no moves: each key at home."""
    return np.zeros((1, 1), np.uint16), np.ones(1, np.int64)


def _distinct(rows: Table[np.uint16], sizes: Numbers) -> tuple[Table[np.uint16], Numbers]:
    """Return the reaches without duplicates, in rows as wide as needed."""
    rows = rows[:, : sizes.max()].copy()
    rows[np.arange(rows.shape[1]) >= sizes[:, None]] = _PADDING
    rows = np.unique(rows, axis=0)
    return rows, (rows != _PADDING).sum(axis=1)


def _profiles(
    rows: Table[np.uint16], sizes: Numbers, arrangements: Arrangements
) -> Table[np.int64]:
    """Return how many arrangements of each reach have each cell free, descending."""
    cells = arrangements.cell.shape[1]
    inside = np.arange(rows.shape[1]) < sizes[:, None]
    free = np.where(inside, arrangements.free[np.where(inside, rows, 0)], cells)
    counts = np.stack([(free == cell).sum(axis=1) for cell in range(cells)], axis=1)
    return np.sort(counts, axis=1)[:, ::-1].copy()


def _listed(rows: Table[np.uint16], sizes: Numbers, arrangements: Arrangements) -> Listed:
    profiles = _profiles(rows, sizes, arrangements)
    groups, group = np.unique(profiles, axis=0, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    starts = np.searchsorted(group.ravel()[order], np.arange(len(groups) + 1)).astype(np.int64)
    return Listed(rows[order], sizes[order], profiles[order], groups, starts)
