"""The command `sortopt`: its table of commands, and the one place where errors become exits."""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from importlib import import_module
from io import TextIOWrapper
from shlex import join
from types import MappingProxyType
from typing import Any, NoReturn

import click

from sortopt import __version__, base
from sortopt.base import ExitCode, InputError, LimitReached, SortoptError
from sortopt.cli.spellings import renewed
from sortopt.report import tables

GROUPS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Find kernels": {
            "search": "Find a shortest kernel.",
            "optimize": "Shorten a kernel.",
            "network": "Read, check and lower comparator networks.",
            "landscape": "Explore all kernels of a few keys.",
        },
        "Check kernels": {
            "verify": "Prove or refute a kernel.",
            "counterexample": "Show where a kernel breaks, step by step.",
            "show": "Show a kernel at work on any input.",
            "report": "Write a page on a kernel, for a browser.",
            "repair": "Repair a kernel.",
            "certify": "Check a lower-bound certificate.",
        },
        "Use kernels": {
            "emit": "Write a kernel as source code.",
            "bench": "Time kernels.",
            "sort-library": "Write a library of sorting kernels.",
        },
        "This installation": {
            "compile": "Compile ahead what is compiled when first used.",
            "doctor": "Say which tools are here, and what each gives.",
        },
    }
)
COMMANDS = {name: said for group in GROUPS.values() for name, said in group.items()}
"""Commands in the sequence of the help text.  `sort-library` lives in `sortopt.cli.sort_library`
as the click command called `command`."""

_COMPLETE = "_SORTOPT_COMPLETE"

BROKEN_PIPE = 141
"""Exit status when the reader of our output has gone: 128 + SIGPIPE."""


def _colour(default: str | None = None) -> click.Option:
    """Return the option --color, of the group or, for its own words, of a command."""

    def use(ctx: click.Context, param: click.Parameter, when: str | None) -> None:
        if when is not None:
            tables.colour(when)

    return click.Option(
        ["--color"], type=click.Choice(["auto", "always", "never"]), metavar="WHEN",
        help="Colour verdicts: auto (on a terminal without NO_COLOR), always or never.",
        expose_value=False, callback=use, default=default,
    )  # fmt: skip


class LazyGroup(click.Group):
    """A group that imports the module of a command only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the table's sequence."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None where there is none of that name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(_module(cmd_name)).command
        if all(parameter.name != "color" for parameter in command.params):
            command.params.append(_colour())
        if _COMPLETE in os.environ:
            from sortopt.cli.completion import complete

            complete(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that `args` begin with; raise UsageError naming a near miss."""
        name = args[0]
        if name not in self.list_commands(ctx) and not name.startswith("-"):
            known = self.list_commands(ctx)
            how = _suggest(name, known) or f"use {', '.join(known)}"
            raise click.UsageError(f"unknown command {name!r}; {how}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing any."""
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()), col_max=16)


def _module(command: str) -> str:
    return f"sortopt.cli.{command.replace('-', '_')}"


def _suggest(name: str, known: Sequence[str]) -> str | None:
    """Return in words which known name is like `name`, dashes apart; None where none is."""
    plain = {one.strip("-"): one for one in known}
    near = get_close_matches(name.strip("-"), plain, n=1)
    return f"did you mean {plain[near[0]]}?" if near else None


@click.command(
    cls=LazyGroup,
    params=[_colour("auto")],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  sortopt verify kernels/alphadev/sort3.asm
  sortopt counterexample

\b
Exit status:
"""
    + "\n".join(f"  {code:<2}  {code.meaning}" for code in ExitCode),
    no_args_is_help=True,
)
@click.version_option(__version__, prog_name="sortopt", message="%(prog)s %(version)s")
def group() -> None:
    """Find shortest branchless sorting kernels, and prove them for all inputs."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line `arguments` (those of the process by default) and exit.

    A shell that completes a word asks through an environment variable.
    """
    if (asked := os.environ.get(_COMPLETE)) is not None:
        from click.shell_completion import shell_complete

        sys.exit(shell_complete(group, {}, "sortopt", _COMPLETE, asked))
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command line `arguments` and return its exit status; messages go to stderr.

    SIGTERM does what Ctrl-C does: a command prints what it has found and ends.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file's name may be no text
    try:
        with _interrupted_by_sigterm():
            command = next((word for word in arguments if word in COMMANDS), "")
            status = _invoke(renewed(arguments, command))
            _say_why_slow()
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return ExitCode.BAD_INPUT
    except BrokenPipeError:
        _drop_output()
        return BROKEN_PIPE
    except (Exception, KeyboardInterrupt) as error:
        return _fail(error, arguments)


def _fail(error: BaseException, arguments: Sequence[str]) -> int:
    """Print what ended a command on stderr, with --json on stdout too; return its exit status."""
    ours = error if isinstance(error, SortoptError) else _as_ours(error)
    status, message = ours.exit_code, ours.render()
    if isinstance(error, KeyboardInterrupt | click.Abort):
        message = ours.message
    elif status is ExitCode.BUG:
        message += _report(arguments)
    tables.clear()
    click.echo(message, err=True)
    if isinstance(error, OSError) and error.filename is None:
        _drop_output()
    elif "--json" in arguments:
        click.echo(json.dumps(ours.record()))
    return status


def _as_ours(error: BaseException) -> SortoptError:
    """Return an error of another library as one that has an exit status."""
    match error:
        case click.ClickException():
            return InputError(_one_line(error))
        case MemoryError():
            return LimitReached("out of memory")
        case KeyboardInterrupt() | click.Abort():
            return LimitReached("interrupted")
        case OSError():
            what = error.filename or "cannot write"
            return InputError(f"{what}: {error.strerror or error}")
        case _:
            what = " ".join(f"{type(error).__name__}: {error}".split())
            return SortoptError(f"this is a bug in sortopt: {what}; please report it")


@contextmanager
def _interrupted_by_sigterm() -> Iterator[None]:
    """Raise KeyboardInterrupt on SIGTERM, as far as signals can be caught in this thread."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _report(arguments: Sequence[str]) -> str:
    """Return what to report of a bug; with SORTOPT_TRACEBACK set, print the traceback."""
    shown = bool(os.environ.get("SORTOPT_TRACEBACK"))
    if shown:
        traceback.print_exc()
    where = f"sortopt {__version__}, Python {platform.python_version()}, {platform.platform()}"
    more = "" if shown else "\nSORTOPT_TRACEBACK=1 shows more"
    return f"\nreport: {where}: {join(['sortopt', *arguments])}{more}"


def _invoke(arguments: list[str]) -> int:
    try:
        with group.make_context("sortopt", arguments) as context:
            status: Any = group.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    return int(status or 0)


def _say_why_slow() -> None:
    """Print why the next run must compile as this one did, where anything was compiled."""
    if "sortopt.base._compile_kernels" in sys.modules and (why := base.why_uncached()):
        click.echo(f"note: {why}; set NUMBA_CACHE_DIR to a folder that can be written", err=True)


def _drop_output() -> None:
    """Send stdout nowhere: Python flushes it once more on exit, which would fail again."""
    with suppress(OSError):  # a stdout that is no file needs no such care
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _one_line(error: click.ClickException) -> str:
    """Return what click objects to as one line, with a near miss or where to look."""
    context = getattr(error, "ctx", None)
    if isinstance(error, click.NoSuchOption):
        parameters = context.command.params if context else ()
        known = [o for p in parameters for o in p.opts if o.startswith("-")]
        where = f"see {context.command_path} --help" if context else "see --help"
        how = _suggest(error.option_name, known) or where
        return f"unknown option {error.option_name}; {how}"
    text = " ".join(error.format_message().split()).rstrip(".")
    text = text[:1].lower() + text[1:]
    if ";" in text or context is None:
        return text
    return f"{text}; see {context.command_path} --help"
