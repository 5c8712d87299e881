"""What every target is given: a kernel, the name and key type to emit it for, its history."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sortopt.base import InputError
from sortopt.model import Judgement, Kernel, KeyType, key_type

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

_RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
        abs and as asm auto bool break case catch char class const continue crate def default del
        do double elif else enum extern false float fn for from goto if impl import in inline int
        is keys lane let long loop match mod move mut new not null operator or out pass private
        public ref register return rows self short signed sizeof static std struct super switch
        this trait true try type typedef union unsafe unsigned use using virtual void volatile
        where while with yield
        """,
    )
)
"""Words that some target language keeps for itself, and the names of parameters."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a kernel comes from and what is known of it.

    `title` and `source` are the kernel file's; `judgement` is the verdict with its methods, None
    where nobody asked; `found` says how the kernel was made, for example `sortopt search --n 3`.
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
    if not _IDENTIFIER.fullmatch(name) or name in _RESERVED:
        raise InputError(
            f"{name!r} cannot name a function",
            hint="use letters, digits and underscores, a letter first, and no reserved word",
        )
    return name
