"""Checkpoints of a long proof: a folder from which the search under one limit goes on.

The folder holds `checkpoint.json` (the problem, the proved lower bound, the digests of the complete
levels) and a file of states for each complete level.  Each file is written whole before
`checkpoint.json` names its digest, so a search that is killed at any moment loses the level under
way at most.

A folder may come from a stranger.  Which files there are follows from the bound and the number of
levels alone, so no other file is ever read, written or removed, and none through a link.  All
values are checked for range.  That the search got as far as the folder says is not checked again,
which would take as long as the search: whoever goes on from a checkpoint says so in the claim, and
a certificate is what removes the doubt.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sortopt.base import InputError, atomic
from sortopt.search.bounds import UNREACHABLE
from sortopt.search.exhaustive._expand_kernels import Level
from sortopt.search.exhaustive.frontier import Search
from sortopt.search.exhaustive.parts import PARTS, Part, spans
from sortopt.search.space import Problem, Universe

FORMAT = "sortopt checkpoint 2"
_INDEX = "checkpoint.json"
_LONGEST_INDEX = 1 << 16
"""In bytes; an index has some 70 a level."""
_KINDS = "<u2", "<u8", "<i8", "<u2"
"""How the fields of a `Level` stand in a file: of each part one array each, one after the other."""

_STATE = 2 + 8 + 8
"""The bytes a state takes in a file besides its assignments: its size, hash and parent."""

_HEAD = 16 * PARTS
"""The bytes of the numbers of states and assignments of each part, with which a file begins."""


@dataclass
class Checkpoint:
    """The state of a proof in `folder`: nothing of at most `lower` - 1 instructions exists.

    `levels` are the digests (SHA-256) of the complete levels, from the first after the start on,
    of the search under limit `lower`.  `taken_over` says whether any of this was found in the
    folder, so that what is proved from here on rests on it.
    """

    folder: Path
    problem: Problem
    lower: int = 0
    levels: list[str] = field(default_factory=list)
    taken_over: bool = False

    def settle(self, lower: int) -> None:
        """Record a raised lower bound; the levels of the limit before are dropped."""
        if lower <= self.lower:
            return
        old = [self._path(depth) for depth in range(1, len(self.levels) + 1)]
        self.levels, self.lower = [], lower
        self._write_index()
        for path in old:
            with suppress(OSError):
                path.unlink()

    def save(self, search: Search) -> None:
        """Record the newest complete level of the search under the limit `lower`."""
        digest = hashlib.sha256()

        def contents() -> Iterator[bytes]:
            for data in _packed(search.parts):
                digest.update(data)
                yield data

        _write(self._path(search.depth), contents())
        self.levels = [*self.levels[: search.depth - 1], digest.hexdigest()]
        self._write_index()

    def restore(self, search: Search) -> None:
        """Put the recorded levels into a fresh search under the limit `lower`."""
        for depth, digest in enumerate(self.levels, 1):
            path = self._path(depth)
            with _opened(path) as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    raise _damaged(path, "its contents do not match their digest")
                if (counts := _counts(file)) is None:
                    raise _damaged(path, "it has more or fewer states than it says")
                before = [search.level(part, depth - 1) for part in search.parts]
                search.begin_level(*counts)
                for p, block in _unpacked(file, *counts):
                    if not _in_range(block, before, search.universe):
                        raise _damaged(path, "it has a value that is out of range")
                    search.parts[p].append(block)
            for part in search.parts:
                part.reindex()

    def _path(self, depth: int) -> Path:
        """Return the file of a level under the limit `lower`."""
        return self.folder / f"limit-{self.lower}-level-{depth}.states"

    def _write_index(self) -> None:
        record = {
            "format": FORMAT,
            "parts": PARTS,
            "problem": self.problem.record(),
            "lower": self.lower,
            "levels": self.levels,
        }
        text = json.dumps(record, indent=1)
        record = {"digest": hashlib.sha256(text.encode()).hexdigest(), "body": text}
        _write(self.folder / _INDEX, json.dumps(record))


def open_checkpoint(folder: str, problem: Problem) -> Checkpoint:
    """Return the checkpoint in `folder`, or a new one where there is no folder or an empty one.

    Raises InputError where the folder cannot be used, is damaged, or belongs to another problem.
    """
    path = Path(folder)
    index = path / _INDEX
    try:
        path.mkdir(parents=True, exist_ok=True)
        names = {entry.name for entry in path.iterdir()}
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"cannot use {folder}: {reason}") from None
    if not names:
        return Checkpoint(path, problem)
    if _INDEX not in names:
        raise InputError(f"{folder} is no checkpoint folder", hint="name a new or an empty folder")
    record = _record(index)
    if record.get("format") != FORMAT or record.get("parts") != PARTS:
        raise InputError(f"{folder} was written by another version", hint="name a new folder")
    lower, levels = record.get("lower"), record.get("levels")
    if type(lower) is not int or not 0 <= lower <= UNREACHABLE:
        raise _damaged(index, "its lower bound is no number of instructions")
    if not isinstance(levels, list) or not all(map(_is_digest, levels)) or len(levels) > lower:
        raise _damaged(index, "its levels are not those of a search under its bound")
    if record.get("problem") != problem.record():
        raise InputError(
            f"the checkpoint in {folder} is of another problem", hint="name a new folder"
        )
    return Checkpoint(path, problem, lower, levels, taken_over=lower > 0)


def _record(index: Path) -> dict[str, Any]:
    """Return what the index says, its digest checked."""
    data = _contents(index, _LONGEST_INDEX)
    try:
        envelope = json.loads(data)
        text = envelope["body"].encode()
        if hashlib.sha256(text).hexdigest() != envelope["digest"]:
            raise _damaged(index, "its contents do not match their digest")
        record = json.loads(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _damaged(index, "it is no index of levels") from None
    if not isinstance(record, dict):
        raise _damaged(index, "it is no index of levels")
    return record


def _is_digest(text: object) -> bool:
    return isinstance(text, str) and len(text) == 64


def _packed(parts: Sequence[Part]) -> Iterator[bytes]:
    """Yield the contents of the file of the newest level."""
    newest = len(parts[0].levels) - 1
    counts = [
        (len(part.level(newest)), sum(len(block.pool) for block in part.blocks(newest)))
        for part in parts
    ]
    yield np.array(counts, "<i8").tobytes()
    for part in parts:
        for field_, kind in enumerate(_KINDS):
            for block in part.blocks(newest):
                yield block[field_].astype(kind).tobytes()


def _counts(file: BufferedReader) -> tuple[list[int], list[int]] | None:
    """Return how many states and assignments of each part a file holds, or None where it lies."""
    length = file.seek(0, os.SEEK_END)
    if length < _HEAD:
        return None
    counts = _read(file, 0, "<i8", 2 * PARTS).tolist()
    rows, ids = counts[::2], counts[1::2]
    if min(counts) < 0 or _HEAD + _STATE * sum(rows) + 2 * sum(ids) != length:
        return None
    return rows, ids


def _unpacked(file: BufferedReader, rows: list[int], ids: list[int]) -> Iterator[tuple[int, Level]]:
    """Yield the states of each part, a chunk at a time, with the part's number.

    Where sizes and assignments do not match, neither do those of some chunk.
    """
    at = _HEAD
    for p, (many, length) in enumerate(zip(rows, ids, strict=True)):
        left = length
        for lo, hi in spans(range(many)):
            size = _read(file, at + 2 * lo, "<u2", hi - lo)
            used = left if hi == many else min(left, int(size.sum(dtype=np.int64)))
            yield (
                p,
                Level(
                    size,
                    _read(file, at + 2 * many + 8 * lo, "<u8", hi - lo),
                    _read(file, at + 10 * many + 8 * lo, "<i8", hi - lo),
                    _read(file, at + _STATE * many + 2 * (length - left), "<u2", used),
                ),
            )
            left -= used
        at += _STATE * many + 2 * length


def _read(file: BufferedReader, at: int, kind: str, count: int) -> npt.NDArray[Any]:
    file.seek(at)
    return np.fromfile(file, kind, count)


def _in_range(level: Level, before: list[range], universe: Universe) -> bool:
    """Return whether all that a level names is there: assignments, and parents in the level before.

    `before` are the numbers of the states of each part on that level.
    """
    size, parent, pool = level.size, level.parent, level.pool
    if int(size.sum(dtype=np.int64)) != len(pool):
        return False
    if not len(size):
        return True
    rising = np.diff(pool.astype(np.int32)) > 0
    rising[np.cumsum(size, dtype=np.int64)[:-1] - 1] = True
    tag, number = parent % PARTS, parent // PARTS
    first, end = (np.array([getattr(b, name) for b in before]) for name in ("start", "stop"))
    return bool(
        size.min() >= 1
        and size.max() <= universe.width
        and pool.max() < universe.size
        and rising.all()
        and ((first[tag] <= number) & (number < end[tag])).all()
    )


def _contents(path: Path, most: int = -1) -> bytes:
    """Return what is in a file of the folder, up to `most` bytes."""
    with _opened(path) as file:
        return file.read(most)


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    """Open a file of the folder to read."""
    _check_plain(path)
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise _damaged(path, str(error.strerror)) from None


def _write(path: Path, content: str | Iterable[bytes]) -> None:
    """Write a file of the folder, in place of one there or of none."""
    if path.is_symlink() or path.exists():
        _check_plain(path)
    atomic.write(path, content, force=True)


def _check_plain(path: Path) -> None:
    """Raise InputError where there is no plain file, so that nothing else is read or written."""
    if path.is_symlink() or not path.is_file():
        raise _damaged(path, "it is no plain file")


def _damaged(path: Path, why: str) -> InputError:
    return InputError(
        f"the checkpoint file {path} is damaged: {why}",
        hint="remove the folder to begin again, or name a new one",
    )
