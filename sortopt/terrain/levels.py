"""The kernels of one length: how many, in how many classes, joined by which edits, and dead ends.

* Two kernels of one length are *neighbours* where a single edit makes one of the other.  A *part*
  is what is joined by such edits: the kernels of a length fall into parts.
* A kernel *can drop* an instruction where it stays right without one of them, and is a *local
  minimum* where it cannot.
* It is a *dead end* where no kernel of its part can drop an instruction: no sequence of edits that
  keep it right, and never make it longer, leads to a shorter one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sortopt.base import UNLIMITED, Budget
from sortopt.terrain import _edit_kernels as kernels
from sortopt.terrain.graph import Programs
from sortopt.terrain.programs import Catalogue, Links, Space, in_parts
from sortopt.terrain.turned import Turned

MOST_COMPARED = 5_000
"""The most kernels of a length between which all distances are found."""

FAR = 2
"""How many edits are tried of a kernel that was drawn, before it drops an instruction."""


@dataclass(frozen=True, slots=True)
class Parts:
    """How the kernels of a length hang together.

    `sizes` are those of the parts, the largest first; `diameter` the most edits between two of one
    part, None where not found; `without_drop` counts the parts none of whose kernels can drop an
    instruction, and `joined` those that the kernels one shorter fall into if one may pass through
    kernels of this length as well.  Both are None at the shortest length.  `edges` are the pairs of
    classes up to order some kernels of which are neighbours, None where not found.
    """

    sizes: tuple[int, ...]
    diameter: int | None
    without_drop: int | None = None
    joined: int | None = None
    edges: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """What is known of the kernels of one length.

    All `count` were studied, or, where `parts` is None, `studied` of them drawn uniformly.
    `neighbours` is the mean number of neighbours, `alone` how many have none.  `drops[e]` is how
    many drop an instruction after e edits that keep them right; of all kernels that comes to an
    end, of those drawn e is at most `FAR`.  `orders` counts the classes up to the sequence of
    independent instructions, `classes` those up to symmetry besides.
    """

    length: int
    count: int
    studied: int
    neighbours: float
    alone: int
    drops: tuple[int, ...] = ()
    parts: Parts | None = None
    orders: int | None = None
    classes: int | None = None

    @property
    def local_minima(self) -> float | None:
        """The share of the kernels studied that cannot drop an instruction."""
        return 1 - self.drops[0] / self.studied if self.drops else None

    @property
    def dead_ends(self) -> float | None:
        """The share of the kernels that are dead ends, None where that is not known."""
        return 1 - sum(self.drops) / self.studied if self.drops and self.parts else None


def whole_level(
    catalogue: Catalogue,
    turned: Turned,
    shorter: tuple[Catalogue, Links] | None,
    budget: Budget = UNLIMITED,
) -> tuple[Level, Links]:
    """Study all kernels of a length, given those one shorter with their links, if there are any."""
    links = catalogue.links(catalogue, budget)
    drops: tuple[int, ...] = ()
    without, joined = None, None
    label = links.components()
    if shorter is not None:
        down = catalogue.links(shorter[0], budget)
        distance = links.distances(down.degrees > 0)
        drops = tuple(int(c) for c in np.bincount(distance[distance >= 0]))
        without = len(np.unique(label[distance < 0]))
        joined = _joined(links, down, shorter[1])
    sizes = tuple(int(size) for size in np.sort(np.bincount(label))[::-1])
    pairs = list(_reorderings(catalogue))
    order = _classes(pairs, catalogue)
    classes = _classes([*pairs, *_images(catalogue, turned)], catalogue)
    degrees, count = links.degrees, len(catalogue.programs)
    level = Level(
        catalogue.programs.shape[1], count, count, float(degrees.mean()), int((degrees == 0).sum()),
        drops, Parts(sizes, _diameter(links), without, joined, _between(order, links)),
        int(order.max()) + 1, int(classes.max()) + 1,
    )  # fmt: skip
    return level, links


def drawn_level(
    space: Space, drawn: Programs, count: int, *, shortest: bool, budget: Budget = UNLIMITED
) -> Level:
    """Study kernels of a length that were drawn uniformly among `count`."""
    found = np.empty((len(drawn), 2), np.int64)
    size = drawn.shape[1]

    def part(lo: int, hi: int) -> None:
        far = 0 if shortest else FAR
        kernels.survey(drawn, lo, hi, space.tables, far, space.room(size), found)

    in_parts(part, len(drawn), budget, f"edits of kernels of {size} instructions", 64)
    neighbours, edits = found.T
    drops = np.bincount(edits, minlength=FAR + 2)[: FAR + 1]
    return Level(
        size, count, len(drawn), float(neighbours.mean()), int((neighbours == 0).sum()),
        () if shortest else tuple(int(c) for c in drops),
    )  # fmt: skip


Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def _reorderings(catalogue: Catalogue) -> Iterator[Pairs]:
    """Yield the kernels that differ in the sequence of two independent neighbours."""
    programs, commuting = catalogue.programs, catalogue.space.commuting()
    for i in range(programs.shape[1] - 1):
        (numbers,) = np.nonzero(commuting[programs[:, i], programs[:, i + 1]])
        swapped = programs[numbers]
        swapped[:, [i, i + 1]] = swapped[:, [i + 1, i]]
        yield numbers, catalogue.find(swapped)


def _images(catalogue: Catalogue, turned: Turned) -> Iterator[Pairs]:
    """Yield the kernels and what a symmetry makes of them, where that sorts in order too.

    It does so for all or for none: cells are renamed alike, whatever the kernel.
    """
    programs = catalogue.programs
    for element in range(turned.order):
        if catalogue.find(turned.images(programs[:1], element))[0] >= 0:
            yield np.arange(len(programs)), catalogue.find(turned.images(programs, element))


def _classes(pairs: list[Pairs], catalogue: Catalogue) -> npt.NDArray[np.int64]:
    """Return the number of the class of each kernel."""
    one, other = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    return _labels(one, other, len(catalogue.programs))


def _between(label: npt.NDArray[np.int64], links: Links) -> tuple[tuple[int, int], ...] | None:
    """Return the pairs of different labels that edges join, the lesser first, where few are."""
    if len(label) > MOST_COMPARED:
        return None
    joined = zip(label[_starts(links)].tolist(), label[links.ends].tolist(), strict=True)
    return tuple(sorted({(a, b) for a, b in joined if a < b}))


def _joined(links: Links, down: Links, below: Links) -> int:
    """Return how many parts the kernels one shorter fall into, through those of this length.

    Every kernel with one instruction more than a shorter one can be made of it, so each part of
    all of them together that holds a shorter kernel counts.
    """
    here, shorter = len(links.first) - 1, len(below.first) - 1
    ends = np.concatenate((links.ends, down.ends + here, below.ends + here))
    starts = [_starts(links), _starts(down), _starts(below) + here]
    label = _labels(np.concatenate(starts), ends, here + shorter)
    return len(np.unique(label[here:]))


def _starts(links: Links) -> npt.NDArray[np.int64]:
    return np.repeat(np.arange(len(links.first) - 1), links.degrees)


def _labels(
    one: npt.NDArray[np.int64], other: npt.NDArray[np.int64], count: int
) -> npt.NDArray[np.int64]:
    """Return the component of each of `count` nodes that edges join, whichever way they go."""
    starts, ends = np.concatenate((one, other)), np.concatenate((other, one))
    first = np.append(0, np.cumsum(np.bincount(starts, minlength=count)))
    return Links(first, ends[np.argsort(starts, kind="stable")]).components()


def _diameter(links: Links) -> int | None:
    """Return the most edges between two nodes that are joined, where they are few."""
    count = len(links.first) - 1
    if count > MOST_COMPARED:
        return None
    sources = np.eye(count, dtype=np.bool_)
    return max(int(links.distances(source).max()) for source in sources)
