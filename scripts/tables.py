#!/usr/bin/env python3
"""Put the figures of docs/results into the tables of README.md and docs.

    python scripts/tables.py            # rewrite the tables that differ from their files
    python scripts/tables.py --check    # only say which differ; exit status 1 if any does

A table stands between `<!-- results: NAME -->` and `<!-- end of results -->`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import measured

from sortopt.base import InputError

Figure = dict[str, Any]
Figures = Sequence[Figure]

MARKED = re.compile(r"(<!-- results: (\S+) -->\n).*?(<!-- end of results -->)", re.DOTALL)

NAMES = {"x86-cmov": "cmov", "x86-minmax": "min/max", "aarch64": "csel",
         "aarch64-minmax": "min/max of three operands"}  # fmt: skip
"""What the instruction sets are called in the heads of tables."""


def grid(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def seconds(value: float | None) -> str:
    """Return a time to two digits, in seconds or, from five minutes on, in minutes."""
    if value is None:
        return "–"
    if value >= 300:
        return f"{value / 60:.0f} min"
    return f"{value:.0f} s" if value >= 10 else f"{value:.2g} s"


def searches(figures: Figures) -> str:
    """Return tables of answers with states, times and memory, and of lengths by goal."""
    lengths = [f for f in figures if f["section"] == "lengths"]
    rest = [f for f in figures if f["section"] != "lengths"]
    return "\n\n".join([*([answers(rest)] if rest else []), *([goals(lengths)] if lengths else [])])


def answers(figures: Figures, sections: Sequence[str] = ()) -> str:
    """Return a table of the figures of some sections, by default of all."""
    chosen = [f for f in figures if not sections or f["section"] in sections]
    heads = ["question", "answer", "states", "search", "whole command", "peak memory"]
    if not any(f.get("states") for f in chosen):
        heads = ["question", "answer", "whole command", "peak memory"]
    return grid(heads, ([_answer_cell(f, head) for head in heads] for f in chosen))


def _answer_cell(figure: Figure, head: str) -> str:
    if head == "question":
        return f"`{figure['command']}`"
    if head == "states":
        return f"{figure['states']:,}" if figure.get("states") else "–"
    if head == "peak memory":
        return f"{figure['peak'] / 2**20:,.0f} MiB" if figure.get("peak") else "–"
    if head == "answer":
        times = [seconds(method["seconds"]) for method in figure.get("methods") or ()]
        return f"{figure['answer']} ({', '.join(times)})" if times else str(figure["answer"])
    return seconds(figure["seconds" if head == "search" else "wall"])


def goals(figures: Figures) -> str:
    """Return a table for each instruction set of shortest lengths: rows are goals, columns keys.

    In brackets the critical path of the kernel found.
    """
    cells: dict[str, dict[str, dict[str, str]]] = {}
    for figure in figures:
        _, isa, rest = figure["name"].split(", ", 2)
        row, _, n = rest.rpartition(", n = ")
        path = figure.get("critical_path")
        shown = length(figure) if path is None else f"{length(figure)} ({path})"
        cells.setdefault(isa, {}).setdefault(row, {})[n] = shown
    found = []
    for isa, rows in cells.items():
        columns = sorted({n for row in rows.values() for n in row})
        heads = [NAMES[isa], *(f"n = {n}" for n in columns)]
        lines = ([name, *(row.get(n, "") for n in columns)] for name, row in rows.items())
        found.append(grid(heads, lines))
    return "\n\n".join(found)


def rungs(figures: Figures) -> str:
    """Return a table of shortest lengths and numbers of kernels: a column a rung."""
    cells: dict[str, dict[str, str]] = {}
    for figure in figures:
        _, row, rung = figure["name"].split(", ")
        count = f" ({figure['count']:,})" if figure.get("count") else ""
        cells.setdefault(row, {})[rung] = length(figure) + count
    heads = list(dict.fromkeys(rung for row in cells.values() for rung in row))
    return grid(
        ["keys", *heads], ([row, *(c.get(rung, "") for rung in heads)] for row, c in cells.items())
    )


def length(figure: Figure) -> str:
    """Return a length as the table of goals shows it, with a question mark unless proved."""
    if figure["status"] is None or figure.get("lower_bound") is None:
        return "?"
    if figure["proved_minimal"] and figure["verified"]:
        return str(figure["length"])
    found = " or more" if figure["length"] is None else f" to {figure['length']}"
    return f"{figure['lower_bound']}{found}?"


def records(figures: Figures) -> str:
    """Return a table of what searches from nothing found, beside what is published."""
    heads = ["keys", "length", "found after", "limit", "states", "seed", "verdict", "lower bound",
             "peak memory", "lowered network", "AlphaDev", "best published"]  # fmt: skip
    rows = []
    for f in figures:
        others = f["published"]
        bound = f"{f['lower_bound']}" + " (minimal)" * (f["lower_bound"] == f["length"])
        after = "–" if f["found_after"] is None else f"{f['found_after']:.1f} s"
        rows.append([
            str(f["n"]), found_length(f), after, f"{f['time_limit']:g} s", f"{f['states']:,}",
            str(f["seed"]), f["verdict"], bound, f"{f['peak'] / 2**30:.2f} GiB",
            str(others["lowered"]), str(others["alphadev"] or "–"), str(others["best"] or "–"),
        ])  # fmt: skip
    return grid(heads, rows)


def found_length(figure: Figure) -> str:
    """Return the length found, in bold where a proved kernel beats what is published."""
    if figure["length"] is None:
        return "–"
    best = figure["published"]["best"] or figure["published"]["lowered"]
    beats = figure["verdict"].startswith("proved") and figure["length"] < best
    return f"**{figure['length']}**" if beats else str(figure["length"])


def overview(figures: Figures) -> str:
    """Return the table of the README: lengths by keys and instruction set, with their bounds."""
    cells: dict[tuple[int, str], list[str]] = {}
    for f in figures:
        if "published" not in f:
            continue
        key = f["n"], f["isa"]
        bound = max(g["lower_bound"] for g in figures if _question(g) == key)
        others = f["published"]
        cells[key] = [
            found_length(f),
            "minimal" if bound == f["length"] else f"at least {bound}",
            str(others["best"] or others["lowered"]),
        ]
    names = {isa: NAMES[isa] for _, isa in cells}
    heads = ["keys", *(head for name in names.values() for head in (name, "proved", "published"))]
    rows = [
        [str(n), *(cell for isa in names for cell in cells.get((n, isa), [""] * 3))]
        for n in sorted({n for n, _ in cells})
    ]
    return grid(heads, rows)


def _question(figure: Figure) -> tuple[int, str] | None:
    """Return the keys and the instruction set whose plain sort a figure is about, if it is."""
    if "published" in figure:
        return figure["n"], figure["isa"]
    asked = re.fullmatch(
        r"sortopt search --n (\d)(?: --isa (\S+))?(?: --prove)?", figure.get("command", "")
    )
    return (int(asked[1]), asked[2] or "x86-cmov") if asked else None


def shortened(figures: Figures) -> str:
    """Return a table of what `optimize` reached: least, median and most over the seeds."""
    heads = ["keys", "lowered network", "reached", "runs", "seconds each", "seeds", "measured"]
    groups: dict[tuple[Any, ...], list[Figure]] = {}
    for f in figures:
        key = f["in_memory"], f["n"], f["before"], f["time_limit"], f["date"]
        groups.setdefault(key, []).append(f)
    rows = []
    for (memory, n, before, limit, date), runs in sorted(groups.items()):
        after = sorted(run["after"] for run in runs)
        middle = f"{after[0]} / {median(after):g} / {after[-1]}" if len(runs) > 1 else f"{after[0]}"
        seeds = ", ".join(str(run["seed"]) for run in runs)
        keys = f"{n}, loaded and stored" if memory else str(n)
        rows.append([keys, str(before), middle, str(len(runs)), f"{limit:g}", seeds, date])
    return grid(heads, rows)


def timings(figures: Figures) -> str:
    """Return a table of times in nanoseconds; a star where a difference is shown.

    All layouts of the keys standalone, random ones as the base case of a sort.
    """
    shown = [f for f in figures if f["distribution"] == "random" or f["setting"] == "standalone"]
    names = list(dict.fromkeys(f["name"] for f in shown))
    keyed = ("setting", "unit", "n", "distribution")
    cells = {(*(f[key] for key in keyed), f["name"]): f for f in shown}
    rows = []
    for setting, unit, n, drawn in dict.fromkeys(tuple(f[key] for key in keyed) for f in shown):
        row = [cells.get((setting, unit, n, drawn, name)) for name in names]
        keys = "" if drawn == "random" else f", {drawn}"
        rows.append([f"{setting}{keys}, {unit}", str(n), *(_timing(f) for f in row)])
    return grid(["setting", "keys", *names], rows)


def _timing(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    return f"{figure['median']:.2f}{'*' if figure['shown'] else ''}"


def repairs(figures: Figures) -> str:
    """Return a sentence on how many kernels that fail on ties are repaired at equal length."""
    (f,) = figures
    share = f["repaired"] / f["failing"]
    return (
        f"Of the {f['kernels']:,} shortest kernels of three keys that sort distinct keys "
        f"(conditions l and g), {f['failing']:,} fail on ties, and {f['repaired']:,} of those "
        f"({share:.0%}) are repaired at equal length."
    )


def tries(figures: Figures) -> str:
    """Return the table of what `fuzz.py` tried, and what failed."""
    rows = [
        [f["kind"], f"{f['tries']:,}", str(f["failures"]), f"{f['seconds']:,.0f}", f"{f['seed']:,}"]
        for f in figures
    ]
    return grid(["kind", "tries", "failures", "seconds", "first seed"], rows)


MARKS = {"proved": "✓", "refuted": "✗", "unsafe": "!", "unknown": "?", "refused": "–"}
"""How a table of verdicts shows each."""


def compilers(figures: Figures) -> str:
    """Return tables of verdicts by function and compiler, a mark a level, and of refusals."""
    columns = list(dict.fromkeys(f["compiler"] for f in figures))
    marks: dict[tuple[str, str], str] = {}
    for f in figures:
        key = f["what"], f["compiler"]
        marks[key] = f"{marks.get(key, '')} {MARKS[f['verdict']]}".strip()
    rows = [
        [what, *(marks.get((what, compiler), "") for compiler in columns)]
        for what in dict.fromkeys(f["what"] for f in figures)
    ]
    refused: dict[tuple[str, str], list[str]] = {}
    for f in figures:
        if f["reason"]:
            word, _, what = f["reason"].partition(" ")
            refused.setdefault((what, f["hint"] or ""), []).append(word)
    why = [
        [str(len(words)), f"{'/'.join(sorted(set(words)))} {what}", hint]
        for (what, hint), words in sorted(refused.items(), key=lambda item: -len(item[1]))
    ]
    versions = ", ".join(dict.fromkeys(f["version"] for f in figures))
    return "\n\n".join([
        grid(["function", *columns], rows),
        f"Compilers: {versions}.",
        grid(["refused", "why", "what helps"], why),
    ])  # fmt: skip


def kernels_by_length(figures: Figures) -> str:
    """Return a table of how many kernels there are of each length, and how they are joined."""
    heads = ["keys", "length", "kernels", "studied", "up to order", "up to symmetry", "neighbours",
             "parts", "the largest", "diameter"]  # fmt: skip
    rows = []
    for figure, level in _levels(figures):
        parts = level["parts"] or {}
        sizes = parts.get("sizes", ())
        rows.append([
            _keys(figure), str(level["length"]), _number(level["count"]),
            "all" if parts else f"{level['studied']:,} drawn",
            _number(level["orders"]), _number(level["classes"]), f"{level['neighbours']:.1f}",
            _number(len(sizes) or None), _number(max(sizes, default=None)),
            _number(parts.get("diameter")),
        ])  # fmt: skip
    return grid(heads, rows)


def joined(figures: Figures) -> str:
    """Return a table of the parts of kernels one shorter, alone and joined through longer ones."""
    rows = []
    for figure in figures:
        for below, level in pairwise(figure["levels"]):
            if level["parts"]:
                parts = len(below["parts"]["sizes"]), level["parts"]["joined"]
                rows.append([_keys(figure), str(below["length"]), *map(_number, parts)])
    return grid(["keys", "length", "parts", "joined through kernels one longer"], rows)


def ways_down(figures: Figures) -> str:
    """Return a table of local minima, of dead ends, and of the edits before a shorter kernel."""
    heads = ["keys", "length", "local minima", "an edit away from a way down", "two edits",
             "more edits", "dead ends", "parts without a way down"]  # fmt: skip
    rows = []
    for figure, level in _levels(figures):
        if not level["drops"]:
            continue
        near = [*level["drops"], 0, 0][1:3]
        row = [level["local_minima"], *(k / level["studied"] for k in near)]
        left = level["local_minima"] - sum(row[1:])
        words = [f"{left:.1%}, or dead ends", "", ""]
        if level["parts"]:
            without = f"{level['parts']['without_drop']:,} of {len(level['parts']['sizes']):,}"
            dead = level["dead_ends"]
            words = [f"{abs(left - dead):.1%}", f"{dead:.1%}", without]
        rows.append([_keys(figure), str(level["length"]), *(f"{k:.1%}" for k in row), *words])
    return grid(heads, rows)


def _levels(figures: Figures) -> Iterable[tuple[Figure, Figure]]:
    """Yield each landscape with each of its lengths."""
    return ((figure, level) for figure in figures for level in figure["levels"])


def _keys(figure: Figure) -> str:
    return f"{figure['n']}, {NAMES[figure['isa']]}"


def failing_inputs(figures: Figures) -> str:
    """Return a table of the inputs on which programs fail, by their distance from a kernel."""
    distances = dict.fromkeys(f["edits"] for figure in figures for f in figure["failing"])
    heads = ["keys", "inputs", *("random" if d is None else f"{d}" for d in distances)]
    rows = []
    for figure in figures:
        means = {f["edits"]: f for f in figure["failing"]}
        inputs = len(next(iter(means.values()))["counts"]) - 1
        cells = [_mean_failing(means[d]) if d in means else "" for d in distances]
        rows.append([_keys(figure), str(inputs), *cells])
    return grid(heads, rows)


def _mean_failing(failing: Figure) -> str:
    counts = failing["counts"]
    fewest = next((f for f, count in enumerate(counts) if count), None)
    return "–" if fewest is None else f"{failing['mean']:.1f} (from {fewest} on)"


def walks(figures: Figures) -> str:
    """Return a table of how many walks from random programs reach a kernel."""
    names = dict.fromkeys(walk["walk"] for figure in figures for walk in figure["walks"])
    rows = []
    for figure in figures:
        found = {(walk["length"], walk["walk"]): walk for walk in figure["walks"]}
        for length in dict.fromkeys(length for length, _ in found):
            cells = [found[length, name] for name in names]
            reached = (f"{walk['ends'][0]} of {walk['runs']:,}" for walk in cells)
            rows.append([_keys(figure), str(length), *reached])
    return grid(["keys", "length", *names], rows)


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the documentation: how it is made, and the files it is made from.

    Where it is `brief`, how its files were measured is left to another page.
    """

    make: Callable[[Figures], str]
    files: tuple[str, ...]
    brief: bool = False


SEARCHES = ("search", "search-long", "bounds")
TABLES = {
    "overview": Table(overview, ("records-cmov", "records-minmax", *SEARCHES), brief=True),
    "records-cmov": Table(records, ("records-cmov",)),
    "records-minmax": Table(records, ("records-minmax",)),
    "searches": Table(partial(answers, sections=("proofs", "counts", "certificates")), SEARCHES),
    "bounds": Table(partial(answers, sections=("bounds",)), ("bounds",)),
    "checks": Table(partial(answers, sections=("checks",)), ("search",)),
    "fronts": Table(partial(answers, sections=("fronts",)), SEARCHES),
    "lengths": Table(goals, ("lengths",)),
    "targets": Table(answers, ("targets",)),
    "memory": Table(partial(answers, sections=("memory",)), ("memory",)),
    "pairs": Table(answers, ("pairs",)),
    "medians": Table(answers, ("medians",)),
    "rungs": Table(rungs, ("rungs",)),
    "optimize": Table(shortened, ("optimize", "optimize-long")),
    "kernels": Table(timings, ("kernels",)),
    "payload": Table(timings, ("payload",)),
    "repairs": Table(repairs, ("repairs",)),
    "fuzz": Table(tries, ("fuzz",)),
    "compilers": Table(compilers, ("compilers",)),
    "kernels-by-length": Table(kernels_by_length, ("landscape",)),
    "joined": Table(joined, ("landscape",), brief=True),
    "ways-down": Table(ways_down, ("landscape",), brief=True),
    "failing-inputs": Table(failing_inputs, ("landscape",), brief=True),
    "walks": Table(walks, ("landscape",), brief=True),
}
"""The tables by the names that the documents call them by."""


def rendered(name: str) -> str:
    """Return the table called `name`, with when and how it was measured.

    Raises InputError where there is none, or a file of it is missing.
    """
    if name not in TABLES:
        raise InputError(f"no table is called {name!r}", hint="use one of " + ", ".join(TABLES))
    table, figures, sources = TABLES[name], [], []
    for file in table.files:
        path = measured.RESULTS / f"{file}.json"
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except OSError:
            raise InputError(f"there is no file {path}", hint="write it: --results") from None
        figures += [{**figure, "date": found["date"]} for figure in found["figures"]]
        sources.append(source(path, found))
    if table.brief:
        sources = [f"From {', '.join(f'`{file}`' for file in table.files)} in `docs/results`."]
    return "\n\n".join([table.make(figures), "\n".join(sources)])


def source(path: Path, found: dict[str, Any]) -> str:
    """Return a line on when, where and how the figures of a file were measured."""
    note = f"; {found['note']}" if found["note"] else ""
    return (
        f"- `{path.relative_to(measured.ROOT)}`: {found['date']}, commit {found['commit']}, "
        f"{found['processor']}, {found['cores']} cores: `{found['command']}`{note}"
    )


def filled(text: str) -> str:
    """Return a document with its tables as their files have them."""
    return MARKED.sub(lambda m: f"{m[1]}\n{rendered(m[2])}\n\n{m[3]}", text)


def documents() -> list[Path]:
    """Return the files that tables stand in."""
    return [measured.ROOT / "README.md", *sorted((measured.ROOT / "docs").glob("*.md"))]


def main(arguments: Sequence[str]) -> int:
    """Rewrite the tables that differ, or say which do."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").split("\n")[0], epilog="Example: scripts/tables.py --check"
    )
    parser.add_argument("--check", action="store_true", help="change nothing")
    options = parser.parse_args(arguments)
    differing = []
    for path in documents():
        text = path.read_text(encoding="utf-8")
        if (new := filled(text)) == text:
            continue
        differing.append(path)
        if not options.check:
            path.write_text(new, encoding="utf-8")
    for path in differing:
        said = "differs from its files" if options.check else "brought up to date"
        print(f"{path.relative_to(measured.ROOT)}: {said}", file=sys.stderr)
    return 1 if differing and options.check else 0


if __name__ == "__main__":
    measured.main(main)
