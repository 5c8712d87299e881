"""What a proof is asked about a kernel besides its contract: which keys, and how Z3 writes them."""

from __future__ import annotations

from dataclasses import dataclass

from sortopt.model import KeyType


@dataclass(frozen=True, slots=True)
class Question:
    """Does the kernel fulfil its contract, for keys as it reads them, of every width?

    With `bits`, Z3 spells keys out as bit-vectors of that width instead of integers.  With `key`,
    keys are of that type, whose sign the kernel misreads.
    """

    bits: int | None = None
    key: KeyType | None = None

    @property
    def width(self) -> int | None:
        """The width of the keys that a solver is given; None for integers."""
        return self.bits if self.key is None else self.key.bits


AS_READ = Question()
"""Keys as the kernel reads them."""
