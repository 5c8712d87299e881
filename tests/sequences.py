"""What sequences of moves reach, in plain Python: the oracle of bounds by universal sequences."""

from functools import cache
from itertools import permutations


def extended(reach, move):
    """Return a reach and what one more move adds: tuples by cell of keys, -1 where free."""
    goal, source = move
    more = set(reach)
    for arrangement in reach:
        if arrangement[goal] == -1:
            moved = list(arrangement)
            moved[goal], moved[source] = moved[source], -1
            more.add(tuple(moved))
    return frozenset(more)


def start(n):
    return frozenset({(*range(n), -1)})


def all_moves(n):
    return list(permutations(range(n + 1), 2))


def is_universal(reach, n):
    """Return whether in some cells, the same for all, the keys stand in every order."""
    return any(
        {tuple(a[c] for c in cells) for a in reach} >= set(permutations(range(n)))
        for cells in permutations(range(n + 1), n)
    )


def least_image(reach, n):
    """Return the least image of a reach under renamings of cells."""
    renamings = permutations(range(n + 1))
    return frozenset(min(sorted(tuple(a[c] for c in cells) for a in reach) for cells in renamings))


def is_contained(reach, sets, n):
    """Whether one of `sets` of arrangements contains an image of a reach.

    An arrangement of a set says in which cell each key is, and last, which cell is free.
    """
    places = {tuple(a.index(item) for item in (*range(n), -1)) for a in reach}
    return any(
        {tuple(cells[a[k]] for k in (*keys, n)) for a in places} <= one
        for cells in permutations(range(n + 1))
        for keys in permutations(range(n))
        for one in sets
    )


@cache
def least_universal(n):
    """Return the least number of moves that are universal, trying every sequence.

    Of sequences that differ in the names of cells it tries one, and none whose reach lies in
    another's.
    """
    reaches, length = {start(n)}, 0
    while not any(is_universal(reach, n) for reach in reaches):
        longer = {extended(reach, move) for reach in reaches for move in all_moves(n)}
        longer = {least_image(reach, n) for reach in longer}
        reaches = {reach for reach in longer if not any(reach < other for other in longer)}
        length += 1
    return length
