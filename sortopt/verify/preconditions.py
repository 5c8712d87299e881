"""Under which precondition a kernel is right: found by machine, then proved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from heapq import heappop, heappush
from itertools import combinations
from operator import or_

from sortopt.base import UNLIMITED, Budget, Disagreement
from sortopt.model import ALWAYS, Comparison, Kernel, Order, Precondition, Proved, Rung, WeakOrder
from sortopt.verify import elements
from sortopt.verify.judge import verify
from sortopt.verify.orders_check import refute, suspects


def failing_orders(kernel: Kernel, budget: Budget = UNLIMITED) -> tuple[WeakOrder, ...]:
    """Return every weak order on which `kernel` fails, its own `assume` set aside, least first.

    An order counts where some content of scratch and flags makes the kernel fail, or lack the rung
    of its contract: of `safe`, which no order of the keys decides, all do.  Raises LimitReached.
    """
    free, keep = kernel.assuming(ALWAYS), kernel.contract.keep
    found = tuple(keys for keys in suspects(free, budget) if refute(free, keys, budget) is not None)
    if keep is Rung.VALUES:
        return found
    wrong = set(found)
    return tuple(
        keys
        for keys in free.contract.precondition.orders(kernel.n)
        if keys in wrong or elements.refute(free, keep, keys, budget) is not None
    )


def weakest_preconditions(kernel: Kernel, budget: Budget = UNLIMITED) -> tuple[Precondition, ...]:
    """Return the weakest preconditions that compare keys under which `kernel` is right, proved.

    Weakest, and in which sequence: see `weakest_conjunctions`; only the always true one where the
    kernel needs none, none at all where no comparisons of keys save it.  The kernel's own `assume`
    plays no part.  Raises LimitReached, and Disagreement where a proof does not confirm what the
    failing weak orders say.
    """
    admitted = kernel.assuming(ALWAYS).contract.precondition.orders(kernel.n)
    found = weakest_conjunctions(admitted, failing_orders(kernel, budget), budget)
    for assume in found:
        if not isinstance(verify(kernel, assume=assume, budget=budget).verdict, Proved):
            budget.check()
            raise Disagreement(f"precondition {str(assume)!r} was found, but is not proved")
    return found


def weakest_conjunctions(
    orders: Sequence[WeakOrder], failing: Sequence[WeakOrder], budget: Budget = UNLIMITED
) -> tuple[Precondition, ...]:
    """Return the weakest conjunctions of comparisons of keys that rule out all of `failing`.

    Only `orders` occur.  Weakest: every conjunction that admits one of them, rules out `failing`
    and is not returned admits only orders that one of those returned admits.  Those of the fewest
    comparisons come first; there is none where only a contradiction serves.

    A comparison rules out outcomes of one pair of keys, so the sets of orders that conjunctions
    admit are found by ruling out the outcome of one pair after the other, each time one of a
    failing order that is still in, largest sets first.  Exact because a conjunction that rules out
    this order rules out one of its outcomes.  Cost: exponential in the number of keys; 10 ms for
    four, up to some seconds for five.  Raises LimitReached.
    """
    pairs = tuple(combinations(range(len(orders[0])), 2))
    bad = _bits(order in failing for order in orders)
    without = {
        (i, j, outcome): _bits(_outcome(order, i, j) is not outcome for order in orders)
        for i, j in pairs
        for outcome in (Order.LESS, Order.EQUAL, Order.GREATER)
    }
    everything = (1 << len(orders)) - 1
    open_sets, seen, found = [(-len(orders), everything)], {everything}, list[int]()
    while open_sets:
        budget.check()
        _, kept = heappop(open_sets)
        if any(not kept & ~weaker for weaker in found):
            continue
        if not kept & bad:
            found.append(kept)
            continue
        wrong = orders[(kept & bad).bit_length() - 1]
        for i, j in pairs:
            child = kept & without[i, j, _outcome(wrong, i, j)]
            if child and child not in seen:
                seen.add(child)
                heappush(open_sets, (-child.bit_count(), child))
    kept_orders = ([o for b, o in enumerate(orders) if kept >> b & 1] for kept in found)
    conjunctions = (_shortest(orders, kept) for kept in kept_orders)
    return tuple(sorted(conjunctions, key=lambda c: (len(c.comparisons), _pairs(c))))


def _bits(truths: Iterable[bool]) -> int:
    """Return the integer whose bit b is the truth number b."""
    return sum(1 << b for b, truth in enumerate(truths) if truth)


def _outcome(keys: WeakOrder, i: int, j: int) -> Order:
    a, b = keys[i], keys[j]
    return Order.LESS if a < b else Order.GREATER if a > b else Order.EQUAL


def _pairs(conjunction: Precondition) -> list[tuple[int, int]]:
    return [(min(c.left, c.right), max(c.left, c.right)) for c in conjunction.comparisons]


def _shortest(orders: Sequence[WeakOrder], kept: Sequence[WeakOrder]) -> Precondition:
    """Return a conjunction of the fewest comparisons that admits just `kept` of `orders`.

    Of each pair of keys only the strongest comparison that `kept` allows is tried: in any
    conjunction that does, it may take the place of another of the same pair.
    """
    strongest = []
    for i, j in combinations(range(len(kept[0])), 2):
        relation = reduce(or_, {_outcome(keys, i, j) for keys in kept})
        if Order.GREATER in relation and Order.LESS not in relation:
            strongest.append(Comparison(j, relation.exchanged(), i))
        elif relation != ~Order(0):
            strongest.append(Comparison(i, relation, j))
    for size in range(len(strongest) + 1):
        for comparisons in combinations(strongest, size):
            conjunction = Precondition(comparisons)
            if sum(map(conjunction.holds, orders)) == len(kept):
                return conjunction
    raise AssertionError("the strongest comparisons together admit what a conjunction admits")
