"""Old spellings of options: they work, and say the new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import click

_EVERYWHERE = {"--timeout": "--time-limit"}
_OF_COMMAND: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "optimize": {"--to": "--output", "--in-place": "--overwrite"},
        "repair": {"--in-place": "--overwrite"},
    }
)


def renewed(arguments: Sequence[str], command: str) -> list[str]:
    """Return a command line of `command` with today's spellings; name each old one on stderr."""
    renamed = {**_EVERYWHERE, **_OF_COMMAND.get(command, {})}
    end = list(arguments).index("--") if "--" in arguments else len(arguments)
    words = list(arguments)
    for place, word in enumerate(words[:end]):
        old, equals, value = word.partition("=")
        if (new := renamed.get(old)) is not None:
            click.echo(f"note: {old} is now called {new}", err=True)
            words[place] = new + equals + value
    return words
