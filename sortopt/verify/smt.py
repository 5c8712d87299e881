"""Proof 2: ask Z3 for an input that breaks the contract; no such input is a proof.

Keys are integers (or bit-vectors of a given width), what scratch holds on entry are free
variables, the flags on entry are two free bits, "less" and "equal" (a processor may hold both),
and a conditional move is an if-then-else.  An output is the order statistic of rank r iff for
every probe p: the output is at most p exactly when more than r keys are.  So the query asks for
keys that satisfy the precondition and a probe for which the two differ for some output.  Exact for
every goal; measured three to five times faster than to compare the multisets of inputs and
outputs, over integers.  Over bit-vectors it is the other way round, so there a goal that sorts is
put as: the outputs ascend, and every probe occurs among them as often as among the keys.

Derived from `isa` alone: nothing here is shared with the proof over all weak orders.  This is
the only home of z3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import z3

from sortopt.base import UNLIMITED, Budget, Disagreement, InputError
from sortopt.model import (
    Action,
    Comparison,
    Instr,
    Kernel,
    Order,
    Proved,
    Refuted,
    Signedness,
    Unknown,
    Verdict,
)
from sortopt.verify.entry import scratch_that_matters
from sortopt.verify.key_types import replay as replay_typed
from sortopt.verify.question import AS_READ, Question
from sortopt.verify.replay import replay

Term = Any
"""A z3 expression: z3's own types do not distinguish Int, BitVec and Bool terms usefully."""

WIDEST = 64
"""The most bits a key may have in the bit-vector form."""

_LONGEST = 1_000_000.0
"""The longest time limit that Z3 is given, in seconds: it counts milliseconds in 32 bits."""


def check(kernel: Kernel, question: Question = AS_READ, budget: Budget = UNLIMITED) -> Verdict:
    """Return Proved, Refuted with a counterexample, or Unknown with Z3's reason.

    Keys are mathematical integers, which stand for every ordered key type, unless the question
    gives them a width: then they are signed or unsigned as the kernel reads them (signed where it
    reads both alike), or of the question's key type, whose values a counterexample then holds.
    Raises InputError where the precondition admits no input, or where the width is too small to
    hold different keys; Disagreement where Z3's answer does not fail on the interpreter.
    """
    kernel.contract.precondition.check(kernel.n)
    query = Encoder(kernel, question).query()
    answer, found = ask(query.logic, query.assertions, budget)
    if answer == z3.sat and question.key is not None:
        return Refuted(replay_typed(kernel, question.key, *query.values(found, kernel)))
    if answer == z3.sat:
        return Refuted(replay(kernel, *query.read(found, kernel)))
    if answer == z3.unsat and query.assumed:  # of no input at all, everything could be proved
        answer, found = ask(query.logic, query.assumed, budget)
        if answer == z3.unsat:
            raise Disagreement("Z3 finds no input that satisfies the precondition")
    return Unknown(found) if answer == z3.unknown else Proved()


def ask(logic: str, assertions: Sequence[Term], budget: Budget) -> tuple[Term, Any]:
    """Return Z3's answer within the budget, and the model found, or the reason for unknown."""
    left = budget.left
    if left == 0.0:
        return z3.unknown, "out of time"
    solver = z3.SolverFor(logic)
    if left is not None:
        solver.set("timeout", max(1, int(min(left, _LONGEST) * 1000)))
    solver.add(*assertions)
    answer = solver.check()
    if answer != z3.unknown:
        return answer, solver.model() if answer == z3.sat else None
    reason = solver.reason_unknown()
    if "interrupted" in reason:
        raise KeyboardInterrupt
    return answer, "out of time" if reason in ("timeout", "canceled") else f"z3: {reason}"


def smt_lib(kernel: Kernel, question: Question = AS_READ) -> str:
    """Return the query as SMT-LIB 2 text: `unsat` means that the kernel is correct.

    Logic QF_LIA, or QF_BV where the question gives keys a width; any solver of that logic can
    judge.  Raises InputError as `check` does.
    """
    kernel.contract.precondition.check(kernel.n)
    query = Encoder(kernel, question).query()
    solver = z3.Solver()
    solver.add(*query.assertions)
    text = solver.to_smt2()
    dropped = ("; ", "(set-info :status")
    body = "\n".join(line for line in text.splitlines() if not line.startswith(dropped))
    return f"(set-logic {query.logic})\n{body.strip()}\n"


@dataclass(frozen=True, slots=True)
class Flags:
    """The outcome of the last comparison: one formula for "less", one for "equal"."""

    less: Term
    equal: Term

    def admit(self, outcomes: Order) -> Term:
        """Return the formula that the outcome is one of `outcomes`: "greater" is neither bit."""
        if Order.GREATER in outcomes:
            return z3.Not(self.admit(~outcomes)) if ~outcomes else z3.BoolVal(True)
        each = ((Order.LESS, self.less), (Order.EQUAL, self.equal))
        return any_of([formula for outcome, formula in each if outcome in outcomes])

    def outcome(self, model: Any) -> Order:
        """Return the outcome in a model: "greater" where neither formula holds."""
        held = Order(0)
        for outcome, formula in ((Order.LESS, self.less), (Order.EQUAL, self.equal)):
            if z3.is_true(model.eval(formula, model_completion=True)):
                held |= outcome
        return held or Order.GREATER


@dataclass(frozen=True, slots=True)
class _Query:
    """The question put to the solver, and the variables to read an answer from."""

    logic: str
    cells: tuple[Term, ...]
    flags: Flags
    assumed: tuple[Term, ...]
    wrong: Term
    unsigned: bool

    @property
    def assertions(self) -> tuple[Term, ...]:
        """What an input on which the kernel fails satisfies."""
        return (*self.assumed, self.wrong)

    def read(
        self, model: Any, kernel: Kernel
    ) -> tuple[tuple[int, ...], tuple[int | None, ...], Order]:
        """Return keys, scratch and flags of `model`, values reduced to their ranks from 1."""
        keys, scratch, flags = self.values(model, kernel)
        held = {*keys, *(value for value in scratch if value is not None)}
        rank = {value: i for i, value in enumerate(sorted(held), start=1)}
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
        value = {
            c: self._integer(model, self.cells[c]) for c in (*kernel.contract.inputs, *exposed)
        }
        keys = tuple(value[c] for c in kernel.contract.inputs)
        scratch = tuple(value[c] if c in exposed else None for c in kernel.scratch)
        return keys, scratch, self.flags.outcome(model)

    def _integer(self, model: Any, variable: Term) -> int:
        value = model.eval(variable, model_completion=True)
        if self.logic == "QF_LIA" or self.unsigned:
            return int(value.as_long())
        return int(value.as_signed_long())


class Encoder:
    """Builds the query for one kernel over integers, or over bit-vectors.

    The kernel's comparisons are of the sign that it reads; the question may give keys another.
    """

    def __init__(self, kernel: Kernel, question: Question) -> None:
        if question.width is not None:
            _check_width(kernel, question.width)
        self.kernel = kernel
        self.bits = question.width
        self.unsigned = kernel.signedness is Signedness.UNSIGNED
        self.unsigned_keys = self.unsigned if question.key is None else not question.key.signed

    def variable(self, cell: int) -> Term:
        """Return the variable for what `cell` holds on entry."""
        inputs = self.kernel.contract.inputs
        if cell in inputs:
            return self.named(f"key_{inputs.index(cell) + 1}")
        return self.named(f"scratch_{cell}")

    def named(self, name: str) -> Term:
        """Return the variable called `name`."""
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
        """Return the question for an input on which the kernel fails."""
        contract = self.kernel.contract
        cells = tuple(self.variable(cell) for cell in range(len(self.kernel.cells)))
        keys = tuple(cells[cell] for cell in contract.inputs)
        flags = Flags(*z3.Bools("flags_less flags_equal"))
        assumed = tuple(self.comparison(c, keys) for c in contract.precondition.comparisons)
        wrong = self.wrong(keys, self.run(cells, flags))
        logic = "QF_LIA" if self.bits is None else "QF_BV"
        return _Query(logic, cells, flags, assumed, wrong, self.unsigned_keys)

    def run(self, cells: Sequence[Term], flags: Flags) -> tuple[Term, ...]:
        """Return what the outputs hold after the kernel, from `cells` and `flags` on entry."""
        now, _ = self.execute(self.kernel.instructions, cells, flags)
        return tuple(now[c] for c in self.kernel.contract.outputs)

    def execute(
        self, instructions: Sequence[Instr], cells: Sequence[Term], flags: Flags
    ) -> tuple[tuple[Term, ...], Flags]:
        """Return what the cells and the flags hold after some instructions."""
        now = list(cells)
        for instruction in instructions:
            form = instruction.form
            first, second = (*(now[c] for c in instruction.reads), None)[:2]
            match form.action:
                case Action.COMPARE:
                    flags = Flags(self.seen_less(first, second), first == second)
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
        return tuple(now), flags

    def comparison(self, comparison: Comparison, keys: tuple[Term, ...]) -> Term:
        """Return the formula that a comparison of a precondition holds."""
        a, b = keys[comparison.left], keys[comparison.right]
        return Flags(self.less(a, b), a == b).admit(comparison.relation)

    def wrong(self, keys: tuple[Term, ...], outputs: tuple[Term, ...]) -> Term:
        """Return the formula that some output is not the order statistic it must be."""
        ranks = self.kernel.contract.goal.ranks(self.kernel.n)
        if self.bits is not None and ranks == tuple(range(self.kernel.n)):
            return self.unsorted(keys, outputs)
        probe = self.named("probe")
        count = self.count([self.at_most(key, probe) for key in keys])
        return any_of(
            [
                self.at_most(output, probe) != self.above(count, rank)
                for output, rank in zip(outputs, ranks, strict=True)
            ]
        )

    def unsorted(self, keys: tuple[Term, ...], outputs: tuple[Term, ...]) -> Term:
        """Return the formula that the outputs do not ascend, or hold a probe more or less often."""
        probe = self.named("probe")
        return any_of(
            [
                *(self.less(after, before) for before, after in pairwise(outputs)),
                self.count([k == probe for k in keys]) != self.count([o == probe for o in outputs]),
            ]
        )

    def count(self, formulas: list[Term]) -> Term:
        """Return how many of `formulas` hold, in the logic at hand."""
        return z3.Sum([z3.If(formula, self.number(1), self.number(0)) for formula in formulas])

    def number(self, value: int) -> Term:
        """Return a number as `count` has them."""
        if self.bits is None:
            return z3.IntVal(value)
        return z3.BitVecVal(value, self.kernel.n.bit_length())

    def above(self, count: Term, rank: int) -> Term:
        """Return the formula that a count is above a rank."""
        if self.bits is None:
            return count > rank
        return z3.UGT(count, self.number(rank))


def any_of(formulas: Sequence[Term]) -> Term:
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
