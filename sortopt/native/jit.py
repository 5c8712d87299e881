"""The machine code of this process: LLVM IR assembled in memory, shared libraries loaded.

Runs in the child process only: assembly text that LLVM cannot read ends the process.
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Callable, Mapping

import llvmlite.binding as llvm

Function = Callable[[int, int, int], None]
"""`f(keys, out, count)` with addresses as integers."""

_SIGNATURE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)


def features() -> tuple[str, str, frozenset[str]]:
    """Return this machine's architecture, its CPU's name in LLVM, and the features it has."""
    has = llvm.get_host_cpu_features()
    return platform.machine(), llvm.get_host_cpu_name(), frozenset(f for f in has if has[f])


class Assembler:
    """Assembles LLVM IR for this CPU and keeps the code alive."""

    def __init__(self) -> None:
        """Prepare LLVM's native back end and assembly parser."""
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        llvm.initialize_native_asmparser()
        self._machine = llvm.Target.from_default_triple().create_target_machine(
            cpu=llvm.get_host_cpu_name(), opt=2
        )
        self._engines: list[llvm.ExecutionEngine] = []

    def assemble(self, text: str, names: tuple[str, ...]) -> dict[str, Function]:
        """Return the functions `names` of a module of LLVM IR as callables."""
        parsed = llvm.parse_assembly(text)
        parsed.verify()
        engine = llvm.create_mcjit_compiler(parsed, self._machine)
        engine.finalize_object()
        self._engines.append(engine)
        return {name: _SIGNATURE(engine.get_function_address(name)) for name in names}


def load(path: str, symbols: Mapping[str, str]) -> dict[str, Function]:
    """Return functions of a shared library by our names, given the symbols they have there."""
    library = ctypes.CDLL(path)
    return {
        name: _SIGNATURE(ctypes.cast(getattr(library, symbol), ctypes.c_void_p).value or 0)
        for name, symbol in symbols.items()
    }
