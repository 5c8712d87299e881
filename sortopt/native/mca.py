"""llvm-mca's estimate of what a kernel costs: cycles a sort in a long run of independent sorts."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

from sortopt.base import InputError
from sortopt.emit import Provenance, Request, listing, needs_extension
from sortopt.model import Kernel, cpu_families, latencies, natural_key_type

ITERATIONS = 100
_AT_ONCE = 500


def find() -> str:
    """Return the path of llvm-mca; raises InputError with how to get it."""
    names = ["llvm-mca", *(f"llvm-mca-{version}" for version in range(30, 11, -1))]
    for name in names:
        if path := shutil.which(name):
            return path
    raise InputError(
        "llvm-mca is not installed",
        hint="it is in the package llvm (apt install llvm, dnf install llvm, brew install llvm); "
        "or rank by latency",
    )


def cycles(kernels: Sequence[Kernel], cpu: str | None = None) -> list[float]:
    """Return llvm-mca's cycles a sort for each kernel, keys loaded from memory and stored back.

    `cpu` is a family of `cost.cpu_families()` or a name that llvm-mca knows.  Raises InputError
    where the tool is missing, does not know the CPU, or a kernel needs its machine's extension.
    """
    tool = find()
    family = cpu or kernels[0].isa.machine.cpu
    model = latencies(family).mca if family in cpu_families() else family
    found: list[float] = []
    for start in range(0, len(kernels), _AT_ONCE):
        found += _run(tool, model, kernels[start : start + _AT_ONCE])
    return found


def _run(tool: str, model: str, kernels: Sequence[Kernel]) -> list[float]:
    text = "".join(_region(number, kernel) for number, kernel in enumerate(kernels))
    triple = f"{kernels[0].isa.machine.architecture}-unknown-linux-gnu"
    options = [f"-mcpu={model}", f"-iterations={ITERATIONS}", f"-mtriple={triple}"]
    options += [f"-mattr=+{feature}" for feature in {k.isa.feature for k in kernels} if feature]
    views = ["-json", "-instruction-info=false", "-resource-pressure=false"]
    done = subprocess.run(
        [tool, *options, *views], input=text, capture_output=True, text=True, check=False
    )
    if "not a recognized processor" in done.stderr or "unable to find" in done.stderr:
        raise InputError(
            f"this llvm-mca does not know the CPU {model}",
            hint=f"choose another with --cpu, for example {', '.join(cpu_families())}, "
            "or install a newer LLVM",
        )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise InputError(f"llvm-mca failed: {said[0]}")
    return _read(done.stdout, len(kernels))


def _region(number: int, kernel: Kernel) -> str:
    request = Request(kernel, "kernel", natural_key_type(kernel), Provenance())
    if kernel.isa.extension and needs_extension(request):
        raise InputError(
            f"the kernel needs {kernel.isa.extension.name}, "
            "which none of the CPUs that llvm-mca models has",
            hint="rank by latency or length",
        )
    lines = "".join(f"{line}\n" for line in listing(request))
    return f"# LLVM-MCA-BEGIN {number}\n{lines}# LLVM-MCA-END\n"


def _read(text: str, count: int) -> list[float]:
    """Return the cycles an iteration of regions 0 … count - 1."""
    try:
        regions: list[dict[str, Any]] = json.loads(text)["CodeRegions"]
        by_name = {region["Name"]: region["SummaryView"] for region in regions}
        views = [by_name[str(number)] for number in range(count)]
        return [view["TotalCycles"] / view["Iterations"] for view in views]
    except (ValueError, KeyError, TypeError):
        raise InputError(
            "cannot read what llvm-mca printed", hint="version 14 or later prints JSON"
        ) from None
