"""The fastest of all shortest kernels and of those one instruction longer.

Where the shortest kernels are proved, `search.optima` gives them all, or a uniform sample where
they are too many to list; a cheap pass over their instruction numbers finds their critical paths,
and only the best become kernels, to be ranked by llvm-mca or by measurement.  For more keys the
kernels are a sample: what beams of several seeds find, in several orders of instructions.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from sortopt.base import Disagreement, InputError, LimitReached
from sortopt.model import (
    DEFAULT_CPU,
    Instr,
    Kernel,
    Proved,
    Refuted,
    build,
    cpu_families,
    dead_instructions,
    latencies,
    orderings,
)
from sortopt.native import Ranked, rank
from sortopt.targets import X86_CMOV
from sortopt.tasks.find import ANYTIME_SECONDS, Answer, Effort, Report
from sortopt.verify import verify

if TYPE_CHECKING:
    from sortopt.search.optima import Optima, Path

WAYS = ("measured", "latency", "mca")
"""The ways to rank: nanoseconds on this CPU, critical path, llvm-mca's cycles."""

SHOWN = 10
"""How many of the best kernels are verified and shown."""

MOST_LISTED = 500_000
"""More kernels than this of one length are sampled."""

_DRAWN = {1: 20_000, 2: 20_000, 3: 20_000}
_DRAWN_OF_MORE_KEYS = 2_000

_LONGER_UP_TO = 3
"""Up to this many keys, kernels one longer than the shortest are searched too."""

_ENTRANTS = {"measured": (225, 75), "mca": (750, 250), "latency": (100, 100)}
"""How many kernels of least critical path become entrants, shortest ones and those one longer."""

_MOST_VERIFIED = 5
"""Up to this many keys, every kernel shown is verified; for more, the first."""

_SAMPLE_PART, _SAMPLE_SECONDS = 4, 5.0
"""A sample for many keys takes up to one part in so many of the search's time limit in addition,
at least so many seconds."""

_FINALISTS = 4
_REORDERED = 60
"""Of a measurement: how many kernels enter again, in how many orders of instructions each."""

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


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best kernels by one measure, best first, and what they are the best of.

    `proved` of the `entries` were verified by both proofs, the first ones.
    """

    by: str
    cpu: str
    entries: tuple[Ranked, ...]
    covered: tuple[Covered, ...]
    proved: int


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


def check(by: str, cpu: str | None) -> None:
    """Raise InputError for a ranking that is not possible here, before any other work."""
    if by not in WAYS:
        raise InputError(f"unknown ranking {by!r}", hint=f"use one of {', '.join(WAYS)}")
    if by == "measured" and cpu is not None:
        raise InputError(
            "a measurement is of the CPU at hand", hint="drop --cpu, or rank by latency or mca"
        )
    rank([_PROBE], by if by == "mca" else "latency", cpu=cpu)


_PROBE = build(X86_CMOV, [(X86_CMOV.form("mov"), ("eax", "ecx"))], inputs=["ecx"], outputs=["eax"])
"""A kernel to try a cost model on."""


def rank_answer(
    answer: Answer,
    by: str,
    effort: Effort,
    *,
    cpu: str | None = None,
    report: Report | None = None,
) -> Ranking:
    """Return the fastest kernels for the problem of `answer`, which holds one; see the module.

    `by` is one of WAYS, `cpu` as in `native.rank`.  What the effort does not suffice to list is
    left out, and then missing in `covered`.  Raises InputError where the ranking is not possible
    here, and Disagreement where a kernel to be shown is refuted.
    """
    if answer.kernel is None:
        raise InputError("there is no kernel to rank")
    check(by, cpu)
    tell = report or (lambda _: None)
    if answer.proved_minimal and not answer.anytime and answer.stopped is None:
        kernels, covered = _of_optima(answer, by, effort, cpu, tell)
    else:
        kernels, covered = _of_beams(answer, by, effort, tell)
    if by == "measured":
        entries = _measured(kernels, effort.seed, tell)
    else:
        entries = _first_ones(rank(kernels, by, cpu=cpu, progress=tell))
    return Ranking(by, cpu or DEFAULT_CPU, entries, covered, _prove(entries))


def _of_optima(
    answer: Answer, by: str, effort: Effort, cpu: str | None, tell: Report
) -> tuple[list[Kernel], tuple[Covered, ...]]:
    """Return the kernels of least critical path, the shortest and those one longer.

    Where the effort ends before the shortest are known, the sample of `_of_beams`.
    """
    from sortopt.base import Watch
    from sortopt.search.exhaustive import kernel_of
    from sortopt.search.optima import optima

    assert answer.length is not None
    problem, table = answer.problem, latencies(cpu if cpu in cpu_families() else DEFAULT_CPU)
    entrants: list[Kernel] = []
    covered = []
    longest = answer.length + (problem.n <= _LONGER_UP_TO)
    for length, most in zip(range(answer.length, longest + 1), _ENTRANTS[by], strict=False):
        watch = Watch(effort.time_limit, effort.memory_limit, tell)
        try:
            found = optima(problem, length, threads=effort.cores, watch=watch)
        except (LimitReached, KeyboardInterrupt) as limit:
            why = limit.message if isinstance(limit, LimitReached) else "interrupted"
            tell(f"kernels of {length} instructions are not listed: {why}")
            break
        longer = length > answer.length
        costs = _Costs(found, table.latency)
        pool = _Pool(most, Random(effort.seed))
        tell(f"{found.count:,} kernels of {length} instructions: critical paths")
        considered = 0
        for path in _paths(found, effort.seed):
            considered += 1
            if not longer or costs.all_used(path):
                pool.add(costs.cost(path), path)
        least = min(pool.counts, default=None)
        at_least = 0 if least is None else pool.counts[least]
        covered.append(Covered(length, considered, found.count, longer, least, at_least))
        universe = found.engine.universe
        cheapest = (path for cost in sorted(pool.kept) for path in pool.kept[cost])
        entrants += [kernel_of(universe, *path) for path in islice(cheapest, most)]
    return (entrants, tuple(covered)) if covered else _of_beams(answer, by, effort, tell)


def _paths(found: Optima, seed: int) -> Iterable[Path]:
    """Return all kernels of `found`, or a uniform sample where they are too many to list."""
    n = found.problem.n
    if found.count <= MOST_LISTED and n in _DRAWN:
        return found.paths()
    drawn = found.draw(seed)
    distinct = {
        (tuple(path), cells): (path, cells)
        for path, cells in islice(drawn, _DRAWN.get(n, _DRAWN_OF_MORE_KEYS))
    }
    return distinct.values()


class _Costs:
    """The critical paths of kernels given as instruction numbers; agrees with `dataflow`."""

    def __init__(self, found: Optima, latency: Mapping[str, float]) -> None:
        universe = found.engine.universe
        flags = universe.problem.cells
        self.resources = flags + 1
        self.steps = []
        for form, cells in universe.instructions:
            instr = Instr(form, cells)
            reads = (*instr.reads, *((flags,) if form.reads_flags else ()))
            target = flags if instr.writes is None else instr.writes
            self.steps.append((reads, target, latency[form.mnemonic]))

    def cost(self, path: Path) -> float:
        """Return the cycles from the keys to the last output."""
        done = [0.0] * self.resources
        for q in path[0]:
            reads, target, latency = self.steps[q]
            done[target] = max([done[r] for r in reads]) + latency
        return max([done[cell] for cell in path[1]], default=0.0)

    def all_used(self, path: Path) -> bool:
        """Return whether some output needs each instruction's result."""
        live = set(path[1])
        for q in reversed(path[0]):
            reads, target, _ = self.steps[q]
            if target not in live:
                return False
            live.discard(target)
            live.update(reads)
        return True


def _of_beams(
    answer: Answer, by: str, effort: Effort, tell: Report
) -> tuple[list[Kernel], tuple[Covered, ...]]:
    """Return a sample of kernels at most one longer than that of `answer`."""
    assert answer.kernel is not None
    bases = {answer.kernel: None}
    if answer.anytime:
        limit = max(_SAMPLE_SECONDS, (effort.time_limit or ANYTIME_SECONDS) / _SAMPLE_PART)
        bases |= dict.fromkeys(_beams(answer.kernel, effort, time.monotonic() + limit))
    kernels = dict.fromkeys(bases)
    if by != "latency":
        each = max(1, _ORDERS // len(bases))
        for kernel in bases:
            kernels |= dict.fromkeys(orderings(kernel, each, effort.seed))
    tell(f"a sample of {len(kernels)} kernels, orders of {len(bases)}")
    lengths = sorted({len(kernel) for kernel in kernels})
    counts = [sum(len(kernel) == length for kernel in kernels) for length in lengths]
    return list(kernels), tuple(
        Covered(length, count, None) for length, count in zip(lengths, counts, strict=True)
    )


def _beams(kernel: Kernel, effort: Effort, until: float) -> Iterator[Kernel]:
    """Yield what beams over comparators find, at most one instruction longer than `kernel`."""
    from sortopt.search.beams import comparators

    for k in range(1, _SEEDS + 1):
        if time.monotonic() >= until:
            return
        found = comparators.find(
            kernel.n,
            max_length=len(kernel) + 1,
            width=effort.beam or _WIDTHS[k % 2],
            seed=effort.seed + k,
            expired=lambda: time.monotonic() >= until,
        )
        if found is not None and not dead_instructions(found):
            yield found


def _measured(kernels: list[Kernel], seed: int, tell: Report) -> tuple[Ranked, ...]:
    """Return those that reach the last stage of a measurement, best first.

    The best of a first ranking, and the best of the shortest, enter a second one in many orders of
    instructions.  Of those not told apart from the fastest the shortest come first.
    """
    first = rank(kernels, "measured", seed=seed, progress=tell)
    least = min(len(entry.kernel) for entry in first)
    shortest = next(entry for entry in first if len(entry.kernel) == least)
    entrants: dict[Kernel, None] = {}
    for kernel in dict.fromkeys(entry.kernel for entry in (*first[:_FINALISTS], shortest)):
        entrants |= dict.fromkeys((kernel, *orderings(kernel, _REORDERED, seed)))
    best = rank(list(entrants), "measured", seed=seed + 1, progress=tell)
    last = [entry for entry in best if entry.rounds == best[0].rounds]
    return _first_ones(
        sorted(last, key=lambda e: (not e.tied, len(e.kernel) if e.tied else 0, e.cost))
    )


def _first_ones(best: Iterable[Ranked]) -> tuple[Ranked, ...]:
    """Return the first SHOWN, each kernel once."""
    kept: dict[Kernel, Ranked] = {}
    for entry in best:
        kept.setdefault(entry.kernel, entry)
        if len(kept) == SHOWN:
            break
    return tuple(kept.values())


def _prove(entries: tuple[Ranked, ...]) -> int:
    """Return how many of the first entries are proved; raises Disagreement at a refutation."""
    proved = 0
    for entry in entries if entries and entries[0].kernel.n <= _MOST_VERIFIED else entries[:1]:
        verdict = verify(entry.kernel).verdict
        if isinstance(verdict, Refuted):
            raise Disagreement(
                f"a kernel to be ranked fails on {verdict.counterexample.inputs}",
                hint="this is a bug in sortopt; please report it with the command you ran",
            )
        if not isinstance(verdict, Proved):
            break
        proved += 1
    return proved
