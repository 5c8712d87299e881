"""The question a certificate answers, read from the record in its file.

The record names the instruction set and its conditions, the cells, the inputs and the goal.  Every
field must be there, of its type and in range, and no other: a field that this checker does not know
could change what is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import comb
from typing import Any

from sortopt.base import InputError
from sortopt.model import (
    ALWAYS,
    Form,
    Precondition,
    Signedness,
    WeakOrder,
    ascending,
    parse_goal,
    parse_precondition,
    permutations,
)
from sortopt.targets import ISAS

MOST_CELLS = 8
"""The most cells: a set of cells is a byte."""

MOST_ASSIGNMENTS = 65_535
"""The most assignments: their numbers take 16 bits, and one number is a mark."""

MOST_KEYS_WITH_TIES = 7
"""The most keys whose weak orders are all listed; 8 have 545,835, more than can be numbered."""

MOST_INPUTS = 600
"""The most inputs, so that one state does not take long; five keys that may tie have 541."""

_LONGEST_PRECONDITION = 1000
"""In characters; enough to compare every two of eight keys several times."""

_FIELDS: Mapping[str, type] = {
    "n": int,
    "isa": str,
    "conditions": list,
    "scratch": int,
    "in_place": bool,
    "distinct": bool,
    "assume": str,
    "goal": str,
    "signedness": str,
    "two_values": bool,
}

Pattern = tuple[int, ...]
"""A tie pattern: how many keys hold the least value, the next one, and so on."""


@dataclass(frozen=True, slots=True)
class Question:
    """ "Is there a kernel of so many instructions?", with everything the answer depends on.

    A kernel starts with the keys in the cells 0 to n - 1, and must leave the key of rank ranks[j]
    in its j-th output: in n different input cells if `in_place`, else in any different cells.
    It uses the instructions `forms`, and must be right for every order of the keys in `inputs`.
    `patterns` are the tie patterns that occur; `words` describes all of this in a claim.  Where it
    is not `restricted`, kernels may compare and test anything at any time (see `model`).
    """

    record: Mapping[str, Any]
    n: int
    cells: int
    forms: tuple[Form, ...]
    ranks: tuple[int, ...]
    in_place: bool
    two_values: bool
    restricted: bool
    inputs: tuple[WeakOrder, ...]
    patterns: tuple[Pattern, ...]
    words: str

    @staticmethod
    def of(record: Any, *, restricted: bool = True) -> Question:
        """Return the question of a record; raises InputError where it is none, or too large."""
        if not isinstance(record, dict) or record.keys() != _FIELDS.keys():
            raise InputError("the question lacks a field, or has one that is unknown")
        for name, kind in _FIELDS.items():
            if type(record[name]) is not kind:
                raise InputError(f"{name} in the question is no {kind.__name__}")
        n, scratch, distinct = record["n"], record["scratch"], record["distinct"]
        if n < 1 or scratch < 0 or n + scratch > MOST_CELLS:
            raise InputError(
                f"the question is of {n} keys and {scratch} scratch cells",
                hint=f"a certificate can be checked up to {MOST_CELLS} cells",
            )
        goal, assume = parse_goal(record["goal"]), _precondition(record["assume"])
        forms = _forms(record)
        if record["two_values"]:
            _check_zero_one(forms, distinct or bool(assume))
        granted = assume
        for run in goal.ascending_runs():
            granted &= ascending(run)
        inputs = _inputs(n, granted, distinct, record["two_values"])
        patterns = tuple(_patterns(n, inputs, record["two_values"]))
        ranks = goal.ranks(n)
        question = Question(
            record, n, n + scratch, forms, ranks, record["in_place"], record["two_values"],
            restricted, inputs, patterns, _words(record, restricted, forms, assume),
        )  # fmt: skip
        _check_size(question)
        return question

    @property
    def uses_flags(self) -> bool:
        """Whether there are comparisons and conditional moves."""
        return any(form.uses_flags for form in self.forms)

    def wanted(self, pattern: Pattern) -> tuple[int, ...]:
        """Return the value each output must hold under a tie pattern; 0 is the least value."""
        values = [value for value, count in enumerate(pattern) for _ in range(count)]
        return tuple(values[rank] for rank in self.ranks)


def _precondition(text: str) -> Precondition:
    if len(text) > _LONGEST_PRECONDITION:
        raise InputError("the precondition in the question is too long")
    return parse_precondition(text, "the question") if text else ALWAYS


def _forms(record: Mapping[str, Any]) -> tuple[Form, ...]:
    """Return the forms a kernel may use: of one sign, and with the conditions that are named."""
    isa, signs = ISAS.get(record["isa"]), {sign.value: sign for sign in Signedness}
    if isa is None or record["signedness"] not in signs:
        raise InputError("the question is of an unknown instruction set or sign of keys")
    named = set(map(str, record["conditions"]))
    known = {form.condition.name for form in isa.forms.values() if form.condition is not None}
    if known and not (named and named <= known):
        raise InputError("the question names an unknown condition, or none")
    forms = isa.forms_for(signs[record["signedness"]], tuple(named))
    if len({form.signedness for form in forms} - {None}) > 1:
        raise InputError("the question mixes signed and unsigned conditions")
    return forms


def _check_zero_one(forms: tuple[Form, ...], limited: bool) -> None:
    """Raise InputError where inputs of two key values do not stand for all inputs.

    They do where every instruction commutes with monotone maps of the keys, as copies, minima and
    maxima do, and no input but for the runs of a merge is ruled out (0-1 principle: Knuth, TAOCP
    3, 5.3.4).
    """
    if limited or any(form.uses_flags for form in forms):
        raise InputError("the 0-1 principle does not hold for the question")


def _inputs(
    n: int, granted: Precondition, distinct: bool, two_values: bool
) -> tuple[WeakOrder, ...]:
    """Return the orders of the keys for which a kernel must be right; at least one."""
    granted.check(n)
    if not distinct and n > MOST_KEYS_WITH_TIES:
        raise InputError(f"the question is of {n} keys that may tie, too many for a certificate")
    orders = permutations(n) if distinct else granted.orders(n)
    found = [o for o in orders if granted.holds(o) and not (two_values and max(o) > 2)]
    if not found:
        raise InputError("no input satisfies the precondition of the question")
    if len(found) > MOST_INPUTS:
        raise InputError(
            f"the question has {len(found):,} inputs",
            hint=f"a certificate can be checked up to {MOST_INPUTS}",
        )
    return tuple(found)


def _patterns(n: int, inputs: tuple[WeakOrder, ...], two_values: bool) -> Iterator[Pattern]:
    """Yield the tie patterns: all of n keys (of at most two values), or that of distinct keys."""
    if all(max(order) == n for order in inputs):
        yield (1,) * n
        return
    yield from (p for p in _compositions(n) if not (two_values and len(p) > 2))


def _compositions(n: int) -> Iterator[Pattern]:
    if n == 0:
        yield ()
    for part in range(1, n + 1):
        yield from ((part, *rest) for rest in _compositions(n - part))


def _check_size(question: Question) -> None:
    """Raise InputError where the question has more assignments than can be numbered.

    Of the contents of all cells, values or no keys, those that hold every wanted value count, by
    inclusion and exclusion; each with each flag.
    """
    others, flags = (1, 4) if question.restricted else (2, 3)
    total = 0
    for pattern in question.patterns:
        needed, values = len(set(question.wanted(pattern))), len(pattern)
        total += sum(
            (-1) ** k * comb(needed, k) * (values + others - k) ** question.cells
            for k in range(needed + 1)
        )
    total *= flags if question.uses_flags else 1
    if total > MOST_ASSIGNMENTS:
        raise InputError(
            f"the question has {total:,} assignments",
            hint=f"a certificate can be checked up to {MOST_ASSIGNMENTS:,}",
        )


def _words(
    record: Mapping[str, Any], restricted: bool, forms: tuple[Form, ...], assume: Precondition
) -> str:
    n, scratch = record["n"], record["scratch"]
    parts = [f"goal {parse_goal(record['goal'])}", f"{n} key{'s' * (n != 1)}", record["isa"]]
    if any(form.condition for form in forms):
        parts.append("conditions " + " ".join(record["conditions"]))
    if any(form.signedness and not form.condition for form in forms):
        kind = "floating-point" if ISAS[record["isa"]].floating else record["signedness"]
        parts.append(f"{kind} keys")
    parts += [
        f"{scratch} scratch cell{'s' * (scratch != 1)}",
        "outputs in place" if record["in_place"] else "outputs anywhere",
        "distinct keys only" if record["distinct"] else "all inputs, ties included",
        *(["searched over two key values (0-1 principle)"] if record["two_values"] else []),
        *([f"given {assume}"] if assume else []),
    ]
    never = "undefined cells and flags are never compared or tested"
    return f"{', '.join(parts)}; {never if restricted else 'anything may be compared or tested'}"
