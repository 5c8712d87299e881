"""Options for commands that write a file, and the writing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from sortopt.base import atomic

path = click.option(
    "-o",
    "--output",
    "output_",
    metavar="FILE",
    help="Write to FILE instead of standard output; an existing file only with --force.",
)

force = click.option("--force", is_flag=True, help="Overwrite existing files.")


def write(text: str, output: str | None, *, force: bool) -> None:
    """Write `text` to the file `output`, whole or not at all, or to standard output."""
    if output is None or output == "-":
        click.echo(text, nl=False)
    else:
        atomic.write(output, text, force=force)


def check(output: str | None, *, force: bool) -> None:
    """Raise InputError, before any work is done, where `output` cannot be written."""
    if output is not None and output != "-":
        atomic.check_writable(output, force=force)


def print_json(record: Mapping[str, Any]) -> None:
    """Print one JSON object on stdout."""
    click.echo(json.dumps(record))
