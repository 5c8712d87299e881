"""Kernels of another machine, run here: built by GNU's cross compiler, run by QEMU's user mode.

What they return counts, not how long they take: times under an emulator say nothing.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sortopt.base import InputError
from sortopt.emit import Provenance, Request, assembly_of, c, emit
from sortopt.model import Kernel, KeyType, Machine, for_keys

SECONDS = 120
"""How long a program may run."""


def is_native(machine: Machine) -> bool:
    """Return whether this computer is one of the family `machine`."""
    return platform.machine().lower() in machine.aliases


def lacking(machine: Machine) -> InputError | None:
    """Return the error that says how to run code of `machine` here; None where it can be run."""
    compiler = f"{machine.tools}-gcc"
    missing = [tool for tool in (compiler, *machine.emulator[:1]) if shutil.which(tool) is None]
    if machine.emulator and not missing:
        return None
    return InputError(
        f"{machine.name} kernels do not run here: this is {platform.machine()}"
        + f", and there is no {' and no '.join(missing)}" * bool(machine.emulator),
        hint=f"install them (Debian: apt install {' '.join(machine.packages)})"
        if machine.emulator
        else "verify and emit work everywhere",
    )


def run(
    kernel: Kernel, keys: NDArray[Any], key: KeyType, *, assembly: bool = False
) -> NDArray[Any]:
    """Return what the outputs hold for each row of `keys`, under the emulator of its machine.

    The kernel is compiled as C, or with `assembly` taken as a whole function in assembly.  Raises
    InputError where the tools are missing, or do not know its instructions.
    """
    machine = kernel.isa.machine
    if (error := lacking(machine)) is not None:
        raise error
    request = Request(for_keys(kernel, key), "kernel", key, Provenance())
    with TemporaryDirectory(prefix="sortopt-emulated-") as folder:
        main, function, made = (Path(folder) / name for name in ("main.c", "kernel.s", "main"))
        main.write_text(_program(request, assembly=assembly), "utf-8")
        files = [str(main)]
        if assembly:
            target = f"asm-{next(iter(machine.syntaxes))}"
            function.write_text(emit(kernel, target, name=request.name, key=key.name), "utf-8")
            files.append(str(function))
        flags = [*assembly_of(kernel).flags, "-O2", "-static"]
        _done([f"{machine.tools}-gcc", *flags, *files, "-o", str(made)], b"")
        out = _done([*machine.emulator, str(made)], np.ascontiguousarray(keys, key.name).tobytes())
    return np.frombuffer(out, key.name).reshape(len(keys), len(kernel.contract.outputs))


def _program(request: Request, *, assembly: bool) -> str:
    """Return a program that applies the kernel to groups of keys from stdin, in C."""
    kernel, name, kind = request.kernel, request.name, request.key.c_name
    parameters = f"{kind} *" if request.in_place else f"const {kind} *, {kind} *"
    functions = f"void {name}({parameters});\n"
    if not assembly:
        functions = c.functions(request)
    arguments, result = ("keys", "keys") if request.in_place else ("keys, out", "out")
    return (
        f"#include <stdio.h>\n{c.includes([kernel])}\n{functions}\nint main(void)\n{{\n"
        f"    {kind} keys[{kernel.n}], out[{len(kernel.contract.outputs)}];\n    (void)out;\n"
        f"    while (fread(keys, sizeof keys, 1, stdin) == 1) {{\n"
        f"        {name}({arguments});\n        fwrite({result}, sizeof {result}, 1, stdout);\n"
        f"    }}\n    return 0;\n}}\n"
    )


def _done(command: list[str], given: bytes) -> bytes:
    """Return what a command writes; raises InputError with its first complaint where it fails."""
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"{Path(command[0]).name} took more than {SECONDS} s") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        faults = [line for line in said if "rror" in line] or said
        reason = faults[0] if faults else f"status {done.returncode}"
        raise InputError(f"{Path(command[0]).name} failed: {reason}")
    return done.stdout
