"""Weak orders, and preconditions: conjunctions of comparisons of keys.

A weak order of n keys is written as the tuple of their ranks, from 1 and without gaps: (2, 1, 1)
means that keys 2 and 3 tie and key 1 is greater.  A kernel of moves and comparisons is correct
for all inputs iff it is correct for one representative of every weak order (design: it sees only
how keys compare), so these tuples are the inputs of every proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from itertools import permutations as _permutations

from sortopt.base import InputError, Source, Span
from sortopt.model.isa import Order

WeakOrder = tuple[int, ...]

NAN = 0
"""The rank, in orders of floating-point keys, of a NaN: it is unordered with every key."""


@cache
def weak_orders(n: int) -> tuple[WeakOrder, ...]:
    """Return all weak orders of `n` keys, fewest distinct values first, then smallest.

    Their number is the n-th Fubini number; time and memory grow alike (n = 8: 545,835).
    """
    ranked: list[WeakOrder] = [()]
    for _ in range(n):
        ranked = [extended for order in ranked for extended in _with_one_more_key(order)]
    return tuple(sorted(ranked, key=lambda order: (max(order, default=0), order)))


def _with_one_more_key(order: WeakOrder) -> Iterator[WeakOrder]:
    """Yield the weak orders that extend `order` by a last key, each once."""
    top = max(order, default=0)
    for rank in range(1, top + 1):
        yield (*order, rank)
    for rank in range(1, top + 2):
        yield (*(r + (r >= rank) for r in order), rank)


def permutations(n: int) -> tuple[WeakOrder, ...]:
    """Return the weak orders of `n` distinct keys, smallest first."""
    return tuple(_permutations(range(1, n + 1)))


def extensions(order: WeakOrder, extra: int) -> Iterator[WeakOrder]:
    """Yield every weak order of len(order) + extra keys whose first keys compare as in `order`."""
    if extra == 0:
        yield order
        return
    for extended in _with_one_more_key(order):
        yield from extensions(extended, extra - 1)


def with_nan(n: int) -> Iterator[WeakOrder]:
    """Yield the orders of `n` floating-point keys, first those without a NaN, then with one …"""
    for count in range(n + 1):
        for places in combinations(range(n), count):
            for ordered in weak_orders(n - count):
                ranks = iter(ordered)
                yield tuple(NAN if key in places else next(ranks) for key in range(n))


_SYMBOLS = {
    "<": Order.LESS,
    "<=": Order.LESS | Order.EQUAL,
    "=": Order.EQUAL,
    ">": Order.GREATER,
    ">=": Order.GREATER | Order.EQUAL,
    "!=": Order.LESS | Order.GREATER,
}
_SPELLINGS = {"==": "=", "≤": "<=", "≥": ">=", "=<": "<=", "=>": ">=", "≠": "!=", "<>": "!="}
_SYMBOL_OF = {relation: symbol for symbol, relation in _SYMBOLS.items()}


def key_name(index: int, n: int) -> str:
    """Return the name of key `index` (from 0) of `n`: a, b, c … up to 26 keys, else k1, k2 …"""
    return chr(ord("a") + index) if n <= 26 else f"k{index + 1}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One relation between two keys, by index from 0: `left` compares to `right` as `relation`."""

    left: int
    relation: Order
    right: int

    def holds(self, keys: Sequence[int]) -> bool:
        """Return whether `keys` satisfies the comparison."""
        a, b = keys[self.left], keys[self.right]
        return (Order.LESS if a < b else Order.GREATER if a > b else Order.EQUAL) in self.relation

    def __str__(self) -> str:
        top = max(self.left, self.right) + 1
        return f"{key_name(self.left, top)} {_SYMBOL_OF[self.relation]} {key_name(self.right, top)}"


@dataclass(frozen=True, slots=True)
class Precondition:
    """A conjunction of comparisons; the empty one always holds."""

    comparisons: tuple[Comparison, ...] = ()

    def holds(self, keys: Sequence[int]) -> bool:
        """Return whether `keys` satisfies every comparison."""
        return all(comparison.holds(keys) for comparison in self.comparisons)

    def check(self, n: int) -> None:
        """Raise InputError where this names a key beyond `n`, or where no input satisfies it.

        Sound because `example` is tried against every comparison: where this raises nothing,
        there is an input.  Exact, and cost: see `example`.
        """
        for comparison in self.comparisons:
            beyond = max(comparison.left, comparison.right)
            if beyond >= n:
                raise InputError(
                    f"precondition {str(self)!r} names key {key_name(beyond, beyond + 1)!r}, "
                    f"but there are {n} keys",
                    hint=f"name the keys {key_name(0, n)} to {key_name(n - 1, n)}, or k1 to k{n}",
                )
        if not self.holds(self.example(n)):
            raise self.unsatisfied()

    def example(self, n: int) -> WeakOrder:
        """Return keys that satisfy this, where any do.

        Keys that are forced to be at most each other are equal; all others differ here, in a
        sequence that keeps what is forced.  So a comparison fails here only where two keys that
        must be equal must also differ: then no input satisfies it.  Cost: n cubed.
        """
        at_most = {(k, k) for k in range(n)}
        at_most |= {(c.left, c.right) for c in self.comparisons if Order.GREATER not in c.relation}
        at_most |= {(c.right, c.left) for c in self.comparisons if Order.LESS not in c.relation}
        for middle, low, high in product(range(n), repeat=3):
            if (low, middle) in at_most and (middle, high) in at_most:
                at_most.add((low, high))
        below = [[j for j in range(n) if (j, k) in at_most] for k in range(n)]
        places = [(len(b), min(j for j in b if (k, j) in at_most)) for k, b in enumerate(below)]
        ranks = {place: rank for rank, place in enumerate(sorted(set(places)), 1)}
        return tuple(ranks[place] for place in places)

    def admits_equal_keys(self, n: int) -> bool:
        """Return whether some input of `n` keys satisfies this in which two of them are equal."""
        return any(
            together.holds(together.example(n))
            for i, j in combinations(range(n), 2)
            if (together := self & Precondition((Comparison(i, Order.EQUAL, j),)))
        )

    def unsatisfied(self) -> InputError:
        """Return the error that says that no input satisfies this."""
        return InputError(
            f"no input satisfies the precondition {str(self)!r}",
            hint="a proof under it would say nothing; drop one of its comparisons",
        )

    def orders(self, n: int) -> tuple[WeakOrder, ...]:
        """Return the weak orders of `n` keys that satisfy this, in `weak_orders`' sequence.

        Raises InputError where it names a key beyond `n`, or where no input satisfies it: a proof
        over no input would say nothing.
        """
        self.check(n)
        found = tuple(order for order in weak_orders(n) if self.holds(order))
        if not found:
            raise self.unsatisfied()
        return found

    def __and__(self, other: Precondition) -> Precondition:
        new = tuple(c for c in other.comparisons if c not in self.comparisons)
        return Precondition(self.comparisons + new)

    def __bool__(self) -> bool:
        return bool(self.comparisons)

    def __str__(self) -> str:
        return " and ".join(map(str, self.comparisons))


ALWAYS: Precondition = Precondition()
"""The precondition that every input satisfies."""


def ascending(keys: range) -> Precondition:
    """Return the precondition that the keys at the indices `keys` ascend (ties allowed)."""
    relation = Order.LESS | Order.EQUAL
    return Precondition(tuple(Comparison(k, relation, k + 1) for k in keys[:-1]))


_TOKEN = re.compile(
    r"\s*(?:(?P<and>and\b|,|&&?)|(?P<key>\w+)|(?P<rel>[<>=!≤≥≠]+)|(?P<bad>\S))", re.I
)


def parse_precondition(text: str, name: str = "--assume") -> Precondition:
    """Parse comparisons of keys joined by `and` or commas; chains such as a<b<=c are allowed.

    Keys are a, b, c … in input order, or k1, k2 …; relations are < <= = > >= !=.

    >>> str(parse_precondition("B<C"))
    'b < c'
    >>> str(parse_precondition("k1 < k2 <= k3, a != c"))
    'a < b and b <= c and a != c'

    Raises InputError with the place of the fault; `name` says where the text came from.
    """
    comparisons: list[Comparison] = []
    for clause in _clauses(text, name):
        comparisons += _chain(clause, text, name)
    return Precondition(tuple(dict.fromkeys(comparisons)))


def _clauses(text: str, name: str) -> Iterator[list[re.Match[str]]]:
    """Split `text` at `and` and commas into lists of tokens, none of them empty."""
    clause: list[re.Match[str]] = []
    joiner: re.Match[str] | None = None
    for token in _TOKEN.finditer(text):
        if token["bad"]:
            raise _fault(f"unexpected {token['bad']!r} in a precondition", text, name, token)
        if not token["and"]:
            clause.append(token)
            continue
        joiner = token
        if not clause:
            raise _fault("a comparison is missing before this", text, name, token)
        yield clause
        clause = []
    if clause:
        yield clause
    elif joiner:
        raise _fault("a comparison is missing after this", text, name, joiner)
    elif text.strip() == "":
        raise InputError("the precondition is empty", hint='write for example "b<c"')


def _chain(clause: list[re.Match[str]], text: str, name: str) -> Iterator[Comparison]:
    """Yield the comparisons of one chain: key relation key [relation key …]."""
    for position, token in enumerate(clause):
        expected = "rel" if position % 2 else "key"
        if not token[expected]:
            want = "a relation (< <= = > >= !=)" if position % 2 else "a key"
            raise _fault(f"expected {want} here", text, name, token)
    if len(clause) < 3 or len(clause) % 2 == 0:
        raise _fault("this comparison is incomplete", text, name, clause[-1])
    for i in range(0, len(clause) - 2, 2):
        left, right = _key(clause[i], text, name), _key(clause[i + 2], text, name)
        symbol = clause[i + 1]["rel"]
        relation = _SYMBOLS.get(_SPELLINGS.get(symbol, symbol))
        if relation is None:
            raise _fault(f"unknown relation {symbol[:10]!r}", text, name, clause[i + 1])
        if left == right:
            raise _fault("this compares a key with itself", text, name, clause[i + 2])
        yield Comparison(left, relation, right)


def _key(token: re.Match[str], text: str, name: str) -> int:
    """Return the index of the key that `token` names."""
    word = token["key"].lower()
    if len(word) == 1 and "a" <= word <= "z":
        return ord(word) - ord("a")
    if re.fullmatch(r"k[1-9][0-9]{0,2}", word):
        return int(word[1:]) - 1
    raise _fault(f"unknown key {token['key'][:40]!r}", text, name, token)


def _fault(message: str, text: str, name: str, token: re.Match[str]) -> InputError:
    start, end = token.span(token.lastgroup or 0)
    return InputError(
        message,
        hint='write comparisons of keys, for example "a<b<=c and a!=c"',
        source=Source(name, text),
        span=Span(text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start), end - start),
    )
