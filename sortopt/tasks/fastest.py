"""The fastest of all shortest kernels and of those one instruction longer.

Kernels that are good by a cheap measure (see `entrants`) are ranked by their critical path, by
llvm-mca or by measurement on this CPU; those shown are verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from sortopt.base import UNLIMITED, Budget, Disagreement, InputError, Progress
from sortopt.emit import memory_cells
from sortopt.model import SORT, Isa, Kernel, Place, Proved, Refuted, natural_key_type, orderings
from sortopt.native import STANDALONE, Options, Ranked, bench, is_native, rank
from sortopt.networks import best, lower
from sortopt.search.space import Problem
from sortopt.tasks.answer import Answer
from sortopt.tasks.candidates import buffered
from sortopt.tasks.entrants import Covered, of_beams, of_memory, of_optima
from sortopt.tasks.enumerate import class_of, first_of_each, normal_form
from sortopt.verify import verify

WAYS = ("measured", "latency", "mca")
"""The ways to rank: nanoseconds on this CPU, critical path, llvm-mca's cycles."""

SHOWN = 10
"""How many of the best kernels are verified and shown."""

_MOST_VERIFIED = 5
"""Up to this many keys, every kernel shown is verified; for more, the first."""

_FINALISTS = 4
_REORDERED = 60
"""Of a measurement: how many kernels enter again, in how many orders of instructions each."""

_AS_C, _ROUNDS = 5, 101
"""How many reordered ones are measured as C in the end, and in how many rounds."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best kernels by one measure, best first, one of each class; what they are the best of.

    `proved` of the `entries` were verified by both proofs, the first ones.
    """

    by: str
    cpu: str
    entries: tuple[Ranked, ...]
    covered: tuple[Covered, ...]
    proved: int


def check(by: str, cpu: str | None, isa: Isa, *, in_memory: bool = False) -> None:
    """Raise InputError for a ranking of kernels of `isa` that is not possible here."""
    if by not in WAYS:
        raise InputError(f"unknown ranking {by!r}", hint=f"use one of {', '.join(WAYS)}")
    if by == "measured" and cpu is not None:
        raise InputError(
            "a measurement is of the CPU at hand", hint="drop --cpu, or rank by latency or mca"
        )
    if by == "measured" and not is_native(isa.machine):
        raise InputError(f"{isa.name} kernels are not timed here", hint="rank by latency or mca")
    if in_memory and by != "latency":
        memory_cells(next(buffered(lower(best(2), isa))))
    rank([lower(best(2), isa)], by if by == "mca" else "latency", cpu=cpu)


def rank_answer(
    answer: Answer,
    by: str,
    budget: Budget = UNLIMITED,
    *,
    cpu: str | None = None,
    seed: int = 0,
    beam: int | None = None,
) -> Ranking:
    """Return the fastest kernels for the problem of `answer`, which holds one; see the module.

    `by` is one of WAYS, `cpu` as in `native.rank`; the rest is what the answer was found with.
    What the budget does not suffice to list is left out, and then missing in `covered`; ranking
    itself is not limited.  Raises InputError where the ranking is not possible here, and
    Disagreement where a kernel to be shown is refuted.
    """
    if answer.kernel is None:
        raise InputError("there is no kernel to rank")
    isa = answer.problem.isa
    check(by, cpu, isa, in_memory=answer.problem.in_memory)
    kernels, covered = list[Kernel](), tuple[Covered, ...]()
    counted = not answer.problem.in_memory and not answer.anytime
    if answer.proved_minimal and counted and answer.stopped is None:
        kernels, covered = of_optima(answer, by, budget, cpu, seed)
    news = Budget(report=budget.report)
    if not covered:
        sample = of_memory if answer.problem.in_memory else of_beams
        kernels, covered = sample(answer, by, budget, seed, beam)
        news.tell(Progress(f"a sample of {len(kernels)} kernels"), at_once=True)
    ranked = measured(kernels, seed, news) if by == "measured" else rank(kernels, by, cpu=cpu)
    entries = tuple(islice(_distinct(ranked, answer.problem), SHOWN))
    return Ranking(by, cpu or isa.machine.cpu, entries, covered, _prove(entries))


def _distinct(ranked: Iterable[Ranked], problem: Problem) -> Iterator[Ranked]:
    """Yield the best of each class of kernels (see `enumerate.class_of`).

    Of many keys there are too many renamings: only those that differ by the order of independent
    instructions are one.
    """
    if problem.n <= _MOST_VERIFIED and not problem.in_memory:
        return first_of_each(ranked, lambda entry: class_of(entry.kernel, problem))
    return first_of_each(
        ranked,
        lambda entry: normal_form([(i.form, i.operands) for i in entry.kernel.instructions]),
    )


def measured(
    kernels: Iterable[Kernel],
    seed: int,
    news: Budget,
    key: str | None = None,
    orders: int = _REORDERED,
    origin: dict[Kernel, Kernel] | None = None,
) -> tuple[Ranked, ...]:
    """Return those that reach the last stage of a measurement on keys of type `key`, best first.

    The best of a first ranking, and the best of the shortest, enter a second one in many orders of
    instructions, in `origin` with the kernel they are from: those of registers and those of a
    buffer apart, as loads and stores cost otherwise where compilers choose them.  The best of both,
    in the sequence given and in others, are measured again, as C.  Of those not told apart from the
    fastest the shortest come first.
    """
    best, origin, every = list[Ranked](), {} if origin is None else origin, [*kernels]
    for part in ([k for k in every if bool(k.memory_moves) is buffer] for buffer in (False, True)):
        if not part:
            continue
        first = rank(part, "measured", news, key=key, seed=seed)
        shortest = min(first, key=lambda entry: size(entry.kernel))
        finalists = dict.fromkeys(entry.kernel for entry in (*first[:_FINALISTS], shortest))
        entrants = {kernel: kernel for kernel in finalists}
        for kernel in finalists:
            for other in orderings(kernel, orders, seed):
                entrants.setdefault(other, kernel)
        origin |= entrants
        second = rank(list(entrants), "measured", news, key=key, seed=seed + 1)
        best += [e for place, e in enumerate(second) if place < _AS_C or e.kernel in finalists]
    last = _as_c(best, key, seed + 2, news)
    last.sort(key=lambda e: (not e.tied, size(e.kernel) if e.tied else 0, e.cost))
    return tuple(last)


def _as_c(ranked: list[Ranked], key: str | None, seed: int, news: Budget) -> list[Ranked]:
    """Return kernels as measured when they are compiled as C, in several places each.

    As they are where they do not sort all keys.
    """
    contract = ranked[0].kernel.contract
    if contract.goal != SORT or contract.precondition:
        return ranked
    keys = key or natural_key_type(ranked[0].kernel).name
    options = Options(keys, (), (STANDALONE,), ("random",), _ROUNDS, seed)
    named = {f"kernel {number}": entry for number, entry in enumerate(ranked)}
    (result,) = bench([(name, e.kernel) for name, e in named.items()], options, budget=news).results
    spreads = {name: result.times[result.names.index(name)] for name in named}
    least = min(named, key=lambda name: spreads[name].median)
    return [
        replace(
            entry,
            cost=spreads[name].median,
            spread=spreads[name],
            rounds=_ROUNDS,
            tied=name == least or not result.ratio(least, name).shown,
        )
        for name, entry in named.items()
    ]


def size(kernel: Kernel) -> int:
    """Return how many instructions sort a buffer: with loads and stores where cells are none."""
    cells = *kernel.contract.inputs, *kernel.contract.outputs
    return len(kernel) + sum(kernel.cells[cell].place is not Place.MEMORY for cell in cells)


def _prove(entries: tuple[Ranked, ...]) -> int:
    """Return how many of the first entries are proved; raises Disagreement at a refutation."""
    proved = 0
    for entry in entries if entries and entries[0].kernel.n <= _MOST_VERIFIED else entries[:1]:
        verdict = verify(entry.kernel).verdict
        if isinstance(verdict, Refuted):
            raise Disagreement(f"a kernel to be ranked fails on {verdict.counterexample.inputs}")
        if not isinstance(verdict, Proved):
            break
        proved += 1
    return proved
