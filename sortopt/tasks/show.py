"""A kernel seen at work: its trace on any input, where its values come from, its critical path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sortopt.base import InputError, Shown
from sortopt.model import (
    FLAGS,
    Kernel,
    Value,
    critical_path,
    critical_paths,
    expected,
    latencies_for,
    producers,
    run,
    trace,
)
from sortopt.verify import Explanation, traced


@dataclass(frozen=True, slots=True)
class Picture(Shown):
    """What a kernel makes of one input, and how its values flow.

    `sources` says for each instruction, and last for the exit, which instructions (by index, -1
    is the entry) made what it reads, by the name of what is read.  `path` holds the indices of the
    critical path, `cycles` its length on `cpu`; where no CPU's latencies are known, that says so.
    """

    kernel: Kernel
    inputs: tuple[int, ...]
    outputs: tuple[Value, ...]
    expected: tuple[int, ...]
    trace: Explanation
    sources: tuple[dict[str, int], ...]
    path: tuple[int, ...]
    cycles: float
    cpu: str

    @property
    def right(self) -> bool:
        """Whether the outputs are as they must be, or the precondition excludes the input."""
        return self.outputs == self.expected or not self.admitted

    @property
    def admitted(self) -> bool:
        """Whether the input satisfies the precondition of the kernel."""
        return self.kernel.contract.precondition.holds(self.inputs)


def picture(
    kernel: Kernel, inputs: Sequence[int] | None = None, *, cpu: str | None = None
) -> Picture:
    """Return the picture of `kernel` on `inputs`, by default on descending keys.

    Raises InputError where their number is not that of the keys, or nothing is known of `cpu`.
    """
    keys = tuple(range(kernel.n, 0, -1) if inputs is None else inputs)
    if len(keys) != kernel.n:
        raise InputError(
            f"the kernel takes {kernel.n} keys, not {len(keys)}",
            hint=f"give for example {','.join(map(str, range(kernel.n, 0, -1)))}",
        )
    outputs, wanted = run(kernel, keys), expected(kernel, keys)
    where, cycles, path = _critical(kernel, cpu)
    names = {FLAGS: "flags"} | {i: cell.name for i, cell in enumerate(kernel.cells)}
    sources = tuple(
        {names[resource]: index for resource, index in sorted(found.items())}
        for found in producers(kernel)
    )
    rows = traced(kernel, trace(kernel, keys), "")
    return Picture(kernel, keys, outputs, wanted, rows, sources, path, cycles, where)


def _critical(kernel: Kernel, cpu: str | None) -> tuple[str, float, tuple[int, ...]]:
    """Return what the critical path is of, its cycles, and its instructions.

    It is of `cpu`, else of the usual CPU that has the instructions, else each takes one cycle.
    """
    if cpu is not None:
        table = latencies_for(kernel.isa, cpu)
        return table.cpu, *critical_path(kernel, lambda one: table.of(kernel, one))
    for table, cycles, path in critical_paths(kernel):
        return table.cpu, cycles, path
    return "each instruction counted once", *critical_path(kernel, lambda _: 1)
