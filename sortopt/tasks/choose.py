"""The best kernel for each number of keys: the shortest that a folder holds, else one of a method.

Nothing is taken on trust: whatever is chosen is verified here and now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

from sortopt.base import UNLIMITED, Budget, InputError, LimitReached, Progress
from sortopt.emit import Provenance, emit_library
from sortopt.model import (
    Action,
    Isa,
    Judgement,
    Kernel,
    KeyType,
    Proved,
    Refuted,
    Rung,
    Unknown,
    for_keys,
    key_type,
    parse_rung,
)
from sortopt.native import is_native
from sortopt.networks import best, insertion, lower
from sortopt.targets import X86_CMOV, target_for
from sortopt.tasks.candidates import FLOAT, FOUND, KEPT, Candidate, entrants, of_buffer, read_folder
from sortopt.tasks.fastest import measured
from sortopt.verify import elements, judge_on, verify

FEWEST_KEYS, MOST_KEYS = 2, 8
"""The numbers of keys a library may hold kernels for."""

RANKINGS = ("length", "measured")
"""What is chosen by: the fewest instructions, or the time on this CPU."""

_QUICKLY = 1.0
"""The seconds in which kernels that lack a rung are sought out before anything is proved."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The kernel for `n` keys, proved: verdict, title, source, how it was found, why it.

    `kept` is the verdict over the rung asked for, where that is above `values`.
    """

    kernel: Kernel
    judgement: Judgement
    title: str
    source: str
    found: str
    why: str
    kept: Judgement | None = None

    @property
    def rungs(self) -> dict[Rung, Judgement]:
        """What is known of the rungs above `values`."""
        return {} if self.kept is None else {self.kept.kernel.contract.keep: self.kept}

    @property
    def n(self) -> int:
        """The number of keys."""
        return self.kernel.n


@dataclass(frozen=True, slots=True)
class Library:
    """A library's source text, the kernels in it by number of keys, and what was passed over."""

    text: str
    chosen: tuple[Chosen, ...]
    passed_over: tuple[str, ...] = ()


def choose_library(
    sizes: str = "2..8",
    folder: str | PathLike[str] | None = None,
    *,
    name: str = "sort_small",
    key: str = "int32",
    isa: str | None = None,
    keep: str | None = None,
    rank: str = RANKINGS[0],
    budget: Budget = UNLIMITED,
) -> Library:
    """Choose a kernel for each of `sizes`, prove it, and write them as one C header.

    `folder` is where kernels are looked for, by default FOUND, and KEPT where more than values is
    to be kept, or FLOAT.  `rank` is one of RANKINGS.  Raises InputError and LimitReached as
    `choose` does, and InputError where kernels cannot be timed here.
    """
    passed_over: list[str] = []
    rung = Rung.VALUES if keep is None else parse_rung(keep)
    keys = key_type(key)
    known = target_for(isa, keys if keys.floating else None)
    where = (FOUND,) if rung is Rung.VALUES else (FOUND, KEPT)
    where = (FLOAT,) if known.floating else where
    folders = where if folder is None else (folder,)
    ns = parse_sizes(sizes)
    if rank not in RANKINGS:
        raise InputError(f"unknown ranking {rank!r}", hint=f"use {' or '.join(RANKINGS)}")
    by_time = rank != RANKINGS[0]
    if by_time:
        if not is_native(known.machine):
            raise InputError(f"{known.name} kernels are not timed here", hint="leave out --rank")
        if rung is not Rung.VALUES:
            raise InputError("kernels are measured by values alone", hint="drop --keep or --rank")
    timed = keys if by_time else None
    chosen = choose(ns, folders, passed_over, isa=known, keep=rung, timed=timed, budget=budget)
    entries = [
        (c.kernel, Provenance(c.title, c.source, c.found, c.judgement, c.rungs)) for c in chosen
    ]
    return Library(emit_library(entries, keys, name), chosen, tuple(passed_over))


def parse_sizes(text: str) -> tuple[int, ...]:
    """Return the numbers of keys that `2..8`, `5` or `2,3,6..8` names, ascending.

    >>> parse_sizes("2..4,8")
    (2, 3, 4, 8)

    Raises InputError.
    """
    sizes: set[int] = set()
    for part in text.split(","):
        first, dots, last = part.strip().partition("..")
        if not _is_number(first) or (dots and not _is_number(last)):
            raise InputError(f"{text!r} names no numbers of keys", hint="write 2..8, or 3,4,5")
        low, high = int(first), int(last if dots else first)
        if not FEWEST_KEYS <= low <= high <= MOST_KEYS:
            raise InputError(
                f"{part.strip()!r} is out of range",
                hint=f"a library holds kernels for {FEWEST_KEYS} to {MOST_KEYS} keys",
            )
        sizes.update(range(low, high + 1))
    return tuple(sorted(sizes))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 4


def choose(
    sizes: Iterable[int],
    folders: Iterable[str | PathLike[str]],
    passed_over: list[str],
    *,
    isa: Isa = X86_CMOV,
    keep: Rung = Rung.VALUES,
    timed: KeyType | None = None,
    budget: Budget = UNLIMITED,
) -> tuple[Chosen, ...]:
    """Return a proved kernel for each of `sizes`.

    The shortest in `folders` (searched with all below them) that sorts so many keys of any kind
    without a precondition and stands on the rung `keep`, the one of the shorter critical path
    among equals; else the best network known, or an insertion sort.  Where keys are to be `timed`,
    the fastest of these and of more (see `candidates.entrants`).  What is faulty or refuted is
    named in `passed_over`, but not what only lacks the rung.  Raises InputError where a folder
    cannot be read or `isa` keeps no elements, LimitReached where the budget did not suffice for a
    proof.
    """
    candidates = [
        candidate for folder in folders for candidate in read_folder(Path(folder), isa, passed_over)
    ]
    return tuple(_choose(n, candidates, isa, keep, timed, passed_over, budget) for n in sizes)


def _built(
    n: int, isa: Isa, keep: Rung, candidates: list[Candidate], budget: Budget
) -> Iterator[Candidate]:
    """Yield kernels that need no search and stand on the rung `keep`.

    The best network is on all rungs but `stable`: whatever its comparisons answer, a comparator
    leaves its two elements in its two cells.  An insertion sort is stable, also where one of the
    `candidates` that is stable, and shorter, sorts the first keys.
    """
    if keep is not Rung.VALUES and isa.find(Action.COMPARE) is None:
        exact = any(form.tied is not None for form in isa.forms.values())
        if keep is Rung.STABLE or not exact:
            what = "no sequence" if exact else "no elements"
            raise InputError(
                f"{isa.name} has no kernels for --keep {keep}: minima and maxima keep {what}",
                hint="use an instruction set with comparisons",
            )
    elif keep in (Rung.ELEMENTS, Rung.STABLE):
        yield Candidate(insertion(n, isa), "insertion sort", f"sort{n}, key by key inserted")
        for candidate in candidates:
            begun = candidate.kernel
            fits = candidate.keeps and begun.n < n and _in_place(begun)
            saves = fits and len(begun) < len(insertion(begun.n, isa))
            if saves and not _lacks(begun, keep, budget):
                found = f"insertion sort behind {candidate.found}"
                title = f"sort{n}, key by key inserted behind {begun.n}"
                yield Candidate(insertion(n, isa, begun=begun), found, title)
    if keep is not Rung.STABLE:
        network = best(n)
        found = f"best network, {network.size} comparator{'s' * (network.size > 1)}"
        yield Candidate(lower(network, isa), found, f"sort{n}, lowered")


def _in_place(kernel: Kernel) -> bool:
    """Return whether a kernel sorts in the cells of its inputs, with one more at most."""
    contract = kernel.contract
    return {*contract.outputs} == {*contract.inputs} and len(kernel.scratch) < 2


def _choose(
    n: int,
    candidates: list[Candidate],
    isa: Isa,
    keep: Rung,
    timed: KeyType | None,
    passed_over: list[str],
    budget: Budget,
) -> Chosen:
    built = min(_built(n, isa, keep, candidates, budget), key=lambda c: c.rank)
    fitting = sorted([*(c for c in candidates if c.kernel.n == n), built], key=lambda c: c.rank)
    undecided = ""
    for candidate in fitting if timed is None else _fastest(fitting, built, timed, budget):
        kernel, what = candidate.kernel, candidate.what
        if keep is not Rung.VALUES and _lacks(kernel, keep, budget):
            continue
        judgement = _judge(kernel, what, budget)
        if isinstance(judgement.verdict, Refuted):
            passed_over.append(f"{candidate.path} is refuted")
            continue
        said = candidate.title, candidate.source, candidate.found, _why(candidate, built)
        if keep is Rung.VALUES:
            return Chosen(kernel, judgement, *said)
        kept = judge_on(keep, judgement, budget=budget, one_suffices=True)
        if kept.proved:
            return Chosen(kernel, judgement, *said, kept)
        if isinstance(kept.verdict, Unknown):
            undecided = f": {what} may be, but that could not be proved"
    raise LimitReached(f"no kernel of {n} keys is proved {keep}{undecided}")


def _fastest(
    fitting: list[Candidate], built: Candidate, key: KeyType, budget: Budget
) -> Iterator[Candidate]:
    """Yield the fastest kernels on this CPU, best first."""
    n, isa = built.kernel.n, built.kernel.isa
    fitting = [*fitting, *of_buffer(n, isa)]
    owners = {c.kernel: c for c in reversed(fitting) if c is not built}
    known = entrants(n, isa, owners)
    origin: dict[Kernel, Kernel] = {}
    ranked = measured([k for k in known if _serves(k, key)], 0, budget, key.name, origin=origin)
    for entry in ranked:
        owner = known[origin[entry.kernel]]
        memory = ", operands in memory" if entry.kernel.memory_moves else ""
        source = built if owner is None else owners[owner]
        yield replace(
            source,
            kernel=entry.kernel,
            found=source.found + memory,
            why=f"{entry.cost:.2f} ns a sort here, the fastest of {len(known) + len(origin):,}",
        )


def _serves(kernel: Kernel, key: KeyType) -> bool:
    with suppress(InputError):
        return bool(for_keys(kernel, key))
    return False


def _why(taken: Candidate, built: Candidate) -> str:
    if taken.why:
        return taken.why
    if taken is built:
        return "no kernel found is as short"
    name = built.found.removeprefix("best ").partition(",")[0]
    shorter = len(taken.kernel) < len(built.kernel)
    return f"the {name} takes {len(built.kernel)}" if shorter else f"as short as the {name}"


def _lacks(kernel: Kernel, keep: Rung, budget: Budget) -> bool:
    """Whether it shows quickly that `kernel` is not on the rung `keep`, whatever its values."""
    return isinstance(elements.check(kernel, keep, budget.share(_QUICKLY)), Refuted)


def _judge(kernel: Kernel, what: str, budget: Budget) -> Judgement:
    budget.tell(Progress(f"proving {what}"))
    judgement = verify(kernel, budget=budget)
    if not isinstance(judgement.instructions, (Proved, Refuted)):
        raise LimitReached(f"{what} could not be proved: {judgement.instructions.reason}")
    return judgement
