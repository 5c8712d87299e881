"""Order kernels by what they cost: by a model, by llvm-mca, or by measurement on this CPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sortopt.base import UNLIMITED, Budget, InputError, Progress
from sortopt.model import (
    Kernel,
    KeyType,
    cpu_families,
    key_type,
    latencies_for,
    natural_key_type,
)
from sortopt.native import mca
from sortopt.native.code import Layout, module
from sortopt.native.paired import Spread, Times, compare, spread
from sortopt.native.process import Process
from sortopt.native.work import Assemble, Measure, Workload

RANKINGS = ("length", "latency", "mca", "measured")
"""The ways to rank: fewest instructions, critical path, llvm-mca's cycles, nanoseconds here."""

STAGES = ((300, 9), (50, 31), (10, 151))
"""Measured ranking: how many kernels enter each stage, and how many rounds it takes."""

_GROUPS = 8192
_A_MODULE = 50


@dataclass(frozen=True, slots=True)
class Ranked:
    """A kernel and what it costs.

    `cost` is in `unit`; `critical_path` in cycles is always given, as a second opinion.
    Measured kernels have a `spread` over the rounds of the last stage they reached, `rounds`;
    `tied` says that the paired test does not show the best kernel to be faster.
    """

    kernel: Kernel
    cost: float
    unit: str
    critical_path: float
    spread: Spread | None = None
    rounds: int = 0
    tied: bool = False


def rank(
    kernels: Sequence[Kernel],
    by: str,
    budget: Budget = UNLIMITED,
    *,
    cpu: str | None = None,
    key: str | None = None,
    seed: int = 0,
) -> tuple[Ranked, ...]:
    """Return `kernels`, the cheapest first; equal ones by length, then as they came.

    `by` is one of RANKINGS.  `cpu` chooses the latency table (and llvm-mca's model); `key` the
    key type measured.  "measured" goes in STAGES: the critical path picks some hundred kernels,
    short measurements the best of those, a longer one with the paired test the final order; only
    kernels that were measured have a time, the others follow with their critical path.
    Raises InputError for an unknown ranking or CPU, a missing tool, or a CPU that cannot run them,
    and LimitReached where the budget is spent.
    """
    if by not in RANKINGS:
        raise InputError(f"unknown ranking {by!r}", hint=f"use one of {', '.join(RANKINGS)}")
    if not kernels:
        return ()
    known = cpu if by != "mca" or cpu in cpu_families() else None
    table = latencies_for(kernels[0].isa, known)
    path = [table.critical_path(kernel) for kernel in kernels]
    if by == "measured":
        return _measured(kernels, path, key, seed, budget)
    cost, unit = path, "cycles"
    if by == "mca":
        cost = mca.cycles(kernels, cpu)
    elif by == "length":
        cost, unit = [float(len(kernel)) for kernel in kernels], "instructions"
    order = sorted(range(len(kernels)), key=lambda i: (cost[i], path[i], len(kernels[i])))
    least = min(cost, default=0.0)
    return tuple(Ranked(kernels[i], cost[i], unit, path[i], tied=cost[i] == least) for i in order)


def _measured(
    kernels: Sequence[Kernel], path: list[float], key: str | None, seed: int, budget: Budget
) -> tuple[Ranked, ...]:
    """Return the kernels in the order that the stages give."""
    if not kernels:
        return ()
    keys = key_type(key) if key else natural_key_type(kernels[0])
    standing = _standing([(path[i], len(kernel)) for i, kernel in enumerate(kernels)], STAGES[0][0])
    results = {i: Ranked(kernels[i], path[i], "cycles", path[i]) for i in standing}
    with Process() as process:
        for isa in {kernel.isa for kernel in kernels}:
            process.require(isa)
        entrants = standing[: STAGES[0][0]]
        told = f"assembling {len(entrants)} of {len(kernels)} kernels"
        budget.tell(Progress(told), at_once=True)
        _assemble(process, [(f"k{i}", kernels[i]) for i in entrants], keys)
        for most, rounds in STAGES:
            entrants = standing[:most]
            told = f"measuring {len(entrants)} kernels, {rounds} rounds"
            budget.tell(Progress(told), at_once=True)
            times = _time(process, kernels, entrants, keys, rounds, seed)
            spreads = [spread(row) for row in times]
            size = [len(kernels[i]) for i in entrants]
            order = sorted(range(len(entrants)), key=lambda k: (spreads[k].median, size[k]))
            for k, tied in zip(order, _tied(times, order), strict=True):
                i, got = entrants[k], spreads[k]
                results[i] = Ranked(kernels[i], got.median, "ns", path[i], got, rounds, tied)
            standing[:most] = [entrants[k] for k in order]
    return tuple(results[i] for i in standing)


def _standing(costs: Sequence[tuple[float, int]], most: int) -> list[int]:
    """Return the indices of `costs`, least first; those equal where `most` cuts are mixed.

    Kernels come in families of neighbours, so of equal ones an evenly spaced sample is measured.
    """
    order = sorted(range(len(costs)), key=costs.__getitem__)
    if len(order) <= most:
        return order
    cut = costs[order[most]]
    below = [i for i in order if costs[i] < cut]
    equal = [i for i in order if costs[i] == cut]
    room = most - len(below)
    sample = [equal[k * len(equal) // room] for k in range(room)]
    chosen = {*below, *sample}
    return [*below, *sample, *(i for i in order if i not in chosen)]


def _assemble(process: Process, named: list[tuple[str, Kernel]], key: KeyType) -> None:
    for start in range(0, len(named), _A_MODULE):
        part = named[start : start + _A_MODULE]
        process.ask(Assemble(module(part, key, Layout.ROWS), tuple(name for name, _ in part)))


def _time(
    process: Process,
    kernels: Sequence[Kernel],
    entrants: list[int],
    key: KeyType,
    rounds: int,
    seed: int,
) -> Times:
    """Return nanoseconds a sort, entrants by rounds, on many small groups of random keys."""
    plan = []
    for i in entrants:
        workload = Workload("random", kernels[i].n, _GROUPS, key.name)
        plan.append(((f"k{i}",), workload, _GROUPS))
    times: Times = process.ask(Measure(tuple(plan), rounds, seed))
    return times / _GROUPS


def _tied(times: Times, order: list[int]) -> list[bool]:
    """Return for each row in `order`, the fastest first, whether that is not shown to be faster."""
    best, *others = order
    verdicts = compare(times, [(best, other) for other in others])
    return [True, *(not (v.shown and v.fast == best) for v in verdicts)]
