#!/usr/bin/env python3
"""Shorten the plain lowerings of the best networks, and say by how many instructions.

    python scripts/bench_optimize.py                         # 9 to 16 keys, about 35 min
    python scripts/bench_optimize.py --n 16 --time-limit 600
    python scripts/bench_optimize.py --n 3,4,5,6,7,8 --in-memory --markdown table.md

Each line is one `sortopt network --best N --lower` whose kernel goes through `sortopt optimize`,
in a process of its own.  What comes out is proved anew here, by all weak orders (beyond nine keys
by columns of 0-1 inputs) and by Z3.  With --in-memory kernels load and store their keys, and both
count.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from measured import cpu

from sortopt import __version__
from sortopt.base import atomic
from sortopt.base.errors import InputError, SortoptError
from sortopt.formats import parse
from sortopt.model.verdict import Judgement, Proved
from sortopt.networks import best
from sortopt.verify import verify

SIZES = range(2, 17)


@dataclass(frozen=True)
class Row:
    """What became of one lowering, and when the last step was found."""

    n: int
    before: int
    after: int
    seconds: float
    judgement: Judgement

    @property
    def verdict(self) -> str:
        """The verdict and the proofs it rests on."""
        proofs = [m.method for m in self.judgement.methods if isinstance(m.verdict, Proved)]
        name = self.judgement.verdict.name
        return f"{name} by {' and '.join(proofs)}" if proofs else name


def run(words: Sequence[str], text: str = "") -> str:
    """Return what a command prints; raises InputError where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", *words], input=text, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        raise InputError(f"{' '.join(words)} failed with status {done.returncode}")
    return done.stdout


def measure(n: int, options: argparse.Namespace) -> Row:
    """Shorten the lowering for n keys, and prove the result anew."""
    where = ["--in-memory"] if options.in_memory else []
    plain = run(["sortopt", "network", "--best", str(n), "--lower", *where])
    words = ["sortopt", "optimize", "-", "--json", "--time-limit", f"{options.time_limit:g}"]
    words += ["--seed", str(options.seed), "--threads", str(options.threads)]
    record = json.loads(run(words, plain))
    steps = record["steps"]
    judgement = verify(parse(record["asm"], name="the kernel found").kernel)
    return Row(
        n,
        record["before"]["length"],
        record["after"]["length"],
        steps[-1]["seconds"] if steps else 0.0,
        judgement,
    )


def markdown(rows: Iterable[Row], options: argparse.Namespace, arguments: Sequence[str]) -> str:
    """Return the table, with what it was measured on."""
    command = " ".join(["python scripts/bench_optimize.py", *arguments])
    date = datetime.now(UTC).date().isoformat()
    lines = [
        f"{date}, sortopt {__version__}, {cpu()}, {options.threads} threads: `{command}`",
        "",
        "| keys | comparators | lowering | reached | saved | last step | verdict |",
        "|" + "---|" * 7,
    ]
    for row in rows:
        cells = [
            str(row.n), str(best(row.n).size), str(row.before), str(row.after),
            str(row.before - row.after), f"{row.seconds:.0f} s", row.verdict,
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def sizes(text: str) -> tuple[int, ...]:
    """Return the numbers of keys in a list such as `5,6`."""
    found = tuple(int(part) for part in text.split(","))
    if any(n not in SIZES for n in found):
        raise argparse.ArgumentTypeError(f"{text}: numbers of keys are 2 to {SIZES[-1]}")
    return found


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").split("\n")[0],
        epilog="Example: scripts/bench_optimize.py --n 16 --in-memory --time-limit 600",
    )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    parser.add_argument("--n", type=sizes, default=tuple(range(9, 17)), metavar="SIZES")
    parser.add_argument("--in-memory", action="store_true", help="keys are loaded and stored")
    parser.add_argument("--time-limit", type=float, default=240.0, metavar="SECONDS",
                        help="for each number of keys")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=cores)
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there, too")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    options = parsed(arguments)
    if options.markdown:
        atomic.check_writable(options.markdown, force=True)
    rows: list[Row] = []
    for n in options.n:
        print(f"{n} keys, {options.time_limit:g} s", file=sys.stderr, flush=True)
        rows.append(measure(n, options))
        if options.markdown:  # after each, so that an interruption loses one run only
            text = markdown(rows, options, arguments)
            atomic.write(options.markdown, text, force=True)
    print(markdown(rows, options, arguments), end="")
    return 0 if all(isinstance(row.judgement.verdict, Proved) for row in rows) else 3


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("interrupted; what was finished is in the file asked for", file=sys.stderr)
        sys.exit(130)
    except SortoptError as error:
        message = error.render() if isinstance(error, InputError) else f"error: {error}"
        print(message, file=sys.stderr)
        sys.exit(2)
