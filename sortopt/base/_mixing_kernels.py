"""The one function that scatters bits, for hashes: of a number in compiled code, or of an array."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sortopt.base._compile_kernels import compiled

Words = TypeVar("Words", np.uint64, npt.NDArray[np.uint64])

_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31 = np.uint64(27), np.uint64(30), np.uint64(31)


def mixed_array(x: Words) -> Words:
    """Return 64 scattered bits for each number; one-to-one, and 0 for 0.

    The finalizer of splitmix64 (Steele, Lea and Flood 2014).
    """
    x = (x ^ (x >> _S30)) * _FIRST
    x = (x ^ (x >> _S27)) * _SECOND
    return x ^ (x >> _S31)


mixed = compiled(inline="always")(mixed_array)
"""The same for one number, in compiled code."""
