"""The contract of a kernel file: what its directives, or the options in their place, declare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sortopt.base import InputError
from sortopt.formats import memory, registers
from sortopt.formats.buffer import infer_inputs, infer_outputs, naming_several
from sortopt.formats.dialect import Dialect, Operand, Parsed
from sortopt.formats.directives import read_assume, read_goal, read_keep, without_remark
from sortopt.formats.lexer import Token, split_words
from sortopt.model import ALWAYS, MAX_KEYS, SORT, Goal, Precondition, Rung, key_name


@dataclass(frozen=True, slots=True)
class Declared:
    """A contract over cells as the dialect names them; `notes` say what was inferred."""

    inputs: tuple[Operand, ...]
    outputs: tuple[Operand, ...]
    assume: Precondition
    goal: Goal
    keep: Rung
    notes: tuple[str, ...] = ()

    def with_cells(self, cells: tuple[Operand, ...]) -> Declared:
        """Return this contract with other cells: its inputs and then its outputs."""
        return replace(self, inputs=cells[: len(self.inputs)], outputs=cells[len(self.inputs) :])


def declare(
    dialect: Dialect,
    values: Mapping[str, Token],
    program: Sequence[Parsed],
    *,
    assume: Token | Precondition | None,
    goal: Token | Goal | None,
    keep: Token | Rung | None,
    naming: str | None = None,
) -> Declared:
    """Put the contract together from the directives `values`.

    From `program` comes what no directive names: where the dialect numbers its cells, and where
    its loads and stores tell the cells of a buffer.  `assume`, `goal` and `keep` stand in
    for the directives where not None.
    `naming` shows options in a message where there is no place for directives.  Raises
    InputError where something is missing or does not fit.
    """
    named = {
        role: _cells(dialect, role, values[role]) if role in values else None
        for role in ("inputs", "outputs")
    }
    goal_token = goal if isinstance(goal, Token) else values.get("goal")
    asked = goal if isinstance(goal, Goal) else read_goal(goal_token) if goal_token else SORT
    if dialect.numbered:
        _fill(named, [o for parsed in program for o in parsed.operands], asked, goal_token)
    notes = tuple(_infer(named, program, asked, goal_token))
    _check_named(named, dialect, naming_several(program) or naming)
    inputs, outputs = named["inputs"] or (), named["outputs"] or ()
    if len(inputs) > MAX_KEYS:
        raise inputs[MAX_KEYS].token.fault(
            f"the kernel takes {len(inputs)} keys; at most {MAX_KEYS} are supported"
        )
    _check_goal(asked, goal_token, inputs, outputs)
    assume_token = assume if isinstance(assume, Token) else values.get("assume")
    given = ALWAYS
    if isinstance(assume, Precondition):
        given, assume_token = assume, None
    elif assume_token is not None:
        given = read_assume(assume_token)
    _check_keys(given, assume_token, len(inputs))
    if not isinstance(keep, Rung):
        token = keep or values.get("keep")
        keep = read_keep(token) if token else Rung.VALUES
    return Declared(inputs, outputs, given, asked, keep, notes)


def _cells(dialect: Dialect, role: str, value: Token) -> tuple[Operand, ...]:
    """Read a list of cells, each named once."""
    value = without_remark(value, registers.is_register)
    found: dict[str, Operand] = {}
    for token in split_words(value):
        in_memory = token.text.startswith("[") and "," not in token.text and not dialect.numbered
        operand = memory.intel(token, dialect.machine) if in_memory else dialect.cell(token)
        if operand.name in found:
            raise token.fault(
                f"{operand.name} is listed twice among the {role}",
                f"name each {role.removesuffix('s')} cell once",
            )
        found[operand.name] = operand
    if not found:
        raise value.fault(f"directive {role!r} names no register")
    return tuple(found.values())


def _fill(
    named: dict[str, tuple[Operand, ...] | None],
    used: Sequence[Operand],
    goal: Goal,
    place: Token | None,
) -> None:
    """Number what is not named: inputs 1 … n below the highest cell, outputs from 1."""
    if not used:
        return
    top = max(used, key=lambda operand: int(operand.name))

    def first(count: int) -> tuple[Operand, ...]:
        return tuple(Operand(str(k), str(k), top.token) for k in range(1, count + 1))

    if named["inputs"] is None:
        named["inputs"] = first(int(top.name) - 1) or None
    if named["outputs"] is None and named["inputs"]:
        named["outputs"] = first(_outputs_of(goal, place, len(named["inputs"])))


def _infer(
    named: dict[str, tuple[Operand, ...] | None],
    program: Sequence[Parsed],
    goal: Goal,
    place: Token | None,
) -> Iterator[str]:
    """Fill in the cells of a buffer where loads and stores tell them; yield what was inferred."""
    if not any(operand.address for parsed in program for operand in parsed.operands):
        return
    if named["inputs"] is None:
        named["inputs"] = infer_inputs(program) or None
        if named["inputs"]:
            yield f"inputs {_listed(named['inputs'])}, as the loads tell"
    if named["outputs"] is None and named["inputs"]:
        _outputs_of(goal, place, len(named["inputs"]))
        named["outputs"] = infer_outputs(program, named["inputs"], goal) or None
        if named["outputs"]:
            yield f"outputs {_listed(named['outputs'])}, as the stores tell"


def _listed(cells: Sequence[Operand]) -> str:
    return " ".join(cell.name for cell in cells)


def _check_named(
    named: Mapping[str, tuple[Operand, ...] | None], dialect: Dialect, naming: str | None
) -> None:
    missing = [role for role in ("inputs", "outputs") if not named[role]]
    if missing:
        lines = " and ".join(f'"{dialect.comment} {role}: ..."' for role in missing)
        options = " and ".join(f"--{role}" for role in missing)
        raise InputError(
            f"the kernel's {' and '.join(missing)} are not named",
            hint=f"give for example {naming}"
            if naming
            else f"add the directive{'s' * (len(missing) > 1)} {lines}, or give {options}",
        )


def _outputs_of(goal: Goal, place: Token | None, n: int) -> int:
    """Return how many outputs `goal` has; raises InputError, at `place`, where it does not fit."""
    try:
        return len(goal.ranks(n))
    except InputError as error:
        raise place.fault(error.message, error.hint) if place else error from None


def _check_goal(
    goal: Goal, place: Token | None, inputs: Sequence[Operand], outputs: Sequence[Operand]
) -> None:
    wanted = _outputs_of(goal, place, len(inputs))
    if wanted != len(outputs):
        raise outputs[min(wanted, len(outputs) - 1)].token.fault(
            f"goal {goal} of {len(inputs)} keys has {wanted} output{'s' * (wanted > 1)}, "
            f"but {len(outputs)} are named",
            "name one output cell for each, least key first",
        )


def _check_keys(assume: Precondition, place: Token | None, n: int) -> None:
    """Refuse a precondition that names a key beyond the `n` inputs."""
    beyond = max((max(c.left, c.right) for c in assume.comparisons), default=0)
    if beyond >= n:
        message = (
            f"the precondition names key {key_name(beyond, beyond + 1)!r}, but there are {n} keys"
        )
        hint = f"name the keys {key_name(0, n)} to {key_name(n - 1, n)}, or k1 to k{n}"
        raise place.fault(message, hint) if place else InputError(message, hint=hint)
