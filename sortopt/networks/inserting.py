"""Insertion sort as a kernel: the shortest stable kernels known for five and more keys."""

from __future__ import annotations

from sortopt.base import InputError
from sortopt.model import Action, Form, Isa, Kernel, Order, Signedness, build
from sortopt.networks.forms import Step, program_of


def insertion(
    n: int,
    isa: Isa,
    signedness: Signedness = Signedness.SIGNED,
    *,
    begun: Kernel | None = None,
) -> Kernel:
    """Return the kernel that inserts key after key among those before it, in place.

    The first keys are sorted by the kernel `begun`, if one is given: of fewer keys than n, in
    place, with one scratch cell or none.  What comes out is as stable as that is.

    A key goes behind all that are not greater, so keys that tie keep their order: the kernel is
    stable.  It is compared with each of the keys before it, the greatest first; where that one is
    greater it moves a place up, and the new key to its place.  Length: inserting behind k keys
    takes 3k + 1 instructions, so n keys take (n - 1)(3n + 2) / 2; with three operands the copies,
    n - 1, are saved.  Raises InputError where `isa` has no comparisons and selections.
    """
    names = isa.registers[: n + 1]
    held, free = list(names[:n]), names[n]
    compare, select = isa.find(Action.COMPARE), isa.find(Action.SELECT, signedness, Order.GREATER)
    if compare is None or select is None:
        raise InputError(
            f"{isa.name} has no comparisons with selections of {signedness.value} keys",
            hint="use an instruction set with both",
        )
    copy = isa.find(Action.COPY, places=(isa.place, isa.place))
    three = len(select.operands) > 2
    steps: list[Step] = []
    sorted_first: list[tuple[Form, tuple[str, ...]]] = []
    if begun is not None:
        cells = dict(
            zip((*begun.contract.inputs, *begun.scratch), (*names[: begun.n], free), strict=False)
        )
        held[: begun.n] = [cells[cell] for cell in begun.contract.outputs]
        sorted_first = [(i.form, tuple(cells[c] for c in i.operands)) for i in begun.instructions]
    for place in range(1 if begun is None else begun.n, n):
        new = held[place]
        if three:
            held[place], kept, free = free, new, new
        else:
            steps.append((copy, free, (new,)))
            kept = free
        for below in range(place - 1, -1, -1):
            above = held[below + 1]
            otherwise = new if below == place - 1 else above
            steps += [
                (compare, "", (held[below], kept)),
                (select, above, (held[below], otherwise)),
                (select, held[below], (kept, held[below])),
            ]
    program = program_of(steps)
    assert program is not None
    return build(isa, [*sorted_first, *program], inputs=names[:n], outputs=held)
