"""The symmetries of a model: maps of assignments that keep costs.

A symmetry maps assignments to assignments so that instructions go to instructions and goals to
goals.  Then a state can be finished in k instructions if and only if its image can: replace each
instruction of a kernel by its image.  Symmetries can be composed, so it is enough to check a few
and to compose those that pass.

The candidates exchange two cells, or turn the order of the keys round, or exchange "less" and
"greater" in the flags.  Each is checked against the tables of the model; none is taken for granted.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt

from sortopt.base import Budget, InputError
from sortopt.certificate.model import DEAD, Assignment, Model
from sortopt.certificate.question import Question

Images = npt.NDArray[np.uint16]
Element = tuple[tuple[int, ...], bool, bool]
"""Where the content of each cell goes, whether the keys' order is turned round, whether "less" and
"greater" are exchanged."""

MOST_BYTES = 1 << 29
"""The largest table of images that is made."""


def symmetries(model: Model, budget: Budget) -> Images:
    """Return `image[a, g]`, the image of assignment a under the g-th symmetry; the first is none.

    Raises LimitReached.
    """
    generators = {}
    for element in _candidates(model.question):
        budget.check()
        image = _image(model, element)
        if image is not None and is_symmetry(model, element, image):
            generators[element] = image
    identity = tuple(range(model.question.cells)), False, False
    found = {identity: np.arange(len(model.assignments), dtype=np.uint16)}
    pending = [identity]
    while pending:
        element = pending.pop()
        for generator, image in generators.items():
            product = _composed(element, generator)
            if product not in found:
                budget.check(image.nbytes)
                if len(found) * image.nbytes > MOST_BYTES:
                    raise InputError("the question has too many symmetries to check")
                found[product] = image[found[element]]
                pending.append(product)
    return np.ascontiguousarray(np.array(list(found.values())).T)


def is_symmetry(model: Model, element: Element, image: Images) -> bool:
    """Return whether a map of assignments takes instructions to instructions, goals to goals.

    For each instruction q there must be one, q', that does to the image of every assignment what
    the image of q does to it; and the cells in which an output may lie must be mapped along, the
    outputs staying in sequence or, where the keys' order is turned round, in the opposite one.
    """
    mapped = np.append(image, np.full(DEAD + 1 - len(image), DEAD, np.uint16))
    images = {column.tobytes() for column in mapped[model.step].T}
    if images != {column.tobytes() for column in model.step[image].T}:
        return False
    renaming, turned, _ = element
    goal = np.zeros_like(model.goal)
    for cell, to in enumerate(renaming):
        goal |= (model.goal >> cell & 1) << to
    return np.array_equal(model.goal[image], goal[:, ::-1] if turned else goal)


def _candidates(question: Question) -> Iterator[Element]:
    """Yield what all other symmetries are composed of."""
    unchanged = tuple(range(question.cells))
    for a, b in combinations(range(question.cells), 2):
        renaming = list(unchanged)
        renaming[a], renaming[b] = b, a
        yield tuple(renaming), False, False
    yield unchanged, True, False
    if question.uses_flags:
        yield unchanged, False, True


def _composed(first: Element, second: Element) -> Element:
    """Return the element that does `first`, then `second`."""
    renaming = tuple(second[0][cell] for cell in first[0])
    return renaming, first[1] != second[1], first[2] != second[2]


def _image(model: Model, element: Element) -> Images | None:
    """Return the image of every assignment, or None where one is no assignment of the model."""
    renaming, turned, exchanged = element
    n = model.question.n
    image = []
    for pattern, contents, flags in model.assignments:
        moved = [0] * len(contents)
        for cell, value in enumerate(contents):
            if turned and value < n:
                value = len(pattern) - 1 - value
            elif turned and not model.question.restricted:
                value = n + (value == n)
            moved[renaming[cell]] = value
        after = flags.exchanged() if exchanged and flags is not None else flags
        mapped: Assignment = pattern[::-1] if turned else pattern, tuple(moved), after
        if mapped not in model.number:
            return None
        image.append(model.number[mapped])
    return np.array(image, np.uint16)
