#!/usr/bin/env python3
"""Shorten the plain lowerings of the best networks, and say by how many instructions.

    python scripts/bench_optimize.py                         # 9 to 16 keys, about 35 min
    python scripts/bench_optimize.py --n 9 --seeds 0,1,2 --results docs/results/optimize.json
    python scripts/bench_optimize.py --n 16 --in-memory --time-limit 600

How short a kernel gets within a time depends on luck, so a line of the table gives the least, the
median and the most over the seeds.  Each run is one `sortopt network --best N --lower` whose kernel
goes through `sortopt optimize`, in a process of its own.  What comes out is proved anew here, by
all weak orders (beyond nine keys by columns of 0-1 inputs) and by Z3.  With --in-memory kernels
load and store their keys, and both count.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import measured
import tables

from sortopt.formats import parse
from sortopt.networks import best
from sortopt.verify import verify

SIZES = range(2, 17)


def measure(n: int, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Shorten the lowering for n keys, and prove the result anew."""
    where = ["--in-memory"] if options.in_memory else []
    plain = measured.run(["network", "--best", str(n), "--lower", *where], 60).text.decode()
    words = ["optimize", "-", "--time-limit", f"{options.time_limit:g}"]
    words += ["--seed", str(seed), "--threads", str(options.threads)]
    record, peak = measured.record(words, options.time_limit, plain)
    steps = record["steps"]
    judgement = verify(parse(record["asm"], name="the kernel found").kernel)
    return {
        "n": n,
        "in_memory": options.in_memory,
        "comparators": best(n).size,
        "before": record["before"]["length"],
        "after": record["after"]["length"],
        "seed": seed,
        "time_limit": options.time_limit,
        "last_step": steps[-1]["seconds"] if steps else 0.0,
        "peak": peak,
        "verdict": measured.verdict(judgement),
        "asm": record["asm"],
    }


def sizes(text: str) -> tuple[int, ...]:
    """Return the numbers of keys in a list such as `5,6`."""
    found = tuple(int(part) for part in text.split(","))
    if any(n not in SIZES for n in found):
        raise argparse.ArgumentTypeError(f"{text}: numbers of keys are 2 to {SIZES[-1]}")
    return found


def seeds(text: str) -> tuple[int, ...]:
    """Return the seeds in a list such as `0,1,2`."""
    return tuple(int(part) for part in text.split(","))


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").split("\n")[0],
        epilog="Example: scripts/bench_optimize.py --n 16 --in-memory --time-limit 600",
    )
    parser.add_argument("--n", type=sizes, default=tuple(range(9, 17)), metavar="SIZES")
    parser.add_argument("--in-memory", action="store_true", help="keys are loaded and stored")
    parser.add_argument("--time-limit", type=float, default=240.0, metavar="SECONDS",
                        help="of each run")  # fmt: skip
    parser.add_argument("--seeds", type=seeds, default=(0,), metavar="LIST", help="a run each")
    parser.add_argument("--threads", type=int, default=measured.cores())
    measured.add_options(parser)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    options = parsed(arguments)
    measured.check_options(options)
    figures: list[dict[str, Any]] = []
    for n in options.n:
        for seed in options.seeds:
            print(f"{n} keys, seed {seed}, {options.time_limit:g} s", file=sys.stderr, flush=True)
            figures.append(measure(n, seed, options))
            words = ["scripts/bench_optimize.py", *arguments]
            result = measured.result(options, figures, words)
    print(tables.shortened([{**f, "date": result["date"]} for f in figures]))
    return 0 if all(f["verdict"].startswith("proved") for f in figures) else 3


if __name__ == "__main__":
    measured.main(main)
