"""What a benchmark looks like: tables, sentences on who is faster, JSON, CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sortopt.model import Place
from sortopt.report import tables
from sortopt.report.records import Record

if TYPE_CHECKING:
    from rich.table import Table

    from sortopt.native import Report, Result


def lines(report: Report) -> Iterator[str | Table]:
    """Yield one table a setting, then what the paired test shows on random keys."""
    options = report.options
    yield f"{report.n} keys ({options.key}), {report.cpu}, {options.rounds} rounds"
    for line in (*report.compilers, *report.notes):
        yield f"  {line}"
    for setting in dict.fromkeys(result.setting for result in report.results):
        results = [result for result in report.results if result.setting == setting]
        first = results[0]
        names = sorted(first.names, key=lambda n: first.times[first.names.index(n)].median)
        yield f"\n{setting}, {first.unit}: median (quartiles); * none is shown faster"
        rows = [[name, *(_cell(result, name) for result in results)] for name in names]
        yield tables.rows(rows, ["", *(result.distribution for result in results)])
    yield f"\n{report.test}:"
    for result in report.results:
        if result.distribution == options.distributions[0]:
            for line in _verdicts(report, result):
                yield f"  {line}"


def _cell(result: Result, name: str) -> str:
    index = result.names.index(name)
    spread = result.times[index]
    beaten = any(v.shown and v.slow == index for v in result.verdicts)
    return f"{spread.median:.3f} ({spread.low:.3f}-{spread.high:.3f}){' ' if beaten else '*'}"


def _verdicts(report: Report, result: Result) -> list[str]:
    """Return sentences on the fastest against each other, and on min/max against moves."""
    order = sorted(range(len(result.names)), key=lambda i: result.times[i].median)
    where = f"{result.setting}, {result.distribution} keys"
    lines = [f"{where}: {_sentence(result, order[0], other)}" for other in order[1:]]
    place = {s.name: s.kernel.isa.place for s in report.subjects if s.kernel and not s.columns}
    vector, scalar = (
        next((i for i in order if place.get(result.names[i]) is where), None)
        for where in (Place.VECTOR, Place.REGISTER)
    )
    if vector is not None and scalar is not None and order[0] not in (vector, scalar):
        lines.append(
            f"{where}: best min/max against best cmov kernel, key by key: "
            f"{_sentence(result, vector, scalar)}"
        )
    return lines


def _sentence(result: Result, one: int, other: int) -> str:
    verdict = next(v for v in result.verdicts if {v.fast, v.slow} == {one, other})
    fast, slow, ratio = result.names[verdict.fast], result.names[verdict.slow], verdict.ratio
    times = f"{ratio.median:.3f} times ({ratio.low:.3f}-{ratio.high:.3f})"
    if verdict.shown:
        return f"{fast} is faster than {slow}, {times}"
    return f"no difference is shown between {fast} and {slow}, {times}"


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
