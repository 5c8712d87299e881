"""The command `sortopt`: its table of commands, and the one place where errors become exits."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from io import TextIOWrapper
from types import MappingProxyType
from typing import Any, NoReturn

import click

from sortopt import __version__
from sortopt.base import ExitCode, SortoptError

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "search": "Find a shortest kernel.",
        "verify": "Prove or refute a kernel.",
        "counterexample": "Show where a kernel breaks, step by step.",
        "certify": "Check a lower-bound certificate.",
        "optimize": "Shorten a kernel.",
        "repair": "Mend a kernel.",
        "emit": "Write a kernel as source code.",
        "bench": "Time kernels.",
        "network": "Read, check and lower comparator networks.",
        "sort-library": "Write a library of sorting kernels.",
    }
)
"""Commands in the sequence of the help text.  `sort-library` lives in `sortopt.cli.sort_library`
as the click command called `command`; those without a module are not offered."""

INTERRUPTED = 130
"""Exit status after Ctrl-C: 128 + SIGINT."""
BROKEN_PIPE = 141
"""Exit status when the reader of our output has gone: 128 + SIGPIPE."""


class LazyGroup(click.Group):
    """A group that imports the module of a command only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands whose module exists, in the table's sequence."""
        return [name for name in COMMANDS if find_spec(_module(name)) is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None where there is none of that name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(_module(cmd_name)).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that `args` begin with; raise UsageError naming a near miss."""
        name = args[0]
        if name not in self.list_commands(ctx) and not name.startswith("-"):
            known = self.list_commands(ctx)
            raise click.UsageError(f"unknown command {name!r}; {_suggest(name, known)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


def _module(command: str) -> str:
    return f"sortopt.cli.{command.replace('-', '_')}"


def _suggest(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"use {', '.join(known)}"


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  sortopt verify kernels/alphadev/sort3.asm
  sortopt counterexample

Exit status: 0 done and true (proved, found); 1 refuted, or no kernel of that length; 2 bad input
or usage; 3 unknown (time or memory ran out).""",
    no_args_is_help=True,
)
@click.version_option(__version__, prog_name="sortopt", message="%(prog)s %(version)s")
def group() -> None:
    """Find shortest branchless sorting kernels, and prove them for all inputs."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line `arguments` (those of the process by default) and exit."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command line `arguments` and return its exit status; messages go to stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file's name may be no text
    try:
        status = _invoke(list(arguments))
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except SortoptError as error:
        return _fail(error.render(), error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        return _fail(error.ctx.get_help() if error.ctx else "", ExitCode.BAD_INPUT)
    except click.ClickException as error:
        return _fail(f"error: {_one_line(error)}", ExitCode.BAD_INPUT)
    except MemoryError:
        return _fail("error: out of memory", ExitCode.UNKNOWN)
    except (KeyboardInterrupt, click.Abort):
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        _drop_output()
        return BROKEN_PIPE
    except OSError as error:
        _drop_output()
        where = f" {error.filename}" if error.filename else ""
        return _fail(f"error: cannot write{where}: {error.strerror or error}", ExitCode.BAD_INPUT)


def _invoke(arguments: list[str]) -> int:
    try:
        with group.make_context("sortopt", arguments) as context:
            status: Any = group.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    return int(status or 0)


def _drop_output() -> None:
    """Send stdout nowhere: Python flushes it once more on exit, which would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str, status: int) -> int:
    click.echo(message, err=True)
    return int(status)


def _one_line(error: click.ClickException) -> str:
    """Return what click objects to as one line, with a near miss or where to look."""
    context = getattr(error, "ctx", None)
    if isinstance(error, click.NoSuchOption):
        known = [o for p in (context.command.params if context else ()) for o in p.opts]
        return f"unknown option {error.option_name}; {_suggest(error.option_name, known)}"
    text = " ".join(error.format_message().split()).rstrip(".")
    text = text[:1].lower() + text[1:]
    if ";" in text or context is None:
        return text
    return f"{text}; see {context.command_path} --help"
