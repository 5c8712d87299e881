"""What the check of a folder looks like: the faulty and refuted files, and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sortopt.report import tables
from sortopt.report.records import Record
from sortopt.report.records import outcome as outcome_record
from sortopt.report.words import counted, row
from sortopt.tasks import FAULTY

if TYPE_CHECKING:
    from rich.table import Table

    from sortopt.tasks import Outcome, Plan

_SHOWN = 10
"""How many files of each verdict but proved are shown."""

_VERDICTS = ("proved", "refuted", "unsafe", "unknown", FAULTY)


def lines(planned: Plan, outcomes: Sequence[Outcome], seconds: float) -> Iterator[str | Table]:
    """Yield the files that are not proved, a summary by verdict, and what decided."""
    for verdict in _VERDICTS[1:]:
        found = [outcome for outcome in outcomes if outcome.verdict == verdict]
        yield from map(_line, found[:_SHOWN])
        if len(found) > _SHOWN:
            yield f"… and {len(found) - _SHOWN:,} more {verdict}"
    header = ("verdict", "kernels", "keys", "instructions")
    yield tables.rows(_summary(outcomes), header)
    more = "" if planned.whole else " (--both: all by both)"
    yield _methods(outcomes, seconds) + more
    contrary = [o for o in outcomes if o.expect and o.expect != o.verdict]
    for outcome in contrary[:_SHOWN]:
        yield f"{outcome.path} expects {outcome.expect}, but is {outcome.verdict}"


def record(planned: Plan, outcomes: Sequence[Outcome], seconds: float) -> Record:
    """Return the JSON record: how many files of each verdict, and each file."""
    counts = Counter(outcome.verdict for outcome in outcomes)
    return {
        "summary": {verdict: counts[verdict] for verdict in _VERDICTS},
        "z3_sample": len(planned.sample),
        "seconds": round(seconds, 3),
        "kernels": [outcome_record(outcome) for outcome in outcomes],
    }


def _line(outcome: Outcome) -> str:
    if outcome.counterexample is not None:
        found = outcome.counterexample
        said = f"{row(found.inputs)} comes out as {row(found.outputs)}"
        return f"{outcome.path}: refuted: {said}"
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


def _methods(outcomes: Sequence[Outcome], seconds: float) -> str:
    """Return how many kernels were decided by which proofs, and how many by none."""
    total = f"{counted(len(outcomes), 'kernel')} in {seconds:.1f} s"
    decided = Counter(outcome.methods for outcome in outcomes if outcome.methods)
    shares = [
        f"{count:,} by {' and '.join(by)}{', which agree' if len(by) > 1 else ' alone'}"
        for by, count in decided.most_common()
    ]
    undecided = sum(outcome.verdict == "unknown" for outcome in outcomes)
    return "; ".join([total, *shares, *([f"{undecided:,} undecided"] if undecided else [])])
