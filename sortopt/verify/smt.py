"""Proof 2: ask Z3 for an input that breaks the contract; no such input is a proof.

Keys are integers (or bit-vectors of a given width), what scratch holds on entry are free
variables, the flags on entry are an arbitrary one of the three outcomes, and a conditional move
is an if-then-else.  An output is the order statistic of rank r iff for every probe p: the output
is at most p exactly when more than r keys are.  So the query asks for keys that satisfy the
precondition and a probe for which the two differ for some output.  Exact for every goal; measured
three to five times faster than to compare the multisets of inputs and outputs, over integers.  Over
bit-vectors it is the other way round, so there a goal that sorts is put as: the outputs ascend,
and every probe occurs among them as often as among the keys.

Derived from `isa` alone: nothing here is shared with the proof over all weak orders.  This is
the only home of z3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import z3

from sortopt.base import NEVER, Deadline, InputError
from sortopt.model import (
    Action,
    Comparison,
    Kernel,
    KeyType,
    Order,
    Proved,
    Refuted,
    Signedness,
    Unknown,
    Verdict,
)
from sortopt.verify.entry import scratch_that_matters
from sortopt.verify.key_types import replay as replay_typed
from sortopt.verify.replay import replay

Term = Any
"""A z3 expression: z3's own types do not tell Int, BitVec and Bool terms apart usefully."""

WIDEST = 64
"""The most bits a key may have in the bit-vector form."""

_LONGEST = 1_000_000.0
"""The longest time limit that Z3 is given, in seconds: it counts milliseconds in 32 bits."""


def check(
    kernel: Kernel,
    deadline: Deadline = NEVER,
    bits: int | None = None,
    key: KeyType | None = None,
) -> Verdict:
    """Return Proved, Refuted with a counterexample, or Unknown with Z3's reason.

    Keys are mathematical integers, which stand for every ordered key type; with `bits`, keys of
    that many bits, signed or unsigned as the kernel reads them (signed where it does not tell).
    With `key`, keys of that type, whatever sign the kernel takes them to have; the counterexample
    then holds values of the type.
    Raises InputError where the precondition admits no input, or where `bits` bits are too few to
    tell all keys apart; Disagreement where Z3's answer does not fail on the interpreter.
    """
    kernel.contract.precondition.check(kernel.n)
    query = _Encoder(kernel, key.bits if key else bits, key).query()
    solver = z3.SolverFor(query.logic)
    left = deadline.left()
    if left is not None:
        if left <= 0:
            return Unknown("out of time")
        solver.set("timeout", max(1, int(min(left, _LONGEST) * 1000)))
    solver.add(*query.assertions)
    answer = solver.check()
    if answer == z3.unsat:
        return Proved()
    if answer == z3.sat and key is not None:
        return Refuted(replay_typed(kernel, key, *query.values(solver.model(), kernel)))
    if answer == z3.sat:
        return Refuted(replay(kernel, *query.read(solver.model(), kernel)))
    reason = solver.reason_unknown()
    if "interrupted" in reason:
        raise KeyboardInterrupt
    return Unknown("out of time" if reason in ("timeout", "canceled") else f"z3: {reason}")


def smt_lib(kernel: Kernel, bits: int | None = None, key: KeyType | None = None) -> str:
    """Return the query as SMT-LIB 2 text: `unsat` means that the kernel is correct.

    Logic QF_LIA, or QF_BV with `bits`; any solver of that logic can judge.  Raises InputError as
    `check` does.
    """
    kernel.contract.precondition.check(kernel.n)
    query = _Encoder(kernel, key.bits if key else bits, key).query()
    solver = z3.Solver()
    solver.add(*query.assertions)
    text = solver.to_smt2()
    dropped = ("; ", "(set-info :status")
    body = "\n".join(line for line in text.splitlines() if not line.startswith(dropped))
    return f"(set-logic {query.logic})\n{body.strip()}\n"


@dataclass(frozen=True, slots=True)
class _Flags:
    """The outcome of the last comparison, as one formula for each of the three."""

    less: Term
    equal: Term
    greater: Term

    def admit(self, outcomes: Order) -> Term:
        """Return the formula that the outcome is one of `outcomes`."""
        each = ((Order.LESS, self.less), (Order.EQUAL, self.equal), (Order.GREATER, self.greater))
        return _any([formula for outcome, formula in each if outcome in outcomes])


@dataclass(frozen=True, slots=True)
class _Query:
    """The question put to the solver, and the variables to read an answer from."""

    logic: str
    cells: tuple[Term, ...]
    flags: _Flags
    assertions: tuple[Term, ...]
    unsigned: bool

    def read(
        self, model: Any, kernel: Kernel
    ) -> tuple[tuple[int, ...], tuple[int | None, ...], Order]:
        """Return keys, scratch and flags of `model`, values reduced to their ranks from 1."""
        keys, scratch, flags = self.values(model, kernel)
        told = {*keys, *(value for value in scratch if value is not None)}
        rank = {value: i for i, value in enumerate(sorted(told), start=1)}
        return (
            tuple(rank[k] for k in keys),
            tuple(None if s is None else rank[s] for s in scratch),
            flags,
        )

    def values(
        self, model: Any, kernel: Kernel
    ) -> tuple[tuple[int, ...], tuple[int | None, ...], Order]:
        """Return keys, scratch (None where it does not matter) and flags of `model`."""
        exposed = scratch_that_matters(kernel)
        told = {c: self._integer(model, self.cells[c]) for c in (*kernel.contract.inputs, *exposed)}
        keys = tuple(told[c] for c in kernel.contract.inputs)
        scratch = tuple(told[c] if c in exposed else None for c in kernel.scratch)
        if z3.is_true(model.eval(self.flags.equal, model_completion=True)):
            return keys, scratch, Order.EQUAL
        less = z3.is_true(model.eval(self.flags.less, model_completion=True))
        return keys, scratch, Order.LESS if less else Order.GREATER

    def _integer(self, model: Any, variable: Term) -> int:
        value = model.eval(variable, model_completion=True)
        if self.logic == "QF_LIA" or self.unsigned:
            return int(value.as_long())
        return int(value.as_signed_long())


class _Encoder:
    """Builds the query for one kernel over integers, or over bit-vectors of `bits` bits.

    The kernel's comparisons are of the sign that it reads; `key` may give the keys another.
    """

    def __init__(self, kernel: Kernel, bits: int | None, key: KeyType | None = None) -> None:
        if bits is not None:
            _check_width(kernel, bits)
        self.kernel = kernel
        self.bits = bits
        self.unsigned = kernel.signedness is Signedness.UNSIGNED
        self.unsigned_keys = self.unsigned if key is None else not key.signed

    def variable(self, cell: int) -> Term:
        """Return the variable for what `cell` holds on entry."""
        inputs = self.kernel.contract.inputs
        if cell in inputs:
            return self.named(f"key_{inputs.index(cell) + 1}")
        return self.named(f"scratch_{cell}")

    def named(self, name: str) -> Term:
        return z3.Int(name) if self.bits is None else z3.BitVec(name, self.bits)

    def seen_less(self, a: Term, b: Term) -> Term:
        """Return the formula that the kernel takes `a` to be less than `b`."""
        return z3.ULT(a, b) if self.bits is not None and self.unsigned else a < b

    def less(self, a: Term, b: Term) -> Term:
        """Return the formula that the key `a` is less than `b`."""
        return z3.ULT(a, b) if self.bits is not None and self.unsigned_keys else a < b

    def at_most(self, a: Term, b: Term) -> Term:
        """Return the formula that the key `a` is at most `b`."""
        return z3.Not(self.less(b, a))

    def query(self) -> _Query:
        contract = self.kernel.contract
        cells = tuple(self.variable(cell) for cell in range(len(self.kernel.cells)))
        keys = tuple(cells[cell] for cell in contract.inputs)
        less, equal = z3.Bools("flags_less flags_equal")
        flags = _Flags(z3.And(less, z3.Not(equal)), equal, z3.Not(z3.Or(less, equal)))
        assumed = [self.comparison(c, keys) for c in contract.precondition.comparisons]
        wrong = self.wrong(keys, self.run(cells, flags))
        logic = "QF_LIA" if self.bits is None else "QF_BV"
        return _Query(logic, cells, flags, (*assumed, wrong), self.unsigned_keys)

    def run(self, cells: Sequence[Term], flags: _Flags) -> tuple[Term, ...]:
        """Return what the outputs hold after the kernel, from `cells` and `flags` on entry."""
        now = list(cells)
        for instruction in self.kernel.instructions:
            form = instruction.form
            first, second = (*(now[c] for c in instruction.reads), None)[:2]
            match form.action:
                case Action.COMPARE:
                    below, above = self.seen_less(first, second), self.seen_less(second, first)
                    flags = _Flags(below, first == second, above)
                    continue
                case Action.COPY:
                    result = first
                case Action.SELECT:
                    assert form.condition is not None
                    result = z3.If(flags.admit(form.condition.holds), first, second)
                case Action.MINIMUM:
                    result = z3.If(self.seen_less(first, second), first, second)
                case Action.MAXIMUM:
                    result = z3.If(self.seen_less(first, second), second, first)
            assert instruction.writes is not None
            now[instruction.writes] = result
        return tuple(now[c] for c in self.kernel.contract.outputs)

    def comparison(self, comparison: Comparison, keys: tuple[Term, ...]) -> Term:
        a, b = keys[comparison.left], keys[comparison.right]
        return _Flags(self.less(a, b), a == b, self.less(b, a)).admit(comparison.relation)

    def wrong(self, keys: tuple[Term, ...], outputs: tuple[Term, ...]) -> Term:
        """Return the formula that some output is not the order statistic it must be."""
        ranks = self.kernel.contract.goal.ranks(self.kernel.n)
        if self.bits is not None and ranks == tuple(range(self.kernel.n)):
            return self.unsorted(keys, outputs)
        probe = self.named("probe")
        count = self.count([self.at_most(key, probe) for key in keys])
        return _any(
            [
                self.at_most(output, probe) != self.above(count, rank)
                for output, rank in zip(outputs, ranks, strict=True)
            ]
        )

    def unsorted(self, keys: tuple[Term, ...], outputs: tuple[Term, ...]) -> Term:
        """Return the formula that the outputs do not ascend, or hold a probe more or less often."""
        probe = self.named("probe")
        return _any(
            [
                *(self.less(after, before) for before, after in pairwise(outputs)),
                self.count([k == probe for k in keys]) != self.count([o == probe for o in outputs]),
            ]
        )

    def count(self, formulas: list[Term]) -> Term:
        """Return how many of `formulas` hold, in the logic at hand."""
        return z3.Sum([z3.If(formula, self.number(1), self.number(0)) for formula in formulas])

    def number(self, value: int) -> Term:
        if self.bits is None:
            return z3.IntVal(value)
        return z3.BitVecVal(value, self.kernel.n.bit_length())

    def above(self, count: Term, rank: int) -> Term:
        if self.bits is None:
            return count > rank
        return z3.UGT(count, self.number(rank))


def _any(formulas: Sequence[Term]) -> Term:
    """Return the disjunction; SMT-LIB has none of a single formula, though Z3 would write it."""
    return formulas[0] if len(formulas) == 1 else z3.Or(*formulas)


def least_width(kernel: Kernel) -> int:
    """Return the fewest bits in which all keys, and scratch that matters, can differ."""
    return max(1, (kernel.n + len(scratch_that_matters(kernel)) - 1).bit_length())


def _check_width(kernel: Kernel, bits: int) -> None:
    if not 1 <= bits <= WIDEST:
        raise InputError(f"keys of {bits} bits are not supported", hint=f"use 1 to {WIDEST} bits")
    if bits < least_width(kernel):
        values = kernel.n + len(scratch_that_matters(kernel))
        raise InputError(
            f"{values} different values do not fit in {bits}-bit keys: "
            "a proof for those would say nothing of wider ones",
            hint=f"use at least {least_width(kernel)} bits",
        )
