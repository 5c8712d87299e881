"""Minima and maxima that take -0 for less than +0, and what two keys of the same bits are to them.

`<` takes -0 and +0 for equal, and so does a stable sort.  So beside ranks by which -0 and +0 differ
goes `zero`: the rank of -0 where +0 has the next one, or 0 where not both are among the keys.  None
stands for instructions to which zeros tie.  Other keys of one rank have the same bits, unless they
are NaN: nobody can tell which of them leaves where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise

from sortopt.model import NAN, Counterexample, Instr, Kernel, WeakOrder

Zero = int | None


def orders_zeros(instructions: Iterable[Instr]) -> bool:
    """Return whether -0 is less than +0 to some minimum or maximum."""
    return any(instruction.form.nan is not None for instruction in instructions)


def readings(keys: WeakOrder, instructions: Iterable[Instr]) -> Iterator[tuple[WeakOrder, Zero]]:
    """Yield the ranks that keys may have of which these are the ranks if -0 and +0 tie."""
    if not orders_zeros(instructions):
        yield keys, None
        return
    yield keys, 0
    for zero in range(1, max(keys, default=0) + 1):
        tied = [place for place, key in enumerate(keys) if key == zero]
        for count in range(1, len(tied)):
            for negative in combinations(tied, count):
                yield (
                    tuple(
                        key + (key > zero or (key == zero and place not in negative))
                        for place, key in enumerate(keys)
                    ),
                    zero,
                )


def merged(keys: WeakOrder, zero: Zero) -> WeakOrder:
    """Return the ranks of keys by which -0 and +0 tie."""
    return tuple(key - 1 if zero and key > zero else key for key in keys)


def due(kernel: Kernel, ranks: WeakOrder, zero: Zero) -> list[int]:
    """Return which element leaves in each output of a stable kernel."""
    seen = merged(ranks, zero)
    in_order = sorted(range(kernel.n), key=lambda element: (seen[element], element))
    return [in_order[rank] for rank in kernel.contract.goal.ranks(kernel.n)]


def named(held: Sequence[int], wanted: Sequence[int], ranks: Sequence[int]) -> Iterator[int]:
    """Yield for each output the element that it is said to hold, of those with the bits it has.

    That which is `wanted` there if it can be, else one that is not said to be elsewhere.
    """
    left = set(range(len(ranks)))
    for element, best in zip(held, wanted, strict=True):
        same = {e for e in left if e == element or ranks[e] == ranks[element] != NAN}
        found = best if best in same else min(same, default=element)
        left -= {found}
        yield found


def numbers_in(found: Counterexample) -> list[str]:
    """Return the keys of a counterexample that mixes elements up, for example `+0`, `-0`, `NaN`.

    Where zeros tie, an element that is lost, or leaves too early, and ties with others, is -0 and
    they are +0: other numbers that tie have the same bits, so that nobody could tell.
    """
    keys, left = found.inputs, found.elements
    if found.zero is None:
        lost = [key for key in range(len(keys)) if key not in left and keys.count(keys[key]) > 1]
        early = [a for a, b in pairwise(left) if keys[a] == keys[b] and a > b]
        negative = [key for key in lost + early if keys[key] != NAN][:1]
        zeros = [keys[key] for key in negative]
    else:
        negative = [key for key, rank in enumerate(keys) if rank == found.zero]
        zeros = [found.zero, found.zero + 1] if found.zero else []
    least, most = min(zeros, default=0), max(zeros, default=0)
    shown = [str(rank - (most if rank > most else least)) for rank in keys]
    for key, rank in enumerate(keys):
        if rank == NAN:
            shown[key] = "NaN"
        elif rank in zeros:
            shown[key] = "-0" if key in negative else "+0"
    return shown
