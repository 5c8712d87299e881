"""What every target is given: a kernel, the name and key type to emit it for, its history."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sortopt.base import InputError
from sortopt.emit.reserved import reserved_by
from sortopt.model import Judgement, Kernel, KeyType, key_type

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a kernel comes from and what is known of it.

    `title` and `source` are the kernel file's; `judgement` is the verdict with its methods, None
    lets `emit` prove the kernel; `found` says how it was made, for example `sortopt search --n 3`.
    """

    title: str = ""
    source: str = ""
    found: str = ""
    judgement: Judgement | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One emission; `kernel` already reads keys as `key` needs it (see `for_keys`)."""

    kernel: Kernel
    name: str
    key: KeyType
    provenance: Provenance

    @property
    def held(self) -> KeyType:
        """What a register holds: the key, extended where the instructions compare wider ones."""
        bits = self.kernel.isa.held_bits(self.key.bits) or self.key.bits
        return key_type(self.key.name.replace(str(self.key.bits), str(bits)))

    @property
    def in_place(self) -> bool:
        """Whether the function overwrites its keys: it returns as many as it takes."""
        return len(self.kernel.contract.outputs) == self.kernel.n


def default_name(kernel: Kernel) -> str:
    """Return the function name for a kernel: its goal and number of keys, `sort3`, `kth2_5`."""
    goal = kernel.contract.goal
    return goal.name + "_".join(map(str, (*goal.arguments, kernel.n)))


def check_name(name: str) -> str:
    """Return `name` if every target language takes it as a function name; raises InputError."""
    if not _IDENTIFIER.fullmatch(name):
        raise InputError(
            f"{name!r} cannot name a function",
            hint="use letters, digits and underscores, a letter first",
        )
    if (whose := reserved_by(name)) is not None:
        raise InputError(
            f"{name!r} cannot name a function: it is a reserved word of {whose}",
            hint="use a name that no target language keeps for itself",
        )
    return name
