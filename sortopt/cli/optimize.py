"""`sortopt optimize FILE`."""

from __future__ import annotations

import click

from sortopt import api
from sortopt.base import Budget, ExitCode
from sortopt.cli import options, output
from sortopt.cli.progress import progress
from sortopt.report import optimize, tables

SECONDS = 60.0
"""How long an optimization runs by default, in seconds."""


@click.command(
    epilog="""\b
Examples:
  sortopt optimize kernels/lowered/sort3-len12-depth6.asm
  sortopt optimize kernels/claim/shown-if-b-le-c.asm --assume "b<c"
  sortopt optimize kernel.asm --cost latency -o faster.asm
  sortopt optimize kernels/alphadev/sort3.asm --pareto
"""
)
@click.argument("file")
@output.path
@output.force
@output.quiet
@click.option("--overwrite", "in_place", is_flag=True, help="Overwrite the file that was read.")
@click.option(
    "--cost",
    type=click.Choice(["length", "latency"]),
    default="length",
    show_default=True,
    help="What to minimise; latency: the critical path first, then the length.",
)
@click.option("--cpu", metavar="NAME", help=f"{', '.join(api.cpu_families())}.")
@click.option("--pareto", is_flag=True, help="Print the front of length against critical path.")
@click.option(
    "--time-limit",
    type=float,
    callback=options.finite,
    metavar="SECONDS",
    help=f"[default: {SECONDS:g}; none for --pareto of up to {api.MOST_KEYS} keys]",
)
@options.seed("the order of work")
@options.threads
@output.svg("the front of --pareto")
@options.key
@options.reading
@options.as_json
def command(
    file: str,
    output_: str | None,
    in_place: bool,
    force: bool,
    cost: str,
    cpu: str | None,
    pareto: bool,
    time_limit: float | None,
    seed: int,
    threads: int | None,
    svg_file: str | None,
    key: str | None,
    reading: api.Reading,
    as_json: bool,
) -> ExitCode:
    """Shorten the kernel in FILE ("-" is standard input), each step proved, with its reason.

    Instructions are dropped, windows replaced under what always holds there, comparators put in a
    sequence in which their movs are free.  Ctrl-C keeps what was found.  The file itself is left
    as it is unless --overwrite is given.
    """
    output_ = None if output_ == "-" else output_
    if output_ is not None and in_place:
        raise click.UsageError("--output and --overwrite exclude each other; give one")
    if pareto and (output_ is not None or in_place):
        raise click.UsageError("--pareto writes no file; leave out --output and --overwrite")
    timed = pareto or cost == "latency", "--cost latency or --pareto"
    options.refuse_idle({"svg_file": (pareto, "--pareto"), "cpu": timed})
    output.check(svg_file, force=force)
    if pareto:
        with progress() as report:
            front = api.front_file(
                file,
                reading,
                budget=Budget(time_limit, threads=threads, report=report),
                cpu=cpu,
                key=key,
                best_found=time_limit or SECONDS,
                seed=seed,
            )
        if as_json:
            tables.show_record(optimize.front_record(front))
        else:
            output.answer(*optimize.front_lines(front))
        output.write_picture(lambda: optimize.front_picture(front), svg_file, force=force)
        return ExitCode.DONE if front.points else ExitCode.UNKNOWN
    to_stdout = output_ is None and not in_place
    measure = api.measure_of(cost, cpu)
    found = api.optimize_file(
        file,
        reading,
        cost=cost,
        cpu=cpu,
        key=key,
        budget=Budget(time_limit or SECONDS, threads=threads),
        seed=seed,
        output=output_,
        in_place=in_place,
        force=force,
        on_step=lambda step: (
            None if as_json else output.answer(*optimize.step(step, measure), stderr=to_stdout)
        ),
    )
    if as_json:
        tables.show_record(optimize.record(found))
    else:
        output.answer(*optimize.lines(found), stderr=to_stdout)
        if to_stdout:
            output.write(found.text, None, force=False)
    return output.status_of(found.result.judgement.verdict)
