"""What the answer of a search looks like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from sortopt.formats import comment_mark, print_kernel
from sortopt.report import chart, floats, records, tables
from sortopt.report import ranking as ranking_report
from sortopt.report.words import counted, verdict
from sortopt.verify import with_nan_among

if TYPE_CHECKING:
    from rich.table import Table

    from sortopt.certificate import Check
    from sortopt.model import Kernel
    from sortopt.tasks import Answer, Ranking


_MANY = 10_000
"""The states from which on it is said what a search would need; fewer take a moment."""


def lines(answer: Answer, source: str, ranking: Ranking | None = None) -> Iterator[str]:
    """Yield the kernel, or the fastest of a ranking, and as its comments what is proved of it.

    All together is a kernel file.  `source` is what made the kernel, for its header.
    """
    known = [*sentences(answer), *fine_print(answer, ranking)]
    if answer.kernel is None:
        yield tables.text(*known)
    else:
        yield kernel_file(answer, source, ranking)
        yield from tables.remarks(known, comment_mark(answer.kernel))


def sentences(answer: Answer) -> Iterator[str]:
    """Yield the answer in plain words: a sentence, and how many kernels there are if counted."""
    fewer = answer.lower_bound - 1
    none = f"no kernel of at most {counted(fewer, 'instruction')} exists"
    if answer.kernel is None:
        known = none if fewer >= 0 else "nothing is proved yet"
        yield f"unknown: {answer.stopped}; {known}" if answer.stopped else none
    elif answer.proved_minimal:
        yield f"{counted(answer.lower_bound, 'instruction')}, and no shorter kernel exists"
    else:
        length, least = answer.problem.length_of(answer.kernel), answer.lower_bound
        open_ = f"{least} to {length - 1}" if least < length - 1 else str(length - 1)
        yield f"{counted(length, 'instruction')}; whether a kernel of {open_} exists is open"
    if answer.count is not None:
        order = ", outputs in the order of the inputs" if answer.in_order else ""
        never = "" if answer.restricted else "; none compares or tests anything undefined"
        yield f"{counted(answer.count, 'kernel')} of this length{order}{never}"


def kernel_file(answer: Answer, source: str, ranking: Ranking | None = None) -> str:
    """Return the kernel found, or the fastest of a ranking, as text with its directives."""
    if ranking is not None:
        kernel, proved = ranking.entries[0].kernel, ranking.proved > 0
        source = f"{source} --rank {ranking.by}"
    else:
        assert answer.kernel is not None
        kernel, proved = answer.kernel, answer.verified
    expect = "proved" if proved else None
    return print_kernel(kernel, source=source, expect=expect, pairs=answer.problem.pairs)


def fine_print(answer: Answer, ranking: Ranking | None = None) -> Iterator[str | Table]:
    """Yield what the answer rests on: the ranking, the model, the search, the proofs."""
    if ranking is not None:
        yield from ranking_report.lines(ranking)
    yield f"model: {answer.problem.describe(restricted=answer.restricted)}"
    searched = f"searched: {answer.states:,} states, {answer.seconds:.2f} s"
    if answer.taken_over is not None:
        searched += f"; resting on the checkpoint in {answer.taken_over}, not checked again"
    yield searched + _composed(answer)
    if answer.kernel is not None and answer.judgement is not None:
        yield verdict(answer.kernel, answer.judgement)
        if answer.verified and answer.problem.isa.floating:
            yield from floats.with_nan(with_nan_among(answer.kernel))
        yield "verified by " + " and ".join(
            f"{m.method} ({m.seconds:.3f} s)" for m in answer.judgement.methods
        )
    if answer.kernel is not None and answer.stopped:
        yield f"stopped: {answer.stopped}"
    if (outlook := answer.outlook) is not None and outlook.states >= _MANY:
        yield (
            f"to rule out {counted(outlook.limit, 'instruction')} takes about "
            f"{outlook.states:,} states, {(outlook.nbytes >> 20) + 1:,} MiB and "
            f"{outlook.seconds / 3600:.2g} h, as states grew so far"
        )


def _composed(answer: Answer) -> str:
    """Return which sum the lower bound is, or rests on; nothing for kernels proved shortest."""
    composed = answer.composed
    if composed is None or answer.proved_minimal:
        return ""
    needed = [
        counted(count, noun)
        for count, noun in ((composed.comparisons, "comparison"), (composed.moves, "move"))
        if count
    ]
    return f"; each kernel has at least {' and '.join(needed)}"


def picture(answer: Answer) -> str | None:
    """Return the growth of the states as an SVG chart, or None where no search was complete."""
    if not answer.levels:
        return None
    bars = [chart.Bar(f"level {depth}", states) for depth, states in enumerate(answer.levels)]
    title = f"{answer.problem.goal} of {answer.problem.n} keys, {answer.problem.isa.name}"
    heading = "States by level, up to symmetry, of the last search that found no kernel"
    return chart.draw(title, [chart.Panel(heading, bars)])


def record(
    answer: Answer, kernels: Sequence[Kernel], ranking: Ranking | None = None
) -> records.Record:
    """Return the JSON record of a search; scripts rely on its keys."""
    problem = answer.problem
    ranked = {} if ranking is None else {"ranking": ranking_report.record(ranking)}
    return {
        "n": problem.n,
        "isa": problem.isa.name,
        "outputs": problem.outputs,
        "goal": str(problem.goal),
        "assume": records.precondition(problem.assume),
        "distinct": problem.distinct,
        "in_memory": problem.in_memory,
        "pairs": problem.pairs,
        "keep": str(problem.keep),
        "model": problem.describe(restricted=answer.restricted),
        "restricted": answer.restricted,
        "length": answer.length,
        "lower_bound": answer.lower_bound,
        "proved_minimal": answer.proved_minimal,
        "verified": answer.verified,
        "states": answer.states,
        "seconds": round(answer.seconds, 6),
        "count": answer.count,
        "stopped": answer.stopped,
        "taken_over": answer.taken_over,
        "outlook": None if answer.outlook is None else asdict(answer.outlook),
        "composed": None if answer.composed is None else asdict(answer.composed),
        "improvements": [
            {"length": length, "seconds": round(seconds, 3)}
            for length, seconds in answer.improvements
        ],
        "kernels": [records.kernel(kernel, pairs=problem.pairs) for kernel in kernels],
        **ranked,
    }


def certified(found: Check) -> Iterator[str]:
    """Yield whether a certificate holds, and its claim."""
    certificate = found.certificate
    if found.fault is None:
        yield f"certified: {certificate.claim}"
        yield f"checked {found.states:,} {certificate.kind}"
    else:
        yield f"rejected: {found.fault}"
        yield f"the claim was: {certificate.claim}"


def certified_record(file: str, found: Check) -> records.Record:
    """Return the JSON record of the check of a certificate in `file`."""
    certificate = found.certificate
    return {
        "file": file,
        "valid": found.fault is None,
        "fault": found.fault,
        "n": certificate.question.n,
        "lower_bound": certificate.limit + 1,
        "claim": certificate.claim,
        "states": found.states,
    }
