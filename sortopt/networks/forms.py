"""The ways to write a comparator, as one table: which instructions, and where the keys end.

A comparator stands on cells x and y and may overwrite z.  Its two instructions pick the lesser and
the greater key, by the outcome of one comparison of x and y, or as minimum and maximum.  Where an
instruction overwrites its first source (two operands), z must hold a copy of x before; where it
leaves its sources alone (three operands), no copy is needed, and the roles of the cells change.
"""

from __future__ import annotations

from dataclasses import dataclass

from sortopt.base import InputError
from sortopt.model import Action, Form, Isa, Order, Signedness

Roles = tuple[str, ...]
"""Operands, each one of the cells x, y and z of a comparator."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One instruction: `target` becomes `then` where x compares to y as `when`, else `otherwise`.

    Its operands are cells, as they are when it begins.
    """

    target: str
    then: str
    when: Order
    otherwise: str


@dataclass(frozen=True, slots=True)
class ComparatorForm:
    """Two picks, and the cells in which they leave the lesser key, the greater key, and neither."""

    picks: tuple[Pick, Pick]
    lesser: str
    greater: str
    free: str

    @property
    def needs(self) -> Order:
        """The outcomes on which z must hold x before the first pick: none, where no copy is due."""
        read = Order(0)
        for pick in self.picks:
            if "z" in (pick.then, pick.otherwise):
                read |= pick.when if pick.then == "z" else ~pick.when
        return read


_LESS, _EQUAL, _GREATER = Order.LESS, Order.EQUAL, Order.GREATER
_AT_LEAST, _AT_MOST = _GREATER | _EQUAL, _LESS | _EQUAL

WITH_COPY = (
    ComparatorForm((Pick("z", "y", _AT_LEAST, "z"), Pick("y", "x", _GREATER, "y")), "z", "y", "x"),
    ComparatorForm((Pick("z", "y", _AT_LEAST, "z"), Pick("x", "y", _LESS, "x")), "z", "x", "y"),
    ComparatorForm((Pick("z", "y", _AT_MOST, "z"), Pick("x", "y", _GREATER, "x")), "x", "z", "y"),
    ComparatorForm((Pick("z", "y", _AT_MOST, "z"), Pick("y", "x", _LESS, "y")), "y", "z", "x"),
    ComparatorForm((Pick("x", "y", _GREATER, "x"), Pick("y", "z", _GREATER, "y")), "x", "y", "z"),
    ComparatorForm((Pick("x", "y", _LESS, "x"), Pick("y", "z", _LESS, "y")), "y", "x", "z"),
)
"""What two operands can express, behind a copy of x in z.  Selections can do without the copy
where z, stale, holds x already wherever x and y compare as `needs`; where z already holds what the
first pick of the first or the fourth form leaves there, the second pick alone does."""

WITHOUT_COPY = (
    ComparatorForm((Pick("z", "y", _GREATER, "x"), Pick("y", "x", _GREATER, "y")), "z", "y", "x"),
    ComparatorForm((Pick("z", "y", _GREATER, "x"), Pick("x", "y", _AT_MOST, "x")), "z", "x", "y"),
    ComparatorForm((Pick("z", "y", _LESS, "x"), Pick("y", "x", _LESS, "y")), "y", "z", "x"),
    ComparatorForm((Pick("z", "y", _LESS, "x"), Pick("x", "y", _AT_LEAST, "x")), "x", "z", "y"),
)
"""What three operands can express.  Of equal keys each goes to one cell, so none is lost."""

Instructions = tuple[tuple[Form, Roles], ...]
"""Forms with their operands."""


def comparators(isa: Isa, signedness: Signedness) -> list[tuple[ComparatorForm, Instructions]]:
    """Return the shortest comparators in the instructions of `isa`.

    Only those that leave z free, where there are any.  Raises InputError where the set has no
    instructions for one.
    """
    found = [
        (form, program)
        for form in (*WITHOUT_COPY, *WITH_COPY)
        for program in (by_extrema(isa, form, signedness), by_selects(isa, form, signedness))
        if program is not None
    ]
    if not found:
        raise InputError(
            f"{isa.name} has no instructions for a comparator of {signedness.value} keys",
            hint="it takes a minimum and a maximum, or a comparison and selections by it",
        )

    def cost(pair: tuple[ComparatorForm, Instructions]) -> tuple[int, bool]:
        return len(pair[1]), pair[0].free != "z"

    return [pair for pair in found if cost(pair) == min(map(cost, found))]


def by_extrema(isa: Isa, form: ComparatorForm, signedness: Signedness) -> Instructions | None:
    """Return `form` as a minimum and a maximum; None where the set has no such instructions.

    Where these hand on one of two tied keys, the two hand on different ones: those that `form`
    does, or else the other ones.
    """
    return _extrema(isa, form, signedness, Order(0)) or _extrema(isa, form, signedness, Order.EQUAL)


def _extrema(
    isa: Isa, form: ComparatorForm, signedness: Signedness, exchanged: Order
) -> Instructions | None:
    """Return `form` as extrema that take the other key after the outcomes `exchanged`, or None."""
    steps = _copied(isa, form)
    for pick in form.picks:
        action = Action.MINIMUM if pick.target == form.lesser else Action.MAXIMUM
        extremum = isa.find(action, signedness)
        tied, other = pick.otherwise, pick.then
        if Order.EQUAL in pick.when ^ exchanged:
            tied, other = other, tied
        second = extremum is not None and extremum.tied == 1
        steps.append((extremum, pick.target, (other, tied) if second else (tied, other)))
    return program_of(steps)


def by_selects(isa: Isa, form: ComparatorForm, signedness: Signedness) -> Instructions | None:
    """Return `form` as a comparison and two selections; None where the set has not both."""
    steps = [*_copied(isa, form), (isa.find(Action.COMPARE), "", ("x", "y"))]
    for pick in form.picks:
        select = isa.find(Action.SELECT, signedness, pick.when)
        steps.append((select, pick.target, (pick.then, pick.otherwise)))
    return program_of(steps)


Step = tuple[Form | None, str, tuple[str, ...]]
"""A form, the cell that it writes, and its arguments."""


def _copied(isa: Isa, form: ComparatorForm) -> list[Step]:
    copy = isa.find(Action.COPY, places=(isa.place, isa.place))
    return [(copy, "z", ("x",))] if form.needs else []


def program_of(steps: list[Step]) -> Instructions | None:
    """Return `steps` with operands; None where a form is missing or cannot take its arguments."""
    program = []
    for form, target, arguments in steps:
        operands = None if form is None else _operands(form, target, arguments)
        if form is None or operands is None:
            return None
        program.append((form, operands))
    return tuple(program)


def _operands(form: Form, target: str, arguments: tuple[str, ...]) -> Roles | None:
    """Return the operands with which `form` writes `target` from `arguments`.

    None where one operand would have to be two cells.  A minimum or maximum of integers may
    exchange its arguments.
    """
    exchangeable = form.action in (Action.MINIMUM, Action.MAXIMUM) and form.tied is None
    for order in (arguments, arguments[::-1])[: 1 + exchangeable]:
        operands = {} if form.target is None else {form.target: target}
        if all(
            operands.setdefault(position, cell) == cell
            for position, cell in zip(form.arguments, order, strict=True)
        ):
            return tuple(operands[position] for position in range(len(form.operands)))
    return None
