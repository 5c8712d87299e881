"""`sortopt verify --all-of FOLDER`: many kernels, a progress bar, and a summary by verdict."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence

import click

from sortopt import api
from sortopt.base import ExitCode
from sortopt.cli.output import print_json
from sortopt.report import records
from sortopt.report import words as prose
from sortopt.tasks import FAULTY, Outcome, Plan

_SHOWN = 10
"""How many files of each verdict but proved are shown."""

_VERDICTS = ("proved", "refuted", "unknown", FAULTY)


def run(
    folder: str, *, both: bool, jobs: int | None, timeout: float | None, as_json: bool
) -> ExitCode:
    """Judge every kernel file in `folder` and print the summary.

    The status is that of the worst: a faulty file, a refutation, an unknown verdict.
    """
    start = time.perf_counter()
    planned = api.plan_survey(folder, both=both, timeout=timeout)
    outcomes = sorted(_with_progress(planned, jobs), key=lambda outcome: outcome.path)
    seconds = time.perf_counter() - start
    if as_json:
        print_json(_record(planned, outcomes, seconds))
    else:
        _print(planned, outcomes, seconds)
    return _status(outcomes)


def _with_progress(planned: Plan, jobs: int | None) -> Iterator[Outcome]:
    """Yield the outcomes under a progress bar on stderr; none where that is no terminal."""
    from rich.console import Console
    from rich.progress import track

    yield from track(
        api.judge_survey(planned, jobs),
        "verifying",
        total=len(planned.paths),
        console=Console(stderr=True),
        transient=True,
        disable=not Console(stderr=True).is_terminal,
    )


def _status(outcomes: Sequence[Outcome]) -> ExitCode:
    verdicts = {outcome.verdict for outcome in outcomes}
    if FAULTY in verdicts:
        return ExitCode.BAD_INPUT
    if "refuted" in verdicts:
        return ExitCode.REFUTED
    return ExitCode.UNKNOWN if "unknown" in verdicts else ExitCode.DONE


def _print(planned: Plan, outcomes: Sequence[Outcome], seconds: float) -> None:
    from sortopt.report import tables

    for verdict in _VERDICTS[1:]:
        found = [outcome for outcome in outcomes if outcome.verdict == verdict]
        for outcome in found[:_SHOWN]:
            click.echo(_line(outcome))
        if len(found) > _SHOWN:
            click.echo(f"… and {len(found) - _SHOWN:,} more {verdict}")
    tables.print_rows(tuple(_summary(outcomes)), ("verdict", "kernels", "keys", "instructions"))
    click.echo(_methods(planned, seconds))
    contrary = [o for o in outcomes if o.expect and o.expect != o.verdict]
    for outcome in contrary[:_SHOWN]:
        click.echo(f"{outcome.path} expects {outcome.expect}, but is {outcome.verdict}")


def _line(outcome: Outcome) -> str:
    if outcome.counterexample is not None:
        found = outcome.counterexample
        told = f"{prose.row(found.inputs)} comes out as {prose.row(found.outputs)}"
        return f"{outcome.path}: refuted: {told}"
    if outcome.verdict == FAULTY and outcome.problem and outcome.path in outcome.problem:
        return outcome.problem
    return f"{outcome.path}: {outcome.problem}"


def _summary(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, str, str, str]]:
    """Yield one row a verdict: how many kernels, of how many keys and instructions."""
    counts = Counter(outcome.verdict for outcome in outcomes)
    for verdict in _VERDICTS:
        if counts[verdict]:
            found = [outcome for outcome in outcomes if outcome.verdict == verdict]
            keys = _range([o.n for o in found if o.n is not None])
            lengths = _range([o.length for o in found if o.length is not None])
            yield verdict, f"{counts[verdict]:,}", keys, lengths


def _range(values: Sequence[int]) -> str:
    if not values:
        return "-"
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low} to {high}"


def _methods(planned: Plan, seconds: float) -> str:
    total = prose.counted(len(planned.paths), "kernel")
    if planned.whole:
        return f"{total} in {seconds:.1f} s, each by weak orders and z3, which agree"
    return (
        f"{total} in {seconds:.1f} s, each by weak orders; a sample of {len(planned.sample)} "
        "by z3 too, which agrees (--both: all)"
    )


def _record(planned: Plan, outcomes: Sequence[Outcome], seconds: float) -> records.Record:
    counts = Counter(outcome.verdict for outcome in outcomes)
    return {
        "summary": {verdict: counts[verdict] for verdict in _VERDICTS},
        "z3_sample": len(planned.sample),
        "seconds": round(seconds, 3),
        "kernels": [records.outcome(outcome) for outcome in outcomes],
    }
