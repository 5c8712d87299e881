"""What is said of floating-point keys: zeros of both signs, and NaN."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from sortopt.model import NAN, Rung

if TYPE_CHECKING:
    from sortopt.verify import WithNan

EQUAL = "equal ones too, -0 and +0 among them, "
"""What is said of a proof that covers keys that tie."""

KEPT = MappingProxyType(
    {
        Rung.ELEMENTS: "keeps every element, -0 and +0 too",
        Rung.STABLE: "stable",
        Rung.SAFE: "safe: keeps every element, NaN too",
    }
)
"""What is said of a kernel on a rung above `values`."""


def row(ranks: Sequence[int]) -> str:
    """Return keys side by side, for example `NaN 1 2`."""
    return " ".join("NaN" if rank == NAN else str(rank) for rank in ranks)


def with_nan(found: WithNan | None) -> Iterator[str]:
    """Yield where NaN leaves a kernel that sorts, and whether the other keys still ascend."""
    if found is None:
        return
    places = [str(place + 1) for place in found.places]
    where = f"in output {' or '.join(places)}" if places else "nowhere"
    if found.unsorted is None:
        yield f"with NaN: the other keys ascend; one NaN leaves {where}"
        return
    before, after = map(row, found.unsorted)
    yield (
        f"with NaN: the other keys need not ascend, {before} comes out as {after}; one NaN leaves "
        f"{where}"
    )
