"""`sortopt search`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from sortopt import __version__, api
from sortopt.base import (
    INTERRUPTED,
    STOPS,
    Budget,
    ExitCode,
    InputError,
    LimitReached,
    Progress,
    why_stopped,
)
from sortopt.cli import options, output
from sortopt.cli.progress import progress
from sortopt.report import page, search, tables


@click.command(
    cls=options.Grouped,
    groups={"What to find": "keep", "How far to look": "beam", "What to write": None},
    epilog="""\b
Examples:
  sortopt search --n 3
  sortopt search --n 3 --assume "b<c"
  sortopt search --n 3 --conditions l,g --all sort3.asm
  sortopt search --n 3 --rank measured
  sortopt search --n 3 --report sort3.html
  sortopt search --n 4 --isa x86-minmax --json
  sortopt search --n 3 --key float32 --keep safe
  sortopt search --n 5 --prove --checkpoint proof5 --time-limit 3600
  sortopt search --n 5 --prove --memory-limit 4 --spill /var/tmp
  sortopt search --n 5 --prove --cluster tcp://10.0.0.1:8786
""",
)
@click.option(
    "--n", type=click.IntRange(1, 8), required=True, metavar="N", help="The number of keys."
)
@options.isa
@options.key_of_kernels
@click.option("--conditions", metavar="LIST", help="Of cmov; by default l,g,le,ge.")
@click.option("--unsigned", is_flag=True, help="Keys are unsigned.")
@click.option(
    "--outputs",
    type=click.Choice(["in-order", "in-place", "anywhere"]),
    help="in-order: output i in the register of input i; in-place: in those of the inputs; "
    "anywhere. [default: in-order, or in-place where not all orders of the keys may come in]",
)
@click.option(
    "--scratch", type=click.IntRange(0, 4), metavar="C", help="Scratch cells; 1 by default."
)
@click.option("--in-memory", is_flag=True, help="Keys lie in a buffer; operands may be there.")
@click.option("--registers", type=click.IntRange(1, 9), metavar="R", help="Of --in-memory.")
@click.option("--pairs", is_flag=True, help="Of --in-memory: ldp and stp move two neighbours.")
@click.option("--distinct", is_flag=True, help="Be right for distinct keys only.")
@click.option("--assume", metavar="COMPARISONS", help='Precondition, for example "b<c".')
@click.option("--goal", default="sort", metavar="GOAL", help=options.GOALS)
@click.option("--keep", metavar="RUNG", help=options.RUNGS)
@click.option("--max-length", type=click.IntRange(0), metavar="L", help="Look no further than L.")
@click.option(
    "--prove",
    is_flag=True,
    help="For n > 4: raise the lower bound, search no kernel; for n = 4: bound any kernel.",
)
@click.option("--checkpoint", metavar="DIR", help="Keep a long proof in DIR, and go on from there.")
@click.option("--spill", metavar="DIR", help="Keep in DIR what --memory-limit leaves no room for.")
@click.option(
    "--cluster",
    metavar="WHERE",
    help="Prove on Dask workers: local:2, or a scheduler's address, tcp://HOST:8786.",
)
@options.time_limit_of_work
@options.memory_limit
@options.threads
@options.seed("what it draws, for n > 3")
@click.option("--beam", type=click.IntRange(1), metavar="W", help="Width of the search for n > 4.")
@click.option("--count", is_flag=True, help="Count all shortest kernels.")
@click.option(
    "--all",
    "target",
    is_flag=False,
    flag_value="",
    metavar="[PATH]",
    help="Write all shortest kernels to a file, or to files in a folder.",
)
@click.option(
    "--canonical",
    is_flag=True,
    help="Of --all: one of each class (up to renaming and independent neighbours).",
)
@output.report
@output.svg("the number of states by level")
@click.option(
    "--rank",
    type=click.Choice(["measured", "latency", "mca"]),
    help="Print the fastest of the shortest kernels and those one longer.",
)
@click.option("--cpu", metavar="NAME", help="The CPU that --rank latency or mca is for.")
@click.option("--certificate", metavar="FILE", help="Write a certificate of the lower bound.")
@output.path
@output.force
@output.quiet
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
    spill: str | None,
    cluster: str | None,
    certificate: str | None,
    output_: str | None,
    page_path: str | None,
    svg_file: str | None,
    force: bool,
    max_length: int | None,
    time_limit: float | None,
    memory: int | None,
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
    problem = api.problem_of(n, conditions=names, **model)
    for option, given, refused in (
        ("certificate", certificate, problem.in_memory),
        ("rank", rank, problem.pairs),
    ):
        if given is not None and (refused or not problem.values_only):
            what = "keys in memory" if refused else "kernels that keep more than values"
            what = "--pairs" if refused and option == "rank" else what
            raise InputError(f"--{option} does not apply to {what}")
    if canonical and target is None:
        raise InputError("--canonical says what --all lists", hint="add --all")
    if rank is not None:
        api.fastest.check(rank, cpu, problem.isa, in_memory=problem.in_memory)
    elif cpu is not None:
        raise InputError("--cpu says what --rank is for", hint="add --rank latency or --rank mca")
    exhaustive = prove or certificate or checkpoint or max_length is not None
    beams = not exhaustive and api.ways.uses_beams(problem)
    options.refuse_idle(
        {
            "beam": (
                beams,
                "a search that needs one: of more than four keys, not exhaustive",
            ),
            "spill": (
                memory is not None and not beams,
                "--memory-limit and an exhaustive search (--prove, --max-length)",
            ),
            "cluster": (not beams, "an exhaustive search (--prove, --max-length)"),
            "seed": (
                rank is not None
                or (checkpoint is None and max_length is None and api.ways.uses_beams(problem)),
                "--rank, or a whole search of more than four keys (four in memory): "
                "they draw at random",
            ),
        }
    )
    if cluster is not None:
        here = {"count": count, "all": target, "rank": rank, "certificate": certificate}
        for name in [name for name, given in here.items() if given not in (None, False)]:
            raise InputError(f"--{name} does not run on a cluster", hint="leave out --cluster")
    if page_path is not None and rank is not None:
        raise InputError("--report shows no ranking", hint="leave out --rank or --report")
    path = _target(problem, target, as_json, force)
    output.check_page(page_path, force=force)
    output.check(output_, force=force)
    output.check(svg_file, force=force)
    if certificate is not None:
        output.check(certificate, force=force)
        api.certificates.check_problem(problem)
    claim = ranking = written = None
    with progress() as report:
        budget = Budget(time_limit, memory, threads, report)
        answer = api.find.find(
            problem,
            budget,
            max_length=max_length,
            every=count or target is not None,
            prove=prove or certificate is not None,
            checkpoint=checkpoint,
            spill=spill,
            cluster=cluster,
            seed=seed,
            beam=beam,
        )
        kernels = list(answer.kernels)
        news = Budget(report=report)
        if target is not None and (found := _found(answer, canonical, budget)) is not None:
            if path is None:
                kernels = list(found)
            else:
                written = _written(path, found, force=force)
        if certificate is not None and answer.stopped != INTERRUPTED:
            try:
                claim = api.certificates.write(
                    answer, certificate, news, max_length=max_length, force=force
                )
            except KeyboardInterrupt:
                answer = replace(answer, stopped=INTERRUPTED)
        if rank is not None and answer.kernel is not None:
            with suppress(KeyboardInterrupt):
                ranking = api.rank_answer(answer, rank, budget, cpu=cpu, seed=seed, beam=beam)
    source = f"sortopt {__version__} search"
    if output_ not in (None, "-") and answer.kernel is not None:
        text = tables.text(*search.lines(answer, source, ranking)) + "\n"
        output.write(text, output_, force=force)
    if as_json:
        tables.show_record(search.record(answer, kernels, ranking))
    else:
        output.say(*search.sentences(answer))
        if answer.kernel is not None and output_ in (None, "-"):
            output.write(search.kernel_file(answer, source, ranking), None, force=force)
        output.say(*search.fine_print(answer, ranking))
        if output_ not in (None, "-") and answer.kernel is not None:
            output.say(f"wrote {output_}")
        if written is not None:
            what = "classes, one kernel of each," if canonical else "kernels"
            output.say(f"{written:,} {what} written to {path}")
        if certificate is not None:
            made = f"certificate in {certificate}: {claim}"
            output.say(made if claim is not None else f"no certificate in {certificate}")
    output.write_page(page.of_answer(answer), page_path, force=force)
    output.write_picture(lambda: search.picture(answer), svg_file, force=force)
    return status_of(answer)


def _target(problem: api.Problem, target: str | None, as_json: bool, force: bool) -> str | None:
    """Return where --all writes to, checked before the work; None where it does not write."""
    if target is None or (as_json and not target):
        return None
    path = target or f"{problem.goal.name}{problem.n}-{problem.isa.name}-all.asm"
    api.enumerate.check_target(path, force=force)
    return path


def _found(answer: api.Answer, canonical: bool, budget: Budget) -> Iterator[api.Kernel] | None:
    """Return the kernels, each proved as it comes, while time is left; None where not counted."""
    if answer.count is None:
        return None
    listed = api.enumerate.checked(answer.optima(canonical=canonical))
    if canonical:
        return _reported(listed, Progress("classes listed"), budget)
    return _reported(listed, Progress("kernels listed", total=answer.count), budget)


def _written(path: str, found: Iterator[api.Kernel], *, force: bool) -> int:
    """Write the kernels, and return how many; where they end early, say where those are."""
    try:
        return api.enumerate.write(path, found, force=force)
    except STOPS as stop:
        kept = path if Path(path).is_dir() else f"{path}.*.partial"
        why = why_stopped(stop)
        raise LimitReached(f"{why}; what was listed until then is in {kept}") from None


def _reported(
    kernels: Iterator[api.Kernel], progress: Progress, budget: Budget
) -> Iterator[api.Kernel]:
    """Yield `kernels`; report how many have come.  Raises LimitReached."""
    for number, kernel in enumerate(kernels, 1):
        yield kernel
        budget.tell(replace(progress, done=number))


def status_of(answer: api.Answer) -> ExitCode:
    """Return the exit status that stands for `answer`."""
    if answer.stopped:
        return ExitCode.DONE if answer.anytime and answer.verified else ExitCode.UNKNOWN
    if answer.kernel is None:
        return ExitCode.REFUTED
    return ExitCode.DONE if answer.verified else ExitCode.UNKNOWN
