#!/usr/bin/env python3
"""Measure what is proved: searches, counts, certificates, verification, shortest lengths.

    python scripts/bench_search.py                        # all but the long items, once each
    python scripts/bench_search.py --repeat 5 --results docs/results/search.json
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
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import measured
import tables

from sortopt.formats import parse, print_kernel
from sortopt.model import critical_path
from sortopt.networks import best, lower

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
    """One execution: exit status (None: killed), record, wall seconds, peak memory in bytes.

    And seconds of CPU, and the bytes of the certificate made or checked.
    """

    status: int | None
    record: dict[str, Any]
    wall: float
    peak: int
    cpu: float = 0.0
    size: int | None = None


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
        given = [run.record["seconds"] for run in self.runs if "seconds" in run.record]
        return median(given) if given else None

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
        return len({(_answer(run), run.record.get("states")) for run in self.runs}) == 1


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
    yield Item("lower bound, n = 5", search(5, "--prove"), "bounds", long=True)
    for n in (6, 7, 8):
        yield Item(f"lower bound, n = {n}", search(n, "--prove"), "bounds")
    for n in (7, 8):
        yield Item(f"lower bound, n = {n}, min/max", search(n, *minmax, "--prove"), "bounds")
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
    classes = search(4, *scalar, "--all", every, "--canonical")
    yield Item("n = 4, l g, one of each class", classes, counts, long=True)
    yield Item("n = 4, min, count", search(4, "--goal", "min", "--count"), counts)
    for n in (3, 4):
        path = f"{FOLDER}/sort{n}.cert"
        made = search(n, *anywhere, "--certificate", path)
        yield Item(f"n = {n}, write a certificate", made, "certificates", n == 4)
        yield Item(f"n = {n}, check it", ("certify", path), "certificates", n == 4)
    path = f"{FOLDER}/sort5.cert"
    made = search(5, "--max-length", "23", "--certificate", path)
    yield Item("n = 5, no 23, write a certificate", made, "certificates", long=True)
    yield Item("n = 5, no 23, check it", ("certify", path), "certificates", long=True)
    yield Item("verify, 8 keys", ("verify", "kernels/found/sort8-len74-depth14.asm"), "checks")
    yield Item("verify, 16 keys", ("verify", f"{FOLDER}/sort16.asm"), "checks", long=True)
    listing = search(3, *scalar, "--distinct", "--all", f"{FOLDER}/all/")
    yield Item("n = 3, l g, distinct, all in a folder", listing, "counts")
    folder = ("verify", "--all-of", f"{FOLDER}/all")
    yield Item("verify a folder, z3 on a sample", folder, "checks")
    yield Item("verify a folder, both proofs for all", (*folder, "--both"), "checks", long=True)
    for n, path in ((3, "sort3-len11-depth5"), (4, "sort4-len20-depth6")):
        front = ("optimize", f"kernels/found/{path}.asm", "--pareto")
        yield Item(f"n = {n}, length against critical path", front, "fronts", n == 4)
    yield from lengths()
    for isa, n in product(THREE_OPERANDS, range(2, 9)):
        yield Item(f"targets, {isa}, n = {n}", search(n, "--isa", isa), "targets")
    proof = search(5, "--isa", "aarch64", "--prove")
    yield Item("lower bound, aarch64, n = 5", proof, "targets")
    for isa in IMAGES:
        median = ("--isa", isa, "--goal", "median", *anywhere)
        for n in (3, 5):
            yield Item(f"medians, {isa}, n = {n}", search(n, *median), "medians")
    for isa, sizes in BUFFERED.items():
        for n in sizes:
            words = search(n, "--in-memory", *(() if isa == ISAS[0] else ("--isa", isa)))
            yield Item(f"in memory, {isa}, n = {n}", words, "memory")
    for isa, n, registers in PAIRED:
        words = search(n, "--in-memory", "--isa", isa, "--pairs")
        words += ("--registers", str(registers)) if registers else ()
        yield Item(f"pairs, {isa}, n = {n}, registers {registers or 'as usual'}", words, "pairs")
    yield from rungs()


BUFFERED = {"x86-cmov": range(2, 9), "aarch64": range(2, 6)}
"""The instruction sets of the table of keys in memory, and of how many keys."""

PAIRED = (
    *(("aarch64", n, registers) for n, registers in ((2, 2), (2, 0), (3, 0), (3, 4))),
    *(("aarch64", n, 0) for n in range(4, 9)),
    ("aarch64-cssc", 2, 0), ("aarch64-cssc", 3, 4), ("aarch64-cssc", 4, 0),
)  # fmt: skip
"""Of the table of loads and stores in pairs: instruction set, keys, registers (0: the default)."""

THREE_OPERANDS = ("aarch64", "aarch64-cssc", "aarch64-minmax", "riscv", "x86-avx", "x86-avx512")
"""The instruction sets of the table of targets."""

IMAGES = ("x86-minmax", "x86-avx", "aarch64-minmax", "riscv")
"""The instruction sets of the table of medians."""

ISAS = ("x86-cmov", "x86-minmax", "aarch64", "aarch64-minmax")
"""The instruction sets of the table of lengths: each of two and of three operands."""

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


RUNGS = ("values", "elements", "stable", "safe")
"""The columns of the table of rungs."""

KEPT = {"sort": (2, 3, 4), "merge:1,1": (2,), "merge:1,2": (3,), "merge:1,3": (4,),
        "merge:2,2": (4,)}  # fmt: skip
"""The goals of the table of rungs, and of how many keys."""


def rungs() -> Iterator[Item]:
    """Yield the questions of the table of rungs; names are (row, rung)."""
    for goal, rung in product(KEPT, RUNGS):
        for n in KEPT[goal]:
            count = ("--count",) if n < 4 else ()
            words = search(n, "--goal", goal, "--keep", rung, *count)
            yield Item(f"rungs, {goal} of {n}, {rung}", words, "rungs")


def execute(item: Item, folder: Path, options: argparse.Namespace) -> Run:
    """Run an item's command once."""
    words = [*(word.replace(FOLDER, str(folder)) for word in item.arguments), "--json"]
    if words[0] == "verify":
        words += ["--time-limit", str(options.time_limit)]
    else:
        words += ["--time-limit", str(options.time_limit), "--threads", str(options.threads)]
    if words[0] == "search":
        words += ["--force"] if any(FOLDER in word for word in item.arguments) else []
        words += ["--memory-limit", str(options.memory_limit)] if options.memory_limit else []
    done = measured.run(words, options.time_limit, quiet=True)
    record = json.loads(done.text) if done.text.strip() else {}
    status = None if done.status == -signal.SIGKILL else done.status
    made = [Path(word) for word in words if word.endswith(".cert")]
    size = sum(path.stat().st_size for path in made if path.exists()) or None
    return Run(status, record, done.wall, done.peak, round(done.cpu, 2), size)


def measure(chosen: Sequence[Item], options: argparse.Namespace) -> Iterator[Result]:
    """Yield the results of the items in turn, and say each on stderr."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sort16.asm").write_text(print_kernel(lower(best(16))), encoding="utf-8")
        (folder / "all").mkdir()
        for arguments in (search(2, "--count"), search(2, "--isa", "x86-minmax", "--count")):
            execute(Item("load the compiled code", arguments), folder, options)
        for item in chosen:
            runs = [execute(item, folder, options) for _ in range(options.repeat)]
            result = Result(item, tuple(runs))
            print(f"{item.name}: {answer(result)}, {result.wall:.2f} s", file=sys.stderr)
            yield result


def answer(result: Result) -> str:
    """Return in a few words what was found and what of it is proved."""
    said = _answer(result.runs[-1])
    return said if result.steady else said + " (NOT THE SAME EVERY TIME)"


def _answer(run: Run) -> str:
    record, status = run.record, run.status
    if status is None or not record or "error" in record:
        return "unknown: killed" if status is None else f"failed, exit status {status}"
    if "valid" in record:
        return f"certified: {record['lower_bound']}" if record["valid"] else "rejected"
    if "verdict" in record:
        proofs = [m["name"] for m in record["methods"] if m["verdict"] == "proved"]
        return " by ".join(filter(None, (record["verdict"], " and ".join(proofs))))
    if "summary" in record:
        return ", ".join(f"{count:,} {what}" for what, count in record["summary"].items() if count)
    if "points" in record:
        points = [f"({p['length']}, {p['critical_path']:g})" for p in record["points"]]
        return f"{', '.join(points)}: {_complete(record)}"
    length, lower = record["length"], record["lower_bound"]
    if length is None:
        proved = f"no kernel of {lower - 1}" if lower else "nothing proved"
        return f"unknown: {proved}, {record['stopped']}" if record["stopped"] else f"{proved}"
    proved = "minimal" if record["proved_minimal"] else f"at least {lower}"
    shortest = f"{length}, {proved}"
    checked = "" if record["verified"] else ", NOT VERIFIED"
    if record["count"] is not None:
        return f"{shortest}{checked}: {record['count']:,} kernels"
    stopped = f", {record['stopped']}" if record["stopped"] else ""
    return shortest + checked + stopped


def _complete(record: dict[str, Any]) -> str:
    """Return for which kernels a front is proved complete."""
    if record["complete_for_any_length"]:
        return "complete for any length"
    if record["complete_up_to"] is None:
        return "not proved complete"
    return f"complete up to {record['complete_up_to']} instructions"


def figure(result: Result) -> dict[str, Any]:
    """Return what was measured of one item; times in seconds, memory in bytes."""
    kept = ("length", "lower_bound", "proved_minimal", "verified", "count", "stopped", "states",
            "methods")  # fmt: skip
    return {
        "name": result.item.name,
        "section": result.item.section,
        "command": result.item.command,
        "answer": answer(result),
        "status": result.runs[-1].status,
        "seconds": result.seconds,
        "wall": round(result.wall, 4),
        "peak": int(result.peak),
        "cpu": median(run.cpu for run in result.runs),
        **({"size": size} if (size := result.runs[-1].size) else {}),
        **{key: result.record[key] for key in kept if key in result.record},
        **_critical_path(result),
    }


def _critical_path(result: Result) -> dict[str, int]:
    """Return the instructions of the longest chain through a shortest kernel, where it counts."""
    kernels = result.record.get("kernels")
    if result.item.section != "lengths" or not kernels:
        return {}
    kernel = parse(kernels[0]["asm"]).kernel
    return {"critical_path": int(critical_path(kernel, lambda _: 1.0)[0])}


def choose(options: argparse.Namespace) -> list[Item]:
    """Return the items that the options name; exits with a message where none is named."""
    parts = options.only or [""]
    named = [item for item in items() if item.name.startswith(tuple(parts))]
    chosen = [item for item in named if options.long or not item.long]
    if not named:
        sys.exit(f"error: no item begins with {' or '.join(map(repr, parts))}; see --list")
    if not chosen:
        sys.exit(f"error: {', '.join(item.name for item in named)}: long; add --long")
    return chosen


def main(arguments: Sequence[str]) -> int:
    """Measure what `arguments` choose, print the tables, and write the figures where asked."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0],
        epilog='Example: scripts/bench_search.py --only "n = 3" --repeat 5',
    )
    parser.add_argument("--only", action="append", metavar="TEXT", help="items that begin so")
    parser.add_argument("--long", action="store_true", help="the items of many minutes, too")
    parser.add_argument("--list", action="store_true", help="list the items and stop")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="medians of N runs")
    parser.add_argument("--time-limit", type=float, default=300, metavar="SECONDS", help="of each")
    parser.add_argument("--memory-limit", type=float, metavar="GIB", help="of each")
    parser.add_argument("--threads", type=int, default=measured.cores(), metavar="T")
    measured.add_options(parser)
    options = parser.parse_args(arguments)
    if options.repeat < 1:
        parser.error("--repeat counts from 1")
    if options.list:
        for item in items():
            print(f"{item.name}{' (long)' if item.long else ''}: {item.command}")
        return 0
    measured.check_options(options)
    figures: list[dict[str, Any]] = []
    for one in measure(choose(options), options):
        figures.append(figure(one))
        measured.result(options, figures, ["scripts/bench_search.py", *arguments])
    print(tables.searches(figures))
    return 0


if __name__ == "__main__":
    measured.main(main)
