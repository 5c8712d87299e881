#!/usr/bin/env python3
"""How many tie failures are mended at equal length: the figure that the README states.

Usage: scripts/repair_rate.py [FOLDER]

Lists every shortest kernel of three keys that sorts distinct keys, with conditions l and g; counts
those that fail on ties, and those of them that other conditions mend.
"""

import re
import sys
import tempfile
from pathlib import Path

from sortopt.cli.app import run
from sortopt.formats import parse
from sortopt.model.verdict import Proved
from sortopt.verify.orders_check import check
from sortopt.verify.repairs import Repair, repair


def kernels(folder: Path):
    """Yield the kernels, their precondition of distinct keys lifted."""
    listing = folder / "sort3.asm"
    options = ["--n", "3", "--distinct", "--conditions", "l,g", "--all", str(listing), "--force"]
    assert run(["search", *options]) == 0
    for text in re.split(r"\n\s*\n", listing.read_text(encoding="utf-8")):
        if text.strip():
            yield parse(text, assume="none").kernel


def main() -> None:
    """Print the counts."""
    with tempfile.TemporaryDirectory() as temporary:
        found = list(kernels(Path(sys.argv[1] if len(sys.argv) > 1 else temporary)))
    failing = [kernel for kernel in found if not isinstance(check(kernel), Proved)]
    mended = sum(isinstance(repair(kernel, most_added=0), Repair) for kernel in failing)
    print(
        f"{len(found):,} kernels, {len(failing):,} fail on ties, {mended:,} mended at equal length"
    )


if __name__ == "__main__":
    main()
