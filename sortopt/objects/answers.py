"""What answers of comparisons say about keys: which further answers cannot come.

Only saves the reader of branching code the paths that no input takes: the proofs show of each
side that is left out that no input comes to it.
"""

from __future__ import annotations

from sortopt.formats import Parsed
from sortopt.model import Action, Condition, Order

ANY = Order.LESS | Order.EQUAL | Order.GREATER

Outcomes = tuple[Order, bool]
"""Which outcomes a comparison can have, and whether its keys can be unordered, as one is a NaN."""


class Answers:
    """Which key each cell holds on one path, and what is known of their order."""

    def __init__(self, *, floating: bool) -> None:
        """Begin with a key of its own in each cell, and no order.

        Where comparisons `lie`, the others say nothing about one.
        """
        self._floating = floating
        self._key: dict[str, object] = {}
        self._above: dict[object, dict[object, bool]] = {}
        self._last: tuple[object, object] | None = None
        self._left = ANY
        self.lie = False

    def copy(self) -> Answers:
        """Return the same knowledge, apart."""
        twin = Answers(floating=self._floating)
        twin._key, twin._last = dict(self._key), self._last
        twin._left, twin.lie = self._left, self.lie
        twin._above = {key: dict(above) for key, above in self._above.items()}
        return twin

    def follow(self, parsed: Parsed) -> None:
        """Follow one instruction."""
        form, names = parsed.mnemonic.form, [operand.name for operand in parsed.operands]
        read = [self.key(names[i]) for i in form.arguments]
        if form.action is Action.COMPARE:
            self._last, self._left = (read[0], read[1]), ANY
        elif form.target is not None:
            copied = form.action is Action.COPY
            self._key[names[form.target]] = read[0] if copied else object()

    def key(self, cell: str) -> object:
        """Return the key in a cell, which is the same object in all cells that hold it."""
        return self._key.setdefault(cell, cell)

    @property
    def compared(self) -> bool:
        """Whether two keys were compared."""
        return self._last is not None

    def possible(self) -> Order:
        """Return which outcomes the last comparison can have had."""
        assert self._last is not None
        one, other = self._last
        if self.lie:
            return self._left
        if one == other:
            return Order.EQUAL
        outcomes = ANY
        for strict in (False, True):
            if self._reaches(one, other, strict):
                outcomes &= Order.LESS | (Order(0) if strict else Order.EQUAL)
            if self._reaches(other, one, strict):
                outcomes &= Order.GREATER | (Order(0) if strict else Order.EQUAL)
        return outcomes

    def sides(self, condition: Condition) -> tuple[Outcomes, Outcomes]:
        """Return after which outcomes of the last comparison a condition holds, and does not.

        Two keys can be unordered unless it is known how they are ordered.
        """
        assert self._last is not None
        possible, (one, other) = self.possible(), self._last
        ordered = self._reaches(one, other, False) or self._reaches(other, one, False)
        unordered = self._floating and (one == other or not ordered)
        return (
            (possible & condition.holds, unordered and condition.unordered),
            (possible & ~condition.holds, unordered and not condition.unordered),
        )

    def learn(self, found: Outcomes) -> None:
        """Note that the last comparison had one of these outcomes; of unordered keys no order."""
        assert self._last is not None
        outcomes, unordered = found
        if unordered:
            return
        one, other = self._last
        self._left &= outcomes
        if Order.GREATER not in outcomes:
            self._note(one, other, strict=Order.EQUAL not in outcomes)
        if Order.LESS not in outcomes:
            self._note(other, one, strict=Order.EQUAL not in outcomes)

    def _note(self, low: object, high: object, *, strict: bool) -> None:
        above = self._above.setdefault(low, {})
        above[high] = above.get(high, False) or strict

    def _reaches(self, low: object, high: object, strict: bool) -> bool:
        """Return whether `low` is at most `high`, or where `strict` less, by what is noted."""
        seen = {(low, False)}
        pending = [*seen]
        while pending:
            at, less = pending.pop()
            for key, above in self._above.get(at, {}).items():
                step = (key, less or above)
                if step not in seen:
                    seen.add(step)
                    pending.append(step)
        return (high, True) in seen or (not strict and (high, False) in seen)
