"""`sortopt search`."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from sortopt import __version__
from sortopt.base import ExitCode, InputError, atomic
from sortopt.cli import options
from sortopt.cli.output import print_json
from sortopt.formats import print_kernel
from sortopt.model import Kernel
from sortopt.report import records
from sortopt.report import words as prose
from sortopt.search.space import Problem, problem_of
from sortopt.targets import ISAS
from sortopt.tasks import Answer, Effort
from sortopt.tasks import enumerate as listing
from sortopt.tasks import find as finding

if TYPE_CHECKING:
    from sortopt.tasks import Ranking

_PATIENCE = 1.5
"""Seconds after which a silent start says that it compiles."""
_EVERY = 2.0
"""Seconds between two lines of progress while kernels are listed."""


@click.command(
    epilog="""\b
Examples:
  sortopt search --n 3
  sortopt search --n 3 --assume "b<c"
  sortopt search --n 3 --conditions l,g --all sort3.asm
  sortopt search --n 3 --rank measured
  sortopt search --n 4 --isa x86-minmax --json
  sortopt search --n 5 --prove --checkpoint proof5 --time-limit 3600
"""
)
@click.option("--n", type=click.IntRange(1, 8), required=True, help="The number of keys.")
@click.option("--isa", type=click.Choice(list(ISAS)), default="x86-cmov", show_default=True)
@click.option("--conditions", metavar="LIST", help="Of cmov; by default l,g,le,ge.")
@click.option("--unsigned", is_flag=True, help="Keys are unsigned.")
@click.option(
    "--outputs", type=click.Choice(["in-place", "anywhere"]), default="in-place", show_default=True
)
@click.option("--scratch", type=click.IntRange(0, 4), default=1, show_default=True)
@click.option("--distinct", is_flag=True, help="Be right for distinct keys only.")
@click.option("--assume", metavar="COMPARISONS", help='Precondition, for example "b<c".')
@click.option("--goal", default="sort", metavar="GOAL", help=options.GOALS)
@click.option("--max-length", type=click.IntRange(0), metavar="L", help="Look no further than L.")
@click.option("--count", is_flag=True, help="Count all shortest kernels.")
@click.option(
    "--all",
    "target",
    is_flag=False,
    flag_value="",
    metavar="[PATH]",
    help="Write all shortest kernels to a file, or to files in a folder.",
)
@click.option("--canonical", is_flag=True, help="Of --all: one of each class (see README).")
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@click.option(
    "--rank",
    type=click.Choice(["measured", "latency", "mca"]),
    help="Print the fastest of the shortest kernels and those one longer.",
)
@click.option("--cpu", metavar="NAME", help="The CPU that --rank latency or mca is for.")
@click.option("--prove", is_flag=True, help="For n > 4: raise the lower bound, search no kernel.")
@click.option("--checkpoint", metavar="DIR", help="Keep a long proof in DIR, and go on from there.")
@click.option("--certificate", metavar="FILE", help="Write a certificate of the lower bound.")
@click.option("--time-limit", type=click.FloatRange(0, min_open=True), metavar="SECONDS")
@click.option("--memory-limit", type=click.FloatRange(0, min_open=True), metavar="GIB")
@click.option("--threads", type=click.IntRange(1, 64), metavar="T", help="By default all cores.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the search for n > 4.")
@click.option("--beam", type=click.IntRange(1), metavar="W", help="Width of the search for n > 4.")
@options.as_json
def command(
    *,
    n: int,
    target: str | None,
    count: bool,
    canonical: bool,
    rank: str | None,
    cpu: str | None,
    prove: bool,
    checkpoint: str | None,
    certificate: str | None,
    force: bool,
    max_length: int | None,
    time_limit: float | None,
    memory_limit: float | None,
    threads: int | None,
    seed: int,
    beam: int | None,
    as_json: bool,
    conditions: str | None,
    **model: Any,
) -> ExitCode:
    """Find a shortest kernel, verify it, and say whether it is proved minimal.

    Up to four keys, and for min/max kernels, the search is exhaustive: given time, it proves that
    nothing shorter exists.  For more keys it is an anytime search that keeps improving until
    --time-limit (60 s by default).
    """
    names = None if conditions is None else conditions.split(",")
    problem = problem_of(n, conditions=names, **model)
    effort = _effort(time_limit, memory_limit, threads, seed, beam)
    if canonical and target is None:
        raise InputError("--canonical says what --all lists", hint="add --all")
    _check_ranking(rank, cpu)
    path = _target(problem, target, as_json, force)
    if certificate is not None:
        atomic.check_writable(certificate, force=force)
    with progress() as report:
        answer = finding.find(
            problem,
            effort,
            max_length=max_length,
            every=count or target is not None,
            prove=prove,
            keep_proof=certificate is not None,
            checkpoint=checkpoint,
            report=report,
        )
        kernels, written = list(answer.kernels), None
        if target is not None and (found := _found(answer, canonical, report)) is not None:
            if path is None:
                kernels = list(found)
            else:
                written = listing.write(path, found, force=force)
        claim = None
        if certificate is not None:
            claim = finding.write_certificate(answer, certificate, force=force)
        ranking = _ranked(answer, rank, cpu, effort, report)
    if as_json:
        print_json(record(answer, kernels, ranking))
    else:
        print_answer(answer, ranking)
        if written is not None:
            what = "classes, one kernel of each," if canonical else "kernels"
            click.echo(f"{written:,} {what} written to {path}")
        if claim is not None:
            click.echo(f"certificate in {certificate}: {claim}")
    return status_of(answer)


def _effort(
    time_limit: float | None, memory_limit: float | None, threads: int | None, seed: int,
    beam: int | None,
) -> Effort:  # fmt: skip
    """Return what the search may spend, bytes from GiB; raises InputError for no finite limit."""
    for option, limit in (("--time-limit", time_limit), ("--memory-limit", memory_limit)):
        if limit is not None and not math.isfinite(limit):
            raise InputError(f"{option} {limit} is no limit", hint="give a number, or leave it out")
    return Effort(
        time_limit, None if memory_limit is None else int(memory_limit * 2**30), threads, seed, beam
    )


def _target(problem: Problem, target: str | None, as_json: bool, force: bool) -> str | None:
    """Return where --all writes to, checked before the work; None where it does not write."""
    if target is None or (as_json and not target):
        return None
    path = target or f"{problem.goal.name}{problem.n}-{problem.isa.name}-all.asm"
    listing.check_target(path, force=force)
    return path


def _found(
    answer: Answer, canonical: bool, report: Callable[[str], None]
) -> Iterator[Kernel] | None:
    """Return all kernels, each proved as it comes, with progress; None where not counted."""
    if answer.listing is None or answer.count is None:
        return None
    found = _reported(listing.checked(answer.listing()), answer.count, report)
    return listing.one_of_each_class(found, answer.problem) if canonical else found


def _reported(
    kernels: Iterable[Kernel], count: int, report: Callable[[str], None]
) -> Iterator[Kernel]:
    """Yield `kernels`; report every few seconds how many of `count` have come."""
    reported = time.monotonic()
    for number, kernel in enumerate(kernels, 1):
        yield kernel
        if time.monotonic() - reported >= _EVERY:
            reported = time.monotonic()
            report(f"{number:,} of {count:,} kernels listed")


@contextmanager
def progress() -> Iterator[Any]:
    """Yield a function that prints a line of progress on stderr; say when a start is compiling."""
    spoken = threading.Event()

    def report(line: str) -> None:
        spoken.set()
        click.echo(line, err=True)

    def compiling() -> None:
        if not spoken.is_set() and "numba" in sys.modules and not _compiled_before():
            click.echo("compiling the search (only on a first run) ...", err=True)

    timer = threading.Timer(_PATIENCE, compiling)
    timer.daemon = True
    timer.start()
    try:
        yield report
    finally:
        spoken.set()
        timer.cancel()


def _compiled_before() -> bool:
    """Whether all compiled code so far came from the cache of an earlier run."""
    from sortopt.search.exhaustive import compiled

    return compiled.all_from_cache()


def _check_ranking(by: str | None, cpu: str | None) -> None:
    """Raise InputError for a ranking that is not possible here, before the search."""
    if by is not None:
        from sortopt.tasks import fastest as ranking

        ranking.check(by, cpu)
    elif cpu is not None:
        raise InputError("--cpu says what --rank is for", hint="add --rank latency or --rank mca")


def _ranked(
    answer: Answer, by: str | None, cpu: str | None, effort: Effort, report: Callable[[str], None]
) -> Ranking | None:
    """Return the ranking asked for, None where none is or there is no kernel."""
    if by is None or answer.kernel is None:
        return None
    from sortopt.tasks import rank_answer

    return rank_answer(answer, by, effort, cpu=cpu, report=report)


def print_answer(answer: Answer, ranking: Ranking | None = None) -> None:
    """Print the kernel, or the fastest of a ranking, and what is proved of it."""
    if ranking is not None:
        from sortopt.cli.ranking import print_ranking

        print_ranking(ranking)
    elif answer.kernel is not None:
        source = f"sortopt {__version__} search"
        click.echo(print_kernel(answer.kernel, source=source, expect=_expect(answer)))
    click.echo(f"model: {answer.problem.describe()}")
    for line in claims(answer):
        click.echo(line)


def _expect(answer: Answer) -> str | None:
    return "proved" if answer.verified else None


def claims(answer: Answer) -> Iterator[str]:
    """Yield what the search found and proved, a line each."""
    searched = f"{answer.states:,} states, {answer.seconds:.2f} s"
    if answer.kernel is None:
        most = prose.counted(answer.lower_bound - 1, "instruction")
        known = f"no kernel of at most {most} exists"
        if not answer.stopped:
            yield f"{known}: proved ({searched})"
        elif answer.lower_bound > 0:
            yield f"unknown: {answer.stopped}; proved so far: {known} ({searched})"
        else:
            yield f"unknown: {answer.stopped}; nothing is proved yet ({searched})"
        return
    length = prose.counted(len(answer.kernel), "instruction")
    if answer.proved_minimal:
        yield f"{length}, proved minimal: no shorter kernel exists in this model ({searched})"
    else:
        known = f"proved lower bound {answer.lower_bound}"
        yield f"{length}, not proved minimal: {known} ({searched})"
    if answer.judgement is not None:
        yield prose.verdict(answer.kernel, answer.judgement)
        yield "verified by " + " and ".join(
            f"{m.method} ({m.seconds:.3f} s)" for m in answer.judgement.methods
        )
    if answer.count is not None:
        order = ", outputs in the order of the inputs" if answer.in_order else ""
        yield f"{prose.counted(answer.count, 'kernel')} of this length{order}"
    if answer.stopped:
        yield f"stopped: {answer.stopped}"


def record(answer: Answer, kernels: list[Kernel], ranking: Ranking | None = None) -> records.Record:
    """Return the JSON record of a search; scripts rely on its keys."""
    problem, ranked = answer.problem, {}
    if ranking is not None:
        from sortopt.cli.ranking import record as ranking_record

        ranked = {"ranking": ranking_record(ranking)}
    return {
        "n": problem.n,
        "isa": problem.isa.name,
        "outputs": "in-place" if problem.in_place else "anywhere",
        "goal": str(problem.goal),
        "assume": records.precondition(problem.assume),
        "distinct": problem.distinct,
        "model": problem.describe(),
        "length": answer.length,
        "lower_bound": answer.lower_bound,
        "proved_minimal": answer.proved_minimal,
        "verified": answer.verified,
        "states": answer.states,
        "seconds": round(answer.seconds, 6),
        "count": answer.count,
        "stopped": answer.stopped,
        "improvements": [
            {"length": length, "seconds": round(seconds, 3)}
            for length, seconds in answer.improvements
        ],
        "kernels": [_kernel(kernel) for kernel in kernels],
        **ranked,
    }


def _kernel(kernel: Kernel) -> records.Record:
    names = [cell.name for cell in kernel.cells]
    return {
        "asm": print_kernel(kernel),
        "inputs": [names[cell] for cell in kernel.contract.inputs],
        "outputs": [names[cell] for cell in kernel.contract.outputs],
    }


def status_of(answer: Answer) -> ExitCode:
    """Return the exit status that stands for `answer`."""
    if answer.stopped:
        return ExitCode.DONE if answer.anytime and answer.kernel else ExitCode.UNKNOWN
    if answer.kernel is None:
        return ExitCode.REFUTED
    return ExitCode.DONE if answer.verified else ExitCode.UNKNOWN
