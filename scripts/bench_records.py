#!/usr/bin/env python3
"""Search short kernels for five to eight keys from nothing, and set them beside what is published.

    python scripts/bench_records.py                        # 5..8 keys, about 1 h 41 min
    python scripts/bench_records.py --n 5,6 --markdown records.md --json records.json
    python scripts/bench_records.py --n 5 --time-limit 5=60 --seed 7 --keep
    python scripts/bench_records.py --isa x86-minmax --n 5,6,7,8 --time-limit 7=60,8=60

Each number of keys is one `sortopt search` in a process of its own, after a short one that loads
the compiled code.  What it finds is parsed and proved anew by both proofs here.  With --keep a
proved kernel goes to kernels/found, unless one there is at least as good; nothing there is ever
overwritten.  The published figures are for comparison only: nothing is searched with them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import measured

from sortopt import __version__
from sortopt.base import atomic
from sortopt.base.errors import InputError, SortoptError
from sortopt.formats import parse, print_kernel, read
from sortopt.model.dataflow import critical_path
from sortopt.model.kernel import Kernel
from sortopt.model.verdict import Judgement, Proved
from sortopt.targets import ISAS, X86_CMOV
from sortopt.verify import verify

ROOT = Path(__file__).resolve().parent.parent
FOUND = ROOT / "kernels" / "found"

TIME_LIMITS = {3: 20.0, 4: 600.0, 5: 20.0, 6: 600.0, 7: 1800.0, 8: 3600.0}
"""Seconds for each number of keys."""

WARM_UP = 1.0
"""Seconds of the search that loads the compiled code."""

GRACE = 600.0
"""Seconds after its time limit at which a search that still runs is killed."""


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
        if self.judgement is None:
            return "no kernel found"
        proofs = [m.method for m in self.judgement.methods if isinstance(m.verdict, Proved)]
        name = self.judgement.verdict.name
        return f"{name} by {' and '.join(proofs)}" if self.proved else name

    @property
    def minimality(self) -> str:
        """What is proved of shorter kernels."""
        if self.record.get("proved_minimal"):
            return "proved minimal"
        return f"not proved minimal, at least {self.record.get('lower_bound', 0)}"


def command_of(n: int, limit: float, options: argparse.Namespace) -> list[str]:
    """Return the public command that searches n keys."""
    words = ["sortopt", "search", "--n", str(n), "--time-limit", f"{limit:g}"]
    words += ["--isa", options.isa] if options.isa != X86_CMOV.name else []
    words += ["--seed", str(options.seed), "--threads", str(options.threads)]
    return words + (["--beam", str(options.beam)] if options.beam else [])


def run(words: Sequence[str], limit: float) -> tuple[dict[str, Any], int]:
    """Run a search; return its record and its peak memory in bytes.

    Raises InputError where it fails or answers nothing.
    """
    command = [sys.executable, "-m", *words, "--json"]
    done = measured.run(command, limit + GRACE, folder=ROOT)
    try:
        record: dict[str, Any] = json.loads(done.text)
    except ValueError:
        raise InputError(f"{' '.join(words)} failed with status {done.status}") from None
    return record, done.peak


def measure(n: int, limit: float, options: argparse.Namespace) -> Row:
    """Search n keys, and prove anew what is found."""
    words = command_of(n, limit, options)
    record, peak = run(words, limit)
    kernels = record.get("kernels") or []
    kernel = parse(kernels[0]["asm"], name="the kernel found").kernel if kernels else None
    judgement = None if kernel is None else verify(kernel)
    seed, isa = options.seed, options.isa
    return Row(n, " ".join(words), limit, seed, record, peak, kernel, judgement, isa)


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


def markdown(rows: Iterable[Row], about: dict[str, str]) -> str:
    """Return the table, with what it was measured on and where the published figures are from."""
    rows = list(rows)
    lines = [
        f"{about['date']}, sortopt {about['version']}, {about['cpu']}, {about['threads']} threads: "
        f"`{about['command']}`",
        "",
        "| n | length | found after | limit | states | seed | verdict | lower bound | peak memory "
        "| lowered | AlphaDev | best published |",
        "|" + "---|" * 12,
    ]
    lines += [_line(row) for row in rows]
    lines += ["", "Published figures, instructions on registers only:", ""]
    lines += [f"- n = {row.n}: {row.published.source}" for row in rows]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    others = row.published
    length = "–" if row.kernel is None else str(len(row.kernel))
    best = others.best or others.lowered
    if row.kernel is not None and row.proved and len(row.kernel) < best:
        length = f"**{length}**"
    after = "–" if row.found_after is None else f"{row.found_after:.1f} s"
    bound = row.record.get("lower_bound", 0)
    cells = [
        str(row.n), length, after, f"{row.time_limit:g} s", f"{row.record.get('states', 0):,}",
        str(row.seed), row.verdict, f"{bound}" + (" (minimal)" if bound == len(row.kernel or ())
                                                  else ""),
        f"{row.peak / 2**30:.2f} GiB", str(others.lowered), str(others.alphadev or "–"),
        str(others.best or "–"),
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def as_json(rows: Iterable[Row], about: dict[str, str]) -> dict[str, Any]:
    """Return everything that was measured."""
    return {
        **about,
        "rows": [
            {
                "n": row.n,
                "command": row.command,
                "time_limit": row.time_limit,
                "seed": row.seed,
                "length": None if row.kernel is None else len(row.kernel),
                "depth": None if row.kernel is None else depth_of(row.kernel),
                "found_after": row.found_after,
                "improvements": row.record.get("improvements", []),
                "states": row.record.get("states"),
                "lower_bound": row.record.get("lower_bound"),
                "proved_minimal": row.record.get("proved_minimal"),
                "stopped": row.record.get("stopped"),
                "peak_bytes": row.peak,
                "verdict": row.verdict,
                "proofs": []
                if row.judgement is None
                else [
                    {"name": m.method, "verdict": m.verdict.name, "seconds": round(m.seconds, 4)}
                    for m in row.judgement.methods
                ],
                "asm": None if row.kernel is None else print_kernel(row.kernel),
                "published": {
                    "lowered": row.published.lowered,
                    "alphadev": row.published.alphadev,
                    "best": row.published.best,
                    "source": row.published.source,
                },
            }
            for row in rows
        ],
    }


def about_this_run(options: argparse.Namespace, arguments: Sequence[str]) -> dict[str, str]:
    """Return date, version, machine and command."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "version": __version__,
        "cpu": measured.cpu(),
        "threads": str(options.threads),
        "command": " ".join(["python scripts/bench_records.py", *arguments]),
    }


def sizes(text: str) -> tuple[int, ...]:
    """Return the numbers of keys in a list such as `5,6`."""
    found = tuple(int(part) for part in text.split(","))
    if not found or any(n not in PUBLISHED or n not in TIME_LIMITS for n in found):
        raise argparse.ArgumentTypeError(f"{text}: numbers of keys are 3 to 8")
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
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    parser.add_argument("--n", type=sizes, default=(5, 6, 7, 8), metavar="SIZES")
    parser.add_argument("--time-limit", type=time_limits, default={}, metavar="N=SECONDS,…")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=cores)
    parser.add_argument("--beam", type=int)
    parser.add_argument("--isa", choices=sorted(ISAS), default=X86_CMOV.name)
    parser.add_argument("--keep", nargs="?", type=Path, const=FOUND, metavar="DIR",
                        help="write proved kernels there (kernels/found)")  # fmt: skip
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    options = parsed(arguments)
    about = about_this_run(options, arguments)
    limits = TIME_LIMITS | options.time_limit
    for path in filter(None, (options.markdown, options.json)):
        atomic.check_writable(path, force=True)
    if options.keep is not None:
        make_folder(options.keep)
    run(command_of(5, WARM_UP, options), WARM_UP)
    rows = []
    for n in options.n:
        print(f"{n} keys, {limits[n]:g} s", file=sys.stderr, flush=True)
        row = measure(n, limits[n], options)
        rows.append(row)
        if options.keep is not None and row.proved:
            print(keep(row, options.keep), file=sys.stderr, flush=True)
        # after each, so that an interruption loses one search only
        if options.markdown:
            atomic.write(options.markdown, markdown(rows, about), force=True)
        if options.json:
            text = json.dumps(as_json(rows, about), indent=1, ensure_ascii=False)
            atomic.write(options.json, text + "\n", force=True)
    print(markdown(rows, about), end="")
    if all(row.proved for row in rows):
        return 0
    return 1 if any(row.kernel is not None and not row.proved for row in rows) else 3


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("interrupted; what was finished is in the files asked for", file=sys.stderr)
        sys.exit(130)
    except (SortoptError, ValueError) as error:
        message = error.render() if isinstance(error, InputError) else f"error: {error}"
        print(message, file=sys.stderr)
        sys.exit(2)
