"""What verdicts, and what follows from them, say in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sortopt.formats import print_kernel
from sortopt.model import (
    SORT,
    Counterexample,
    Judgement,
    Kernel,
    Order,
    Proved,
    Refuted,
    Rung,
    Unknown,
    Unsafe,
    natural_key_type,
)
from sortopt.report import floats, tables
from sortopt.targets import ISAS
from sortopt.verify import mixed_up, numbers_in, spell

if TYPE_CHECKING:
    from rich.table import Table

    from sortopt.base import Progress
    from sortopt.tasks import Checked, Emitted, Library, Repaired
    from sortopt.verify import Redundancy

MOST_PRECONDITIONS = 4, 10
"""How many weakest preconditions are named: in one line, and a line each."""


def checked(found: Checked, key: str | None = None) -> Iterator[str | Table]:
    """Yield what was read, the verdict, each proof, and the trace of a refutation.

    `key` is the type of the keys where one was asked for.
    """
    kernel = found.file.kernel
    yield heading(found)
    for note in found.file.notes:
        yield f"note: {note}"
    yield verdict(kernel, found.judgement, key or found.file.key, found.bits)
    yield from breaches(found)
    yield tables.rows(methods(found.judgement, found.bits))
    yield decided(found.judgement)
    yield from rungs(kernel, found.rungs)
    yield from floats.with_nan(found.nan)
    if found.explanation is not None:
        yield ""
        yield tables.trace(found.explanation)
        yield found.explanation.sentence


def heading(found: Checked) -> str:
    """Return what was read: file, size, type of the keys, the set where it is not the machine's
    usual one, dialect and why.
    """
    file = found.file
    kernel = file.kernel
    because = f" ({file.because})" if file.because else ""
    goal = "" if kernel.contract.goal == SORT else f"goal {kernel.contract.goal}, "
    key = f" ({found.key})" if found.key else ""
    size = f"{counted(kernel.n, 'key')}{key}, {goal}{length(kernel)}"
    usual = next(isa for isa in ISAS.values() if isa.machine is kernel.isa.machine)
    target = "" if kernel.isa is usual else f", {kernel.isa.name}"
    return f"{found.path}: {size}{target}, {file.dialect} dialect{because}"


def length(kernel: Kernel) -> str:
    """Return the number of instructions, and without loads and stores where there are any."""
    moves = kernel.memory_moves
    all_of_them = counted(len(kernel), "instruction")
    return all_of_them + (f" ({len(kernel) - moves} without loads and stores)" if moves else "")


def counted(count: int, noun: str) -> str:
    """Return for example `1 key`, `2 keys`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def verdict(
    kernel: Kernel, judgement: Judgement, key: str | None = None, bits: int | None = None
) -> str:
    """Return the verdict as a sentence that says precisely what was proved or refuted.

    `key` is the type of the keys where one was asked for, `bits` the width that Z3 was given.
    """
    assume, keep = kernel.contract.precondition, kernel.contract.keep
    match judgement.verdict:
        case Proved():
            given = f" with {assume}" if assume else ""
            kept = f"{KEPT[keep]}, " if keep in KEPT else ""
            if keep in KEPT and kernel.isa.floating:
                kept = f"{floats.KEPT[keep]}; sorts "
            return f"proved for all inputs{given}: {kept}{scope(kernel, key, bits)}"
        case Refuted(counterexample):
            given = f" given {assume}" if assume else ""
            typed = f" for {key} keys" if key else ""
            lacks = LACKS.get(counterexample.lacks, "")
            return f"refuted{typed}{given}: {lacks}{failure(kernel, counterexample)}"
        case Unknown(reason):
            return f"unknown: {reason}"
        case Unsafe(breaches, instructions):
            many = counted(len(breaches), "fault")
            return (
                f"unsafe: {many} in {breaches[0].rule}; its instructions alone are "
                f"{instructions.name}"
            )


def breaches(found: Checked) -> Iterator[str]:
    """Yield what code does that those around it do not expect, each with its line and the fix."""
    for breach in found.file.breaches:
        yield f"{found.path}:{breach.line}: unsafe: {breach.message}; {breach.fix}"


def scope(kernel: Kernel, key: str | None = None, bits: int | None = None) -> str:
    """Return what a proof covers: equal keys where there may be some, sign and width of the keys.

    The width is the one that both proofs share: that of `bits`, or of the instructions.
    """
    equal = kernel.contract.precondition.admits_equal_keys(kernel.n)
    entry = "any scratch contents and flags on entry"
    width = bits or kernel.bits
    if kernel.isa.floating:
        number = key or natural_key_type(kernel).name
        return f"{number} keys without NaN, {floats.EQUAL if equal else ''}{entry}"
    if key:
        kind = key if bits is None else f"{key.rstrip('0123456789')}{bits}"
        return f"{kind} keys, {'equal ones too, ' if equal else ''}{entry}"
    kind = f"{kernel.signedness.value} keys of " if kernel.signedness else "keys of any type and "
    kind += f"{width} bits" if width else "any width"
    return f"{'equal keys, ' if equal else ''}{kind}, {entry}"


KEPT = {Rung.ELEMENTS: "keeps every element", Rung.STABLE: "stable", Rung.SAFE: "safe"}
"""What is said of a kernel on a rung above `values`."""
LACKS = {Rung.ELEMENTS: "loses elements, ", Rung.STABLE: "not stable, ", Rung.SAFE: "not safe, "}
"""What is said of a kernel that lacks the rung that its contract names."""


def rungs(kernel: Kernel, found: Mapping[Rung, Judgement] | None) -> Iterator[str]:
    """Yield for each rung above `values` whether a kernel stands on it, unless it is wrong."""
    if found is None or isinstance(found[Rung.VALUES].verdict, Refuted):
        return
    for rung, kept in (floats.KEPT if kernel.isa.floating else KEPT).items():
        match found[rung].verdict:
            case Refuted(counterexample):
                yield f"{kept}: refuted, {failure(kernel, counterexample)}"
            case Unknown(reason):
                yield f"{kept}: unknown: {reason}"
            case _:
                yield f"{kept}: proved"


def failure(kernel: Kernel, counterexample: Counterexample) -> str:
    """Return for example `input 2 1 1 comes out as 2 1 2, not 1 1 2`.

    Where only elements are mixed up, for example `on 1 1 2: a leaves twice, b never`.
    """
    if counterexample.lacks is Rung.SAFE and not kernel.isa.floating:
        answers = ", ".join(str(answer.name).lower() for answer in counterexample.answers)
        case = f"where its comparisons answer {answers}" if answers else "whichever is least"
        return f"{case}: {mixed_up(kernel, counterexample)}"
    held = [
        f"{kernel.cells[cell].name} = {value}"
        for cell, value in zip(kernel.scratch, counterexample.scratch, strict=True)
        if value is not None
    ]
    if counterexample.flags is not None:
        held.append(f"flags = {flags(counterexample.flags)}")
    entry = f" (on entry {', '.join(held)})" if held else ""
    if counterexample.elements:
        keys = row(counterexample.inputs)
        if kernel.isa.floating:
            keys = " ".join(numbers_in(counterexample))
        return f"on {keys}{entry}: {mixed_up(kernel, counterexample)}"
    return came_out(counterexample, entry)


def came_out(counterexample: Counterexample, entry: str = "") -> str:
    """Return for example `input 2 1 1 comes out as 2 1 2, not 1 1 2`; `entry` says what else."""
    return (
        f"input {row(counterexample.inputs)}{entry} comes out as {row(counterexample.outputs)}, "
        f"not {row(counterexample.expected)}"
    )


def flags(held: Order) -> str:
    """Return what the flags hold, for example `less`, or `less and equal`."""
    return " and ".join(str(outcome.name).lower() for outcome in held)


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
    agreed = judgement.decisive
    if agreed:
        return f"decided by {' and '.join(agreed)}" + (", which agree" if len(agreed) > 1 else "")
    sure = [m for m in judgement.methods if not isinstance(m.verdict, Unknown)]
    said = ", ".join(f"{m.verdict.name} by {m.method}" for m in sure)
    return f"undecided: {said} alone" if sure else "undecided"


def beside(found: Checked, smt2: str | None = None, *, lifted: bool = False) -> Iterator[str]:
    """Yield what else was asked for; `smt2` is the file that the query was written to.

    `lifted` asks for the kernel that was judged, and for what was taken off to get it.
    """
    if found.second is not None:
        yield opinion(found)
    if smt2 is not None:
        yield f"wrote {smt2}"
    if lifted:
        yield ""
        yield from taken_off(found)
    if found.study is not None:
        yield ""
        yield from studied(found)


def taken_off(found: Checked) -> Iterator[str]:
    """Yield the kernel that was judged, and the instructions around it that were taken off."""
    yield print_kernel(found.file.kernel, found.file.dialect).rstrip()
    yield f"taken off: {counted(len(found.file.removed), 'instruction')}"
    for token in found.file.removed:
        yield f"  line {token.line}: {' '.join(token.source.line(token.line).split())}"


def opinion(found: Checked) -> str:
    """Return what the second solver says, and whether it agrees."""
    second = found.second
    assert second
    over = f"{second.bits}-bit keys" if second.bits else "integers"
    due = {"proved": "unsat", "refuted": "sat"}.get(found.values.name)
    undecided = "answers" if due is None else "does not decide"
    agrees = "agrees" if second.answer == due else undecided
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
    if study.weakest is not None:
        if not study.weakest:
            yield NO_PRECONDITION
        most = MOST_PRECONDITIONS[1]
        for assume in study.weakest[:most]:
            yield f"right given {assume} (proved)"
        if len(study.weakest) > most:
            yield f"… and {len(study.weakest) - most} more"


def preconditions(found: Checked) -> Iterator[str]:
    """Yield in one line under which preconditions a refuted kernel is right, if they are known."""
    if found.study is None:
        return
    if found.study.unfinished:
        yield f"not all was found: {found.study.unfinished}"
    elif not found.study.weakest:
        yield NO_PRECONDITION
    else:
        most = MOST_PRECONDITIONS[0]
        shown = ", or given ".join(map(str, found.study.weakest[:most]))
        more = len(found.study.weakest) - most
        yield f"it is right given {shown}{f' (and {more} more)' if more > 0 else ''}: proved"


NO_PRECONDITION = "no precondition that compares keys makes it right"


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


def repaired(found: Repaired) -> Iterator[str]:
    """Yield what was changed to repair a kernel, and what proved it."""
    from sortopt.verify import NoRepair

    kernel, result = found.file.kernel, found.result
    if isinstance(result, NoRepair):
        added = counted(result.most_added, "instruction")
        all_tried = "" if result.exact else ", as far as was searched"
        tried = f"other conditions on equal keys and up to {added} more"
        yield f"{found.path}: {tried} do not repair it{all_tried}"
        return
    if found.file.breaches and not result.changes:
        then = "declared now" if found.file.mnemonics else "still to be done by hand"
        yield f"{found.path}: its instructions are right as they are; {then}:"
        yield from _fixes(found)
        yield verdict(result.kernel, result.judgement, found.file.key)
        if found.written is not None:
            yield f"wrote {found.written}"
        return
    if not result.changes:
        yield f"{found.path}: it is right as it is: {verdict(kernel, result.judgement)}"
        return
    added = counted(result.added, "instruction") + " added" if result.added else "equal length"
    least = "" if result.least else "; perhaps not the least change"
    yield f"{found.path}: repaired, {added}, {length(result.kernel)}{least}"
    for change in result.changes:
        after = _numbered(result.kernel, change.index)
        yield (
            f"  {after}  (added)"
            if change.before is None
            else (f"  {after}  (was {change.before.form.mnemonic})")
        )
    yield from _fixes(found)
    yield verdict(result.kernel, result.judgement, found.file.key)
    if found.written is not None:
        yield f"wrote {found.written}"


def _fixes(found: Repaired) -> Iterator[str]:
    return (f"  line {breach.line}: {breach.fix}" for breach in found.file.breaches)


def emitted(found: Emitted, output: str | None) -> str:
    """Return whether a kernel was written as source code, and why."""
    said = verdict(found.checked.file.kernel, found.checked.judgement)
    if found.text is None:
        path, keep = found.checked.path, found.checked.file.kernel.contract.keep
        repair = f"; sortopt repair {path} --keep {keep} looks for the fewest changes"
        lacks = keep is not Rung.VALUES and found.checked.values.name == "proved"
        return f"nothing written: {path}: {said}{repair * lacks}"
    return said if output in (None, "-") else f"wrote {output}: {said}"


def library(found: Library) -> Iterator[str]:
    """Yield what was passed over, and for each number of keys which kernel was chosen."""
    for what in found.passed_over:
        yield f"passed over: {what}"
    for entry in found.chosen:
        size = counted(len(entry.kernel), "instruction")
        kept = "".join(
            f"{rung} by {' and '.join(found.decisive)}, " for rung, found in entry.rungs.items()
        )
        proved = f"{entry.judgement.verdict.name}, {kept}"
        yield f"n = {entry.n}: {size}, {proved}{entry.found} ({entry.why})"


def progress(where: Progress) -> str:
    """Return in one line where long work stands, for example `12 instructions after 3.0 s`."""
    if where.level is not None:
        return (
            f"limit {where.limit}: level {where.level}, {where.level_states:,} states on it, "
            f"{where.states:,} in all, {(where.nbytes or 0) >> 20:,} MiB, {where.seconds:.0f} s"
        )
    if where.best is not None:
        return f"{counted(where.best, 'instruction')} after {where.seconds:.1f} s"
    states = "" if where.states is None else f" ({where.states:,} states)"
    of = "" if where.total is None else f"of {where.total:,} "
    part = "" if where.done is None else f"{where.done:,} {of}"
    return part + where.doing + states


def left(seconds: float) -> str:
    """Return an estimate as the end of a line, for example `, about 3 minutes left`."""
    for unit, size in (("s", 1), ("minutes", 60)):
        if seconds < 99.5 * size:
            return f", about {seconds / size:.0f} {unit} left"
    return f", about {seconds / 3600:.0f} h left"
