"""`sortopt emit FILE --to TARGET`."""

from __future__ import annotations

import click

from sortopt import api
from sortopt.base import Budget, ExitCode
from sortopt.cli import options, output
from sortopt.report import records, tables, words

TARGETS = (
    "c", "cpp", "rust", "asm-intel", "asm-att", "asm-aarch64", "asm-riscv", "llvm", "python",
)  # fmt: skip
"""The targets; `tests` compare them with the emitters that there are."""


@click.command(
    epilog="""\b
Examples:
  sortopt emit kernels/alphadev/sort3.asm --to c
  sortopt emit kernels/alphadev/sort5.asm --to rust --key uint64 -o sort5.rs"""
)
@click.argument("file")
@click.option("--to", "target", type=click.Choice(TARGETS), required=True, help="What to write.")
@click.option("--name", metavar="NAME", help="The function's name; by default sort3 and the like.")
@options.typed
@output.path
@output.force
@click.option(
    "--compiled", is_flag=True, help="Say what the C compiler here makes of the plain form."
)
@options.reading
@options.time_limit
@options.as_json
def command(
    file: str,
    target: str,
    name: str | None,
    key: str | None,
    output_: str | None,
    force: bool,
    compiled: bool,
    reading: api.Reading,
    budget: Budget,
    as_json: bool,
) -> ExitCode:
    """Prove the kernel in FILE ("-" is standard input) and write it as source code.

    What is written says in a comment what it promises and how that was proved.  A kernel that is
    refuted, or could not be proved, is not written.
    """
    output.check(output_, force=force)
    found = api.emit_file(file, target, reading, name=name, key=key, budget=budget)
    kept = None
    if compiled and found.text is not None:
        kept = api.compile_plain(found.checked.file.kernel, key, budget)
    if found.text is not None and (output_ is not None or not as_json):
        output.write(found.text, output_, force=force)
    if as_json:
        tables.show_record(records.emitted(found, target, output_, kept))
    elif found.text is None or output_ is not None:
        tables.show(words.emitted(found, output_), stderr=True)
    if kept is not None and not as_json:
        tables.show(str(kept), stderr=True)
    return output.status_of(found.checked.judgement.verdict)
