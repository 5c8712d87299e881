"""What the examination of the claim from the internet looks like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sortopt.formats import print_kernel
from sortopt.report import tables, words
from sortopt.report.records import Record, counterexample, judgement, precondition

if TYPE_CHECKING:
    from rich.table import Table

    from sortopt.verify import Finding, Report, Version


def lines(report: Report) -> Iterator[str | Table]:
    """Yield the examination as text and tables."""
    shown, shortened, repaired = report.versions
    yield (
        "The claim (June 2023): these eight instructions sort P, Q, R, which hold a, b, c,\n"
        "and `mov P, S` can go.\n"
    )
    failing = shown.findings[0].counterexample
    assert failing is not None
    yield f"1. The program as shown does not sort: {words.failure(shown.kernel, failing)}.\n"
    yield tables.trace(report.traces[0])
    yield f"{report.traces[0].sentence}\n"
    outputs = [words.row(values) for values in report.outputs]
    yield (
        f"2. The move matters: as shown, input {words.row(report.separating)} comes out as "
        f"{outputs[0]}; {shortened.name} as {outputs[1]}.\n"
    )
    yield tables.trace(report.traces[1])
    yield f"{report.traces[1].sentence}\n"
    yield "3. What was missing is a precondition. Each proved or refuted just now, twice:\n"
    assumptions = [finding.assume for finding in shown.findings]
    header = ["program", *(f"given {a}" if a else "no precondition" for a in assumptions)]
    yield tables.rows([header, *_matrix(report)])
    yield ""
    for version in (shown, shortened, repaired):
        weakest = ", or given ".join(str(assume) for assume in version.weakest)
        yield f"{version.name}: right given {weakest}; nothing weaker will do"
    yield (
        f"\nSo `mov P, S` can go given {shortened.weakest[0]}; given {repaired.weakest[0]} alone, "
        "only with cmovge in place of\nthe first cmovg after the second cmp.\n"
        f"Each proof is for {words.scope(shown.kernel)}."
    )


def _matrix(report: Report) -> list[list[str]]:
    """Return one row a version: its name, then what holds under each precondition."""
    return [
        [
            version.name,
            *(
                f"fails: {words.row(c.inputs)} -> {words.row(c.outputs)}"
                if (c := finding.counterexample) is not None
                else finding.judgement.verdict.name
                for finding in version.findings
            ),
        ]
        for version in report.versions
    ]


def record(report: Report) -> Record:
    """Return the JSON record: first the program as shown, then all versions."""
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
