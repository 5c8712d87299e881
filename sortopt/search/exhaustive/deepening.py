"""The shortest kernel of a problem, with the proof that none is shorter.

From four keys on, beams look for a short kernel first, so that there is something to show while
the proof runs.  The proof is iterative deepening on the length limit.  First the *relaxed* problem
(distinct keys only, outputs anywhere) is searched under each limit from its bound on; every limit
without a kernel is a proved lower bound of the problem itself, since a kernel for the problem
solves the relaxed one.  At the first limit L with a relaxed kernel, the full problem is searched
under L, keeping the best W states a level, W growing until a kernel appears or nothing was
dropped; only in the latter case, again a proof, L rises.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sortopt.base import LimitReached
from sortopt.base import WatchProgress as Progress
from sortopt.model import Kernel
from sortopt.search.bounds import UNREACHABLE, PatternDatabase, build_database
from sortopt.search.exhaustive._expand_kernels import Model
from sortopt.search.exhaustive.checkpoint import Checkpoint, open_checkpoint
from sortopt.search.exhaustive.frontier import Search, model_of
from sortopt.search.exhaustive.replay import kernel_of, output_cells, replay
from sortopt.search.space import DEAD, Problem, Universe, build, check_size, excess, symmetry_of

Watch = Callable[[Progress], None]

_FIRST_WIDTH = 50
_WIDEN = 4

_DESCEND_FROM = 4
"""From how many keys on a kernel is looked for before the proof."""

_WIDEST_DESCENT = 12_800
_GENEROUS = 8
"""The first descent allows this many instructions a key."""


@dataclass(frozen=True, eq=False)
class Proof:
    """A complete search without a kernel, and the bounds it used: what a certificate is made of."""

    search: Search
    database: PatternDatabase


@dataclass(frozen=True)
class Shortest:
    """What a search for the shortest kernel found.

    `lower_bound` is proved: no kernel of the problem is shorter.  `kernel` is None where none was
    found; `stopped` says why the search ended before an answer (None: it did not).  A bound of
    UNREACHABLE ends the search: as a rule no kernel of any length exists.  `states` counts the
    canonical states kept over all limits, `seconds` the wall time.  `taken_over` names the folder
    of a checkpoint that the bound rests on and that was not checked again.
    """

    problem: Problem
    kernel: Kernel | None
    lower_bound: int
    states: int
    seconds: float
    stopped: str | None = None
    proof: Proof | None = None
    taken_over: str | None = None

    @property
    def proved_minimal(self) -> bool:
        """Whether the kernel found is as short as the proved lower bound."""
        return self.kernel is not None and len(self.kernel) == self.lower_bound


@dataclass(frozen=True, eq=False)
class Engine:
    """The tables of one problem, ready to search under any limit."""

    universe: Universe
    model: Model
    threads: int

    def search(self, limit: int, watch: Watch | None) -> Search:
        """Return a fresh search under `limit`."""
        return Search(self.universe, self.model, limit, self.threads, watch)

    def kernel(self, search: Search, goal: tuple[int, int]) -> Kernel:
        """Return the kernel that leads to a goal state of `search`."""
        chain = list(search.chain(*goal))[::-1]
        instructions, final = replay(self.universe, self.model, chain)
        return kernel_of(self.universe, instructions, output_cells(self.universe, final))


def engine_for(problem: Problem, database: PatternDatabase, threads: int) -> Engine:
    """Build the tables to search `problem` with.  Raises InputError where it is too large."""
    check_size(problem)
    universe = build(problem)
    return Engine(universe, model_of(universe, symmetry_of(universe), database), threads)


def shortest(
    problem: Problem,
    *,
    max_length: int | None = None,
    threads: int = 1,
    watch: Watch | None = None,
    progress: Callable[[str], None] | None = None,
    keep_proof: bool = False,
    checkpoint: str | None = None,
    known: Kernel | None = None,
) -> Shortest:
    """Find a shortest kernel of `problem` and prove that none is shorter.

    `watch` may raise LimitReached, and Ctrl-C KeyboardInterrupt: then what is known so far is
    returned, with the reason in `stopped`.  With `max_length` nothing longer is looked for.  With
    a `checkpoint` folder the search goes on from there and leaves its complete levels there.  A
    `known` kernel of the problem spares the search for one before the proof.
    """
    state = _Run(problem, max_length, threads, watch, progress or (lambda _: None))
    state.best = known
    if checkpoint is not None:
        state.checkpoint = open_checkpoint(checkpoint, problem)
        state.lower = state.checkpoint.lower
    began = time.perf_counter()
    stopped = None
    try:
        state.find()
    except LimitReached as limit:
        stopped = limit.message
    except KeyboardInterrupt:
        stopped = "interrupted"
    seconds = time.perf_counter() - began
    proof = state.proved_by() if keep_proof else None
    rests = state.checkpoint is not None and state.checkpoint.taken_over
    taken_over = checkpoint if rests else None
    return Shortest(
        problem, state.best, state.lower, state.states, seconds, stopped, proof, taken_over
    )


def relaxations(problem: Problem) -> Iterator[Problem]:
    """Yield problems that every kernel of `problem` solves too, the easiest first.

    Fewer inputs and more places for the outputs only add kernels.
    """
    has_distinct = any(max(order) == problem.n for order in problem.orders)
    if has_distinct or problem.two_values:
        easier = replace(problem, distinct=not problem.two_values, in_place=False)
        if easier != problem:
            yield easier


class _Run:
    """One call of `shortest`, with what it has proved so far."""

    def __init__(
        self,
        problem: Problem,
        max_length: int | None,
        threads: int,
        watch: Watch | None,
        progress: Callable[[str], None],
    ) -> None:
        self.problem = problem
        self.max_length = max_length
        self.threads = threads
        self.watch = watch
        self.progress = progress
        self.lower = 0
        self.states = 0
        self.database: PatternDatabase | None = None
        self.complete: Search | None = None
        self.best: Kernel | None = None
        self.checkpoint: Checkpoint | None = None

    def proved_by(self) -> Proof | None:
        """Return the proof of the lower bound: the last complete search, or one made now."""
        if self.database is None or not self.lower:
            return None
        if self.complete is None or self.complete.limit != self.lower - 1:
            easiest = next(relaxations(self.problem), self.problem)
            engine = engine_for(easiest, self.database, self.threads)
            self.complete = engine.search(self.lower - 1, None)
            self.complete.run()
        return Proof(self.complete, self.database)

    def find(self) -> None:
        """Set `best` to a shortest kernel, or to None where none has the length allowed."""
        self.database = build_database(self.problem, threads=self.threads, progress=self.progress)
        full: Engine | None = None
        fits = excess(self.problem) is None
        spared = self.best is not None or self.checkpoint is not None
        if self.problem.n >= _DESCEND_FROM and not spared and fits:
            full = self._engine(self.problem)
            self._descend(full)
        for easier in relaxations(self.problem):
            if not self._deepen(self._engine(easier), beams=False):
                return
        self._deepen(full or self._engine(self.problem), beams=True)

    def _engine(self, problem: Problem) -> Engine:
        """Return the engine of `problem`, and raise the bound to that of its start."""
        assert self.database is not None
        engine = engine_for(problem, self.database, self.threads)
        ids = self.database.project(engine.universe)[engine.universe.start]
        self._raise(self.database.bound(ids[ids != DEAD]))
        return engine

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
        return longest if self.best is None else min(longest, len(self.best) - 1)

    def _descend(self, engine: Engine) -> None:
        """Look for short kernels with beams, so that there is one before the proof is done."""
        width = _FIRST_WIDTH
        while width <= _WIDEST_DESCENT and self.longest >= self.lower:
            search = engine.search(min(self.longest, _GENEROUS * self.problem.n), self.watch)
            goal = self._run(search, width)
            if goal is not None:
                self.best = engine.kernel(search, goal)
                self.progress(f"found a kernel of {len(self.best)} instructions")
            elif search.complete:
                self._raise(search.limit + 1)
                self.complete = search
            else:
                width *= _WIDEN

    def _deepen(self, engine: Engine, *, beams: bool) -> bool:
        """Raise the proved lower bound until a kernel of that length appears.

        Returns whether one did; not when all lengths worth a search are ruled out first.
        """
        while self.lower <= self.longest:
            for width in _widths() if beams else (None,):
                search = engine.search(self.lower, self.watch)
                self._resume(search, width)
                goal = self._run(search, width)
                if goal is not None:
                    if engine.universe.problem == self.problem:
                        self.best = engine.kernel(search, goal)
                    return True
                if search.complete:
                    self.complete = search
                    break
            self.progress(f"no kernel of {self.lower} instructions ({search.states:,} states)")
            self._raise(self.lower + 1)
        return False

    def _run(self, search: Search, width: int | None) -> tuple[int, int] | None:
        """Run `search` and count its states, also where it is stopped."""
        try:
            return search.run(width)
        finally:
            self.states += search.states

    def _resume(self, search: Search, width: int | None) -> None:
        """Take up a checkpoint and keep it; beams are too short to be worth one."""
        if self.checkpoint is not None and width is None:
            self.checkpoint.restore(search)
            search.on_level = self.checkpoint.save


def _widths() -> Iterator[int]:
    """Yield beam widths that grow until nothing needs to be dropped."""
    width = _FIRST_WIDTH
    while True:
        yield width
        width *= _WIDEN
