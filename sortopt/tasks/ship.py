"""A kernel file as source code in another language: proved first, then written."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from sortopt.base import UNLIMITED, Budget
from sortopt.emit import BARE_KEYS, Items, Provenance, check_items, emit
from sortopt.model import Proved
from sortopt.objects import AS_WRITTEN, Reading
from sortopt.tasks.check import Checked, verify_file


@dataclass(frozen=True, slots=True)
class Emitted:
    """A kernel file, what the proofs say of it, and its source text; None unless proved."""

    checked: Checked
    text: str | None


def emit_file(
    path: str | PathLike[str],
    target: str,
    reading: Reading = AS_WRITTEN,
    *,
    name: str | None = None,
    key: str | None = None,
    items: Items = BARE_KEYS,
    budget: Budget = UNLIMITED,
) -> Emitted:
    """Read a kernel file, prove it on the rung needed, and write it; options as of `emit`."""
    check_items(items, target)
    checked = verify_file(path, reading, asked_of=items.asked_of, budget=budget)
    if not isinstance(checked.judgement.verdict, Proved):
        return Emitted(checked, None)
    file = checked.file
    found = f"read from {Path(checked.path).name}"
    provenance = Provenance(file.title, file.source or "", found, checked.judgement)
    text = emit(
        file.kernel, target, items, name=name, key=key, provenance=provenance, budget=budget
    )
    return Emitted(checked, text)
