#!/usr/bin/env python3
"""Measure the exhaustive search: proofs, counts, certificates, and the table of shortest lengths.

    python scripts/bench_search.py                        # all but the long items, once each
    python scripts/bench_search.py --repeat 5 --markdown search.md --json search.json
    python scripts/bench_search.py --only "n = 3" --only lengths --time-limit 60
    python scripts/bench_search.py --list

Each measurement is a command in a process of its own, so that its time and its peak memory are
those a user gets; the compiled code is loaded once before, so that none of them compiles.  With
--repeat the times and memory are medians; states and lengths must be the same every time.  What
does not finish within the time limit is printed as unknown, with the lower bound proved by then.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import measured

GRACE = 30.0
"""Seconds after its time limit at which a command that still runs is killed."""

FOLDER = "{folder}"
"""Stands for a scratch folder in an item's arguments."""


@dataclass(frozen=True)
class Item:
    """A question: a command of sortopt, and where its answer is shown."""

    name: str
    arguments: tuple[str, ...]
    section: str = "proofs"
    long: bool = False

    @property
    def command(self) -> str:
        """The command as a user would type it."""
        words = [word.replace(FOLDER + "/", "") for word in self.arguments]
        return " ".join(["sortopt", *(f'"{w}"' if set("<> ") & set(w) else w for w in words)])


@dataclass(frozen=True)
class Run:
    """One execution: exit status (None: killed), record, wall seconds, peak memory in bytes."""

    status: int | None
    record: dict[str, Any]
    wall: float
    peak: int


@dataclass(frozen=True)
class Result:
    """All executions of one item; times are medians in seconds, memory in bytes."""

    item: Item
    runs: tuple[Run, ...]

    @property
    def record(self) -> dict[str, Any]:
        """What the last execution answered."""
        return self.runs[-1].record

    @property
    def seconds(self) -> float | None:
        """The time of what the command itself calls the search, where it says so."""
        told = [run.record["seconds"] for run in self.runs if "seconds" in run.record]
        return median(told) if told else None

    @property
    def wall(self) -> float:
        """The time of the whole command."""
        return median(run.wall for run in self.runs)

    @property
    def peak(self) -> float:
        """The peak memory."""
        return median(run.peak for run in self.runs)

    @property
    def steady(self) -> bool:
        """Whether every execution gave the same answer, apart from time."""
        answers = [{**run.record, "seconds": 0} for run in self.runs]
        return all(answer == answers[0] for answer in answers)


def search(n: int, *options: str) -> tuple[str, ...]:
    return ("search", "--n", str(n), *options)


def items() -> Iterator[Item]:
    """Yield every item, the short ones of a section first."""
    six, scalar = ("--conditions", "l,g,le,ge,e,ne"), ("--conditions", "l,g")
    anywhere, minmax = ("--outputs", "anywhere"), ("--isa", "x86-minmax")
    yield Item("n = 3", search(3))
    yield Item("n = 3, outputs anywhere", search(3, *anywhere))
    yield Item("n = 3, six conditions", search(3, *six))
    yield Item("n = 3, min/max", search(3, *minmax))
    yield Item("n = 4, min/max", search(4, *minmax))
    yield Item("n = 4, no 19, outputs anywhere", search(4, *anywhere, "--max-length", "19"))
    yield Item("n = 4", search(4))
    yield Item("n = 4, six conditions", search(4, *six))
    yield Item("n = 5, min/max", search(5, *minmax), long=True)
    yield Item("n = 5, lower bound", search(5, "--prove"), long=True)
    every, counts = f"{FOLDER}/all.asm", "counts"
    yield Item("n = 3, l g, count", search(3, *scalar, "--count"), counts)
    yield Item("n = 3, l g, all", search(3, *scalar, "--all", every), counts)
    classes = search(3, *scalar, "--all", every, "--canonical")
    yield Item("n = 3, l g, one of each class", classes, counts)
    yield Item("n = 3, l g, distinct, count", search(3, *scalar, "--distinct", "--count"), counts)
    yield Item("n = 3, l g le ge, count", search(3, "--count"), counts)
    yield Item("n = 3, min/max, count", search(3, *minmax, "--count"), counts)
    yield Item("n = 4, min/max, count", search(4, *minmax, "--count"), counts)
    yield Item("n = 4, l g, count", search(4, *scalar, "--count"), counts, long=True)
    for n in (3, 4):
        path = f"{FOLDER}/sort{n}.cert"
        made = search(n, *anywhere, "--certificate", path)
        yield Item(f"n = {n}, write a certificate", made, "certificates", n == 4)
        yield Item(f"n = {n}, check it", ("certify", path), "certificates", n == 4)
    yield from lengths()


ISAS = {"x86-cmov": "cmov", "x86-minmax": "min/max"}
"""The instruction sets of the table of lengths, and their names there."""

GOALS = {
    "sort": (2, 3, 4),
    "min": (2, 3, 4),
    "max": (2, 3, 4),
    "minmax": (2, 3, 4),
    "median": (3, 4),
    "kth:2": (3, 4),
    "merge:1,1": (2,),
    "merge:1,2": (3,),
    "merge:1,3": (4,),
    "merge:2,2": (4,),
}
ASSUMED = {
    "a<b": (2, 3, 4),
    "a<=b": (2, 3, 4),
    "b<c": (3, 4),
    "b<=c": (3, 4),
    "a<b<c": (3, 4),
    "a<b, c<d": (4,),
    "a<b, a<c": (3, 4),
}
"""Under which precondition `sort` is asked, and of how many keys."""


def lengths() -> Iterator[Item]:
    """Yield the questions of the table of shortest lengths; names are (ISA, row, n)."""
    rows = [(goal, ("--goal", goal), sizes) for goal, sizes in GOALS.items()]
    rows += [(f"sort given {a}", ("--assume", a), sizes) for a, sizes in ASSUMED.items()]
    for isa, (row, option, sizes) in product(ISAS, rows):
        for n in sizes:
            name = f"lengths, {isa}, {row}, n = {n}"
            yield Item(name, search(n, "--isa", isa, *option), "lengths")


def execute(item: Item, folder: Path, options: argparse.Namespace) -> Run:
    """Run an item's command once."""
    words = [word.replace(FOLDER, str(folder)) for word in item.arguments]
    command = [sys.executable, "-m", "sortopt", *words, "--json"]
    command += ["--time-limit", str(options.time_limit)]
    command += ["--threads", str(options.threads)]
    if words[0] == "search":
        command += ["--force"]
        command += ["--memory-limit", str(options.memory_limit)] if options.memory_limit else []
    done = measured.run(command, options.time_limit + GRACE, quiet=True)
    record = json.loads(done.text) if done.text.strip() else {}
    status = None if done.status == -signal.SIGKILL else done.status
    return Run(status, record, done.wall, done.peak)


def measure(chosen: Sequence[Item], options: argparse.Namespace) -> list[Result]:
    """Measure the items in turn, telling each result on stderr."""
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for arguments in (search(2, "--count"), search(2, "--isa", "x86-minmax", "--count")):
            execute(Item("load the compiled code", arguments), folder, options)
        for item in chosen:
            runs = [execute(item, folder, options) for _ in range(options.repeat)]
            result = Result(item, tuple(runs))
            results.append(result)
            print(f"{item.name}: {answer(result)}, {result.wall:.2f} s", file=sys.stderr)
    return results


def answer(result: Result) -> str:
    """Return in a few words what was found and what of it is proved."""
    record, status = result.record, result.runs[-1].status
    said = _answer(record, status)
    return said if result.steady else said + " (NOT THE SAME EVERY TIME)"


def _answer(record: dict[str, Any], status: int | None) -> str:
    if status is None or not record:
        return "unknown: killed" if status is None else f"failed, exit status {status}"
    if "valid" in record:
        return f"certified: {record['lower_bound']}" if record["valid"] else "rejected"
    length, lower = record["length"], record["lower_bound"]
    if length is None:
        proved = f"no kernel of {lower - 1}" if lower else "nothing proved"
        return f"unknown: {proved}, {record['stopped']}" if record["stopped"] else f"{proved}"
    shortest = f"{length}" if record["proved_minimal"] else f"{length}, at least {lower}"
    checked = "" if record["verified"] else ", NOT VERIFIED"
    if record["count"] is not None:
        return f"{shortest}{checked}: {record['count']:,} kernels"
    stopped = f", {record['stopped']}" if record["stopped"] else ""
    return shortest + checked + stopped


def cell(result: Result) -> str:
    """Return a length as the table of lengths shows it, with a question mark unless proved."""
    record = result.record
    if not record or result.runs[-1].status is None:
        return "?"
    if record["proved_minimal"] and record["verified"]:
        return str(record["length"])
    found = f" to {record['length']}" if record["length"] is not None else " or more"
    return f"{record['lower_bound']}{found}?"


def proofs_table(results: Sequence[Result]) -> str:
    """Return a Markdown table of answers, states, times and memory."""
    lines = [
        "| question | answer | canonical states | search | whole command | peak memory | command |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in results:
        states, seconds = result.record.get("states"), result.seconds
        cells = [
            result.item.name,
            answer(result),
            "–" if states is None else f"{states:,}",
            "–" if seconds is None else f"{seconds:.2f} s",
            f"{result.wall:.2f} s",
            f"{result.peak / 2**20:,.0f} MiB",
            f"`{result.item.command}`",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def lengths_table(results: Sequence[Result]) -> str:
    """Return a Markdown table of shortest lengths: rows are goals, columns ISA and keys."""
    cells = {}
    for result in results:
        _, isa, rest = result.item.name.split(", ", 2)
        row, _, n = rest.rpartition(", n = ")
        cells[isa, row, n] = cell(result)
    columns = [(isa, n) for isa in ISAS for n in "234"]
    columns = [column for column in columns if any((i, n) == column for i, _, n in cells)]
    heads = [f"{ISAS[isa]}, n = {n}" for isa, n in columns]
    lines = ["| goal | " + " | ".join(heads) + " |", "|---" * (len(columns) + 1) + "|"]
    for row in dict.fromkeys(row for _, row, _ in cells):
        shown = [cells.get((isa, row, n), "") for isa, n in columns]
        lines.append(f"| {row} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


TITLES = {
    "proofs": "Shortest kernels, proved",
    "counts": "All shortest kernels",
    "certificates": "Certificates of lower bounds",
    "lengths": "Shortest lengths by goal and precondition",
}


def markdown(results: Sequence[Result], options: argparse.Namespace) -> str:
    """Return all tables with their titles and the machine they were measured on."""
    times = f"medians of {options.repeat}" if options.repeat > 1 else "one run each"
    software = f"Python {platform.python_version()}, Numba {version('numba')}"
    parts = [f"{measured.cpu()}, {options.threads} threads, {software}; {times}"]
    for section, title in TITLES.items():
        of_section = [result for result in results if result.item.section == section]
        table = lengths_table if section == "lengths" else proofs_table
        if of_section:
            parts.append(f"### {title}\n\n{table(of_section)}")
    if any(result.item.section == "lengths" for result in results):
        parts.append(
            "One scratch cell, outputs in place, ties included; every length is proved minimal and "
            "its kernel verified by both proofs, except those with a question mark."
        )
    return "\n\n".join(parts) + "\n"


def as_json(results: Sequence[Result], options: argparse.Namespace) -> dict[str, Any]:
    """Return all that was measured; times in seconds, memory in bytes."""
    return {
        "cpu": measured.cpu(),
        "threads": options.threads,
        "python": platform.python_version(),
        "numba": version("numba"),
        "repeat": options.repeat,
        "time_limit": options.time_limit,
        "items": [
            {
                "name": result.item.name,
                "section": result.item.section,
                "command": result.item.command,
                "answer": answer(result),
                "status": result.runs[-1].status,
                "seconds": result.seconds,
                "wall": round(result.wall, 4),
                "peak": int(result.peak),
                "record": {k: v for k, v in result.record.items() if k not in ("kernels", "file")},
            }
            for result in results
        ],
    }


def choose(options: argparse.Namespace) -> list[Item]:
    """Return the items that the options name; exits with a message where none is named."""
    parts = options.only or [""]
    named = [item for item in items() if any(part in item.name for part in parts)]
    chosen = [item for item in named if options.long or not item.long]
    if not named:
        sys.exit(f"error: no item is called {' or '.join(map(repr, parts))}; see --list")
    if not chosen:
        sys.exit(f"error: {', '.join(item.name for item in named)}: long; add --long")
    return chosen


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what `arguments` choose, print the tables, and write them where asked."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0],
        epilog='Example: scripts/bench_search.py --only "n = 3" --repeat 5',
    )
    parser.add_argument("--only", action="append", metavar="TEXT", help="items with TEXT in it")
    parser.add_argument("--long", action="store_true", help="the items of many minutes, too")
    parser.add_argument("--list", action="store_true", help="list the items and stop")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="medians of N runs")
    parser.add_argument("--time-limit", type=float, default=300, metavar="SECONDS", help="of each")
    parser.add_argument("--memory-limit", type=float, metavar="GIB", help="of each")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, metavar="T")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables there, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, too")
    options = parser.parse_args(arguments)
    if options.repeat < 1:
        parser.error("--repeat counts from 1")
    if options.list:
        for item in items():
            print(f"{item.name}{' (long)' if item.long else ''}: {item.command}")
        return 0
    results = measure(choose(options), options)
    print(tables := markdown(results, options), end="")
    if options.markdown:
        options.markdown.write_text(tables, encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(as_json(results, options), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
