"""From a chain of canonical states back to a kernel in one fixed naming of the cells."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache

import numpy as np

from sortopt.model import Form, Instr, Kernel, build, effect_of
from sortopt.search.exhaustive._expand_kernels import Model, child_of
from sortopt.search.exhaustive.frontier import Search
from sortopt.search.space import (
    Ids,
    Problem,
    Universe,
    canonical,
    instructions_of,
    serving,
)

Program = Sequence[tuple[Form, tuple[int, ...]]]
"""Instructions as forms and cells."""


def kernel_at(search: Search, goal: tuple[int, int]) -> Kernel:
    """Return the kernel that leads to a goal state of `search`."""
    chain = list(search.chain(*goal))[::-1]
    instructions, final = replay(search.universe, search.model, chain)
    return kernel_of(search.universe, instructions, output_cells(search.universe, final))


def replay(universe: Universe, model: Model, chain: Iterable[Ids]) -> tuple[list[int], Ids]:
    """Return instructions that lead from the start through states of the given classes.

    `chain` lists canonical states from the start on.  From a state the first instruction is taken
    whose child has the next canonical form; there is one, since symmetric states have symmetric
    children.  Returns the instructions' numbers and the final state.
    """
    rows = iter(chain)
    next(rows)
    state = universe.start
    room, form = np.empty((2, universe.width), np.uint16)
    taken = []
    for wanted in rows:
        for q in range(universe.step.shape[1]):
            size = child_of(state, len(state), q, model, room)
            if size != len(wanted):
                continue
            canonical(room, size, model.symmetry, form)
            if np.array_equal(form[:size], wanted):
                taken.append(q)
                state = room[:size].copy()
                break
        else:
            raise AssertionError("a canonical child without an instruction that leads to it")
    return taken, state


def output_cells(universe: Universe, state: Ids) -> tuple[int, ...]:
    """Return the first choice of distinct cells that serve the outputs in a goal state."""
    masks = np.bitwise_and.reduce(universe.goal[state], axis=0)
    cells = serving(universe, state, masks.tolist())
    if cells is None:
        raise ValueError("not a goal state")
    return cells


def kernel_of(
    universe: Universe,
    instructions: Sequence[int],
    outputs: tuple[int, ...],
    *,
    in_order: bool = True,
) -> Kernel:
    """Build the kernel of a path, with the registers of the instruction set.

    With `in_order`, where every order of the keys may come in and the outputs are exactly the
    input cells, the cells are renamed so that output i is input i.  Sound because then renaming
    the input cells only permutes the inputs among themselves.
    """
    problem = universe.problem
    inputs = tuple(range(problem.n))
    if in_order and problem.symmetric_inputs and sorted(outputs) == list(inputs):
        inputs = outputs
    rest = [cell for cell in range(problem.cells) if cell not in inputs]
    number = {cell: i for i, cell in enumerate([*inputs, *rest])}
    program = [
        (form, tuple(number[cell] for cell in cells))
        for q in instructions
        for form, cells in universe.parts(q)
    ]
    names = problem.names
    return build(
        problem.isa,
        [(form, tuple(names[c] for c in cells)) for form, cells in as_listed(problem, program)],
        inputs=names[: problem.n],
        outputs=[names[number[cell]] for cell in outputs],
        assume=problem.granted,
        goal=problem.goal,
        keep=problem.keep,
        place_of=dict(zip(names, problem.places, strict=True)),
    )


def as_listed(problem: Problem, program: Program) -> Program:
    """Write a program with instructions that are listed, each the one that does the same.

    Where `cmp a,b` stands for `cmp b,a`, the conditions behind it are exchanged.
    """
    listed = _listed(problem)
    exchanged = False
    written = []
    for form, cells in program:
        other = problem.isa.exchanged(form) if exchanged else form
        instruction = Instr(other or form, cells)
        effect = effect_of(instruction, exchanging=problem.exchangeable)
        form, operands = listed.get(effect, (instruction.form, cells))
        if form.writes_flags:
            exchanged = operands != cells
        written.append((form, operands))
    return written


@lru_cache(maxsize=8)
def _listed(problem: Problem) -> dict[Hashable, tuple[Form, tuple[int, ...]]]:
    """Return the instructions of `problem` by what they do."""
    return {
        effect_of(Instr(*instruction), exchanging=problem.exchangeable): instruction
        for instruction in instructions_of(problem)
    }
