"""`sortopt compile`."""

from __future__ import annotations

import time

import click

from sortopt import api
from sortopt.base import ExitCode, raise_if_interrupted
from sortopt.cli import options, output
from sortopt.report import tables


@click.command(epilog="\b\nExamples:\n  sortopt compile\n  sortopt compile --quiet\n")
@output.quiet
@options.as_json
def command(*, as_json: bool) -> ExitCode:
    """Compile now what commands would compile when first used; a minute or two, once.

    It is kept in the cache that `sortopt doctor` names, and compiled anew after an update.
    """
    seconds = {}
    for what, compile_it in api.ahead.parts():
        began = time.monotonic()
        raise_if_interrupted(getattr(compile_it(), "stopped", None))
        seconds[what] = round(time.monotonic() - began, 3)
        output.say(f"{what}: {seconds[what]:.1f} s")
    if as_json:
        tables.show_record({"seconds": seconds})
    return ExitCode.DONE
