"""The languages a kernel can be written in, and the one way from a kernel to source text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from sortopt.base import UNLIMITED, Budget, InputError
from sortopt.emit import assembly, c, cpp, llvm, python, rust
from sortopt.emit.header import proved
from sortopt.emit.request import Provenance, Request, check_name, default_name
from sortopt.model import Kernel, for_keys, key_type, natural_key_type
from sortopt.targets import MACHINES


@dataclass(frozen=True, slots=True)
class Target:
    """A language to emit: its function from a request to text, and its file name suffix."""

    emit: Callable[[Request], str]
    suffix: str


_SYNTAXES = [s for machine in MACHINES.values() for s in reversed(list(machine.syntaxes))]

TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        "c": Target(c.emit, c.SUFFIX),
        "cpp": Target(cpp.emit, cpp.SUFFIX),
        "rust": Target(rust.emit, rust.SUFFIX),
        **{
            f"asm-{name}": Target(partial(assembly.emit, name), assembly.SUFFIX)
            for name in _SYNTAXES
        },
        "llvm": Target(llvm.emit, llvm.SUFFIX),
        "python": Target(python.emit, python.SUFFIX),
    }
)
"""The targets by name."""


def emit(
    kernel: Kernel,
    target: str,
    *,
    name: str | None = None,
    key: str | None = None,
    provenance: Provenance | None = None,
    budget: Budget = UNLIMITED,
) -> str:
    """Return `kernel` as source text for `target`, a name of TARGETS.

    `name` is the function's (default: `sort3` and the like), `key` the key type's (default: the
    32-bit type of the kernel's own signedness).  The text ends in a line break and depends on
    nothing but the arguments.  The kernel is proved first, within `budget`, unless the
    provenance has the verdict over it.
    Raises InputError for an unknown target or key type, a name that is no identifier, a kernel
    that the target cannot hold or that is refuted, and LimitReached where it cannot be proved.
    """
    if target not in TARGETS:
        raise InputError(f"unknown target {target!r}", hint=f"use one of {', '.join(TARGETS)}")
    keys = key_type(key) if key else natural_key_type(kernel)
    request = Request(
        for_keys(kernel, keys),
        check_name(default_name(kernel) if name is None else name),
        keys,
        proved(kernel, provenance or Provenance(), budget),
    )
    return TARGETS[target].emit(request)
