"""The languages a kernel can be written in, and the one way from a kernel to source text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from sortopt.base import UNLIMITED, Budget, InputError
from sortopt.emit import assembly, c, cpp, llvm, pairs, python, rust, total
from sortopt.emit.header import proved
from sortopt.emit.plain import asks_both_ways
from sortopt.emit.request import (
    BARE_KEYS,
    Items,
    Provenance,
    Request,
    check_name,
    default_name,
)
from sortopt.model import Kernel, Rung, for_keys, key_type, natural_key_type
from sortopt.targets import MACHINES
from sortopt.verify import orders_zeros


@dataclass(frozen=True, slots=True)
class Target:
    """A language to emit: its function from a request to text, and its file name suffix."""

    emit: Callable[[Request], str]
    suffix: str


COMPARED = ("cpp", "rust")
"""The targets that take a comparator."""

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
    items: Items = BARE_KEYS,
    *,
    name: str | None = None,
    key: str | None = None,
    provenance: Provenance | None = None,
    budget: Budget = UNLIMITED,
) -> str:
    """Return `kernel` as source text for `target`, a name of TARGETS.

    `items` says what is sorted; `name` is the function's (default: `sort3` and the like), `key` the
    key type's (default: the 32-bit type of the kernel's own signedness).  The text ends in a line
    break and depends on nothing but the arguments, unless what the kernel keeps takes too long to
    decide: that is not claimed then.  The kernel is proved first, on the rung that `items` need,
    within `budget`, unless the provenance has the verdict over it.
    Raises InputError for an unknown target or key type, a name that is no identifier, a kernel
    that the target cannot hold or that is refuted, and LimitReached where it cannot be proved.
    """
    check_items(items, target)
    keys = key_type(key) if key else natural_key_type(kernel)
    if items.compare and kernel.isa.floating:
        raise InputError(
            "the kernel is not written: what it keeps is proved for floating-point numbers, whose "
            "comparison does not lie",
            hint="take a kernel of integers, such as one of x86-cmov",
        )
    if items.attached and orders_zeros(kernel.instructions):
        raise InputError(
            "the kernel is not written: its minima and maxima hand on a number, and nobody can say "
            "whose it is where keys tie, so no payload can follow",
            hint="take a kernel of comparisons, or of minps and maxps",
        )
    numbers = None
    if items.order is not None:
        numbers, keys = keys, total.integers(kernel, keys, target)
    kernel = kernel.keeping(items.asked_of(kernel.contract.keep))
    if items.needs is Rung.SAFE and asks_both_ways(kernel):
        raise InputError(
            "the kernel is not written: it asks a comparison for both less and greater, which a "
            "comparator that lies answers apart",
            hint="take one that never does, such as the kernel of a network",
        )
    request = Request(
        for_keys(kernel, keys),
        check_name(default_name(kernel, items) if name is None else name),
        keys,
        proved(kernel, provenance or Provenance(), budget),
        items,
        numbers,
    )
    return pairs.emit(target, request) if items.attached else TARGETS[target].emit(request)


def check_items(items: Items, target: str) -> None:
    """Raise InputError for an unknown target, or one that does not sort such items."""
    if target not in TARGETS:
        raise InputError(f"unknown target {target!r}", hint=f"use one of {', '.join(TARGETS)}")
    if items.attached and target not in pairs.LANGUAGES:
        raise InputError(
            f"{target} sorts bare keys only", hint=f"payloads: use {', '.join(pairs.LANGUAGES)}"
        )
    if items.compare and target not in COMPARED:
        raise InputError(f"{target} takes no comparator", hint=f"use {' or '.join(COMPARED)}")
