#!/usr/bin/env python3
"""Search short kernels for five to eight keys from nothing, and set them beside what is published.

    python scripts/bench_records.py                        # 5..8 keys, about 1 h 41 min
    python scripts/bench_records.py --n 5,6 --results docs/results/records-cmov.json
    python scripts/bench_records.py --n 5 --time-limit 5=60 --seed 7 --keep
    python scripts/bench_records.py --isa x86-minmax --n 5,6,7,8 --time-limit 7=60,8=60

Each number of keys is one `sortopt search` in a process of its own, after a short one that loads
the compiled code.  What it finds is parsed and proved anew by both proofs here.  With --keep a
proved kernel goes to kernels/found, unless one there is at least as good; nothing there is ever
overwritten.  The published figures are for comparison only: nothing is searched with them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import measured
import tables

from sortopt import __version__
from sortopt.base import InputError, atomic
from sortopt.formats import parse, print_kernel, read
from sortopt.model import Judgement, Kernel, Proved
from sortopt.model.dataflow import critical_path
from sortopt.targets import ISAS, X86_CMOV
from sortopt.verify import verify

FOUND = measured.ROOT / "kernels" / "found"

TIME_LIMITS = {2: 20.0, 3: 20.0, 4: 600.0, 5: 20.0, 6: 600.0, 7: 1800.0, 8: 3600.0}
"""Seconds for each number of keys."""

WARM_UP = 1.0
"""Seconds of the search that loads the compiled code."""


@dataclass(frozen=True)
class Published:
    """Lengths in print, registers only, loads and stores left out; None where there is none."""

    lowered: int
    alphadev: int | None
    best: int | None
    source: str


ALPHADEV = "AlphaDev: Mankowitz et al., Nature 618, 2023"
CGO = "Ullrich and Hack, Synthesis of Sorting Kernels, CGO 2025"
LPAR = "LPAR 2024, its totals less 2n loads and stores"

PUBLISHED = {
    2: Published(4, None, 4, "one comparator"),
    3: Published(12, 11, 11, f"{ALPHADEV}; {CGO}"),
    4: Published(20, 20, 20, f"{ALPHADEV}; {CGO}"),
    5: Published(36, 33, 32, f"{ALPHADEV}: its code has 33, its table implies 32; {CGO}: 33"),
    6: Published(48, 45, 45, f"{ALPHADEV}; {LPAR}"),
    7: Published(64, 62, 60, LPAR),
    8: Published(76, 75, 75, f"{ALPHADEV}; {LPAR}"),
}
"""Figures of others for conditional moves, by number of keys, for comparison."""

PUBLISHED_MINMAX = {
    2: Published(3, None, 3, "one comparator"),
    3: Published(9, None, 8, CGO),
    4: Published(15, None, 15, CGO),
    5: Published(27, None, 26, CGO),
    6: Published(36, None, None, "none known; three instructions for each of 12 comparators"),
    7: Published(48, None, None, "none known; three instructions for each of 16 comparators"),
    8: Published(57, None, None, "none known; three instructions for each of 19 comparators"),
}
"""The same for minima and maxima."""


def published(n: int, isa: str) -> Published:
    """Return the figures of others for kernels of `isa`."""
    return (PUBLISHED if isa == X86_CMOV.name else PUBLISHED_MINMAX)[n]


@dataclass(frozen=True)
class Row:
    """What one search found, and what the proofs made of it here."""

    n: int
    command: str
    time_limit: float
    seed: int
    record: dict[str, Any]
    peak: int
    kernel: Kernel | None
    judgement: Judgement | None
    isa: str = X86_CMOV.name

    @property
    def published(self) -> Published:
        """The figures of others."""
        return published(self.n, self.isa)

    @property
    def proved(self) -> bool:
        """Whether both proofs accept the kernel."""
        return self.judgement is not None and isinstance(self.judgement.verdict, Proved)

    @property
    def found_after(self) -> float | None:
        """Seconds since the start of the search when the kernel was found."""
        if self.kernel is None:
            return None
        improvements = self.record.get("improvements") or []
        return float((improvements[-1] if improvements else self.record)["seconds"])

    @property
    def verdict(self) -> str:
        """The verdict and the proofs it rests on, for example `proved by weak orders and z3`."""
        return "no kernel found" if self.judgement is None else measured.verdict(self.judgement)

    @property
    def minimality(self) -> str:
        """What is proved of shorter kernels."""
        if self.record.get("proved_minimal"):
            return "proved minimal"
        return f"not proved minimal, at least {self.record.get('lower_bound', 0)}"


def command_of(n: int, limit: float, options: argparse.Namespace) -> list[str]:
    """Return the words after `sortopt` that search n keys."""
    words = ["search", "--n", str(n), "--time-limit", f"{limit:g}"]
    words += ["--isa", options.isa] if options.isa != X86_CMOV.name else []
    words += ["--threads", str(options.threads)]
    words += ["--seed", str(options.seed)] if options.seed else []
    return words + (["--beam", str(options.beam)] if options.beam else [])


def measure(n: int, limit: float, options: argparse.Namespace) -> Row:
    """Search n keys, and prove anew what is found."""
    words = command_of(n, limit, options)
    record, peak = measured.record(words, limit)
    kernels = record.get("kernels") or []
    kernel = parse(kernels[0]["asm"], name="the kernel found").kernel if kernels else None
    judgement = None if kernel is None else verify(kernel)
    seed, isa = options.seed, options.isa
    return Row(n, " ".join(["sortopt", *words]), limit, seed, record, peak, kernel, judgement, isa)


def depth_of(kernel: Kernel) -> int:
    """Return the longest chain of dependent instructions, each counted once."""
    return int(critical_path(kernel, lambda _: 1)[0])


def file_text(row: Row) -> str:
    """Return the kernel file for a proved row; raises InputError for any other."""
    if row.kernel is None or not row.proved:
        raise InputError(f"the kernel of {row.n} keys is not proved, so it is not kept")
    source = f"{row.command}, sortopt {__version__}; {row.verdict}; {row.minimality}"
    lines = print_kernel(row.kernel, expect="proved", source=source).splitlines(keepends=True)
    place = next(i for i, line in enumerate(lines) if line.startswith("; expect:"))
    return "".join([*lines[:place], "; assume:  none\n", *lines[place:]])


def keep(row: Row, folder: Path) -> str:
    """Write a proved kernel to `folder`, where none there is as good; say what was done.

    As good: of the same instruction set and number of keys, no longer and no deeper; a shorter one
    always counts.  Files are never overwritten.
    """
    text = file_text(row)
    kernel = row.kernel
    assert kernel is not None
    length, depth = len(kernel), depth_of(kernel)
    make_folder(folder)
    for path, other in _kernels(folder):
        if (other.isa, other.n) != (kernel.isa, kernel.n):
            continue
        if len(other) < length or (len(other) == length and depth_of(other) <= depth):
            return f"{row.n} keys: not kept, {path.name} is as good"
    path = folder / f"sort{row.n}-len{length}-depth{depth}.asm"
    atomic.write(path, text)
    return f"{row.n} keys: kept as {path.name}"


def make_folder(folder: Path) -> None:
    """Make a folder if there is none; raises InputError where that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {folder}: {error.strerror}") from None


def _kernels(folder: Path) -> Iterator[tuple[Path, Kernel]]:
    for path in sorted(folder.glob("*.asm")):
        yield path, read(path).kernel


def figure(row: Row) -> dict[str, Any]:
    """Return everything that was measured; times in seconds, memory in bytes."""
    kept = ("improvements", "states", "lower_bound", "proved_minimal", "stopped")
    judgement = row.judgement
    return {
        "n": row.n,
        "isa": row.isa,
        "command": row.command,
        "time_limit": row.time_limit,
        "seed": row.seed,
        "length": None if row.kernel is None else len(row.kernel),
        "depth": None if row.kernel is None else depth_of(row.kernel),
        "found_after": row.found_after,
        **{key: row.record.get(key) for key in kept},
        "peak": row.peak,
        "verdict": row.verdict,
        "proofs": [
            {"name": m.method, "verdict": m.verdict.name, "seconds": round(m.seconds, 4)}
            for m in (judgement.methods if judgement is not None else ())
        ],
        "asm": None if row.kernel is None else print_kernel(row.kernel),
        "published": asdict(row.published),
    }


def sizes(text: str) -> tuple[int, ...]:
    """Return the numbers of keys in a list such as `5,6`."""
    found = tuple(int(part) for part in text.split(","))
    if not found or any(n not in PUBLISHED or n not in TIME_LIMITS for n in found):
        raise argparse.ArgumentTypeError(f"{text}: numbers of keys are 2 to 8")
    return found


def time_limits(text: str) -> dict[int, float]:
    """Return seconds by number of keys from a list such as `5=20,6=60`."""
    found = {}
    for part in text.split(","):
        n, equals, seconds = part.partition("=")
        if not equals or int(n) not in TIME_LIMITS or not 0 < float(seconds) < float("inf"):
            raise argparse.ArgumentTypeError(f"{part}: write for example 5=20,6=600")
        found[int(n)] = float(seconds)
    return found


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").split("\n")[0],
        epilog="Example: scripts/bench_records.py --n 5 --time-limit 5=60 --keep",
    )
    parser.add_argument("--n", type=sizes, default=(5, 6, 7, 8), metavar="SIZES")
    parser.add_argument("--time-limit", type=time_limits, default={}, metavar="N=SECONDS,…")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=measured.cores())
    parser.add_argument("--beam", type=int)
    parser.add_argument("--isa", choices=sorted(ISAS), default=X86_CMOV.name)
    parser.add_argument("--keep", nargs="?", type=Path, const=FOUND, metavar="DIR",
                        help="write proved kernels there (kernels/found)")  # fmt: skip
    measured.add_options(parser)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    options = parsed(arguments)
    limits = TIME_LIMITS | options.time_limit
    measured.check_options(options)
    if options.keep is not None:
        make_folder(options.keep)
    measured.record(command_of(5, WARM_UP, options), WARM_UP)
    rows: list[Row] = []
    for n in options.n:
        print(f"{n} keys, {limits[n]:g} s", file=sys.stderr, flush=True)
        row = measure(n, limits[n], options)
        rows.append(row)
        if options.keep is not None and row.proved:
            print(keep(row, options.keep), file=sys.stderr, flush=True)
        words = ["scripts/bench_records.py", *arguments]
        result = measured.result(options, map(figure, rows), words)
    print(tables.records(result["figures"]))
    if all(row.proved for row in rows):
        return 0
    return 1 if any(row.kernel is not None and not row.proved for row in rows) else 3


if __name__ == "__main__":
    measured.main(main)
