"""How Sphinx builds the pages of this folder; `scripts/docs` calls it."""

import click
from sphinx.application import Sphinx

from sortopt import __version__ as release  # noqa: F401
from sortopt.cli import app as cli

project = "sortopt"
copyright = "the authors of sortopt"
html_theme = "furo"
html_title = project
extensions = ["myst_nb", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]

myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300

default_role = "literal"
autodoc_member_order = "groupwise"


def add_commands(_: Sphinx, page: str, text: list[str]) -> None:
    """Append what each command prints for --help to the page `commands`."""
    if page != "commands":
        return
    for title, names in cli.GROUPS.items():
        text[0] += f"\n## {title}\n"
        for name in names:
            context = click.Context(cli.group, info_name="sortopt", terminal_width=88)
            command = cli.group.get_command(context, name)
            assert command is not None
            context = click.Context(command, context, name, terminal_width=88)
            text[0] += f"\n### {name}\n\n```text\n{command.get_help(context)}\n```\n"


def setup(app: Sphinx) -> None:
    """Let the page of commands be made from the commands."""
    app.connect("source-read", add_commands)
