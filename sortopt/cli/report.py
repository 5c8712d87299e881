"""`sortopt report FILE`."""

from __future__ import annotations

import click

from sortopt import api
from sortopt.base import Budget, ExitCode
from sortopt.cli import options, output
from sortopt.report import page, records, tables, words


@click.command(
    epilog="""\b
Examples:
  sortopt report kernels/alphadev/sort3.asm -o sort3.html
  sortopt report kernel.asm --assume "b<=c" -o kernel.html
"""
)
@click.argument("file")
@output.path
@output.force
@output.quiet
@options.key
@options.reading
@options.time_limit
@options.bits
@options.as_json
def command(
    file: str,
    output_: str | None,
    force: bool,
    key: str | None,
    reading: api.Reading,
    budget: Budget,
    bits: int | None,
    as_json: bool,
) -> ExitCode:
    """Write what is known of the kernel in FILE ("-" is standard input) as a page for a browser.

    The page shows the contract, the verdict of both proofs and what is kept of the keys, the kernel
    step by step on any keys that one types, its data flow and what it costs.  It is one file and
    loads nothing.  The exit status is that of `verify`.
    """
    page.template()
    output.check(output_, force=force)
    found = api.verify_file(file, reading, bits=bits, key=key, climb=True, budget=budget)
    text = page.render(page.of_file(found))
    if output_ is not None or not as_json:
        output.write(text, output_, force=force)
    if as_json:
        shown = {"output": output_, "text": text if output_ is None else None}
        tables.show_record(records.checked(found) | records.beside(found) | shown)
    else:
        wrote = () if output_ in (None, "-") else (f"wrote {output_}",)
        verdict = words.verdict(found.file.kernel, found.judgement, found.key, bits)
        output.say(*wrote, verdict)
    return output.status_of(found.judgement.verdict)
