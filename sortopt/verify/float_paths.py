"""Code that branches on floating-point keys, proof 1: what it keeps, and what it does with NaN.

Sound because no instruction sees more of two keys than which is less, that they are equal, or that
they are unordered, as one is a NaN, and it hands keys on bit for bit.  So all inputs take the same
path, and leave in the same places, in which the same keys are NaN and the others stand in the same
weak order.  -0 and +0 tie.  (That the values are right without NaN, `paths_orders` decides.)
"""

from __future__ import annotations

from collections.abc import Sequence

from sortopt.base import UNLIMITED, Budget, Disagreement, LimitReached
from sortopt.model import (
    NAN,
    Action,
    Branching,
    Counterexample,
    Followed,
    Fork,
    Instr,
    Order,
    Proved,
    Refuted,
    Rung,
    Step,
    Unknown,
    Value,
    Verdict,
    WeakOrder,
    with_nan,
)
from sortopt.verify.elements import breaks, handed_on_of, leaves
from sortopt.verify.entry import undecided
from sortopt.verify.floats import WithNan, looked_at
from sortopt.verify.signed_zeros import Zero, merged, readings

MOST_KEYS = 7
"""The most keys whose orders are run, of which some may be NaN: 92,000."""
ON_ENTRY = "an output depends on what a register held on entry"


def check(branching: Branching, rung: Rung, budget: Budget = UNLIMITED) -> Verdict:
    """Decide whether code whose values are right stands on `rung` too, one above `values`.

    Returns Proved, Refuted with the least counterexample, or Unknown.  `safe` is about NaN.
    """
    whole = branching.whole
    why = undecided(whole)
    if whole.n > MOST_KEYS:
        why = f"not decided for more than {MOST_KEYS} keys"
    if why is not None:
        return Unknown(why)
    safe = rung is Rung.SAFE
    try:
        for keys in with_nan(whole.n) if safe else whole.contract.precondition.orders(whole.n):
            budget.check()
            for ranks, zero in readings(keys, whole.instructions):
                last = ended(branching, ranks, zero)
                if None in _outputs(branching, last):
                    return Unknown(ON_ENTRY)
                if breaks(whole, rung, ranks, last, zero):
                    return Refuted(replay(branching, rung, ranks, zero))
    except LimitReached as limit:
        return Unknown("out of time" if budget.left == 0.0 else limit.message)
    return Proved()


def nan_along(branching: Branching, budget: Budget = UNLIMITED) -> WithNan | None:
    """Return what code that branches, and sorts, does with NaN; None as of `with_nan_among`."""
    if undecided(branching.whole) is not None:
        return None
    return looked_at(
        branching.whole, lambda keys: _outputs(branching, ended(branching, keys)), budget
    )


def _outputs(branching: Branching, last: Step) -> Sequence[Value]:
    return [last.cells[cell] for cell in branching.whole.contract.outputs]


def ended(branching: Branching, keys: WeakOrder, zero: Zero = None) -> Step:
    """Return which element each cell holds in the end, as `followed` does."""
    return followed(branching, keys, zero)[1][-1]


def followed(
    branching: Branching, keys: WeakOrder, zero: Zero = None
) -> tuple[Followed, Sequence[Step]]:
    """Return the path that keys take, and which element each cell holds on it, by number, from 0.

    `keys` are ranks, NAN for a NaN; to comparisons -0 and +0 tie.  None where that depends on what
    a register held on entry.  Flags without an outcome are those of unordered keys.
    """
    whole, at = branching.whole, branching.start
    cells: list[Value] = [None] * len(whole.cells)
    for number, cell in enumerate(whole.contract.inputs):
        cells[cell] = number
    compared: tuple[Value, Value] = (None, None)
    tied, seen = merged(keys, zero), None
    steps, jumps, done = [Step(tuple(cells), None)], list[tuple[Fork, bool]](), list[Instr]()
    while True:
        for instruction in at.instructions:
            held = [cells[cell] for cell in instruction.reads]
            if instruction.form.action is Action.COMPARE:
                compared = held[0], held[1]
                seen = _seen(compared, tied)
            else:
                assert instruction.writes is not None
                cells[instruction.writes] = _result(instruction, held, keys)
            flags = None if None in compared else Order(0) if seen is None else seen
            steps.append(Step(tuple(cells), flags))
            done.append(instruction)
        if at.fork is not None and None in compared:
            steps.append(Step((None,) * len(cells), None))
        if at.fork is None or None in compared:
            outputs = tuple(_outputs(branching, steps[-1]))
            return Followed(tuple(done), tuple(jumps), outputs), steps
        condition = at.fork.condition
        taken = condition.unordered if seen is None else seen in condition.holds
        jumps.append((at.fork, taken))
        following = at.fork.taken if taken else at.fork.passed
        if following is None:
            raise Disagreement(
                f"the input {keys} takes a side of {at.fork.text} in line {at.fork.line} that was "
                "said to have none"
            )
        at = following


def _result(instruction: Instr, held: Sequence[Value], keys: WeakOrder) -> Value:
    if instruction.form.action is Action.COPY:
        return held[0]
    assert instruction.form.action in (Action.MINIMUM, Action.MAXIMUM)
    if None in held:
        return None
    ranked = [keys[element] for element in held if element is not None]
    return held[handed_on_of(instruction.form, *ranked)]


def _seen(compared: tuple[Value, Value], keys: WeakOrder) -> Order | None:
    """Return how two elements compare; None where they are unordered."""
    one, other = (NAN if element is None else keys[element] for element in compared)
    if NAN in (one, other):
        return None
    return Order.LESS if one < other else Order.GREATER if one > other else Order.EQUAL


def replay(branching: Branching, rung: Rung, keys: WeakOrder, zero: Zero = None) -> Counterexample:
    """Return the counterexample that keys of these ranks are.

    Raises Disagreement where the code does not break `rung` on them, LimitReached where that
    depends on what a register held on entry.
    """
    whole = branching.whole
    _, steps = followed(branching, keys, zero)
    held = leaves(whole, keys, steps[-1], zero)
    known = tuple(element for element in held if element is not None)
    if len(known) < len(held):
        raise LimitReached(ON_ENTRY)
    admitted = rung is Rung.SAFE or whole.contract.precondition.holds(merged(keys, zero))
    if not admitted or not breaks(whole, rung, keys, steps[-1], zero):
        raise Disagreement(f"the input {keys} was said to refute {rung}, but does not")
    in_order = sorted(keys)
    return Counterexample(
        keys,
        tuple(keys[element] for element in known),
        tuple(in_order[rank] for rank in whole.contract.goal.ranks(whole.n)),
        (None,) * len(whole.scratch),
        lacks=rung,
        elements=known,
        steps=tuple(steps),
        zero=zero,
    )
