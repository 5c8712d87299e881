"""`sortopt counterexample [FILE]`."""

from __future__ import annotations

import click

from sortopt import api
from sortopt.base import Budget, ExitCode
from sortopt.cli import options, output
from sortopt.report import claim, page, records, tables, words


@click.command(
    epilog="""\b
Examples:
  sortopt counterexample
  sortopt counterexample kernel.asm --assume "b<=c"
  sortopt counterexample --report claim.html
"""
)
@click.argument("file", required=False)
@output.report
@output.force
@output.quiet
@options.reading
@options.time_limit
@options.bits
@options.as_json
def command(
    file: str | None,
    page_path: str | None,
    force: bool,
    reading: api.Reading,
    budget: Budget,
    bits: int | None,
    as_json: bool,
) -> ExitCode:
    """Trace one input on which the kernel in FILE fails, the least: fewest distinct keys first.

    Says also under which precondition the kernel is right, each proved.  Exit status 1 where there
    is a counterexample, 0 where the kernel is proved.  Without FILE: a claim from the internet, a
    program that was said to sort three keys and to do so without one of its moves.
    """
    output.check_page(page_path, force=force)
    if file is None:
        if reading != api.AS_WRITTEN or budget.seconds is not None or bits is not None:
            raise click.UsageError(
                "the bundled claim takes only --json, --report and --force; name a FILE"
            )
        report = api.claim.examine()
        if as_json:
            tables.show_record(claim.record(report))
        else:
            output.answer(*claim.lines(report))
        output.write_page(page.of_claim(report), page_path, force=force)
        return ExitCode.DONE
    found = api.explain_file(file, reading, bits=bits, budget=budget)
    if as_json:
        weakest = found.study.weakest if found.study is not None else None
        tables.show_record(records.checked(found) | {"mends": list(map(str, weakest or ()))})
    else:
        output.answer(*words.checked(found), *words.preconditions(found))
    output.write_page(page.of_file(found), page_path, force=force)
    return output.status_of(found.judgement.verdict)
