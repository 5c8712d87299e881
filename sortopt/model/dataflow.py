"""How values flow through a kernel: dependency graph, liveness, critical path, reordering.

Of dependencies only true ones count (an instruction needs what an earlier one produced): processors
rename registers, so that a register is written twice delays nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final

from sortopt.model.kernel import Instr, Kernel, rebuild

if TYPE_CHECKING:
    import networkx as nx

ENTRY: Final = -1
"""The node that stands for the values on entry."""

FLAGS: Final = -1
"""The resource that stands for the flags, where cells are numbered from 0."""


@dataclass(frozen=True, slots=True)
class Live:
    """What is needed at one point of a kernel: cells, and whether the flags are."""

    cells: frozenset[int]
    flags: bool


def reads(instruction: Instr) -> frozenset[int]:
    """Return the cells that `instruction` reads, and FLAGS where it reads the flags."""
    cells = frozenset(instruction.reads)
    return cells | {FLAGS} if instruction.form.reads_flags else cells


def writes(instruction: Instr) -> frozenset[int]:
    """Return the cell that `instruction` writes, or FLAGS where it sets the flags."""
    if instruction.form.writes_flags:
        return frozenset({FLAGS})
    return frozenset() if instruction.writes is None else frozenset({instruction.writes})


def commute(first: Instr, second: Instr) -> bool:
    """Return whether two neighbours may change places without changing what they do."""
    written = writes(second)
    return not (writes(first) & (reads(second) | written) or reads(first) & written)


def producers(kernel: Kernel) -> tuple[dict[int, int], ...]:
    """Return, for each instruction and for the exit, which instruction made what it reads.

    Entry i maps each resource that instruction i reads (the last entry: each output cell) to the
    index of the instruction that wrote it last, or to ENTRY.  len(kernel) + 1 entries.
    """
    last: dict[int, int] = {}
    found: list[dict[int, int]] = []
    for index, instruction in enumerate(kernel.instructions):
        found.append({resource: last.get(resource, ENTRY) for resource in reads(instruction)})
        last.update(dict.fromkeys(writes(instruction), index))
    found.append({cell: last.get(cell, ENTRY) for cell in kernel.contract.outputs})
    return tuple(found)


def orderings(kernel: Kernel, count: int, seed: int = 0) -> Iterator[Kernel]:
    """Yield `count` kernels that do the same with the instructions in another order, at random.

    Every order that keeps each instruction after those whose results it reads, and before those
    that overwrite what it reads, can come up; orders may repeat.  Processors that execute out of
    order still time them apart.
    """
    import networkx as nx

    graph = _precedence_graph(kernel)
    random = Random(seed)
    for _ in range(count):
        rank = {node: random.random() for node in graph}
        order = nx.lexicographical_topological_sort(graph, key=rank.__getitem__)
        yield rebuild(kernel, [kernel.instructions[index] for index in order])


def _precedence_graph(kernel: Kernel) -> nx.DiGraph[Any]:
    """Return the graph whose topological orders do the same as `kernel`."""
    import networkx as nx

    graph: nx.DiGraph[Any] = nx.DiGraph()
    graph.add_nodes_from(range(len(kernel)))
    for later, after in enumerate(kernel.instructions):
        for earlier, before in enumerate(kernel.instructions[:later]):
            if not commute(before, after):
                graph.add_edge(earlier, later)
    return graph


def liveness(kernel: Kernel) -> tuple[Live, ...]:
    """Return what is live before each instruction and on exit, len(kernel) + 1 points.

    A cell is live where some later instruction, or the caller, may read what it holds there.
    """
    live = set(kernel.contract.outputs)
    points = [_live(live)]
    for instruction in reversed(kernel.instructions):
        live -= writes(instruction)
        live |= reads(instruction)
        points.append(_live(live))
    return tuple(reversed(points))


def _live(resources: set[int]) -> Live:
    return Live(frozenset(resources - {FLAGS}), FLAGS in resources)


def dead_instructions(kernel: Kernel) -> tuple[int, ...]:
    """Return the indices of the instructions whose result nobody reads, first to last."""
    points = liveness(kernel)
    return tuple(
        index
        for index, instruction in enumerate(kernel.instructions)
        if not writes(instruction)
        & (points[index + 1].cells | ({FLAGS} if points[index + 1].flags else frozenset()))
    )


def critical_path(
    kernel: Kernel, latency: Callable[[Instr], float]
) -> tuple[float, tuple[int, ...]]:
    """Return the longest chain of dependent instructions from entry to the outputs.

    The first value is its length in the unit of `latency` (which gives each instruction's own),
    the second the indices of its instructions, first to last.  Of chains of equal length the one
    whose producers come first.  Cost: one pass; rankings call this for 10^5 kernels.
    """
    last: dict[int, int] = {}
    done: list[float] = []
    before: list[int] = []
    for index, instruction in enumerate(kernel.instructions):
        start, latest = 0.0, ENTRY
        form = instruction.form
        needed = instruction.reads
        for resource in (*needed, FLAGS) if form.reads_flags else needed:
            producer = last.get(resource, ENTRY)
            if producer != ENTRY and done[producer] > start:
                start, latest = done[producer], producer
        done.append(start + latency(instruction))
        before.append(latest)
        target = instruction.writes
        last[FLAGS if target is None else target] = index
    ends = {last[cell] for cell in kernel.contract.outputs if cell in last}
    end = max(sorted(ends), key=done.__getitem__, default=ENTRY)
    chain: list[int] = []
    node = end
    while node != ENTRY:
        chain.append(node)
        node = before[node]
    return (done[end] if end != ENTRY else 0.0), tuple(reversed(chain))
