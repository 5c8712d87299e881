"""Packed assignments and coded instructions of the beams, made and read by hand."""

import numpy as np

from sortopt.search.beams import _comparator_kernels as kernels
from sortopt.search.beams._state_kernels import successor


def packed(keys):
    """Return the row of keys in cells 0, 1 and so on."""
    return np.uint64(sum(key << 4 * c for c, key in enumerate(keys)))


def unpacked(row, cells):
    """Return the keys in the first cells of a row."""
    return tuple(int(row) >> (4 * c) & 15 for c in range(cells))


def played(row, program, cells=3):
    """Return the cells after coded instructions."""
    for coded in program:
        row = np.uint64(successor(row, *coded))
    return unpacked(row, cells)


def facts_of(rows, cells, z, *, extrema=False):
    """Return what the search knows of every two cells and the stale cell z."""
    facts = np.empty((cells, cells), np.int64)
    kernels.known_facts(np.array(rows, np.uint64), cells, z, extrema, facts)
    return facts
