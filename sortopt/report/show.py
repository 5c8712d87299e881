"""What a kernel at work looks like: its trace, where values come from, its critical path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from sortopt.report import dataflow, tables
from sortopt.report.records import Record
from sortopt.report.words import length, row

if TYPE_CHECKING:
    from rich.table import Table

    from sortopt.tasks import Picture, doctor


def lines(found: Picture) -> Iterator[str | Table]:
    """Yield what becomes of the input, the trace with the source of each value, the path."""
    yield sentence(found)
    sources = ["", *map(_sources, found.sources[:-1])]
    yield tables.trace(found.trace, {"made by": sources})
    yield f"outputs made by: {_sources(found.sources[-1])}"
    numbers = " -> ".join(str(index + 1) for index in found.path)
    plural = "s" * (found.cycles != 1)
    yield f"critical path, {found.cycles:g} cycle{plural} ({found.cpu}): {numbers or 'empty'}"


def picture(found: Picture) -> str:
    """Return the data flow of the kernel as SVG, with its critical path."""
    return dataflow.draw(found.kernel, found.path, in_page=False) + "\n"


def sentence(found: Picture) -> str:
    """Return what becomes of the input, and whether that is right."""
    came = f"{length(found.kernel)}: {row(found.inputs)} comes out as {row(found.outputs)}"
    if not found.admitted:
        return f"{came}, which the precondition {found.kernel.contract.precondition} leaves open"
    return came + ("" if found.right else f", not {row(found.expected)}")


def findings(found: Iterable[doctor.Finding]) -> Table:
    """Return the table of what `doctor` found: yes or no, the tool, what it gives, where it is."""
    return tables.rows(
        [["yes" if f.found else "no", f.tool, f.gives, f.found or f.advice] for f in found],
        ["", "tool", "gives", "found, or how to get it"],
    )


def _sources(sources: Mapping[str, int]) -> str:
    made = (f"{name} {'entry' if index < 0 else index + 1}" for name, index in sources.items())
    return ", ".join(made)


def record(found: Picture) -> Record:
    """Return the JSON record of a picture."""
    return {
        "inputs": list(found.inputs),
        "outputs": list(found.outputs),
        "expected": list(found.expected),
        "right": found.right,
        "cells": list(found.trace.cells),
        "trace": [
            {"instruction": step.text, "cells": list(step.cells), "sources": sources}
            for step, sources in zip(found.trace.rows, [{}, *found.sources[:-1]], strict=True)
        ],
        "critical_path": {
            "cycles": found.cycles,
            "cpu": found.cpu,
            "instructions": list(found.path),
        },
    }
