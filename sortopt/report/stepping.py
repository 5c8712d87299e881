"""A kernel as its page steps through it: data for the page's interpreter, and a trace in fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sortopt.model import Kernel, Step, expected
from sortopt.report import tables, words
from sortopt.verify import spell


def program(kernel: Kernel) -> dict[str, Any]:
    """Return what the page's interpreter needs of a kernel: its instructions and contract as data.

    Outcomes are sums of 1 less, 2 equal, 4 greater.
    """
    return {
        "cells": [cell.name for cell in kernel.cells],
        "inputs": kernel.contract.inputs,
        "scratch": kernel.scratch,
        "outputs": kernel.contract.outputs,
        "ranks": kernel.contract.goal.ranks(kernel.n),
        "assume": [
            (comparison.left, comparison.relation.value, comparison.right)
            for comparison in kernel.contract.precondition.comparisons
        ],
        "flags": _uses_flags(kernel),
        "instructions": [
            {
                "text": spelled(kernel)[index],
                "action": instruction.form.action.value,
                "reads": instruction.reads,
                "writes": instruction.writes,
                "holds": instruction.form.holds and instruction.form.holds.value,
            }
            for index, instruction in enumerate(kernel.instructions)
        ],
    }


def as_text(start: tuple[Sequence[int], Sequence[int | None], Any]) -> dict[str, Any]:
    """Return what a kernel starts with as JSON holds it: keys as text, for numbers lose digits."""
    keys, scratch, flags = start
    return {
        "keys": [str(key) for key in keys],
        "scratch": [None if value is None else str(value) for value in scratch],
        "flags": flags and flags.value,
    }


def columns(kernel: Kernel) -> list[str]:
    """Return the heads of the columns of a trace: the cells, and the flags where they are used."""
    return [cell.name for cell in kernel.cells] + ["flags"] * _uses_flags(kernel)


def rows(kernel: Kernel, steps: Sequence[Step]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the trace, each field with whether it changed: what the page shows too."""
    texts = ["on entry", *spelled(kernel)]
    for index, now in enumerate(steps):
        before = steps[max(0, index - 1)]
        values = zip(now.cells, before.cells, strict=True)
        fields = [("?" if new is None else str(new), new != old) for new, old in values]
        if _uses_flags(kernel):
            compared = index > 0 and kernel.instructions[index - 1].form.writes_flags
            fields.append(("?" if now.flags is None else tables.SIGNS[now.flags], compared))
        yield {"text": texts[index], "fields": fields}


def outcome(kernel: Kernel, keys: Sequence[int], last: Step, reading: str) -> str:
    """Return what becomes of `keys`, and whether that is right, read as `reading` says."""
    outputs = [last.cells[cell] for cell in kernel.contract.outputs]
    due = expected(kernel, keys)
    wrong = f", not {words.row(due)}." if tuple(outputs) != due else f", which is right{reading}."
    return f"{words.row(keys)} comes out as {words.row(outputs)}{wrong}"


def spelled(kernel: Kernel) -> list[str]:
    """Return the instructions as text, words one space apart."""
    return [" ".join(spell(kernel, instruction).split()) for instruction in kernel.instructions]


def _uses_flags(kernel: Kernel) -> bool:
    return any(instruction.form.uses_flags for instruction in kernel.instructions)
