"""The ways to write a comparator in two operands where a stale cell holds something of use.

One comparator after the other, each leaves a cell stale, and the next may overwrite that.  Where
it still holds the right key for the inputs that matter, the next comparator saves its copy, or
even its first pick.  `VARIANTS` lists all ways: the forms behind a copy, those without it, and
those that make do with the second pick.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

from sortopt.model import Order
from sortopt.networks.forms import WITH_COPY, WITHOUT_COPY, ComparatorForm, Pick


class Fact(IntFlag):
    """What is known, for all inputs, of cells x and y and the stale cell z of a comparator."""

    NEVER_LESS = 1
    """x < y on no input"""
    X_IF_LESS = 2
    """z serves for x wherever x < y"""
    X_IF_GREATER = 4
    """z serves for x wherever x > y"""
    LESSER = 8
    """z holds the lesser key"""
    GREATER = 16
    """z holds the greater key"""


@dataclass(frozen=True, slots=True)
class Variant:
    """A form, whether a copy of x comes first, the picks made, and what must be known of z."""

    form: ComparatorForm
    copies: bool
    picks: tuple[Pick, ...]
    needs: Fact

    def __len__(self) -> int:
        """Return the number of instructions: with the comparison, which selections need."""
        return self.copies + 1 + len(self.picks)


def _known(form: ComparatorForm) -> Fact:
    return Fact.X_IF_LESS if Order.LESS in form.needs else Fact.X_IF_GREATER


VARIANTS = (
    *(Variant(form, True, form.picks, Fact(0)) for form in WITH_COPY),
    *(Variant(form, False, form.picks, _known(form)) for form in WITH_COPY),
    Variant(WITH_COPY[0], False, WITH_COPY[0].picks[1:], Fact.LESSER),
    Variant(WITH_COPY[3], False, WITH_COPY[3].picks[1:], Fact.GREATER),
)

OF_THREE_OPERANDS = (
    *(Variant(form, False, form.picks, Fact(0)) for form in WITHOUT_COPY),
    *(variant for variant in VARIANTS if not variant.copies),
)
"""The ways where selections have three operands: no copy is due."""
