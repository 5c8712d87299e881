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
from pathlib import Path
from statistics import median
from typing import Any

import measured

from sortopt.base import InputError

Figure = dict[str, Any]
Figures = Sequence[Figure]

MARKED = re.compile(r"(<!-- results: (\S+) -->\n).*?(<!-- end of results -->)", re.DOTALL)

NAMES = {"x86-cmov": "cmov", "x86-minmax": "min/max"}
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
    """Return a table of shortest lengths: rows are goals, columns instruction sets and keys."""
    cells = {}
    for figure in figures:
        _, isa, rest = figure["name"].split(", ", 2)
        row, _, n = rest.rpartition(", n = ")
        cells[isa, row, n] = length(figure)
    columns = sorted({(isa, n) for isa, _, n in cells})
    heads = [f"{NAMES[isa]}, n = {n}" for isa, n in columns]
    rows = dict.fromkeys(row for _, row, _ in cells)
    return grid(
        ["goal", *heads],
        ([row, *(cells.get((isa, row, n), "") for isa, n in columns)] for row in rows),
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
    """Return a table of times in nanoseconds, random keys; a star where a difference is shown."""
    random = [f for f in figures if f["distribution"] == "random"]
    names = list(dict.fromkeys(f["name"] for f in random))
    cells = {(f["setting"], f["n"], f["name"]): f for f in random}
    settings = dict.fromkeys((f["setting"], f["unit"], f["n"]) for f in random)
    rows = []
    for setting, unit, n in settings:
        row = [cells.get((setting, n, name)) for name in names]
        rows.append([f"{setting}, {unit}", str(n), *(_timing(f) for f in row)])
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
    "medians": Table(answers, ("medians",)),
    "optimize": Table(shortened, ("optimize", "optimize-long")),
    "kernels": Table(timings, ("kernels",)),
    "payload": Table(timings, ("payload",)),
    "repairs": Table(repairs, ("repairs",)),
    "fuzz": Table(tries, ("fuzz",)),
    "compilers": Table(compilers, ("compilers",)),
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
