"""What a benchmark looks like: tables, sentences on who is faster, JSON, CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sortopt.model import Place
from sortopt.report import chart, tables
from sortopt.report.records import Record

if TYPE_CHECKING:
    from rich.table import Table

    from sortopt.native import Report, Result


_BAR = 24
"""Characters of the longest bar."""


def lines(report: Report) -> Iterator[str | Table]:
    """Yield how the first kernel does against each rival, one table a setting, then the details."""
    options = report.options
    for result in report.results:
        if result.distribution == options.distributions[0]:
            yield from _against(report, result)
    for setting in dict.fromkeys(result.setting for result in report.results):
        results = [result for result in report.results if result.setting == setting]
        first = results[0]
        order = sorted(range(len(first.names)), key=lambda i: first.times[i].median)
        most = max(spread.median for spread in first.times)
        star = "; * none is shown faster" if first.verdicts else ""
        yield f"\n{setting}, {first.unit}: median (quartiles){star}"
        rows = [
            [
                first.names[i],
                "█" * max(1, round(_BAR * first.times[i].median / most)),
                *(_cell(result, first.names[i]) for result in results),
            ]
            for i in order
        ]
        yield tables.rows(rows, ["", "", *(result.distribution for result in results)])
    yield f"\n{report.n} keys ({options.key}), {report.cpu}, {options.rounds} rounds; {report.test}"
    for line in (*report.compilers, *report.notes):
        yield f"  {line}"
    if len(report.subjects) == 1:
        yield "nothing was there to compare with; give more files, or --against all for rivals"


def _cell(result: Result, name: str) -> str:
    index = result.names.index(name)
    spread = result.times[index]
    text = f"{spread.median:.3f} ({spread.low:.3f}-{spread.high:.3f})"
    if not result.verdicts:
        return text
    beaten = any(v.shown and v.slow == index for v in result.verdicts)
    return text + (" " if beaten else "*")


def _against(report: Report, result: Result) -> Iterator[str]:
    """Yield how many times as fast as each other subject the first is, those it beats least first.

    The best min/max kernel is set against the best of moves as well, where neither is the first.
    """
    order = sorted(range(len(result.names)), key=lambda i: result.times[i].median)
    mine = result.names.index(report.subjects[0].name)
    if len(order) == 1:
        return
    yield f"{result.names[mine]}, {result.setting}, {result.distribution} keys:"
    for other in order:
        if other != mine:
            yield f"  {_times(result, mine, other)}"
    place = {s.name: s.kernel.isa.place for s in report.subjects if s.kernel and not s.columns}
    vector, scalar = (
        next((i for i in order if place.get(result.names[i]) is where), None)
        for where in (Place.VECTOR, Place.REGISTER)
    )
    if vector is not None and scalar is not None and mine not in (vector, scalar):
        yield f"best min/max kernel, {result.names[vector]}, key by key:"
        yield f"  {_times(result, vector, scalar)}"


def _times(result: Result, one: int, other: int) -> str:
    """Return for example `1.04 ± 0.02 times as fast as network`; ± is half the middle half."""
    verdict = next(v for v in result.verdicts if {v.fast, v.slow} == {one, other})
    ratio = verdict.ratio
    median, low, high = ratio.median, ratio.low, ratio.high
    if verdict.slow == one:
        median, low, high = 1 / median, 1 / high, 1 / low
    shown = "" if verdict.shown else " (no difference is shown)"
    spread = f"{median:.2f} ± {(high - low) / 2:.2f}"
    return f"{spread} times as fast as {result.names[other]}{shown}"


def record(report: Report) -> Record:
    """Return the JSON record of a report."""
    return {
        "n": report.n,
        "key": report.options.key,
        "cpu": report.cpu,
        "compilers": list(report.compilers),
        "rounds": report.options.rounds,
        "seed": report.options.seed,
        "test": report.test,
        "notes": list(report.notes),
        "subjects": [
            {
                "name": s.name,
                "kind": s.kind,
                "length": len(s.kernel) if s.kernel else None,
                "isa": s.kernel.isa.name if s.kernel else None,
            }
            for s in report.subjects
        ],
        "results": [_result(result) for result in report.results],
    }


def _result(result: Result) -> Record:
    """Return the JSON record of one setting and distribution."""
    return {
        "setting": result.setting,
        "distribution": result.distribution,
        "unit": result.unit,
        "times": {
            name: {"median": t.median, "low": t.low, "high": t.high}
            for name, t in zip(result.names, result.times, strict=True)
        },
        "verdicts": [
            {
                "fast": result.names[v.fast],
                "slow": result.names[v.slow],
                "ratio": v.ratio.median,
                "low": v.ratio.low,
                "high": v.ratio.high,
                "p": v.chance,
                "shown": v.shown,
            }
            for v in result.verdicts
        ],
    }


def as_csv(report: Report) -> str:
    """Return the times as CSV, one row a subject, setting and distribution."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    head = ["n", "key", "setting", "distribution", "subject", "unit", "median", "low", "high"]
    writer.writerow([*head, "rounds"])
    for result in report.results:
        for name, t in zip(result.names, result.times, strict=True):
            row = [report.n, report.options.key, result.setting, result.distribution, name]
            times = [f"{value:.6g}" for value in (t.median, t.low, t.high)]
            writer.writerow([*row, result.unit, *times, report.options.rounds])
    return text.getvalue()


def picture(report: Report) -> str:
    """Return the times as an SVG chart: medians as bars, quartiles as whiskers; less is better.

    Min/max kernels have a colour of their own.
    """
    vector = {s.name for s in report.subjects if s.kernel and s.kernel.isa.place is Place.VECTOR}
    title = f"Sorting {report.n} keys ({report.options.key}) on {report.cpu}, less is better"
    return chart.draw(title, [_panel(result, vector) for result in report.results])


def _panel(result: Result, vector: set[str]) -> chart.Panel:
    bars = [
        chart.Bar(name, spread.median, (spread.low, spread.high), name in vector)
        for name, spread in zip(result.names, result.times, strict=True)
    ]
    heading = f"{result.setting}, {result.distribution} keys, {result.unit}"
    return chart.Panel(heading, sorted(bars, key=lambda bar: bar.value))
