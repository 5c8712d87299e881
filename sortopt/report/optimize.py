"""What a shortened kernel, and the front of length against critical path, look like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sortopt.base import InputError
from sortopt.formats import print_kernel
from sortopt.report import chart, tables
from sortopt.report.records import Record, judgement, precondition
from sortopt.report.words import counted, decided, verdict

if TYPE_CHECKING:
    from rich.table import Table

    from sortopt.front import Front
    from sortopt.model import Kernel
    from sortopt.optimize import Measure, Step
    from sortopt.tasks import Optimized


def step(taken: Step, measure: Measure) -> Iterator[str]:
    """Yield a step as it is taken: the new cost, the reason, and what was changed."""
    yield f"{_cost(taken.kernel, measure)}: {taken.reason}"
    yield from (f"    {line}" for line in _excerpt(taken.diff))


def lines(found: Optimized) -> Iterator[str]:
    """Yield what became of the kernel, what proved it, and why the search ended."""
    result, measure = found.result, found.measure
    before, after = _cost(result.original, measure), _cost(result.kernel, measure)
    if result.steps:
        steps = counted(len(result.steps), "step")
        by = result.judgement.methods[0].method
        yield f"{found.path}: {before} -> {after} in {steps}, each proved by {by}"
    else:
        better = "faster" if measure.latency else "shorter"
        yield f"{found.path}: {before}; nothing {better} was found"
    yield verdict(result.kernel, result.judgement)
    yield f"{decided(result.judgement)}; stopped: {result.stopped}"
    if found.written is not None:
        yield f"written to {found.written}"


def front_lines(front: Front) -> Iterator[str | Table]:
    """Yield the front, one row a kernel, what it covers, then the kernels."""
    rows = [(str(p.length), f"{p.cycles:g}") for p in front.points]
    yield tables.rows(rows, ("instructions", f"critical path ({front.cpu}, cycles)"))
    yield from _coverage(front)
    for point in front.points:
        title = f"{point.length} instructions, critical path {point.cycles:g} ({front.cpu})"
        yield ""
        yield print_kernel(point.kernel, title=title, expect="proved").removesuffix("\n")


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
    length = counted(len(kernel), "instruction")
    if not measure.latency:
        return length
    return f"{measure.critical_path(kernel):g} cycles, {length}"


def record(found: Optimized) -> Record:
    """Return the JSON record of a shortened kernel; scripts rely on its keys."""
    result, measure = found.result, found.measure
    return {
        "file": found.path,
        "dialect": found.file.dialect,
        "isa": result.kernel.isa.name,
        "n": result.kernel.n,
        "goal": str(result.kernel.contract.goal),
        "assume": precondition(result.kernel.contract.assume),
        "cost": "latency" if measure.latency else "length",
        "cpu": measure.on(result.kernel).cpu,
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
        **judgement(result.judgement),
    }


def _costs(kernel: Kernel, measure: Measure) -> Record:
    cycles: float | None
    try:
        cycles = measure.critical_path(kernel)
    except InputError:  # no table has the latencies of these instructions
        cycles = None
    return {"length": len(kernel), "critical_path": cycles}


def _coverage(front: Front) -> Iterator[str]:
    """Yield what the front covers, a sentence a line."""
    if front.any_length:
        yield (
            "complete for kernels of any length: none beats these in both measures, and none is "
            f"ready in less than {front.least_cycles:g} cycles"
        )
    elif front.covered is not None:
        yield (
            f"complete for all kernels of at most {front.covered} instructions: none of them beats "
            "these in both measures"
        )
    else:
        because = f" (stopped: {front.stopped})" if front.stopped else ""
        yield f"best found, not proved complete{because}"
    if front.covered is None and front.least_length:
        yield f"no kernel has less than {front.least_length} instructions"
    if front.least_cycles and not front.any_length:
        yield f"no kernel of any length is ready in less than {front.least_cycles:g} cycles"
    if front.model:
        yield f"kernels: {front.model}"
    if front.seconds_needed is not None:
        needed = f"{front.seconds_needed / 60:g} minutes: --time-limit {front.seconds_needed:g}"
        yield f"for the front of all shortest kernels allow about {needed}"


def front_picture(front: Front) -> str:
    """Return the front as an SVG chart: the critical path by length; less is better."""
    bars = [chart.Bar(counted(p.length, "instruction"), p.cycles) for p in front.points]
    title = f"Length against critical path ({front.cpu}), less is better"
    return chart.draw(title, [chart.Panel(f"Critical path in cycles ({front.cpu})", bars)])


def front_record(front: Front) -> Record:
    """Return the JSON record of a front."""
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
                **judgement(point.judgement),
            }
            for point in front.points
        ],
    }
