"""`sortopt sort-library --n 2..8 --to c`."""

from __future__ import annotations

from typing import Any

import click

from sortopt import api
from sortopt.api import Library
from sortopt.base import ExitCode
from sortopt.cli import options, output
from sortopt.cli.emit import KEYS
from sortopt.cli.output import print_json
from sortopt.formats import print_kernel
from sortopt.report import records


@click.command(
    epilog="""\b
Examples:
  sortopt sort-library --n 2..8 --to c -o sort_small.h
  sortopt sort-library --n 3,5 --to c --kernels my-kernels --key uint64"""
)
@click.option(
    "--n", "sizes", default="2..8", show_default=True, metavar="SIZES", help="2..8, or 3,4,5."
)
@click.option("--to", "target", type=click.Choice(["c"]), default="c", help="What to write: c.")
@click.option(
    "--kernels",
    metavar="FOLDER",
    help="Where to look for kernel files; by default among those that come with sortopt. "
    "Sizes without a kernel there get the best network known.",
)
@click.option(
    "--name", default="sort_small", show_default=True, help="The dispatcher; NAME_3 sorts 3 keys."
)
@click.option("--key", type=click.Choice(KEYS), default="int32", show_default=True)
@click.option(
    "--isa",
    type=click.Choice(["x86-cmov", "x86-minmax"]),
    default="x86-cmov",
    show_default=True,
    help="Which kernels to take.",
)
@output.path
@output.force
@options.timeout
@options.as_json
def command(
    sizes: str,
    target: str,
    kernels: str | None,
    name: str,
    key: str,
    isa: str,
    output_: str | None,
    force: bool,
    timeout: float | None,
    as_json: bool,
) -> ExitCode:
    """Write one self-contained file with a proved kernel for each number of keys."""
    output.check(output_, force=force)
    library = api.sort_library(
        sizes, kernels, name=name, key=key, isa=isa, timeout=timeout, progress=_say
    )
    if output_ is not None or not as_json:
        output.write(library.text, output_, force=force)
    if as_json:
        names = {"target": target, "key": key, "name": name, "output": output_}
        print_json(names | _record(library))
    else:
        for entry in library.chosen:
            length = f"{len(entry.kernel)} instructions"
            _say(f"n = {entry.n}: {length}, {entry.judgement.verdict.name}, {entry.found}")
    return ExitCode.DONE


def _record(library: Library) -> dict[str, Any]:
    """Return the JSON record of a library: its kernels, and its text."""
    entries = [
        {
            "n": entry.n,
            "length": len(entry.kernel),
            "found": entry.found,
            "asm": print_kernel(entry.kernel),
            **records.judgement(entry.judgement),
        }
        for entry in library.chosen
    ]
    return {"kernels": entries, "text": library.text}


def _say(line: str) -> None:
    click.echo(line, err=True)
