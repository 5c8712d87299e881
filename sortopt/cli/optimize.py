"""`sortopt optimize FILE`."""

from __future__ import annotations

import math
import os
from collections.abc import Callable

import click

from sortopt import api
from sortopt.api import Optimized
from sortopt.base import ExitCode
from sortopt.cli import options
from sortopt.cli.output import print_json
from sortopt.cli.verify import status_of
from sortopt.formats import print_kernel
from sortopt.front import MOST_KEYS, Front
from sortopt.model import DEFAULT_CPU, Kernel, Proved, cpu_families, latencies
from sortopt.objects import Reading
from sortopt.optimize import BOTH_PROOFS, Measure, Result, Step
from sortopt.report import records
from sortopt.report import words as prose

SECONDS = 60.0
"""How long an optimization runs unless told otherwise, in seconds."""


def _finite(ctx: click.Context, param: click.Parameter, seconds: float | None) -> float | None:
    """Return `seconds`; raise BadParameter unless it is None or a finite time above zero."""
    if seconds is None or (math.isfinite(seconds) and seconds > 0):
        return seconds
    raise click.BadParameter(f"{seconds} is no time above zero in seconds", ctx, param)


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
@click.option("--output", "--to", "-o", metavar="FILE", help="Write the kernel to a new file.")
@click.option("--in-place", is_flag=True, help="Overwrite the file that was read.")
@click.option(
    "--cost",
    type=click.Choice(["length", "latency"]),
    default="length",
    show_default=True,
    help="What to minimise; latency: the critical path first, then the length.",
)
@click.option("--cpu", metavar="NAME", help=f"{', '.join(cpu_families())}.")
@click.option("--pareto", is_flag=True, help="Print the front of length against critical path.")
@click.option(
    "--time-limit",
    type=float,
    callback=_finite,
    metavar="SECONDS",
    help=f"[default: {SECONDS:g}; none for --pareto of up to {MOST_KEYS} keys]",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the order of work.")
@click.option("--threads", type=click.IntRange(1, 64), metavar="T", help="By default all cores.")
@options.reading
@options.as_json
def command(
    file: str,
    output: str | None,
    in_place: bool,
    cost: str,
    cpu: str | None,
    pareto: bool,
    time_limit: float | None,
    seed: int,
    threads: int | None,
    reading: Reading,
    as_json: bool,
) -> ExitCode:
    """Shorten the kernel in FILE ("-" is standard input), each step proved, with its reason.

    Instructions are dropped, windows replaced under what always holds there, comparators put in a
    sequence in which their movs are free.  Ctrl-C keeps what was found.  The file itself is left
    as it is unless --in-place is given.
    """
    output = None if output == "-" else output
    if output is not None and in_place:
        raise click.UsageError("--output and --in-place exclude each other; give one")
    if pareto and (output is not None or in_place):
        raise click.UsageError("--pareto writes no file; leave out --output and --in-place")
    cores = threads or len(os.sched_getaffinity(0))
    measure = Measure(cost == "latency", latencies(cpu or DEFAULT_CPU).cpu)
    if pareto:
        front = api.front_file(
            file,
            reading,
            measure=measure,
            time_limit=time_limit,
            best_found_limit=time_limit or SECONDS,
            seed=seed,
            threads=cores,
            report=lambda line: click.echo(line, err=True),
        )
        return _print_front(front, as_json=as_json)
    to_stdout = output is None and not in_place
    found = api.optimize_file(
        file,
        reading,
        measure=measure,
        time_limit=time_limit or SECONDS,
        seed=seed,
        threads=cores,
        output=output,
        in_place=in_place,
        on_step=_teller(measure, quiet=as_json, err=to_stdout),
    )
    if as_json:
        print_json(_record(found, measure))
    else:
        _print(found, measure, to_stdout=to_stdout)
    return status_of(found.result.judgement.verdict)


def _teller(measure: Measure, *, quiet: bool, err: bool) -> Callable[[Step], None]:
    """Return a function that tells of a step as it is taken."""

    def tell(step: Step) -> None:
        if quiet:
            return
        click.echo(f"{_cost(step.kernel, measure)}: {step.reason}", err=err)
        for line in _excerpt(step.diff):
            click.echo(f"    {line}", err=err)

    return tell


def _excerpt(diff: tuple[str, ...]) -> list[str]:
    """Return the changed lines of a diff with one line around them; "..." for what is left out."""
    changed = [i for i, line in enumerate(diff) if not line.startswith("  ")]
    near = {j for i in changed for j in (i - 1, i, i + 1) if 0 <= j < len(diff)}
    lines: list[str] = []
    for i, line in enumerate(diff):
        if i in near:
            lines.append(line)
        elif not lines or lines[-1] != "  ...":
            lines.append("  ...")
    return lines


def _cost(kernel: Kernel, measure: Measure) -> str:
    """Return the cost in words, for example `11 instructions`."""
    length = prose.counted(len(kernel), "instruction")
    if not measure.latency:
        return length
    return f"{measure.critical_path(kernel):g} cycles, {length}"


def _print(found: Optimized, measure: Measure, *, to_stdout: bool) -> None:
    """Print the summary, and the kernel where it is not written to a file."""
    result = found.result
    for line in _summary(found, result, measure):
        click.echo(line, err=to_stdout)
    if to_stdout and isinstance(result.judgement.verdict, Proved):
        click.echo(found.text, nl=False)


def _summary(found: Optimized, result: Result, measure: Measure) -> list[str]:
    before, after = _cost(result.original, measure), _cost(result.kernel, measure)
    if result.steps:
        steps = prose.counted(len(result.steps), "step")
        lines = [f"{found.path}: {before} -> {after} in {steps}, each proved"]
    else:
        lines = [f"{found.path}: {before}; nothing {_better(measure)} was found"]
    lines.append(prose.verdict(result.kernel, result.judgement))
    told = " and ".join(m.method for m in result.judgement.methods)
    if result.kernel.n > BOTH_PROOFS and "weak orders" in told:
        told += f" alone (Z3 is asked up to {BOTH_PROOFS} keys)"
    lines.append(f"verified by {told}; stopped: {_why(result.stopped)}")
    if found.written is not None:
        lines.append(f"written to {found.written}")
    return lines


def _better(measure: Measure) -> str:
    return "faster" if measure.latency else "shorter"


def _why(stopped: str) -> str:
    return "the time limit is reached" if stopped == "time" else stopped


def _record(found: Optimized, measure: Measure) -> records.Record:
    """Return the JSON record; scripts rely on its keys."""
    result = found.result
    return {
        "file": found.path,
        "dialect": found.file.dialect,
        "isa": result.kernel.isa.name,
        "n": result.kernel.n,
        "goal": str(result.kernel.contract.goal),
        "assume": records.precondition(result.kernel.contract.assume),
        "cost": "latency" if measure.latency else "length",
        "cpu": measure.cpu,
        "before": _costs(result.original, measure),
        "after": _costs(result.kernel, measure),
        "steps": [
            {
                "method": step.method,
                "reason": step.reason,
                "diff": list(step.diff),
                **_costs(step.kernel, measure),
                "seconds": round(step.seconds, 6),
            }
            for step in result.steps
        ],
        "asm": found.text,
        "written": found.written,
        "stopped": result.stopped,
        "seconds": round(result.seconds, 6),
        **records.judgement(result.judgement),
    }


def _costs(kernel: Kernel, measure: Measure) -> records.Record:
    return {"length": len(kernel), "critical_path": measure.critical_path(kernel)}


def _print_front(front: Front, *, as_json: bool) -> ExitCode:
    """Print the front, one row a kernel, then the kernels."""
    if as_json:
        print_json(_front_record(front))
    else:
        from sortopt.report import tables

        rows = [(str(p.length), f"{p.cycles:g}") for p in front.points]
        tables.print_rows(rows, ("instructions", f"critical path ({front.cpu}, cycles)"))
        click.echo(_coverage(front))
        for point in front.points:
            title = f"{point.length} instructions, critical path {point.cycles:g} ({front.cpu})"
            click.echo()
            click.echo(print_kernel(point.kernel, title=title, expect="proved"), nl=False)
    return ExitCode.DONE if front.points else ExitCode.UNKNOWN


def _coverage(front: Front) -> str:
    """Return what the front covers, a sentence a line."""
    lines = []
    if front.any_length:
        lines.append(
            "complete for kernels of any length: none beats these in both measures, and none is "
            f"ready in less than {front.least_cycles:g} cycles"
        )
    elif front.covered is not None:
        lines.append(
            f"complete for all kernels of at most {front.covered} instructions: none of them beats "
            "these in both measures"
        )
    else:
        because = f" (stopped: {_why(front.stopped)})" if front.stopped else ""
        lines.append(f"best found, not proved complete{because}")
    if front.covered is None and front.least_length:
        lines.append(f"no kernel has less than {front.least_length} instructions")
    if front.least_cycles and not front.any_length:
        lines.append(f"no kernel of any length is ready in less than {front.least_cycles:g} cycles")
    if front.model:
        lines.append(f"kernels: {front.model}")
    if front.seconds_needed is not None:
        needed = f"{front.seconds_needed / 60:g} minutes: --time-limit {front.seconds_needed:g}"
        lines.append(f"for the front of all shortest kernels allow about {needed}")
    return "\n".join(lines)


def _front_record(front: Front) -> records.Record:
    return {
        "cpu": front.cpu,
        "complete_up_to": front.covered,
        "complete_for_any_length": front.any_length,
        "least_length": front.least_length,
        "least_cycles": front.least_cycles,
        "model": front.model,
        "stopped": front.stopped,
        "seconds": round(front.seconds, 6),
        "points": [
            {
                "length": point.length,
                "critical_path": point.cycles,
                "asm": print_kernel(point.kernel, expect="proved"),
                **records.judgement(point.judgement),
            }
            for point in front.points
        ],
    }
