"""Comparators in another sequence, and in forms that need no mov: a kernel from a network.

A comparator on cells x and y with a free cell z is mov z,x; cmp x,y and two conditional moves.
Six forms differ in where they leave minimum and maximum and in which cell goes stale; the mov is
free where z, stale, holds x already wherever the form leaves that to z (facts about columns,
exact by `columns`).  So a state is (comparators done, stale column, what the scratch cell holds),
its value the instructions saved; a beam over the sequences of comparators keeps the best of each
level, and is exact dynamic programming where `width` is never reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from sortopt.model import Action, Form, Kernel, Order, build
from sortopt.networks import Network, untangle
from sortopt.optimize.program import forms_for
from sortopt.verify import Column, Space

UNDEFINED = -1
SCRATCH_IS_STALE = -1
_LESS, _EQUAL, _GREATER = Order.LESS, Order.EQUAL, Order.GREATER


@dataclass(frozen=True, slots=True)
class Shape:
    """A form of a comparator: its conditional moves as (target, source, condition).

    `leaves` says what ends in x, y and z: "<" the minimum, ">" the maximum, "" nothing; `needs`
    where z must hold x already for the mov to be free (see `_FACTS`).
    """

    moves: tuple[tuple[str, str, Order], ...]
    leaves: tuple[str, str, str]
    needs: int


_X_IF_LESS, _X_IF_GREATER, _MIN, _MAX = 1, 2, 4, 8

SHAPES = (
    Shape((("z", "y", _GREATER | _EQUAL), ("y", "x", _GREATER)), ("", ">", "<"), _X_IF_LESS),
    Shape((("z", "y", _GREATER | _EQUAL), ("x", "y", _LESS)), (">", "", "<"), _X_IF_LESS),
    Shape((("z", "y", _LESS | _EQUAL), ("x", "y", _GREATER)), ("<", "", ">"), _X_IF_GREATER),
    Shape((("z", "y", _LESS | _EQUAL), ("y", "x", _LESS)), ("", "<", ">"), _X_IF_GREATER),
    Shape((("x", "y", _GREATER), ("y", "z", _GREATER)), ("<", ">", ""), _X_IF_GREATER),
    Shape((("x", "y", _LESS), ("y", "z", _LESS)), (">", "<", ""), _X_IF_LESS),
)
"""The forms with and, where `needs` holds, without mov."""

BARE = (
    Shape((("y", "x", _GREATER),), ("", ">", "<"), _MIN),
    Shape((("y", "x", _LESS),), ("", "<", ">"), _MAX),
)
"""The forms of one conditional move, where z is the minimum or the maximum already."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A comparator in one form: its number, whether x and y are exchanged, shape, mov or not."""

    comparator: int
    exchanged: bool
    shape: Shape
    mov: bool


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
        """facts[i][z]: what stale column z spares comparator i, as given and exchanged."""
        return tuple(self._facts(i) for i in range(len(self.takes)))

    def _facts(self, i: int) -> tuple[tuple[int, int], ...]:
        a, b = (self.columns[c] for c in self.takes[i])
        less, greater = self.space.near(b & ~a), self.space.near(a & ~b)
        found = []
        for z in self.columns:
            both = _MIN * (z == a & b) | _MAX * (z == a | b)
            first = _X_IF_LESS * (not (z ^ a) & less) | _X_IF_GREATER * (not (z ^ a) & greater)
            second = _X_IF_LESS * (not (z ^ b) & greater) | _X_IF_GREATER * (not (z ^ b) & less)
            found.append((both | first, both | second))
        return tuple(found)


def schedule(
    network: Comparators,
    *,
    width: int = 300,
    noise: float = 0.0,
    seed: int = 0,
    in_sequence: bool = False,
    expired: Callable[[], bool] = lambda: False,
) -> tuple[Taken, ...] | None:
    """Return the comparators in a sequence and in forms that take few instructions.

    With `noise` the beam prefers by chance what is up to that many instructions longer;
    `in_sequence` keeps the sequence of `network`.  None where time ran out.
    """
    random = Random(seed)
    level = {(0, UNDEFINED, SCRATCH_IS_STALE): _State(0, UNDEFINED, SCRATCH_IS_STALE, 0, None)}
    for _ in network.takes:
        reached: dict[tuple[int, int, int], _State] = {}
        for state in level.values():
            if expired():
                return None
            for key, size, i, exchanged, option in _successors(network, state, in_sequence):
                if key not in reached or size < reached[key].size:
                    taken = Taken(i, exchanged, option.shape, option.mov)
                    reached[key] = _State(*key, size, (taken, state))
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


@dataclass(frozen=True, slots=True)
class _Option:
    """A form with or without mov; where it puts minimum and maximum, which cell goes stale."""

    shape: Shape
    mov: bool
    size: int
    low_at: int
    high_at: int
    empty: int

    @classmethod
    def of(cls, shape: Shape, *, mov: bool) -> _Option:
        low, high, empty = (shape.leaves.index(word) for word in ("<", ">", ""))
        return cls(shape, mov, 1 + len(shape.moves) + mov, low, high, empty)


_WITH_MOV = tuple(_Option.of(shape, mov=True) for shape in SHAPES)
_WITHOUT_MOV = tuple(_Option.of(shape, mov=False) for shape in (*SHAPES, *BARE))
_Found = tuple[tuple[int, int, int], int, int, bool, _Option]


def _successors(network: Comparators, state: _State, in_sequence: bool) -> Iterator[_Found]:
    """Yield (done, stale, in scratch), size, comparator, exchanged or not, and option."""
    for i, before in enumerate(network.before):
        if state.done >> i & 1 or before & ~state.done:
            continue
        if in_sequence and i != state.done.bit_count():
            continue
        pair = network.takes[i]
        facts = network.facts[i][state.stale] if state.stale != UNDEFINED else (0, 0)
        for exchanged in (False, True):
            x, y = (pair[1], pair[0]) if exchanged else pair
            known = facts[exchanged]
            for option in _WITH_MOV:
                key = _after(network, state, i, option, x, y)
                yield key, state.size + option.size, i, exchanged, option
            for option in _WITHOUT_MOV if known else ():
                if known & option.shape.needs:
                    key = _after(network, state, i, option, x, y)
                    yield key, state.size + option.size, i, exchanged, option


def _after(
    network: Comparators, state: _State, i: int, option: _Option, x: int, y: int
) -> tuple[int, int, int]:
    """Return what is done, stale and in the scratch cell after comparator i on columns x and y."""
    empty, in_scratch = option.empty, state.in_scratch
    stale = y if empty == 1 else x if empty == 0 or option.mov else state.stale
    at = 2 if in_scratch == SCRATCH_IS_STALE else 0 if in_scratch == x else 1
    if at == 2 or in_scratch in (x, y):
        low, high = network.leaves[i]
        in_scratch = SCRATCH_IS_STALE
        if option.low_at == at:
            in_scratch = low
        elif option.high_at == at:
            in_scratch = high
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
        if taken.mov:
            program.append((_form(forms, Action.COPY), (free, cell["x"])))
        program.append((_form(forms, Action.COMPARE), (cell["x"], cell["y"])))
        for target, source, holds in taken.shape.moves:
            select = _form(forms, Action.SELECT, holds)
            program.append((select, (cell[target], cell[source])))
        low, high = network.leaves[taken.comparator]
        for name, word in zip("xyz", taken.shape.leaves, strict=True):
            if word:
                where[low if word == "<" else high] = cell[name]
            else:
                free = cell[name]
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
