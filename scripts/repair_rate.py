#!/usr/bin/env python3
"""Count the kernels that fail on ties, and those that are repaired at equal length.

    python scripts/repair_rate.py --results docs/results/repairs.json

Lists every shortest kernel of three keys that sorts distinct keys, with conditions l and g; counts
those that fail on ties, and those of them that other conditions repair.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import measured
import tables

import sortopt
from sortopt.model import ALWAYS, Proved
from sortopt.verify import Repair, orders_check, repair


def main(arguments: Sequence[str]) -> int:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    measured.add_options(parser)
    options = parser.parse_args(arguments)
    measured.check_options(options)
    answer = sortopt.search(n=3, conditions=("l", "g"), distinct=True, count=True)
    assert answer.listing is not None, answer.stopped
    kernels = [kernel.assuming(ALWAYS) for kernel in answer.listing()]
    failing = [k for k in kernels if not isinstance(orders_check.check(k), Proved)]
    repaired = sum(isinstance(repair(kernel, most_added=0), Repair) for kernel in failing)
    figure = {"kernels": len(kernels), "failing": len(failing), "repaired": repaired}
    measured.result(options, [figure], ["scripts/repair_rate.py", *arguments])
    print(tables.repairs([figure]))
    return 0


if __name__ == "__main__":
    measured.main(main)
