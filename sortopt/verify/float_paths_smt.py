"""Code that branches on floating-point keys, proof 2: Z3 is asked for a path on which it fails.

Keys are those of Z3's theory of floating-point numbers: all numbers, infinities, both zeros and,
under `safe`, NaN.  Up to four keys have the width that the code reads, more have 8 bits: enough
for more numbers than keys, and instructions see no more of them than their order.  A path is the
outcomes of the comparisons on it, each less, equal, greater or unordered.  At every jump both sides
are followed, the condition and its negation, so that the paths are all there are; of a side that
was left out Z3 shows that no input comes to it.  Beside the key that a cell holds there goes the
number of its element.

Nothing here is shared with the proof over all weak orders.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import z3

from sortopt.base import UNLIMITED, Budget, Disagreement, LimitReached
from sortopt.model import (
    Action,
    Branching,
    Condition,
    Counterexample,
    Instr,
    Order,
    Proved,
    Refuted,
    Rung,
    Stretch,
    Unknown,
    Verdict,
)
from sortopt.verify import float_paths
from sortopt.verify.entry import undecided
from sortopt.verify.replay import replay_path
from sortopt.verify.signed_zeros import merged
from sortopt.verify.smt import Term, any_of, ask
from sortopt.verify.smt_elements import Encoder, Held, either

_LOGIC = "QF_FPBV"
MOST_WIDE = 4
"""The most keys that have their full width: five of 64 bits would take ten seconds."""
_NARROW = 4, 4
"""Bits of the exponent, and of the significand, that more keys have."""

Compared = tuple[Term, Term]
"""Two keys that were compared."""
_Path = tuple[list[Term], list[Held] | None]
"""What holds on a path, and what its outputs hold; None for a side that was left out."""


def check(branching: Branching, rung: Rung, budget: Budget = UNLIMITED) -> Verdict:
    """Return Proved, Refuted with a counterexample, or Unknown with the reason.

    `values` and the rungs above are about keys without NaN, but `safe` is about NaN; those above
    are asked of code whose values are right.  Raises Disagreement where Z3's answer does not fail
    on the interpreter, or where it finds an input that comes to a side that was left out.
    """
    whole = branching.whole
    whole.contract.precondition.check(whole.n)
    if rung is not Rung.VALUES and (why := undecided(whole)) is not None:
        return Unknown(why)
    encoder = _Encoder(whole, rung, whole.scratch)
    failing = [z3.And(*each) for each in encoder.failing(branching.start)]
    if not failing:
        return Proved()
    answer, found = ask(_LOGIC, [*encoder.assumed(), any_of(failing)], budget)
    if answer == z3.sat:
        try:
            return Refuted(_counterexample(branching, encoder, found))
        except LimitReached as limit:
            return Unknown(limit.message)
    return Unknown(found) if answer == z3.unknown else Proved()


def values(branching: Branching, budget: Budget = UNLIMITED) -> Verdict:
    """Return what `check` says of the values alone."""
    return check(branching, Rung.VALUES, budget)


class _Encoder(Encoder):
    """Follows the paths of code that branches."""

    def numbers(self) -> Any:
        """Return the numbers that keys are: of the full width where that does not take too long."""
        return super().numbers() if self.kernel.n <= MOST_WIDE else z3.FPSort(*_NARROW)

    def assumed(self) -> Iterator[Term]:
        """Yield what is supposed of the keys, and of what registers held on entry."""
        if self.rung is not Rung.SAFE:
            yield from (z3.Not(z3.fpIsNaN(key)) for key in self.keys)
            for comparison in self.kernel.contract.precondition.comparisons:
                compared = self.keys[comparison.left], self.keys[comparison.right]
                yield _holds(Condition("", comparison.relation), compared)

    def failing(self, start: Stretch) -> Iterator[list[Term]]:
        """Yield of each path what holds where it breaks the rung, unless it cannot."""
        compared = (z3.Const("flags", self.keys[0].sort()),) * 2
        for conditions, outputs in self._paths(start, self.cells, compared, []):
            wrong = [] if outputs is None else [z3.simplify(any_of([*self.wrong(outputs)]))]
            if not any(map(z3.is_false, wrong)):
                yield [*conditions, *wrong]

    def _paths(
        self, at: Stretch | None, cells: list[Held], compared: Compared, conditions: list[Term]
    ) -> Iterator[_Path]:
        if at is None:
            yield conditions, None
            return
        cells = list(cells)
        for instruction in at.instructions:
            held = [cells[cell] for cell in instruction.reads]
            if instruction.form.action is Action.COMPARE:
                compared = held[0].key, held[1].key
            else:
                assert instruction.writes is not None
                cells[instruction.writes] = self._result(instruction, held)
        if at.fork is None:
            yield conditions, [cells[cell] for cell in self.kernel.contract.outputs]
            return
        holds = _holds(at.fork.condition, compared)
        yield from self._paths(at.fork.taken, cells, compared, [*conditions, holds])
        yield from self._paths(at.fork.passed, cells, compared, [*conditions, z3.Not(holds)])

    def _result(self, instruction: Instr, held: Sequence[Held]) -> Held:
        if instruction.form.action is Action.COPY:
            return held[0]
        first, second = held
        free = z3.FreshBool("first")
        return either(self.taken(instruction, first, second, free), first, second)

    def wrong(self, outputs: list[Held]) -> Iterator[Term]:
        """Yield formulas of which one holds where the outputs break the rung.

        Where each key leaves once, values are right if they ascend, which Z3 decides faster.
        """
        mixed_up = any_of([z3.BoolVal(False), *self.broken(outputs)])
        ranks = self.kernel.contract.goal.ranks(self.kernel.n)
        probe = z3.Const("probe", self.keys[0].sort())
        below = [(z3.fpLEQ(key, probe), 1) for key in self.keys[: self.kernel.n]]
        if self.rung is not Rung.VALUES:
            yield mixed_up
        elif z3.is_false(z3.simplify(mixed_up)) and ranks == tuple(range(self.kernel.n)):
            yield from (z3.fpLT(after.key, one.key) for one, after in pairwise(outputs))
        else:
            for output, rank in zip(outputs, ranks, strict=True):
                yield z3.fpLEQ(output.key, probe) != z3.PbGe(below, rank + 1)


def _holds(condition: Condition, compared: Compared) -> Term:
    """Return the formula that a condition holds after two keys were compared."""
    one, other = compared
    outcomes = {
        Order.LESS: z3.fpLT(one, other),
        Order.EQUAL: z3.fpEQ(one, other),
        Order.GREATER: z3.fpGT(one, other),
    }
    formulas = [formula for outcome, formula in outcomes.items() if outcome in condition.holds]
    if condition.unordered:
        formulas.append(z3.Or(z3.fpIsNaN(one), z3.fpIsNaN(other)))
    return any_of(formulas)


def _counterexample(branching: Branching, encoder: _Encoder, found: Any) -> Counterexample:
    """Return the counterexample that a model is, confirmed by the interpreter."""
    (ranks, zero), n = encoder.ranks(found), branching.whole.n
    if encoder.rung is not Rung.VALUES:
        return float_paths.replay(branching, encoder.rung, ranks[:n], zero)
    ranks = merged(ranks, zero)
    confirmed = replay_path(branching, ranks[:n], ranks[n:], None)
    if confirmed is None:
        raise Disagreement(f"Z3 says that {ranks[:n]} fails, but the interpreter gets it right")
    return confirmed
