"""The kernel of the best network known, or of an insertion sort, as an answer to a question."""

from __future__ import annotations

from sortopt import networks
from sortopt.model import SORT, Kernel, Proved, build, for_keys
from sortopt.search.space import Problem
from sortopt.verify import elements

MOST_KEYS = 4
"""The most keys for which it is asked on which rung it stands."""


def without_search(problem: Problem) -> Kernel | None:
    """Return the kernel of the best network known, or a stable insertion sort where that is asked.

    None where it is no answer, or does not keep what is asked for.
    """
    if problem.scratch == 0 or problem.goal.ascending_runs() or problem.assume or problem.in_memory:
        return None
    signedness, goal = problem.signedness, problem.goal
    if problem.stable and goal == SORT and not problem.monotone:
        kernel = networks.insertion(problem.n, problem.isa, signedness)
    else:
        network = networks.best(problem.n, "size", goal)
        kernel = networks.lower(network, problem.isa, signedness=signedness, goal=goal)
    kernel = of_type(kernel, problem)
    if any(i.form not in problem.forms for i in kernel.instructions):
        return None
    contract = kernel.contract
    if problem.in_place and not set(contract.outputs) <= set(contract.inputs):
        return None
    if problem.in_order:
        kernel = in_order(kernel)
    if problem.values_only:
        return kernel
    few = problem.n <= MOST_KEYS  # for more the check takes long
    kept = few and isinstance(elements.check(kernel, problem.keep), Proved)
    return kernel.keeping(problem.keep) if kept else None


def of_type(kernel: Kernel, problem: Problem) -> Kernel:
    """Return `kernel` as it reads keys of the type that `problem` names."""
    return kernel if problem.key is None else for_keys(kernel, problem.key)


def in_order(kernel: Kernel) -> Kernel:
    """Rename the registers of a kernel that sorts in place so that output i is input i.

    Sound because every order of the keys may come in, so which key is in which input is free.
    """
    contract, registers = kernel.contract, iter(kernel.isa.registers)
    names = {cell: next(registers) for cell in (*contract.outputs, *kernel.scratch)}
    keys = [names[cell] for cell in contract.outputs]
    return build(
        kernel.isa,
        [(i.form, tuple(names[cell] for cell in i.operands)) for i in kernel.instructions],
        inputs=keys,
        outputs=keys,
    )
