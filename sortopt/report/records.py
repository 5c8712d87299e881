"""The shapes of JSON output; scripts rely on the keys."""

from __future__ import annotations

from typing import Any

from sortopt.formats import print_kernel
from sortopt.model import Counterexample, Judgement, Precondition, Unknown
from sortopt.tasks import Checked, Mended, Outcome
from sortopt.verify import Finding, NoRepair, Version
from sortopt.verify import Report as ClaimReport

Record = dict[str, Any]


def checked(found: Checked, bits: int | None) -> Record:
    """Return the record of one verified file; `bits` is the width that Z3 was given, if any."""
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
        "bits": bits,
        **judgement(found.judgement),
    }


def beside(found: Checked) -> Record:
    """Return the record of what was found beside the verdict, as far as it was asked for."""
    record: Record = {}
    if found.study is not None:
        redundancy = found.study.redundancy
        mends = found.study.mends
        record["study"] = {
            "redundant": None if redundancy is None else list(redundancy.alone),
            "redundant_together": None if redundancy is None else list(redundancy.together),
            "exact": None if redundancy is None else redundancy.exact,
            "weakest_preconditions": None if mends is None else [str(assume) for assume in mends],
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


def mended(found: Mended) -> Record:
    """Return the record of a repair: what was changed, and the mended kernel."""
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


def outcome(found: Outcome) -> Record:
    """Return the record of one file of a survey."""
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
        "flags": found.flags.name.lower() if found.flags and found.flags.name else None,
    }


def precondition(assume: Precondition) -> str | None:
    """Return a precondition as text, or None where there is none."""
    return str(assume) or None


def claim(report: ClaimReport) -> Record:
    """Return the record of the examined claim: first the program as shown, then all versions."""
    shown = report.versions[0].findings[0]
    return {
        "file": None,
        "assume": None,
        **_finding(shown),
        "versions": [_version(version) for version in report.versions],
        "separating": {
            "inputs": list(report.separating),
            "outputs": {
                version.name: list(outputs)
                for version, outputs in zip(report.versions, report.outputs, strict=True)
            },
        },
    }


def _version(version: Version) -> Record:
    return {
        "name": version.name,
        "asm": print_kernel(version.kernel, title=version.name),
        "weakest": [str(assume) for assume in version.weakest],
        "findings": [_finding(finding) for finding in version.findings],
    }


def _finding(finding: Finding) -> Record:
    return {
        "assume": precondition(finding.assume),
        **judgement(finding.judgement),
        "counterexample": counterexample(finding.counterexample),
    }
