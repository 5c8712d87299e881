"""The corpus: kernel files by family, each with the verdict that its header expects.

The corpus lies in `kernels/` at the top of a checkout; an installed package holds a copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from os import PathLike
from pathlib import Path

from sortopt.base import InputError
from sortopt.formats import KernelFile, read
from sortopt.model import Kernel
from sortopt.tasks.check_folder import SUFFIXES


@dataclass(frozen=True, slots=True)
class Entry:
    """One kernel file.

    `path` is where it was read from, `name` its path below the corpus's folder without suffix,
    with slashes, and `family` the folder part of `name`.
    """

    path: Path
    name: str
    family: str
    file: KernelFile
    expect: str
    """The verdict the header states: "proved" or "refuted"."""

    @property
    def kernel(self) -> Kernel:
        """The kernel."""
        return self.file.kernel


@dataclass(frozen=True, slots=True)
class Corpus:
    """Kernel files, sorted by name; names are unique."""

    entries: tuple[Entry, ...]

    @property
    def families(self) -> tuple[str, ...]:
        """The families, sorted."""
        return tuple(sorted({entry.family for entry in self.entries}))

    def family(self, family: str) -> tuple[Entry, ...]:
        """Return the entries of one family, in sequence; empty where there is none so called."""
        return tuple(entry for entry in self.entries if entry.family == family)

    def find(self, name: str) -> Entry:
        """Return the entry called `name`, for example alphadev/sort3; raises InputError."""
        for entry in self.entries:
            if entry.name == name:
                return entry
        near = get_close_matches(name, [entry.name for entry in self.entries], 1)
        raise InputError(
            f"the corpus has no kernel {name!r}", hint=f"did you mean {near[0]}?" if near else None
        )

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


@cache
def load(root: str | PathLike[str]) -> Corpus:
    """Read every kernel file in a folder below `root`, and index them.

    Files with other suffixes are passed over.  Raises InputError where `root` is no folder, holds
    no kernel file, two files have one name, or a file is faulty or states no expectation.
    """
    folder = Path(root)
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder}", hint="name the folder of the kernels")
    paths = sorted(path for path in folder.glob("**/*") if path.suffix in SUFFIXES)
    if not paths:
        raise InputError(f"{folder} holds no kernel file ({', '.join(SUFFIXES)})")
    entries: dict[str, Entry] = {}
    for path in paths:
        entry = _entry(path, folder)
        if entry.name in entries:
            raise InputError(f"{path} and {entries[entry.name].path} have one name")
        entries[entry.name] = entry
    return Corpus(tuple(sorted(entries.values(), key=lambda entry: entry.name)))


def _entry(path: Path, folder: Path) -> Entry:
    file = read(path)
    if file.expect is None:
        raise InputError(
            f"{path} states no expectation", hint='add the directive "; expect: proved"'
        )
    below = path.relative_to(folder)
    return Entry(path, below.with_suffix("").as_posix(), below.parent.as_posix(), file, file.expect)
