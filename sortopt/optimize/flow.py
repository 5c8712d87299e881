"""What reaches each point of a kernel: every assignment of keys to cells, exactly.

All weak orders that the precondition admits run through the kernel at once; inputs that can no
longer be told apart (same cells, same flags, same wanted outputs) merge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sortopt.base import LimitReached
from sortopt.model import Contract, Instr, Kernel
from sortopt.optimize import _window_kernels as kernels
from sortopt.optimize.window_search import Rows, encode
from sortopt.verify import Keys, weak_orders

MOST_KEYS = 8
"""Up to this many keys all weak orders are run; beyond it, `columns` has to do."""


@dataclass(frozen=True)
class Flow:
    """The distinct assignments at one point: rows and flags as `_window_kernels` lays them out.

    `wanted[r]` is what the outputs must hold in the end for row r.
    """

    rows: Rows
    flags: Rows
    wanted: Rows

    def after(self, instructions: Sequence[Instr]) -> Flow:
        """Return the assignments after `instructions`, merged."""
        rows, flags = self.rows.copy(), self.flags.copy()
        kernels.execute_all(rows, flags, encode(instructions))
        return Flow(rows, flags, self.wanted).merged()

    def merged(self) -> Flow:
        """Return one of each assignment.

        Two that share a 64-bit hash count as one: whoever accepts a program by what is left
        proves the whole kernel afterwards.
        """
        hashes = np.empty(len(self.rows), np.uint64)
        kernels.row_hashes(self.rows, self.flags, self.wanted, hashes)
        _, first = np.unique(hashes, return_index=True)
        if len(first) == len(self.rows):
            return self
        return Flow(self.rows[first], self.flags[first], self.wanted[first])

    def copied(self) -> Flow:
        """Return the same assignments in arrays of their own."""
        return Flow(self.rows.copy(), self.flags.copy(), self.wanted.copy())

    def finishes(self, instructions: Sequence[Instr], outputs: Sequence[int]) -> bool:
        """Return whether `instructions` bring every assignment to its wanted outputs.

        The assignment that refutes comes first from then on; so call it on a copy.
        """
        failure = kernels.first_failure(
            self.rows, self.flags, self.wanted, encode(instructions), np.array(outputs, np.int64)
        )
        if failure < 0:
            return True
        for part in (self.rows, self.flags, self.wanted):
            part[[0, failure]] = part[[failure, 0]]  # what refuted once, refutes again
        return False


def at_entry(kernel: Kernel) -> Flow:
    """Return the assignments on entry: scratch and flags are undefined."""
    rows, wanted = _entry(kernel.contract)
    cells = np.zeros((len(rows), len(kernel.cells)), np.uint8)
    cells[:, list(kernel.contract.inputs)] = rows
    return Flow(cells, np.zeros(len(rows), np.uint8), wanted.copy())


@lru_cache(maxsize=2)
def _entry(contract: Contract) -> tuple[Rows, Rows]:
    """Return the admitted weak orders, and what the outputs must hold for each."""
    orders: Keys = weak_orders(contract.n, contract.precondition)
    if orders.shape[1] == 0:
        raise LimitReached("the precondition admits no input")
    mixed = np.random.default_rng(0).permutation(orders.shape[1])
    rows = np.ascontiguousarray(orders.T[mixed]).astype(np.uint8)
    ranks = list(contract.goal.ranks(contract.n))
    return rows, np.ascontiguousarray(np.sort(rows, axis=1)[:, ranks])
