"""What the fastest kernels of a search look like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING

from sortopt.formats import instruction_lines, print_kernel
from sortopt.report import tables
from sortopt.report.records import Record
from sortopt.report.words import counted

if TYPE_CHECKING:
    from rich.table import Table

    from sortopt.model import Kernel
    from sortopt.native import Ranked
    from sortopt.tasks import Covered, Ranking

_BESIDE = 4
"""How many kernels stand side by side: what a terminal of 80 columns has room for."""


def lines(ranking: Ranking) -> Iterator[str | Table]:
    """Yield what the first kernel is the best of, then it and the runners-up, side by side too."""
    yield from map(coverage, ranking.covered)
    yield measure(ranking)
    header = ["", "length", ranking.entries[0].unit, "critical path", "", "proof"]
    yield tables.rows(_rows(ranking), header)
    yield "* is not in the first kernel, at that place"
    yield from side_by_side([entry.kernel for entry in ranking.entries])


def side_by_side(kernels: Sequence[Kernel]) -> Iterator[Table]:
    """Yield tables of kernels, one a column; a star marks what the first does not have there."""
    texts = [
        [" ".join(line.split()) for line in instruction_lines(kernel, pairs=False)]
        for kernel in kernels
    ]
    columns = [list(_starred(texts[0], text)) for text in texts]
    for start in range(0, len(columns), _BESIDE):
        block = columns[start : start + _BESIDE]
        numbers = map(str, range(start + 1, start + 1 + len(block)))
        yield tables.rows(zip_longest(*block, fillvalue=""), tuple(numbers))


def _starred(first: Sequence[str], text: Sequence[str]) -> Iterator[str]:
    shared = SequenceMatcher(None, first, text, autojunk=False).get_matching_blocks()
    alike = {place for _, start, size in shared for place in range(start, start + size)}
    yield from (line if place in alike else f"{line}*" for place, line in enumerate(text))


def coverage(covered: Covered) -> str:
    """Return one line on the kernels of one length that were considered."""
    count = f"{covered.considered:,}"
    plural = "" if (covered.total or covered.considered) == 1 else "s"
    what = f"kernel{plural} of {counted(covered.length, 'instruction')}"
    if covered.total is None:
        line = f"a sample: {count} {what}"
    elif covered.sample:
        line = f"a random sample: {count} of the {covered.total:,} {what}"
    else:
        line = f"all {count} {what}"
    if covered.without_detour:
        line += " of which no beginning can be replaced by a shorter one"
    if covered.least is not None:
        line += f"; {covered.at_least:,} with the least critical path, {covered.least:g} cycles"
    return line


def measure(ranking: Ranking) -> str:
    """Return one line on what the kernels are ranked by."""
    if ranking.by == "measured":
        rounds = ranking.entries[0].rounds
        return (
            f"ranked by time a sort on this CPU, medians of {rounds} rounds; = not told apart from "
            "the fastest, the shortest first"
        )
    if ranking.by == "mca":
        return f"ranked by llvm-mca's cycles a sort ({ranking.cpu}); = as good as the first"
    return f"ranked by critical path ({ranking.cpu}); = as good as the first"


def _rows(ranking: Ranking) -> Iterator[list[str]]:
    for number, entry in enumerate(ranking.entries, 1):
        cost = f"{entry.cost:.3f}" if entry.unit == "ns" else f"{entry.cost:g}"
        yield [
            str(number),
            str(len(entry.kernel)),
            cost,
            f"{entry.critical_path:g} cycles",
            "=" if entry.tied else "",
            "proved" if number <= ranking.proved else "not tried",
        ]


def record(ranking: Ranking) -> Record:
    """Return the JSON record of a ranking."""
    return {
        "by": ranking.by,
        "cpu": ranking.cpu if ranking.by != "measured" else None,
        "covered": [
            {
                "length": covered.length,
                "considered": covered.considered,
                "total": covered.total,
                "sample": covered.sample,
                "without_detour": covered.without_detour,
                "least_critical_path": covered.least,
                "with_least_critical_path": covered.at_least,
            }
            for covered in ranking.covered
        ],
        "entries": [
            _entry(entry, proved=number < ranking.proved)
            for number, entry in enumerate(ranking.entries)
        ],
    }


def _entry(entry: Ranked, *, proved: bool) -> Record:
    return {
        "asm": print_kernel(entry.kernel),
        "length": len(entry.kernel),
        "cost": entry.cost,
        "unit": entry.unit,
        "spread": None if entry.spread is None else [entry.spread.low, entry.spread.high],
        "rounds": entry.rounds,
        "critical_path": entry.critical_path,
        "tied": entry.tied,
        "proved": proved,
    }
