"""What the answer of a search looks like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from sortopt.formats import comment_mark, print_kernel
from sortopt.report import ranking as ranking_report
from sortopt.report import records, tables
from sortopt.report.words import counted, verdict

if TYPE_CHECKING:
    from rich.table import Table

    from sortopt.certificate import Check
    from sortopt.model import Kernel
    from sortopt.tasks import Answer, Ranking


def lines(
    answer: Answer, source: str, ranking: Ranking | None = None, written: Iterable[str] = ()
) -> Iterator[str | Table]:
    """Yield the kernel, or the fastest of a ranking, and as its comments what is proved of it.

    All together is a kernel file.  `source` is what made the kernel, for its header; `written`
    says what else was written.
    """
    model = f"model: {answer.problem.describe(restricted=answer.restricted)}"
    known = [model, *claims(answer), *written]
    if ranking is not None:
        kernel, *measured = ranking_report.lines(ranking, f"{source} --rank {ranking.by}")
        yield kernel
        yield from tables.remarks([*measured, *known], comment_mark(ranking.entries[0].kernel))
    elif answer.kernel is not None:
        expect = "proved" if answer.verified else None
        yield print_kernel(answer.kernel, source=source, expect=expect)
        yield from tables.remarks(known, comment_mark(answer.kernel))
    else:
        yield from known


def claims(answer: Answer) -> Iterator[str]:
    """Yield what the search found and proved, a line each."""
    searched = f"{answer.states:,} states, {answer.seconds:.2f} s"
    if answer.taken_over is not None:
        searched += f"; resting on the checkpoint in {answer.taken_over}, not checked again"
    if answer.kernel is None:
        most = counted(answer.lower_bound - 1, "instruction")
        known = f"no kernel of at most {most} exists{_composed(answer)}"
        if not answer.stopped:
            yield f"{known}: proved ({searched})"
        elif answer.lower_bound > 0:
            yield f"unknown: {answer.stopped}; proved so far: {known} ({searched})"
        else:
            yield f"unknown: {answer.stopped}; nothing is proved yet ({searched})"
        return
    length = counted(len(answer.kernel), "instruction")
    if answer.proved_minimal:
        yield f"{length}, proved minimal: no shorter kernel exists in this model ({searched})"
    else:
        known = f"proved lower bound {answer.lower_bound}{_composed(answer)}"
        yield f"{length}, not proved minimal: {known} ({searched})"
    if answer.judgement is not None:
        yield verdict(answer.kernel, answer.judgement)
        yield "verified by " + " and ".join(
            f"{m.method} ({m.seconds:.3f} s)" for m in answer.judgement.methods
        )
    if answer.count is not None:
        order = ", outputs in the order of the inputs" if answer.in_order else ""
        never = "" if answer.restricted else "; none compares or tests anything undefined"
        yield f"{counted(answer.count, 'kernel')} of this length{order}{never}"
    if answer.stopped:
        yield f"stopped: {answer.stopped}"


def _composed(answer: Answer) -> str:
    """Return of what the lower bound is the sum, where it is one."""
    composed = answer.composed
    if composed is None or composed.length < answer.lower_bound:
        return ""
    needed = [
        counted(count, noun)
        for count, noun in ((composed.comparisons, "comparison"), (composed.moves, "move"))
        if count
    ]
    return f", as each has at least {' and '.join(needed)}"


def record(
    answer: Answer, kernels: Sequence[Kernel], ranking: Ranking | None = None
) -> records.Record:
    """Return the JSON record of a search; scripts rely on its keys."""
    problem = answer.problem
    ranked = {} if ranking is None else {"ranking": ranking_report.record(ranking)}
    return {
        "n": problem.n,
        "isa": problem.isa.name,
        "outputs": "in-place" if problem.in_place else "anywhere",
        "goal": str(problem.goal),
        "assume": records.precondition(problem.assume),
        "distinct": problem.distinct,
        "in_memory": problem.in_memory,
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
        "composed": None if answer.composed is None else asdict(answer.composed),
        "improvements": [
            {"length": length, "seconds": round(seconds, 3)}
            for length, seconds in answer.improvements
        ],
        "kernels": [records.kernel(kernel) for kernel in kernels],
        **ranked,
    }


def certified(found: Check) -> Iterator[str]:
    """Yield whether a certificate holds, and its claim."""
    certificate = found.certificate
    if found.fault is None:
        yield f"certified: {certificate.claim}"
        yield f"checked {certificate.states:,} states"
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
        "states": certificate.states,
    }
