"""`sortopt doctor`."""

from __future__ import annotations

from dataclasses import asdict

import click

from sortopt import api
from sortopt.base import ExitCode
from sortopt.cli import options
from sortopt.report import show, tables


@click.command(epilog="\b\nExamples:\n  sortopt doctor\n  sortopt doctor --json\n")
@options.as_json
def command(*, as_json: bool) -> ExitCode:
    """Say which tools are here, what each gives, and how to get those that are not.

    None of them is needed to search, verify, shorten or emit.
    """
    found = list(api.doctor.examine())
    if as_json:
        tables.show_record({"tools": [asdict(finding) for finding in found]})
    else:
        tables.show(show.findings(found))
    return ExitCode.DONE
