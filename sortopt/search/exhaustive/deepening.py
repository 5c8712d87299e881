"""The shortest kernel of a problem, with the proof that none is shorter.

From four keys on, beams look for a short kernel first, so that there is something to show while
the proof runs.  The proof is by complete searches under a limit on the length.  First the *relaxed*
problem (distinct keys only, outputs anywhere) is searched under each limit from its bound on; every
limit without a kernel is a proved lower bound of the problem itself, since a kernel for the problem
solves the relaxed one.  Up to four keys, where the caller knows a kernel, the limit just below it
comes first, which may end the proof at once.
From the first limit L with a relaxed kernel on, the full problem is searched under L, keeping the
best W states a level, W growing until a kernel appears or nothing was dropped; only in the latter
case, again a proof, L rises.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from sortopt.base import (
    STOPS,
    UNLIMITED,
    Budget,
    InputError,
    Progress,
    raise_if_interrupted,
    why_stopped,
)
from sortopt.model import Kernel
from sortopt.search.bounds import UNREACHABLE, Composed, PatternDatabase, build_database
from sortopt.search.exhaustive.checkpoint import Checkpoint, open_checkpoint
from sortopt.search.exhaustive.cluster import Cluster, opened
from sortopt.search.exhaustive.frontier import Search
from sortopt.search.exhaustive.replay import kernel_at
from sortopt.search.exhaustive.spill import check_folder
from sortopt.search.exhaustive.split import SplitSearch
from sortopt.search.space import DEAD, Problem, Universe, check_size, excess

_FIRST_WIDTH = 20
_WIDEN = 4

_DESCEND_FROM = 4
"""From how many keys on a kernel is looked for before the proof."""

_MOST_CELLS_UNRESTRICTED = 4
"""Up to how many cells bounds are proved of kernels that compare and test what they like."""

_WIDEST_DESCENT = 1_280
_GENEROUS = 8
"""The first descent allows this many instructions a key."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """About what a complete search under `limit` needs, as states grew from limit to limit before.

    `nbytes` is memory, or room on disk; `seconds` go by those that the last complete search took.
    """

    limit: int
    states: int
    nbytes: int
    seconds: float


@dataclass(frozen=True)
class Shortest:
    """What a search for the shortest kernel found.

    `lower_bound` is proved: no kernel of the problem is shorter.  `kernel` is None where none was
    found; `stopped` says why the search ended before an answer (None: it did not).  A bound of
    UNREACHABLE ends the search: as a rule no kernel of any length exists.  `states` counts the
    canonical states kept over all limits, `seconds` the wall time.  `taken_over` names the folder
    of a checkpoint that the bound rests on and that was not checked again.  Where the bound is not
    `restricted`, it holds of every kernel that is right for all that scratch cells and flags can
    hold on entry; else of those that never compare an undefined cell or test undefined flags.
    `levels` counts the states by level of the complete search under the greatest limit.  `outlook`
    estimates what the next limit needs, where one is open and two were refuted.  `database` has the
    bounds, where nothing stopped the search.
    """

    problem: Problem
    kernel: Kernel | None
    lower_bound: int
    states: int
    seconds: float
    stopped: str | None = None
    taken_over: str | None = None
    restricted: bool = True
    levels: tuple[int, ...] = ()
    outlook: Outlook | None = None
    database: PatternDatabase | None = field(default=None, repr=False)

    @property
    def proved_minimal(self) -> bool:
        """Whether the kernel found is as short as the proved lower bound."""
        return self.kernel is not None and self.problem.length_of(self.kernel) == self.lower_bound


def shortest(
    problem: Problem,
    budget: Budget = UNLIMITED,
    *,
    max_length: int | None = None,
    checkpoint: str | None = None,
    known: Kernel | None = None,
    lower: int = 0,
    restricted: bool | None = None,
    spill: str | None = None,
    cluster: str | None = None,
    composed: Composed | None = None,
) -> Shortest:
    """Find a shortest kernel of `problem` and prove that none is shorter.

    Where the budget is spent, or on Ctrl-C, what is known so far is returned, with the reason in
    `stopped`.  With `max_length` nothing longer is looked for.  With a `checkpoint` folder the
    search goes on from there and leaves its complete levels there.  A `known` kernel of the
    problem saves the search for one before the proof; `lower` is a lower bound proved elsewhere, of
    all kernels.  With `restricted` false the bound is proved of all kernels (see `Shortest`), which
    takes longer; that is done anyway up to four cells.  States for which the budget's memory has no
    room go to files in the folder `spill`.  The bound is proved on a `cluster`, where one is named
    (see `cluster.opened`).  Where a `composed` lower bound counts comparisons, bounds are proved by
    both counts (see `split`), and of all kernels, which is little work then; a checkpoint, a folder
    and a cluster hold plain searches only.
    """
    if restricted is None or checkpoint is not None:
        restricted = problem.cells > _MOST_CELLS_UNRESTRICTED or checkpoint is not None
    folder = None if spill is None else check_folder(spill)
    search = _Deepening(problem, budget, max_length, restricted, lower, best=known, spill=folder)
    if composed is not None and composed.comparisons and {checkpoint, spill, cluster} == {None}:
        search.least = composed
    if checkpoint is not None:
        search.checkpoint = open_checkpoint(checkpoint, problem)
        search.lower = max(lower, search.checkpoint.lower)
    began, stopped = budget.spent, None
    try:
        with nullcontext() if cluster is None else opened(cluster, budget) as search.cluster:
            search.find()
    except STOPS as stop:
        stopped = why_stopped(stop)
    rests = search.checkpoint is not None and search.checkpoint.taken_over
    return Shortest(
        problem,
        search.best,
        search.lower,
        search.states,
        budget.spent - began,
        stopped,
        checkpoint if rests else None,
        search.rests_on_restriction or bool(rests),
        search.levels,
        search.outlook,
        search.database if stopped is None else None,
    )


def load() -> None:
    """Compile the exhaustive search, or load it from the cache, by searching two keys."""
    raise_if_interrupted(shortest(Problem(2)).stopped)


def relaxations(problem: Problem) -> Iterator[Problem]:
    """Yield problems that every kernel of `problem` solves too, the easiest first.

    Fewer inputs and more places for the outputs only add kernels.
    """
    has_distinct = any(max(order) == problem.n for order in problem.orders)
    if (has_distinct or problem.two_values) and problem.easier != problem:
        yield problem.easier


@dataclass(eq=False)
class _Deepening:
    """One call of `shortest`, with what it has proved and found so far."""

    problem: Problem
    budget: Budget
    max_length: int | None
    restricted: bool
    lower: int = 0
    rests_on_restriction: bool = False
    states: int = 0
    refuted_with: int = 0
    refuted: Universe | None = None
    growth: float = 0.0
    spent: Outlook | None = None
    """What the last complete search that found nothing took."""
    least: Composed | None = None
    """The comparisons and moves that every kernel has, where they are counted apart."""
    levels: tuple[int, ...] = ()
    best: Kernel | None = None
    checkpoint: Checkpoint | None = None
    spill: Path | None = None
    cluster: Cluster | None = None
    database: PatternDatabase = field(init=False)

    def find(self) -> None:
        """Set `best` to a shortest kernel, or to None where none has the length allowed."""
        check_size(next(relaxations(self.problem), self.problem))
        self.database = build_database(self.problem, self.budget, additive=True)
        full: Search | None = None
        known = self.best is not None
        if not known and self.checkpoint is None and excess(self.problem) is None:
            full = self._begun(self.problem)
            if self.problem.n >= _DESCEND_FROM:
                self._descend(full)
        refuters = self._refuters()
        if self.cluster is not None and not refuters:
            raise InputError("no cluster serves this proof", hint="add --prove, or drop --cluster")
        few = self.problem.n <= _DESCEND_FROM
        if known and refuters and few and self.lower <= self.longest:
            self._refute(refuters[0], self.longest)
        tried = 0
        while self.lower <= self.longest:
            if full is not None and tried < self.lower:
                tried = self.lower
                self._settle(full, self.refuted_with, only_kernels=bool(refuters))
            elif not refuters:
                full = full or self._begun(self.problem)
                self._settle(full)
            elif not self._refute(refuters[0], self.lower):
                del refuters[0]

    def _refuters(self) -> list[Search]:
        """Return the searches that are to prove bounds, the easiest first.

        Where kernels need not be restricted, they are not for the problem itself either, before
        the last search for a kernel, which is always restricted.
        """
        easier = list(relaxations(self.problem))
        restricted = self.restricted and self.least is None
        itself = not (self.restricted if easier else restricted)
        if itself and excess(self.problem) is None:
            easier.append(self.problem)
        return [self._begun(problem, restricted=restricted) for problem in easier]

    def _begun(self, problem: Problem, *, restricted: bool = True) -> Search:
        """Return a search for `problem`, and raise the bound to that of its start."""
        search = Search.of(problem, self.database, self.lower, self.budget, restricted=restricted)
        search.spill = self.spill
        ids = self.database.project(search.universe)[search.universe.start]
        self._raise(self.database.bound(ids[ids != DEAD]))
        return search

    def _raise(self, lower: int) -> None:
        """Record a proved lower bound."""
        self.lower = max(self.lower, lower)
        if self.checkpoint is not None:
            self.checkpoint.settle(self.lower)

    @property
    def longest(self) -> int:
        """The greatest length still worth a search: shorter than the best, and allowed."""
        longest = UNREACHABLE - 1
        if self.max_length is not None:
            longest = min(longest, self.max_length)
        return longest if self.best is None else min(longest, self._best_length - 1)

    @property
    def _best_length(self) -> int:
        return UNREACHABLE if self.best is None else self.problem.length_of(self.best)

    @property
    def outlook(self) -> Outlook | None:
        """What the next limit needs, as the states of the last two grew."""
        done = self.spent
        if done is None or self.growth <= 1 or self._best_length <= self.lower:
            return None
        times = self.growth ** (self.lower - done.limit)
        return Outlook(
            self.lower, int(done.states * times), int(done.nbytes * times), done.seconds * times
        )

    def _descend(self, begun: Search) -> None:
        """Look for short kernels with beams, so that there is one before the proof is done."""
        width = _FIRST_WIDTH
        while width <= _WIDEST_DESCENT and self.longest >= self.lower:
            search = begun.under(min(self.longest, _GENEROUS * self.problem.n))
            goal = self._run(search, width)
            if goal is not None:
                self.best = kernel_at(search, goal)
                self.budget.tell(Progress("found a kernel", best=self._best_length))
            elif search.complete:
                self._ruled_out(search)
            else:
                width *= _WIDEN

    def _refute(self, begun: Search, limit: int) -> bool:
        """Search completely under `limit`; return whether no kernel was found.

        Their number is expected to grow as from the second last limit of the same problem to the
        last.
        """
        search = begun.under(limit)
        if self.least is not None:
            search = SplitSearch.of_same(begun, limit, self.least)
        if limit == self.lower and search.universe is self.refuted and self.growth > 1:
            search.expected = int(self.refuted_with * self.growth)
        if self.checkpoint is not None and limit == self.lower:
            self.checkpoint.restore(search)
            search.on_level = self.checkpoint.save
        if self.cluster is not None:
            search.elsewhere = self.cluster.advance
        if self._run(search) is not None:
            return False
        self._ruled_out(search)
        return True

    def _settle(self, begun: Search, most: float = inf, *, only_kernels: bool = False) -> None:
        """Look for a kernel of length `lower` by beams, until nothing is dropped.

        After the first it ends before the states of all are likely to be more than `most`.  With
        `only_kernels` it is left to others to prove that there is none.
        """
        width, before = _FIRST_WIDTH, self.states
        while width == _FIRST_WIDTH or _WIDEN * (self.states - before) <= most:
            search = begun.under(self.lower)
            goal = self._run(search, width)
            if goal is not None:
                self.best = kernel_at(search, goal)
                return
            if search.complete:
                if not only_kernels:
                    self._ruled_out(search)
                return
            width *= _WIDEN

    def _ruled_out(self, search: Search) -> None:
        """Record that a complete search found nothing."""
        same = search.universe is self.refuted
        self.growth = search.states / self.refuted_with if same else 0.0
        self.refuted, self.refuted_with = search.universe, search.states
        self.levels = tuple(search.counts)
        self.spent = Outlook(search.limit, search.states, search.nbytes, search.seconds)
        self.rests_on_restriction |= search.restricted and search.limit >= self.lower
        self._raise(search.limit + 1)
        ruled_out = f"no kernel of {search.limit} instructions"
        self.budget.tell(Progress(ruled_out, bound=self.lower, states=search.states))

    def _run(self, search: Search, width: int | None = None) -> tuple[int, int] | None:
        """Run `search` and count its states, also where it is stopped."""
        try:
            return search.run(width)
        finally:
            self.states += search.states
