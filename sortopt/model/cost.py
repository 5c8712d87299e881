"""Latencies of instructions: data files (`sortopt/data/latency`), one a CPU family, with source."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources

from sortopt.base import InputError
from sortopt.model.dataflow import critical_path
from sortopt.model.isa import Action, Isa
from sortopt.model.kernel import Instr, Kernel
from sortopt.model.machine import Place

DEFAULT_CPU = "zen3"
"""The CPU family whose latencies are used where neither it nor a machine is named: every
instruction takes 1 cycle, moves take none, as on most processors since 2015."""

_TABLES = resources.files("sortopt") / "data" / "latency"


@dataclass(frozen=True, slots=True)
class Latencies:
    """The latencies of one CPU family, in clock cycles, and where they come from.

    `latency` is by mnemonic, for register operands; `load` and `vector_load` is what reading an
    operand from memory adds; `store` what a write to memory takes until it can be read again.
    """

    cpu: str
    machine: str
    title: str
    mca: str
    source: tuple[str, ...]
    latency: Mapping[str, float]
    load: float
    vector_load: float
    store: float

    def critical_path(self, kernel: Kernel) -> float:
        """Return the cycles from the keys to the last output, were there no other limit."""
        return critical_path(kernel, lambda instruction: self.of(kernel, instruction))[0]

    def of(self, kernel: Kernel, instruction: Instr) -> float:
        """Return the cycles from the operands of `instruction` to its result.

        Raises InputError where the table lacks the instruction.
        """
        places = [kernel.cells[cell].place for cell in instruction.operands]
        target = instruction.form.target
        plain_move = instruction.form.action is Action.COPY
        if plain_move and target is not None and places[target] is Place.MEMORY:
            return self.store
        read = [kernel.cells[cell].place for cell in instruction.reads]
        from_memory = 0.0
        if Place.MEMORY in read:
            from_memory = self.vector_load if Place.VECTOR in places else self.load
            if plain_move:
                return from_memory
        try:
            return self.latency[instruction.form.mnemonic] + from_memory
        except KeyError:
            word, names = instruction.form.mnemonic, cpu_families(kernel.isa.machine.name)
            having = ", ".join(name for name in names if word in latencies(name).latency)
            unknown = "no table has it: its latency is unknown here; ask for the length"
            raise InputError(
                f"the latency table of {self.cpu} lacks {word}",
                hint=f"name another CPU: {having}" if having else unknown,
            ) from None


def cpu_families(machine: str | None = None) -> tuple[str, ...]:
    """Return the short names of the CPU families with a latency table: all, or a machine's."""
    names = sorted(entry.name for entry in _TABLES.iterdir())
    known = tuple(name.removesuffix(".toml") for name in names if name.endswith(".toml"))
    return known if machine is None else tuple(n for n in known if latencies(n).machine == machine)


@cache
def latencies(cpu: str = DEFAULT_CPU) -> Latencies:
    """Return the latency table of a CPU family; raises InputError where there is none."""
    if cpu not in cpu_families():
        raise InputError(
            f"no latency table for CPU {cpu!r}", hint=f"use one of {', '.join(cpu_families())}"
        )
    text = (_TABLES / f"{cpu}.toml").read_text("utf-8")
    table = tomllib.loads(text)
    memory = table["memory"]
    return Latencies(
        table["cpu"],
        table["machine"],
        table["title"],
        table["mca"],
        tuple(table["source"]),
        table["latency"],
        memory["load"],
        memory.get("vector_load", memory["load"]),
        memory["store"],
    )


def latencies_for(isa: Isa, cpu: str | None = None) -> Latencies:
    """Return the latency table of a CPU, by default of the usual one with instructions of `isa`.

    Raises InputError where there is none, and for a CPU that has other instructions.
    """
    table, own = latencies(cpu or isa.machine.cpu), cpu_families(isa.machine.name)
    if table.cpu not in own:
        raise InputError(
            f"{table.cpu} does not run {isa.name} kernels", hint=f"use one of {', '.join(own)}"
        )
    return table


def critical_paths(kernel: Kernel) -> Iterator[tuple[Latencies, float, tuple[int, ...]]]:
    """Yield the tables that have all instructions of `kernel`, with its critical path by each.

    That of the machine's usual CPU comes first.  There are none where a latency is unknown.
    """
    usual = kernel.isa.machine.cpu
    for cpu in sorted(cpu_families(kernel.isa.machine.name), key=lambda name: name != usual):
        table = latencies(cpu)
        with suppress(InputError):  # the table lacks an instruction
            yield table, *critical_path(kernel, partial(table.of, kernel))
