"""The kernel of the best network known, or of an insertion sort, as an answer to a question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sortopt import networks
from sortopt.model import SORT, Kernel, Proved, build, for_keys
from sortopt.search.space import Problem
from sortopt.verify import elements

MOST_KEYS = 4
"""The most keys for which it is asked on which rung it stands."""


def without_search(problem: Problem) -> Kernel | None:
    """Return the kernel of the best network known, or a stable insertion sort where that is asked.

    None where it is no answer, or does not keep what is asked for.  Keys in memory are loaded
    before and stored behind it, where there are registers for them all and one more.
    """
    if problem.in_memory:
        inner = without_search(of_registers(problem)) if problem.scratch > problem.n else None
        return None if inner is None else between_loads_and_stores(inner, problem)
    if problem.scratch == 0 or problem.goal.ascending_runs() or problem.assume:
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


def of_registers(problem: Problem) -> Problem:
    """Return the problem whose keys come in registers, one more of which is free."""
    return replace(problem, in_memory=False, pairs=False, scratch=1)


def between_loads_and_stores(kernel: Kernel, problem: Problem) -> Kernel:
    """Return a kernel of registers for a `problem` in memory: key i is loaded from place i."""
    registers = problem.names[problem.n :]
    named = in_order(kernel, registers) if problem.in_order else kernel
    memory = problem.names[: problem.n]
    return networks.in_memory(named, memory, memory[: len(named.contract.outputs)])


def in_order(kernel: Kernel, registers: Iterable[str] | None = None) -> Kernel:
    """Rename the registers of a kernel that sorts in place so that output i is input i.

    They are called as in `registers`, by default those of its set.
    Sound because every order of the keys may come in, so which key is in which input is free.
    """
    contract, registers = kernel.contract, iter(registers or kernel.isa.registers)
    names = {cell: next(registers) for cell in (*contract.outputs, *kernel.scratch)}
    keys = [names[cell] for cell in contract.outputs]
    return build(
        kernel.isa,
        [(i.form, tuple(names[cell] for cell in i.operands)) for i in kernel.instructions],
        inputs=keys,
        outputs=keys,
    )
