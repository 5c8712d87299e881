"""Every instruction set that sortopt knows, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sortopt.base import InputError
from sortopt.model import Isa, Machine
from sortopt.targets.aarch64 import AARCH64, AARCH64_CSSC
from sortopt.targets.aarch64_minmax import AARCH64_MINMAX
from sortopt.targets.riscv import RISCV
from sortopt.targets.x86_avx import X86_AVX, X86_AVX512
from sortopt.targets.x86_cmov import X86_CMOV
from sortopt.targets.x86_float import X86_AVX_FLOAT, X86_FLOAT
from sortopt.targets.x86_minmax import X86_MINMAX

_ALL = (
    X86_CMOV, X86_MINMAX, X86_AVX, X86_AVX512, X86_FLOAT, X86_AVX_FLOAT,
    AARCH64, AARCH64_CSSC, AARCH64_MINMAX, RISCV,
)  # fmt: skip

ISAS: Mapping[str, Isa] = MappingProxyType({isa.name: isa for isa in _ALL})
"""The instruction sets; a new one is a file of data here and a name above."""

MACHINES: Mapping[str, Machine] = MappingProxyType(
    {isa.machine.name: isa.machine for isa in ISAS.values()}
)
"""The processor families of the instruction sets."""


DEFAULT_ISA = X86_CMOV.name
"""The instruction set that is meant where none is named."""


def target(name: str) -> Isa:
    """Return the instruction set called `name`; raises InputError."""
    if name not in ISAS:
        raise InputError(f"unknown instruction set {name!r}", hint="use " + " or ".join(ISAS))
    return ISAS[name]
