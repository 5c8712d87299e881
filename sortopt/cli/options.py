"""Options that several commands share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from sortopt import api
from sortopt.base import Budget, bytes_of
from sortopt.cli import output

_Command = TypeVar("_Command", bound=Callable[..., Any])

GOALS = "sort, min, max, median, minmax, kth:K, smallest:K, largest:K or merge:P,Q."
"""The help text of --goal."""

RUNGS = "What must be kept of the keys: values, elements, stable or safe."
"""The help text of --keep."""

as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on stdout, nothing else."
)


class Grouped(click.Command):
    """A command whose options stand in groups in --help; `groups` has the last name of each.

    The last group, which has None for it, holds what is left.
    """

    def __init__(self, *args: Any, groups: Mapping[str, str | None], **options: Any) -> None:
        super().__init__(*args, **options)
        self._groups = groups

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options group by group, in the sequence in which they are declared."""
        left = [(p.name, shown) for p in self.get_params(ctx) if (shown := p.get_help_record(ctx))]
        for title, last in self._groups.items():
            names = [name for name, _ in left]
            end = len(left) if last is None else names.index(last) + 1
            with formatter.section(title):
                formatter.write_dl([shown for _, shown in left[:end]])
            del left[:end]


def refuse_idle(needs: Mapping[str, tuple[object, str]]) -> None:
    """Raise UsageError for an option that was given, but has no effect without another.

    `needs` has, by the name of the parameter, whether what it needs is there, and what that is.
    """
    context = click.get_current_context()
    for parameter in context.command.params:
        there, needed = needs.get(parameter.name or "", (True, ""))
        source = context.get_parameter_source(parameter.name or "")
        if not there and source is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{parameter.opts[0]} has no effect without {needed}")


def finite(ctx: click.Context, param: click.Parameter, seconds: float | None) -> float | None:
    """Return `seconds`; raise BadParameter unless it is None or a finite time above zero."""
    if seconds is None or (math.isfinite(seconds) and seconds > 0):
        return seconds
    raise click.BadParameter(f"{seconds} is no time above zero in seconds", ctx, param)


def _budget(ctx: click.Context, param: click.Parameter, seconds: float | None) -> Budget:
    """Return a budget that begins now; raise BadParameter as `finite` does."""
    limit = finite(ctx, param, seconds)
    return Budget(limit, report=output.News())


def _bytes(ctx: click.Context, param: click.Parameter, gib: float | None) -> int | None:
    """Return a limit on memory in bytes; raises InputError where it is none."""
    return bytes_of(gib)


memory_limit = click.option(
    "--memory-limit", "memory", type=float, callback=_bytes, metavar="GIB", help="Of the process."
)
"""The command gets it as `memory`, in bytes."""


def seed(of: str) -> Callable[[_Command], _Command]:
    """Return the option that seeds what a command draws at random."""
    number = click.IntRange(0, 2**32 - 1)
    return click.option(
        "--seed", type=number, default=0, show_default=True, metavar="S", help=f"Of {of}."
    )


threads = click.option(
    "--threads", type=click.IntRange(1, 64), metavar="T", help="By default all cores."
)

time_limit_of_work = click.option(
    "--time-limit",
    type=float,
    callback=finite,
    metavar="SECONDS",
    help="Then what is known by then is printed; loading and compiling do not count.",
)
"""The command gets it as `time_limit`, and begins its budget itself."""


time_limit = click.option(
    "--time-limit",
    "budget",
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

TYPES = (*api.KEY_TYPES, *api.FLOAT_TYPES)
"""The names of the key types."""

key = click.option(
    "--key",
    metavar="TYPE",
    help=f"Type of the keys: {', '.join(TYPES)}; else as operands and instructions show.",
)

key_of_kernels = click.option(
    "--key",
    type=click.Choice(TYPES),
    help="Type of the keys; with float32 and float64, --isa x86-minmax stands for x86-float.",
)

isa = click.option(
    "--isa",
    type=click.Choice(list(api.ISAS)),
    metavar="NAME",
    help=f"{', '.join(api.ISAS)}; by default {api.DEFAULT_ISA}, x86-float for float keys.",
)

typed = click.option(
    "--key",
    type=click.Choice(TYPES),
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
        distinct_buffers: bool,
        **options: Any,
    ) -> Any:
        how = api.Reading(dialect, inputs, outputs, assume, goal, keep, function, distinct_buffers)
        return command(*args, reading=how, **options)

    for option in (
        click.option(
            "--distinct-buffers",
            is_flag=True,
            help="Buffers behind different pointers do not overlap, as with restrict in C.",
        ),
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
