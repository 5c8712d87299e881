"""`sortopt emit FILE --to TARGET`."""

from __future__ import annotations

import click

from sortopt import api
from sortopt.base import ExitCode
from sortopt.cli import options, output
from sortopt.cli.output import print_json
from sortopt.cli.verify import status_of
from sortopt.objects import Reading
from sortopt.report import records
from sortopt.report import words as prose

TARGETS = ("c", "cpp", "rust", "asm-intel", "asm-att", "llvm", "python")
"""The targets; `tests` compare them with the emitters that there are."""

KEYS = ("int32", "int64", "uint32", "uint64")

key = click.option(
    "--key",
    type=click.Choice(KEYS),
    help="Key type; by default the 32-bit one of the kernel's own signedness.",
)


@click.command(
    epilog="""\b
Examples:
  sortopt emit kernels/alphadev/sort3.asm --to c
  sortopt emit kernels/alphadev/sort5.asm --to rust --key uint64 -o sort5.rs"""
)
@click.argument("file")
@click.option("--to", "target", type=click.Choice(TARGETS), required=True, help="What to write.")
@click.option("--name", metavar="NAME", help="The function's name; by default sort3 and the like.")
@key
@output.path
@output.force
@click.option(
    "--compiled", is_flag=True, help="Say what the C compiler here makes of the plain form."
)
@options.reading
@options.timeout
@options.as_json
def command(
    file: str,
    target: str,
    name: str | None,
    key: str | None,
    output_: str | None,
    force: bool,
    compiled: bool,
    reading: Reading,
    timeout: float | None,
    as_json: bool,
) -> ExitCode:
    """Prove the kernel in FILE ("-" is standard input) and write it as source code.

    What is written says in a comment what it promises and how that was proved.  A kernel that is
    refuted, or could not be proved, is not written.
    """
    output.check(output_, force=force)
    found = api.emit_file(file, target, reading, name=name, key=key, timeout=timeout)
    status = status_of(found.checked.judgement.verdict)
    kept = api.compile_plain(found, key) if compiled and found.text is not None else None
    if found.text is not None and (output_ is not None or not as_json):
        output.write(found.text, output_, force=force)
    if as_json:
        record = records.checked(found.checked, None)
        record |= {"target": target, "text": found.text, "output": output_}
        if kept is not None:
            record["compiled"] = {"branchless": kept.branchless, "what": str(kept)}
        print_json(record)
    elif found.text is None:
        verdict = prose.verdict(found.checked.file.kernel, found.checked.judgement)
        click.echo(f"nothing written: {found.checked.path}: {verdict}", err=True)
    elif output_ is not None:
        verdict = prose.verdict(found.checked.file.kernel, found.checked.judgement)
        click.echo(f"wrote {output_}: {verdict}", err=True)
    if kept is not None and not as_json:
        click.echo(str(kept), err=True)
    return status
