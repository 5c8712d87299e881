"""What is searched for: a `Problem` names the model completely, so that a claim can repeat it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, islice
from typing import Any

from sortopt.base import InputError
from sortopt.formats import instruction_lines
from sortopt.model import (
    ALWAYS,
    MAX_KEYS,
    SORT,
    Action,
    Comparison,
    Form,
    Goal,
    Isa,
    Kernel,
    KeyType,
    Order,
    Place,
    Precondition,
    Rung,
    Signedness,
    WeakOrder,
    ascending,
    is_exchangeable,
)
from sortopt.targets import X86_CMOV

ANY_ANSWER: tuple[int, ...] = ()
"""In place of a tie pattern: comparisons answer what they like (see `elements`)."""


@dataclass(frozen=True)
class Problem:
    """The question "what is the shortest kernel?" with everything it depends on.

    `conditions` are those of the conditional moves, by default the set's own for the keys' sign.
    `in_place` asks for the outputs in the input cells (in any order), else they may be anywhere.
    `distinct` restricts the inputs to distinct keys.  In this model a kernel never compares an
    undefined cell and never tests undefined flags, so what it finds is right for every scratch
    content and all flags on entry.  `two_values` searches inputs of at most two key values.  Sound
    because minima and maxima commute with monotone maps of the keys, so a kernel of them that is
    right for all such inputs is right for all (0-1 principle: Knuth, TAOCP 3, 5.3.4), and the runs
    that a merge grants stay runs under such maps.  With `in_memory` the keys lie in a buffer and
    the scratch cells are the registers; its address takes one more.  `keep` is the rung that
    kernels stand on, `key` the type of the keys (in no record: other widths have the same forms by
    other names).  With `pairs` one instruction loads or stores two neighbours (`Machine.pairs`),
    and output i of a kernel that sorts in place is in the place of input i.  An easier problem is
    the `scattered` one: any two places are neighbours, and outputs in place are in any order.
    Raises InputError where the parts do not fit together.
    """

    n: int
    isa: Isa = X86_CMOV
    conditions: tuple[str, ...] = ()
    scratch: int = 1
    in_place: bool = True
    distinct: bool = False
    assume: Precondition = ALWAYS
    goal: Goal = SORT
    signedness: Signedness = Signedness.SIGNED
    two_values: bool = False
    in_memory: bool = False
    keep: Rung = Rung.VALUES
    key: KeyType | None = None
    pairs: bool = False
    scattered: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.n <= MAX_KEYS:
            raise InputError(f"{self.n} keys cannot be sorted", hint="use n from 2 to 8")
        if self.scratch < 0:
            raise InputError("the number of scratch cells is negative", hint="use 0, 1 or 2")
        self.goal.ranks(self.n)
        if not self.conditions:
            object.__setattr__(self, "conditions", self.isa.conditions.get(self.signedness, ()))
        _check_conditions(self)
        if self.two_values and (self.assume or self.distinct or not self.monotone):
            raise InputError("the 0-1 principle holds for minima and maxima of any inputs only")
        _check_memory(self)
        _check_keep(self)
        if self.assume:
            _ = self.orders  # raises where no input satisfies them

    @property
    def cells(self) -> int:
        """The number of cells: keys and scratch."""
        return self.n + self.scratch

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the cells live: the keys, then the scratch cells."""
        keys = Place.MEMORY if self.in_memory else self.isa.place
        return (keys,) * self.n + (self.isa.place,) * self.scratch

    @property
    def names(self) -> tuple[str, ...]:
        """What the cells are called in the kernels found."""
        machine = self.isa.machine
        if not self.in_memory:
            return self.isa.registers[: self.cells]
        base = machine.registers[machine.arguments[0]].family
        free = (r for r in self.isa.registers if machine.registers[r].family != base)
        return *self.isa.buffer(self.n, self.isa.key_bits[0]), *islice(free, self.scratch)

    @property
    def in_order(self) -> bool:
        """Whether kernels in place may be taken to leave output i in the cell of input i.

        Sound where every order of all keys may come in: then renaming the inputs of a kernel that
        sorts in place makes it one that does so in order, and none is lost.
        """
        return self.in_place and self.symmetric_inputs and len(self.goal.ranks(self.n)) == self.n

    @property
    def outputs(self) -> str:
        """Where kernels leave their outputs: "in-order", "in-place" or "anywhere"."""
        return "in-order" if self.in_order else "in-place" if self.in_place else "anywhere"

    @property
    def fixed_places(self) -> bool:
        """Whether the places of the keys in memory cannot be renamed: some are neighbours."""
        return self.pairs and not self.scattered

    @property
    def symmetric_inputs(self) -> bool:
        """Whether permuting the keys maps the inputs to themselves.

        Where a kernel is to be stable, the inputs are elements in their sequence, so it does not.
        """
        return not (self.assume or self.goal.ascending_runs() or self.stable)

    @property
    def easier(self) -> Problem:
        """The problem of fewer inputs, more places for the outputs, scattered pairs, values alone.

        Every kernel of this problem solves it.  In memory the outputs have no more places: they
        must be stored.
        """
        return replace(
            self,
            distinct=not self.two_values,
            in_place=self.in_place and self.in_memory,
            keep=Rung.VALUES,
            scattered=self.pairs,
        )

    @property
    def granted(self) -> Precondition:
        """What a kernel of this problem may rely on: `assume`, and distinct keys if `distinct`."""
        if not self.distinct:
            return self.assume
        differ = Order.LESS | Order.GREATER
        pairs = combinations(range(self.n), 2)
        return self.assume & Precondition(tuple(Comparison(a, differ, b) for a, b in pairs))

    @property
    def values_only(self) -> bool:
        """Whether kernels need keep no more than values."""
        return self.keep is Rung.VALUES

    @property
    def stable(self) -> bool:
        """Whether elements whose keys tie must leave as a stable sort leaves them."""
        return self.keep is Rung.STABLE

    @property
    def ties_alike(self) -> bool:
        """Whether elements are kept of which those that tie may leave in any sequence.

        One output alone holds an element as soon as it holds its value.
        """
        return self.keep is Rung.ELEMENTS and len(self.goal.ranks(self.n)) > 1

    @property
    def any_answer(self) -> bool:
        """Whether no element may be lost whatever comparisons answer."""
        return self.keep is Rung.SAFE

    @cached_property
    def orders(self) -> tuple[WeakOrder, ...]:
        """The weak orders a kernel must be right for."""
        granted = self.assume
        for run in self.goal.ascending_runs():
            granted = granted & ascending(run)
        orders = granted.orders(self.n)
        if self.two_values:
            return tuple(order for order in orders if max(order) <= 2)
        if self.distinct:
            orders = tuple(order for order in orders if max(order) == self.n)
            if not orders:
                raise InputError(
                    f"no distinct keys satisfy the precondition {str(self.assume)!r}",
                    hint="drop --distinct",
                )
        return orders

    @cached_property
    def tie_patterns(self) -> tuple[tuple[int, ...], ...]:
        """The multiplicities of ranks that inputs, in either direction, can have."""
        more = (ANY_ANSWER,) if self.any_answer else ()
        if all(max(order) == self.n for order in self.orders):
            return ((1,) * self.n, *more)
        patterns = (*_compositions(self.n), *more)
        return tuple(p for p in patterns if len(p) <= 2) if self.two_values else patterns

    @property
    def monotone(self) -> bool:
        """Whether every form commutes with monotone maps of the keys: no comparisons."""
        return not any(form.uses_flags for form in self.forms)

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """The instruction forms a kernel may use."""
        bits = None if self.key is None else self.key.bits
        return self.isa.forms_for(self.signedness, self.conditions, bits)

    @cached_property
    def exchangeable(self) -> bool:
        """Whether the conditions are closed under exchanging the compared keys.

        Then `cmp b,a` does nothing that `cmp a,b` with exchanged conditions cannot, and only the
        comparisons with a before b are searched and counted.
        """
        return is_exchangeable(self.isa, self.forms)

    @cached_property
    def reversible(self) -> bool:
        """Whether the goal and the forms are closed under reversing the order of the keys."""
        ranks = self.goal.ranks(self.n)
        minima, maxima = (
            {(f.operands, f.target, f.arguments) for f in self.forms if f.action is action}
            for action in (Action.MINIMUM, Action.MAXIMUM)
        )
        return (
            not self.fixed_places
            and sorted(self.n - 1 - r for r in ranks) == sorted(ranks)
            and minima == maxima
            and self.exchangeable
        )

    def length_of(self, kernel: Kernel) -> int:
        """Return how many instructions `kernel` is, a pair of loads or stores being one."""
        return len(instruction_lines(kernel)) if self.pairs else len(kernel)

    def record(self) -> dict[str, Any]:
        """Return the problem as plain data, for files."""
        added: dict[str, Any] = {"in_memory": True} if self.in_memory else {}
        if self.pairs:
            added["pairs"] = True
        if not self.values_only:
            added["keep"] = str(self.keep)
        return {
            "n": self.n,
            "isa": self.isa.name,
            "conditions": list(self.conditions),
            "scratch": self.scratch,
            "in_place": self.in_place,
            "distinct": self.distinct,
            "assume": str(self.assume),
            "goal": str(self.goal),
            "signedness": self.signedness.value,
            "two_values": self.two_values,
            **added,
        }

    def describe(self, *, restricted: bool = True) -> str:
        """Return the model in words, as a claim prints it.

        A claim that is not `restricted` holds of kernels that compare and test undefined things.
        """
        parts = [f"goal {self.goal}", f"{self.n} key{'s' * (self.n != 1)}", self.isa.name]
        if self.conditions:
            parts.append("conditions " + " ".join(self.conditions))
        if any(form.signedness and not form.condition for form in self.forms):
            kind = "floating-point" if self.isa.floating else self.signedness.value
            parts.append(f"{kind if self.key is None else self.key.name} keys")
        spare = f"{self.scratch} {'register' if self.in_memory else 'scratch cell'}"
        parts += [
            spare + "s" * (self.scratch != 1),
            *(["keys in memory, one operand there an instruction"] if self.in_memory else []),
            *([f"neighbours in pairs ({' and '.join(self.isa.machine.pairs)})"] * self.pairs),
            f"outputs {self.outputs.replace('-', ' ')}",
            "distinct keys only" if self.distinct else "all inputs, ties included",
            *([_KEPT[self.keep]] if self.keep in _KEPT else []),
            *(["searched over two key values (0-1 principle)"] if self.two_values else []),
        ]
        if self.assume:
            parts.append(f"given {self.assume}")
        what = "undefined cells and flags are never" if restricted else "anything may be"
        return ", ".join(parts) + f"; {what} compared or tested"


_KEPT = {
    Rung.ELEMENTS: "every element kept",
    Rung.STABLE: "stable",
    Rung.SAFE: "every element kept whatever comparisons answer (NaN)",
}
"""The rungs above values in words."""


def signs(isa: Isa) -> dict[str, Signedness | None]:
    """Return the conditions of `isa` by name, each with the sign of the keys that it reads."""
    conditions = [form.condition for form in isa.forms.values() if form.condition is not None]
    return {condition.name: condition.signedness for condition in conditions}


def _check_keep(problem: Problem) -> None:
    """Refuse rungs that the search does not model: minima and maxima hand on either of a tie."""
    extrema = [f for f in problem.forms if f.action in (Action.MINIMUM, Action.MAXIMUM)]
    if not problem.stable and all(form.tied is not None for form in extrema):
        return
    if not extrema or not (problem.stable or problem.ties_alike or problem.any_answer):
        return
    if problem.any_answer or any(len(pattern) < problem.n for pattern in problem.tie_patterns):
        raise InputError(
            f"no kernels of {problem.isa.name} are searched for the rung {problem.keep}: "
            "minima and maxima keep no elements, or in no sequence",
            hint="use an instruction set with comparisons"
            + ("" if problem.any_answer else ", or distinct keys only (--distinct)"),
        )


def _check_conditions(problem: Problem) -> None:
    """Refuse conditions that the set does not have, or of two signs."""
    known = signs(problem.isa)
    if problem.conditions and not known:
        raise InputError(f"--conditions does not apply to {problem.isa.name}", hint="drop it")
    for name in problem.conditions:
        if name not in known:
            raise InputError(f"unknown condition {name!r}", hint="use some of " + ",".join(known))
    used = {known[name] for name in problem.conditions} - {None}
    fitting = [name for name, sign in known.items() if sign in (problem.signedness, None)]
    if len(used) > 1:
        own = " or ".join(",".join(names) for names in problem.isa.conditions.values())
        both = " and ".join(name for name, sign in known.items() if sign is None)
        raise InputError(
            "signed and unsigned conditions are mixed",
            hint=f"use {own}" + (f" ({both} go with both)" if both else ""),
        )
    if used - {problem.signedness}:
        raise InputError(
            f"{problem.signedness.value} keys do not go with the conditions "
            + ",".join(name for name in problem.conditions if known[name] in used),
            hint=f"use some of {','.join(fitting)}, or keys of the other sign",
        )


def _check_memory(problem: Problem) -> None:
    """Refuse keys in memory, and pairs of them, where no instruction reads them."""
    isa = problem.isa
    if problem.in_memory and not any(Place.MEMORY in p for f in problem.forms for p in f.operands):
        raise InputError(f"{isa.name} has no instructions that read memory")
    if problem.pairs and not problem.in_memory:
        raise InputError("--pairs are of keys in memory", hint="add --in-memory")
    if problem.pairs and not isa.machine.pairs:
        raise InputError(
            f"{isa.machine.name} loads and stores one key at a time",
            hint="use --pairs with --isa aarch64",
        )


def _compositions(n: int) -> tuple[tuple[int, ...], ...]:
    """Return the compositions of n in lexicographic sequence, the all-ones one first."""
    if n == 0:
        return ((),)
    return tuple((part, *rest) for part in range(1, n + 1) for rest in _compositions(n - part))
