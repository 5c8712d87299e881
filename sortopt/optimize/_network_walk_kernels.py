"""Compiled inner loops of the random walk over comparator networks.

`net` has one line a comparator: the channels of the lesser and the greater key, at most 64 lines.
`bits[c]` holds channel c on 0-1 inputs, 64 in a word; `keys[c]` its keys on a sample of inputs.
A *column* is what a channel holds between two comparators: column c is channel c on entry, n + 2k
and n + 2k + 1 are the minimum and the maximum that comparator k leaves.  `before[k]` is the set
of comparators, as bits, that must come before comparator k.
"""

from __future__ import annotations

import numpy as np

from sortopt.base import Line, Table, compiled

MOST_COMPARATORS = 64
IDLE = -2
"""What follows what is marked so for a comparator that never exchanges its keys."""

Net = Table[np.int64]
Bits = Table[np.uint64]
Keys = Table[np.uint8]
Idle = Line[np.bool_]
Numbers = Line[np.int64]
Sets = Line[np.uint64]

LENGTH = 4
"""The instructions of a comparator with its copy (`networks.VARIANTS`); one less without."""

_ONE = np.uint64(1)
_TRIES = 5


@compiled()
def sorts(bits: Bits, net: Net, idle: Idle) -> bool:
    """Return whether `net` sorts all 0-1 inputs in `bits`; mark redundant comparators in `idle`."""
    held = bits.copy()
    for k in range(net.shape[0]):
        low, high = net[k, 0], net[k, 1]
        exchanged = np.uint64(0)
        for w in range(held.shape[1]):
            x, y = held[low, w], held[high, w]
            exchanged |= x & ~y
            held[low, w], held[high, w] = x & y, x | y
        idle[k] = exchanged == 0
    for channel in range(held.shape[0] - 1):
        for w in range(held.shape[1]):
            if held[channel, w] & ~held[channel + 1, w]:
                return False
    return True


@compiled()
def run(keys: Keys, net: Net, idle: Idle, columns: Keys, takes: Net, before: Sets) -> int:
    """Fill the columns, the two that each comparator takes (-1: idle), and `before`.

    Returns the number of comparators that are not idle.
    """
    n, real = keys.shape[0], 0
    columns[:n] = keys
    at = np.arange(n)
    for k in range(net.shape[0]):
        a, b = at[net[k, 0]], at[net[k, 1]]
        before[k] = np.uint64(0)
        takes[k, 0] = takes[k, 1] = -1
        if idle[k]:
            continue
        real += 1
        takes[k, 0], takes[k, 1] = a, b
        low = n + 2 * k
        for r in range(columns.shape[1]):
            columns[low, r] = min(columns[a, r], columns[b, r])
            columns[low + 1, r] = max(columns[a, r], columns[b, r])
        for column in (a, b):
            if column >= n:
                maker = (column - n) // 2
                before[k] |= before[maker] | (_ONE << np.uint64(maker))
        at[net[k, 0]], at[net[k, 1]] = low, low + 1
    return real


@compiled()
def saves(x: Line[np.uint8], y: Line[np.uint8], z: Line[np.uint8]) -> bool:
    """Return whether stale z saves the comparator of x and y its copy.

    It does where z = x or z = y wherever x < y, or wherever x > y.
    """
    left = 15
    for r in range(x.shape[0]):
        if x[r] < y[r]:
            left &= (15 if z[r] == x[r] else 14) & (15 if z[r] == y[r] else 13)
        elif x[r] > y[r]:
            left &= (15 if z[r] == x[r] else 11) & (15 if z[r] == y[r] else 7)
        if left == 0:
            return False
    return True


@compiled()
def find_pairs(columns: Keys, takes: Net, n: int, pairs: Net) -> int:
    """List the pairs (j, i) such that a key that comparator j leaves stale saves i its copy.

    Only comparators that made a key of i come into question: a key that is live together with
    another is never equal to it (distinct keys), so z must have been taken before x was made, and
    j comes directly before i.
    """
    count = 0
    for i in range(takes.shape[0]):
        if takes[i, 0] < 0:
            continue
        x, y = columns[takes[i, 0]], columns[takes[i, 1]]
        for side in range(2):
            j = (takes[i, side] - n) // 2
            if j < 0:
                continue
            if saves(x, y, columns[takes[j, 0]]) or saves(x, y, columns[takes[j, 1]]):
                pairs[count, 0], pairs[count, 1] = j, i
                count += 1
    return count


@compiled()
def join(j: int, i: int, before: Sets, follows: Numbers, followed: Numbers) -> bool:
    """Have comparator i come directly after j, where that leaves some sequence possible.

    `follows[i]` is then j and `followed[j]` is i; `before` is kept closed: what comes before one
    of comparators joined to each other comes before them all, what comes after one after them all.
    """
    if follows[i] >= 0 or followed[j] >= 0 or (before[j] >> np.uint64(i)) & _ONE:
        return False
    head, last = j, i
    first = _ONE << np.uint64(j)
    while follows[head] >= 0:
        head = follows[head]
        first |= _ONE << np.uint64(head)
    second = _ONE << np.uint64(i)
    while followed[last] >= 0:
        last = followed[last]
        second |= _ONE << np.uint64(last)
    joined = first | second
    if first & second or before[head] & second:
        return False
    outside = (before[head] | before[last]) & ~joined
    for k in range(before.shape[0]):
        if (outside >> np.uint64(k)) & _ONE and before[k] & joined:
            return False
    follows[i], followed[j] = j, i
    here, reached = head, outside
    while here >= 0:
        before[here] = reached
        reached |= _ONE << np.uint64(here)
        here = followed[here]
    for k in range(before.shape[0]):
        if not (joined >> np.uint64(k)) & _ONE and before[k] & joined:
            before[k] |= reached
    return True


@compiled()
def join_some(pairs: Net, before: Sets, follows: Numbers) -> int:
    """Join pairs in a random sequence as far as they go; return how many."""
    followed = np.full(before.shape[0], -1)
    follows[:] = -1
    joined = 0
    for p in np.random.permutation(pairs.shape[0]):
        joined += join(pairs[p, 0], pairs[p, 1], before, follows, followed)
    return joined


@compiled()
def judge(
    keys: Keys, net: Net, idle: Idle, follows: Numbers, before: Sets, tries: int
) -> tuple[int, int]:
    """Return the length of a kernel from `net`, and that if every copy found free were saved.

    The first is the least of `tries` greedy choices of what follows what with one free cell;
    `follows` and `before` are left as in the best of them, `follows` -2 where a comparator is
    idle.
    """
    size = net.shape[0]
    columns = np.empty((keys.shape[0] + 2 * size, keys.shape[1]), keys.dtype)
    takes = np.empty((size, 2), np.int64)
    needed = np.empty(size, np.uint64)
    pairs = np.empty((2 * size, 2), np.int64)
    real = run(keys, net, idle, columns, takes, needed)
    count = find_pairs(columns, takes, keys.shape[0], pairs)
    most, trial = -1, np.empty(size, np.int64)
    for _ in range(tries):
        closed = needed.copy()
        joined = join_some(pairs[:count], closed, trial)
        if joined > most:
            most = joined
            follows[:] = trial
            before[:] = closed
    follows[idle] = IDLE
    saved = np.uint64(0)
    free = 0
    for p in range(count):
        mark = _ONE << np.uint64(pairs[p, 1])
        free += not saved & mark
        saved |= mark
    return LENGTH * real - most, LENGTH * real - free


@compiled()
def change(net: Net, channels: int) -> None:
    """Change `net` at random: replace, exchange, cross or move one to four comparators."""
    n_lines = net.shape[0]
    for turn in range(4):
        if turn and np.random.random() > 0.5:
            break
        kind = np.random.randint(5)
        k, other = np.random.randint(n_lines), np.random.randint(n_lines)
        a, b, c, d = net[k, 0], net[k, 1], net[other, 0], net[other, 1]
        if kind == 0:
            i, j = np.random.randint(channels), np.random.randint(channels - 1)
            j += j >= i
            net[k, 0], net[k, 1] = min(i, j), max(i, j)
        elif kind == 1:
            net[k, 0], net[k, 1], net[other, 0], net[other, 1] = c, d, a, b
        elif kind == 2:
            step = 1 if k < other else -1
            for line in range(k, other, step):
                net[line, 0], net[line, 1] = net[line + step, 0], net[line + step, 1]
            net[other, 0], net[other, 1] = a, b
        elif a not in (c, d) and b not in (c, d):
            if kind == 3:
                c, d = d, c
            net[k, 0], net[k, 1] = min(a, c), max(a, c)
            net[other, 0], net[other, 1] = min(b, d), max(b, d)


@compiled()
def walk(
    bits: Bits, keys: Keys, net: Net, best: Net, rule: Line[np.float64], changes: int, seed: int
) -> int:
    """Walk from `net`, in place, over networks that sort; return the changes that led to one.

    A network is worth the sum of the two lengths that `judge` gives, weighed by `rule[0]` and
    `rule[1]`; one worth d more is taken with probability exp(-d / rule[2]).  `best` gets the
    network that is least in the first length, then in the second.
    """
    np.random.seed(seed)
    follows = np.empty(net.shape[0], np.int64)
    before = np.empty(net.shape[0], np.uint64)
    idle = np.empty(net.shape[0], np.bool_)
    sorts(bits, net, idle)
    made, bound = judge(keys, net, idle, follows, before, _TRIES)
    now = rule[0] * made + rule[1] * bound
    least, taken = (made, bound), 0
    best[:] = net
    for _ in range(changes):
        trial = net.copy()
        change(trial, keys.shape[0])
        if not sorts(bits, trial, idle):
            continue
        made, bound = judge(keys, trial, idle, follows, before, _TRIES)
        worth = rule[0] * made + rule[1] * bound
        if worth > now and np.random.random() > np.exp((now - worth) / rule[2]):
            continue
        net[:] = trial
        now = worth
        taken += 1
        if (made, bound) < least:
            least = (made, bound)
            best[:] = net
    return taken
