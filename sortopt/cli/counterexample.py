"""`sortopt counterexample [FILE]`."""

from __future__ import annotations

import click

from sortopt import api, tasks
from sortopt.base import ExitCode
from sortopt.cli import options
from sortopt.cli.output import print_json
from sortopt.cli.verify import print_checked, status_of
from sortopt.objects import AS_WRITTEN, Reading
from sortopt.report import records
from sortopt.report import words as prose
from sortopt.tasks import MOST_KEYS_TO_MEND, Checked
from sortopt.verify import Report as ClaimReport

_MOST_MENDS = 4


@click.command(
    epilog="""\b
Examples:
  sortopt counterexample
  sortopt counterexample kernel.asm --assume "b<=c"
"""
)
@click.argument("file", required=False)
@options.reading
@options.timeout
@options.bits
@options.as_json
def command(
    file: str | None, reading: Reading, timeout: float | None, bits: int | None, as_json: bool
) -> ExitCode:
    """Trace one input on which the kernel in FILE fails, the least: fewest distinct keys first.

    Says also under which precondition the kernel is right, each proved.  Exit status 1 where there
    is a counterexample, 0 where the kernel is proved.  Without FILE: a claim from the internet, a
    program that was said to sort three keys and to do so without one of its moves.
    """
    if file is None:
        if reading != AS_WRITTEN or timeout is not None or bits is not None:
            raise click.UsageError("the bundled claim takes no options but --json; name a FILE")
        return _claim(as_json)
    found = tasks.explain_file(file, reading, timeout=timeout, bits=bits)
    if as_json:
        mends = {"mends": [str(mend) for mend in found.mends]}
        print_json(records.checked(found, bits) | mends)
    else:
        print_checked(found, bits)
        _print_mends(found)
    return status_of(found.judgement.verdict)


def _print_mends(found: Checked) -> None:
    if found.explanation is None:
        return
    if found.mends:
        mends = [str(mend) for mend in found.mends[:_MOST_MENDS]]
        more = len(found.mends) - len(mends)
        tail = f" (and {more} more)" if more else ""
        click.echo(f"it is right given {', or given '.join(mends)}{tail}: proved")
    elif found.file.kernel.n <= MOST_KEYS_TO_MEND:
        click.echo("no precondition that compares keys makes it right")


def _claim(as_json: bool) -> ExitCode:
    report = api.explain_claim()
    if as_json:
        print_json(records.claim(report))
    else:
        _print_claim(report)
    return ExitCode.DONE


def _print_claim(report: ClaimReport) -> None:
    from sortopt.report import tables

    shown, shortened, mended = report.versions
    click.echo(
        "The claim (June 2023): these eight instructions sort P, Q, R, which hold a, b, c,\n"
        "and `mov P, S` can go.\n"
    )
    failing = shown.findings[0].counterexample
    assert failing is not None
    click.echo(f"1. The program as shown does not sort: {prose.failure(shown.kernel, failing)}.\n")
    tables.print_trace(report.traces[0])
    click.echo(f"{report.traces[0].sentence}\n")
    outputs = [prose.row(values) for values in report.outputs]
    click.echo(
        f"2. The move matters: as shown, input {prose.row(report.separating)} comes out as "
        f"{outputs[0]}; {shortened.name} as {outputs[1]}.\n"
    )
    tables.print_trace(report.traces[1])
    click.echo(f"{report.traces[1].sentence}\n")
    click.echo("3. What was missing is a precondition. Each proved or refuted just now, twice:\n")
    assumptions = [finding.assume for finding in shown.findings]
    header = ["program", *(f"given {a}" if a else "no precondition" for a in assumptions)]
    tables.print_rows([header, *_matrix(report)])
    click.echo()
    for version in (shown, shortened, mended):
        weakest = ", or given ".join(str(assume) for assume in version.weakest)
        click.echo(f"{version.name}: right given {weakest}; nothing weaker will do")
    click.echo(
        f"\nSo `mov P, S` can go given {shortened.weakest[0]}; where b and c may tie, only with "
        "cmovge in place of\nthe first cmovg after the second cmp.\n"
        f"Each proof is for {prose.scope(shown.kernel)}."
    )


def _matrix(report: ClaimReport) -> list[list[str]]:
    """Return one row a version: its name, then what holds under each precondition."""
    return [
        [
            version.name,
            *(
                f"fails: {prose.row(c.inputs)} -> {prose.row(c.outputs)}"
                if (c := finding.counterexample) is not None
                else finding.judgement.verdict.name
                for finding in version.findings
            ),
        ]
        for version in report.versions
    ]
