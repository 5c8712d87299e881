"""The command line: a thin click module a command, loaded when it is called."""

from sortopt.cli.app import main

__all__ = ["main"]
