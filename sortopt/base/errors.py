"""Exceptions of sortopt; each knows its exit code and how to print itself.

Every error a user can cause derives from `SortoptError`.  The command line prints
`error.render()` on stderr and leaves with `error.exit_code`; no traceback is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit status says; `meaning` is the table of all commands."""

    DONE = 0
    REFUTED = 1
    BAD_INPUT = 2
    UNKNOWN = 3
    BUG = 70  # EX_SOFTWARE of sysexits.h

    @property
    def meaning(self) -> str:
        """What a command that leaves so has done."""
        return _MEANING[self]


_MEANING = {
    ExitCode.DONE: "done and true: proved, found",
    ExitCode.REFUTED: "refuted, unsafe, or no such kernel",
    ExitCode.BAD_INPUT: "bad input or usage",
    ExitCode.UNKNOWN: "unknown, stopped or interrupted; what was found is printed",
    ExitCode.BUG: "a bug in sortopt; the message says what to report",
}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one line: `line` and `column` count from 1, `length` is in characters."""

    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A text and the name under which a message quotes it (a path, or `<stdin>`).

    A text that is read again is another source: places are told apart by it.
    """

    name: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines without their ends: a line feed, or a carriage return and a line feed.

        Other characters that end a line elsewhere, such as a form feed, are part of it.
        """
        return [line.removesuffix("\r") for line in self.text.removesuffix("\n").split("\n")]

    def span(self, start: int, end: int) -> Span:
        """Return where text[start:end] stands, as far as its first line goes."""
        before = self.text.rfind("\n", 0, start) + 1
        after = self.text.find("\n", start)
        length = min(end, len(self.text) if after < 0 else after) - start
        return Span(self.text.count("\n", 0, start) + 1, start - before + 1, max(1, length))

    def line(self, number: int) -> str:
        """Return line `number`, counted from 1; "" past the end."""
        lines = self.lines
        return lines[number - 1] if 1 <= number <= len(lines) else ""


class SortoptError(Exception):
    """An error that ends a command with one clear message.

    `message` says what is wrong, `hint` how to fix it, `source` and `span` where it stands.
    """

    exit_code: ExitCode = ExitCode.BUG

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        source: Source | None = None,
        span: Span | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.source = source
        self.span = span

    def at(self, source: Source, span: Span | None = None) -> SortoptError:
        """Return this error with its place filled in where it had none."""
        self.source = self.source or source
        self.span = self.span or span
        return self

    def render(self) -> str:
        """Return the message: `place: error: what; how to fix it`, then the line and a caret."""
        where = ""
        if self.source is not None:
            where = f"{self.source.name}:"
            if self.span is not None:
                where += f"{self.span.line}:{self.span.column}:"
            where += " "
        text = f"{where}error: {self.message}"
        if self.hint:
            text += f"; {self.hint}"
        if self.source is not None and self.span is not None:
            text += "\n" + _quote(self.source.line(self.span.line), self.span)
        return text

    def record(self) -> dict[str, object]:
        """Return the error as plain data, the place as far as it is known."""
        place = {
            "file": None if self.source is None else self.source.name,
            "line": None if self.span is None else self.span.line,
            "column": None if self.span is None else self.span.column,
        }
        known = {"message": self.message, "hint": self.hint, "exit_status": int(self.exit_code)}
        return {"error": known | place}

    def __str__(self) -> str:
        return self.render()


_WIDEST_QUOTE = 100


def _quote(line: str, span: Span) -> str:
    """Return `line` with a caret line under `span`; a long line is cut around the span."""
    line = "".join(c if c.isprintable() else " " for c in line)
    start = max(0, span.column - 1 - _WIDEST_QUOTE // 2) if len(line) > _WIDEST_QUOTE else 0
    shown = line[start : start + _WIDEST_QUOTE]
    offset = span.column - 1 - start
    width = max(1, min(span.length, len(shown) - offset))
    return f"    {shown}\n    {' ' * offset}{'^' * width}"


class InputError(SortoptError):
    """What the user handed in cannot be used: a file, an option, a kernel, a precondition.

    `around` says that what is at fault may stand in machine code around a kernel, `listed` that the
    hint lists the instructions that the model has.
    """

    exit_code = ExitCode.BAD_INPUT
    around = listed = False


class KernelError(InputError):
    """A kernel or contract breaks an invariant.

    `instruction` is the index (from 0) of the offending instruction, `cell` the index of the
    offending cell, where there is one; a parser turns them into a source span.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        instruction: int | None = None,
        cell: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.instruction = instruction
        self.cell = cell


class LimitReached(SortoptError):
    """A time or memory limit ended the work before an answer was reached."""

    exit_code = ExitCode.UNKNOWN


class Disagreement(SortoptError):
    """Two proofs that must agree do not: a bug in sortopt, never in the user's kernel."""

    exit_code = ExitCode.BUG

    def __init__(
        self, message: str, *, hint: str = "this is a bug in sortopt; please report it"
    ) -> None:
        super().__init__(message, hint=hint)
