"""Names of registers as texts have them: why one cannot hold a key, which one was meant."""

from __future__ import annotations

import re
from difflib import get_close_matches

from sortopt.model import Machine
from sortopt.targets import MACHINES, X86

REGISTERS = X86.registers
"""Every register name of x86 that is recognised, usable for keys or not."""

part = X86.part


def unsuited(name: str, machine: Machine = X86) -> str | None:
    """Say why the register `name` (lower case) cannot hold a key; None for any other."""
    register = machine.registers.get(name)
    if register is not None:
        return register.obstacle
    return next((why for pattern, why in machine.unsuited if re.fullmatch(pattern, name)), None)


def is_register(word: str) -> bool:
    """Return whether `word` names a register of some machine, or nearly does so."""
    return any(
        word.lower() in machine.registers
        or unsuited(word.lower(), machine) is not None
        or nearest(word, machine) is not None
        for machine in MACHINES.values()
    )


def nearest(name: str, machine: Machine = X86) -> str | None:
    """Return the usable register whose name is most like `name`, or None.

    One of the machine's extension only where no other is like it.
    """
    usable = [r for r in machine.registers.values() if r.obstacle is None]
    for extended in (False, True):
        names = [r.name for r in usable if r.extended is extended]
        if near := get_close_matches(name[:20].lower(), names, n=1, cutoff=0.6):
            return near[0]
    return None
