"""Names of x86 registers as texts have them: why one cannot hold a key, which one was meant."""

from __future__ import annotations

import re
from difflib import get_close_matches

from sortopt.targets import X86

REGISTERS = X86.registers
"""Every register name that is recognised, usable for keys or not."""

part = X86.part


def unsuited(name: str) -> str | None:
    """Say why the register `name` (lower case) of x86 cannot hold a key; None for any other."""
    register = REGISTERS.get(name)
    if register is not None:
        return register.obstacle
    return next((why for pattern, why in X86.unsuited if re.fullmatch(pattern, name)), None)


def nearest(name: str) -> str | None:
    """Return the usable register whose name is most like `name`, or None.

    One that needs Intel APX only where no other is like it.
    """
    usable = [r for r in REGISTERS.values() if r.obstacle is None]
    for extended in (False, True):
        names = [r.name for r in usable if r.extended is extended]
        if near := get_close_matches(name[:20].lower(), names, n=1, cutoff=0.6):
            return near[0]
    return None
