"""The shapes of JSON output; scripts rely on the keys."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sortopt.formats import print_kernel
from sortopt.model import Counterexample, Judgement, Kernel, Precondition, Unknown
from sortopt.report import words

if TYPE_CHECKING:
    from sortopt.tasks import Checked, Emitted, Kept, Library, Outcome, Repaired

Record = dict[str, Any]


def checked(found: Checked) -> Record:
    """Return the record of one verified file."""
    kernel = found.file.kernel
    return {
        "file": found.path,
        "dialect": found.file.dialect,
        "isa": kernel.isa.name,
        "n": kernel.n,
        "instructions": len(kernel),
        "loads_and_stores": kernel.memory_moves,
        "notes": list(found.file.notes),
        "key": found.key,
        "goal": str(kernel.contract.goal),
        "assume": precondition(kernel.contract.assume),
        "bits": found.bits,
        "keep": str(kernel.contract.keep),
        "breaches": [asdict(breach) for breach in found.file.breaches],
        **judgement(found.judgement),
    }


def beside(found: Checked, *, lifted: bool = False) -> Record:
    """Return the record of what was found beside the verdict, as far as it was asked for.

    `lifted` asks for the kernel that was judged, and the lines taken off to get it.
    """
    record: Record = {}
    if lifted:
        record["lifted"] = {
            "asm": print_kernel(found.file.kernel, found.file.dialect),
            "removed": [
                {"line": token.line, "text": token.source.line(token.line).strip()}
                for token in found.file.removed
            ],
        }
    if found.rungs is not None:
        record["rungs"] = {str(rung): judgement(each) for rung, each in found.rungs.items()}
    if found.nan is not None:
        record["nan"] = asdict(found.nan)
    if found.study is not None:
        redundancy = found.study.redundancy
        weakest = found.study.weakest
        record["study"] = {
            "redundant": None if redundancy is None else list(redundancy.alone),
            "redundant_together": None if redundancy is None else list(redundancy.together),
            "exact": None if redundancy is None else redundancy.exact,
            "weakest_preconditions": None if weakest is None else list(map(str, weakest)),
            "dead": [{"instruction": dead.index, "what": dead.what} for dead in found.study.dead],
            "unfinished": found.study.unfinished,
        }
    if found.second is not None:
        second = found.second
        record["second_solver"] = {
            "name": second.solver,
            "answer": second.answer,
            "bits": second.bits,
            "seconds": round(second.seconds, 6),
        }
    return record


def repaired(found: Repaired) -> Record:
    """Return the record of a repair: what was changed, and the repaired kernel."""
    from sortopt.verify import NoRepair

    result = found.result
    record: Record = {"file": found.path, "written": found.written, "asm": found.text}
    if isinstance(result, NoRepair):
        return record | {"mended": False, "exact": result.exact}
    changes = [
        {
            "instruction": change.index,
            "before": change.before.form.mnemonic if change.before else None,
            "after": change.after.form.mnemonic,
        }
        for change in result.changes
    ]
    return record | {
        "mended": True,
        "added": result.added,
        "least": result.least,
        "changes": changes,
        **judgement(result.judgement),
    }


def emitted(found: Emitted, target: str, output: str | None, kept: Kept | None) -> Record:
    """Return the record of a kernel file as source code, and of what a compiler made of it."""
    record = checked(found.checked) | {"target": target, "text": found.text, "output": output}
    if kept is not None:
        record["compiled"] = {"branchless": kept.branchless, "what": str(kept)}
    return record


def library(found: Library) -> Record:
    """Return the record of a library: its kernels, and its text."""
    entries = [
        {
            "n": entry.n,
            "length": len(entry.kernel),
            "found": entry.found,
            "why": entry.why,
            "asm": print_kernel(entry.kernel),
            **judgement(entry.judgement),
            "rungs": {str(rung): judgement(each) for rung, each in entry.rungs.items()},
        }
        for entry in found.chosen
    ]
    return {"kernels": entries, "text": found.text}


def kernel(found: Kernel, *, pairs: bool = False) -> Record:
    """Return the record of a kernel: its text, and the names of its inputs and outputs."""
    names = [cell.name for cell in found.cells]
    return {
        "asm": print_kernel(found, pairs=pairs),
        "inputs": [names[cell] for cell in found.contract.inputs],
        "outputs": [names[cell] for cell in found.contract.outputs],
    }


def outcome(found: Outcome) -> Record:
    """Return the record of one file of a folder."""
    return {
        "file": found.path,
        "verdict": found.verdict,
        "n": found.n,
        "instructions": found.length,
        "loads_and_stores": found.memory_moves,
        "counterexample": counterexample(found.counterexample),
        "problem": found.problem,
        "methods": list(found.methods),
        "expect": found.expect,
    }


def judgement(found: Judgement) -> Record:
    """Return verdict, counterexample (or null) and what each method says."""
    verdict = found.verdict
    record: Record = {
        "verdict": verdict.name,
        "counterexample": counterexample(getattr(verdict, "counterexample", None)),
        "methods": [
            {"name": m.method, "verdict": m.verdict.name, "seconds": round(m.seconds, 6)}
            for m in found.methods
        ],
    }
    if isinstance(verdict, Unknown):
        record["reason"] = verdict.reason
    return record


def counterexample(found: Counterexample | None) -> Record | None:
    """Return the record of a counterexample; what it does not depend on is null."""
    if found is None:
        return None
    return {
        "inputs": list(found.inputs),
        "outputs": list(found.outputs),
        "expected": list(found.expected),
        "scratch": list(found.scratch),
        "flags": None if found.flags is None else words.flags(found.flags),
        "lacks": str(found.lacks),
        "elements": list(found.elements),
        **({} if found.zero is None else {"negative_zero": found.zero or None}),
        "answers": [words.flags(answer) for answer in found.answers],
    }


def precondition(assume: Precondition) -> str | None:
    """Return a precondition as text, or None where there is none."""
    return str(assume) or None
