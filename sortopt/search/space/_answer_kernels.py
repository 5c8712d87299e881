"""Compiled steps from one assignment to several: a comparison whose answer is free."""

from __future__ import annotations

from typing import NamedTuple

from sortopt.base import compiled
from sortopt.search.space._symmetry_kernels import Ids, Numbers


class Answers(NamedTuple):
    """Which instructions lead to several assignments; see `elements`.

    From the assignment numbered `first` on, instruction i leads to three where `apart[i]` is not
    0: its table holds the one for "less", and those for "equal" and "greater" are numbered
    `apart[i]` and twice as much more.
    """

    first: int
    apart: Numbers


@compiled()
def add_answers(row: Ids, size: int, q: int, answers: Answers, out: Ids) -> int:
    """Add to out[:size], which row[:size] becomes by instruction q, the other answers.

    Returns the new size; `out` must have room for three times `size`.
    """
    apart = answers.apart[q]
    grown = size
    if apart != 0:
        for i in range(size):
            if row[i] >= answers.first:
                out[grown] = out[i] + apart
                out[grown + 1] = out[i] + 2 * apart
                grown += 2
    return grown
