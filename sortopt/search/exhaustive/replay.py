"""From a chain of canonical states back to a kernel in one fixed naming of the cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from sortopt.model import Action, Form, Kernel, build
from sortopt.search.exhaustive._expand_kernels import child_of
from sortopt.search.exhaustive.frontier import Model
from sortopt.search.space import Problem, Universe, canonical

Row = npt.NDArray[np.uint16]


def replay(universe: Universe, model: Model, chain: Iterable[Row]) -> tuple[list[int], Row]:
    """Return instructions that lead from the start through states of the given classes.

    `chain` lists canonical states from the start on.  From a state the first instruction is taken
    whose child has the next canonical form; there is one, since symmetric states have symmetric
    children.  Returns the instructions' numbers and the final state.
    """
    rows = iter(chain)
    next(rows)
    state = universe.start.astype(np.uint16)
    width = len(state)
    child, form = np.empty(width, np.uint16), np.empty(width, np.uint16)
    taken = []
    for wanted in rows:
        for q in range(len(universe.instructions)):
            size = child_of(state, len(state), q, model, child)
            if size != len(wanted):
                continue
            canonical(child, size, model.symmetry, form)
            if np.array_equal(form[:size], wanted):
                taken.append(q)
                state = child[:size].copy()
                break
        else:
            raise AssertionError("a canonical child without an instruction that leads to it")
    return taken, state


def output_cells(universe: Universe, state: Row) -> tuple[int, ...]:
    """Return the first choice of distinct cells that serve the outputs in a goal state."""
    masks = np.bitwise_and.reduce(universe.goal[state], axis=0)

    def choose(j: int, used: tuple[int, ...]) -> tuple[int, ...] | None:
        if j == len(masks):
            return used
        for cell in range(universe.problem.cells):
            if masks[j] >> cell & 1 and cell not in used:
                found = choose(j + 1, (*used, cell))
                if found is not None:
                    return found
        return None

    cells = choose(0, ())
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
    program = [universe.instructions[q] for q in instructions]
    inputs = tuple(range(problem.n))
    if in_order and symmetric_inputs(problem) and sorted(outputs) == list(inputs):
        inputs = outputs
    names = dict(zip(inputs, problem.isa.registers, strict=False))
    rest = [cell for cell in range(problem.cells) if cell not in names]
    names |= dict(zip(rest, problem.isa.registers[len(inputs) :], strict=False))
    place = {cell: i for i, cell in enumerate([*inputs, *rest])}
    if problem.exchangeable:
        program = ordered_comparisons(problem, program, place)
    return build(
        problem.isa,
        [(form, tuple(names[cell] for cell in cells)) for form, cells in program],
        inputs=[names[cell] for cell in inputs],
        outputs=[names[cell] for cell in outputs],
        assume=problem.granted,
        goal=problem.goal,
    )


def symmetric_inputs(problem: Problem) -> bool:
    """Whether permuting the keys maps the problem's inputs to themselves."""
    return not problem.assume and not problem.goal.ascending_runs()


def ordered_comparisons(
    problem: Problem,
    program: Sequence[tuple[Form, tuple[int, ...]]],
    place: dict[int, int],
) -> list[tuple[Form, tuple[int, ...]]]:
    """Rewrite each `cmp b,a` with a before b as `cmp a,b`, exchanging the conditions after it."""
    partner = {
        form: next(
            other
            for other in problem.forms
            if other.condition is not None
            and form.condition is not None
            and other.condition.holds == form.condition.holds.exchanged()
            and other.condition.signedness is form.condition.signedness
        )
        for form in problem.forms
        if form.condition is not None
    }
    exchanged = False
    written = []
    for form, cells in program:
        if form.action is Action.COMPARE:
            exchanged = place[cells[0]] > place[cells[1]]
            cells = cells[::-1] if exchanged else cells
        elif form.condition is not None and exchanged:
            form = partner[form]
        written.append((form, cells))
    return written
