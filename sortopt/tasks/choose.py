"""The best kernel for each number of keys: the shortest that a folder holds, else a network.

Nothing is taken on trust: whatever is chosen is verified here and now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from os import PathLike
from pathlib import Path

from sortopt import formats
from sortopt.base import UNLIMITED, Budget, InputError, LimitReached, Progress
from sortopt.emit import Provenance, emit_library
from sortopt.model import (
    Isa,
    Judgement,
    Kernel,
    Proved,
    Refuted,
    critical_path,
    key_type,
)
from sortopt.networks import best, lower
from sortopt.targets import DEFAULT_ISA, X86_CMOV, target
from sortopt.tasks.check_folder import SUFFIXES
from sortopt.verify import verify

KERNELS = Path(str(resources.files("sortopt"))) / "data" / "kernels"
"""The corpus that comes with sortopt; in a checkout a link to its folder `kernels/`."""

FOUND = KERNELS / "found"
"""The folder of the shortest kernels that come with sortopt."""

FEWEST_KEYS, MOST_KEYS = 2, 8
"""The numbers of keys a library may hold kernels for."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The kernel for `n` keys, proved: verdict, title, source, how it was found, why it."""

    kernel: Kernel
    judgement: Judgement
    title: str
    source: str
    found: str
    why: str

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


@dataclass(frozen=True, slots=True)
class _Candidate:
    path: Path
    file: formats.KernelFile


def choose_library(
    sizes: str = "2..8",
    folder: str | PathLike[str] | None = None,
    *,
    name: str = "sort_small",
    key: str = "int32",
    isa: str = DEFAULT_ISA,
    budget: Budget = UNLIMITED,
) -> Library:
    """Choose a kernel for each of `sizes`, prove it, and write them as one C header.

    `folder` is where kernels are looked for, by default FOUND.  Raises InputError and LimitReached
    as `choose` does.
    """
    passed_over: list[str] = []
    where = FOUND if folder is None else folder
    chosen = choose(parse_sizes(sizes), where, passed_over, isa=target(isa), budget=budget)
    entries = [(c.kernel, Provenance(c.title, c.source, c.found, c.judgement)) for c in chosen]
    return Library(emit_library(entries, key_type(key), name), chosen, tuple(passed_over))


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
    folder: str | PathLike[str] | None,
    passed_over: list[str],
    *,
    isa: Isa = X86_CMOV,
    budget: Budget = UNLIMITED,
) -> tuple[Chosen, ...]:
    """Return a proved kernel for each of `sizes`.

    The shortest in `folder` (searched with all below it) that sorts so many keys of any kind
    without a precondition, the one of the shorter critical path among equals.  Where none is left,
    or `folder` is None, the best network known is lowered.  What is faulty or refuted is named in
    `passed_over`.  Raises InputError where the folder cannot be read, LimitReached where the
    budget did not suffice for a proof.
    """
    candidates = [] if folder is None else list(_candidates(Path(folder), isa, passed_over))
    return tuple(_choose(n, candidates, isa, passed_over, budget) for n in sizes)


def shortest(n: int, folder: Path, isa: Isa = X86_CMOV) -> tuple[tuple[Path, Kernel], ...]:
    """Return the shortest kernels for `n` keys in `folder`, unproved, in the sequence of paths."""
    fitting = [c for c in _candidates(folder, isa, []) if c.file.kernel.n == n]
    least = min((len(c.file.kernel) for c in fitting), default=0)
    return tuple((c.path, c.file.kernel) for c in fitting if len(c.file.kernel) == least)


def _candidates(folder: Path, isa: Isa, passed_over: list[str]) -> Iterator[_Candidate]:
    """Yield the kernels in `folder` that sort without a precondition; name faulty files."""
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder", hint="name one that holds kernel files")
    for path in sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES):
        try:
            file = formats.read(path)
        except InputError as error:
            passed_over.append(error.render().splitlines()[0])
            continue
        contract = file.kernel.contract
        plain = contract.goal.name == "sort" and not contract.precondition
        if plain and file.kernel.isa is isa and file.kernel.memory_moves == 0:
            yield _Candidate(path, file)


def _choose(
    n: int, candidates: list[_Candidate], isa: Isa, passed_over: list[str], budget: Budget
) -> Chosen:
    fitting = sorted(
        (c for c in candidates if c.file.kernel.n == n),
        key=lambda c: (
            len(c.file.kernel),
            critical_path(c.file.kernel, lambda _: 1)[0],
            c.path.name,
        ),
    )
    lowered = lower(best(n), isa)
    for candidate in fitting:
        kernel = candidate.file.kernel
        if len(kernel) > len(lowered):
            break
        judgement = _judge(kernel, f"the kernel in {candidate.path}", budget)
        if isinstance(judgement.verdict, Refuted):
            passed_over.append(f"{candidate.path} is refuted")
            continue
        file, network = candidate.file, len(lowered)
        longer = len(kernel) < network
        why = f"the network takes {network}" if longer else "as short as the network"
        return Chosen(kernel, judgement, file.title, file.source or "", candidate.path.name, why)
    judgement = _judge(lowered, f"the network of {n} keys", budget)
    size = best(n).size
    found, why = f"best network, {size} comparator{'s' * (size > 1)}", "no kernel found is as short"
    return Chosen(lowered, judgement, f"sort{n}, lowered", "", found, why)


def _judge(kernel: Kernel, what: str, budget: Budget) -> Judgement:
    budget.tell(Progress(f"proving {what}"))
    judgement = verify(kernel, budget=budget)
    if not isinstance(judgement.instructions, (Proved, Refuted)):
        raise LimitReached(f"{what} could not be proved: {judgement.instructions.reason}")
    return judgement
