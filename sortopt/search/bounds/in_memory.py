"""How many instructions that write, sorting keys in memory takes at least, whatever is compared.

Where only copies write memory, three kinds of instructions count apart:

- *Merges*: what an instruction writes, from one of two sources.  2 (n - 1) of them.  Sound because
  the key of each output comes, for some order of the keys, from any of the n inputs, so the value
  written there is *full*: computed from all n of them.  Of the full values that merges write take
  the first: it is computed by merges of which none but the last writes a full value, and k merges
  have at most k + 1 values to begin from, so these are n - 1.  Outputs differ for some order, so
  each of the other n - 1 has a merge of its own, which writes a full value.
- *Stores*: n, or half as many, rounded up, where an instruction stores two.  Sound because for
  some order each place must hold another key than on entry.
- *Copies into registers*: as many where only copies read keys from memory, since for some order
  each key leaves its place.  Else at least one, or else one merge more.  Sound because without such
  a copy whatever is in a register is computed from what was there on entry, too, which is no key:
  so the first full value takes n merges.
"""

from __future__ import annotations

from sortopt.model import Action, Form, Place
from sortopt.search.space import Problem


def writes_in_memory(problem: Problem) -> int | None:
    """Return how many instructions that write every kernel of `problem` has at least.

    For sorting two keys or more that may come in any order.  None where the arguments do not apply:
    another instruction than a copy writes memory, or one has more than two sources.
    """
    merges = [f for f in problem.forms if f.action not in (Action.COPY, Action.COMPARE)]
    if any(len(form.arguments) > 2 or _in_memory(form, form.target) for form in merges):
        return None
    n = problem.n
    reads = any(_in_memory(form, argument) for form in merges for argument in form.arguments)
    stores = (n + 1) // 2 if problem.pairs else n
    return 2 * (n - 1) + stores + (1 if reads else stores)


def _in_memory(form: Form, operand: int | None) -> bool:
    """Return whether an operand of `form` may lie in memory."""
    return operand is not None and Place.MEMORY in form.operands[operand]
