"""The command `sortopt`, as `python -m sortopt` is: Ctrl-C while it loads ends it in one line."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Load the command and run it; where Ctrl-C ends the loading, exit as any command does."""
    try:
        from sortopt.cli import main as command
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(3)
    command()


if __name__ == "__main__":
    main()
