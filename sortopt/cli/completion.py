"""What a shell completes where a command takes a text: files, folders, and words that are known."""

from __future__ import annotations

import re
from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem

from sortopt import api
from sortopt.cli import options


class _Known(click.types.StringParamType):
    """A text that is as a rule one of a few words."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(words)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the words that begin with what has been typed."""
        return [CompletionItem(word) for word in self._words if word.startswith(incomplete)]


def complete(command: click.Command) -> None:
    """Give each parameter of `command` that takes a text the type by which a shell completes it."""
    for parameter in command.params:
        if parameter.type is click.STRING:
            parameter.type = _type_of(parameter)


def _type_of(parameter: click.Parameter) -> click.ParamType[str]:
    match parameter.name, parameter.metavar:
        case _, "FILE" | "[PATH]":
            return click.Path()
        case "file" | "files", _:
            return click.Path()
        case _, "DIR" | "FOLDER":
            return click.Path(file_okay=False)
        case "goal", _:
            return _Known(re.findall(r"\b(?!or\b)[a-z]+:?", options.GOALS))
        case "keep", _:
            return _Known(map(str, api.Rung))
        case "key", _:
            return _Known(options.TYPES)
        case "dialect", _:
            return _Known(api.DIALECTS)
        case "cpu", _:
            return _Known(api.cpu_families())
        case _:
            return parameter.type
