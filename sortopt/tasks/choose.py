"""The best kernel for each number of keys: the shortest that a folder holds, else one of a method.

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
    Action,
    Isa,
    Judgement,
    Kernel,
    Proved,
    Refuted,
    Rung,
    Unknown,
    critical_path,
    key_type,
    parse_rung,
)
from sortopt.networks import best, insertion, lower
from sortopt.targets import X86_CMOV, target_for
from sortopt.tasks.check_folder import SUFFIXES
from sortopt.verify import elements, judge_on, verify

KERNELS = Path(str(resources.files("sortopt"))) / "data" / "kernels"
"""The corpus that comes with sortopt; in a checkout a link to its folder `kernels/`."""

FOUND = KERNELS / "found"
"""The folder of the shortest kernels that come with sortopt."""

KEPT = KERNELS / "kept"
"""The folder of those that keep more than values, and of counterexamples."""

FLOAT = KERNELS / "float"
"""The folder of those of floating-point numbers."""

FEWEST_KEYS, MOST_KEYS = 2, 8
"""The numbers of keys a library may hold kernels for."""

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


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A kernel with its title and source, what it is called, its file, if it has one, and whether
    that says that it keeps more than values.
    """

    kernel: Kernel
    found: str
    title: str
    source: str = ""
    path: Path | None = None
    keeps: bool = False

    @property
    def what(self) -> str:
        """What it is, for messages."""
        return f"the {self.found}" if self.path is None else f"the kernel in {self.path}"

    @property
    def rank(self) -> tuple[int, bool, bool, float, str]:
        """What comes first is the least: short ones, files before others, those that keep more."""
        steps = critical_path(self.kernel, lambda _: 1)[0]
        return len(self.kernel), self.path is None, not self.keeps, steps, self.found


def choose_library(
    sizes: str = "2..8",
    folder: str | PathLike[str] | None = None,
    *,
    name: str = "sort_small",
    key: str = "int32",
    isa: str | None = None,
    keep: str | None = None,
    budget: Budget = UNLIMITED,
) -> Library:
    """Choose a kernel for each of `sizes`, prove it, and write them as one C header.

    `folder` is where kernels are looked for, by default FOUND, and KEPT where more than values is
    to be kept, or FLOAT.  Raises InputError and LimitReached as `choose` does.
    """
    passed_over: list[str] = []
    rung = Rung.VALUES if keep is None else parse_rung(keep)
    keys = key_type(key)
    known = target_for(isa, keys if keys.floating else None)
    where = (FOUND,) if rung is Rung.VALUES else (FOUND, KEPT)
    where = (FLOAT,) if known.floating else where
    folders = where if folder is None else (folder,)
    ns = parse_sizes(sizes)
    chosen = choose(ns, folders, passed_over, isa=known, keep=rung, budget=budget)
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
    budget: Budget = UNLIMITED,
) -> tuple[Chosen, ...]:
    """Return a proved kernel for each of `sizes`.

    The shortest in `folders` (searched with all below them) that sorts so many keys of any kind
    without a precondition and stands on the rung `keep`, the one of the shorter critical path
    among equals; else the best network known, or an insertion sort.  What is faulty or refuted is
    named in `passed_over`, but not what only lacks the rung.  Raises InputError where a folder
    cannot be read or `isa` keeps no elements, LimitReached where the budget did not suffice for a
    proof.
    """
    candidates = [
        candidate for folder in folders for candidate in _candidates(Path(folder), isa, passed_over)
    ]
    return tuple(_choose(n, candidates, isa, keep, passed_over, budget) for n in sizes)


def shortest(n: int, folder: Path, isa: Isa = X86_CMOV) -> tuple[tuple[Path, Kernel], ...]:
    """Return the shortest kernels for `n` keys in `folder`, unproved, in the sequence of paths."""
    fitting = [c for c in _candidates(folder, isa, []) if c.kernel.n == n]
    least = min((len(c.kernel) for c in fitting), default=0)
    return tuple((c.path, c.kernel) for c in fitting if c.path and len(c.kernel) == least)


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
        lacking = file.expect == "refuted" and contract.keep is not Rung.VALUES
        if plain and not lacking and file.kernel.isa is isa and file.kernel.memory_moves == 0:
            kernel = file.kernel.keeping(Rung.VALUES)
            keeps = contract.keep is not Rung.VALUES
            yield _Candidate(kernel, path.name, file.title, file.source or "", path, keeps)


def _built(n: int, isa: Isa, keep: Rung) -> Iterator[_Candidate]:
    """Yield kernels that need no search and stand on the rung `keep`.

    The best network is on all rungs but `stable`: whatever its comparisons answer, a comparator
    leaves its two elements in its two cells.  An insertion sort is stable.
    """
    if keep is not Rung.VALUES and isa.find(Action.COMPARE) is None:
        if keep is Rung.STABLE or not isa.floating:
            what = "no sequence" if isa.floating else "no elements"
            raise InputError(
                f"{isa.name} has no kernels for --keep {keep}: minima and maxima keep {what}",
                hint="use an instruction set with comparisons",
            )
    elif keep in (Rung.ELEMENTS, Rung.STABLE):
        yield _Candidate(insertion(n, isa), "insertion sort", f"sort{n}, key by key inserted")
    if keep is not Rung.STABLE:
        network = best(n)
        found = f"best network, {network.size} comparator{'s' * (network.size > 1)}"
        yield _Candidate(lower(network, isa), found, f"sort{n}, lowered")


def _choose(
    n: int,
    candidates: list[_Candidate],
    isa: Isa,
    keep: Rung,
    passed_over: list[str],
    budget: Budget,
) -> Chosen:
    built = min(_built(n, isa, keep), key=lambda c: c.rank)
    fitting = [*(c for c in candidates if c.kernel.n == n), built]
    undecided = ""
    for candidate in sorted(fitting, key=lambda c: c.rank):
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


def _why(taken: _Candidate, built: _Candidate) -> str:
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
