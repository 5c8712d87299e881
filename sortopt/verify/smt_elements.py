"""Proof 2 of the rungs: ask Z3 for an input, or answers, on which a kernel breaks one.

Beside the key that a cell holds there goes a number that says which element it is: 0 to n - 1 for
the inputs, from n on for what scratch held.  Both are bit-vectors; as many bits as tell all
elements apart suffice for the keys, since nothing but their order is seen.  `elements` and
`stable` add what the kernel's own query leaves out: which of two elements with equal keys a
minimum or maximum hands on is a free bit.  `safe` is a question without keys: the answer of each
comparison is free, "less", "equal" or neither, and so is what a minimum or maximum hands on.

Floating-point keys are those of Z3's theory, of the width that the kernel reads, so all numbers,
infinities, both zeros and NaN are tried, and a minimum or maximum hands on what the processor does.
`elements` and `stable` leave NaN out; `safe` is then a question about NaN.  Where -0 is less than
+0 to minima and maxima (see `signed_zeros`), two keys are one element to a user if their bits are
the same; of two NaN they never are.  That takes Z3 long, so such keys have 6 bits: 55 numbers, more
than keys, and instructions see no more of them than their order.

Nothing here is shared with the proof over all weak orders.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any

import z3

from sortopt.base import UNLIMITED, Budget
from sortopt.model import (
    NAN,
    Action,
    Counterexample,
    Instr,
    Kernel,
    Nan,
    Order,
    Proved,
    Refuted,
    Rung,
    Unknown,
    Verdict,
    WeakOrder,
)
from sortopt.verify import elements
from sortopt.verify.entry import flags_matter, scratch_that_matters, undecided
from sortopt.verify.signed_zeros import Zero, orders_zeros
from sortopt.verify.smt import Flags, Term, any_of, ask

_NARROW = 3, 3
"""Bits of the exponent, and of the significand, that keys have where -0 is less than +0."""


def check(
    kernel: Kernel,
    rung: Rung,
    budget: Budget = UNLIMITED,
    demands: Sequence[tuple[int, Order]] = (),
) -> Verdict:
    """Decide whether `kernel`, whose values are right, also stands on `rung`, one above `values`.

    `demands` say before which instruction the flags hold one of which outcomes, as on a path.
    Returns Proved, Refuted with a counterexample that the interpreter confirms, or Unknown.
    Raises Disagreement where it does not confirm it.
    """
    if (why := undecided(kernel)) is not None:
        return Unknown(why)
    encoder = Encoder(kernel, rung, scratch_that_matters(kernel))
    answer, found = ask("QF_FPBV" if encoder.floating else "QF_BV", encoder.query(demands), budget)
    if answer == z3.sat:
        return Refuted(encoder.replay(found))
    return Unknown(found) if answer == z3.unknown else Proved()


def may_answer(kernel: Kernel, budget: Budget, demands: Sequence[tuple[int, Order]]) -> bool:
    """Return whether comparisons that answer anything may fulfil `demands`; True if unknown."""
    *asked, _ = Encoder(kernel, Rung.SAFE, scratch_that_matters(kernel)).query(demands)
    return bool(ask("QF_BV", asked, budget)[0] != z3.unsat)


@dataclass(frozen=True, slots=True)
class Held:
    """What a cell holds: a key, and which element it is."""

    key: Term
    element: Term


@dataclass
class Encoder:
    """Builds the query for one kernel and rung, and reads its answer.

    `scratch` are the cells that it may read before they are written.  `opened` holds for each
    instruction what is free about it: the flags that it sets, or the bit that says whether it hands
    on its first argument; else None.
    """

    kernel: Kernel
    rung: Rung
    scratch: tuple[int, ...]
    opened: list[Flags | Term | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        places = (*self.kernel.contract.inputs, *self.scratch)
        bits = max(1, (len(places) - 1).bit_length())
        self.flags = Flags(*z3.Bools("flags_less flags_equal"))
        self.floating = self.kernel.isa.floating
        self.zeros_differ = orders_zeros(self.kernel.instructions)
        sort = self.numbers() if self.floating else z3.BitVecSort(bits)
        self.keys = [z3.Const(f"key_{i}", sort) for i in range(len(places))]
        self.nothing = Held(z3.Const("nothing", sort), z3.BitVecVal(0, bits))
        self.cells = [self.nothing] * len(self.kernel.cells)
        for number, (cell, key) in enumerate(zip(places, self.keys, strict=True)):
            self.cells[cell] = Held(key, z3.BitVecVal(number, bits))

    def numbers(self) -> Any:
        """Return the floating-point numbers that keys are."""
        if self.zeros_differ:
            return z3.FPSort(*_NARROW)
        return z3.Float64() if self.kernel.bits == 64 else z3.Float32()

    def query(self, demands: Sequence[tuple[int, Order]]) -> list[Term]:
        """Return what an input, or answers, that break the rung satisfy."""
        contract = self.kernel.contract
        asked = []
        if self.rung is not Rung.SAFE:
            asked += [z3.Not(z3.fpIsNaN(key)) for key in self.keys if self.floating]
            for comparison in contract.precondition.comparisons:
                left, right = self.keys[comparison.left], self.keys[comparison.right]
                asked.append(_compared(left, right).admit(comparison.relation))
        now, flags = list(self.cells), self.flags
        for number, instruction in enumerate(self.kernel.instructions):
            asked += [flags.admit(holds) for place, holds in demands if place == number]
            first, second = [*(now[c] for c in instruction.reads), self.nothing][:2]
            free = None
            match instruction.form.action:
                case Action.COMPARE if self.rung is Rung.SAFE:
                    flags = free = Flags(*z3.Bools(f"less_{number} equal_{number}"))
                    asked.append(z3.Not(z3.And(flags.less, flags.equal)))
                case Action.COMPARE:
                    flags = _compared(first.key, second.key)
                case Action.COPY:
                    result = first
                case Action.SELECT:
                    assert instruction.form.condition is not None
                    holds = flags.admit(instruction.form.condition.holds)
                    result = either(holds, first, second)
                case Action.MINIMUM | Action.MAXIMUM:
                    free = z3.Bool(f"first_{number}")
                    result = either(self.taken(instruction, first, second, free), first, second)
            self.opened.append(free)
            if instruction.writes is not None:
                now[instruction.writes] = result
        asked += [flags.admit(holds) for place, holds in demands if place == len(self.kernel)]
        return [*asked, any_of(list(self.broken([now[cell] for cell in contract.outputs])))]

    def taken(self, instruction: Instr, first: Held, second: Held, free: Term) -> Term:
        """Return the formula that a minimum or maximum hands on its first argument."""
        form = instruction.form
        if form.nan is not None:
            of_first, of_second = z3.fpIsNaN(first.key), z3.fpIsNaN(second.key)
            least = form.action is Action.MINIMUM
            lesser, greater = (first, second) if least else (second, first)
            zero = z3.fpIsNegative(first.key) if least else z3.fpIsPositive(first.key)
            by_value = z3.If(z3.fpEQ(first.key, second.key), zero, z3.fpLT(lesser.key, greater.key))
            if form.nan is Nan.KEPT:
                return z3.Or(of_first, z3.And(z3.Not(of_second), by_value))
            return z3.Or(of_second, z3.And(z3.Not(of_first), by_value))
        if form.tied is not None:
            lesser, greater = (first, second) if form.action is Action.MINIMUM else (second, first)
            strictly = z3.fpLT(lesser.key, greater.key)
            neither = z3.Not(z3.Or(strictly, z3.fpLT(greater.key, lesser.key)))
            return z3.Or(strictly, neither) if form.tied == 0 else strictly
        if self.rung is Rung.SAFE:
            return free
        seen = _compared(first.key, second.key)
        least = form.action is Action.MINIMUM
        return z3.Or(seen.admit(Order.LESS if least else Order.GREATER), z3.And(seen.equal, free))

    def broken(self, outputs: list[Held]) -> Iterator[Term]:
        """Yield formulas of which one holds where outputs with the right keys break the rung."""
        if self.zeros_differ:
            yield from self.other_bits(outputs)
            return
        n, ranks = self.kernel.n, self.kernel.contract.goal.ranks(self.kernel.n)
        for held in outputs:
            yield z3.UGE(held.element, n) if n < 1 << held.element.size() else z3.BoolVal(False)
        for (rank, one), (other_rank, other) in combinations(zip(ranks, outputs, strict=True), 2):
            if rank != other_rank:
                yield one.element == other.element
        if self.rung is Rung.STABLE and ranks == tuple(range(n)):
            for one, other in pairwise(outputs):  # each element is there once, and they ascend
                seen = _compared(one.key, other.key)
                tied = z3.And(seen.equal, z3.ULT(one.element, other.element))
                yield z3.Not(z3.Or(seen.less, tied))
        elif self.rung is Rung.STABLE:
            yield from (self.misplaced(*each) for each in zip(ranks, outputs, strict=True))

    def other_bits(self, outputs: list[Held]) -> Iterator[Term]:
        """Yield what `broken` does where elements of the same bits are the same to a user."""
        inputs = self.keys[: self.kernel.n]
        ranked = list(zip(self.kernel.contract.goal.ranks(self.kernel.n), outputs, strict=True))
        probe = z3.Const("bits", inputs[0].sort())
        needed = [held.key == probe for held in dict(ranked).values()]
        too_few = [(each, 1) for each in (*needed, *(key != probe for key in inputs))]
        yield z3.And(z3.Not(z3.fpIsNaN(probe)), z3.PbGe(too_few, len(inputs) + 1))
        for one, other in combinations(dict(ranked).values(), 2):
            yield z3.And(z3.fpIsNaN(one.key), one.element == other.element)
        if self.rung is Rung.STABLE:
            for rank, held in ranked:
                for number, key in enumerate(inputs):
                    due = Held(key, z3.BitVecVal(number, held.element.size()))
                    yield z3.Not(z3.Or(self.misplaced(rank, due), held.key == key))

    def misplaced(self, rank: int, held: Held) -> Term:
        """Return the formula that not just `rank` inputs stand before `held` in a stable sort."""
        found = [_compared(key, held.key) for key in self.keys[: self.kernel.n]]
        before = [
            z3.Or(seen.less, z3.And(seen.equal, z3.UGT(held.element, number)))
            for number, seen in enumerate(found)
        ]
        return z3.Not(z3.PbEq([(each, 1) for each in before], rank))

    def ranks(self, found: Any) -> tuple[WeakOrder, Zero]:
        """Return the ranks, in Z3's model `found`, of the keys and of what scratch held.

        And that of -0, where it and +0 are among them and differ.
        """
        keys = [self.number(found, key) for key in self.keys]
        signed = [(key, self.zeros_differ and math.copysign(1, key)) for key in keys]
        numbers = sorted({each for each in signed if each[0] == each[0]})
        dense = {each: rank for rank, each in enumerate(numbers, start=1)}
        ranks = tuple(dense.get(each, NAN) for each in signed)
        if not self.zeros_differ:
            return ranks, None
        return ranks, dense[0.0, -1.0] if {(0.0, -1.0), (0.0, 1.0)} <= dense.keys() else 0

    def number(self, found: Any, key: Term) -> float:
        """Return the number that a key is in a model."""

        def value(term: Term) -> Any:
            return found.eval(term, model_completion=True)

        if not self.floating:
            return int(value(key).as_long())
        if z3.is_true(value(z3.fpIsNaN(key))):
            return math.nan
        bits = value(z3.fpToIEEEBV(z3.fpFPToFP(z3.RNE(), key, z3.Float64())))
        number: float
        (number,) = struct.unpack("d", struct.pack("Q", bits.as_long()))
        return number

    def replay(self, found: Any) -> Counterexample:
        """Return the counterexample in Z3's model `found`, confirmed by the interpreter."""
        ranks, zero = self.ranks(found)
        if self.rung is Rung.SAFE and not self.floating:
            ranks = tuple(range(1, len(ranks) + 1))
        choices: list[elements.Choice] = []
        for free in self.opened:
            if isinstance(free, Flags):
                choices.append(free.outcome(found))
            else:
                held = free if free is None else found.eval(free, model_completion=True)
                choices.append(None if held is None else int(not z3.is_true(held)))
        flags = self.flags.outcome(found) if flags_matter(self.kernel) else None
        return elements.replay(self.kernel, self.rung, ranks, flags, choices, zero)


def _compared(first: Term, second: Term) -> Flags:
    """Return the outcome of comparing keys; of floating-point ones, none of which is a NaN."""
    if z3.is_fp(first):
        return Flags(z3.fpLT(first, second), z3.fpEQ(first, second))
    return Flags(z3.ULT(first, second), first == second)


def either(condition: Term, first: Held, second: Held) -> Held:
    """Return the first where the condition holds, else the second."""
    return Held(
        z3.If(condition, first.key, second.key), z3.If(condition, first.element, second.element)
    )
