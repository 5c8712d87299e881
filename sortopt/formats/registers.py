"""Names of x86 registers: which physical register each means, how wide it is, what it can hold.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, section 3.4; r16
to r31: Intel Advanced Performance Extensions Architecture Specification.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from sortopt.model import Place

KEY_WIDTHS = (32, 64)
"""The widths, in bits, of general-purpose registers that hold a key."""


@dataclass(frozen=True, slots=True)
class Register:
    """A register by `name`; names of one `family` are parts of one physical register.

    `width` is in bits; `place` says for which operands it serves; `apx`, whether only a CPU with
    Intel APX has it.
    """

    name: str
    family: str
    width: int
    place: Place
    apx: bool = False

    @property
    def obstacle(self) -> str | None:
        """Why the register cannot hold a key, or None where it can."""
        if self.family == "sp":
            return "is the stack pointer, which cannot hold a key"
        if self.place is Place.REGISTER and self.width not in KEY_WIDTHS:
            return f"is {self.width} bits wide; keys are held in 32- or 64-bit registers"
        return None


def _table() -> Mapping[str, Register]:
    found: list[Register] = []

    def add(family: str, width: int, *names: str, apx: bool = False) -> None:
        found.extend(Register(name, family, width, Place.REGISTER, apx) for name in names)

    for letter in "abcd":
        for width, name in ((64, f"r{letter}x"), (32, f"e{letter}x"), (16, f"{letter}x")):
            add(letter, width, name)
        add(letter, 8, f"{letter}l", f"{letter}h")
    for stem in ("si", "di", "bp", "sp"):
        for width, name in ((64, f"r{stem}"), (32, f"e{stem}"), (16, stem), (8, f"{stem}l")):
            add(stem, width, name)
    for number in range(8, 32):
        stem, apx = f"r{number}", number >= 16
        for width, name in ((64, stem), (32, f"{stem}d"), (16, f"{stem}w"), (8, f"{stem}b")):
            add(stem, width, name, apx=apx)
        add(stem, 8, f"{stem}l", apx=apx)
    found += [Register(f"xmm{i}", f"xmm{i}", 128, Place.VECTOR) for i in range(16)]
    return MappingProxyType({register.name: register for register in found})


REGISTERS: Mapping[str, Register] = _table()
"""Every register name that is recognised, usable for keys or not."""

_BY_PART: Mapping[tuple[str, int], str] = MappingProxyType(
    {(r.family, r.width): r.name for r in reversed(list(REGISTERS.values()))}
)


def part(family: str, width: int) -> str:
    """Return the name of the `width`-bit part of the physical register `family`."""
    return _BY_PART[family, width]


APX_NEEDED = "needs Intel APX: registers r16 to r31"
"""What is said of a kernel that no CPU without Intel APX can run as it is written."""


APX_FAMILIES = frozenset(r.family for r in REGISTERS.values() if r.apx)
"""The physical registers that only a CPU with Intel APX has."""


_UNSUITED = (
    (r"[yz]mm\d{1,2}", "is an AVX register; min/max kernels use xmm0 to xmm15"),
    (r"xmm(1[6-9]|2\d|3[01])", "needs AVX-512; min/max kernels use xmm0 to xmm15"),
    (r"mm[0-7]", "is an MMX register; min/max kernels use xmm0 to xmm15"),
    (r"k[0-7]", "is a mask register, which cannot hold a key"),
    (r"st\d?|st\(\d\)", "is a floating-point register, which cannot hold a key"),
    (r"[cdefgs]s|[er]ip|ip|[cd]r\d{1,2}|[er]?flags", "cannot hold a key"),
)


def unsuited(name: str) -> str | None:
    """Say why the register `name` (lower case) of x86 cannot hold a key; None for any other."""
    register = REGISTERS.get(name)
    if register is not None:
        return register.obstacle
    return next((why for pattern, why in _UNSUITED if re.fullmatch(pattern, name)), None)


def nearest(name: str) -> str | None:
    """Return the usable register whose name is most like `name`, or None.

    One that needs Intel APX only where no other is like it.
    """
    usable = [r for r in REGISTERS.values() if r.obstacle is None]
    for apx in (False, True):
        names = [r.name for r in usable if r.apx is apx]
        if near := get_close_matches(name[:20].lower(), names, n=1, cutoff=0.6):
            return near[0]
    return None
