"""What verdicts say in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sortopt.model import SORT, Counterexample, Judgement, Kernel, Proved, Refuted, Unknown
from sortopt.tasks import Checked, Mended
from sortopt.verify import NoRepair, Redundancy, spell


def heading(found: Checked) -> str:
    """Return what was read: file, size, type of the keys, dialect and why."""
    file = found.file
    kernel = file.kernel
    because = f" ({file.because})" if file.because else ""
    goal = "" if kernel.contract.goal == SORT else f"goal {kernel.contract.goal}, "
    key = f" ({found.key})" if found.key else ""
    size = f"{counted(kernel.n, 'key')}{key}, {goal}{length(kernel)}"
    return f"{found.path}: {size}, {file.dialect} dialect{because}"


def length(kernel: Kernel) -> str:
    """Return the number of instructions, and without loads and stores where there are any."""
    moves = kernel.memory_moves
    told = counted(len(kernel), "instruction")
    return f"{told} ({len(kernel) - moves} without loads and stores)" if moves else told


def counted(count: int, noun: str) -> str:
    """Return for example `1 key`, `2 keys`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def verdict(kernel: Kernel, judgement: Judgement, key: str | None = None) -> str:
    """Return the verdict as a sentence that says precisely what was proved or refuted.

    `key` is the type of the keys where one was asked for.
    """
    assume = kernel.contract.precondition
    match judgement.verdict:
        case Proved():
            given = f" with {assume}" if assume else ""
            return f"proved for all inputs{given}: {scope(kernel, key)}"
        case Refuted(counterexample):
            given = f" given {assume}" if assume else ""
            typed = f" for {key} keys" if key else ""
            return f"refuted{typed}{given}: {failure(kernel, counterexample)}"
        case Unknown(reason):
            return f"unknown: {reason}"


def scope(kernel: Kernel, key: str | None = None) -> str:
    """Return what a proof covers besides the order of the keys."""
    if key:
        return f"{key} keys, equal ones too, any scratch contents and flags on entry"
    sign = f"{kernel.signedness.value} keys of " if kernel.signedness else "keys of any type and "
    return f"equal keys, {sign}any width, any scratch contents and flags on entry"


def failure(kernel: Kernel, counterexample: Counterexample) -> str:
    """Return for example `input 2 1 1 comes out as 2 1 2, not 1 1 2`."""
    held = [
        f"{kernel.cells[cell].name} = {value}"
        for cell, value in zip(kernel.scratch, counterexample.scratch, strict=True)
        if value is not None
    ]
    if counterexample.flags is not None and counterexample.flags.name:
        held.append(f"flags = {counterexample.flags.name.lower()}")
    entry = f" (on entry {', '.join(held)})" if held else ""
    return (
        f"input {row(counterexample.inputs)}{entry} comes out as {row(counterexample.outputs)}, "
        f"not {row(counterexample.expected)}"
    )


def row(values: Sequence[int | None]) -> str:
    """Return values side by side, `?` for one that depends on what scratch or flags held."""
    return " ".join("?" if value is None else str(value) for value in values)


def methods(judgement: Judgement, bits: int | None) -> list[tuple[str, str, str]]:
    """Return for each proof its name, verdict and time."""
    shown = {"z3": f"z3, {bits}-bit keys"} if bits else {}
    return [
        (shown.get(m.method, m.method), m.verdict.name, f"{m.seconds:.3f} s")
        for m in judgement.methods
    ]


def decided(judgement: Judgement) -> str:
    """Return which proofs decided the verdict."""
    told = [m.method for m in judgement.methods if m.verdict.name == judgement.verdict.name]
    if judgement.verdict.name == "unknown":
        sure = [
            f"{m.verdict.name} by {m.method}" for m in judgement.methods if m.method not in told
        ]
        return f"undecided: {', '.join(sure)} alone" if sure else "undecided"
    return f"decided by {' and '.join(told)}" + (", which agree" if len(told) > 1 else "")


def opinion(found: Checked) -> str:
    """Return what the second solver says, and whether it agrees."""
    second = found.second
    assert second
    over = f"{second.bits}-bit keys" if second.bits else "integers"
    due = {"proved": "unsat", "refuted": "sat"}.get(found.judgement.verdict.name)
    agrees = "agrees" if second.answer == due else "does not decide"
    return f"{second.solver} {agrees}: {second.answer} over {over}, {second.seconds:.3f} s"


def studied(found: Checked) -> Iterator[str]:
    """Yield what a kernel could do without, or which precondition would make it right."""
    kernel, study = found.file.kernel, found.study
    assert study
    if study.unfinished:
        yield f"not all was found: {study.unfinished}"
    for dead in study.dead:
        yield f"dead: {_numbered(kernel, dead.index)}: nothing reads {dead.what} after it"
    if study.redundancy is not None:
        yield from _redundant(kernel, study.redundancy)
    if study.mends is not None:
        if not study.mends:
            yield "no precondition that compares keys makes it right"
        for assume in study.mends:
            yield f"right given {assume} (proved)"


def _redundant(kernel: Kernel, found: Redundancy) -> Iterator[str]:
    for index in found.alone:
        yield f"redundant: {_numbered(kernel, index)}: it can go (proved)"
    if not found.together:
        yield "no instruction is redundant" + ("" if found.exact else ", as far as was searched")
        return
    numbers = ", ".join(str(index + 1) for index in found.together)
    best = "the most that can" if found.exact else "the most found that can"
    yield (
        f"together {counted(len(found.together), 'instruction')} can go, {best}: {numbers} (proved)"
    )


def _numbered(kernel: Kernel, index: int) -> str:
    return f"{index + 1} {' '.join(spell(kernel, kernel.instructions[index]).split())}"


def mended(found: Mended) -> Iterator[str]:
    """Yield what was changed to mend a kernel, and what proved it."""
    kernel, result = found.file.kernel, found.result
    if isinstance(result, NoRepair):
        added = counted(result.most_added, "instruction")
        all_tried = "" if result.exact else ", as far as was searched"
        yield f"{found.path}: changed conditions and up to {added} more do not mend it{all_tried}"
        return
    if not result.changes:
        yield f"{found.path}: it is right as it is: {verdict(kernel, result.judgement)}"
        return
    added = counted(result.added, "instruction") + " added" if result.added else "equal length"
    least = "" if result.least else "; perhaps not the least change"
    yield f"{found.path}: mended, {added}, {length(result.kernel)}{least}"
    for change in result.changes:
        after = _numbered(result.kernel, change.index)
        yield (
            f"  {after}  (added)"
            if change.before is None
            else (f"  {after}  (was {change.before.form.mnemonic})")
        )
    yield verdict(result.kernel, result.judgement)
    if found.written is not None:
        yield f"wrote {found.written}"
