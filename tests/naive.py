"""Slow, obviously right oracles that tests compare the product against.

They share no code with it: weak orders by brute force, an interpreter over dicts, correctness by
trying everything, and a plain breadth-first search.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import permutations, product
from typing import NamedTuple

import numpy as np

from sortopt.model.kernel import Kernel

Program = tuple[tuple[str, ...], ...]
"""Instructions as (mnemonic, destination, source, perhaps another), cells by name or number."""

HOLDS = {
    "l": "<", "g": ">", "le": "<=", "ge": ">=", "e": "=", "ne": "<>",
    "b": "<", "a": ">", "be": "<=", "ae": ">=",
}  # fmt: skip
"""After which outcomes (<, = or >) of a comparison each condition of x86 holds."""

CSEL_HOLDS = {
    "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "lo": "<", "hi": ">", "ls": "<=", "hs": ">=",
    "eq": "=", "ne": "<>",
}  # fmt: skip
"""The same of the conditions of AArch64, and of the toy set."""

MOVES = (
    "mov",
    "movdqa",
    "movaps",
    "vmovaps",
    "vmovdqa",
    "vmovdqa64",
    "mov.16b",
    "mv",
    "ldr",
    "str",
)

ALL_HOLDS = HOLDS | CSEL_HOLDS


ANY_ANSWER = "any answer"
"""In place of the keys of an input whose comparisons answer what they like."""

BOTH = "<="
"""Flags on entry that no comparison leaves: less and equal at once."""


def holds(outcomes, flags):
    """Return whether a condition holds that does so after `outcomes` of a comparison.

    With BOTH those do that test the bit for less, the bit for equal, or either: l, e, le and the
    like; not their opposites ge, ne, g.
    """
    return outcomes in ("<", "=", "<=") if flags == BOTH else flags in outcomes


@cache
def weak_orders(n):
    """Return the set of tuples of n ranks, from 1, in which no rank is left out."""
    every = product(range(1, n + 1), repeat=n)
    return frozenset(ranks for ranks in every if len(set(ranks)) == max(ranks))


def outcome(first, second):
    return "<" if first < second else ">" if first > second else "="


def program_of(kernel: Kernel):
    """Return the instructions of `kernel` with its cells by name."""
    return [
        (i.form.mnemonic, *(kernel.cells[c].name for c in i.operands)) for i in kernel.instructions
    ]


def execute(program, cells, flags):
    """Return `cells` after `program`, a dict from name to key; `flags` is <, = or >, or BOTH.

    Where an instruction has two operands, its destination is the second source.
    """
    cells = dict(cells)
    for mnemonic, d, s, *rest in program:
        other = rest[0] if rest else d
        if mnemonic in MOVES:
            cells[d] = cells[s]
        elif mnemonic == "cmp":
            flags = outcome(cells[d], cells[s])
        elif "min" in mnemonic:
            cells[d] = min(cells[s], cells[other])
        elif "max" in mnemonic:
            cells[d] = max(cells[s], cells[other])
        else:
            cells[d] = cells[s] if holds(ALL_HOLDS[mnemonic[4:]], flags) else cells[other]
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
        for flags in ("<", "=", ">", BOTH):
            after = execute(program, before, flags)
            if [after[name] for name in outputs] != [sorted(keys)[rank] for rank in ranks]:
                bad.add(dense(keys))
    return bad


def endings(program, cells, flags, ranks, any_answer=False):
    """Yield every way in which `program` may leave `cells`, a dict from name to element.

    A comparison sees `ranks[element]`, or with `any_answer` says what it likes; a minimum or
    maximum hands on any of its arguments that has the right rank, or with `any_answer` any.
    """
    if not program:
        yield cells
        return
    (mnemonic, d, s, *rest), following = program[0], program[1:]
    other = rest[0] if rest else d
    if mnemonic == "cmp":
        seen = outcome(ranks[cells[d]], ranks[cells[s]])
        for answer in "<=>" if any_answer else seen:
            yield from endings(following, cells, answer, ranks, any_answer)
        return
    if mnemonic in MOVES:
        taken = [cells[s]]
    elif "min" in mnemonic or "max" in mnemonic:
        both = [cells[s], cells[other]]
        best = (min if "min" in mnemonic else max)(ranks[e] for e in both)
        taken = [e for e in both if any_answer or ranks[e] == best]
    else:
        taken = [cells[s] if holds(ALL_HOLDS[mnemonic[4:]], flags) else cells[other]]
    for element in set(taken):
        yield from endings(following, cells | {d: element}, flags, ranks, any_answer)


NUMBERS = (-math.inf, -1.5, -0.0, 0.0, 1.5, math.inf)


def ends(kernel: Kernel, keys):
    """Return which inputs the outputs of a kernel of floating-point keys are, as the manual has it.

    On x86 of keys of which neither is less the second operand is handed on.
    """
    held = dict.fromkeys(range(len(kernel.cells))) | dict(enumerate(range(kernel.n)))
    for instruction in kernel.instructions:
        first, *other = [held[cell] for cell in instruction.reads]
        if other:
            a, b = keys[first], keys[other[0]]
            mnemonic = instruction.form.mnemonic
            taken = a < b if "min" in mnemonic else a > b
            if mnemonic.startswith("f"):
                taken = _taken_on_aarch64(mnemonic, a, b)
            first = first if taken else other[0]
        held[instruction.writes] = first
    return [held[cell] for cell in kernel.contract.outputs]


def _taken_on_aarch64(mnemonic, a, b):
    """Return whether fmin and its like hand on `a` of `a` and `b`; of quiet NaN."""
    if math.isnan(a) or math.isnan(b):
        return math.isnan(b) if "nm" in mnemonic else math.isnan(a)
    signed = (a, math.copysign(1, a)) <= (b, math.copysign(1, b))
    return signed == ("min" in mnemonic)


def breaks_numbers(kernel: Kernel, rung: str):
    """Return whether a kernel breaks a rung on some of NUMBERS; under "safe" NaN is one of them."""
    pool = (*NUMBERS, *([math.nan] if rung == "safe" else []))
    for keys in product(pool, repeat=kernel.n):
        if not (rung == "safe" or kernel.contract.precondition.holds(keys)):
            continue
        out = ends(kernel, keys)
        in_order = sorted(range(kernel.n), key=lambda key: keys[key])
        wanted = [in_order[rank] for rank in kernel.contract.goal.ranks(kernel.n)]
        if kernel.isa.machine.name == "AArch64":  # nobody can tell keys of the same bits apart
            named = [key if math.isnan(keys[key]) else str(keys[key]) for key in range(kernel.n)]
            left = [named[key] for key in out]
            lost = Counter(left) - Counter(named)
            if lost or (rung == "stable" and left != [named[key] for key in wanted]):
                return True
        elif len(set(out)) < len(out) or (rung == "stable" and out != wanted):
            return True
    return False


def breaks(kernel: Kernel, rung: str):
    """Return whether `kernel` breaks "elements", "stable" or "safe" on some input, or answers.

    Elements are numbered as the inputs, what scratch held comes after them.  Whether values are
    right is another question, but none is stable whose are not.
    """
    if kernel.isa.floating:
        return breaks_numbers(kernel, rung)
    names = [cell.name for cell in kernel.cells]
    n = kernel.n
    inputs = [names[c] for c in kernel.contract.inputs]
    before = {name: e for e, name in enumerate([*inputs, *(x for x in names if x not in inputs)])}
    wanted = kernel.contract.goal.ranks(n)
    for ranks in weak_orders(len(names)):
        if not (rung == "safe" or kernel.contract.precondition.holds(ranks[:n])):
            continue
        in_order = sorted(range(n), key=lambda e: (ranks[e], e))
        for flags in ("<", "=", ">", BOTH):
            for after in endings(program_of(kernel), before, flags, ranks, rung == "safe"):
                out = [after[names[c]] for c in kernel.contract.outputs]
                if max(out) >= n or len(set(out)) < len(set(wanted)):
                    return True
                if rung == "stable" and out != [in_order[r] for r in wanted]:
                    return True
        if rung == "safe":
            break
    return False


def weak_order_rows(n):
    """Return all weak orders of n keys as the rows of an array; n = 8 takes a second.

    Each key in turn ties with a rank there is, or makes a new one below, between or above.
    """
    rows = np.ones((1, 1), np.int8)
    for _ in range(1, n):
        top = rows.max(axis=1)
        grown = []
        for rank in range(1, int(top.max()) + 2):
            tied, opened = rows[top >= rank], rows[top >= rank - 1]
            opened = opened + (opened >= rank)
            for chosen in (tied, opened):
                key = np.full((len(chosen), 1), rank)
                grown.append(np.hstack([chosen, key]).astype(np.int8))
        rows = np.vstack(grown)
    return rows


def failing_rows(kernel: Kernel, rows, seed=0):
    """Return the `rows` that `kernel` fails to sort, with scratch and flags drawn at random.

    The instructions of `execute`, on all rows at once.
    """
    random = np.random.default_rng(seed)
    names = [cell.name for cell in kernel.cells]
    cells = {name: random.integers(0, rows.max() + 2, len(rows)) for name in names}
    cells |= {names[c]: rows[:, i].astype(np.int64) for i, c in enumerate(kernel.contract.inputs)}
    flags = random.integers(-1, 2, len(rows))
    for mnemonic, d, s, *rest in program_of(kernel):
        other = rest[0] if rest else d
        if mnemonic in MOVES:
            cells[d] = cells[s]
        elif mnemonic == "cmp":
            flags = np.sign(cells[d] - cells[s])
        elif "min" in mnemonic:
            cells[d] = np.minimum(cells[s], cells[other])
        elif "max" in mnemonic:
            cells[d] = np.maximum(cells[s], cells[other])
        else:
            held = ["<=>".index(sign) - 1 for sign in ALL_HOLDS[mnemonic[4:]]]
            cells[d] = np.where(np.isin(flags, held), cells[s], cells[other])
    wanted = np.sort(rows, axis=1)[:, list(kernel.contract.goal.ranks(kernel.n))]
    got = np.column_stack([cells[names[c]] for c in kernel.contract.outputs])
    return rows[(got != wanted).any(axis=1)]


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
    isa: str = "x86-cmov",
    copy_undefined: bool = True,
    move_undefined: bool = False,
    keep_lost: bool = True,
    list_programs: bool = False,
    every_instruction: bool = False,
    in_memory: bool = False,
    kept: bool = False,
) -> Shortest:
    """Search breadth first for the shortest kernels that work on `orders`, pruning duplicates only.

    Cells 0 to n-1 hold the keys on entry, the `scratch` cells after them are undefined.  A state
    is a frozenset of assignments (contents of the cells, flags, tag), one or more of `orders`
    each.  With `tag="order"` the tag is the order itself, so that a state is a function of the
    input; with `tag="keys"` it is the keys in ascending order, so that inputs whose further fate is
    the same merge.  Length, count and programs do not depend on it; `new_states` does.

    Instructions: `mov d,s` and `cmovX d,s` for d ≠ s and X in `conditions`, `cmp a,b` for a before
    b; both orders of a and b where `conditions` is not closed under exchanging < and >.  With
    `isa="x86-minmax"` they are `movdqa`, `pminsd` and `pmaxsd` for d ≠ s; those of the toy sets
    have three operands, which may coincide (see `_of_three_operands`).  With `every_instruction`
    each is tried on every choice of cells, however useless.  With `in_memory` the first n cells
    are memory: an instruction has one operand there at most, a conditional move does not write it.

    No comparison, minimum or maximum of an undefined cell is tried, and no conditional move before
    the first comparison.  A conditional move to or from an undefined cell is tried only with
    `move_undefined`: d is then undefined where the value chosen is.  (Such a kernel may be right:
    an output defined on every input never met the undefined value.  This is the engine's model.)
    `mov d,s` from an undefined s is tried unless `copy_undefined` is false (it makes d undefined;
    no shortest kernel contains one).

    A state is a goal where the wanted `ranks` (all by default, from 0) of each assignment's keys
    stand, in one same choice of distinct cells for all assignments, in input cells ("in-place")
    or in any cells ("anywhere"); which cell holds which rank is free, and a kernel counts once
    whatever choices fit.  With `keep_lost` false, states in which some assignment holds a wanted
    key nowhere are dropped, and not counted in `new_states`: no goal can come after them.
    """
    wanted = range(n) if ranks is None else ranks
    goal_cells = range(n if outputs == "in-place" else n + scratch)
    instructions = _instructions(n + scratch, conditions, isa, every_instruction)
    if in_memory:
        instructions = [i for i in instructions if _fits_memory(i, n)]
    goal = goal_cells, wanted, kept
    numbered = _Numbered(copy_undefined, move_undefined, goal, keep_lost=keep_lost)
    first = numbered.numbers(start_state(orders, scratch, tag))
    seen, layer, new = {first}, {first: [()] if list_programs else 1}, [1]
    for length in range(limit + 1):
        goals = [ways for state, ways in layer.items() if numbered.is_goal(state)]
        if goals and list_programs:
            programs = tuple(program for ways in goals for program in ways)
            return Shortest(length, len(programs), tuple(new), programs)
        if goals:
            return Shortest(length, sum(goals), tuple(new), ())
        following: dict = {}
        for state, ways in layer.items():
            for instruction in instructions:
                after = numbered.apply(instruction, state)
                if after is None or after in seen:
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
    meanings = {"".join(sorted(ALL_HOLDS[c])) for c in conditions}
    return {"".join(sorted(m.translate(exchange))) for m in meanings} == meanings


def start_state(orders, scratch, tag="keys"):
    """Return the state on entry: one assignment an order, scratch and flags undefined."""
    return frozenset(
        ((*keys, *[None] * scratch), None, tuple(keys) if tag == "order" else tuple(sorted(keys)))
        for keys in orders
        if ANY_ANSWER not in keys
    ) | {
        ((*keys[:-1], *[None] * scratch), None, ANY_ANSWER) for keys in orders if ANY_ANSWER in keys
    }


def new_orbits(
    n: int,
    orders: Iterable[Sequence[int]],
    *,
    depth: int,
    scratch: int = 1,
    conditions: Sequence[str] = ("l", "g"),
    ranks: Sequence[int] | None = None,
    outputs: str = "in-place",
    isa: str = "x86-cmov",
    by_representatives: bool = False,
) -> list[int]:
    """Return how many orbits of states are first reached with 0, 1 … `depth` instructions.

    The search is that of `shortest` in the engine's model (tags are keys, conditional moves of
    undefined cells, no state that lost a wanted key), which never stops at a goal.  It expands
    every state, and sorts them into orbits by trying all symmetries only to count;
    `by_representatives` expands one state of each orbit, which is faster where there are many.
    """
    wanted = range(n) if ranks is None else ranks
    instructions = _instructions(n + scratch, conditions, isa)
    symmetries = list(_symmetries(n, scratch, conditions, wanted, outputs, isa))
    numbered, start = _Numbered(True, True, ((), wanted, False)), start_state(orders, scratch)
    seen = layer = {numbered.numbers(start)}
    known = {_representative(start, symmetries)}
    new = [1]
    for _ in range(depth):
        following = numbered.following(instructions, layer) - seen
        seen = seen | following
        found = {_representative(numbered.state(s), symmetries) for s in following} - known
        known |= found
        new.append(len(found))
        layer = {numbered.numbers(s) for s in found} if by_representatives else following
    return new


def symmetric_images(state, n, *, scratch=1, conditions=("l", "g"), ranks=None,
                     outputs="in-place", isa="x86-cmov"):  # fmt: skip
    """Return the images of `state` under every symmetry, with duplicates."""
    wanted = range(n) if ranks is None else ranks
    return [
        _image(state, *symmetry)
        for symmetry in _symmetries(n, scratch, conditions, wanted, outputs, isa)
    ]


def _symmetries(n, scratch, conditions, ranks, outputs, isa) -> Iterator:
    """Yield (where each cell goes, whether to turn the keys round, whether to exchange < and >)."""
    cells = range(n + scratch)
    exchanges = "minmax" not in isa and is_exchangeable(conditions)
    reverses = sorted(n - 1 - r for r in ranks) == sorted(ranks)
    reverses &= "minmax" in isa or exchanges
    for target in permutations(cells):
        if outputs == "in-place" and any(target[cell] >= n for cell in range(n)):
            continue
        for turn in (False, True)[: 1 + reverses]:
            for exchange in (False, True)[: 1 + exchanges]:
                yield target, turn, exchange


def _image(state, target, turn, exchange):
    """Return `state` with cell c moved to cell target[c], and keys or flags turned round."""
    images = set()
    for cells, flags, tag in state:
        moved = [None] * len(cells)
        for cell, key in enumerate(cells):
            moved[target[cell]] = max(tag) + 1 - key if turn and key is not None else key
        if exchange and flags is not None:
            flags = {"<": ">", ">": "<", "=": "="}[flags]
        images.add(
            (tuple(moved), flags, tuple(sorted(max(tag) + 1 - k for k in tag)) if turn else tag)
        )
    return frozenset(images)


def _representative(state, symmetries):
    """Return the least image of `state`, in some fixed order of states."""
    return min((_image(state, *symmetry) for symmetry in symmetries), key=_sort_key)


def _sort_key(state):
    return sorted(([c or 0 for c in cells], flags or "", tag) for cells, flags, tag in state)


def distance(state, wanted_ranks, *, cells, goal_cells, conditions, limit, isa="x86-cmov"):
    """Return the least number of instructions from `state` to a goal, None if above `limit`.

    Plain breadth-first search in the engine's model.
    """
    instructions = _instructions(cells, conditions, isa)
    numbered = _Numbered(False, True, (goal_cells, wanted_ranks, False))
    seen = layer = {numbered.numbers(state)}
    for depth in range(limit + 1):
        if any(map(numbered.is_goal, layer)):
            return depth
        layer = numbered.following(instructions, layer) - seen
        seen = seen | layer
    return None


def distances(states, n, *, scratch=1, conditions=("l", "g"), ranks=None, outputs="in-place",
              isa="x86-cmov", price=lambda mnemonic: 1, in_memory=False):  # fmt: skip
    """Return the least number of instructions to a goal from each state that `states` can become.

    A dict by state, in the engine's model; states from which no goal can be reached are left out.
    With a `price` of each mnemonic it is the least sum of prices.
    """
    wanted = range(n) if ranks is None else ranks
    goal_cells = range(n if outputs == "in-place" else n + scratch)
    instructions = _instructions(n + scratch, conditions, isa)
    if in_memory:
        instructions = [i for i in instructions if _fits_memory(i, n)]
    numbered = _Numbered(True, True, (goal_cells, wanted, False))
    pending = [numbered.numbers(state) for state in states]
    parents = {state: set() for state in pending}
    while pending:
        state = pending.pop()
        for instruction in instructions:
            after = numbered.apply(instruction, state)
            if after is None:
                continue
            if after not in parents:
                parents[after] = set()
                pending.append(after)
            parents[after].add((state, price(instruction[0])))
    found = {}
    layers = {0: [state for state in parents if numbered.is_goal(state)]}
    while layers:
        cost = min(layers)
        for state in layers.pop(cost):
            if state not in found:
                found[state] = cost
                for parent, more in parents[state]:
                    layers.setdefault(cost + more, []).append(parent)
    return {numbered.state(state): cost for state, cost in found.items()}


def _lacks(state, ranks, kept=False):
    """Whether some assignment of `state` holds a wanted key nowhere, or too few different keys."""
    if kept:
        return any(len(set(cells) - {None}) < len(ranks) for cells, _, _ in state)
    return any(sorted(tag)[rank] not in cells for cells, _, tag in state for rank in ranks)


def _instructions(cells, conditions, isa="x86-cmov", every=False):
    pairs = list(product(range(cells), repeat=2) if every else permutations(range(cells), 2))
    if isa == "x86-minmax":
        return [(m, d, s) for m in ("movdqa", "pminsd", "pmaxsd") for d, s in pairs]
    moved = [("mov", d, s) for d, s in pairs]
    if isa == "toy-minmax":
        return moved + [
            (m, d, a, b) for m in ("smin", "smax") for d in range(cells) for a, b in pairs
            if every or a < b
        ]  # fmt: skip
    both = every or not is_exchangeable(conditions)
    compared = [("cmp", a, b) for a, b in pairs if a < b or both]
    if isa == "toy-select":
        return moved + compared + _of_three_operands(cells, pairs, conditions, every)
    return moved + compared + [("cmov" + c, d, s) for c in conditions for d, s in pairs]


def _fits_memory(instruction, keys):
    """Whether an instruction has one operand in the first `keys` cells, and writes none by cmov."""
    mnemonic, *operands = instruction
    there = [cell for cell in operands if cell < keys]
    return len(there) < 2 and not (mnemonic.startswith("cmov") and operands[0] < keys)


def _of_three_operands(cells, pairs, conditions, every):
    """Return the conditional moves of three operands.

    `csel d,b,a` on the opposite condition is `csel d,a,b`: of the two conditions the first serves.
    """
    found, used = [], []
    for c in conditions:
        if every or set("<=>") - set(ALL_HOLDS[c]) not in used:
            found += [("csel" + c, d, a, b) for d in range(cells) for a, b in pairs]
            used.append(set(ALL_HOLDS[c]))
    return found


def apply(instruction, state, copy_undefined, move_undefined):
    """Return the state after `instruction`, or None where it may not be tried."""
    mnemonic, d, s, *rest = instruction
    other = rest[0] if rest else d
    after = set()
    for cells, flags, tag in state:
        undefined = cells[s] is None or cells[other] is None
        changed = list(cells)
        if mnemonic in MOVES:
            if cells[s] is None and not copy_undefined:
                return None
            changed[d] = cells[s]
        elif mnemonic.startswith(("cmov", "csel")):
            if flags is None or (undefined and not move_undefined):
                return None
            changed[d] = cells[s] if flags in ALL_HOLDS[mnemonic[4:]] else cells[other]
        elif undefined:
            return None
        elif mnemonic == "cmp":
            answers = "<=>" if tag == ANY_ANSWER else outcome(cells[d], cells[s])
            after |= {(cells, answer, tag) for answer in answers}
            continue
        else:
            changed[d] = (min if "min" in mnemonic else max)(cells[s], cells[other])
        after.add((tuple(changed), flags, tag))
    return frozenset(after)


class _Numbered:
    """`apply` on states whose assignments are numbers, each tried once: sets of tuples are slow.

    Unless `keep_lost`, an instruction that loses a wanted key gives None as well.
    """

    def __init__(self, copy_undefined, move_undefined, goal, *, keep_lost=False):
        self.options, self.keep_lost = (copy_undefined, move_undefined), keep_lost
        self.goal_cells, self.ranks, self.kept = goal
        self.number: dict = {}
        self.assignments: list = []
        self.known: defaultdict = defaultdict(dict)
        self.choices: dict = {}

    def numbers(self, state):
        for assignment in state:
            if assignment not in self.number:
                self.number[assignment] = len(self.assignments)
                self.assignments.append(assignment)
        return frozenset(self.number[assignment] for assignment in state)

    def state(self, numbers):
        return frozenset(self.assignments[number] for number in numbers)

    def apply(self, instruction, state):
        known, found = self.known[instruction], set()
        for number in state:
            if number not in known:
                known[number] = self._after(instruction, self.assignments[number])
            if known[number] is None:
                return None
            found |= known[number]
        return frozenset(found)

    def _after(self, instruction, assignment):
        after = apply(instruction, {assignment}, *self.options)
        if after is None or (not self.keep_lost and _lacks(after, self.ranks, self.kept)):
            return None
        return self.numbers(after)

    def following(self, instructions, layer):
        return {self.apply(i, state) for state in layer for i in instructions} - {None}

    def is_goal(self, state):
        """Whether one choice of cells serves all assignments."""
        return bool(frozenset.intersection(*map(self._served, state)))

    def _served(self, number):
        if number not in self.choices:
            cells, _, tag = self.assignments[number]
            self.choices[number] = frozenset(
                chosen
                for chosen in permutations(self.goal_cells, len(self.ranks))
                if _serves([cells[c] for c in chosen], tag, self.ranks, self.kept)
            )
        return self.choices[number]


def _serves(held, tag, ranks, kept):
    """Whether outputs that hold `held` are right."""
    if not kept:
        return held == [sorted(tag)[rank] for rank in ranks]
    if None in held or len(set(held)) < len(held):
        return False
    return tag == ANY_ANSWER or [e.rank for e in held] == [sorted(tag)[r].rank for r in ranks]
