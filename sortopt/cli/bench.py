"""`sortopt bench FILE…`."""

from __future__ import annotations

import csv
import io
from typing import Any

import click

from sortopt import api
from sortopt.base import ExitCode, atomic
from sortopt.cli import options, output
from sortopt.cli.emit import KEYS
from sortopt.cli.output import print_json
from sortopt.native import FEWEST_ROUNDS, Options, Report, Result
from sortopt.objects import Reading

DEFAULTS = Options()


def _list(text: str | None, default: tuple[str, ...]) -> tuple[str, ...]:
    if text is None:
        return default
    return tuple(part.strip() for part in text.split(",") if part.strip())


@click.command(
    epilog="""\b
Examples:
  sortopt bench kernels/alphadev/sort3.asm kernels/minmax/sort3-len9-depth5.asm
  sortopt bench kernels/alphadev/sort3.asm --against all --svg sort3.svg"""
)
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--against",
    metavar="RIVALS",
    help="Add built-in rivals: all, or some of network, minmax, alphadev, insertion, ternary, std.",
)
@click.option("--settings", metavar="LIST", help="Of standalone, quicksort, mergesort.")
@click.option("--distributions", metavar="LIST", help="Of random, sorted, reversed, few.")
@click.option("--key", type=click.Choice(KEYS), default=DEFAULTS.key, show_default=True)
@click.option(
    "--rounds",
    type=click.IntRange(FEWEST_ROUNDS, 100_000),
    default=DEFAULTS.rounds,
    show_default=True,
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
@click.option("--csv", "csv_file", metavar="FILE", help="Write the times as CSV.")
@click.option("--svg", "svg_file", metavar="FILE", help="Draw a chart.")
@output.force
@options.reading
@options.timeout
@options.as_json
def command(
    files: tuple[str, ...],
    against: str | None,
    settings: str | None,
    distributions: str | None,
    key: str,
    rounds: int,
    seed: int,
    csv_file: str | None,
    svg_file: str | None,
    force: bool,
    reading: Reading,
    timeout: float | None,
    as_json: bool,
) -> ExitCode:
    """Time the kernels in FILES on this CPU, standalone and as the base case of larger sorts.

    All are proved first, compiled alike, and timed in rounds: each round gives all of them the
    same new keys, in a new random order.  One is called faster than another only where a paired
    test over the rounds shows it.
    """
    for path in (csv_file, svg_file):
        output.check(path, force=force)
    chosen = Options(
        key,
        _list(against, ()),
        _list(settings, DEFAULTS.settings),
        _list(distributions, DEFAULTS.distributions),
        rounds,
        seed,
    )
    report = api.bench_files(
        files, chosen, reading, timeout=timeout, progress=lambda line: click.echo(line, err=True)
    )
    _write_files(report, csv_file, svg_file, force=force)
    if as_json:
        print_json(_record(report))
    else:
        _print(report)
    return ExitCode.DONE


def _write_files(
    report: Report, csv_file: str | None, svg_file: str | None, *, force: bool
) -> None:
    if csv_file is not None:
        atomic.write(csv_file, _csv(report), force=force)
    if svg_file is not None:
        from sortopt.native import draw

        atomic.write(svg_file, draw(report), force=force)


def _print(report: Report) -> None:
    """Print one table a setting, then what the paired test shows on random keys."""
    from sortopt.report import tables

    click.echo(f"{report.n} keys ({report.options.key}), {report.cpu}, {report.options.rounds} "
               f"rounds")  # fmt: skip
    for line in (*report.compilers, *report.notes):
        click.echo(f"  {line}")
    for setting in dict.fromkeys(result.setting for result in report.results):
        results = [result for result in report.results if result.setting == setting]
        names = sorted(
            results[0].names, key=lambda n: results[0].times[results[0].names.index(n)].median
        )
        click.echo(f"\n{setting}, {results[0].unit}: median (quartiles); * none is shown faster")
        rows = [[name, *(_cell(result, name) for result in results)] for name in names]
        tables.print_rows(rows, ["", *(result.distribution for result in results)])
    click.echo(f"\n{report.test}:")
    for result in report.results:
        if result.distribution == report.options.distributions[0]:
            for line in _verdicts(report, result):
                click.echo(f"  {line}")


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
    isa = {s.name: s.kernel.isa.name for s in report.subjects if s.kernel and not s.columns}
    best = {
        kind: next((i for i in order if isa.get(result.names[i]) == kind), None)
        for kind in ("x86-minmax", "x86-cmov")
    }
    vector, scalar = best["x86-minmax"], best["x86-cmov"]
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


def _record(report: Report) -> dict[str, Any]:
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
        "results": [_result_record(result) for result in report.results],
    }


def _result_record(result: Result) -> dict[str, Any]:
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


def _csv(report: Report) -> str:
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
