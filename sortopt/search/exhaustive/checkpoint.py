"""Checkpoints of a long proof: a folder from which the search under one limit goes on.

The folder holds `checkpoint.json` (the problem, the proved lower bound, the levels complete) and a
file of states for each complete level.  Each file is written whole before `checkpoint.json` names
it with its digest, so a search that is killed at any moment loses the level under way at most.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sortopt.base import InputError, atomic
from sortopt.search.exhaustive import _expand_kernels as kernels
from sortopt.search.exhaustive.frontier import PARTS, Search
from sortopt.search.space import Problem

FORMAT = "sortopt checkpoint 1"
_INDEX = "checkpoint.json"


@dataclass
class Checkpoint:
    """The state of a proof in `folder`: nothing of at most `lower` - 1 instructions exists.

    `levels` lists (file name, SHA-256) of the complete levels, from the first after the start on,
    of the search under limit `lower`.
    """

    folder: Path
    problem: Problem
    lower: int = 0
    levels: list[tuple[str, str]] = field(default_factory=list)

    def settle(self, lower: int) -> None:
        """Record a raised lower bound; the levels of the limit before are dropped."""
        if lower <= self.lower:
            return
        old, self.levels, self.lower = self.levels, [], lower
        self._write_index()
        for name, _ in old:
            (self.folder / name).unlink(missing_ok=True)

    def save(self, search: Search) -> None:
        """Record the newest complete level of the search under the limit `lower`."""
        depth = search.depth
        name = f"limit-{search.limit}-level-{depth}.npz"
        arrays: dict[str, Any] = {}
        for p, part in enumerate(search.parts):
            level, states = search.level(part, depth), part.states
            begin, end = states.offset[level.start], states.offset[level.stop]
            arrays[f"pool{p}"] = states.pool[begin:end]
            arrays[f"size{p}"] = np.diff(states.offset[level.start : level.stop + 1])
            arrays[f"hash{p}"] = states.hash[level.start : level.stop]
            arrays[f"parent{p}"] = states.parent[level.start : level.stop]
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        data = buffer.getvalue()
        atomic.write(self.folder / name, data, force=True)
        self.levels = [*self.levels[: depth - 1], (name, hashlib.sha256(data).hexdigest())]
        self._write_index()

    def restore(self, search: Search) -> None:
        """Put the recorded levels into a fresh search under the limit `lower`."""
        for name, digest in self.levels:
            arrays = self._read_level(name, digest)
            for p, part in enumerate(search.parts):
                part.levels.append(part.count)
                size, pool = arrays[f"size{p}"], arrays[f"pool{p}"]
                part.reserve(len(size), len(pool))
                states, first = part.states, part.count
                begin = states.offset[first]
                states.pool[begin : begin + len(pool)] = pool
                states.offset[first + 1 : first + len(size) + 1] = begin + np.cumsum(size)
                states.hash[first : first + len(size)] = arrays[f"hash{p}"]
                states.parent[first : first + len(size)] = arrays[f"parent{p}"]
                part.count += len(size)
        for part in search.parts:
            part.states.table[:] = -1
            kernels.rehash(part.states, part.count)

    def _read_level(self, name: str, digest: str) -> dict[str, Any]:
        path = self.folder / name
        try:
            data = path.read_bytes()
        except OSError as error:
            raise _damaged(path, str(error.strerror)) from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise _damaged(path, "its contents do not match their digest")
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            return {key: file[key] for key in file.files}

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
        atomic.write(self.folder / _INDEX, json.dumps(record), force=True)


def open_checkpoint(folder: str, problem: Problem) -> Checkpoint:
    """Return the checkpoint in `folder`, or a new one where there is no folder or an empty one.

    Raises InputError where the folder cannot be used, is damaged, or belongs to another problem.
    """
    path = Path(folder)
    index = path / _INDEX
    try:
        path.mkdir(parents=True, exist_ok=True)
        if not index.exists():
            if any(path.iterdir()):
                raise InputError(
                    f"{folder} is no checkpoint folder", hint="name a new or an empty folder"
                )
            return Checkpoint(path, problem)
        envelope = json.loads(index.read_text())
        text = envelope["body"]
        if hashlib.sha256(text.encode()).hexdigest() != envelope["digest"]:
            raise _damaged(index, "its contents do not match their digest")
        record = json.loads(text)
        if record["format"] != FORMAT or record["parts"] != PARTS:
            raise InputError(f"{folder} was written by another version", hint="name a new folder")
        found = Problem.from_record(record["problem"])
        levels = [(str(name), str(digest)) for name, digest in record["levels"]]
        lower = int(record["lower"])
    except OSError as error:
        raise InputError(f"cannot use {folder}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(index, str(error)) from None
    if found != problem:
        raise InputError(
            f"the checkpoint in {folder} is of another problem: {found.describe()}",
            hint="name a new folder",
        )
    return Checkpoint(path, problem, lower, levels)


def _damaged(path: Path, why: str) -> InputError:
    return InputError(
        f"the checkpoint file {path} is damaged: {why}",
        hint="remove the folder to begin again, or name a new one",
    )
