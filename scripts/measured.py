"""What the scripts share: commands measured in processes of their own, and results as files.

A result file in docs/results says when, where and how its figures were measured:

    {"date": "2026-11-21", "commit": "fc0902e", "version": "0.1.0", "processor": "AMD EPYC",
     "cores": 2, "command": "python scripts/bench_search.py", "note": "", "figures": [{…}, …]}

`commit` is the last one that changed the package, with "+" where the package held changes that
were not committed.  `scripts/tables.py` makes the tables of the documentation from these files.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sortopt import __version__
from sortopt.base import InputError, SortoptError, atomic
from sortopt.model import Judgement, Proved
from sortopt.native import processor

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "results"

GRACE = 600.0
"""Seconds after its own time limit at which a command that still runs is killed."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that ended: exit status, standard output, seconds, peak bytes, seconds of CPU."""

    status: int
    text: bytes
    wall: float
    peak: int
    cpu: float


def run(words: Sequence[str], limit: float, *, given: str = "", quiet: bool = False) -> Finished:
    """Run `sortopt` with `words` in a process of its own and measure it.

    `given` is its standard input.  It is killed `GRACE` seconds after `limit`.  With `quiet` what
    it writes to standard error is dropped.
    """
    began = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as into:
        into.write(given.encode())
        into.seek(0)
        err = subprocess.DEVNULL if quiet else None
        command = [sys.executable, "-m", "sortopt", *words]
        child = subprocess.Popen(command, stdin=into, stdout=out, stderr=err, cwd=ROOT)
        killer = threading.Timer(limit + GRACE, child.kill)
        killer.start()
        try:
            _, waited, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            raise
        finally:
            killer.cancel()
        wall = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(waited)
        out.seek(0)
        text = out.read()
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Finished(child.returncode, text, wall, peak, usage.ru_utime + usage.ru_stime)


def record(words: Sequence[str], limit: float, given: str = "") -> tuple[dict[str, Any], int]:
    """Run `sortopt` with `words` and `--json`; return its record and its peak memory in bytes.

    Raises InputError where it prints no record.
    """
    done = run([*words, "--json"], limit, given=given)
    try:
        found = json.loads(done.text)
    except ValueError:
        found = {"error": None}
    if "error" in found:
        raise InputError(f"sortopt {' '.join(words)} failed with status {done.status}")
    return found, done.peak


def verdict(judgement: Judgement) -> str:
    """Return a verdict with the proofs it rests on: `proved by weak orders and z3`."""
    proofs = [m.method for m in judgement.methods if isinstance(m.verdict, Proved)]
    name = judgement.verdict.name
    return f"{name} by {' and '.join(proofs)}" if name == "proved" else name


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def commit() -> str:
    """Return the package's commit, with "+" where files were changed; "" outside a checkout."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(ROOT), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", "--", "sortopt")
    return git("log", "-1", "--format=%h", "--", "sortopt") + ("+" if changed else "")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give a script the options that say where its results go."""
    parser.add_argument("--results", type=Path, metavar="FILE",
                        help="write the figures there, for example to docs/results")  # fmt: skip
    parser.add_argument("--note", default="", metavar="TEXT",
                        help="what a reader of the figures must know")  # fmt: skip


def check_options(options: argparse.Namespace) -> None:
    """Raise InputError where the results could not be written."""
    if options.results:
        atomic.check_writable(options.results, force=True)


def result(
    options: argparse.Namespace,
    figures: Iterable[dict[str, Any]],
    words: Sequence[str],
    machine: str | None = None,
) -> dict[str, Any]:
    """Return the figures with when, where and how they were measured; write them where asked.

    `words` are the script's name and arguments, `machine` says more than the processor's name.
    Call it after each measurement, so that an interruption loses one only.
    """
    shown = [w for i, w in enumerate(words) if "--note" not in (w, words[i - 1])]
    found = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "version": __version__,
        "processor": machine or processor(),
        "cores": cores(),
        "command": shlex.join(["python", *shown]),
        "note": options.note,
        "figures": list(figures),
    }
    if options.results:
        atomic.write(options.results, json.dumps(found, indent=1, ensure_ascii=False) + "\n",
                     force=True)  # fmt: skip
    return found


def main(script: Callable[[Sequence[str]], int]) -> None:
    """Run `script` on the command line's arguments; an error is one line and exit status 2."""
    try:
        sys.exit(script(sys.argv[1:]))
    except KeyboardInterrupt:
        print("interrupted; what was finished is in the file asked for", file=sys.stderr)
        sys.exit(130)
    except (SortoptError, ValueError) as error:
        message = error.render() if isinstance(error, SortoptError) else f"error: {error}"
        print(message, file=sys.stderr)
        sys.exit(2)
