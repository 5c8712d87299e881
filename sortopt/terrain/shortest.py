"""Shortest kernels drawn at random, where there are too many states for all lengths."""

from __future__ import annotations

from itertools import islice

import numpy as np

from sortopt.base import UNLIMITED, Budget
from sortopt.search.exhaustive import as_listed
from sortopt.search.optima import optima
from sortopt.search.space import Problem, Universe
from sortopt.terrain.graph import Programs


def draw_shortest(
    problem: Problem, length: int, count: int, seed: int, budget: Budget = UNLIMITED
) -> tuple[int, Universe, Programs]:
    """Return how many kernels of the least `length` there are, and `count` of them.

    They are drawn uniformly, and the numbers of instructions are those of the universe returned.
    """
    found = optima(problem, length, budget)
    universe = found.search.universe
    number = {instruction: q for q, instruction in enumerate(universe.instructions)}
    drawn = np.empty((count, length), np.uint16)
    for row, (path, outputs) in zip(drawn, islice(found.draw(seed), count), strict=True):
        budget.check()
        rest = [cell for cell in range(problem.cells) if cell not in outputs]
        place = {cell: i for i, cell in enumerate([*outputs, *rest])}
        program = [
            (form, tuple(place[cell] for cell in cells))
            for form, cells in (universe.instructions[q] for q in path)
        ]
        row[:] = [number[form, tuple(cells)] for form, cells in as_listed(problem, program)]
    return found.count, universe, drawn
