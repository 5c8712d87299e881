"""Packed assignments of the anytime search: on entry, under ties, and instructions on them.

The layout of a row is `_state_kernels`'.  A *coded* instruction is a tuple (kind, first cell,
second cell, set of flags as bits 1 << flag); cells 0 to n - 1 are the inputs, the scratch cells
follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations, product

import numpy as np
import numpy.typing as npt

from sortopt.base import InputError
from sortopt.model import Action, Form, Isa, Kernel, Order, Signedness, build
from sortopt.search.beams import _state_kernels as kernels
from sortopt.search.beams._state_kernels import COMPARE, COPY, PATTERN_SHIFT, SELECT

Rows = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Coded = tuple[int, int, int, int]

KINDS = {
    Action.COPY: COPY,
    Action.COMPARE: COMPARE,
    Action.SELECT: SELECT,
    Action.MINIMUM: kernels.MINIMUM,
    Action.MAXIMUM: kernels.MAXIMUM,
}
_ACTIONS = {kind: action for action, kind in KINDS.items()}

CONDITIONS = (
    Order.LESS,
    Order.GREATER,
    Order.LESS | Order.EQUAL,
    Order.GREATER | Order.EQUAL,
)
"""After which outcomes a selection copies."""


def flags_of(condition: Order) -> int:
    """Return a condition as a set of flags, bits 1 << flag."""
    return condition.value << 1


@dataclass(frozen=True, slots=True)
class TiePatterns:
    """Which keys, in ascending sequence, tie.

    `collapse[p, k]` is the rank, in pattern p, of the key of rank k among distinct keys (both
    from 1; collapse[p, 0] = 0); pattern 0 has no ties.  `tops[p]` holds the greatest rank of
    pattern p and the number of the pattern read backwards.
    """

    collapse: Ints
    tops: Ints

    @property
    def ranks(self) -> Ints:
        """The sorted keys of each pattern, one line a pattern."""
        return np.ascontiguousarray(self.collapse[:, 1:])

    def extend(self, rows: Rows) -> Rows:
        """Return the distinct-key `rows` and their images under every pattern, each once.

        These are the assignments over weak orders of any state whose cells hold minima and
        maxima of inputs: such a cell commutes with every monotone map of the keys.
        """
        parts = [rows]
        keys = (rows[:, None] >> np.arange(0, PATTERN_SHIFT, 4, dtype=np.uint64)) & np.uint64(15)
        for pattern in range(1, len(self.collapse)):
            table = np.zeros(16, np.uint64)
            table[: self.collapse.shape[1]] = self.collapse[pattern]
            shifted = table[keys] << np.arange(0, PATTERN_SHIFT, 4, dtype=np.uint64)
            image = shifted.sum(axis=1, dtype=np.uint64)
            parts.append(np.unique(image) | np.uint64(pattern << PATTERN_SHIFT))
        return np.concatenate(parts)


def tie_patterns(n: int, most_ties: int | None = None) -> TiePatterns:
    """Return the tie patterns of `n` keys with at most `most_ties` equalities (default: all)."""
    joins = [
        joined
        for size in range(min(n - 1, n if most_ties is None else most_ties) + 1)
        for joined in combinations(range(2, n + 1), size)
    ]
    number = {joined: p for p, joined in enumerate(joins)}
    collapse = np.zeros((len(joins), n + 1), np.int64)
    tops = np.zeros((len(joins), 2), np.int64)
    for p, joined in enumerate(joins):
        for k in range(1, n + 1):
            collapse[p, k] = collapse[p, k - 1] + (k not in joined)
        tops[p] = n - len(joined), number[tuple(sorted(n + 2 - k for k in joined))]
    return TiePatterns(collapse, tops)


def distinct_orders(n: int) -> Rows:
    """Return one row a permutation of `n` keys; scratch and flags are undefined."""
    keys = np.array(list(permutations(range(1, n + 1))), np.uint64)
    shifted = keys << np.arange(0, 4 * n, 4, dtype=np.uint64)
    return np.asarray(shifted.sum(axis=1, dtype=np.uint64), np.uint64)


def two_valued(n: int) -> Rows:
    """Return one row for each way to give `n` keys the values 1 and 2; scratch is undefined."""
    keys = np.array(list(product((1, 2), repeat=n)), np.uint64)
    shifted = keys << np.arange(0, 4 * n, 4, dtype=np.uint64)
    return np.asarray(shifted.sum(axis=1, dtype=np.uint64), np.uint64)


def all_instructions(cells: int, *, three: bool = False) -> Ints:
    """Return every instruction over `cells` cells; a comparison once, first cell before second.

    With `three` operands a selection also takes either of two cells into another, once: the
    conditions have opposites.
    """
    coded: list[Coded] = []
    for a in range(cells):
        for b in range(cells):
            if a < b:
                coded.append((COMPARE, a, b, 0))
            if a != b:
                coded.append((COPY, a, b, 0))
                coded += [(SELECT, a, b, flags_of(condition)) for condition in CONDITIONS]
    for target in range(cells) if three else ():
        for a, b in combinations([cell for cell in range(cells) if cell != target], 2):
            sources = a | (b + 1) << 4
            coded += [(SELECT, target, sources, flags_of(condition)) for condition in CONDITIONS]
    return np.array(coded, np.int64)


def to_kernel(
    n: int,
    program: Iterable[Sequence[int]],
    isa: Isa,
    signedness: Signedness = Signedness.SIGNED,
) -> Kernel:
    """Return the kernel that coded instructions spell.

    The outputs are named by running it on ascending keys, so they are right if it sorts.  Raises
    KernelError where no cell is left for some rank.
    """
    names = isa.registers
    written: list[tuple[Form, tuple[str, ...]]] = []
    cells = dict(enumerate(range(1, n + 1)))
    order = Order.EQUAL
    for kind, a, sources, flags in (tuple(map(int, coded)) for coded in program):
        b, otherwise, action = (
            sources & 15,
            (sources >> 4) - 1 if sources >> 4 else a,
            _ACTIONS[kind],
        )
        x, y = cells.get(otherwise, 0), cells.get(b, 0)
        if action is Action.COMPARE:
            order = Order.LESS if x < y else Order.GREATER if x > y else Order.EQUAL
        elif action is Action.MINIMUM:
            cells[a] = min(x, y)
        elif action is Action.MAXIMUM:
            cells[a] = max(x, y)
        elif action is Action.COPY or flags & flags_of(order):
            cells[a] = y
        elif otherwise in cells:
            cells[a] = cells[otherwise]
        form = _form(isa, action, flags, signedness)
        operands = (a, b) if len(form.operands) == 2 else (a, b, otherwise)
        written.append((form, tuple(names[cell] for cell in operands)))
    place = {rank: cell for cell, rank in sorted(cells.items(), reverse=True)}
    outputs = [names[place[rank]] for rank in range(1, n + 1) if rank in place]
    return build(isa, written, inputs=names[:n], outputs=outputs)


def _form(isa: Isa, action: Action, flags: int, signedness: Signedness) -> Form:
    """Return the form that does `action` on registers, after the outcomes `flags`."""
    for form in isa.forms.values():
        holds = 0 if form.condition is None else flags_of(form.condition.holds)
        if (form.action, holds) == (action, flags) and form.signedness in (None, signedness):
            return form
    raise InputError(f"{isa.name} has no {signedness.value} {action.value}")
