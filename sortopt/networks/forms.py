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


@dataclass(frozen=True, slots=True)
class Written:
    """A form in the instructions of a set: `program` over x, y and z, and where the keys end."""

    program: Instructions
    form: ComparatorForm


def written(isa: Isa, signedness: Signedness) -> Written:
    """Return a shortest comparator in the instructions of `isa`; of those one that leaves z free.

    Raises InputError where the set has no instructions for one.
    """
    found = [
        Written(program, form)
        for form in (*WITHOUT_COPY, *WITH_COPY)
        for program in (by_extrema(isa, form, signedness), by_selects(isa, form, signedness))
        if program is not None
    ]
    if not found:
        raise InputError(
            f"{isa.name} has no instructions for a comparator of {signedness.value} keys",
            hint="it takes a minimum and a maximum, or a comparison and selections by it",
        )
    return min(found, key=lambda w: (len(w.program), w.form.free != "z"))


def by_extrema(isa: Isa, form: ComparatorForm, signedness: Signedness) -> Instructions | None:
    """Return `form` as a minimum and a maximum; None where the set has no such instructions."""
    program = _copied(isa, form)
    for pick in form.picks:
        action = Action.MINIMUM if pick.target == form.lesser else Action.MAXIMUM
        found = isa.find(action, signedness)
        first, second = pick.otherwise, pick.then  # of tied keys the first counts as the result
        if Order.EQUAL in pick.when:
            first, second = second, first
        program.append(
            _instruction(found, pick.target, first, second)
            or _instruction(found, pick.target, second, first)
        )
    return _whole(program)


def by_selects(isa: Isa, form: ComparatorForm, signedness: Signedness) -> Instructions | None:
    """Return `form` as a comparison and two selections; None where the set has not both."""
    program = [*_copied(isa, form), _instruction(isa.find(Action.COMPARE), None, "x", "y")]
    for pick in form.picks:
        found = isa.find(Action.SELECT, signedness, pick.when)
        program.append(_instruction(found, pick.target, pick.then, pick.otherwise))
    return _whole(program)


_Maybe = tuple[Form, Roles] | None


def _copied(isa: Isa, form: ComparatorForm) -> list[_Maybe]:
    copy = isa.find(Action.COPY, places=(isa.place, isa.place))
    return [_instruction(copy, "z", "x")] if form.needs else []


def _instruction(form: Form | None, target: str | None, *arguments: str) -> _Maybe:
    """Return the instruction that writes `target` from `arguments`.

    None where there is no form, or where one operand would have to be two cells.
    """
    if form is None:
        return None
    operands = {} if form.target is None else {form.target: target or ""}
    for position, cell in zip(form.arguments, arguments, strict=True):
        if operands.setdefault(position, cell) != cell:
            return None
    return form, tuple(operands[position] for position in range(len(form.operands)))


def _whole(program: list[_Maybe]) -> Instructions | None:
    """Return the program, None where one of its instructions is."""
    known = tuple(instruction for instruction in program if instruction is not None)
    return known if len(known) == len(program) else None
