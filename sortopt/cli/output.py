"""What commands share at their end: the file that is written, and the exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sortopt.base import ExitCode, InputError, atomic
from sortopt.report import page, tables

if TYPE_CHECKING:
    from sortopt.api import Unsafe, Verdict

path = click.option(
    "-o",
    "--output",
    "output_",
    metavar="FILE",
    help="Write to FILE instead of standard output; an existing file only with --force.",
)

force = click.option("--force", is_flag=True, help="Overwrite existing files.")

report = click.option(
    "--report",
    "page_path",
    metavar="FILE",
    help="Write a page on the kernel to FILE, for a browser.",
)

_STATUS = {
    "proved": ExitCode.DONE,
    "refuted": ExitCode.REFUTED,
    "unsafe": ExitCode.REFUTED,
    "unknown": ExitCode.UNKNOWN,
}


def status_of(verdict: Verdict | Unsafe) -> ExitCode:
    """Return the exit status that stands for `verdict`."""
    return _STATUS[verdict.name]


def write(text: str, output: str | None, *, force: bool) -> None:
    """Write `text` to the file `output`, whole or not at all, or to standard output."""
    if output is None or output == "-":
        click.echo(text, nl=False)
    else:
        atomic.write(output, text, force=force)


def check_page(path: str | None, *, force: bool) -> None:
    """Raise InputError, before any work is done, where a page cannot be made or written."""
    if path == "-":
        raise InputError("--report takes a file", hint="sortopt report writes to standard output")
    if path is not None:
        page.template()
        check(path, force=force)


def write_page(subject: page.Subject | None, path: str | None, *, force: bool) -> None:
    """Write the page about `subject` to the file `path`, if there is one, and say so on stderr."""
    if path is None:
        return
    if subject is not None:
        write(page.render(subject), path, force=force)
    tables.show(f"wrote {path}" if subject else f"no kernel, so no {path}", stderr=True)


def check(output: str | None, *, force: bool = False) -> None:
    """Raise InputError, before any work is done, where `output` cannot be written."""
    if output is not None and output != "-":
        atomic.check_writable(output, force=force)
