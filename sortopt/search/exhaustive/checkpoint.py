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
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sortopt.base import InputError, atomic
from sortopt.search.bounds import UNREACHABLE
from sortopt.search.exhaustive import _expand_kernels as kernels
from sortopt.search.exhaustive.frontier import PARTS, Search
from sortopt.search.exhaustive.parts import Part
from sortopt.search.space import Problem, Universe

FORMAT = "sortopt checkpoint 2"
_INDEX = "checkpoint.json"
_LONGEST_INDEX = 1 << 16
"""In bytes; an index has some 70 a level."""
_STATE = 2 + 8 + 8
"""The bytes a state takes in a file besides its assignments: its size, hash and parent."""


class Level(NamedTuple):
    """The states of one part on one level, their assignments end to end."""

    size: npt.NDArray[np.uint16]
    hash: npt.NDArray[np.uint64]
    parent: npt.NDArray[np.int64]
    pool: npt.NDArray[np.uint16]


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
        depth = search.depth
        counts, arrays = [], []
        for part in search.parts:
            level, states = search.level(part, depth), part.states
            begin, end = states.offset[level.start], states.offset[level.stop]
            counts += [len(level), end - begin]
            arrays += [
                np.diff(states.offset[level.start : level.stop + 1]).astype("<u2"),
                states.hash[level.start : level.stop].astype("<u8"),
                states.parent[level.start : level.stop].astype("<i8"),
                states.pool[begin:end].astype("<u2"),
            ]
        data = b"".join(array.tobytes() for array in (np.array(counts, "<i8"), *arrays))
        _write(self._path(depth), data)
        self.levels = [*self.levels[: depth - 1], hashlib.sha256(data).hexdigest()]
        self._write_index()

    def restore(self, search: Search) -> None:
        """Put the recorded levels into a fresh search under the limit `lower`."""
        for depth, digest in enumerate(self.levels, 1):
            path = self._path(depth)
            data = _contents(path)
            if hashlib.sha256(data).hexdigest() != digest:
                raise _damaged(path, "its contents do not match their digest")
            if (found := _unpacked(data)) is None:
                raise _damaged(path, "it has more or fewer states than it says")
            before = [search.level(part, depth - 1) for part in search.parts]
            if not all(_in_range(level, before, search.universe) for level in found):
                raise _damaged(path, "it has a value that is out of range")
            for part, level in zip(search.parts, found, strict=True):
                part.levels.append(part.count)
                _append(part, level)
        for part in search.parts:
            part.states.table[:] = -1
            kernels.rehash(part.states, part.count)

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


def _unpacked(data: bytes) -> list[Level] | None:
    """Return the level of each part that a file holds, or None where its length does not fit."""
    head = 16 * PARTS
    if len(data) < head:
        return None
    counts = np.frombuffer(data, "<i8", 2 * PARTS).tolist()
    states, ids = counts[::2], counts[1::2]
    if min(counts) < 0 or head + _STATE * sum(states) + 2 * sum(ids) != len(data):
        return None
    found, at = [], head
    for many, length in zip(states, ids, strict=True):
        arrays = []
        for kind, count in (("<u2", many), ("<u8", many), ("<i8", many), ("<u2", length)):
            arrays.append(np.frombuffer(data, kind, count, at))
            at += arrays[-1].nbytes
        found.append(Level(*arrays))
    return found


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


def _append(part: Part, level: Level) -> None:
    first, last = part.count, part.count + len(level.size)
    part.reserve(len(level.size), len(level.pool))
    states = part.states
    begin = states.offset[first]
    states.offset[first + 1 : last + 1] = begin + np.cumsum(level.size, dtype=np.int64)
    states.hash[first:last], states.parent[first:last] = level.hash, level.parent
    states.pool[begin : begin + len(level.pool)] = level.pool
    part.count = last


def _contents(path: Path, most: int = -1) -> bytes:
    """Return what is in a file of the folder, up to `most` bytes."""
    _check_plain(path)
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise _damaged(path, str(error.strerror)) from None


def _write(path: Path, content: str | bytes) -> None:
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
