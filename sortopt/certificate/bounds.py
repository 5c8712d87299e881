"""Lower bounds on the instructions that still finish a state, worked out anew by the checker.

*All instructions.*  A kernel that finishes a state finishes any three of its assignments.  The cost
of any three assignments of the relaxed model is found level by level: at level 0 are the goals, and
at level k what some instruction takes to a cost of k - 1.  What is not entered by level k costs
more than k.  So the greatest cost of three shadows of a state's assignments is a bound.

*Moves.*  The same with comparisons for nothing bounds the instructions that are no comparisons.

*Comparisons.*  Take assignments of a state with the same flags in which the same cells are equal.
Follow them through a kernel that finishes the state.  As long as all comparisons came out alike,
the same cells were copied to the same cells.  So whether a comparison finds "equal" is the same for
all of them, and only "less" and "greater" are left: k comparisons split them into at most 2^k
parts.  In one part the j-th output holds, for all, what one and the same cell holds now; so the
equal cells that hold the value wanted there are the same for all.  Assignments that differ in that
are in different parts: with m different ones k is at least log2 m.  Minima and maxima are no
copies; where there are any, this bound is 0.

Comparisons and moves are different instructions, so their bounds add up: a state needs at least
max(all instructions, comparisons + moves).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sortopt.base import Budget, InputError
from sortopt.certificate import _cost_kernels as kernels
from sortopt.certificate._checker_kernels import Tables
from sortopt.certificate.group import symmetries
from sortopt.certificate.model import Model, build_relaxed, shadow
from sortopt.certificate.parallel import in_parts
from sortopt.model import Action

MOST_COST_BYTES = 1 << 30
"""The largest tables of costs that are made."""

_AT_ONCE = 1 << 18
"""How many entries of a table are worked on between two looks at the clock."""

_Classes = list[tuple[int, kernels.Numbers]]
"""Classes of three assignments by their least entries, in parts of one orbit."""


def tables_of(model: Model, filled: bool, limit: int, budget: Budget) -> Tables:
    """Return the tables of a model with its bounds: costs up to `limit`, more than that as UNKNOWN.

    `filled` says whether the relaxed model has no undefined cells.  Raises LimitReached, and
    InputError where the tables would be too large.
    """
    relaxed = build_relaxed(model.question, filled, budget)
    costs, number = _by_orbits(relaxed, budget)
    free = np.array([i.form.action is Action.COMPARE for i in model.instructions])
    for distinct in (False, True):  # what comes of two equal ones is alike, so they come first
        classes = _classes(costs.symmetries, distinct, budget)
        _work_out(costs, kernels.BOTH, classes, np.zeros_like(free), limit, budget)
        if free.any():
            _work_out(costs, kernels.MOVES, classes, free, limit, budget)
    if not free.any():
        costs.cost[kernels.MOVES] = costs.cost[kernels.BOTH]
    stands_for = (shadow(assignment, model.question, filled) for assignment in model.assignments)
    shadows = [relaxed.number.get(assignment) for assignment in stands_for]
    group, place = comparison_groups(model)
    return Tables(
        model.step,
        model.goal,
        _orbits(symmetries(model, budget)),
        np.random.default_rng(0).integers(1 << 47, size=len(model.goal)),
        np.array([kernels.DEAD if s is None else number[s] for s in shadows], np.uint16),
        group,
        place,
        costs,
    )


def _by_orbits(relaxed: Model, budget: Budget) -> tuple[kernels.Costs, kernels.Numbers]:
    """Return the relaxed model, its tables of costs unknown, and new numbers for its assignments.

    They are numbered orbit by orbit.  So the least of three numbers is in the first of their
    orbits, and costs are needed only of the first assignment of each orbit with two later ones.
    """
    image = symmetries(relaxed, budget)
    least, size = image.min(axis=1), len(image)
    orbits = len(np.unique(least))
    if (wanted := 2 * orbits * size**2) > MOST_COST_BYTES:
        raise InputError(
            f"the tables of costs for the question take {wanted / 2**30:.1f} GiB",
            hint=f"a certificate can be checked up to {MOST_COST_BYTES >> 30} GiB",
        )
    budget.check(wanted)
    sequence = np.argsort(least, kind="stable")
    number = np.empty(kernels.DEAD + 1, np.uint16)
    number[kernels.DEAD] = kernels.DEAD
    number[sequence] = np.arange(size)
    costs = kernels.Costs(
        number[relaxed.step[sequence]],
        relaxed.goal[sequence],
        _orbits(number[image[sequence]]),
        np.full((2, orbits, size, size), kernels.UNKNOWN, np.uint8),
    )
    return costs, number


def _orbits(image: kernels.Numbers) -> kernels.Symmetries:
    """Return symmetries by orbits, given the image of each assignment under each of them."""
    first, orbit = np.unique(image.min(axis=1), return_inverse=True)
    fixing = [np.flatnonzero(image[a] == a) for a in first]
    most = max(map(len, fixing))
    return kernels.Symmetries(
        np.ascontiguousarray(image.T),
        orbit.astype(np.int32),
        first.astype(np.int32),
        image.argmin(axis=1).astype(np.int32),
        np.array([np.resize(g, most) for g in fixing], np.int32),
    )


def _classes(symmetries: kernels.Symmetries, distinct: bool, budget: Budget) -> _Classes:
    """Return the classes of three assignments, orbit by orbit: distinct ones, or all others."""
    size = len(symmetries.orbit)
    lines = _AT_ONCE // size + 1
    parts = [
        (o, lo, min(lo + lines, size), distinct, symmetries)
        for o, first in enumerate(symmetries.first)
        for lo in range(int(first), size, lines)
    ]
    listed = in_parts(kernels.classes, parts, budget, "working out bounds: listing")
    return [(part[0], least) for part, least in zip(parts, listed, strict=True)]


def _work_out(
    costs: kernels.Costs,
    table: int,
    classes: _Classes,
    free: npt.NDArray[np.bool_],
    limit: int,
    budget: Budget,
) -> None:
    """Enter the costs of classes up to `limit`, level by level; `free` instructions cost nothing.

    These are tried at each level until nothing more is entered.
    """
    paid, unpaid = np.flatnonzero(~free), np.flatnonzero(free)
    left = sum(len(least) for _, least in classes)

    def enter(level: int, price: int, numbers: kernels.Sums) -> int:
        work = [(table, level, price, o, least, numbers, costs) for o, least in classes]
        return sum(in_parts(kernels.settle, work, budget, f"working out bounds: cost {level}"))

    for level in range(limit + 1):
        left -= enter(level, 1, paid)
        while left and unpaid.size and (entered := enter(level, 0, unpaid)):
            left -= entered
        if not left:
            break


def comparison_groups(model: Model) -> tuple[kernels.Places, kernels.Places]:
    """Return the group of each assignment, and its place in it, as the bound of comparisons counts.

    In a group the same flags stand and the same cells are equal.  Assignments of one place have
    each wanted value in the same cells.
    """
    question = model.question
    if any(form.action in (Action.MINIMUM, Action.MAXIMUM) for form in question.forms):
        return np.zeros(len(model.goal), np.int32), np.zeros(len(model.goal), np.int32)
    groups: dict[object, int] = {}
    places: dict[object, int] = {}
    group, place = [], []
    for pattern, contents, flags in model.assignments:
        alike = flags, tuple(map(contents.index, contents))
        wanted = tuple(map(contents.index, question.wanted(pattern)))
        group.append(groups.setdefault(alike, len(groups)))
        place.append(places.setdefault((alike, wanted), len(places)))
    return np.array(group, np.int32), np.array(place, np.int32)
