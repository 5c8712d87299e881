"""How many comparisons a state still needs at least, whatever else it needs.

Among the assignments of distinct keys in a state take those with the same flags and the same
places of equal cells: a *group*.  Two of a group are of the same *kind* when for every output the
same cells hold its key in both.  With m kinds in a group, the rest of a kernel has at least
ceil(log2 m) comparisons.

Sound because the rest of a kernel of copies, comparisons and conditional moves treats two
assignments of a group alike until a comparison comes out differently: until then the same cells
have been moved to the same places, so again equal cells are in the same places, and a comparison
of equal cells comes out as "equal" for the whole group, any other, keys being distinct, as "less"
or "greater".  So k comparisons split a group into at most 2^k parts that are each moved alike to
the end.  If two assignments are moved alike and both finished, then for every output one cell
held its key in both, and with it all cells equal to that one: they are of the same kind.  Minima
and maxima are not moves, so with them, and without comparisons, every assignment is of one kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from sortopt.model import Action
from sortopt.search.bounds._pattern_kernels import Elements
from sortopt.search.space import Ids, Problem, Universe


@dataclass(frozen=True, eq=False)
class Groups:
    """The number of the kind and of the group of each assignment; a kind lies in one group."""

    kind: Elements
    group: Elements

    @cached_property
    def most(self) -> int:
        """The most comparisons that any state can be proved to need."""
        return self.needed(np.arange(self.kind.size))

    def needed(self, ids: Ids | npt.NDArray[np.int64]) -> int:
        """Return how many comparisons a state needs at least (plain Python)."""
        _, first = np.unique(self.kind[ids], return_index=True)
        many = np.bincount(self.group[ids][first], minlength=1)
        return (max(1, int(many.max())) - 1).bit_length()


def counts_comparisons(problem: Problem) -> bool:
    """Whether the argument applies: keys are told apart by comparisons alone."""
    actions = {form.action for form in problem.forms}
    return Action.COMPARE in actions and not actions & {Action.MINIMUM, Action.MAXIMUM}


def one_kind(size: int) -> Groups:
    """Return the groups of `size` assignments of which none is known to need a comparison."""
    return Groups(np.zeros(size, np.int32), np.zeros(size, np.int32))


def groups_of(universe: Universe) -> Groups:
    """Group the assignments of a universe of distinct keys without undefined cells.

    Precondition: the argument applies (`counts_comparisons`).
    """
    contents, problem = universe.contents, universe.problem
    first_equal = (contents[:, :, None] == contents[:, None, :]).argmax(axis=2)
    held = [(contents == rank).argmax(axis=1) for rank in problem.goal.ranks(problem.n)]
    group = _numbered(universe.flags, first_equal)
    return Groups(_numbered(group, *held), group)


def _numbered(*columns: npt.NDArray[Any]) -> Elements:
    """Return the same number where all columns are the same, from 0 on."""
    _, numbers = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    return numbers.reshape(-1).astype(np.int32)
