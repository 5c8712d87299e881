"""Every instruction over some cells, without those that never help.

Operands may coincide.  What is left out, each with the reason why a shortest kernel can do without:

* An instruction that leaves every cell and the flags as they are: a copy of a cell to itself, a
  minimum, maximum or conditional move of a cell with itself into that cell.
* One that copies (its arguments are one cell) though it is no copy, where a copy form writes the
  same.  Sound because the copy does the same, and is defined wherever the other is.
* All but the first of those that do the same: `min d,b,a` is `min d,a,b`, and `select d,b,a` on
  the opposite condition is `select d,a,b`.

Two rules change instructions behind the one left out, so they hold only where those are free too
(not with `rest_fixed`):

* `cmp b,a` beside `cmp a,b`, where every condition has its partner for exchanged keys.  Sound
  because `cmp a,b` with the partners up to the next comparison does the same.
* The comparison of a cell with itself, where copies can stand in for all conditional moves.  Sound
  because behind it the flags say "equal" for every input, so up to the next comparison each
  conditional move is a copy or does nothing; with copies in their place the comparison can go, and
  the kernel is shorter.

So a kernel counts once, whichever way round a minimum or a comparison is written.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import product

from sortopt.model.isa import Action, Form, Isa, Order
from sortopt.model.kernel import Instr
from sortopt.model.machine import Place

_ALWAYS = Order.LESS | Order.EQUAL | Order.GREATER


def list_instructions(
    isa: Isa, forms: Sequence[Form], places: Sequence[Place], *, rest_fixed: bool = False
) -> tuple[Instr, ...]:
    """Return the instructions of `forms` over cells that live at `places`, form by form.

    Cells are numbered from 0; operands ascend lexicographically within a form.  With `rest_fixed`
    the instructions go into a program whose other instructions stay as they are.
    """
    candidates = [
        Instr(form, operands)
        for form in forms
        for operands in product(range(len(places)), repeat=len(form.operands))
        if _fits(isa, form, [places[cell] for cell in operands])
    ]
    copies = {(i.writes, *i.reads) for i in candidates if i.form.action is Action.COPY}
    exchanging = not rest_fixed and is_exchangeable(isa, forms)
    comparing = rest_fixed or not all(
        (i.writes, cell) in copies
        for i in candidates
        if i.form.reads_flags
        for cell in i.reads
        if cell != i.writes
    )
    first: dict[Hashable, Instr] = {}
    for instruction in candidates:
        if not _is_useless(instruction, copies, comparing):
            first.setdefault(effect_of(instruction, exchanging=exchanging), instruction)
    return tuple(first.values())


def is_exchangeable(isa: Isa, forms: Sequence[Form]) -> bool:
    """Return whether `forms` can do the same once the compared keys are exchanged."""
    return all(isa.exchanged(form) in forms for form in forms)


def _fits(isa: Isa, form: Form, places: Sequence[Place]) -> bool:
    in_memory = sum(place is Place.MEMORY for place in places)
    return in_memory <= isa.max_memory_operands and form.admits(places)


def _is_useless(instruction: Instr, copies: set[tuple[int | None, ...]], comparing: bool) -> bool:
    """Return whether an instruction of one argument cell changes nothing, or is a copy in disguise.

    `comparing` says that comparisons of a cell with itself are kept.
    """
    action, written, read = instruction.form.action, instruction.writes, set(instruction.reads)
    if len(read) > 1:
        return False
    if action is Action.COMPARE:
        return not comparing
    return {written} == read or (action is not Action.COPY and (written, *read) in copies)


def effect_of(instruction: Instr, *, exchanging: bool = False) -> Hashable:
    """Return what an instruction does: equal for two that do the same.

    With `exchanging` a comparison counts as the same as that of the exchanged keys.
    """
    form, reads = instruction.form, instruction.reads
    kind = form.action, form.signedness, instruction.writes
    if form.action is Action.COMPARE:
        return *kind, frozenset(reads) if exchanging else reads
    if len(set(reads)) == 1:
        return Action.COPY, form.reads_flags, instruction.writes, reads[0]
    if form.holds is None:
        return *kind, frozenset(reads)
    if reads[0] > reads[1]:
        return *kind, reads[::-1], _ALWAYS ^ form.holds
    return *kind, reads, form.holds
