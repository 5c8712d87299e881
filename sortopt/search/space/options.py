"""The problem that a user's options describe."""

from __future__ import annotations

from collections.abc import Sequence

from sortopt.base import InputError
from sortopt.model import (
    ALWAYS,
    Precondition,
    Rung,
    Signedness,
    key_type,
    parse_goal,
    parse_precondition,
    parse_rung,
    signedness_of,
)
from sortopt.search.space.problem import Problem, signs
from sortopt.targets import target_for

_FEW_REGISTERS = 3
"""How many registers keys in memory have unless told otherwise: enough for so many keys."""


def problem_of(
    n: int,
    *,
    isa: str | None = None,
    key: str | None = None,
    conditions: Sequence[str] | None = None,
    unsigned: bool = False,
    outputs: str | None = None,
    scratch: int | None = None,
    distinct: bool = False,
    assume: str | Precondition | None = None,
    goal: str = "sort",
    in_memory: bool = False,
    registers: int | None = None,
    pairs: bool = False,
    keep: str | None = None,
) -> Problem:
    """Return the problem that a user's options describe; raises InputError.

    `outputs` is in-order (output i in the cell of input i), in-place or anywhere; by default
    in-order, or in-place where in-order is another question, which is not searched.  There is one
    scratch cell unless told otherwise; with `in_memory` there are `registers`, by default 3, and
    from four keys on one more than keys; with `pairs` one of them loads or stores two neighbours.
    Keys are unsigned also where a condition reads them so.
    """
    keys = None if key is None else key_type(key)
    known, names = target_for(isa, keys), tuple[str, ...]()
    if registers is not None and not in_memory:
        raise InputError("--registers says what keys in memory go through", hint="add --in-memory")
    if scratch is not None and in_memory:
        raise InputError("keys in memory have registers, no scratch cells", hint="use --registers")
    if registers is None:
        registers = _FEW_REGISTERS if n <= _FEW_REGISTERS else n + 1
    if conditions is not None:
        names = tuple(dict.fromkeys(name.strip().lower() for name in conditions))
        if not names:
            raise InputError("no conditions are named", hint="use for example --conditions l,g")
        unsigned |= Signedness.UNSIGNED in map(signs(known).get, names)
    if outputs not in (None, "in-order", "in-place", "anywhere"):
        raise InputError(f"unknown outputs {outputs!r}", hint="use in-order, in-place or anywhere")
    problem = Problem(
        n,
        known,
        names,
        registers if in_memory else 1 if scratch is None else scratch,
        outputs != "anywhere",
        distinct,
        parse_precondition(assume) if isinstance(assume, str) else assume or ALWAYS,
        parse_goal(goal),
        signedness_of(keys, unsigned=unsigned),
        in_memory=in_memory,
        keep=Rung.VALUES if keep is None else parse_rung(keep),
        key=keys,
        pairs=pairs,
    )
    if outputs == "in-order" and not problem.in_order:
        raise InputError(
            "outputs in order are searched only where all keys are wanted, in any order on entry",
            hint="use --outputs in-place",
        )
    return problem
