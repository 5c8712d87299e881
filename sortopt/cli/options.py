"""Options that several commands share."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from sortopt import api
from sortopt.base import Budget
from sortopt.report import tables, words

_Command = TypeVar("_Command", bound=Callable[..., Any])

GOALS = "sort, min, max, median, minmax, kth:K, smallest:K, largest:K or merge:P,Q."
"""The help text of --goal."""

RUNGS = "What must be kept of the keys: values, elements, stable or safe."
"""The help text of --keep."""

as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on stdout, nothing else."
)


def finite(ctx: click.Context, param: click.Parameter, seconds: float | None) -> float | None:
    """Return `seconds`; raise BadParameter unless it is None or a finite time above zero."""
    if seconds is None or (math.isfinite(seconds) and seconds > 0):
        return seconds
    raise click.BadParameter(f"{seconds} is no time above zero in seconds", ctx, param)


def _budget(ctx: click.Context, param: click.Parameter, seconds: float | None) -> Budget:
    """Return a budget that begins now; raise BadParameter as `finite` does."""
    limit = finite(ctx, param, seconds)
    return Budget(limit, report=lambda now: tables.show(words.progress(now), stderr=True))


class _Renamed(click.Option):
    """An option that shows its first spelling only; the others are old ones."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option as --help shows it."""
        shown = super().get_help_record(ctx)
        old = "".join(f", {name}" for name in self.opts[1:])
        return shown and (shown[0].replace(old, ""), shown[1])

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Return the option as messages call it."""
        return f"'{self.opts[0]}'"


time_limit = click.option(
    "--time-limit",
    "--timeout",
    "budget",
    cls=_Renamed,
    type=float,
    callback=_budget,
    metavar="SECONDS",
    help="For the whole command, reading included; then the verdict is unknown (exit status 3).",
)
"""The command gets it as `budget`, whose clock has begun: reading and explaining count too."""

bits = click.option(
    "--bits",
    type=click.IntRange(1, 64),
    metavar="W",
    help="Let Z3 prove it over bit-vectors of W bits instead of integers.",
)

key = click.option(
    "--key",
    metavar="TYPE",
    help=f"Type of the keys: {', '.join(api.KEY_TYPES)}; else as operands and conditions show.",
)

typed = click.option(
    "--key",
    type=click.Choice(list(api.KEY_TYPES)),
    help="Key type; by default the 32-bit one of the kernel's own signedness.",
)


def reading(command: _Command) -> _Command:
    """Add the options that say how to read a kernel file; the command gets them as `reading`."""

    @wraps(command)
    def with_reading(
        *args: Any,
        dialect: str | None,
        inputs: str | None,
        outputs: str | None,
        assume: str | None,
        goal: str | None,
        keep: str | None,
        function: str | None,
        **options: Any,
    ) -> Any:
        how = api.Reading(dialect, inputs, outputs, assume, goal, keep, function)
        return command(*args, reading=how, **options)

    for option in (
        click.option(
            "--function",
            metavar="NAME",
            help="The function to read, of an object file, assembly text or C file with several.",
        ),
        click.option(
            "--dialect", metavar="NAME", help=f"{', '.join(api.DIALECTS)}; else detected."
        ),
        click.option("--keep", metavar="RUNG", help=RUNGS),
        click.option("--goal", metavar="GOAL", help=GOALS),
        click.option("--outputs", metavar="CELLS", help='Least first, for example "eax ecx edx".'),
        click.option("--inputs", metavar="CELLS", help="Cells of the keys a, b, c ... on entry."),
        click.option(
            "--assume",
            metavar="COMPARISONS",
            help='Precondition, for example "b<c" or "a<b<=c"; "none" lifts the file\'s.',
        ),
    ):
        with_reading = option(with_reading)
    return with_reading  # type: ignore[return-value]
