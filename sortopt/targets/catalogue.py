"""Every instruction set that sortopt knows, by name."""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Mapping
from types import MappingProxyType

from sortopt.base import InputError
from sortopt.model import Isa, KeyType, Machine, Place
from sortopt.targets.aarch64 import AARCH64, AARCH64_CSSC
from sortopt.targets.aarch64_float import AARCH64_FLOAT, AARCH64_FLOAT_NUMBER
from sortopt.targets.aarch64_float_compare import (
    AARCH64_FLOAT_COMPARING,
    AARCH64_FLOAT_NUMBER_COMPARING,
)
from sortopt.targets.aarch64_minmax import AARCH64_MINMAX
from sortopt.targets.riscv import RISCV, RISCV_COMPARING
from sortopt.targets.riscv_float import RISCV_FLOAT_COMPARING
from sortopt.targets.x86_avx import X86_AVX, X86_AVX512
from sortopt.targets.x86_cmov import X86_CMOV
from sortopt.targets.x86_float import X86_AVX_FLOAT, X86_FLOAT
from sortopt.targets.x86_float_compare import X86_AVX_FLOAT_COMPARING, X86_FLOAT_COMPARING
from sortopt.targets.x86_minmax import X86_MINMAX

_ALL = (
    X86_CMOV, X86_MINMAX, X86_AVX, X86_AVX512, X86_FLOAT, X86_AVX_FLOAT,
    AARCH64, AARCH64_CSSC, AARCH64_MINMAX, AARCH64_FLOAT, AARCH64_FLOAT_NUMBER, RISCV,
)  # fmt: skip

ISAS: Mapping[str, Isa] = MappingProxyType({isa.name: isa for isa in _ALL})
"""The instruction sets; a new one is a file of data here and a name above."""

COMPARING = (
    X86_FLOAT_COMPARING, X86_AVX_FLOAT_COMPARING,
    AARCH64_FLOAT_COMPARING, AARCH64_FLOAT_NUMBER_COMPARING, RISCV_COMPARING,
    RISCV_FLOAT_COMPARING,
)  # fmt: skip
"""Sets with comparisons besides, for code that is read; no kernel is made of them."""

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


def _by_name(isa: Isa) -> tuple[Callable[[str], Isa], tuple[str]]:
    return target, (isa.name,)


copyreg.pickle(Isa, _by_name)  # so a copy, and what was pickled, has the very set that is here


def target_for(name: str | None, key: KeyType | None) -> Isa:
    """Return the instruction set called `name`, by default the usual one, for keys of a type.

    For floating-point keys that is the set of the same machine that compares these.  Raises
    InputError where no set does, or the set writes its kernels for keys of another width.
    """
    if key is None:
        return target(name or DEFAULT_ISA)
    isa = target(name or (X86_FLOAT.name if key.floating else DEFAULT_ISA))
    if key.floating and isa.floats is not None:
        isa = target(isa.floats)
    if isa.floating != key.floating:
        others = (o for o in _ALL if o.machine is isa.machine and o.floating == key.floating)
        known = " or ".join(other.name for other in others)
        hint = f"use --isa {known}" if known else ""
        if key.floating:
            total = f"sortopt emit with --key {key.name} --order total sorts them as integers"
            hint = f"{hint}; {total}" if hint else total
        raise InputError(f"{isa.name} has no instructions that sort {key.name} keys", hint=hint)
    key.check_set(isa)
    if isa.place is Place.REGISTER and key.bits != isa.key_bits[0]:
        usual = key.name.replace(str(key.bits), str(isa.key_bits[0]))
        raise InputError(
            f"kernels of {isa.name} are the same for keys of every width, and written for those of "
            f"{isa.key_bits[0]} bits here",
            hint=f"use --key {usual}; sortopt emit with --key {key.name} writes them for others",
        )
    return isa
