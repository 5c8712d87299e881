"""Types of arrays: how many dimensions they have, and what their entries are."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

Entry = TypeVar("Entry", bound=np.generic)

Line = np.ndarray[tuple[int], np.dtype[Entry]]
"""One dimension, for example `Line[np.uint16]`."""

Table = np.ndarray[tuple[int, int], np.dtype[Entry]]
"""Two dimensions."""

Block = np.ndarray[tuple[int, int, int], np.dtype[Entry]]
"""Three dimensions."""
