"""What commands share at their end: the file that is written, and the exit status."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sortopt.base import ExitCode, Progress, atomic
from sortopt.report import tables, words

if TYPE_CHECKING:
    from rich.table import Table

    from sortopt.api import Unsafe, Verdict
    from sortopt.report import page

_Command = TypeVar("_Command", bound=Callable[..., Any])

_QUIET = "sortopt.quiet"

path = click.option(
    "-o",
    "--output",
    "output_",
    metavar="FILE",
    help="Write to FILE instead of standard output; an existing file only with --force.",
)


def _files(context: click.Context) -> list[click.Parameter]:
    """Return the parameters that name files to write."""
    return [p for p in context.command.params if p.metavar in ("FILE", "[PATH]")]


def _check_files(context: click.Context) -> None:
    """Raise UsageError where two options write the same file, or one that needs a file has none."""
    seen: dict[str, str] = {}
    for parameter in _files(context):
        path, option = context.params.get(parameter.name or ""), parameter.opts[-1]
        if path == "-" and parameter.name != "output_":
            raise click.UsageError(f"{option} takes a file, not standard output")
        if path and path != "-" and seen.setdefault(os.path.realpath(path), option) != option:
            also = seen[os.path.realpath(path)]
            raise click.UsageError(f"{also} and {option} write the same file; name two")


def _refuse_idle_force(context: click.Context) -> None:
    """Raise UsageError where no option says which file to write."""
    files = _files(context)
    files += [p for p in context.command.params if p.name == "in_place"]
    if not any(context.params.get(p.name or "") not in (None, False, "-") for p in files):
        wanted = min(files, key=lambda parameter: parameter.name != "output_")
        how = f"{wanted.opts[0]} FILE"
        raise click.UsageError(f"--force has no effect without a file to write; give {how}")


def force(command: _Command) -> _Command:
    """Give `command`, which writes files, the option --force; check what its options write."""

    @functools.wraps(command)
    def checked(**given: Any) -> Any:
        _check_files(click.get_current_context())
        if given["force"]:
            _refuse_idle_force(click.get_current_context())
        return command(**given)

    return click.option("--force", is_flag=True, help="Overwrite existing files.")(checked)  # type: ignore[return-value]


quiet = click.option(
    "--quiet",
    "-q",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=lambda ctx, param, value: ctx.meta.update({_QUIET: value}),
    help="Print nothing but the kernel; of a verdict the exit status alone.",
)

report = click.option(
    "--report",
    "page_path",
    metavar="FILE",
    help="Write a page on the kernel to FILE, for a browser.",
)


def svg(what: str) -> Callable[[_Command], _Command]:
    """Return the option that draws a picture of `what`; the command gets its path as `svg_file`."""
    return click.option("--svg", "svg_file", metavar="FILE", help=f"Draw {what} to FILE.")


_STATUS = {
    "proved": ExitCode.DONE,
    "refuted": ExitCode.REFUTED,
    "unsafe": ExitCode.REFUTED,
    "unknown": ExitCode.UNKNOWN,
}


def status_of(verdict: Verdict | Unsafe, expect: str | None = None) -> ExitCode:
    """Return the exit status that stands for `verdict`: success where it is the one to `expect`."""
    if expect is not None and verdict.name in ("proved", "refuted"):
        return ExitCode.DONE if verdict.name == expect else ExitCode.REFUTED
    return _STATUS[verdict.name]


def is_quiet() -> bool:
    """Whether the command that runs was asked to be quiet."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_QUIET))


def say(*parts: str | Table) -> None:
    """Print on stderr what is not the answer itself, unless asked to be quiet."""
    answer(*parts, stderr=True)


def answer(*parts: str | Table, stderr: bool = False) -> None:
    """Print a verdict on stdout, unless asked to be quiet: then the exit status says it."""
    if not is_quiet():
        tables.show(*parts, stderr=stderr)


class News:
    """What long work reports to: a line on stderr that says what is known so far.

    On a terminal it renews itself; a quiet command prints none.
    """

    def __init__(self) -> None:
        self._quiet = is_quiet()
        self._known: dict[str, int] = {}
        self._phase: object = None
        self._began = 0, 0.0

    def __call__(self, where: Progress) -> None:
        """Print where the work stands, and what earlier reports found."""
        found = {"best": where.best, "at least": where.bound}
        known = [f"{what} {n}" for what, n in self._known.items() if found[what] is None]
        self._known.update({what: n for what, n in found.items() if n is not None})
        if not self._quiet:
            so_far = f"; so far {', '.join(known)}" if known else ""
            tables.renew(words.progress(where) + self._left(where) + so_far)

    def _left(self, where: Progress) -> str:
        """Return in words how long the rest of this piece of work takes, as it went so far."""
        if where.done is None or where.total is None:
            return ""
        phase = where.doing, where.limit, where.total
        if phase != self._phase:
            self._phase, self._began = phase, (where.done, where.seconds)
        done, seconds = where.done - self._began[0], where.seconds - self._began[1]
        left = where.total - where.done
        return words.left(seconds * left / done) if min(done, seconds, left) > 0 else ""


def write(text: str, output: str | None, *, force: bool) -> None:
    """Write `text` to the file `output`, whole or not at all, or to standard output."""
    tables.clear()
    if output is None or output == "-":
        click.echo(text, nl=False)
    else:
        atomic.write(output, text, force=force)


def check_page(path: str | None, *, force: bool) -> None:
    """Raise InputError, before any work is done, where a page cannot be made or written."""
    if path is not None:
        from sortopt.report import page

        page.template()
        check(path, force=force)


def write_page(subject: page.Subject | None, path: str | None, *, force: bool) -> None:
    """Write the page about `subject` to the file `path`, if there is one, and say so on stderr."""
    if path is None:
        return
    if subject is not None:
        from sortopt.report import page

        write(page.render(subject), path, force=force)
    say(f"wrote {path}" if subject else f"no kernel, so no {path}")


def write_picture(draw: Callable[[], str | None], path: str | None, *, force: bool) -> None:
    """Write what `draw` draws to the file `path`, if there is one, and say so on stderr."""
    if path is not None:
        if (drawn := draw()) is not None:
            write(drawn, path, force=force)
        say(f"wrote {path}" if drawn else f"nothing to draw, so no {path}")


def check(output: str | None, *, force: bool = False) -> None:
    """Raise InputError, before any work is done, where `output` cannot be written."""
    if output is not None and output != "-":
        atomic.check_writable(output, force=force)
