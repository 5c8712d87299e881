"""A kernel file and what the proofs say of it: judged, explained, studied, repaired."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from os import PathLike, fspath
from typing import TYPE_CHECKING

from sortopt import formats, objects
from sortopt.base import (
    UNLIMITED,
    Budget,
    InputError,
    LimitReached,
    atomic,
    check_arguments,
)
from sortopt.formats import KernelFile
from sortopt.model import (
    Judgement,
    Kernel,
    KeyType,
    Proved,
    Refuted,
    Rung,
    Unknown,
    Unsafe,
    Verdict,
    key_type,
)
from sortopt.objects import AS_WRITTEN, Reading
from sortopt.verify import (
    METHODS,
    MOST_ADDED,
    Change,
    Explanation,
    NoRepair,
    Question,
    Repair,
    Study,
    WithNan,
    as_seen,
    check_width,
    dead_results,
    default_key,
    explain,
    ladder,
    remark,
    repair,
    study,
    verify,
    with_nan_among,
)

if TYPE_CHECKING:
    from sortopt.verify import Opinion


MOST_KEYS_EXPLAINED = 4
"""The most keys for which `explain_file` looks for preconditions: 10 ms; five take seconds."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A kernel file and what the proofs say of it.

    A refutation comes with `explanation`.  `key` is the type of the keys: the one asked for, or
    the one that operands and conditions show, or None.  `bits` is the width that Z3 was given.
    `rungs` (of all, what it keeps), `nan` (what a right kernel of floating-point keys does with
    them), `study` and `second` are found beside, where asked for.
    """

    path: str
    file: KernelFile
    judgement: Judgement
    explanation: Explanation | None = None
    key: str | None = None
    bits: int | None = None
    rungs: Mapping[Rung, Judgement] | None = None
    nan: WithNan | None = None
    study: Study | None = None
    second: Opinion | None = None

    @property
    def question(self) -> Question:
        """What a solver is asked: for keys of a type, where the kernel misreads those."""
        typed = None if self.key is None else key_type(self.key, self.bits)
        misread = typed is not None and not typed.fits(self.file.kernel)
        return Question(key=typed) if misread else Question(self.bits)

    @property
    def values(self) -> Verdict:
        """The verdict over the values alone, whatever rung the contract names."""
        found = self.judgement.instructions
        lacks_rung = isinstance(found, Refuted) and found.counterexample.lacks is not Rung.VALUES
        return Proved() if lacks_rung else found


@dataclass(frozen=True, slots=True)
class Repaired:
    """A kernel file and its repair: the text of the repaired kernel, and where it was written.

    `text` is None where nothing was found or nothing was wrong.
    """

    path: str
    file: KernelFile
    result: Repair | NoRepair
    text: str | None
    written: str | None

    @property
    def found(self) -> bool | None:
        """Whether there is a repair, of the size that was tried; None where that is not known."""
        if isinstance(self.result, Repair):
            return True
        return False if self.result.exact else None


def verify_file(
    path: str | PathLike[str],
    reading: Reading = AS_WRITTEN,
    *,
    bits: int | None = None,
    key: str | None = None,
    climb: bool = False,
    asked_of: Callable[[Rung], Rung] | None = None,
    budget: Budget = UNLIMITED,
) -> Checked:
    """Read a kernel file, prove or refute it, and explain a refutation; options as of `verify`.

    With `climb`, decide too on which rungs it stands.  `asked_of` says which rung is asked of a
    kernel whose contract names one.
    """
    file = objects.read(path, budget=budget, **asdict(reading))
    if asked_of is not None:
        file = replace(file, kernel=file.kernel.keeping(asked_of(file.kernel.contract.keep)))
    if key is not None and bits is None:
        check_width(key_type(key), file.kernel, file.width)
    judgement = judge_file(file, bits=bits, key=key, budget=budget)
    key = key or file.key
    typed = None if key is None else key_type(key, bits)
    explanation = explanation_of(file.kernel, judgement, typed)
    shown = key or default_key(file.kernel, file.width)
    found = Checked(formats.shown_name(path), file, judgement, explanation, shown, bits)
    if not climb:
        return found
    alone = replace(judgement, verdict=judgement.instructions)
    found = replace(found, rungs=ladder(alone, found.question, budget))
    looked_at = file.kernel.isa.floating and isinstance(found.values, Proved)
    return replace(found, nan=with_nan_among(file.kernel, budget)) if looked_at else found


def judge_file(
    file: KernelFile,
    *,
    bits: int | None = None,
    key: str | None = None,
    methods: Sequence[str] = METHODS,
    budget: Budget = UNLIMITED,
) -> Judgement:
    """Judge a kernel as its file has it: its instructions on keys of the type that is declared,
    and what the file declares to a compiler; options as of `verify`.
    """
    judgement = verify(file.kernel, bits=bits, key=key or file.key, methods=methods, budget=budget)
    return judgement.held_against(file.breaches)


def require_proof(checked: Checked) -> None:
    """Raise InputError where the kernel is refuted or unsafe, LimitReached where unknown."""
    match checked.judgement.verdict:
        case Proved():
            return
        case Refuted():
            hint = f"sortopt verify {checked.path} shows where"
            raise InputError(f"the kernel in {checked.path} is refuted", hint=hint)
        case Unsafe():
            hint = f"sortopt verify {checked.path} says why"
            raise InputError(f"the kernel in {checked.path} is unsafe", hint=hint)
        case Unknown(reason):
            raise LimitReached(f"the kernel in {checked.path} could not be proved: {reason}")


@check_arguments
def rungs(kernel: Kernel, *, time_limit: float | None = None) -> Mapping[Rung, Judgement]:
    """Decide on which rungs `kernel` stands: values, elements, stable and safe; each twice over.

    A rung that takes long is unknown.

    >>> from sortopt import network
    >>> [judgement.verdict.name for judgement in rungs(network(4).lower()).values()]
    ['proved', 'proved', 'refuted', 'proved']
    """
    budget = Budget(time_limit)
    return ladder(verify(kernel, budget=budget), budget=budget)


def study_file(found: Checked, budget: Budget = UNLIMITED) -> Checked:
    """Find what a judged kernel could do without, or which precondition it lacks."""
    kernel = found.file.kernel
    if found.question.key is not None:
        return replace(found, study=Study(None, None, dead_results(kernel)))
    return replace(found, study=study(kernel, found.judgement.instructions, budget))


def explain_file(
    path: str | PathLike[str],
    reading: Reading = AS_WRITTEN,
    *,
    bits: int | None = None,
    budget: Budget = UNLIMITED,
) -> Checked:
    """Do as `verify_file`, and find under which preconditions a refuted kernel is right."""
    found = verify_file(path, reading, bits=bits, budget=budget)
    if found.explanation is None or found.file.kernel.n > MOST_KEYS_EXPLAINED:
        return found
    return study_file(found, budget)


def second_opinion(found: Checked, solver: str, budget: Budget = UNLIMITED) -> Checked:
    """Let another solver judge the same query; raises Disagreement where it contradicts."""
    from sortopt.verify import ask

    verdict = found.values
    opinion = ask(solver, found.file.kernel, verdict, found.question, budget=budget)
    return replace(found, second=opinion)


def export_query(found: Checked, path: str | PathLike[str], *, force: bool = False) -> None:
    """Write the query that Z3 was asked as SMT-LIB 2 text, with the answer to expect."""
    from sortopt.verify import query

    verdict = found.values
    atomic.write(path, query(found.file.kernel, verdict, found.question), force=force)


def repair_file(
    path: str | PathLike[str],
    reading: Reading = AS_WRITTEN,
    *,
    key: str | None = None,
    most_added: int = MOST_ADDED,
    output: str | PathLike[str] | None = None,
    in_place: bool = False,
    force: bool = False,
    budget: Budget = UNLIMITED,
) -> Repaired:
    """Read a kernel file, repair it, and write the repaired kernel to `output`, or over the file.

    With `key`, the type of the keys, conditions of the other sign are changed too; with `force`
    another file that exists is replaced.
    """
    file = objects.read(path, budget=budget, **asdict(reading))
    if in_place and not file.mnemonics:
        objects.check_rewritable(path, file)
    elif output is not None:
        atomic.check_writable(output, force=force)
    key = key or file.key
    sign = None
    if key is not None:
        check_width(key_type(key), file.kernel, file.width)
        sign = key_type(key).signedness
    result = repair(file.kernel, signedness=sign, most_added=most_added, budget=budget)
    name, text = formats.shown_name(path), None
    target = fspath(path) if in_place else output
    statement = None if isinstance(result, NoRepair) else _with_changes(file, result)
    changed = statement is not None and statement != file.mnemonics[0].source.text
    if statement is not None and (file.breaches or changed or output is not None):
        text = declared(path, statement, reading, budget)
    elif isinstance(result, Repair) and (result.changes or output is not None):
        if in_place:
            objects.check_rewritable(path, file)
        text = formats.print_kernel(
            result.kernel, file.dialect, title=file.title or None, expect="proved",
            source=file.source,
        )  # fmt: skip
    if text is not None and target is not None:
        atomic.write(target, text, force=in_place or force)
    written = fspath(target) if target is not None and text is not None else None
    return Repaired(name, file, result, text, written)


def _with_changes(file: KernelFile, result: Repair) -> str | None:
    """Return the text of an asm statement's file, repaired; None where it cannot be written so."""
    text = _with_conditions(file, result.changes)
    if text is None and file.rewritten is not None:
        text = file.rewritten(result.kernel)
    return text


def _with_conditions(file: KernelFile, changes: Sequence[Change]) -> str | None:
    """Return the text of an asm statement's file with other conditions; None for other changes."""
    if not file.mnemonics or any(change.before is None for change in changes):
        return None
    lines = file.mnemonics[0].source.text.split("\n")
    for change in sorted(changes, key=lambda c: file.mnemonics[c.index].column, reverse=True):
        token, before = file.mnemonics[change.index], change.before
        assert before is not None
        suffix = token.text.removeprefix(before.form.mnemonic)
        if suffix not in ("", "l", "q") or file.mnemonics.count(token) > 1:
            return None
        line, start = lines[token.line - 1], token.column - 1
        end = start + len(token.text)
        lines[token.line - 1] = f"{line[:start]}{change.after.form.mnemonic}{suffix}{line[end:]}"
    return "\n".join(lines)


def declared(path: str | PathLike[str], text: str, reading: Reading, budget: Budget) -> str:
    """Return `text` with an asm statement that declares all that it does; it is proved."""
    while (read := objects.read(path, text=text, budget=budget, **asdict(reading))).breaches:
        if read.amended is None:
            first = read.breaches[0]
            raise InputError(f"{first.message} (line {first.line})", hint=first.fix)
        text = read.amended
    if not isinstance(judge_file(read, budget=budget).verdict, Proved):
        raise LimitReached("the statement was changed, but the time did not suffice to prove it")
    return text


def explanation_of(
    kernel: Kernel, judgement: Judgement, key: KeyType | None = None
) -> Explanation | None:
    """Return the trace of a refutation; of keys that the kernel misreads, as it sees them."""
    if not isinstance(judgement.verdict, Refuted):
        return None
    found = judgement.verdict.counterexample
    if key is None or key.fits(kernel) or key.sees(found.inputs):
        return explain(kernel, found)
    explanation = explain(kernel, as_seen(found, key))
    return replace(explanation, sentence=f"{explanation.sentence}; {remark(key, kernel, found)}")
