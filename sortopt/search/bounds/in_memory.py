"""How many instructions that write, sorting keys in memory takes at least, whatever is compared.

Where only copies write memory, three kinds of instructions count apart:

- *Merges*: what an instruction writes, from one of two sources (see `merges`).
- *Stores*: n, or half as many, rounded up, where an instruction stores two.  Sound because for
  some order each place must hold another key than on entry.
- *Copies into registers*: as many where only copies read keys from memory, since for some order
  each key leaves its place.  Else at least one, or else one merge more.  Sound because without such
  a copy whatever is in a register is computed from what was there on entry, too, which is no key:
  so the first merge that reads a key can be left out, as the key serves for what it writes.

Where the target of a merge is one of its sources, and copies are of one key each, merges and copies
into registers are n more together than the merges that bring keys into every order.  Sound because
of the last that was in the register of a result before the merges that lead to it: a copy, another
result, or what is no key.  In the two latter cases the first of these merges can be left out of the
ways that keys take, as no other key comes through a result: its other source serves.
"""

from __future__ import annotations

from sortopt.model import Action, Form, Place
from sortopt.search.bounds.merges import least_merges, routing
from sortopt.search.space import Problem


def writes_in_memory(problem: Problem) -> int | None:
    """Return how many instructions that write every kernel of `problem` has at least.

    For sorting two keys or more, which may come in any order, into memory.  None where the
    arguments do not apply: another instruction than a copy writes memory, or one has more than two
    sources.
    """
    merges = [f for f in problem.forms if f.action not in (Action.COPY, Action.COMPARE)]
    if any(len(form.arguments) > 2 or _in_memory(form, form.target) for form in merges):
        return None
    n = problem.n
    reads = any(_in_memory(form, argument) for form in merges for argument in form.arguments)
    stores = (n + 1) // 2 if problem.pairs else n
    least = least_merges(n, extrema=problem.monotone) + (1 if reads else stores)
    if all(form.target in form.arguments for form in merges) and not problem.pairs:
        least = max(least, routing(n) + n)
    return least + stores


def _in_memory(form: Form, operand: int | None) -> bool:
    """Return whether an operand of `form` may lie in memory."""
    return operand is not None and Place.MEMORY in form.operands[operand]
