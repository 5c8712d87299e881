"""Compiled look-ups: whether a state's bound exceeds the instructions left (see `patterns`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sortopt.base import Block, Line, Table, compiled
from sortopt.search.bounds._pattern_kernels import Elements, Orbits
from sortopt.search.space import DEAD, Answers, Ids, Numbers, add_answers, sort_unique

WITNESSES = 48
"""How many triples that refuted a state's children are remembered."""

Over = np.ndarray[tuple[int, int, int, int], np.dtype[np.uint64]]
Words = Line[np.uint64]


class Limits(NamedTuple):
    """What the look-ups need: the bound of every state against the instructions left after it.

    `project[id]` is the relaxed assignment of one of the universe searched, DEAD where it is
    ignored.  `orbit`, `to_rep` and `image` are those of `BoundTables`.  `over[c, o, b]` is the set,
    as bits, of the third assignments with which (representative of orbit o, b) costs more than the
    instructions left once `c` comparisons are set aside; of the second ones, b being 0, where only
    pairs are bounded.  `some[c, o, b]` says whether that set has any: most have none.  `kind` and
    `group` are those of `comparisons.Groups`.
    """

    project: Ids
    orbit: Orbits
    to_rep: Elements
    image: Table[np.uint16]
    over: Over
    some: Block[np.bool_]
    kind: Elements
    group: Elements


class Work(NamedTuple):
    """Workspace for the children of one state after another; see `workspace`.

    `child` is the child just made, and `relaxed` the relaxed assignments in the sequence of its
    parent's row.  `triples[:counts[0]]` are the places in the parent's row of triples that refuted
    its other children, the latest first.
    """

    child: Ids
    relaxed: Ids
    moved: Ids
    present: Words
    seen: Numbers
    many: Numbers
    triples: Table[np.int64]
    counts: Numbers


def workspace(width: int, limits: Limits) -> Work:
    """Return the workspace for states of at most `width` assignments."""
    return Work(
        np.empty(width, np.uint16),
        np.empty(width, np.uint16),
        np.empty(width, np.uint16),
        np.zeros(limits.over.shape[3], np.uint64),
        np.zeros(limits.kind.size, np.int64),
        np.zeros(limits.kind.size, np.int64),
        np.empty((WITNESSES, 3), np.int64),
        np.zeros(2, np.int64),
    )


@compiled()
def comparisons(relaxed: Ids, size: int, limits: Limits, work: Work) -> int:
    """Return how many comparisons `relaxed[:size]` needs at least (see `comparisons`).

    DEAD is ignored, and so is what occurs again.
    """
    work.counts[1] += 1 << 16  # above all that was counted before, so nothing need be cleared
    none = work.counts[1]
    most = none + 1
    for i in range(size):
        a = relaxed[i]
        if a != DEAD and work.seen[limits.kind[a]] != none:
            work.seen[limits.kind[a]] = none
            group = limits.group[a]
            work.many[group] = max(none, work.many[group]) + 1
            most = max(most, work.many[group])
    most -= none
    needed = 0
    while 1 << needed < most:
        needed += 1
    return needed


@compiled()
def _exceeds(a: int, b: int, c: int, aside: int, limits: Limits) -> bool:
    """Return whether the triple alone exceeds the limit, `aside` comparisons set aside."""
    element = limits.to_rep[a]
    three = limits.over.shape[2] > 1
    second = limits.image[element, b] if three else 0
    third = np.int64(limits.image[element, c])
    word = limits.over[aside, limits.orbit[a], second, third >> 6]
    return (word >> np.uint64(third & 63)) & np.uint64(1) != 0


@compiled()
def _find_exceeding(size: int, aside: int, limits: Limits, work: Work) -> bool:
    """Return whether some triple of work.relaxed[:size] exceeds the limit; add it to the triples.

    For each first assignment all others are moved with it and become a set of bits, so a triple
    exceeds the limit iff that set meets one of `limits.over`: that of its second assignment or of
    its third, so each is looked up from the word of its own bit on.
    """
    three = limits.over.shape[2] > 1
    for i in range(size):
        a = work.relaxed[i]
        if a == DEAD:
            continue
        o, element, some = limits.orbit[a], limits.to_rep[a], not three
        for j in range(i, size):
            if work.relaxed[j] != DEAD:
                work.moved[j] = limits.image[element, work.relaxed[j]]
                some = some or limits.some[aside, o, work.moved[j]]
        if not some:
            continue
        for j in range(i, size):
            if work.relaxed[j] != DEAD:
                moved = work.moved[j]
                work.present[moved >> 6] |= np.uint64(1) << np.uint64(moved & 63)
        second = -1
        for j in range(i, size if three else i + 1):
            if work.relaxed[j] == DEAD:
                continue
            b = np.int64(work.moved[j]) if three else 0
            if not limits.some[aside, o, b]:
                continue
            begin = b >> 6  # what is before it was met with the other one second
            line, present = limits.over[aside, o, b, begin:], work.present[begin:]
            met = np.uint64(0)
            for w in range(present.size):
                met |= line[w] & present[w]
            if met != 0:
                second = j
                break
        third = -1
        for j in range(i, size):
            if work.relaxed[j] != DEAD:
                work.present[work.moved[j] >> 6] = 0
                if second >= 0 and _exceeds(
                    a, work.relaxed[second], work.relaxed[j], aside, limits
                ):
                    third = j
        if second >= 0:
            count = min(work.counts[0], WITNESSES - 1)
            work.counts[0] = count + 1
            work.triples[count, 0] = i
            work.triples[count, 1] = second
            work.triples[count, 2] = third
            _to_front(count, work)
            return True
    return False


@compiled()
def _to_front(place: int, work: Work) -> None:
    """Move a remembered triple to the front."""
    for c in range(3):
        kept = work.triples[place, c]
        for t in range(place, 0, -1):
            work.triples[t, c] = work.triples[t - 1, c]
        work.triples[0, c] = kept


@compiled()
def _is_within(size: int, limits: Limits, work: Work) -> bool:
    """Return whether the bound of work.relaxed[:size] is within the limit.

    Sound because the rest of a kernel has at least the comparisons set aside, and at least as many
    other instructions as any triple needs.
    """
    aside = comparisons(work.relaxed, size, limits, work)
    if aside >= limits.over.shape[0]:
        return False
    for t in range(work.counts[0]):
        a = work.relaxed[work.triples[t, 0]]
        b = work.relaxed[work.triples[t, 1]]
        c = work.relaxed[work.triples[t, 2]]
        if _exceeds(a, b, c, aside, limits):
            _to_front(t, work)
            return False
    return not _find_exceeding(size, aside, limits, work)


@compiled()
def states_within(states: Table[np.uint16], limits: Limits, work: Work) -> Line[np.bool_]:
    """Return which states, one a row, may be within the limit: an assignment an input."""
    within = np.empty(len(states), np.bool_)
    work.counts[0] = 0
    for s in range(len(states)):
        for i in range(states.shape[1]):
            work.relaxed[i] = limits.project[states[s, i]]
        within[s] = _is_within(states.shape[1], limits, work)
    return within


@compiled()
def child_within(
    row: Ids, q: int, step: Table[np.uint16], answers: Answers, limits: Limits, work: Work
) -> int:
    """Make the state after instruction q, in work.child, and return its size.

    0 where it is dead, where nothing changes, or where its bound exceeds the limit.  Call with
    work.counts[0] = 0 on a state's first instruction.
    """
    size = row.size
    changed = False
    for i in range(size):
        after = step[row[i], q]
        if after == DEAD:
            return 0
        changed = changed or after != row[i]
        work.child[i] = after
        work.relaxed[i] = limits.project[after]
    # Where no table changes anything, free answers do not either: after one all three are there.
    if not changed or not _is_within(size, limits, work):
        return 0
    return sort_unique(work.child, add_answers(row, size, q, answers, work.child))
