"""The command `sortopt` from its first moment on: Ctrl-C while it is loaded ends it in one line.

It stands outside the package, because to import any part of a package is to load the package first.
"""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Load the command and run it; where Ctrl-C ends the loading, exit as any command does."""
    try:
        from sortopt.cli import main as command
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(3)
    command()
