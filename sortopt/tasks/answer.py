"""The answer to a search, with what of it is proved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sortopt.base import InputError, Shown
from sortopt.model import Judgement, Kernel, Proved
from sortopt.search.space import Problem

if TYPE_CHECKING:
    from sortopt.search.bounds import Composed
    from sortopt.search.exhaustive import Outlook


@dataclass(frozen=True)
class Answer(Shown):
    """What a search found, and what of it is proved.

    `lower_bound` is proved: no kernel of the problem is shorter.  `judgement` is the verdict of
    the two proofs on `kernel`.  `count` is the exact number of shortest kernels where it was asked
    for; `listing` yields them, `classes` one of each class.  `stopped` says why the search ended
    before an answer.
    `seconds` leaves out loading the compiled code.  `improvements` are those of an anytime search:
    (length, seconds since its start) of each kernel shorter than those before.  `taken_over` names
    the folder of a checkpoint that the bound rests on, not checked again.  `composed` says how
    many comparisons and moves every kernel has at least, where that was worked out.  Where it is
    not `restricted`, the bound holds of kernels that compare or test undefined things, too.
    `levels` counts the states by level of the last complete search that found no kernel, `outlook`
    estimates what the search under the next limit needs.
    """

    problem: Problem
    kernel: Kernel | None
    lower_bound: int
    states: int
    seconds: float
    judgement: Judgement | None = None
    stopped: str | None = None
    anytime: bool = False
    count: int | None = None
    in_order: bool = False
    listing: Callable[[], Iterator[Kernel]] | None = field(default=None, repr=False, compare=False)
    classes: Callable[[], Iterator[Kernel]] | None = field(default=None, repr=False, compare=False)
    improvements: tuple[tuple[int, float], ...] = ()
    taken_over: str | None = None
    composed: Composed | None = None
    restricted: bool = False
    levels: tuple[int, ...] = ()
    outlook: Outlook | None = None

    @property
    def length(self) -> int | None:
        """The length of the kernel found."""
        return None if self.kernel is None else self.problem.length_of(self.kernel)

    @property
    def proved_minimal(self) -> bool:
        """Whether no shorter kernel exists, by proof."""
        return self.length == self.lower_bound

    @property
    def verified(self) -> bool:
        """Whether the kernel is proved right for all inputs of the problem."""
        return self.judgement is not None and isinstance(self.judgement.verdict, Proved)

    def optima(self, *, canonical: bool = False) -> Iterator[Kernel]:
        """Yield all shortest kernels one by one, or, `canonical`, one of each class.

        Raises InputError where they were not counted.
        """
        found = self.classes if canonical else self.listing
        if found is None:
            raise InputError("the shortest kernels were not counted", hint="search(n, count=True)")
        yield from found()

    @property
    def kernels(self) -> tuple[Kernel, ...]:
        """The kernel found, as a tuple of none or one."""
        return () if self.kernel is None else (self.kernel,)
