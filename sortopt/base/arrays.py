"""Types of arrays: how many dimensions they have, what their entries are; and bits as words."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Entry = TypeVar("Entry", bound=np.generic)

Line = np.ndarray[tuple[int], np.dtype[Entry]]
"""One dimension, for example `Line[np.uint16]`."""

Table = np.ndarray[tuple[int, int], np.dtype[Entry]]
"""Two dimensions."""

Block = np.ndarray[tuple[int, int, int], np.dtype[Entry]]
"""Three dimensions."""


def as_words(bits: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
    """Return the last axis as words of 64 bits, the first of them the lowest; the rest is 0."""
    packed = np.packbits(bits, axis=-1, bitorder="little")
    words = np.zeros((*bits.shape[:-1], -(-bits.shape[-1] // 64)), np.uint64)
    words.view(np.uint8)[..., : packed.shape[-1]] = packed
    return words
