#!/usr/bin/env python3
"""Reproduce the README's benchmark table: n = 3, 4, 5, ours against all rivals, in one run.

    python scripts/bench_kernels.py                  # kernels from kernels/found
    python scripts/bench_kernels.py --kernels DIR --n 3 --rounds 301

For each n there are two kernels of conditional moves of ours: the shortest that the folder holds
(the fastest of those, in its best order of instructions), and the fastest, chosen by measurement
among the folder's kernels and lowerings of best networks, in many orders of instructions.  Of
min/max kernels it is the fastest.  Choosing and comparing are apart: the table comes from a run
of its own.  Prints a Markdown table, then whether the two aims are met:

1. no rival of mov, cmp and cmov is shown to be faster than ours, in any setting;
2. the min/max kernel is at least 1.2 times as fast as the fastest kernel of conditional moves.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from sortopt.base.errors import InputError, SortoptError
from sortopt.model.kernel import Kernel
from sortopt.model.verdict import Proved
from sortopt.native.benchmark import Options, Report, Result, bench
from sortopt.native.costs import Ranked, fastest
from sortopt.networks import best, optimal_networks
from sortopt.networks.lowering import lower
from sortopt.targets import X86_CMOV, X86_MINMAX
from sortopt.tasks.choose import shortest
from sortopt.verify import verify

OURS, SHORTEST, OURS_MINMAX = "ours", "ours, shortest", "ours min/max"
AIM = 1.2
NETWORKS = 40
"""How many of the best networks are lowered and tried."""


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


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
        found = [k for _, k in shortest(n, folder, isa, say)] if folder.is_dir() else []
        networks = [best(n), best(n, "depth"), *islice(optimal_networks(n), NETWORKS)]
        lowered = [lower(network, isa) for network in dict.fromkeys(networks)]
        say(f"n = {n}, {isa.name}: {len(found)} kernels, {len(lowered)} networks")
        found = [kernel for kernel in found if len(kernel) < len(lowered[0])]
        fast = proved(fastest([*found, *lowered], progress=say))
        entries.append((OURS if isa is X86_CMOV else OURS_MINMAX, fast))
        if isa is X86_CMOV and found and len(fast) > len(found[0]):
            entries.append((SHORTEST, proved(fastest(found, progress=say))))
    return entries


def table(report: Report) -> str:
    """Return the rows of one n: medians on random keys, each with its ratio to ours."""
    random = {r.setting: r for r in report.results if r.distribution == "random"}
    alone = random["standalone"]
    lines = []
    for name in sorted(alone.names, key=lambda name: median(alone, name)):
        subject = next(s for s in report.subjects if s.name == name)
        length = str(len(subject.kernel)) if subject.kernel else "–"
        cells = [cell(result, name) for result in random.values()]
        lines.append(f"| {report.n} | {name} | {length} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def median(result: Result, name: str) -> float:
    return result.times[result.names.index(name)].median


def cell(result: Result, name: str) -> str:
    """Return a median and its ratio to ours; a star where the rounds show a difference."""
    if name not in result.names:
        return "–"
    time = f"{median(result, name):.2f}"
    if name == OURS:
        return f"{time} (1)"
    verdict = result.ratio(OURS, name)
    slower = result.names[verdict.slow] == name
    ratio = verdict.ratio.median if slower else 1 / verdict.ratio.median
    return f"{time} ({ratio:.2f}{'*' if verdict.shown else ''})"


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


def main() -> int:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").split("\n")[0], epilog="Example: scripts/bench_kernels.py --n 3"
    )
    root = Path(__file__).resolve().parent.parent
    parser.add_argument("--kernels", type=Path, default=root / "kernels" / "found", metavar="DIR")
    parser.add_argument("--n", default="3,4,5", metavar="SIZES")
    parser.add_argument("--rounds", type=int, default=201)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the medians there, too")
    arguments = parser.parse_args()
    options = Options(against=("all",), rounds=arguments.rounds, seed=arguments.seed)
    reports = []
    for n in map(int, arguments.n.split(",")):
        entries = ours(n, arguments.kernels)
        reports.append(bench(entries, options, progress=say))
    first = reports[0]
    print(f"{first.cpu}; {'; '.join(first.compilers)}; {first.options.rounds} rounds; random keys")
    print(f"Ratios to ours are medians over paired rounds; * shown by {first.test}.\n")
    print(
        "| n | what | length | standalone, ns a sort | quicksort, ns a key | mergesort, ns a key |"
    )
    print("|---|---|---|---|---|---|")
    print("\n".join(table(report) for report in reports) + "\n")
    print("\n".join(line for report in reports for line in aims(report)))
    if arguments.json:
        medians = {
            f"{r.n} {result.setting} {result.distribution}": {
                name: round(median(result, name), 4) for name in result.names
            }
            for r in reports
            for result in r.results
        }
        arguments.json.write_text(json.dumps(medians, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (SortoptError, ValueError) as error:
        message = error.render() if isinstance(error, InputError) else f"error: {error}"
        print(message, file=sys.stderr)
        sys.exit(2)
