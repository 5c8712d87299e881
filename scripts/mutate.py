#!/usr/bin/env python3
"""Put small faults into copies of the source, one at a time, and say which no test notices.

    python scripts/mutate.py                        # all faults of tests/faults.toml
    python scripts/mutate.py --only certificate     # those whose file or text has this in it
    python scripts/mutate.py --list

Each fault names the tests that must notice it, so a run takes seconds.  These tests run once on an
unchanged copy first: where they fail there, nothing is shown.  Compiled code runs as plain Python
while a fault is in it.  The exit status is 1 where a fault survives, 2 where the list is wrong.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parent.parent
FAULTS = ROOT / "tests" / "faults.toml"
NEEDED = ("sortopt", "tests", "scripts", "kernels", "docs", "README.md", "pyproject.toml")
SECONDS = 300.0
"""How long the tests of a fault may take; a fault that makes them run on is noticed too."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The text `was`, once in `file`, becomes `now`; one of `tests` must fail then."""

    file: str
    was: str
    now: str
    tests: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}: {' '.join(self.was.split())!r} -> {' '.join(self.now.split())!r}"

    @property
    def is_compiled(self) -> bool:
        """Whether it is in compiled code."""
        return Path(self.file).match("_*_kernels.py")

    def put_into(self, root: Path) -> str:
        """Write the fault into the tree `root`; return the file as it was.

        Raises ValueError where the text is not there exactly once.
        """
        path = root / self.file
        before = path.read_text(encoding="utf-8")
        if before.count(self.was) != 1:
            raise ValueError(f"{self}: this text is there {before.count(self.was)} times, not once")
        rewrite(path, before.replace(self.was, self.now))
        return before


def rewrite(path: Path, text: str) -> None:
    """Write a module anew, and delete its bytecode.

    Python takes that for up to date where the module is as long as before and of the same second.
    """
    path.write_text(text, encoding="utf-8")
    Path(cache_from_source(path)).unlink(missing_ok=True)


def faults(path: Path = FAULTS) -> list[Fault]:
    """Return the faults listed in a file; raises ValueError where it is no such list."""
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
        return [Fault(f["file"], f["was"], f["now"], tuple(f["tests"])) for f in listed]
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is no list of faults: {error!r}") from None


def copy_of(root: Path, folder: Path) -> Path:
    """Copy what tests need of the tree `root` into `folder`, compiled code included."""
    for name in NEEDED:
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name)
        elif (root / name).exists():
            shutil.copy2(root / name, folder)
    return folder


def failure(
    tests: Sequence[str], root: Path, *, compiled: bool, seconds: float = SECONDS
) -> str | None:
    """Return what pytest says where one of `tests` fails in the tree `root`; None where none does.

    Not to end within `seconds` is a failure, and so is to crash.  Raises ValueError where they
    cannot be run.
    """
    names = {"PYTHONPATH": str(root)}
    names |= {} if compiled else {"NUMBA_DISABLE_JIT": "1"}
    words = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    words += ["-W", "ignore:overflow encountered:RuntimeWarning", *tests]
    try:
        ran = subprocess.run(
            words, cwd=root, env=os.environ | names, timeout=seconds, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"not at an end after {seconds:.0f} s"
    interrupted = ran.returncode == 2 and "error" in ran.stdout.lower()  # an import failed
    if ran.returncode in (0, 1) or ran.returncode < 0 or interrupted:
        return ran.stdout if ran.returncode else None
    raise ValueError(f"the tests cannot be run: {' '.join(tests)}\n{ran.stdout}")


def survivors(listed: Sequence[Fault], root: Path, jobs: int) -> Iterator[Fault]:
    """Yield the faults that their tests do not notice; print each as it is tried.

    Raises ValueError where the tests fail without a fault, or a fault cannot be put in.
    """
    with tempfile.TemporaryDirectory() as scratch:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(jobs):
            folder = Path(scratch, str(number))
            folder.mkdir()
            copies.put(copy_of(root, folder))

        @contextmanager
        def a_copy() -> Iterator[Path]:
            copy = copies.get()
            try:
                yield copy
            finally:
                copies.put(copy)

        def alone(compiled: bool) -> None:
            tests = {test: None for f in listed if f.is_compiled != compiled for test in f.tests}
            most = SECONDS * (len(tests) + 1)
            with a_copy() as copy:
                said = tests and failure(list(tests), copy, compiled=compiled, seconds=most)
                if said:
                    raise ValueError(f"the tests fail without a fault:\n{said}")

        def survives(fault: Fault) -> bool:
            with a_copy() as copy:
                began, before = time.monotonic(), fault.put_into(copy)
                survived = failure(fault.tests, copy, compiled=not fault.is_compiled) is None
                rewrite(copy / fault.file, before)
            word = "SURVIVES" if survived else "noticed"
            print(f"{word:8} {time.monotonic() - began:6.1f} s  {fault}", flush=True)
            return survived

        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(alone, (False, True)))
            yield from (
                f for f, found in zip(listed, pool.map(survives, listed), strict=True) if found
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", action="append", default=[], metavar="TEXT")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--faults", type=Path, default=FAULTS, metavar="FILE")
    parser.add_argument("--root", type=Path, default=ROOT, metavar="FOLDER")
    given = parser.parse_args(arguments)
    try:
        listed = [f for f in faults(given.faults) if all(text in str(f) for text in given.only)]
        if given.list:
            print("\n".join(map(str, listed)))
            return 0
        left = list(survivors(listed, given.root, given.jobs))
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{len(listed)} faults, {len(left)} of them survive")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
