#!/usr/bin/env python3
"""Time our kernels of three to five keys against all rivals, in one run.

    python scripts/bench_kernels.py --results docs/results/kernels.json
    python scripts/bench_kernels.py --kernels DIR --n 3 --rounds 301

For each n there are two kernels of conditional moves of ours: the shortest that the folder holds
(the fastest of those, in its best order of instructions), and the fastest, chosen by measurement
among the folder's kernels and lowerings of best networks, each on registers and on keys in a buffer
with operands in memory, and those that come with sortopt for a buffer, in many orders of
instructions, so that loads stand where they do best.  Of min/max kernels it is the fastest.  What
compilers choose the instructions of (ternaries, insertion sort, std::sort) is compiled by each
there is.  Choosing and comparing are apart: the table comes from a run of its own.  Prints a
Markdown table (medians, by layout of the keys; a star where the rounds show a difference from
"ours"), then whether the two aims are met:

1. no rival of mov, cmp and cmov is shown to be faster than ours, in any setting;
2. the min/max kernel is at least 1.2 times as fast as the fastest kernel of conditional moves.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import measured
import tables

from sortopt.base import Budget, InputError
from sortopt.model import Kernel, Proved
from sortopt.native import Options, Ranked, Report, Result, bench
from sortopt.targets import X86_CMOV, X86_MINMAX
from sortopt.tasks import candidates, fastest
from sortopt.verify import verify

OURS, SHORTEST, OURS_MINMAX = "ours", "ours, shortest", "ours min/max"
AIM = 1.2


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


NEWS = Budget(report=lambda where: say(where.doing), every=0)
"""No limits, but a line for each part of the work."""


def proved(ranked: Sequence[Ranked]) -> Kernel:
    """Return the first kernel that both proofs accept."""
    for entry in ranked:
        if verify(entry.kernel).verdict == Proved():
            return entry.kernel
    raise InputError("no kernel is right", hint="look at the kernel files")


def ours(n: int, folder: Path) -> list[tuple[str, Kernel]]:
    """Return our kernels for n keys, proved, by name."""
    entries = []
    for isa in (X86_CMOV, X86_MINMAX):
        short = [k for _, k in candidates.shortest(n, folder, isa)] if folder.is_dir() else []
        buffers = [c.kernel for c in candidates.of_buffer(n, isa)]
        entrants = candidates.entrants(n, isa, short + buffers)
        say(f"n = {n}, {isa.name}: {len(entrants)} kernels")
        ranked = fastest.measured(entrants, 0, NEWS)
        fast = proved(sorted(ranked, key=lambda entry: entry.cost))
        entries.append((OURS if isa is X86_CMOV else OURS_MINMAX, fast))
        if isa is X86_CMOV and short and fastest.size(fast) > fastest.size(short[0]):
            entries.append((SHORTEST, proved(fastest.measured(short, 0, NEWS))))
    return entries


def figures(report: Report) -> Iterator[dict[str, Any]]:
    """Yield the median of each subject in each setting, in nanoseconds, the fastest first.

    `shown` says whether the rounds show a difference from our kernel.
    """
    lengths = {s.name: len(s.kernel) if s.kernel else None for s in report.subjects}
    for result in report.results:
        for name in sorted(result.names, key=lambda name: median(result, name)):
            yield {
                "n": report.n,
                "setting": result.setting,
                "distribution": result.distribution,
                "unit": result.unit,
                "name": name,
                "length": lengths[name],
                "median": round(median(result, name), 4),
                "shown": name != OURS and result.ratio(OURS, name).shown,
            }


def median(result: Result, name: str) -> float:
    return result.times[result.names.index(name)].median


def aims(report: Report) -> list[str]:
    """Return a sentence on each aim."""
    scalar = [
        s.name
        for s in report.subjects
        if s.name not in (OURS, SHORTEST) and s.kernel is not None and s.kernel.isa is X86_CMOV
    ]
    faster = [
        f"{name} ({result.setting}, {result.distribution}, {v.ratio.median:.3f} times)"
        for result in report.results
        for name in scalar
        for v in [result.ratio(OURS, name)]
        if v.shown and result.names[v.fast] == name
    ]
    said = f"shown faster than ours: {'; '.join(faster)}" if faster else "none is shown faster"
    alone = report.results[0]
    rival = min([OURS, *scalar], key=lambda name: median(alone, name))
    lines = [f"n = {report.n}: {'NOT MET' if faster else 'met'}: of mov, cmp, cmov rivals {said}"]
    for name in (OURS_MINMAX, f"{OURS_MINMAX} x4"):
        verdict = alone.ratio(name, rival)
        wins = alone.names[verdict.fast] == name
        ratio = verdict.ratio.median if wins else 1 / verdict.ratio.median
        state = "met" if ratio >= AIM and verdict.shown else "NOT MET"
        lines.append(f"n = {report.n}: {state}: {name} is {ratio:.2f} times as fast as {rival}")
    return lines


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").split("\n")[0], epilog="Example: scripts/bench_kernels.py --n 3"
    )
    found = measured.ROOT / "kernels" / "found"
    parser.add_argument("--kernels", type=Path, default=found, metavar="DIR")
    parser.add_argument("--n", default="3,4,5", metavar="SIZES")
    parser.add_argument("--rounds", type=int, default=201)
    parser.add_argument("--seed", type=int, default=0)
    measured.add_options(parser)
    options = parser.parse_args(arguments)
    measured.check_options(options)
    asked = Options(against=("all",), rounds=options.rounds, seed=options.seed)
    reports: list[Report] = []
    for n in map(int, options.n.split(",")):
        reports.append(
            bench(ours(n, options.kernels), asked, budget=Budget(report=lambda now: say(now.doing)))
        )
        every = [figure for report in reports for figure in figures(report)]
        first = reports[0]
        where = "; ".join((first.cpu, *first.compilers))
        measured.result(options, every, ["scripts/bench_kernels.py", *arguments], where)
    print(f"{where}; {asked.rounds} rounds")
    print(f"* shown to differ from {OURS!r} by {first.test}\n")
    print(tables.timings(every) + "\n")
    print("\n".join(line for report in reports for line in aims(report)))
    return 0


if __name__ == "__main__":
    measured.main(main)
