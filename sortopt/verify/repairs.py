"""Repair a kernel that is wrong: change conditions on equal keys, else add as little as possible.

A kernel that sorts distinct keys and fails on ties often needs another condition, `le` for `l` or
`ge` for `g`: the two differ on equal keys only.  What is found is proved before it is returned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sortopt.base import UNLIMITED, Budget, InputError, LimitReached
from sortopt.model import (
    Action,
    Cell,
    Instr,
    Judgement,
    Kernel,
    Proved,
    Refuted,
    Rung,
    Signedness,
    list_instructions,
    rebuild,
)
from sortopt.verify.judge import verify
from sortopt.verify.variants import MOST_ADDED, Choice, Variant

_ADDED = 1000
"""The cost of an added instruction, where a changed condition costs 1."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: at `index` (from 0) of the repaired kernel, `before` became `after`.

    `before` is None for an added instruction.
    """

    index: int
    before: Instr | None
    after: Instr


@dataclass(frozen=True, slots=True)
class Repair:
    """A repaired kernel, the proofs that it is right, and its changes in program order.

    `least` says that no kernel with fewer added instructions, or as many and fewer changed
    conditions, is right, among those that only change what conditions do on equal keys and add
    instructions.
    """

    kernel: Kernel
    judgement: Judgement
    changes: tuple[Change, ...]
    least: bool

    @property
    def added(self) -> int:
        """The number of added instructions."""
        return sum(change.before is None for change in self.changes)


@dataclass(frozen=True, slots=True)
class NoRepair:
    """Nothing was found that adds at most `most_added` instructions.

    `exact` says that there is none; otherwise the search left some out for lack of room.
    """

    most_added: int
    exact: bool


def repair(
    kernel: Kernel,
    *,
    signedness: Signedness | None = None,
    most_added: int = MOST_ADDED,
    budget: Budget = UNLIMITED,
) -> Repair | NoRepair:
    """Return the least repair of `kernel`, proved by both methods, or that there is none.

    First only conditions are changed, each to the one that differs on equal keys alone, then one
    instruction is added, then another, at most `most_added`.  With `signedness` every instruction
    is made to read keys so.  Raises LimitReached where time runs out.
    """
    from sortopt.verify.cheapest import cheapest

    keep = kernel.contract.keep
    actions = {form.action for form in kernel.isa.forms.values()}
    if keep is not Rung.VALUES and actions & {Action.MINIMUM, Action.MAXIMUM}:
        raise InputError(
            f"minima and maxima keep no elements: no repair for the rung {keep}",
            hint="use an instruction set with comparisons, or --keep values",
        )
    exact = True
    unused = () if kernel.scratch else (_unused(kernel),)
    sign = signedness or kernel.signedness or Signedness.SIGNED
    for added in range(most_added + 1):
        more = unused if added else ()
        places = tuple(_places(kernel, sign, added, more))
        answers: list[tuple[int, ...]] = []
        while True:
            found, whole = cheapest(
                kernel, [place.choices for place in places], most=added * _ADDED + len(kernel),
                cells=len(kernel.cells) + len(more), answers=answers, budget=budget,
            )  # fmt: skip
            exact = exact and whole
            if found is None:
                break
            repaired = rebuild(kernel, found.instructions, more)
            judgement = verify(repaired, budget=budget)
            if isinstance(judgement.verdict, Proved):
                return Repair(repaired, judgement, tuple(_changes(found, places)), exact)
            answers.append(_refuting(judgement, found, places))
    return NoRepair(most_added, exact)


def _refuting(judgement: Judgement, found: Variant, places: Sequence[_Place]) -> tuple[int, ...]:
    """Return answers, one a place, that refute a variant which is not `safe`; "less" where it does
    not compare.  Raises LimitReached where the variant is refuted by nothing of the kind.
    """
    from sortopt.verify.batch import OUTCOMES

    refuted = judgement.verdict
    if not isinstance(refuted, Refuted) or refuted.counterexample.lacks is not Rung.SAFE:
        raise LimitReached("a repaired kernel was found, but the time did not suffice to prove it")
    given = iter(refuted.counterexample.answers)
    chosen = [place.choices[c].instructions for place, c in zip(places, found.chosen, strict=True)]
    compares = [bool(each) and each[0].form.writes_flags for each in chosen]
    return tuple(OUTCOMES[next(given)] if compare else -1 for compare in compares)


@dataclass(frozen=True, slots=True)
class _Place:
    """What may stand at one place, and what stood there: None between instructions."""

    before: Instr | None
    choices: tuple[Choice, ...]


def _unused(kernel: Kernel) -> Cell:
    """Return a scratch cell of a kernel that has none, in the first register it does not use."""
    used = {cell.name for cell in kernel.cells}
    isa = kernel.isa
    return Cell(next(name for name in isa.registers if name not in used), isa.place)


def _places(kernel: Kernel, sign: Signedness, added: int, more: Sequence[Cell]) -> Iterator[_Place]:
    """Yield the choices at each instruction, and around it for the `added` ones."""
    nothing = Choice(0, ())
    addable = _addable(kernel, sign, more) if added else ()
    gap = _Place(None, (nothing, *(Choice(_ADDED, (i,)) for i in addable)))
    for instruction in kernel.instructions:
        yield from (gap,) * added
        form = kernel.isa.of_sign(instruction.form, sign)
        otherwise = kernel.isa.otherwise_on_ties(form)
        forms = (form, otherwise) if otherwise else (form,)
        instructions = (Instr(each, instruction.operands) for each in forms)
        choices = (Choice(int(cost > 0), (each,)) for cost, each in enumerate(instructions))
        yield _Place(instruction, tuple(choices))
    yield from (gap,) * added


def _addable(kernel: Kernel, sign: Signedness, more: Sequence[Cell]) -> tuple[Instr, ...]:
    """Return every instruction that may be added: over the kernel's cells, of the sign `sign`."""
    isa, bits = kernel.isa, kernel.bits or kernel.isa.key_bits[0]
    forms = [
        form
        for form in isa.forms.values()
        if form.signedness in (None, sign) and form.bits in (None, bits)
    ]
    places = [cell.place for cell in (*kernel.cells, *more)]
    return list_instructions(isa, forms, places, rest_fixed=True)


def _changes(found: Variant, places: Sequence[_Place]) -> Iterator[Change]:
    index = 0
    for chosen, place in zip(found.chosen, places, strict=True):
        for instruction in place.choices[chosen].instructions:
            if instruction != place.before:
                yield Change(index, place.before, instruction)
            index += 1
