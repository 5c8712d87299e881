"""Packed assignments for the anytime search: start states, tie patterns, programs as moves.

The layout of a row is `_beam_kernels`'.  A *move* is a tuple (kind, first cell, second cell, set
of flags as bits 1 << flag); cells 0 to n - 1 are the inputs, the scratch cells follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations, product

import numpy as np
import numpy.typing as npt

from sortopt.model import Form, Isa, Kernel, Order, build
from sortopt.search.beams._instruction_kernels import CMOV, CMP, MOV, PATTERN_SHIFT
from sortopt.targets import X86_CMOV

Rows = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Move = tuple[int, int, int, int]

MIN, MAX = 3, 4
"""The kinds of a move that makes a minimum or a maximum, beside those of `_beam_kernels`."""

LESS, EQUAL, GREATER = Order.LESS.bits, Order.EQUAL.bits, Order.GREATER.bits
"""Flags as bits, as a move's condition holds them."""

_CONDITIONS = {
    LESS: "cmovl",
    GREATER: "cmovg",
    LESS | EQUAL: "cmovle",
    GREATER | EQUAL: "cmovge",
}


_PACKED = {MIN: "pminsd", MAX: "pmaxsd"}


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
        """Return the distinct-key `rows` and their images under every pattern, without doubles.

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


def all_moves(cells: int) -> Ints:
    """Return every instruction over `cells` cells; a cmp once, first cell before second."""
    moves: list[Move] = []
    for a in range(cells):
        for b in range(cells):
            if a < b:
                moves.append((CMP, a, b, 0))
            if a != b:
                moves.append((MOV, a, b, 0))
                moves += [(CMOV, a, b, condition) for condition in _CONDITIONS]
    return np.array(moves, np.int64)


def to_kernel(n: int, moves: Iterable[Sequence[int]], isa: Isa = X86_CMOV) -> Kernel:
    """Return the kernel that `moves` spell.

    The outputs are named by running it on ascending keys, so they are right if the moves sort.
    Raises KernelError where the moves leave no cell for some rank.
    """
    names = isa.registers
    program: list[tuple[Form, tuple[str, ...]]] = []
    cells = dict(enumerate(range(1, n + 1)))
    flag = EQUAL
    for kind, a, b, condition in (tuple(map(int, move)) for move in moves):
        x, y = cells.get(a, 0), cells.get(b, 0)
        if kind == CMP:
            flag = LESS if x < y else GREATER if x > y else EQUAL
            mnemonic = "cmp"
        elif kind in _PACKED:
            mnemonic = _PACKED[kind]
            cells[a] = min(x, y) if kind == MIN else max(x, y)
        elif kind == MOV or condition & flag:
            cells[a] = y
        if kind == MOV:
            mnemonic = "mov" if isa is X86_CMOV else "movdqa"
        elif kind == CMOV:
            mnemonic = _CONDITIONS[condition]
        program.append((isa.form(mnemonic), (names[a], names[b])))
    place = {rank: cell for cell, rank in sorted(cells.items(), reverse=True)}
    outputs = [names[place[rank]] for rank in range(1, n + 1) if rank in place]
    return build(isa, program, inputs=names[:n], outputs=outputs)
