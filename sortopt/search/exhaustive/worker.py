"""What runs on a worker of a cluster: some parts of a search are expanded and grown."""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from sortopt.base import Budget
from sortopt.search.bounds import Limits, PatternDatabase
from sortopt.search.exhaustive._expand_kernels import Level, Model
from sortopt.search.exhaustive.frontier import Search
from sortopt.search.exhaustive.parts import PARTS, Part, chosen, spans
from sortopt.search.space import Universe

Tables = tuple[Universe, Model, PatternDatabase]
Rows = list[tuple[int, Level]]
"""States, each group with its part."""


class Lost(Exception):
    """What a worker should hold is not there: it ended, or began anew."""


@cache
def sources_digest() -> str:
    """Return a digest of the source of the whole package, which lead and workers must share."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parents[2].glob("**/*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def dask_setup(worker: object) -> None:
    """Let a local worker live through Ctrl-C: the lead ends it.  Dask calls this at its start."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class _Search(Search):
    """A search of which only some parts are here."""

    def tell(self) -> None:
        """Only see that there is memory."""
        self.budget.check()


@dataclass(eq=False)
class Share:
    """The parts of a search that live with this worker; `owned` are their numbers.

    It cannot be copied or sent (as a lock cannot), so what was done to it is not done twice.
    """

    search: Search
    owned: set[int] = field(default_factory=set)
    attempt: int = -1
    turn: int = -1
    lock: Lock = field(default_factory=Lock)
    limits: tuple[int, Limits] | None = None

    def check(self, depth: int, counts: dict[int, int]) -> None:
        """Raise Lost unless the levels up to `depth` are here, of so many states in each part."""
        for p, count in counts.items():
            part = self.search.parts[p]
            levels = len(part.levels)
            held = part.levels[depth + 1] if levels == depth + 2 else part.count
            if p not in self.owned or levels not in (depth + 1, depth + 2) or held != count:
                raise Lost


def begin(tables: Tables, limit: int, memory: int | None, threads: int) -> Share:
    """Return a share of a search under `limit` that owns no part yet."""
    search = _Search(*tables, limit, Budget(memory=memory, threads=threads))
    search.parts = [Part.empty() for _ in range(PARTS)]
    return Share(search)


def own(share: Share, parts: Sequence[int]) -> None:
    """Take over parts, without states for now."""
    with share.lock:
        for p in parts:
            share.search.parts[p] = Part.empty()
            share.owned.add(p)


def load(share: Share, depth: int, rows: Rows) -> None:
    """Add states of complete levels, `depth` being that of these, to parts taken over."""
    with share.lock:
        for p, level in rows:
            part = share.search.parts[p]
            while len(part.levels) <= depth:
                part.begin()
            part.add(level)


def expand(
    share: Share, depth: int, turn: int, counts: dict[int, int], owners: Sequence[Sequence[int]]
) -> list[Rows]:
    """Return what the states of one turn lead to, each state once, for each of the `owners`.

    A turn has as many chunks of each part as there are owners: about as many on each worker as are
    expanded at once.  `counts` are the states of each part owned on the levels up to `depth`.
    """
    with share.lock:
        share.check(depth, counts)
        search = share.search
        if share.limits is None or share.limits[0] != depth:
            left = search.limit - depth - 1
            share.limits = depth, search.database.limits(search.model.project, left)
        many = len(owners)
        tasks = [
            (p, lo, hi)
            for p in sorted(counts)
            for lo, hi in [*spans(search.parts[p].level(depth))][turn * many : (turn + 1) * many]
        ]
        outbox = [Part.empty() for _ in range(PARTS)]
        search.expand(tasks, share.limits[1], outbox)
    return [[(q, outbox[q].block(0, outbox[q].count)) for q in owned] for owned in owners]


def merge(
    share: Share, attempt: int, depth: int, turn: int, counts: dict[int, int], sent: list[Rows]
) -> tuple[Rows, dict[int, int]]:
    """Add what is new of the states that all workers sent; return it, and the count of each part.

    The turns of an attempt at a level come one after the other, each once.  The first forgets what
    an attempt before left of the level.
    """
    with share.lock:
        share.check(depth, counts)
        if turn == 0 and attempt > share.attempt:
            for p in share.owned:
                part = share.search.parts[p]
                if len(part.levels) == depth + 2:
                    part.drop()
                part.begin()
            share.attempt = attempt
        elif (attempt, turn) != (share.attempt, share.turn + 1):
            raise Lost
        share.turn = turn
        fresh: Rows = []
        for rows in sent:
            for p, level in rows:
                part = share.search.parts[p]
                share.search.budget.check(part.growth(len(level.size), len(level.pool)))
                fresh.append((p, chosen(level, part.merge(level))))
        return fresh, {p: share.search.parts[p].count for p in sorted(share.owned)}


def piece(sent: list[Rows], number: int) -> Any:
    """Return what was made for one of the owners."""
    return sent[number]
