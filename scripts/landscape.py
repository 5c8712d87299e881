#!/usr/bin/env python3
"""Explore the landscapes of two, three and four keys for the documentation.

    python scripts/landscape.py --results docs/results/landscape.json

Takes some minutes.  `--only 2 3` leaves out the other numbers of keys.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from math import inf

import measured

COMMANDS = (
    ("--n", "2", "--slack", "3"),
    ("--n", "3", "--isa", "x86-minmax"),
    ("--n", "4", "--isa", "x86-minmax"),
    ("--n", "3", "--slack", "3"),
    ("--n", "4"),
)
"""What is explored, the quickest first."""


def main(arguments: Sequence[str]) -> int:
    """Run the commands and keep their records."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", nargs="*", metavar="N", help="these numbers of keys")
    measured.add_options(parser)
    options = parser.parse_args(arguments)
    measured.check_options(options)
    figures = []
    for words in COMMANDS:
        if options.only is None or words[1] in options.only:
            command = ["landscape", *words]
            found, _ = measured.record(command, inf)
            figures.append({"command": " ".join(["sortopt", *command]), **found})
            measured.result(options, figures, ["scripts/landscape.py", *arguments])
            print(f"{figures[-1]['command']}: {found['seconds']:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    measured.main(main)
