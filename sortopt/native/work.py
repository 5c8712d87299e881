"""What the parent asks of the child process, as frozen values that are pickled between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Features:
    """Ask for the architecture, the CPU's name and its features: (str, str, frozenset)."""


@dataclass(frozen=True, slots=True)
class Assemble:
    """Assemble a module of LLVM IR and remember its functions; answers None.

    `names` are theirs in the module, `known_as` ours, where it is another.
    """

    text: str
    names: tuple[str, ...]
    known_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Load:
    """Load a shared library; `symbols` are pairs of our name and the library's; answers None."""

    path: str
    symbols: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Call a function on `keys` with an `out` of `size` keys; answers `out`."""

    name: str
    keys: Keys
    size: int
    count: int


@dataclass(frozen=True, slots=True)
class Workload:
    """What is sorted in one timed call: `groups` groups of `n` keys drawn as `distribution` says.

    `dtype` names the key type; groups lie side by side, lane by lane, as many as `lanes`;
    an embedded sort has one group, the whole array.
    """

    distribution: str
    n: int
    groups: int
    dtype: str
    lanes: int = 1

    @property
    def keys(self) -> int:
        """The number of keys in all."""
        return self.n * self.groups


@dataclass(frozen=True, slots=True)
class Measure:
    """Time functions against each other, `rounds` times, in a new random order each round.

    All functions of a round get the same keys at the same place, new ones every round.  Each of
    `functions` is (names, workload, count handed to the function); where it has several names,
    copies of one code that lie in different places, they take turns.  Answers nanoseconds a
    call, an array of shape (functions, rounds).
    """

    functions: tuple[tuple[tuple[str, ...], Workload, int], ...]
    rounds: int
    seed: int


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer that says what went wrong in the child."""

    message: str


Request = Features | Assemble | Load | Run | Measure


def draw(workload: Workload, rng: np.random.Generator) -> Keys:
    """Return the keys of `workload` as a flat array in memory order."""
    limits = np.iinfo(workload.dtype)
    shape = (workload.groups, workload.n)
    if workload.distribution == "few":
        keys = rng.integers(0, 3, shape).astype(workload.dtype)
    else:
        keys = rng.integers(limits.min, limits.max, shape, workload.dtype, endpoint=True)
        if workload.distribution in ("sorted", "reversed"):
            keys.sort(axis=1)
        if workload.distribution == "reversed":
            keys = keys[:, ::-1]
    keys = keys.reshape(-1, workload.lanes, workload.n).swapaxes(1, 2)
    return np.ascontiguousarray(keys).reshape(-1)


def is_sorted(workload: Workload, keys: Keys, before: Keys) -> bool:
    """Return whether `keys` are those of `before`, each group ascending."""

    def groups(flat: Keys) -> Keys:
        flat = flat.reshape(-1, workload.n, workload.lanes).swapaxes(1, 2)
        return flat.reshape(workload.groups, workload.n)

    return bool(np.array_equal(groups(keys), np.sort(groups(before), axis=1)))
