"""Slow, obviously right oracles that tests compare the product against.

They share no code with it: weak orders by brute force, an interpreter over dicts, correctness by
trying everything, and a plain breadth-first search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import permutations, product
from typing import NamedTuple

from sortopt.kernel import Kernel

Program = tuple[tuple[str, ...], ...]
"""Instructions as (mnemonic, destination, source), cells by name or number."""

HOLDS = {
    "l": "<", "g": ">", "le": "<=", "ge": ">=", "e": "=", "ne": "<>",
    "b": "<", "a": ">", "be": "<=", "ae": ">=",
}  # fmt: skip
"""After which outcomes (<, = or >) of a comparison each condition holds."""


def weak_orders(n):
    """Return the set of tuples of n ranks, from 1, in which no rank is left out."""
    return {r for r in product(range(1, n + 1), repeat=n) if set(r) == set(range(1, max(r) + 1))}


def outcome(first, second):
    return "<" if first < second else ">" if first > second else "="


def program_of(kernel: Kernel):
    """Return the instructions of `kernel` with its cells by name."""
    return [
        (i.form.mnemonic, *(kernel.cells[c].name for c in i.operands)) for i in kernel.instructions
    ]


def execute(program, cells, flags):
    """Return `cells` after `program`, a dict from name to key; `flags` is <, = or >."""
    cells = dict(cells)
    for mnemonic, d, s in program:
        if mnemonic in ("mov", "movdqa"):
            cells[d] = cells[s]
        elif mnemonic == "cmp":
            flags = outcome(cells[d], cells[s])
        elif mnemonic in ("pminsd", "pminud"):
            cells[d] = min(cells[d], cells[s])
        elif mnemonic in ("pmaxsd", "pmaxud"):
            cells[d] = max(cells[d], cells[s])
        elif flags in HOLDS[mnemonic.removeprefix("cmov")]:
            cells[d] = cells[s]
    return cells


def failures(kernel: Kernel, assume=lambda *keys: True):
    """Return the weak orders on which `kernel` fails to sort for some scratch content and flags.

    Scratch contents are tried up to how they compare to the keys and to each other, which is all
    that a kernel can see.  `assume` takes the keys.
    """
    cells = [cell.name for cell in kernel.cells]
    inputs = [cells[c] for c in kernel.contract.inputs]
    outputs = [cells[c] for c in kernel.contract.outputs]
    scratch = [name for name in cells if name not in inputs]
    ranks = kernel.contract.goal.ranks(len(inputs))
    program = program_of(kernel)
    bad = set()
    for everything in weak_orders(len(cells)):
        keys = everything[: len(inputs)]
        if not assume(*keys):
            continue
        before = dict(zip([*inputs, *scratch], everything, strict=True))
        for flags in "<=>":
            after = execute(program, before, flags)
            if [after[name] for name in outputs] != [sorted(keys)[rank] for rank in ranks]:
                bad.add(dense(keys))
    return bad


def dense(keys):
    """Return the weak order of `keys`: their ranks from 1, without gaps."""
    return tuple(sorted(set(keys)).index(key) + 1 for key in keys)


class Shortest(NamedTuple):
    """What `shortest` found."""

    length: int | None
    """The least length, or None where no kernel has at most `limit` instructions."""
    count: int
    """How many kernels (sequences of instructions) of that length there are."""
    new_states: tuple[int, ...]
    """How many states were first reached with 0, 1, 2 … instructions, up to `length`."""
    programs: tuple[Program, ...]
    """These kernels, cells numbered inputs first; only when asked for."""


def shortest(
    n: int,
    orders: Iterable[Sequence[int]],
    *,
    scratch: int = 1,
    conditions: Sequence[str] = ("l", "g"),
    ranks: Sequence[int] | None = None,
    outputs: str = "in-place",
    limit: int = 12,
    tag: str = "order",
    copy_undefined: bool = True,
    keep_lost: bool = True,
    list_programs: bool = False,
) -> Shortest:
    """Search breadth first for the shortest kernels that work on `orders`, pruning duplicates only.

    Cells 0 to n-1 hold the keys on entry, the `scratch` cells after them are undefined.  A state
    is a frozenset of assignments (contents of the cells, flags, tag), one or more of `orders`
    each.  With `tag="order"` the tag is the order itself, so that a state is a function of the
    input; with `tag="keys"` it is the keys in ascending order, so that inputs whose further fate is
    the same merge.  Length, count and programs do not depend on it; `new_states` does.

    Instructions: `mov d,s` and `cmovX d,s` for d ≠ s and X in `conditions`, `cmp a,b` for a before
    b; both orders of a and b where `conditions` is not closed under exchanging < and >.  No
    comparison of an undefined cell is tried, and no conditional move to or from one or before the
    first comparison.  `mov d,s` from an undefined s is tried unless `copy_undefined` is false (it
    makes d undefined; no shortest kernel contains one).

    A state is a goal where the wanted `ranks` (all by default, from 0) of each assignment's keys
    stand, in one same choice of distinct cells for all assignments, in input cells ("in-place")
    or in any cells ("anywhere"); which cell holds which rank is free, and a kernel counts once
    whatever choices fit.  With `keep_lost` false, states in which some assignment holds a wanted
    key nowhere are dropped, and not counted in `new_states`: no goal can come after them.
    """
    wanted = range(n) if ranks is None else ranks
    goal_cells = range(n if outputs == "in-place" else n + scratch)
    instructions = _instructions(n + scratch, conditions)

    def start(order):
        keys = tuple(order)
        return (*keys, *[None] * scratch), None, keys if tag == "order" else tuple(sorted(keys))

    def lacks(state):
        return any(sorted(of)[rank] not in cells for cells, _, of in state for rank in wanted)

    first = frozenset(start(order) for order in orders)
    seen, layer, new = {first}, {first: [()] if list_programs else 1}, [1]
    for length in range(limit + 1):
        goals = [ways for state, ways in layer.items() if _is_goal(state, goal_cells, wanted)]
        if goals and list_programs:
            programs = tuple(program for ways in goals for program in ways)
            return Shortest(length, len(programs), tuple(new), programs)
        if goals:
            return Shortest(length, sum(goals), tuple(new), ())
        following: dict = {}
        for state, ways in layer.items():
            for instruction in instructions:
                after = _apply(instruction, state, copy_undefined)
                if after is None or after in seen or not (keep_lost or not lacks(after)):
                    continue
                more = [(*way, instruction) for way in ways] if list_programs else ways
                following[after] = following[after] + more if after in following else more
        layer = following
        seen |= layer.keys()
        new.append(len(layer))
    return Shortest(None, 0, tuple(new[: limit + 1]), ())


def is_exchangeable(conditions):
    """Return whether each condition's counterpart, < and > exchanged, is among `conditions`."""
    exchange = str.maketrans("<>", "><")
    meanings = {"".join(sorted(HOLDS[c])) for c in conditions}
    return {"".join(sorted(m.translate(exchange))) for m in meanings} == meanings


def _instructions(cells, conditions):
    pairs = list(permutations(range(cells), 2))
    compared = [(a, b) for a, b in pairs if a < b or not is_exchangeable(conditions)]
    return [
        *(("mov", d, s) for d, s in pairs),
        *(("cmp", a, b) for a, b in compared),
        *(("cmov" + condition, d, s) for condition in conditions for d, s in pairs),
    ]


def _apply(instruction, state, copy_undefined):
    """Return the state after `instruction`, or None where it may not be tried."""
    mnemonic, d, s = instruction
    after = set()
    for cells, flags, tag in state:
        changed = list(cells)
        if mnemonic == "mov":
            if cells[s] is None and not copy_undefined:
                return None
            changed[d] = cells[s]
        elif cells[d] is None or cells[s] is None:
            return None
        elif mnemonic == "cmp":
            flags = outcome(cells[d], cells[s])
        elif flags is None:
            return None
        elif flags in HOLDS[mnemonic.removeprefix("cmov")]:
            changed[d] = cells[s]
        after.add((tuple(changed), flags, tag))
    return frozenset(after)


def _is_goal(state, goal_cells, ranks):
    return any(
        all(
            cells[cell] == sorted(tag)[rank]
            for cells, _, tag in state
            for cell, rank in zip(chosen, ranks, strict=True)
        )
        for chosen in permutations(goal_cells, len(ranks))
    )
