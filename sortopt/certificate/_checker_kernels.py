"""Compiled loops of the certificate checker (njit only; see `certificate`).

Nothing here is shared with the search but `canonical`, which only suggests a symmetry: the checker
applies it by its own table of actions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sortopt.base import compiled
from sortopt.search.space import canonical

DEAD = 65535
UNBOUNDED = 65535
"""The relaxed number of an assignment with ties, which the table does not bound."""
_HOT = 16


@compiled()
def cost_of(a: int, b: int, c: int, model: Any) -> int:
    """Return the claimed cost of three relaxed assignments; two or all may be equal."""
    element = model.to_rep[a]
    return model.cost[model.orbit[a], model.action[element, b], model.action[element, c]]


@compiled()
def bad_entry(o: int, model: Any) -> int:
    """Return b * size + c of the first inconsistent entry (o, b, c) of the table, or -1.

    An entry is consistent when it is 0 at goals, and at most one more than the entry for what any
    instruction makes of its three assignments.
    """
    size = model.cost.shape[1]
    a = model.reps[o]
    for b in range(size):
        for c in range(size):
            claimed = model.cost[o, b, c]
            if claimed == 0:
                continue
            if three_done(a, b, c, model):
                return b * size + c
            for q in range(model.relaxed_step.shape[1]):
                x, y = model.relaxed_step[a, q], model.relaxed_step[b, q]
                z = model.relaxed_step[c, q]
                if x == DEAD or y == DEAD or z == DEAD:
                    continue
                if claimed > 1 + cost_of(x, y, z, model):
                    return b * size + c
    return -1


@compiled()
def three_done(a: int, b: int, c: int, model: Any) -> bool:
    """Return whether three relaxed assignments together are a goal."""
    masks = np.empty(model.relaxed_goal.shape[1], np.uint8)
    for j in range(masks.size):
        masks[j] = model.relaxed_goal[a, j] & model.relaxed_goal[b, j] & model.relaxed_goal[c, j]
    return assignable(masks)


@compiled()
def assignable(masks: Any) -> bool:
    """Return whether the outputs can be given distinct cells, output j one of the set masks[j].

    Hall's theorem: they can iff any k of the sets have together at least k cells.
    """
    for j in range(masks.size):
        if masks[j] == 0:
            return False
    for chosen in range(1, 1 << masks.size):
        together, wanted, held = 0, 0, 0
        for j in range(masks.size):
            if chosen >> j & 1:
                together |= masks[j]
                wanted += 1
        for cell in range(8):
            held += together >> cell & 1
        if held < wanted:
            return False
    return True


@compiled()
def done(row: Any, size: int, model: Any) -> bool:
    """Return whether the state row[:size] is a goal."""
    masks = np.full(model.goal.shape[1], 255, np.uint8)
    for i in range(size):
        for j in range(masks.size):
            masks[j] &= model.goal[row[i], j]
    return assignable(masks)


@compiled()
def relax(row: Any, size: int, model: Any, out: Any) -> int:
    """Write the relaxed assignments of a state to `out`; return their number."""
    found = 0
    for i in range(size):
        if model.relaxed[row[i]] != UNBOUNDED:
            out[found] = model.relaxed[row[i]]
            found += 1
    return found


@compiled()
def over(ids: Any, size: int, budget: int, model: Any) -> bool:
    """Return whether some one, two or three of ids[:size] cost more than `budget`."""
    for i in range(size):
        element = model.to_rep[ids[i]]
        table = model.cost[model.orbit[ids[i]]]
        for j in range(i, size):
            line = table[model.action[element, ids[j]]]
            for k in range(j, size):
                if line[model.action[element, ids[k]]] > budget:
                    return True
    return False


@compiled()
def hottest(ids: Any, size: int, model: Any, out: Any) -> int:
    """Write some of the costliest triples of ids[:size] to `out`; return their number."""
    top = 0
    found = 0
    for i in range(size):
        element = model.to_rep[ids[i]]
        table = model.cost[model.orbit[ids[i]]]
        for j in range(i, size):
            line = table[model.action[element, ids[j]]]
            for k in range(j, size):
                cost = line[model.action[element, ids[k]]]
                if cost > top:
                    top, found = cost, 0
                if cost == top and found < _HOT:
                    out[found, 0], out[found, 1], out[found, 2] = ids[i], ids[j], ids[k]
                    found += 1
    return found


@compiled()
def refused(hot: Any, found: int, q: int, budget: int, model: Any) -> bool:
    """Return whether instruction q takes one of the triples hot[:found] over the budget."""
    for t in range(found):
        x, y = model.relaxed_step[hot[t, 0], q], model.relaxed_step[hot[t, 1], q]
        z = model.relaxed_step[hot[t, 2], q]
        if x == DEAD or y == DEAD or z == DEAD or cost_of(x, y, z, model) > budget:
            return True
    return False


@compiled()
def after(row: Any, size: int, q: int, model: Any, out: Any) -> int:
    """Write the state after instruction q to `out`, sorted; return its size, 0 where it is dead."""
    found = 0
    for i in range(size):
        x = model.step[row[i], q]
        if x == DEAD:
            return 0
        j = found - 1
        while j >= 0 and out[j] > x:
            j -= 1
        if j >= 0 and out[j] == x:
            continue
        for k in range(found, j + 1, -1):
            out[k] = out[k - 1]
        out[j + 1] = x
        found += 1
    return found


@compiled()
def hopeless(row: Any, size: int, left: int, model: Any, skip: Any) -> bool:
    """Return whether no instruction leaves the state within the limit; it is no goal itself.

    `left` is how many instructions the limit still allows.  With a `skip` array the instructions
    that do not refute at once are marked in it with 0 and all are looked at.
    """
    if done(row, size, model):
        return False
    if left == 0:
        return True
    width = model.width
    ids, child = np.empty(width, np.uint16), np.empty(width, np.uint16)
    hot = np.empty((_HOT, 3), np.uint16)
    found = hottest(ids, relax(row, size, model, ids), model, hot)
    result = True
    for q in range(model.step.shape[1]):
        if skip.size > 0:
            skip[q] = 1
        if refused(hot, found, q, left - 1, model):
            continue
        kept = after(row, size, q, model, child)
        if kept == 0:
            continue
        if kept == size and np.all(child[:kept] == row[:size]):
            continue
        if over(ids, relax(child, kept, model, ids), left - 1, model):
            continue
        if skip.size == 0:
            return False
        skip[q] = 0
        result = False
    return result


@compiled()
def keepers(lo: int, hi: int, limit: int, model: Any, states: Any, out: Any) -> None:
    """Set out[s] for the states of lo..hi that are not refuted at once: those a list needs."""
    nothing = np.empty(0, np.uint8)
    for s in range(lo, hi):
        row = states.pool[states.offset[s] : states.offset[s + 1]]
        out[s] = not hopeless(row, row.size, limit - states.depth[s], model, nothing)


@compiled()
def normalize_rows(pool: Any, offset: Any, suggestion: Any) -> None:
    """Sort every row in place, and put it into the form that `first_gap` looks up."""
    for s in range(offset.size - 1):
        begin, end = offset[s], offset[s + 1]
        sort_row(pool, begin, end)
        row = pool[begin:end].copy()
        canonical(row, end - begin, suggestion, pool[begin:end])


@compiled()
def sort_row(pool: Any, begin: int, end: int) -> None:
    """Sort pool[begin:end] in place, by insertion."""
    for i in range(begin + 1, end):
        value = pool[i]
        j = i - 1
        while j >= begin and pool[j] > value:
            pool[j + 1] = pool[j]
            j -= 1
        pool[j + 1] = value


@compiled()
def index_rows(pool: Any, offset: Any, table: Any) -> bool:
    """Enter all rows into the empty hash table; return False where a row is listed twice."""
    mask = table.size - 1
    for s in range(offset.size - 1):
        place = place_of(pool, offset[s], offset[s + 1], mask)
        while table[place] >= 0:
            if same_row(pool, offset, table[place], pool[offset[s] : offset[s + 1]]):
                return False
            place = (place + 1) & mask
        table[place] = s
    return True


@compiled()
def place_of(pool: Any, begin: int, end: int, mask: int) -> int:
    """Return where to look for the row pool[begin:end] in a table of mask + 1 places."""
    h = 1469598103934665603 & 0x7FFFFFFFFFFF
    for i in range(begin, end):
        h = ((h ^ pool[i]) * 1099511) & 0x7FFFFFFFFFFF
    return (h >> 16) & mask


@compiled()
def same_row(pool: Any, offset: Any, s: int, row: Any) -> bool:
    """Return whether row s of the list equals `row`."""
    if offset[s + 1] - offset[s] != row.size:
        return False
    return bool(np.all(pool[offset[s] : offset[s + 1]] == row))


@compiled()
def listed(row: Any, states: Any, depth: int) -> bool:
    """Return whether `row` is listed at `depth` or before."""
    mask = states.table.size - 1
    place = place_of(row, 0, row.size, mask)
    while states.table[place] >= 0:
        s = states.table[place]
        if same_row(states.pool, states.offset, s, row):
            return states.depth[s] <= depth
        place = (place + 1) & mask
    return False


@compiled()
def first_gap(lo: int, hi: int, limit: int, model: Any, states: Any) -> int:
    """Return the first listed state of lo..hi with a child that is not accounted for, or -1.

    A child is accounted for when it is dead, unchanged, over the limit by the table, refuted at
    once (all its own children are), or when some symmetry maps it to a state listed no deeper.
    """
    width = model.width
    skip = np.empty(model.step.shape[1], np.uint8)
    nothing = np.empty(0, np.uint8)
    child, image = np.empty(width, np.uint16), np.empty(width, np.uint16)
    for s in range(lo, hi):
        row = states.pool[states.offset[s] : states.offset[s + 1]]
        left = limit - states.depth[s]
        if left < 0 or done(row, row.size, model):
            return s
        if hopeless(row, row.size, left, model, skip):
            continue
        for q in range(model.step.shape[1]):
            if skip[q]:
                continue
            kept = after(row, row.size, q, model, child)
            if hopeless(child, kept, left - 1, model, nothing):
                continue
            element = canonical(child[:kept], kept, model.suggestion, image)
            for i in range(kept):
                image[i] = model.full_action[element, child[i]]
            sort_row(image, 0, kept)
            if not listed(image[:kept], states, states.depth[s] + 1):
                return s
    return -1
