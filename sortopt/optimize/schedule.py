"""Comparators in another sequence, and in forms that need no copy: a kernel from a network.

A comparator on cells x and y with a free cell z is written in one of `networks.VARIANTS`.  They
differ in where they leave minimum and maximum, in which cell goes stale, and in what they take
stale z to hold (facts about columns, exact by `columns`).  So a state is (comparators done, stale
column, what the scratch cell holds), its value the instructions saved; a beam over the sequences
of comparators keeps the best of each level, and is exact dynamic programming where `width` is
never reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from random import Random

from sortopt.base import UNLIMITED, Budget
from sortopt.model import Action, Form, Kernel, Order, build
from sortopt.networks import VARIANTS, Fact, Network, Variant, untangle
from sortopt.optimize.program import forms_for
from sortopt.verify import Column, Space

UNDEFINED = -1
SCRATCH_IS_STALE = -1


@dataclass(frozen=True, slots=True)
class Taken:
    """A comparator in one variant: its number, and whether x and y are exchanged."""

    comparator: int
    exchanged: bool
    variant: Variant


@dataclass(frozen=True, slots=True)
class _State:
    done: int
    stale: int
    in_scratch: int
    size: int
    path: tuple[Taken, _State] | None


@dataclass(frozen=True)
class Comparators:
    """A network as columns: comparator i takes columns `takes[i]`, leaves (minimum, maximum)."""

    space: Space
    columns: tuple[Column, ...]
    takes: tuple[tuple[int, int], ...]
    leaves: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, space: Space, pairs: Sequence[tuple[Column, Column]]) -> Comparators:
        """Number the columns of a network given as pairs of compared columns."""
        number = {key: i for i, key in enumerate(space.keys)}
        takes, leaves = [], []
        for x, y in pairs:
            takes.append((number[x], number[y]))
            low, high = (number.setdefault(c, len(number)) for c in (x & y, x | y))
            leaves.append((low, high))
        return cls(space, tuple(number), tuple(takes), tuple(leaves))

    @cached_property
    def before(self) -> tuple[int, ...]:
        """For each comparator the bit set of those that must come first."""
        made = {c: i for i, left in enumerate(self.leaves) for c in left}
        return tuple(sum(1 << made[c] for c in set(taken) if c in made) for taken in self.takes)

    @cached_property
    def facts(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """facts[i][z]: what is known of stale column z before comparator i, and exchanged."""
        return tuple(self._facts(i) for i in range(len(self.takes)))

    def _facts(self, i: int) -> tuple[tuple[int, int], ...]:
        a, b = (self.columns[c] for c in self.takes[i])
        less, greater = self.space.near(b & ~a), self.space.near(a & ~b)
        found = []
        for z in self.columns:
            both = Fact.LESSER * (z == a & b) | Fact.GREATER * (z == a | b)
            less_as_a, greater_as_a = not (z ^ a) & less, not (z ^ a) & greater
            less_as_b, greater_as_b = not (z ^ b) & less, not (z ^ b) & greater
            first = Fact.X_IF_LESS * less_as_a | Fact.X_IF_GREATER * greater_as_a
            second = Fact.X_IF_LESS * greater_as_b | Fact.X_IF_GREATER * less_as_b
            found.append((int(both | first), int(both | second)))
        return tuple(found)


def schedule(
    network: Comparators,
    budget: Budget = UNLIMITED,
    *,
    width: int = 300,
    noise: float = 0.0,
    seed: int = 0,
    in_sequence: bool = False,
) -> tuple[Taken, ...]:
    """Return the comparators in a sequence and in variants that take few instructions.

    With `noise` the beam prefers by chance what is up to that many instructions longer;
    `in_sequence` keeps the sequence of `network`.  Raises LimitReached where the budget is spent.
    """
    random = Random(seed)
    level = {(0, UNDEFINED, SCRATCH_IS_STALE): _State(0, UNDEFINED, SCRATCH_IS_STALE, 0, None)}
    for _ in network.takes:
        reached: dict[tuple[int, int, int], _State] = {}
        for state in level.values():
            budget.check()
            for key, i, exchanged, variant in _successors(network, state, in_sequence):
                size = state.size + len(variant)
                if key not in reached or size < reached[key].size:
                    reached[key] = _State(*key, size, (Taken(i, exchanged, variant), state))
        if len(reached) > width:
            weighed = sorted(reached, key=lambda key: reached[key].size + noise * random.random())
            reached = {key: reached[key] for key in weighed[:width]}
        level = reached
    best = min(level.values(), key=lambda s: s.size + (s.in_scratch != SCRATCH_IS_STALE))
    path = []
    link = best.path
    while link is not None:
        path.append(link[0])
        link = link[1].path
    return tuple(reversed(path))


@cache
def _right(known: int) -> tuple[Variant, ...]:
    """Return the variants that known facts make right."""
    return tuple(variant for variant in VARIANTS if not variant.needs & ~known)


_Key = tuple[int, int, int]
"""What is done, the stale column, and what the scratch cell holds."""


def _successors(
    network: Comparators, state: _State, in_sequence: bool
) -> Iterator[tuple[_Key, int, bool, Variant]]:
    """Yield the state reached, the comparator, whether x and y are exchanged, and the variant."""
    for i, before in enumerate(network.before):
        if state.done >> i & 1 or before & ~state.done:
            continue
        if in_sequence and i != state.done.bit_count():
            continue
        x, y = network.takes[i]
        facts = network.facts[i][state.stale] if state.stale != UNDEFINED else (0, 0)
        for variant in _right(facts[0]):
            yield _after(network, state, i, x, y, variant), i, False, variant
        for variant in _right(facts[1]):
            yield _after(network, state, i, y, x, variant), i, True, variant


def _after(
    network: Comparators, state: _State, i: int, x: Column, y: Column, variant: Variant
) -> _Key:
    """Return the state after comparator i on columns x and y."""
    form, in_scratch = variant.form, state.in_scratch
    stale = x if form.free == "x" else y if form.free == "y" else state.stale
    if form.free == "z" and variant.copies:
        stale = x
    if in_scratch in (SCRATCH_IS_STALE, x, y):
        here = "z" if in_scratch == SCRATCH_IS_STALE else "x" if in_scratch == x else "y"
        low, high = network.leaves[i]
        in_scratch = (
            low if here == form.lesser else high if here == form.greater else SCRATCH_IS_STALE
        )
    return state.done | 1 << i, stale, in_scratch


def emit(kernel: Kernel, network: Comparators, path: Sequence[Taken]) -> Kernel | None:
    """Return the kernel that `path` spells, with the cells and the contract of `kernel`.

    The outputs end where the contract wants them: input cells are renamed, which is right where
    every order of the keys may come in.  None where the contract is not in place.
    """
    contract, forms = kernel.contract, forms_for(kernel)
    if set(contract.outputs) != set(contract.inputs) or not kernel.scratch:
        return None
    names = [cell.name for cell in kernel.cells]
    scratch = kernel.scratch[0]
    where, free = dict(enumerate(contract.inputs)), scratch
    program: list[tuple[Form, tuple[int, int]]] = []
    for taken in path:
        pair = network.takes[taken.comparator]
        x, y = (pair[1], pair[0]) if taken.exchanged else pair
        cell = {"x": where.pop(x), "y": where.pop(y), "z": free}
        if taken.variant.copies:
            program.append((_form(forms, Action.COPY), (free, cell["x"])))
        program.append((_form(forms, Action.COMPARE), (cell["x"], cell["y"])))
        for pick in taken.variant.picks:
            select = _form(forms, Action.SELECT, pick.when)
            program.append((select, (cell[pick.target], cell[pick.then])))
        form, (low, high) = taken.variant.form, network.leaves[taken.comparator]
        where[low], where[high], free = (
            cell[form.lesser], cell[form.greater], cell[form.free]
        )  # fmt: skip
    if free != scratch:
        held = next(column for column, cell in where.items() if cell == scratch)
        program.append((_form(forms, Action.COPY), (free, scratch)))
        where[held] = free
    wanted = [network.columns.index(column) for column in network.space.sorted]
    to = {where[column]: cell for column, cell in zip(wanted, contract.outputs, strict=True)}
    to[scratch] = scratch
    return build(
        kernel.isa,
        [(form, tuple(names[to[cell]] for cell in cells)) for form, cells in program],
        inputs=[names[cell] for cell in contract.inputs],
        outputs=[names[cell] for cell in contract.outputs],
        assume=contract.assume,
        goal=contract.goal,
        place_of={cell.name: cell.place for cell in kernel.cells},
    )


def _form(forms: Sequence[Form], action: Action, holds: Order | None = None) -> Form:
    return next(
        form
        for form in forms
        if form.action is action
        and (holds is None or (form.condition is not None and form.condition.holds == holds))
    )


def as_network(space: Space, pairs: Sequence[tuple[Column, Column]]) -> Network:
    """Return the network that compares these columns in turn."""
    at = {key: channel for channel, key in enumerate(space.keys)}
    found = []
    for x, y in pairs:
        i, j = at.pop(x), at.pop(y)
        at |= {x & y: i, x | y: j}
        found.append((i, j))
    return untangle(space.n, found)


def from_network(space: Space, network: Network) -> Comparators:
    """Return a network as columns; comparators that never exchange are left out."""
    held = list(space.keys)
    pairs = []
    for i, j in network.comparators:
        x, y = held[i], held[j]
        if x & ~y:
            pairs.append((x, y))
        held[i], held[j] = x & y, x | y
    return Comparators.of(space, pairs)
