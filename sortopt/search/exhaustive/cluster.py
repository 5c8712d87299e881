"""A search on many machines: the parts of its states live with the workers of a Dask cluster.

Each worker *owns* some of the parts, with all their levels.  A level is completed in turns.  In
each turn every worker expands some states of its parts, keeps one of those that are equal, and
groups them by owner; they go from worker to worker.  Each owner adds what is new to its parts and
sends it to the *lead* (this process) as well, which so has a copy of all states: for checkpoints,
and for a worker that ends.  On the lead the copy is a search like any other, on disk with `spill`.

Sound because no state is lost.  A worker drops one of its children only where an equal one goes the
same way, or where the owner has an equal one; whole rows are compared.  A turn is complete when all
owners have answered.  An owner answers each turn of an attempt once and in sequence, and only while
it holds as many states of each part as the lead; whatever Dask does twice, or on a worker that
began anew, is refused.  The lead adds what it is sent to its copy and compares the counts.  Where
a worker ends, the level is forgotten everywhere, the parts without an owner are given to those
workers that there are, out of the copy, and the level begins again: that is all that it costs.

The states of a level do not depend on the workers; of equal ones with several parents, another
parent may be kept.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from sortopt.base import UNLIMITED, Budget, Disagreement, InputError, LimitReached
from sortopt.search.exhaustive import worker
from sortopt.search.exhaustive.frontier import Search
from sortopt.search.exhaustive.parts import CHUNK, PARTS, Part
from sortopt.search.exhaustive.worker import Lost, Rows
from sortopt.search.space import Universe

_LOCAL = re.compile(r"local:(\d+)", re.ASCII)
_ADDRESS = re.compile(r"((tcp|tls)://)?(?!local:)(\[[0-9A-Fa-f:.]+\]|[\w.-]+):\d{1,5}", re.ASCII)

_ATTEMPTS = 3
"""How often a level is begun."""

_TIMEOUT = 10.0
"""How long a scheduler is waited for, in seconds."""

_POLL = 0.25
_PATIENCE = 30.0
"""How long a worker that Dask starts anew, or that lacks memory, is waited for, in seconds."""

_TRIALS = 9
"""How often a result is asked for: for 1 second, then for 2, and so on, 8 minutes in all."""

_SENT_AT_ONCE = 16 * CHUNK
"""The states that go to a new owner in one message."""


@dataclass(eq=False)
class Cluster:
    """The lead's view of the workers, for one search after the other."""

    client: Any
    name: str
    shares: dict[str, Any] = field(default_factory=dict)
    """By a worker's address, the share of the search that lives there."""
    owned: dict[str, list[int]] = field(default_factory=dict)
    _search: Search | None = None
    _tables: tuple[Universe, Any] | None = None
    _checked: set[str] = field(default_factory=set)
    _attempt: int = 0

    def advance(self, search: Search) -> None:
        """Complete one more level of `search`; LimitReached where workers are lost repeatedly."""
        if self._search is not search:
            self._search, self.shares, self.owned = search, {}, {}
        for _ in range(_ATTEMPTS):
            try:
                self._give_out(search)
                with search.under_way():
                    counts = self._level(search, search.depth - 1)
            except (Lost, OSError, CancelledError):
                self._forget_lost()
                continue
            if counts != {p: part.count for p, part in enumerate(search.parts)}:
                raise Disagreement(f"a worker of {self.name} holds other states than it sent")
            return
        raise LimitReached(
            f"{_ATTEMPTS} times workers of the cluster {self.name} were lost on level "
            f"{search.depth + 1}",
            hint="see whether they have too little memory",
        )

    def _forget_lost(self) -> None:
        """Forget the shares of workers that are gone; all, where one began anew at its address."""
        for address in self.shares.keys() - self._known().keys() or set(self.shares):
            del self.shares[address]
            self.owned.pop(address, None)

    def _level(self, search: Search, depth: int) -> dict[int, int]:
        """Fill the level after `depth`, which is under way; return what the owners count."""
        self._attempt += 1
        counts: dict[int, int] = {}
        most = max(len(part.level(depth)) for part in search.parts)
        owners = [a for a, parts in self.owned.items() if parts]
        for turn in range(-(-most // (len(owners) * CHUNK))):
            for rows, held in self._turn(search, owners, depth, turn):
                _keep(search, rows)
                counts |= held
            search.tell()
        return counts

    def _turn(
        self, search: Search, owners: list[str], depth: int, turn: int
    ) -> list[tuple[Rows, dict[int, int]]]:
        """Expand some states of each part on the workers; return what is new."""
        owned = [self.owned[a] for a in owners]
        counts = [{p: search.parts[p].levels[depth + 1] for p in parts} for parts in owned]
        sent = [
            self._submit(a, worker.expand, self.shares[a], depth, turn, held, owned)
            for a, held in zip(owners, counts, strict=True)
        ]
        merged = []
        for number, a in enumerate(owners):
            pieces = [
                self._submit(b, worker.piece, rows, number)
                for b, rows in zip(owners, sent, strict=True)
            ]
            of = self.shares[a], self._attempt, depth, turn, counts[number]
            merged.append(self._submit(a, worker.merge, *of, pieces))
        return self._results(search, merged)

    def _give_out(self, search: Search) -> None:
        """See that each part has an owner that is there; new owners are sent its states."""
        left = sorted(set(range(PARTS)) - {p for parts in self.owned.values() for p in parts})
        if not left:
            return
        present = self._present(search)
        self._check(present)
        most = -(-PARTS // len(present))
        for a, threads in present.items():
            new = left[: max(0, most - len(self.owned.get(a, [])))]
            if new:
                left = left[len(new) :]
                self._settle_in(search, a, threads, new)

    def _settle_in(self, search: Search, address: str, threads: int, parts: list[int]) -> None:
        """Make a worker the owner of `parts`."""
        if address not in self.shares:
            of = self._sent(search), search.limit, search.budget.memory, threads
            self.shares[address] = self._submit(address, worker.begin, *of)
        share = self.shares[address]
        self._results(search, [self._submit(address, worker.own, share, parts)])
        for depth in range(search.depth + 1):
            for rows in _bundles(search, parts, depth):
                [data] = self.client.scatter([rows], workers=[address], hash=False, direct=False)
                self._results(search, [self._submit(address, worker.load, share, depth, data)])
        self.owned[address] = sorted([*self.owned.get(address, []), *parts])

    def _sent(self, search: Search) -> Any:
        """Return the tables of `search`, on the workers."""
        of = self._tables
        if of is None or of[0] is not search.universe or of[1].status != "finished":
            tables = (search.universe, search.model, search.database)
            [sent] = self.client.scatter([tables], broadcast=True, hash=False, direct=False)
            self._tables = search.universe, sent
        assert self._tables is not None
        return self._tables[1]

    def _submit(self, address: str, function: Any, *args: Any) -> Any:
        return self.client.submit(
            function, *args, workers=[address], allow_other_workers=False, pure=False
        )

    def _results(self, search: Search, tasks: list[Any]) -> list[Any]:
        """Wait for tasks and return their results; raises Lost where a worker ended meanwhile."""
        dask = _library()
        gone = Lost, OSError, CancelledError, dask.KilledWorker
        since = time.monotonic()
        while True:
            with suppress(TimeoutError):
                dask.wait(tasks, timeout=_POLL)
                break
            self._watch(search, since)
        for task in tasks:
            if task.status == "error" and not isinstance(error := task.exception(), gone):
                raise error
        if any(task.status != "finished" for task in tasks):
            raise Lost
        return [self._result(search, task) for task in tasks]

    def _result(self, search: Search, task: Any) -> Any:
        """Return the result of a finished task, for which Dask would wait forever where its worker
        ends just now.
        """
        since = time.monotonic()
        for trial in range(_TRIALS):
            with suppress(TimeoutError):
                return task.result(timeout=2**trial)  # which begins to send it anew
            self._watch(search, since)
        raise Lost

    def _watch(self, search: Search, since: float) -> None:
        """Report and check where the work stands; raises Lost where a worker has ended.

        LimitReached where one lacks memory, and has not answered `since` long ago.
        """
        search.tell()
        known = self._known()
        if not self.shares.keys() <= known.keys():
            raise Lost
        paused = [a for a in self.shares if known[a]["status"] == "paused"]
        if paused and time.monotonic() - since > _PATIENCE:
            raise LimitReached(
                f"the worker {paused[0]} has too little memory",
                hint="start it with more: dask worker --memory-limit",
            )

    def _known(self) -> dict[str, Any]:
        """Return what the scheduler knows of each worker that is there, by its address."""
        try:
            known = self.client.scheduler_info(n_workers=-1)["workers"]
        except (OSError, CancelledError, KeyError):
            raise LimitReached(
                f"the Dask scheduler of {self.name} does not answer any more",
                hint="start it again; --checkpoint keeps what is proved",
            ) from None
        return {address: known[address] for address in sorted(known)}

    def _present(self, search: Search) -> dict[str, int]:
        """Return the workers that there are; wait for one where there is none."""
        until = time.monotonic() + _PATIENCE
        while not (present := self._known()) and time.monotonic() < until:
            search.tell()
            time.sleep(_POLL)
        if not present:
            raise LimitReached(f"no worker of the cluster {self.name} is left")
        return {a: known["nthreads"] for a, known in list(present.items())[:PARTS]}

    def check(self) -> None:
        """Raise InputError where there is no worker, or one that runs something else."""
        if not (present := self._known()):
            raise InputError(
                f"the Dask scheduler at {self.name} has no workers",
                hint=f"start some: dask worker {self.name}",
            )
        self._check(present)

    def _check(self, present: Iterable[str]) -> None:
        """Raise InputError unless all workers run what this process runs."""
        new = sorted({*present} - self._checked)
        if not new:
            return
        answers = self.client.run(worker.sources_digest, workers=new, on_error="return")
        for address, answer in answers.items():
            if not isinstance(answer, OSError) and answer != worker.sources_digest():  # not gone
                raise InputError(
                    f"the worker {address} does not run this version of sortopt",
                    hint="install the same version there, and start the worker again",
                )
        self._checked.update(new)


def _keep(search: Search, rows: Rows) -> None:
    """Add states to the lead's copy."""
    sizes, ids = [0] * PARTS, [0] * PARTS
    for p, level in rows:
        sizes[p] += len(level.size)
        ids[p] += len(level.pool)
    search.make_room(sizes, ids, search.parts)
    for p, level in rows:
        search.parts[p].add(level)


def _bundles(search: Search, parts: list[int], depth: int) -> Iterator[Rows]:
    """Yield the states of `parts` at `depth`, as many as go in one message; of each part at least
    one group, which may be empty.
    """
    rows: Rows = [(p, Part.empty().block(0, 0)) for p in parts]
    many = 0
    for p in parts:
        for block in search.parts[p].blocks(depth):
            rows.append((p, block))
            many += len(block.size)
            if many >= _SENT_AT_ONCE:
                yield rows
                rows, many = [], 0
    yield rows


def check_cluster(cluster: str) -> None:
    """Raise InputError where a cluster cannot be used (see `opened`)."""
    local = _local_workers(cluster)
    _library()
    if local is None:
        with opened(cluster, UNLIMITED):
            pass


@contextmanager
def opened(cluster: str, budget: Budget) -> Iterator[Cluster]:
    """Open a cluster: `local:N` for N processes here, or the address of a Dask scheduler.

    Raises InputError where it cannot be used.  Local processes end with this one, however it ends.
    """
    local = _local_workers(cluster)
    dask = _library()
    for name in ("distributed", "distributed.client"):  # what matters is said once, by us
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        address = cluster
        if local is not None:
            address = stack.enter_context(
                dask.LocalCluster(
                    n_workers=local,
                    threads_per_worker=max(1, budget.cores // local),
                    scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                    memory_limit=0,
                    silence_logs=logging.CRITICAL,
                    preload=worker.__name__,
                )
            )
        try:
            client = stack.enter_context(
                dask.Client(address, timeout=_TIMEOUT, direct_to_workers=True)
            )
        except (OSError, ValueError):
            raise InputError(
                f"no Dask scheduler answers at {cluster}", hint="start one there: dask scheduler"
            ) from None
        opened = Cluster(client, cluster)
        opened.check()
        yield opened


def _library() -> Any:
    """Return the module `distributed`."""
    try:
        return import_module("distributed")
    except ModuleNotFoundError:
        raise InputError(
            "a cluster needs distributed, which is not installed",
            hint="pip install 'sortopt[cluster]'",
        ) from None


def _local_workers(cluster: str) -> int | None:
    """Return how many local workers are asked for, None where it is an address."""
    local = _LOCAL.fullmatch(cluster)
    if not _ADDRESS.fullmatch(cluster) if local is None else not 1 <= int(local[1]) <= PARTS:
        raise InputError(
            f"{cluster!r} is no cluster",
            hint=f"write local:2 (up to local:{PARTS}), or the address of a Dask scheduler: "
            "tcp://HOST:8786",
        )
    return None if local is None else int(local[1])
