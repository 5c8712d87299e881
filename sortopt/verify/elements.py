"""Proof 1 of the rungs: elements through the interpreter, over all weak orders, or all answers.

A cell holds the number of an element: of an input, from 0, or from n on of what a scratch cell
held on entry.  `elements` and `stable`: a comparison sees the ranks of its elements in one weak
order, so every weak order (of the keys, and of what scratch held where that matters) stands for
all inputs that compare alike; what is moved is the element.  `safe`: a comparison sees nothing and
each of its three answers is tried, so no weak order plays a part, and no precondition.

A minimum or maximum of integers that tie is one value of which nobody can say whose it is: either
element is tried.  Under `safe` it is a comparison, so either argument is tried, tied or not.

One of floating-point numbers hands on an operand bit for bit, and which one depends on whether one
is less, greater, or neither: so what happens is known, ties (of -0 and +0 too) included.
`elements` and `stable` are about keys without NaN.  Nothing lies there, so `safe` is about NaN:
each set of keys is tried as NaN, with each weak order of the others.  That suffices because no
instruction sees more of two keys than whether one is less, and NaN is never less nor greater.

Where minima and maxima take -0 for less than +0 (see `signed_zeros`) keys that tie have the same
bits, and where an instruction hands on the value, nobody can tell whose it is: so an element leaves
where its bits do.  Without a precondition every element is then kept by a kernel that gets all weak
orders right, of which zeros of both signs are one case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sortopt.base import UNLIMITED, Budget, Disagreement, LimitReached
from sortopt.model import (
    ALWAYS,
    ENTRY_FLAGS,
    LESS_AND_EQUAL,
    NAN,
    Action,
    Counterexample,
    Form,
    Instr,
    Kernel,
    Order,
    Proved,
    Refuted,
    Rung,
    Step,
    Unknown,
    Value,
    Verdict,
    WeakOrder,
    extensions,
    handed_on,
    liveness,
    step,
    with_nan,
)
from sortopt.verify.entry import flags_matter, scratch_that_matters, undecided
from sortopt.verify.orders_check import BATCH_FROM
from sortopt.verify.signed_zeros import Zero, due, merged, named, orders_zeros, readings

MOST_KEYS = 8
"""The most keys for which rungs above `values` are decided."""

Choice = Order | int | None
"""What an instruction does where that is open: the answer of a comparison, or which argument of a
minimum or maximum it hands on; None where nothing is open."""

_ANSWERS = (Order.LESS, Order.EQUAL, Order.GREATER)
_EXTREMA = (Action.MINIMUM, Action.MAXIMUM)
_BETWEEN_CHECKS = 256


def check(kernel: Kernel, rung: Rung, budget: Budget = UNLIMITED) -> Verdict:
    """Decide whether `kernel`, whose values are right, also stands on `rung`, one above `values`.

    Returns Proved, Refuted with the least counterexample (fewest distinct keys, then smallest;
    under `safe` the first in sequence of answers), or Unknown.
    """
    needed = needs_of(kernel)
    try:
        for keys in _cases(kernel, rung, budget):
            counterexample = refute(kernel, rung, keys, budget, needed)
            if counterexample is not None:
                return Refuted(counterexample)
    except LimitReached as limit:
        return Unknown("out of time" if budget.left == 0.0 else limit.message)
    return Proved()


def refute(
    kernel: Kernel,
    rung: Rung,
    keys: WeakOrder,
    budget: Budget = UNLIMITED,
    needed: Sequence[Needed] = (),
) -> Counterexample | None:
    """Return how a kernel that gets `keys` right breaks `rung` on them, or None.

    Under `safe` keys play no part.  `needed` saves computing it anew.  Raises LimitReached.
    """
    needed = needed or needs_of(kernel)
    for ranks, zero in _readings(kernel, keys):
        for flags in ENTRY_FLAGS if flags_matter(kernel) else (None,):
            choices = _failing(kernel, rung, ranks, flags, needed, budget, zero)
            if choices is not None:
                return replay(kernel, rung, ranks, flags, choices, zero)
        if rung is Rung.SAFE:
            break
    return None


def _readings(kernel: Kernel, keys: WeakOrder) -> Iterator[tuple[WeakOrder, Zero]]:
    """Yield the ranks of keys, and of scratch that matters, of inputs that stand in an order."""
    if kernel.isa.floating:
        yield from readings(keys, kernel.instructions)
    else:
        for ranks in extensions(keys, len(scratch_that_matters(kernel))):
            yield ranks, None


def _cases(kernel: Kernel, rung: Rung, budget: Budget) -> Iterator[WeakOrder]:
    """Yield the weak orders to be tried; under `safe` one, since no comparison sees it."""
    if kernel.n + len(scratch_that_matters(kernel)) > MOST_KEYS:
        raise LimitReached(f"not decided for more than {MOST_KEYS} keys")
    if (why := undecided(kernel)) is not None:
        raise LimitReached(why)
    zeros_differ, free = orders_zeros(kernel.instructions), kernel.contract.precondition == ALWAYS
    if kernel.isa.floating and rung is Rung.SAFE:
        for keys in with_nan(kernel.n):
            budget.check()
            yield keys
    elif rung is Rung.SAFE:
        yield tuple(range(1, kernel.n + 1))
    elif kernel.n >= BATCH_FROM and zeros_differ and free and rung is Rung.ELEMENTS:
        return
    elif kernel.n >= BATCH_FROM and not zeros_differ:
        from sortopt.verify import batch

        yield from batch.suspects(kernel, budget, rung)
    else:
        for keys in kernel.contract.precondition.orders(kernel.n):
            budget.check()
            yield keys


def _failing(
    kernel: Kernel,
    rung: Rung,
    ranks: WeakOrder,
    flags: Order | None,
    needed: Sequence[Needed],
    budget: Budget,
    zero: Zero,
) -> list[Choice] | None:
    """Return the first choices that lead to outputs which break `rung`, or None.

    Depth first, each state of a place once, reduced to what is `needed` from there on.
    """
    seen: list[set[Step]] = [set() for _ in needed]
    path: list[Choice] = []
    branches: list[Iterator[tuple[Choice, Step]]] = [
        iter([(None, needed[0].of(entry(kernel, flags)))])
    ]
    while branches:
        following = next(branches[-1], None)
        if following is None:
            branches.pop()
            del path[-1:]
            continue
        choice, now = following
        place = len(branches) - 1
        if now in seen[place]:
            continue
        seen[place].add(now)
        if len(seen[place]) % _BETWEEN_CHECKS == 0:
            budget.check()
        if place == len(kernel):
            if breaks(kernel, rung, ranks, now, zero):
                return [*path, choice][1:]
            continue
        path.append(choice)
        after = successors(kernel.instructions[place], now, ranks, rung)
        branches.append(iter([(c, needed[place + 1].of(s)) for c, s in after.items()]))
    return None


def entry(kernel: Kernel, flags: Order | None) -> Step:
    """Return the elements that cells hold on entry; of scratch only where it matters."""
    cells: list[Value] = [None] * len(kernel.cells)
    for number, cell in enumerate((*kernel.contract.inputs, *scratch_that_matters(kernel))):
        cells[cell] = number
    return Step(tuple(cells), flags)


@dataclass(frozen=True, slots=True)
class Needed:
    """What the rest of a kernel needs: all but the `dead` cells, and of the flags one for all that
    it cannot tell apart.  Sound because states that it reduces to one end with the same outputs.
    """

    dead: tuple[int, ...]
    flags: Mapping[Order, Order]

    def of(self, now: Step) -> Step:
        """Return `now` without what is not needed."""
        cells = list(now.cells)
        for cell in self.dead:
            cells[cell] = None
        return Step(tuple(cells), None if now.flags is None else self.flags.get(now.flags))


def needs_of(kernel: Kernel) -> list[Needed]:
    """Return what is needed before each instruction and on exit."""
    points: list[Needed] = []
    read: set[Order] = set()
    for live, instruction in zip(
        liveness(kernel)[::-1], (None, *kernel.instructions[::-1]), strict=True
    ):
        if instruction is not None and instruction.form.writes_flags:
            read = set()
        elif instruction is not None and instruction.form.holds is not None:
            read.add(instruction.form.holds)
        flags = {LESS_AND_EQUAL: LESS_AND_EQUAL} if live.flags else {}
        for answer in _ANSWERS if live.flags else ():
            taken = [answer in holds for holds in read]
            flags[answer] = next(a for a in _ANSWERS if [a in holds for holds in read] == taken)
        dead = tuple(c for c in range(len(kernel.cells)) if c not in live.cells)
        points.append(Needed(dead, flags))
    return points[::-1]


def successors(
    instruction: Instr, before: Step, ranks: Sequence[int], rung: Rung
) -> Mapping[Choice, Step]:
    """Return what may come after `instruction`, by the choice that leads there."""
    action = instruction.form.action
    if action is not Action.COMPARE and action not in _EXTREMA:
        return {None: step(instruction, before)}
    if rung is Rung.SAFE and action is Action.COMPARE:
        return {answer: Step(before.cells, answer) for answer in _ANSWERS}
    held = [before.cells[cell] for cell in instruction.reads]
    if instruction.form.tied is not None or instruction.form.nan is not None:
        cells = list(before.cells)
        assert instruction.writes is not None
        ranked = [NAN if element is None else ranks[element] for element in held]
        cells[instruction.writes] = held[handed_on_of(instruction.form, *ranked)]
        return {None: Step(tuple(cells), before.flags)}
    seen = step(
        instruction,
        Step(tuple(None if e is None else ranks[e] for e in before.cells), before.flags),
    )
    target = instruction.writes
    if target is None:
        return {None: Step(before.cells, seen.flags)}
    found: dict[Choice, Step] = {}
    for number, element in enumerate(held):
        assert element is not None
        if rung is Rung.SAFE or ranks[element] == seen.cells[target]:
            cells = list(before.cells)
            cells[target] = element
            found[number] = Step(tuple(cells), before.flags)
    return found


def handed_on_of(form: Form, first: int, second: int) -> int:
    """Return which argument a minimum or maximum of keys of these ranks hands on; NAN for a NaN."""
    seen = None
    if first != second and NAN not in (first, second):
        seen = Order.LESS if first < second else Order.GREATER
    return handed_on(form, seen, (first == NAN, second == NAN))


def breaks(kernel: Kernel, rung: Rung, ranks: WeakOrder, last: Step, zero: Zero = None) -> bool:
    """Return whether the outputs of a kernel whose values are right break `rung`."""
    out = leaves(kernel, ranks, last, zero)
    if rung is Rung.STABLE:
        return out != due(kernel, ranks, zero)
    alien = any(element is None or element >= kernel.n for element in out)
    return alien or len(set(out)) < len(set(kernel.contract.goal.ranks(kernel.n)))


def leaves(kernel: Kernel, ranks: WeakOrder, last: Step, zero: Zero) -> list[Value]:
    """Return which element leaves in each output; of those that nobody can tell apart any one."""
    out = [last.cells[cell] for cell in kernel.contract.outputs]
    known = [element for element in out if element is not None]
    if zero is None or len(known) < len(out):
        return out
    return [*named(known, due(kernel, ranks, zero), ranks[: kernel.n])]


def replay(
    kernel: Kernel,
    rung: Rung,
    ranks: WeakOrder,
    flags: Order | None,
    choices: Sequence[Choice],
    zero: Zero = None,
) -> Counterexample:
    """Return the counterexample that keys and scratch of these ranks, flags and choices are.

    `choices` has one for each instruction, whatever it is where nothing is open.  Raises
    Disagreement where the kernel does not break `rung` on them.
    """
    steps = [entry(kernel, flags)]
    for instruction, choice in zip(kernel.instructions, choices, strict=True):
        after = successors(instruction, steps[-1], ranks, rung)
        steps.append(after[choice] if len(after) > 1 else next(iter(after.values())))
    keys = ranks[: kernel.n]
    admitted = rung is Rung.SAFE or kernel.contract.precondition.holds(merged(keys, zero))
    if not admitted or not breaks(kernel, rung, ranks, steps[-1], zero):
        raise Disagreement(f"the input {keys} was said to refute {rung}, but does not")
    in_order = sorted(keys)
    exposed = scratch_that_matters(kernel)
    held = leaves(kernel, ranks, steps[-1], zero)
    outputs = tuple(element for element in held if element is not None)
    answered = zip(kernel.instructions, steps[1:], strict=True) if rung is Rung.SAFE else ()
    return Counterexample(
        keys,
        tuple(ranks[element] for element in outputs),
        tuple(in_order[rank] for rank in kernel.contract.goal.ranks(kernel.n)),
        tuple(
            ranks[kernel.n + exposed.index(cell)] if cell in exposed else None
            for cell in kernel.scratch
        ),
        flags,
        rung,
        outputs,
        tuple(s.flags for i, s in answered if i.form.writes_flags and s.flags is not None),
        tuple(steps),
        zero,
    )
