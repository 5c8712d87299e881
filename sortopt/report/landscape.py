"""What a landscape looks like: sentences, tables, a JSON record, a chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from sortopt.report import chart, tables
from sortopt.report.records import Record
from sortopt.report.words import counted

if TYPE_CHECKING:
    from rich.table import Table

    from sortopt.tasks import Landscape
    from sortopt.terrain import Failing, Level, Reached


def lines(found: Landscape) -> Iterator[str | Table]:
    """Yield what is known of all kernels by length, of programs nearly right, and of walks."""
    yield f"model: {found.problem.describe()}"
    for level in found.levels:
        yield from _level(level)
    if found.levels:
        heads = ["length", "kernels", "studied", "neighbours", "parts", "local minima", "dead ends"]
        yield tables.rows([_row(level) for level in found.levels], heads)
    if found.failing:
        yield f"\nprograms of {found.length} instructions: inputs on which they fail"
        heads = ["edits from a kernel", "programs", "mean", "one input", "all inputs"]
        yield tables.rows([_failing(f) for f in found.failing], heads)
    if found.reached:
        yield "\nwalks from random programs, led by the number of failing inputs"
        heads = ["length", "walk", "walks", "reached a kernel"]
        yield tables.rows([_walk(r) for r in found.reached], heads)
    if found.stopped:
        yield f"stopped: {found.stopped}"
    yield f"seed {found.seed}, {found.seconds:.1f} s"


def _level(level: Level) -> Iterator[str]:
    """Yield in words how the kernels of a length hang together, where all were studied."""
    parts = level.parts
    if parts is None:
        return
    size = counted(level.length, "instruction")
    yield (
        f"{size}: {counted(level.count, 'kernel')}, {level.orders:,} up to the sequence of "
        f"independent instructions, {level.classes:,} up to symmetry besides"
    )
    largest = ", ".join(f"{size:,}" for size in parts.sizes[:5])
    more = " …" if len(parts.sizes) > 5 else ""
    across = "" if parts.diameter is None else f", at most {parts.diameter} edits across"
    joined = counted(len(parts.sizes), "part")
    yield f"  joined by single edits into {joined}: {largest}{more}{across}"
    if parts.joined is not None:
        without, through = counted(parts.without_drop or 0, "part"), counted(parts.joined, "part")
        yield f"  {without} without a way to a shorter kernel"
        yield f"  through all of them the kernels one shorter are joined into {through}"


def _row(level: Level) -> list[str]:
    parts = "" if level.parts is None else f"{len(level.parts.sizes):,}"
    studied = "all" if level.parts is not None else f"{level.studied:,} drawn"
    shares = (level.local_minima, level.dead_ends)
    return [
        str(level.length), f"{level.count:,}", studied, f"{level.neighbours:.1f}", parts,
        *("" if share is None else f"{share:.1%}" for share in shares),
    ]  # fmt: skip


def distance(edits: int | None) -> str:
    """Return in words how far programs are from a kernel."""
    return "random programs" if edits is None else str(edits)


def _failing(failing: Failing) -> list[str]:
    total = max(failing.programs, 1)
    one, all_ = failing.counts[1] / total, failing.counts[-1] / total
    mean = f"{failing.mean:.1f}"
    return [distance(failing.edits), f"{failing.programs:,}", mean, f"{one:.1%}", f"{all_:.1%}"]


def _walk(reached: Reached) -> list[str]:
    return [str(reached.length), reached.walk, str(reached.runs), str(reached.kernels)]


def picture(found: Landscape) -> str | None:
    """Return the landscape as an SVG chart, or None where nothing is known."""
    minima = [
        chart.Bar(f"{level.length} instructions", 100 * level.local_minima)
        for level in found.levels
        if level.local_minima is not None
    ]
    failing = [
        chart.Bar(f"{counted(f.edits, 'edit')} away" if f.edits else distance(None), f.mean)
        for f in found.failing
    ]
    walks = [
        chart.Bar(f"{r.walk}, length {r.length}", 100 * r.kernels / r.runs) for r in found.reached
    ]
    panels = [
        chart.Panel("Kernels that are local minima, %", minima),
        chart.Panel("Mean number of failing inputs", failing),
        chart.Panel("Walks that reach a kernel, %", walks),
    ]
    panels = [panel for panel in panels if panel.bars]
    return chart.draw(found.problem.describe(), panels) if panels else None


def record(found: Landscape) -> Record:
    """Return the JSON record of a landscape."""
    problem = found.problem
    return {
        "n": problem.n,
        "isa": problem.isa.name,
        "model": problem.describe(),
        "length": found.length,
        "slack": found.slack,
        "seed": found.seed,
        "levels": [
            {**asdict(level), "local_minima": level.local_minima, "dead_ends": level.dead_ends}
            for level in found.levels
        ],
        "failing": [{**asdict(f), "mean": f.mean} for f in found.failing],
        "walks": [asdict(r) for r in found.reached],
        "stopped": found.stopped,
        "seconds": round(found.seconds, 3),
    }
