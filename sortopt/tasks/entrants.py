"""Which kernels enter a ranking: of all shortest ones the fastest by a cheap measure, or a sample.

Where the shortest kernels are proved, `search.optima` gives them all, or a uniform sample where
they are too many to list; a pass over their instruction numbers finds their critical paths, and
only the best become kernels.  For more keys the kernels are a sample: what beams of several seeds
find, in several orders of instructions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from sortopt.base import STOPS, Budget, Progress, why_stopped
from sortopt.model import (
    Instr,
    Kernel,
    Place,
    cpu_families,
    dead_instructions,
    latencies_for,
    orderings,
    reads,
    writes,
)
from sortopt.search.space import Problem
from sortopt.tasks import candidates
from sortopt.tasks.answer import Answer
from sortopt.tasks.find import ANYTIME_SECONDS

if TYPE_CHECKING:
    from sortopt.search.optima import Optima, Path

MOST_LISTED = 500_000
"""More kernels than this of one length are sampled."""

FEW_KEYS = 3
"""Up to this many keys, all kernels are listed, and kernels one longer than the shortest too."""

DRAWN, DRAWN_OF_MORE_KEYS = 20_000, 2_000
"""How many kernels a sample has, of FEW_KEYS or fewer and of more."""

_ENTRANTS = {"measured": (225, 75), "mca": (750, 250), "latency": (100, 100)}
"""How many kernels of least critical path become entrants, shortest ones and those one longer."""

_SAMPLE_PART, _SAMPLE_SECONDS = 4, 5.0
"""A sample for many keys takes up to one part in so many of the search's time limit in addition,
at least so many seconds."""

_SEEDS = 64
_WIDTHS = 30, 100
"""Of a sample for many keys: seeds tried, and the widths of their beams in turn."""

_ORDERS = 300


@dataclass(frozen=True, slots=True)
class Covered:
    """What was looked at of one length: `considered` kernels out of `total` (None: unknown).

    `without_detour` says that only kernels count of which no beginning can be replaced by a shorter
    one (see `search.optima`); all shortest kernels are such.  `least` is the least critical path of
    those considered, in cycles, and `at_least` how many of them have it.
    """

    length: int
    considered: int
    total: int | None
    without_detour: bool = False
    least: float | None = None
    at_least: int = 0

    @property
    def sample(self) -> bool:
        """Whether kernels of this kind were left out."""
        return self.total is None or self.considered < self.total


Entrants = tuple[list[Kernel], tuple[Covered, ...]]


@dataclass(slots=True)
class _Pool:
    """Kernels of one length by critical path: how many, and an even sample of each cost."""

    most: int
    random: Random
    counts: dict[float, int] = field(default_factory=dict)
    kept: dict[float, list[Path]] = field(default_factory=dict)

    def add(self, cost: float, path: Path) -> None:
        """Take a kernel in; of more than `most` of one cost keep a uniform sample."""
        seen = self.counts[cost] = self.counts.get(cost, 0) + 1
        kept = self.kept.setdefault(cost, [])
        if len(kept) < self.most:
            kept.append(path)
        elif (place := self.random.randrange(seen)) < self.most:
            kept[place] = path

    def cheapest(self) -> Iterator[Path]:
        """Yield up to `most` kernels, those of least cost first."""
        every = (path for cost in sorted(self.kept) for path in self.kept[cost])
        return islice(every, self.most)


def of_optima(answer: Answer, by: str, budget: Budget, cpu: str | None, seed: int) -> Entrants:
    """Return the kernels of least critical path, the shortest and those one longer.

    What the budget does not suffice to list is left out.
    """
    from sortopt.search.exhaustive import kernel_of
    from sortopt.search.optima import optima

    assert answer.length is not None
    known = cpu if cpu in cpu_families() else None
    table = latencies_for(answer.problem.isa, known)
    entrants: dict[Kernel, None] = {}
    covered = []
    longest = answer.length + (answer.problem.n <= FEW_KEYS)
    for length, most in zip(range(answer.length, longest + 1), _ENTRANTS[by], strict=False):
        longer, considered, pool = length > answer.length, 0, _Pool(most, Random(seed))
        try:
            found = optima(answer.problem, length, budget)
            told = f"{found.count:,} kernels of {length} instructions: critical paths"
            budget.tell(Progress(told), at_once=True)
            costs = PathCosts(found, table.latency)
            for path in _paths(found, seed):
                budget.check()
                considered += 1
                if not longer or costs.all_used(path):
                    pool.add(costs.cost(path), path)
        except STOPS as stop:
            told = f"kernels of {length} instructions are not listed: {why_stopped(stop)}"
            Budget(report=budget.report).tell(Progress(told), at_once=True)
            break
        least = min(pool.counts, default=None)
        at_least = 0 if least is None else pool.counts[least]
        covered.append(Covered(length, considered, found.count, longer, least, at_least))
        universe = found.search.universe
        entrants |= dict.fromkeys(kernel_of(universe, *path) for path in pool.cheapest())
    return list(entrants), tuple(covered)


def _paths(found: Optima, seed: int) -> Iterable[Path]:
    """Return all kernels of `found`, or a uniform sample where they are too many to list."""
    few = found.problem.n <= FEW_KEYS
    if few and found.count <= MOST_LISTED:
        return found.paths()
    drawn = islice(found.draw(seed), DRAWN if few else DRAWN_OF_MORE_KEYS)
    return {(tuple(path), cells): (path, cells) for path, cells in drawn}.values()


class PathCosts:
    """The critical paths of kernels given as instruction numbers; agrees with `dataflow`."""

    def __init__(self, found: Optima, latency: Mapping[str, float]) -> None:
        universe = found.search.universe
        self.resources = universe.problem.cells + 1  # the last, FLAGS, are the flags
        self.instructions: list[tuple[list[int], int, float]] = []
        for form, cells in universe.instructions:
            instruction = Instr(form, cells)
            (target,) = writes(instruction)
            self.instructions.append(([*reads(instruction)], target, latency[form.mnemonic]))

    def cost(self, path: Path) -> float:
        """Return the cycles from the keys to the last output."""
        done = [0.0] * self.resources
        for q in path[0]:
            read, target, latency = self.instructions[q]
            done[target] = max([done[r] for r in read]) + latency
        return max([done[cell] for cell in path[1]], default=0.0)

    def all_used(self, path: Path) -> bool:
        """Return whether some output needs each instruction's result."""
        live = set(path[1])
        for q in reversed(path[0]):
            read, target, _ = self.instructions[q]
            if target not in live:
                return False
            live.discard(target)
            live.update(read)
        return True


def of_beams(answer: Answer, by: str, budget: Budget, seed: int, beam: int | None) -> Entrants:
    """Return a sample of kernels at most one longer than that of `answer`.

    After an anytime search, which spends all its time, it takes some in addition.
    """
    assert answer.kernel is not None
    bases = {answer.kernel: None}
    if answer.anytime:
        seconds = max(_SAMPLE_SECONDS, (budget.seconds or ANYTIME_SECONDS) / _SAMPLE_PART)
        more = Budget(seconds, budget.memory, budget.threads)
        bases |= dict.fromkeys(_beams(answer.kernel, more, seed, beam))
    return _in_orders(bases, by, seed)


def of_memory(answer: Answer, by: str, budget: Budget, seed: int, beam: int | None) -> Entrants:
    """Return kernels of a buffer, of any length: that of `answer`, those that come with sortopt,
    and what `candidates.entrants` makes of kernels of registers, all in several orders.
    """
    assert answer.kernel is not None
    problem, bases = answer.problem, {answer.kernel: None}
    plain = Problem(
        problem.n, problem.isa, scratch=problem.scratch, in_memory=True,
        signedness=problem.signedness, key=problem.key,
    )  # fmt: skip
    if problem == plain:
        n, isa = problem.n, problem.isa
        found = [k for _, k in candidates.shortest(n, candidates.FOUND, isa)]
        found += [c.kernel for c in candidates.of_buffer(n, isa)]
        every = candidates.entrants(n, isa, found, problem.signedness)
        bases |= {k: None for k in every if _is_of(k, problem)}
    return _in_orders(bases, by, seed)


def _is_of(kernel: Kernel, problem: Problem) -> bool:
    """Return whether `kernel` sorts as many keys in memory, with what `problem` has for that."""
    forms = {instruction.form for instruction in kernel.instructions}
    places = [kernel.cells[cell].place for cell in kernel.contract.inputs]
    return (
        forms <= {*problem.forms}
        and places == [Place.MEMORY] * problem.n
        and len(kernel.scratch) <= problem.scratch
    )


def _in_orders(bases: Iterable[Kernel], by: str, seed: int) -> Entrants:
    """Return kernels, in several orders of instructions each where these make a difference."""
    kernels = dict.fromkeys(bases)
    if by != "latency":
        each = max(1, _ORDERS // len(kernels))
        for kernel in list(kernels):
            kernels |= dict.fromkeys(orderings(kernel, each, seed))
    lengths = Counter(map(len, kernels))
    return list(kernels), tuple(Covered(size, lengths[size], None) for size in sorted(lengths))


def _beams(kernel: Kernel, budget: Budget, seed: int, beam: int | None) -> Iterator[Kernel]:
    """Yield what beams over comparators find, at most one instruction longer than `kernel`."""
    from sortopt.search.beams import anytime

    with suppress(*STOPS):
        for k in range(1, _SEEDS + 1):
            found = anytime.by_comparators(
                kernel.n, len(kernel) + 1, budget, width=beam or _WIDTHS[k % 2], seed=seed + k
            )
            if found is not None and not dead_instructions(found):
                yield found
