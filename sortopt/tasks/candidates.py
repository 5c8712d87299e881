"""Kernels that come with sortopt, or lie in a folder, as candidates for a number of keys."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import islice
from pathlib import Path

from sortopt import formats
from sortopt.base import InputError
from sortopt.model import Isa, Kernel, Place, Rung, Signedness, critical_path
from sortopt.networks import best, buffer, in_memory, lower, optimal_networks
from sortopt.optimize import without_loads
from sortopt.targets import X86_CMOV
from sortopt.tasks.check_folder import SUFFIXES

KERNELS = Path(str(resources.files("sortopt"))) / "data" / "kernels"
"""The corpus that comes with sortopt; in a checkout a link to its folder `kernels/`."""

FOUND = KERNELS / "found"
"""The folder of the shortest kernels that come with sortopt."""

KEPT = KERNELS / "kept"
"""The folder of those that keep more than values, and of counterexamples."""

FLOAT = KERNELS / "float"
"""The folder of those of floating-point numbers."""

MEMORY = KERNELS / "memory"
"""The folder of those that sort a buffer."""

_NETWORKS = 40
"""How many of the best networks are lowered and tried."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A kernel with its title and source, what it is called, its file, if it has one, and whether
    that says that it keeps more than values.
    """

    kernel: Kernel
    found: str
    title: str
    source: str = ""
    path: Path | None = None
    keeps: bool = False
    why: str = ""

    @property
    def what(self) -> str:
        """What it is, for messages."""
        return f"the {self.found}" if self.path is None else f"the kernel in {self.path}"

    @property
    def rank(self) -> tuple[int, bool, bool, float, str]:
        """What comes first is the least: short ones, files before others, those that keep more."""
        steps = critical_path(self.kernel, lambda _: 1)[0]
        return len(self.kernel), self.path is None, not self.keeps, steps, self.found


def shortest(n: int, folder: Path, isa: Isa = X86_CMOV) -> tuple[tuple[Path, Kernel], ...]:
    """Return the shortest kernels for `n` keys in `folder`, unproved, in the sequence of paths."""
    fitting = [c for c in read_folder(folder, isa, []) if c.kernel.n == n]
    least = min((len(c.kernel) for c in fitting), default=0)
    return tuple((c.path, c.kernel) for c in fitting if c.path and len(c.kernel) == least)


def entrants(
    n: int, isa: Isa, found: Collection[Kernel], signedness: Signedness = Signedness.SIGNED
) -> dict[Kernel, Kernel | None]:
    """Return the kernels for `n` keys that may be the fastest, each with its origin in `found`.

    Those of `found` that are shorter than the best network, or as short, and lowerings of best
    networks; where the set's operands may be single keys in memory, each of them for keys in a
    buffer as well: between loads and stores, and reading keys where they stand; and those of
    `found` whose keys are in a buffer.
    """
    buffers = {k: k for k in found if k.memory_moves}
    networks = [best(n), best(n, "depth"), *islice(optimal_networks(n), _NETWORKS)]
    lowered = [lower(network, isa, signedness=signedness) for network in dict.fromkeys(networks)]
    plain: dict[Kernel, Kernel | None] = {
        k: k for k in found if k not in buffers and len(k) <= len(lowered[0])
    }
    plain |= {kernel: None for kernel in lowered if kernel not in plain}
    if isa.place is Place.VECTOR:
        return plain
    more = {inside: origin for kernel, origin in plain.items() for inside in buffered(kernel)}
    return plain | more | buffers


def of_buffer(n: int, isa: Isa) -> Iterator[Candidate]:
    """Yield the kernels that come with sortopt and sort `n` keys in a buffer, unproved."""
    every = read_folder(MEMORY, isa, [], in_memory=True)
    return (candidate for candidate in every if candidate.kernel.n == n)


def buffered(kernel: Kernel) -> Iterator[Kernel]:
    """Yield kernels of a buffer that do what `kernel` does between loads and stores.

    The first has these, the last reads each key where it stands, wherever that is possible.
    """
    places = buffer(kernel)
    kernel = in_memory(kernel, places, places)
    yield kernel
    shorter = kernel
    while (edit := next(without_loads(shorter), None)) is not None:
        shorter = edit.kernel
    if shorter is not kernel:
        yield shorter


def read_folder(
    folder: Path, isa: Isa, passed_over: list[str], *, in_memory: bool = False
) -> Iterator[Candidate]:
    """Yield the kernels in `folder` that sort without a precondition; name faulty files.

    Those whose keys come in registers, or those whose keys are `in_memory`.
    """
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
        fits = file.kernel.isa is isa and (file.kernel.memory_moves > 0) is in_memory
        if plain and not lacking and fits:
            kernel = file.kernel.keeping(Rung.VALUES)
            keeps = contract.keep is not Rung.VALUES
            yield Candidate(kernel, path.name, file.title, file.source or "", path, keeps)
